//! The chain against the official vectors, and what must hold for every seed and count.

use alloc::vec::Vec;
use std::format;
use std::string::ToString;

use bitcoin::hex::{DisplayHex, FromHex};
use channel_core::CommitmentNumber;
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::vector_report::VectorReport;

const VECTORS: &str = include_str!("../../tests/vectors/shachain.json");

fn number(value: u64) -> CommitmentNumber {
    CommitmentNumber::new(value).unwrap()
}

fn bytes(value: &Value) -> [u8; 32] {
    <[u8; 32]>::from_hex(value.as_str().unwrap()).unwrap()
}

fn commitment_at(index: &Value) -> CommitmentNumber {
    SecretIndex::new(index.as_u64().unwrap()).unwrap().commitment_number()
}

/// What a party holds to which the secrets of the first `count` commitments of `seed` were revealed.
fn revealed(seed: &ShachainSeed, count: u64) -> RevealedSecrets {
    let in_use = RevealedSecrets::buckets_in_use(count);
    let newest = |bucket: usize| (0..count).rev().find(|n| n.trailing_ones() as usize == bucket).unwrap();
    let buckets = (0..in_use).map(|bucket| *seed.secret(number(newest(bucket))).as_bytes()).collect();
    RevealedSecrets { count, buckets }
}

#[test]
fn the_official_vectors_of_generation_and_storage() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let mut report = VectorReport::new("shachain");
    for case in vectors["generation"].as_array().unwrap() {
        let secret = ShachainSeed::from_bytes(bytes(&case["seed"])).secret(commitment_at(&case["index"]));
        report.product(case["label"].as_str().unwrap(), *secret.as_bytes() == bytes(&case["secret"]));
    }
    for case in vectors["storage"].as_array().unwrap() {
        let mut store = RevealedSecrets::new();
        let passed = case["inserts"].as_array().unwrap().iter().all(|insert| {
            let (before, number) = (store.clone(), commitment_at(&insert["index"]));
            let result = store.insert(number, &PerCommitmentSecret::from_bytes(bytes(&insert["secret"])));
            if insert["accepted"].as_bool().unwrap() {
                return result.is_ok();
            }
            matches!(result, Err(InsertSecretError::Inconsistent { .. })) && store == before
        });
        report.product(case["label"].as_str().unwrap(), passed);
    }
    report.assert_all_passed();
}

#[test]
fn indices_count_down_as_commitments_count_up() {
    assert_eq!(SecretIndex::from(CommitmentNumber::ZERO), SecretIndex::FIRST);
    assert_eq!(SecretIndex::from(CommitmentNumber::MAX).to_u64(), 0);
    assert_eq!(SecretIndex::new(0).unwrap().commitment_number(), CommitmentNumber::MAX);
    assert_eq!(SecretIndex::new((1 << 48) - 1), Ok(SecretIndex::FIRST));
    assert!(SecretIndex::new(1 << 48).is_err());
}

#[test]
fn a_secret_out_of_order_is_refused() {
    let seed = ShachainSeed::from_bytes([3; 32]);
    let mut store = revealed(&seed, 5);
    let before = store.clone();
    for wrong in [0, 4, 6] {
        let error = InsertSecretError::OutOfOrder { expected: number(5), found: number(wrong) };
        assert_eq!(store.insert(number(wrong), &seed.secret(number(wrong))), Err(error));
    }
    assert_eq!(store, before);
    assert_eq!(store.insert(number(5), &seed.secret(number(5))), Ok(()));
}

#[test]
fn a_secret_of_another_point_is_refused() {
    let seed = ShachainSeed::from_bytes([3; 32]);
    let mut store = RevealedSecrets::new();
    let wrong = InsertSecretError::WrongPoint { number: number(0) };
    let (secret, next) = (seed.secret(number(0)), seed.point(number(1)).unwrap());
    assert_eq!(store.accept(number(0), &secret, &next), Err(wrong));
    assert_eq!(store.accept(number(0), &PerCommitmentSecret::from_bytes([0; 32]), &next), Err(wrong));
    assert_eq!(store.accept(number(0), &PerCommitmentSecret::from_bytes([0xff; 32]), &next), Err(wrong));
    assert_eq!(store, RevealedSecrets::new());
    assert_eq!(store.accept(number(0), &secret, &seed.point(number(0)).unwrap()), Ok(()));
    // A secret that fits its point but not the chain: the peer made it some other way.
    let stray = ShachainSeed::from_bytes([4; 32]);
    let inconsistent = InsertSecretError::Inconsistent { number: number(1), earlier: number(0) };
    let result = store.accept(number(1), &stray.secret(number(1)), &stray.point(number(1)).unwrap());
    assert_eq!(result, Err(inconsistent));
}

