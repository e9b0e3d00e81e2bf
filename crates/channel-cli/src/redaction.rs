//! Names of channels and peers replaced by short tokens that stay the same within one output.
//!
//! Aliases are replaced in the snapshot, before anything is computed: they are labels, no figure depends on them. Ids
//! are needed to compute, so they are replaced in the finished plan: known ones by their token, and whatever else
//! looks like a node id, a transaction id or a short channel id by a token of its own kind.

mod plan;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use taproot_channels::advisor::plan::Plan;
use taproot_channels::advisor::snapshot::{ChannelKey, PeerId, Snapshot};

/// The shortest run of hexadecimal digits that is taken for an id nobody listed.
const SHORTEST_HEX: usize = 16;
/// The shortest run of decimal digits that is taken for a short channel id in its 64-bit form.
const SHORTEST_DECIMAL: usize = 15;
/// Digits of a transaction id; a node id has two more. By chance all of them may be decimal.
const SHORTEST_TXID: usize = 64;

/// The tokens of one fleet.
#[derive(Debug, Default)]
pub(crate) struct Redaction {
    known: BTreeMap<String, String>,
    /// The lengths of the known ids, so that a text is searched by length and not by id.
    lengths: BTreeSet<usize>,
    /// Ids met in texts that no listing named, in the order met.
    strangers: RefCell<BTreeMap<String, String>>,
}

impl Redaction {
    /// Gives every channel and peer of `snapshot` its token, and replaces its aliases.
    pub(crate) fn of(snapshot: &mut Snapshot) -> Self {
        let mut redaction = Self::default();
        let mut peers: BTreeMap<PeerId, String> = BTreeMap::new();
        if let Some(id) = &snapshot.node.id {
            redaction.learn(id.as_str(), "node");
        }
        if snapshot.node.alias.is_some() {
            snapshot.node.alias = Some("node".to_owned());
        }
        let width = snapshot.channels.len().to_string().len().max(2);
        for (index, channel) in snapshot.channels.iter_mut().enumerate() {
            let token = format!("ch{:0width$}", index + 1);
            redaction.learn(channel.key.as_str(), &token);
            if let Some(scid) = channel.scid {
                redaction.learn(&scid.to_string(), &token);
                redaction.learn(&scid.to_string().replace('x', ":"), &token);
                redaction.learn(&scid.to_u64().to_string(), &token);
            }
            if let Some(funding) = channel.funding {
                redaction.learn(&funding.to_string(), &token);
                redaction.learn(&funding.txid.to_string(), &token);
            }
            let next = format!("peer{:0width$}", peers.len() + 1);
            let name = match &channel.peer {
                Some(peer) => peers.entry(peer.clone()).or_insert(next).clone(),
                None => token,
            };
            if let Some(peer) = &channel.peer {
                redaction.learn(peer.as_str(), &name);
                redaction.learn(peer.as_str().get(..16).unwrap_or(peer.as_str()), &name);
            }
            channel.peer_alias = Some(name);
        }
        for (id, info) in &mut snapshot.peers {
            info.alias =
                info.alias.as_ref().map(|_| peers.get(id).cloned().unwrap_or_else(|| "peer".to_owned()));
        }
        redaction
    }

    fn learn(&mut self, secret: &str, token: &str) {
        if !secret.is_empty() {
            self.lengths.insert(secret.len());
            self.known.entry(secret.to_owned()).or_insert_with(|| token.to_owned());
        }
    }

    /// Renames the channels of `snapshot` itself, where nothing is computed from their ids.
    pub(crate) fn rename_channels(&self, snapshot: &mut Snapshot) {
        for channel in &mut snapshot.channels {
            channel.key = self.channel(&channel.key);
        }
    }

    /// Replaces every id in `plan`.
    pub(crate) fn apply(&self, plan: &mut Plan) {
        plan::redact(plan, self);
    }

    /// The token of a channel.
    fn channel(&self, key: &ChannelKey) -> ChannelKey {
        ChannelKey::new(&self.text(key.as_str()))
    }

