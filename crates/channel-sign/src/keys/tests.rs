//! Derived keys against the official vectors, and the secret halves against the public ones.

use std::format;

use bitcoin::Network;
use bitcoin::hex::{DisplayHex, FromHex};
use bitcoin::secp256k1::PublicKey;
use channel_core::CommitmentNumber;
use channel_tx::keys::{CommitmentKeys, derive_public_key, derive_revocation_key};
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::seed::{Account, ChannelIndex, Mnemonic};
use crate::shachain::PerCommitmentSecret;
use crate::vector_report::VectorReport;

const VECTORS: &str = include_str!("../../tests/vectors/key_derivation.json");

fn bytes(value: &Value) -> [u8; 32] {
    <[u8; 32]>::from_hex(value.as_str().unwrap()).unwrap()
}

fn point(value: &Value) -> PublicKey {
    value.as_str().unwrap().parse().unwrap()
}

fn basepoint(secret: [u8; 32]) -> Basepoint {
    Basepoint::new(KeySecret::from_bytes(&secret).unwrap())
}

fn secrets(channel: u64) -> ChannelSecrets {
    let master = Mnemonic::from_entropy(&[0x21; 16]).unwrap().to_seed("").master_key(Network::Regtest);
    master.unwrap().channel(Account::ZERO, ChannelIndex::new(channel)).unwrap()
}

fn number(value: u64) -> CommitmentNumber {
    CommitmentNumber::new(value).unwrap()
}

/// Appendix E of BOLT 3: the public and the secret half of a key and of a revocation key.
#[test]
fn the_official_vectors_of_key_derivation() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let base = basepoint(bytes(&vectors["basepoint"]["secret"]));
    let per_commitment = PerCommitmentSecret::from_bytes(bytes(&vectors["per_commitment"]["secret"]));
    let at = per_commitment.point().unwrap();
    assert_eq!(base.point, point(&vectors["basepoint"]["public"]));
    assert_eq!(at, point(&vectors["per_commitment"]["point"]));

    let mut report = VectorReport::new("key_derivation");
    let (derived, revocation) = (&vectors["derived_key"], &vectors["revocation_key"]);
    report.product("public", derive_public_key(&base.point, &at) == Ok(point(&derived["public"])));
    report.product("secret", *base.at_point(&at).unwrap().as_bytes() == bytes(&derived["secret"]));
    let public = derive_revocation_key(&base.point, &at);
    report.product("revocation_public", public == Ok(point(&revocation["public"])));
    let secret = base.at_revealed(&per_commitment).unwrap();
    report.product("revocation_secret", *secret.as_bytes() == bytes(&revocation["secret"]));
    report.assert_all_passed();
}

/// Both parties of a channel, each deriving its own halves: they are those of the scripts.
#[test]
fn every_key_of_both_commitments_is_the_secret_half_of_the_public_one() {
    let (alice, bob) = (secrets(1), secrets(2));
    let alice_points = alice.basepoints(FundingIndex::OPENING).unwrap();
    let bob_points = bob.basepoints(FundingIndex::OPENING).unwrap();
    assert_eq!(*alice.funding_key(FundingIndex::OPENING).unwrap().public_key(), alice_points.funding);
    assert_eq!(*alice.state_key().public_key(), alice.state_public_key());
    for n in [0, 1, 42, CommitmentNumber::MAX.to_u64()].map(number) {
        let at = alice.per_commitment_point(n).unwrap();
        let keys = CommitmentKeys::derive(&alice_points, &bob_points, &at).unwrap();
        let (alice_htlc, bob_htlc) = keys.htlc().unwrap();
        assert_eq!(*alice.delayed_payment_key(&at).unwrap().public_key(), keys.local_delayed());
        assert_eq!(*alice.htlc_key(&at).unwrap().public_key(), alice_htlc);
        assert_eq!(*bob.htlc_key(&at).unwrap().public_key(), bob_htlc);
        assert_eq!(*bob.payment_key().public_key(), keys.remote_payment());
        let revealed = alice.per_commitment_secret(n);
        assert_eq!(revealed.point(), Ok(at));
        assert_eq!(*bob.revocation_key(&revealed).unwrap().public_key(), keys.revocation());
    }
}

#[test]
fn what_is_no_secret_key_is_refused() {
    let mut order = secp256k1::constants::CURVE_ORDER;
    for bytes in [[0; 32], order, [0xff; 32]] {
        assert_eq!(KeySecret::from_bytes(&bytes).err(), Some(NotASecretKey));
        let revealed = PerCommitmentSecret::from_bytes(bytes);
        assert_eq!(revealed.point(), Err(NotASecretKey));
        assert_eq!(secrets(0).revocation_key(&revealed).err(), Some(NotASecretKey));
    }
    order[31] -= 1;
    let largest = KeySecret::from_bytes(&order).unwrap();
    let one = KeySecret::from_bytes(&{
        let mut one = [0; 32];
        one[31] = 1;
        one
    });
    let one = one.unwrap();
    assert_eq!(largest.add(&one).err(), Some(NotASecretKey));
    assert_eq!(largest.add_tweak(*one.as_bytes()).err(), Some(NotASecretKey));
    assert_eq!(one.mul_tweak([0; 32]).err(), Some(NotASecretKey));
    assert_eq!(one.mul_tweak([0xff; 32]).err(), Some(NotASecretKey));
    assert_eq!(one.add_tweak([0xff; 32]).err(), Some(NotASecretKey));
}

#[test]
fn nothing_prints_a_secret() {
    let channel = secrets(3);
    let base = basepoint([0xcd; 32]);
    let printed = format!("{channel:?} {channel:#?} {:?} {base:?}", base.secret);
    let funding = KeySecret::from_bytes(
        &channel.funding_key(FundingIndex::OPENING).unwrap().keypair().to_secret_bytes(),
    );
    let printed = printed + &format!("{funding:?}");
    for part in ["cdcd", "205, 205"] {
        assert!(!printed.contains(part), "{printed}");
    }
    let keys =
        [channel.payment_key(), channel.state_key(), channel.funding_key(FundingIndex::OPENING).unwrap()];
    for key in keys {
        let secret = key.keypair().to_secret_bytes();
        assert!(!printed.contains(&secret.to_lower_hex_string()[..8]));
        assert!(!printed.contains(&format!("{}, {}, {}", secret[0], secret[1], secret[2])));
    }
    let secret = channel.per_commitment_secret(number(0));
    assert!(!printed.contains(&secret.as_bytes().to_lower_hex_string()[..8]));
}

#[test]
fn funding_indices_end() {
    assert_eq!(FundingIndex::OPENING.next(), Some(FundingIndex::new(1)));
    assert_eq!(FundingIndex::new(u32::MAX).next(), None);
}

/// The curve library's secret key does nothing when dropped, so the wrapper must.
#[test]
fn a_secret_key_does_something_when_dropped() {
    assert!(!core::mem::needs_drop::<secp256k1::SecretKey>());
    assert!(core::mem::needs_drop::<KeySecret>());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_secret_half_is_always_that_of_the_public_half(base: [u8; 32], per_commitment: [u8; 32]) {
        let revealed = PerCommitmentSecret::from_bytes(per_commitment);
        if let (Ok(base), Ok(at)) = (KeySecret::from_bytes(&base).map(Basepoint::new), revealed.point()) {
            prop_assert_eq!(
                Ok(base.at_point(&at).unwrap().public_key()),
                derive_public_key(&base.point, &at)
            );
            prop_assert_eq!(
                Ok(base.at_revealed(&revealed).unwrap().public_key()),
                derive_revocation_key(&base.point, &at)
            );
        }
    }
}