/// The last two commitments a channel can have, and what comes after them.
#[test]
fn the_chain_ends_at_commitment_2_pow_48_less_1() {
    let seed = ShachainSeed::from_bytes([9; 32]);
    let last = CommitmentNumber::MAX.to_u64();
    // Before the last secret the newest in bucket b is 2^48 - 1 - 2^b.
    let buckets = (0..48).map(|bucket| *seed.secret(number(last - (1 << bucket))).as_bytes()).collect();
    let mut store = RevealedSecrets { count: last, buckets };
    assert_eq!(store.next(), Some(CommitmentNumber::MAX));
    let mut flipped = *seed.secret(CommitmentNumber::MAX).as_bytes();
    flipped[31] ^= 0x80;
    let flipped = store.insert(CommitmentNumber::MAX, &PerCommitmentSecret::from_bytes(flipped));
    assert!(matches!(flipped, Err(InsertSecretError::Inconsistent { .. })));

    assert_eq!(store.insert(CommitmentNumber::MAX, &seed.secret(CommitmentNumber::MAX)), Ok(()));
    assert_eq!(store.next(), None);
    assert_eq!(store.buckets.len(), RevealedSecrets::MAX_BUCKETS);
    for earlier in [0, 1, 2, 1 << 20, last >> 1, last - 1, last] {
        assert_eq!(
            store.secret(number(earlier)).unwrap().as_bytes(),
            seed.secret(number(earlier)).as_bytes()
        );
    }
    let before = store.clone();
    let again = store.insert(CommitmentNumber::MAX, &seed.secret(CommitmentNumber::MAX));
    assert_eq!(again, Err(InsertSecretError::Exhausted));
    assert_eq!(store, before);
    assert_eq!(store.to_bytes().len(), 1581);
    assert_eq!(RevealedSecrets::from_bytes(&store.to_bytes()), Ok(store));
}

#[test]
fn the_stored_form_is_strict() {
    let bytes = revealed(&ShachainSeed::from_bytes([5; 32]), 11).to_bytes();
    assert_eq!(bytes.len(), 13 + 4 * 32);
    let decode = |bytes: &[u8]| RevealedSecrets::from_bytes(bytes).unwrap_err();
    assert!(matches!(decode(&[]), DecodeSecretsError::Length { expected: 13, found: 0 }));
    for length in 1..bytes.len() {
        assert!(
            matches!(decode(&bytes[..length]), DecodeSecretsError::Length { found, .. } if found == length)
        );
    }
    let longer: Vec<_> = bytes.iter().copied().chain([0]).collect();
    assert_eq!(decode(&longer), DecodeSecretsError::Length { expected: 141, found: 142 });
    for version in [0, 2, 0xff] {
        let mut other = bytes.clone();
        other[0] = version;
        assert_eq!(decode(&other), DecodeSecretsError::UnknownVersion { found: version });
    }
    let mut beyond = bytes;
    beyond[1..9].copy_from_slice(&((1u64 << 48) + 1).to_be_bytes());
    assert_eq!(decode(&beyond), DecodeSecretsError::Count { count: (1 << 48) + 1 });
    beyond[1..9].copy_from_slice(&u64::MAX.to_be_bytes());
    assert_eq!(decode(&beyond), DecodeSecretsError::Count { count: u64::MAX });
    assert_eq!(RevealedSecrets::from_bytes(&RevealedSecrets::new().to_bytes()), Ok(RevealedSecrets::new()));
}