    /// `text` with every id replaced.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut replaced = String::with_capacity(text.len());
        let mut rest = text;
        let mut before = None;
        while let Some(first) = rest.chars().next() {
            let token = if before.is_some_and(is_word) { None } else { self.token_at(rest) };
            let length = if let Some((length, token)) = token {
                replaced.push_str(&token);
                length
            } else {
                replaced.push(first);
                first.len_utf8()
            };
            before = rest[..length].chars().next_back();
            rest = &rest[length..];
        }
        replaced
    }

    /// The token of the id that `rest` starts with, and that id's length in bytes.
    fn token_at(&self, rest: &str) -> Option<(usize, String)> {
        for &length in self.lengths.iter().rev() {
            let Some(candidate) = rest.get(..length) else { continue };
            if let (Some(token), false) = (self.known.get(candidate), rest[length..].starts_with(is_word)) {
                return Some((length, token.clone()));
            }
        }
        let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let kind = stranger(&rest[..length])?;
        Some((length, self.stranger(&rest[..length], kind)))
    }

    fn stranger(&self, id: &str, kind: &str) -> String {
        let mut strangers = self.strangers.borrow_mut();
        let next = format!("{kind}{:02}", strangers.len() + 1);
        strangers.entry(id.to_owned()).or_insert(next).clone()
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric()
}

/// What kind of id a word is that no listing named; `None` when it is a word or a figure.
fn stranger(word: &str) -> Option<&'static str> {
    let parts: Vec<&str> = word.split('x').collect();
    let decimal = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if parts.len() == 3 && parts.iter().all(|part| decimal(part)) {
        return Some("hop");
    }
    if decimal(word) && word.len() < SHORTEST_TXID {
        return (word.len() >= SHORTEST_DECIMAL).then_some("hop");
    }
    (word.len() >= SHORTEST_HEX && word.bytes().all(|b| b.is_ascii_hexdigit())).then_some("id")
}

/// What a file that is written is called when names are redacted.
pub(crate) const OUTPUT_TOKEN: &str = "file00";

/// `file01`, `file02`, …: what a file is called when names are redacted.
pub(crate) fn file_token(index: usize) -> String {
    format!("file{:02}", index + 1)
}

#[cfg(test)]
mod tests {
    use taproot_channels::advisor::snapshot::ChannelSnapshot;
    use taproot_channels::core::{Msat, ShortChannelId};

    use super::*;

    fn fleet() -> (Snapshot, Redaction) {
        let mut snapshot = Snapshot::default();
        for (key, peer, alias) in [
            (
                "879609302251798528",
                "02aa00000000000000000000000000000000000000000000000000000000000001",
                "sat",
            ),
            ("channel_1", "02bb00000000000000000000000000000000000000000000000000000000000002", "♥"),
            ("channel_10", "02aa00000000000000000000000000000000000000000000000000000000000001", "sat"),
        ] {
            let mut channel = ChannelSnapshot::new(ChannelKey::new(key), Msat::ZERO, Msat::ZERO, Msat::ZERO);
            channel.peer = Some(PeerId::new(peer));
            channel.peer_alias = Some(alias.to_owned());
            channel.scid = key.parse().ok().map(ShortChannelId::from_u64);
            snapshot.channels.push(channel);
        }
        let redaction = Redaction::of(&mut snapshot);
        (snapshot, redaction)
    }

    #[test]
    fn aliases_become_one_token_per_peer() {
        let (snapshot, _) = fleet();
        let labels: Vec<&str> = snapshot.channels.iter().map(ChannelSnapshot::label).collect();
        assert_eq!(labels, ["peer01", "peer02", "peer01"]);
    }

    #[test]
    fn known_ids_get_the_token_of_their_channel_in_every_notation() {
        let (_, redaction) = fleet();
        let text = |text: &str| redaction.text(text);
        assert_eq!(text("rebalance:879609302251798528"), "rebalance:ch01");
        assert_eq!(text("channel_1 and channel_10, not channel_11"), "ch02 and ch03, not channel_11");
        assert_eq!(text(&ShortChannelId::from_u64(879_609_302_251_798_528).to_string()), "ch01");
        assert_eq!(
            text("--peer=02aa00000000000000000000000000000000000000000000000000000000000001"),
            "--peer=peer01"
        );
    }

    #[test]
    fn unlisted_ids_get_tokens_and_figures_stay() {
        let (_, redaction) = fleet();
        assert_eq!(redaction.text("via 800000x1x0, 800001x2x1, 800000x1x0"), "via hop01, hop02, hop01");
        let id = "03".repeat(33);
        assert_eq!(redaction.text(&format!("{id}@host")), "id03@host");
        for plain in
            ["needs 1,250,000 sat on-chain", "1250000000000", "set_fee", "0.65", "2026-03-01T00:00:00Z"]
        {
            assert_eq!(redaction.text(plain), plain);
        }
    }
}
