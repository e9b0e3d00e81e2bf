//! What a document is, told from its top-level keys and the keys of the first row: cheap, and without building a tree.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::DocumentKind as K;
use super::rows::{Layout, Name, scalars_are_passed_over};

/// What was seen of a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Detected {
    Kind(K, Layout),
    /// Well-formed, but the list that would tell is empty.
    EmptyList(Layout),
    Unknown,
}

/// Looks at a document until its kind is settled.
///
/// # Errors
/// The parser's error, when the JSON breaks off before that.
pub(super) fn detect(text: &str) -> Result<Detected, serde_json::Error> {
    let mut probe = Probe::default();
    let mut json = serde_json::Deserializer::from_str(text);
    match (&mut probe).deserialize(&mut json) {
        Ok(()) => Ok(probe.conclude()),
        // Breaking off is how the probe stops a parser that would otherwise read to the end.
        Err(_) if probe.settled.is_some() => Ok(probe.conclude()),
        Err(error) => Err(error),
    }
}

type Keys = BTreeSet<Box<str>>;

/// More keys than any listing has at one level; a table may have millions.
const KEY_LIMIT: usize = 256;

#[derive(Default)]
struct Probe {
    settled: Option<(K, Layout)>,
    empty: Option<Layout>,
    top: Keys,
    /// The keys of the first field that is an object: a row, when the document is a table.
    first_object: Option<Keys>,
}

impl Probe {
    fn conclude(self) -> Detected {
        let has = |key: &str| self.top.contains(key);
        match (self.settled, self.empty) {
            (Some((kind, layout)), _) => Detected::Kind(kind, layout),
            // LND's graph has edges beside its nodes, so this is Core Lightning's answer about a node it does not know.
            (None, Some(Layout::Wrapped)) if has("nodes") && !has("channels") => {
                Detected::Kind(K::ClnListNodes, Layout::Wrapped)
            }
            (None, Some(layout)) => Detected::EmptyList(layout),
            (None, None) if has("confirmed") && has("unconfirmed") => {
                Detected::Kind(K::EclairOnChainBalance, Layout::Wrapped)
            }
            (None, None) => {
                match row_kind(&self.top).or_else(|| self.first_object.as_ref().and_then(table_row)) {
                    Some(K::Table) => Detected::Kind(K::Table, Layout::Keyed),
                    Some(kind) => Detected::Kind(kind, Layout::Stream),
                    None => Detected::Unknown,
                }
            }
        }
    }

    fn settle<E: Error>(&mut self, kind: K, layout: Layout) -> E {
        self.settled = Some((kind, layout));
        E::custom("settled")
    }
}

/// A field that alone tells the kind.
fn field_kind(key: &str) -> Option<K> {
    Some(match key {
        "forwarding_events" => K::LndForwardingHistory,
        "channel_fees" => K::LndFeeReport,
        "payments" => K::LndListPayments,
        "identity_pubkey" => K::LndGetInfo,
        "edges" => K::LndDescribeGraph,
        "pending_open_channels" | "total_limbo_balance" | "pending_force_closing_channels" => {
            K::LndPendingChannels
        }
        "confirmed_balance" => K::LndWalletBalance,
        "forwards" => K::ClnListForwards,
        "pays" => K::ClnListPays,
        "outputs" => K::ClnListFunds,
        "channels_apy" => K::ClnChannelsApy,
        "perkw" | "perkb" => K::ClnFeerates,
        "our_features" | "blockheight" => K::ClnGetInfo,
        "relayed" => K::EclairAudit,
        "instanceId" | "chainHash" | "publicAddresses" => K::EclairGetInfo,
        "forwarded_payments" => K::LdkForwards,
        _ => return None,
    })
}

/// The kind of a list in a field, by the keys of its first row.
fn list_kind(key: &str, row: &Keys) -> Option<K> {
    let has = |name: &str| row.contains(name);
    match key {
        "nodes" if has("nodeid") => Some(K::ClnListNodes),
        "nodes" if has("pub_key") => Some(K::LndDescribeGraph),
        "peers" if has("pub_key") => Some(K::LndListPeers),
        "peers" if has("id") => Some(K::ClnListPeers),
        "channels" => row_kind(row).or_else(|| table_row(row)),
        _ => None,
    }
}

/// The kind of a list of such rows.
fn row_kind(row: &Keys) -> Option<K> {
    let has = |name: &str| row.contains(name);
    if has("channelId") && (has("data") || has("state")) {
        Some(K::EclairChannels)
    } else if has("relayFeeEarned") || has("incomingPaymentCount") {
        Some(K::EclairRelayStats)
    } else if has("canSend") || has("canReceive") {
        Some(K::EclairChannelBalances)
    } else if has("shortChannelId") && has("channelFlags") {
        Some(K::EclairAllUpdates)
    } else if has("nodeId") && (has("alias") || has("rgbColor")) {
        Some(K::EclairNodes)
    } else if has("source") && has("destination") {
        Some(K::ClnListChannels)
    } else if has("our_amount_msat") {
        Some(K::ClnListFunds)
    } else if has("to_us_msat")
        || has("msatoshi_to_us")
        || has("total_msat")
        || (has("peer_id") && has("state"))
    {
        Some(K::ClnListPeerChannels)
    } else if has("peer_id") && (has("fee_base_msat") || has("ignore_fee_limits")) {
        Some(K::ClnSetChannel)
    } else if has("channel_value_satoshis")
        || has("channel_value_sats")
        || has("counterparty")
        || has("counterparty_node_id")
    {
        Some(K::LdkChannels)
    } else if has("chan_id") || has("remote_pubkey") || has("channel_point") {
        Some(K::LndListChannels)
    } else if has("channel_id") && table_row(row).is_some() {
        Some(K::Table)
    } else {
        None
    }
}

