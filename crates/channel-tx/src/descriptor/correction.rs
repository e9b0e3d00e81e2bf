//! What would be right instead: the accepted forms, for the two parties that the text or the caller names.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::keyring::Keyring;
use super::syntax::checksum_of;
use super::{Completeness, Correction, FundingKey, KeyFault, NumsPoint, Participants};

/// A party: its key, or the word that stands for it.
#[derive(Debug, Clone)]
pub(super) enum Party {
    Key(FundingKey),
    Word(String),
}

impl Party {
    fn of(key: &Result<FundingKey, KeyFault>, text: &str) -> Option<Self> {
        match key {
            Ok(key) => Some(Self::Key(*key)),
            Err(KeyFault::Uncompressed { compressed, .. }) => Some(Self::Key(FundingKey::Whole(*compressed))),
            Err(KeyFault::Placeholder { .. }) => Some(Self::Word(text.to_string())),
            Err(_) => None,
        }
    }

    fn in_taproot(&self) -> String {
        match self {
            Self::Key(key) => key.x_only().to_string(),
            Self::Word(word) => word.clone(),
        }
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => key.fmt(f),
            Self::Word(word) => word.fmt(f),
        }
    }
}

/// The two parties: as the caller names them, or the two people whose keys are in the text.
pub(super) fn parties(participants: Option<&Participants>, keys: Option<&Keyring>) -> Option<[Party; 2]> {
    if let Some(participants) = participants {
        return Some(participants.keys().map(Party::Key));
    }
    let people = keys?.people();
    let [first, second] = people.as_slice() else { return None };
    let pair = [Party::of(&first.key, &first.text)?, Party::of(&second.key, &second.text)?];
    // Two spellings of one key are one party.
    let distinct = pair[0].in_taproot() != pair[1].in_taproot();
    distinct.then_some(pair)
}

/// The parties a `musig()` names.
pub(super) fn named(keys: &[String; 2], network: bitcoin::Network) -> Option<[Party; 2]> {
    let party = |text: &String| Party::of(&super::key::read(text, 0, network), text);
    Some([party(&keys[0])?, party(&keys[1])?])
}

/// Whether the segwit form is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Taproot,
    Segwit,
}

/// The accepted forms for two parties, the best first.
pub(super) fn corrections(parties: &[Party; 2], family: Family) -> Vec<Correction> {
    let mut found = Vec::new();
    let pair = match parties {
        [Party::Key(first), Party::Key(second)] => Participants::new(*first, *second).ok(),
        _ => None,
    };
    if family == Family::Segwit
        && let Some([FundingKey::Whole(first), FundingKey::Whole(second)]) =
            pair.as_ref().map(Participants::keys)
    {
        let (low, high) =
            if first.serialize() < second.serialize() { (first, second) } else { (second, first) };
        found.push(ready(&format!("wsh(multi(2,{low},{high}))")));
    }
    if let Some(aggregate) = pair.as_ref().and_then(Participants::aggregate) {
        found.push(ready(&format!("tr({})", aggregate.internal_key())));
    } else {
        let descriptor = format!("tr(MuSig2({},{}))", parties[0], parties[1]);
        found.push(Correction { descriptor, completeness: Completeness::Template });
    }
    let [first, second] = [parties[0].in_taproot(), parties[1].in_taproot()];
    let script = format!("tr({},multi_a(2,{first},{second}))", NumsPoint::Bolt.key());
    found.push(match pair {
        Some(_) => ready(&script),
        None => Correction { descriptor: script, completeness: Completeness::Template },
    });
    found
}

fn ready(body: &str) -> Correction {
    let descriptor = format!("{body}#{}", checksum_of(body));
    Correction { descriptor, completeness: Completeness::Ready }
}

/// The output of a commitment that pays its owner after `blocks`, and its peer at once if it was revoked.
pub(super) fn delayed_output(blocks: u32) -> String {
    let nums = NumsPoint::Bolt.key();
    format!("tr({nums},{{and_v(v:pk(local_delayed),older({blocks})),pk(revocation)}})")
}
