//! Feature bits as the implementations print them: maps of bit numbers, lists, hex, names.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::rows::Name;
use crate::snapshot::{CommitmentKind, Knowledge};

/// `option_dual_fund` (BOLT 9).
pub(super) const DUAL_FUND: u16 = 28;

/// Feature bits, or `None` where none were told. LND prints an empty map for a node of which it has no announcement,
/// so an empty set tells nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Features(Option<BTreeSet<u16>>);

impl Features {
    /// Whether the node can splice: `option_splice`, bits 62 and 63 (BOLT 9).
    pub(super) fn splices(&self) -> Knowledge {
        match &self.0 {
            Some(_) => Knowledge::from(self.has(62)),
            None => Knowledge::Unknown,
        }
    }

    /// Whether the feature is there, required (the even bit) or optional.
    pub(super) fn has(&self, even: u16) -> bool {
        self.0.as_ref().is_some_and(|bits| bits.contains(&even) || bits.contains(&(even + 1)))
    }

    /// The commitment a channel type of these bits has (BOLT 2, `channel_type`).
    pub(super) fn commitment(&self) -> CommitmentKind {
        let has = |bit| self.has(bit);
        if has(40) {
            CommitmentKind::ZeroFee
        } else if has(80) || has(180) {
            CommitmentKind::Taproot
        } else if has(22) {
            CommitmentKind::Anchors
        } else if has(12) && !has(20) {
            CommitmentKind::StaticRemoteKey
        } else {
            // Bit 20 alone is the first form of anchors, whose HTLC transactions pay fees: no implementation opens it.
            CommitmentKind::Unknown
        }
    }

    /// Bits printed as big-endian hex, as in BOLT 9.
    pub(super) fn from_hex(hex: &str) -> Self {
        let digit = |c: u8| char::from(c).to_digit(16);
        let mut bits = BTreeSet::new();
        for (nibble, c) in (0_u16..2048).zip(hex.bytes().rev()) {
            let Some(value) = digit(c) else { return Self(None) };
            bits.extend((0..4).filter(|bit| value >> bit & 1 == 1).map(|bit| nibble * 4 + bit));
        }
        Self((!bits.is_empty()).then_some(bits))
    }

    fn insert(&mut self, name: &str) {
        if let Some(bit) = bit_of(name) {
            self.0.get_or_insert_default().insert(bit);
        }
    }
}

/// The bit of a number or a name. Names that decide nothing here all count as bit 1: they tell that something was
/// announced.
fn bit_of(name: &str) -> Option<u16> {
    if let Ok(bit) = name.parse() {
        return Some(bit);
    }
    let name = name.split('/').next().unwrap_or(name).trim_start_matches("option_");
    match name {
        "" => None,
        "splice" => Some(63),
        "dual_fund" => Some(DUAL_FUND),
        "static_remotekey" => Some(12),
        "anchor_outputs" => Some(20),
        "anchors" | "anchors_zero_fee_htlc_tx" => Some(22),
        "zero_fee_commitments" | "anchor_zero_fee_commitments" => Some(40),
        "simple_taproot" | "taproot" | "simple_taproot_channel" => Some(80),
        "simple_taproot_staging" | "simple_taproot_phoenix" => Some(180),
        _ => Some(1),
    }
}

impl<'de> Deserialize<'de> for Features {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FeaturesVisitor)
    }
}

struct FeaturesVisitor;

impl<'de> Visitor<'de> for FeaturesVisitor {
    type Value = Features;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("feature bits")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Features, E> {
        Ok(Features::default())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Features, E> {
        Ok(Features::default())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Features, E> {
        Ok(Features::default())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Features, E> {
        Ok(Features::default())
    }

    fn visit_unit<E: Error>(self) -> Result<Features, E> {
        Ok(Features::default())
    }

    fn visit_str<E: Error>(self, hex: &str) -> Result<Features, E> {
        Ok(Features::from_hex(hex))
    }

    /// Names or bit numbers.
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Features, A::Error> {
        let mut features = Features::default();
        while let Some(entry) = list.next_element::<super::scalar::Scalar<'_>>()? {
            if let Some(name) = entry.id() {
                features.insert(&name);
            }
        }
        Ok(features)
    }

    /// LND: bit number to description. Eclair: `activated`, an object of names. Core Lightning: `bits` and `names`.
    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Features, A::Error> {
        let mut features = Features::default();
        while let Some(Name(key)) = object.next_key()? {
            if matches!(key.as_ref(), "activated" | "bits" | "names" | "init" | "node") {
                let Features(bits) = object.next_value()?;
                if let Some(bits) = bits {
                    features.0.get_or_insert_default().extend(bits);
                }
            } else {
                // Core Lightning's `our_features` also lists what it puts into channels and invoices.
                if !matches!(key.as_ref(), "channel" | "invoice" | "unknown") {
                    features.insert(&key);
                }
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(features)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Features {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn splicing_is_told_from_every_notation() {
        for (text, expected) in [
            ("{}", Knowledge::Unknown),
            ("null", Knowledge::Unknown),
            ("\"\"", Knowledge::Unknown),
            ("\"zz\"", Knowledge::Unknown),
            (r#"{"9": {"name": "tlv-onion", "is_required": false}}"#, Knowledge::No),
            (r#"{"9": {}, "63": {"name": "splice"}}"#, Knowledge::Yes),
            (r#"{"62": {}}"#, Knowledge::Yes),
            ("\"8000000000000000\"", Knowledge::Yes),
            ("\"4000000000000000\"", Knowledge::Yes),
            ("\"2000000000000000\"", Knowledge::No),
            ("\"018000000000000000\"", Knowledge::Yes),
            (r#"{"activated": {"option_splice": "optional", "basic_mpp": "optional"}}"#, Knowledge::Yes),
            (r#"{"activated": {"basic_mpp": "optional"}}"#, Knowledge::No),
            (r#"{"activated": {}}"#, Knowledge::Unknown),
            (r#"["option_splice"]"#, Knowledge::Yes),
            ("[12, 22]", Knowledge::No),
        ] {
            assert_eq!(read(text).splices(), expected, "{text}");
        }
    }

    #[test]
    fn channel_types_give_the_commitment() {
        for (text, expected) in [
            (
                r#"{"bits": [12, 22], "names": ["static_remotekey/even", "anchors/even"]}"#,
                CommitmentKind::Anchors,
            ),
            (r#"["option_static_remotekey", "option_anchors_zero_fee_htlc_tx"]"#, CommitmentKind::Anchors),
            (r#"["option_static_remotekey"]"#, CommitmentKind::StaticRemoteKey),
            (r#"["option_static_remotekey", "option_anchor_outputs"]"#, CommitmentKind::Unknown),
            ("[80]", CommitmentKind::Taproot),
            ("[40]", CommitmentKind::ZeroFee),
            ("\"401000\"", CommitmentKind::Anchors),
            ("[]", CommitmentKind::Unknown),
        ] {
            assert_eq!(read(text).commitment(), expected, "{text}");
        }
    }
}
