//! Damaged documents never panic: every mutation of every fixture ends in a snapshot or a typed error.

mod fixtures;

use channel_advisor::import::{ErrorClass, Import};
use channel_advisor::snapshot::Snapshot;
use fixtures::{KINDS, read};
use proptest::prelude::*;

/// One way to damage a document.
#[derive(Debug, Clone)]
enum Damage {
    /// Ends it early.
    Cut(prop::sample::Index),
    /// Replaces one byte.
    Byte(prop::sample::Index, u8),
    /// Replaces one run of digits, with the quotes around it or without.
    Number(prop::sample::Index, &'static str),
    /// Repeats a stretch of it.
    Repeat(prop::sample::Index, prop::sample::Index),
}

const EXTREMES: &[&str] = &[
    "0",
    "-1",
    "1",
    "18446744073709551615",
    "18446744073709551616",
    "9223372036854775807",
    "-9223372036854775808",
    "0.5",
    "1e308",
    "-1e308",
    "1e-308",
    "21000000000000000",
    "18446744073709551",
    "4294967295",
    "4294967296",
    "65536",
    "null",
    "true",
    "\\\"",
    "[]",
    "{}",
    "\"\"",
    "\"x\"",
];

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        any::<prop::sample::Index>().prop_map(Damage::Cut),
        (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        (any::<prop::sample::Index>(), prop::sample::select(EXTREMES))
            .prop_map(|(at, text)| Damage::Number(at, text)),
        (any::<prop::sample::Index>(), prop::sample::select(EXTREMES))
            .prop_map(|(at, text)| Damage::Number(at, text)),
        (any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(|(a, b)| Damage::Repeat(a, b)),
    ]
}

fn apply(bytes: &mut Vec<u8>, damage: &Damage) {
    if bytes.is_empty() {
        return;
    }
    match damage {
        Damage::Cut(at) => bytes.truncate(at.index(bytes.len())),
        Damage::Byte(at, byte) => {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        Damage::Number(at, text) => {
            let starts: Vec<_> = (0..bytes.len())
                .filter(|n| bytes[*n].is_ascii_digit() && (*n == 0 || !bytes[*n - 1].is_ascii_digit()))
                .collect();
            if starts.is_empty() {
                return;
            }
            let start = starts[at.index(starts.len())];
            let length = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            bytes.splice(start..start + length, text.bytes());
        }
        Damage::Repeat(one, other) => {
            let (a, b) = (one.index(bytes.len()), other.index(bytes.len()));
            let stretch = bytes[a.min(b)..a.max(b)].to_vec();
            bytes.splice(a..a, stretch);
        }
    }
}

/// What must hold for every snapshot, however strange its source.
fn check(snapshot: &Snapshot) -> Result<(), TestCaseError> {
    let mut keys = std::collections::HashSet::new();
    for channel in &snapshot.channels {
        prop_assert!(keys.insert(channel.key.clone()), "{} twice", channel.key);
        let balances = u128::from(channel.local.to_msat()) + u128::from(channel.remote.to_msat());
        prop_assert!(balances <= u128::from(channel.capacity.to_msat()), "{channel:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_document_is_a_snapshot_or_a_typed_error(
        fixture in prop::sample::select(KINDS),
        damages in prop::collection::vec(damage(), 1..4),
    ) {
        let mut bytes = read(fixture.0);
        for damage in &damages {
 apply(&mut bytes, damage);
 }
        let mut import = Import::new();
        match import.add(fixture.0, &bytes, None) {
            Err(error) => {
                prop_assert_eq!(error.class(), ErrorClass::Data);
                prop_assert!(!error.to_string().contains('\n'), "{}", error);
                prop_assert!(!error.hint().is_empty());
            }
            Ok(kind) => match import.finish() {
                Ok(snapshot) => check(&snapshot)?,
                Err(_) => prop_assert!(!kind.lists_channels()),
            },
        }
    }

    #[test]
    fn documents_joined_with_a_damaged_one_stay_sound(
        family in prop::sample::select(vec!["lnd", "cln", "eclair"]),
        victim in any::<prop::sample::Index>(),
        damages in prop::collection::vec(damage(), 0..3),
    ) {
        let names: Vec<_> = KINDS.iter().map(|(name, _)| *name)
            .filter(|name| name.starts_with(family) && !["eclair-channel.json", "lnd-listchannels.jsonl"].contains(name))
            .collect();
        let victim = names[victim.index(names.len())];
        let mut import = Import::new();
        let mut refused = false;
        for name in names {
            let mut bytes = read(name);
            if name == victim {
                for damage in &damages {
 apply(&mut bytes, damage);
 }
            }
            refused |= import.add(name, &bytes, None).is_err();
        }
        let whole = !refused;
        match import.finish() {
            Ok(snapshot) => check(&snapshot)?,
            Err(error) => prop_assert!(!whole, "{}", error),
        }
    }
}