/// Frozen: what one release stored, every later one reads.
#[test]
fn the_stored_form_does_not_change() {
    let store = revealed(&ShachainSeed::from_bytes([1; 32]), 2);
    let frozen = concat!(
        "010000000000000002",
        "204f3b167e64194bc5177dc22544cb136f603fbb9dd9a4c4b99aa69fc3515245",
        "8342654dd602867d8884915a8af15f872ae75123efe3172fa23612bcb9f4f4a4",
        "f737288c",
    );
    assert_eq!(store.to_bytes().to_lower_hex_string(), frozen);
    assert_eq!(RevealedSecrets::from_bytes(&Vec::from_hex(frozen).unwrap()), Ok(store));
}

#[test]
fn nothing_prints_a_secret() {
    let seed = ShachainSeed::from_bytes([0xab; 32]);
    let secret = seed.secret(number(6));
    let printed = format!("{seed:?} {seed:#?} {secret:?} {secret:#?} {:?}", revealed(&seed, 7));
    let wrong = RevealedSecrets::new().insert(number(6), &secret).unwrap_err();
    let printed = printed + &format!("{wrong:?}") + &wrong.to_string();
    let hex = secret.as_bytes().to_lower_hex_string();
    for part in
        ["abab", "171, 171", &hex[..8], &format!("{}, {}", secret.as_bytes()[0], secret.as_bytes()[1])]
    {
        assert!(!printed.contains(part), "{printed}");
    }
}

proptest! {
    #[test]
    fn every_revealed_secret_is_found_again(seed: [u8; 32], count in 0u64..700) {
        let seed = ShachainSeed::from_bytes(seed);
        let mut store = RevealedSecrets::new();
        for n in 0..count {
            prop_assert_eq!(store.insert(number(n), &seed.secret(number(n))), Ok(()));
        }
        prop_assert_eq!(&store, &revealed(&seed, count));
        prop_assert_eq!(store.next(), Some(number(count)));
        for n in 0..count {
            let found = store.secret(number(n)).unwrap();
            let generated = seed.secret(number(n));
            prop_assert_eq!(found.as_bytes(), generated.as_bytes());
        }
        prop_assert!(store.secret(number(count)).is_none());
        prop_assert!(store.secret(CommitmentNumber::MAX).is_none());
        prop_assert_eq!(RevealedSecrets::from_bytes(&store.to_bytes()), Ok(store));
    }

    /// At an even number nothing can be checked, so the flip shows with the next secret.
    #[test]
    fn a_flipped_bit_is_refused_as_soon_as_it_can_be(seed: [u8; 32], count in 0u64..300, bit in 0usize..256) {
        let seed = ShachainSeed::from_bytes(seed);
        let mut store = revealed(&seed, count);
        let before = store.clone();
        let mut flipped = *seed.secret(number(count)).as_bytes();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let result = store.insert(number(count), &PerCommitmentSecret::from_bytes(flipped));
        if count % 2 == 1 {
            let refused = matches!(result, Err(InsertSecretError::Inconsistent { .. }));
            prop_assert!(refused && store == before);
        } else {
            prop_assert_eq!(result, Ok(()));
            let next = store.insert(number(count + 1), &seed.secret(number(count + 1)));
            let contradiction =
                InsertSecretError::Inconsistent { number: number(count + 1), earlier: number(count) };
            prop_assert_eq!(next, Err(contradiction));
        }
        // The point check needs no earlier secret.
        let mut store = before;
        let point = seed.point(number(count)).unwrap();
        prop_assert!(store.accept(number(count), &PerCommitmentSecret::from_bytes(flipped), &point).is_err());
    }

    #[test]
    fn a_damaged_stored_form_is_refused(seed: [u8; 32], count in 0u64..300, at: prop::sample::Index, bit in 0u8..8) {
        let mut bytes = revealed(&ShachainSeed::from_bytes(seed), count).to_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(RevealedSecrets::from_bytes(&bytes).is_err());
    }

    #[test]
    fn any_bytes_decode_to_what_encodes_back_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(store) = RevealedSecrets::from_bytes(&bytes) {
            prop_assert_eq!(store.to_bytes(), bytes);
        }
    }

    #[test]
    fn two_commitments_never_share_a_secret(seed: [u8; 32], a in 0..1u64 << 48, b in 0..1u64 << 48) {
        let seed = ShachainSeed::from_bytes(seed);
        let same = seed.secret(number(a)).as_bytes() == seed.secret(number(b)).as_bytes();
        prop_assert_eq!(same, a == b);
    }
}