fn table_row(row: &Keys) -> Option<K> {
    let known = ["local_balance", "remote_balance", "capacity", "local_dust", "remote_dust", "dust_limit"];
    known.iter().any(|name| row.contains(*name)).then_some(K::Table)
}

impl<'de> DeserializeSeed<'de> for &mut Probe {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Probe {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some(Name(key)) = object.next_key()? {
            if let Some(kind) = field_kind(&key) {
                return Err(self.settle(kind, Layout::Wrapped));
            }
            object.next_value_seed(Field { probe: &mut *self, key: &key })?;
            if self.top.len() < KEY_LIMIT {
                self.top.insert(key.into());
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        match list.next_element::<RowKeys>()? {
            None => self.empty = Some(Layout::List),
            Some(RowKeys(row)) => {
                if let Some(kind) = row_kind(&row) {
                    return Err(self.settle(kind, Layout::List));
                }
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// Looks into one field of the document: a list's first row, or the keys of an object.
struct Field<'p> {
    probe: &'p mut Probe,
    key: &'p str,
}

impl<'de> DeserializeSeed<'de> for Field<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Field<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    scalars_are_passed_over!(());

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        match list.next_element::<RowKeys>()? {
            None if matches!(self.key, "channels" | "nodes") => self.probe.empty = Some(Layout::Wrapped),
            None => {}
            Some(RowKeys(row)) => {
                if let Some(kind) = list_kind(self.key, &row) {
                    return Err(self.probe.settle(kind, Layout::Wrapped));
                }
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        let keys = keys_of(object)?;
        self.probe.first_object.get_or_insert(keys);
        Ok(())
    }
}

/// The keys of a row; none when it is no object.
struct RowKeys(Keys);

impl<'de> Deserialize<'de> for RowKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RowVisitor).map(Self)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = Keys;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    scalars_are_passed_over!(Keys);

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Keys, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Keys::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Keys, A::Error> {
        keys_of(object)
    }
}

fn keys_of<'de, A: MapAccess<'de>>(mut object: A) -> Result<Keys, A::Error> {
    let mut keys = Keys::new();
    while let Some(Name(key)) = object.next_key()? {
        object.next_value::<IgnoredAny>()?;
        if keys.len() < KEY_LIMIT {
            keys.insert(key.into());
        }
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_their_keys_in_any_order() {
        for (text, kind, layout) in [
            (r#"{"channels":[{"chan_id":"1"}]}"#, K::LndListChannels, Layout::Wrapped),
            (r#"{"chan_id":"1","capacity":"2"} {"chan_id":"2"}"#, K::LndListChannels, Layout::Stream),
            (r#"[{"chan_id":"1"}]"#, K::LndListChannels, Layout::List),
            (r#"{"last_offset_index":1,"forwarding_events":[]}"#, K::LndForwardingHistory, Layout::Wrapped),
            (r#"{"edges":[],"nodes":[]}"#, K::LndDescribeGraph, Layout::Wrapped),
            (r#"{"nodes":[{"pub_key":"02"}],"edges":[]}"#, K::LndDescribeGraph, Layout::Wrapped),
            (r#"{"nodes":[{"nodeid":"02"}]}"#, K::ClnListNodes, Layout::Wrapped),
            (r#"{"nodes":[]}"#, K::ClnListNodes, Layout::Wrapped),
            (
                r#"{"channels":[{"our_amount_msat":1,"peer_id":"02","state":"x"}],"outputs":[]}"#,
                K::ClnListFunds,
                Layout::Wrapped,
            ),
            (r#"{"channels":[{"peer_id":"02","fee_base_msat":1}]}"#, K::ClnSetChannel, Layout::Wrapped),
            (r#"{"channels":[{"source":"02","destination":"03"}]}"#, K::ClnListChannels, Layout::Wrapped),
            (
                r#"{"nodeId":"02","channelId":"00","state":"NORMAL","data":{}}"#,
                K::EclairChannels,
                Layout::Stream,
            ),
            (r#"[{"remoteNodeId":"02","canSend":1}]"#, K::EclairChannelBalances, Layout::List),
            (r#"{"confirmed":1,"unconfirmed":0}"#, K::EclairOnChainBalance, Layout::Wrapped),
            (r#"{"channels":[{"channel_id":"a","channel_value_sats":1}]}"#, K::LdkChannels, Layout::Wrapped),
            (r#"{"a":{"local_balance":1}}"#, K::Table, Layout::Keyed),
            (r#"[{"channel_id":"a","capacity":1}]"#, K::Table, Layout::List),
        ] {
            assert_eq!(detect(text).unwrap(), Detected::Kind(kind, layout), "{text}");
        }
    }

    #[test]
    fn a_settled_kind_does_not_read_on() {
        let cut = r#"{"forwarding_events":[{"#;
        assert_eq!(detect(cut).unwrap(), Detected::Kind(K::LndForwardingHistory, Layout::Wrapped));
    }

    #[test]
    fn what_cannot_be_told_is_not_guessed() {
        assert_eq!(detect("[]").unwrap(), Detected::EmptyList(Layout::List));
        assert_eq!(detect(r#"{"channels":[]}"#).unwrap(), Detected::EmptyList(Layout::Wrapped));
        for text in ["{}", "[1]", r#"{"a":1}"#, r#"{"a":{"b":1}}"#, r#"[{"x":1}]"#] {
            assert_eq!(detect(text).unwrap(), Detected::Unknown, "{text}");
        }
        assert!(detect("[{").is_err());
        assert!(detect("3").is_err());
    }
}
