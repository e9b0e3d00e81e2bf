//! Tests of adaptor signatures: round trips, refusals, and agreement with the oracle library.

use std::collections::HashSet;

use bitcoin::secp256k1::{Message, Secp256k1};
use proptest::prelude::*;

use super::*;

type OracleSignature = musig2::AdaptorSignature;

fn key(secret: [u8; 32]) -> SigningKey {
    SigningKey::from_byte_array(secret).unwrap()
}

fn x_only(key: &SigningKey) -> XOnlyPublicKey {
    key.public_key().x_only_public_key().0
}

fn sighash(bytes: [u8; 32]) -> TapSighash {
    TapSighash::from_byte_array(bytes)
}

fn source(byte: u8) -> NonceSource {
    NonceSource::new(Entropy::from_byte_array([byte; 32]))
}

fn presign(key: &SigningKey, message: &TapSighash, point: &AdaptorPoint, salt: u8) -> VerifiedPresignature {
    let entropy = Entropy::from_byte_array([7; 32]);
    Presignature::sign(key, message, point, &mut source(salt), &entropy).unwrap()
}

fn is_valid(signature: &schnorr::Signature, message: &TapSighash, key: &SigningKey) -> bool {
    let message = Message::from_digest(message.to_byte_array());
    Secp256k1::verification_only().verify_schnorr(signature, &message, &x_only(key)).is_ok()
}

/// A secret key: small numbers, numbers next to the order, and any.
fn secrets() -> impl Strategy<Value = [u8; 32]> {
    let mut highest = constants::CURVE_ORDER;
    highest[31] -= 1;
    let mut one = [0; 32];
    one[31] = 1;
    prop_oneof![
        1 => Just(one),
        1 => Just(highest),
        8 => any::<[u8; 32]>().prop_filter("a secret key", |bytes| SecretKey::from_secret_bytes(*bytes).is_ok()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn an_adapted_presignature_is_a_signature_and_gives_the_secret_away(
        secret in secrets(), adaptor in secrets(), message in any::<[u8; 32]>(), salt in any::<u8>(),
    ) {
        let (key, message) = (key(secret), sighash(message));
        let adaptor = AdaptorSecret::from_byte_array(adaptor).unwrap();
        let made = presign(&key, &message, &adaptor.point(), salt);
        let sent = made.presignature().to_byte_array();
        let read = Presignature::from_byte_array(&sent).unwrap();
        let verified = read.verify(&x_only(&key), &message, &adaptor.point()).unwrap();
        prop_assert_eq!(verified, made);
        let signature = verified.adapt(&adaptor).unwrap();
        prop_assert!(is_valid(&signature, &message, &key));
        let extracted = made.extract(&signature).unwrap();
        prop_assert_eq!(extracted.as_bytes(), adaptor.as_bytes());
    }

    #[test]
    fn a_changed_byte_anywhere_is_refused(
        secret in secrets(), adaptor in secrets(), position in 0..65_usize, flip in 1..=255_u8,
    ) {
        let (key, message) = (key(secret), sighash([3; 32]));
        let point = AdaptorSecret::from_byte_array(adaptor).unwrap().point();
        let mut bytes = presign(&key, &message, &point, 1).presignature().to_byte_array();
        bytes[position] ^= flip;
        if let Ok(changed) = Presignature::from_byte_array(&bytes) {
            let refused = changed.verify(&x_only(&key), &message, &point);
            prop_assert_eq!(refused.unwrap_err(), PresignatureError::Incorrect);
        }
    }

    /// The oracle keeps `R - T` where we keep `R`; the scalar is the same.
    #[test]
    fn the_oracle_verifies_adapts_and_extracts_ours(
        secret in secrets(), adaptor in secrets(), message in any::<[u8; 32]>(),
    ) {
        let (key, message) = (key(secret), sighash(message));
        let adaptor = AdaptorSecret::from_byte_array(adaptor).unwrap();
        let made = presign(&key, &message, &adaptor.point(), 1);
        let own = made.presignature.nonce.combine(&made.point.0.negate()).unwrap();
        let mut bytes = [0; 65];
        bytes[..33].copy_from_slice(&own.serialize());
        bytes[33..].copy_from_slice(&made.presignature.s);
        let theirs = OracleSignature::from_bytes(&bytes).unwrap();
        let public = musig2::secp::Point::from_slice(&key.public_key().serialize()).unwrap();
        let point = musig2::secp::Point::from_slice(&adaptor.point().to_byte_array()).unwrap();
        let message_bytes = message.to_byte_array();
        prop_assert!(musig2::adaptor::verify_single(public, &theirs, message_bytes, point).is_ok());
        let scalar = musig2::secp::Scalar::from_slice(adaptor.as_bytes()).unwrap();
        let adapted: musig2::LiftedSignature = theirs.adapt(scalar).unwrap();
        prop_assert_eq!(adapted.compact().serialize(), made.adapt(&adaptor).unwrap().serialize());
        let revealed: musig2::secp::MaybeScalar = theirs.reveal_secret(&adapted).unwrap();
        prop_assert_eq!(revealed.serialize(), *adaptor.as_bytes());
    }

    #[test]
    fn we_verify_and_adapt_the_oracles(
        secret in secrets(), adaptor in secrets(), message in any::<[u8; 32]>(), seed in any::<[u8; 32]>(),
    ) {
        let (key, message) = (key(secret), sighash(message));
        let adaptor = AdaptorSecret::from_byte_array(adaptor).unwrap();
        let point = musig2::secp::Point::from_slice(&adaptor.point().to_byte_array()).unwrap();
        let scalar = musig2::secp::Scalar::from_slice(&secret).unwrap();
        let theirs = musig2::adaptor::sign_solo(scalar, message.to_byte_array(), seed, point);
        let bytes = theirs.serialize();
        let own = PublicKey::from_byte_array_compressed(bytes[..33].try_into().unwrap()).unwrap();
        let mut ours = [0; 65];
        ours[..33].copy_from_slice(&own.combine(&adaptor.point().0).unwrap().serialize());
        ours[33..].copy_from_slice(&bytes[33..]);
        let read = Presignature::from_byte_array(&ours).unwrap();
        let verified = read.verify(&x_only(&key), &message, &adaptor.point()).unwrap();
        prop_assert!(is_valid(&verified.adapt(&adaptor).unwrap(), &message, &key));
    }

    #[test]
    fn no_bytes_panic(bytes in any::<[u8; 33]>(), s in any::<[u8; 32]>(), odd in any::<bool>()) {
        let mut sent = [0; 65];
        sent[..33].copy_from_slice(&bytes);
        sent[0] = 2 + u8::from(odd);
        sent[33..].copy_from_slice(&s);
        let key = key([1; 32]);
        let point = AdaptorSecret::from_byte_array([2; 32]).unwrap().point();
        if let Ok(read) = Presignature::from_byte_array(&sent) {
            prop_assert_eq!(read.to_byte_array(), sent);
            let refused = read.verify(&x_only(&key), &sighash([1; 32]), &point);
            prop_assert_eq!(refused.unwrap_err(), PresignatureError::Incorrect);
        }
    }
}

#[test]
fn another_key_message_or_point_is_refused() {
    let (signer, message) = (key([1; 32]), sighash([2; 32]));
    let point = AdaptorSecret::from_byte_array([3; 32]).unwrap().point();
    let other_point = AdaptorSecret::from_byte_array([4; 32]).unwrap().point();
    let made = *presign(&signer, &message, &point, 1).presignature();
    assert!(made.verify(&x_only(&signer), &message, &point).is_ok());
    let refused = [
        made.verify(&x_only(&key([5; 32])), &message, &point),
        made.verify(&x_only(&signer), &sighash([6; 32]), &point),
        made.verify(&x_only(&signer), &message, &other_point),
    ];
    assert!(refused.iter().all(|result| *result == Err(PresignatureError::Incorrect)));
}

#[test]
fn a_nonce_that_is_the_adaptor_point_is_refused() {
    let key = key([1; 32]);
    let point = AdaptorSecret::from_byte_array([3; 32]).unwrap().point();
    let presignature = Presignature { nonce: point.0, s: [1; 32] };
    let refused = presignature.verify(&x_only(&key), &sighash([2; 32]), &point);
    assert_eq!(refused, Err(PresignatureError::NonceIsPoint));
}

#[test]
fn a_nonce_that_cancels_the_adaptor_point_makes_no_presignature() {
    let key = key([1; 32]);
    let secret = AdaptorSecret::from_byte_array([3; 32]).unwrap();
    let public = key.keypair().x_only_public_key().0;
    let (own, k) = (Erased(key.keypair().secret_key()), Erased(secret.0.negate()));
    let refused = super::presign(&own, &k, &sighash([2; 32]), &secret.point(), &public);
    assert_eq!(refused, Err(PresignError::Unlucky));
}

#[test]
fn only_the_right_secret_adapts_and_only_the_adapted_signature_gives_it_back() {
    let (key, message) = (key([1; 32]), sighash([2; 32]));
    let [right, wrong] = [[3; 32], [4; 32]].map(|bytes| AdaptorSecret::from_byte_array(bytes).unwrap());
    let made = presign(&key, &message, &right.point(), 1);
    assert_eq!(made.adapt(&wrong), Err(AdaptError::OtherSecret));
    let unrelated = presign(&key, &message, &right.point(), 2).adapt(&right).unwrap();
    assert_eq!(made.extract(&unrelated).err(), Some(ExtractError::Unrelated));
    let mut bytes = made.adapt(&right).unwrap().serialize();
    bytes[63] ^= 1;
    let spoilt = schnorr::Signature::from_slice(&bytes).unwrap();
    assert_eq!(made.extract(&spoilt).err(), Some(ExtractError::Unrelated));
    // s = s': nobody added anything
    bytes[32..].copy_from_slice(&made.presignature.s);
    let same = schnorr::Signature::from_slice(&bytes).unwrap();
    assert_eq!(made.extract(&same).err(), Some(ExtractError::Unrelated));
}

#[test]
fn a_presignature_chosen_to_cancel_its_secret_is_not_adapted() {
    let secret = AdaptorSecret::from_byte_array([3; 32]).unwrap();
    let nonce = key([5; 32]).keypair().public_key();
    let parity = nonce.x_only_public_key().1;
    let s = negate_if(secret.0, parity).negate().to_secret_bytes();
    let forged = VerifiedPresignature { presignature: Presignature { nonce, s }, point: secret.point() };
    assert_eq!(forged.adapt(&secret), Err(AdaptError::Degenerate));
}

#[test]
fn values_at_the_ends_of_their_range() {
    let order = constants::CURVE_ORDER;
    for bytes in [[0; 32], order, [0xff; 32]] {
        assert_eq!(AdaptorSecret::from_byte_array(bytes).err(), Some(AdaptorValueError::Secret));
    }
    for bytes in [[0; 33], [2; 33].map(|_: u8| 0xff)] {
        assert_eq!(AdaptorPoint::from_byte_array(bytes), Err(AdaptorValueError::Point));
    }
    let made =
        presign(&key([1; 32]), &sighash([2; 32]), &AdaptorPoint(key([3; 32]).keypair().public_key()), 1);
    let mut bytes = made.presignature().to_byte_array();
    bytes[33..].copy_from_slice(&order);
    assert_eq!(Presignature::from_byte_array(&bytes), Err(AdaptorValueError::Scalar));
    bytes[64] -= 1;
    assert!(Presignature::from_byte_array(&bytes).is_ok());
    bytes[33..].copy_from_slice(&[0; 32]);
    assert!(Presignature::from_byte_array(&bytes).is_ok());
    bytes[0] = 4;
    assert_eq!(Presignature::from_byte_array(&bytes), Err(AdaptorValueError::Point));
}

#[test]
fn the_challenge_is_reduced_modulo_the_order() {
    let mut above = constants::CURVE_ORDER;
    assert_eq!(reduce(above).to_be_bytes(), [0; 32]);
    above[31] += 5;
    let mut five = [0; 32];
    five[31] = 5;
    assert_eq!(reduce(above).to_be_bytes(), five);
    assert_eq!(reduce(five).to_be_bytes(), five);
    // 2^256 - 1 - n, by the oracle
    let highest = musig2::secp::MaybeScalar::reduce_from(&[0xff; 32]).serialize();
    assert_eq!(reduce([0xff; 32]).to_be_bytes(), highest);
}

#[test]
fn nonces_differ_by_draw_and_by_message_point_and_key() {
    let entropy = Entropy::from_byte_array([7; 32]);
    let points = [[3; 32], [4; 32]].map(|bytes| AdaptorSecret::from_byte_array(bytes).unwrap().point());
    let mut nonces = HashSet::new();
    let mut one_source = source(1);
    for _ in 0..100 {
        let made =
            Presignature::sign(&key([1; 32]), &sighash([2; 32]), &points[0], &mut one_source, &entropy);
        nonces.insert(made.unwrap().presignature.nonce.combine(&points[0].0.negate()).unwrap());
    }
    // as after a restart with the same salt and entropy: the first draw again, for something else
    for (secret, message, point) in [(1, 3, points[0]), (1, 2, points[1]), (2, 2, points[0])] {
        let made = presign(&key([secret; 32]), &sighash([message; 32]), &point, 1);
        nonces.insert(made.presignature.nonce.combine(&point.0.negate()).unwrap());
    }
    assert_eq!(nonces.len(), 103);
}

#[test]
fn what_a_presignature_is_made_of_does_something_when_dropped() {
    assert!(!core::mem::needs_drop::<SecretKey>());
    assert!(core::mem::needs_drop::<Erased>() && core::mem::needs_drop::<AdaptorSecret>());
}

/// The same signature whoever adapts it, and no other: `s` is fixed by the presignature and the secret.
#[test]
fn a_negated_signature_is_not_valid_and_gives_nothing_away() {
    let (key, message) = (key([1; 32]), sighash([2; 32]));
    for salt in 0..8 {
        let adaptor = AdaptorSecret::from_byte_array([3; 32]).unwrap();
        let made = presign(&key, &message, &adaptor.point(), salt);
        let mut bytes = made.adapt(&adaptor).unwrap().serialize();
        let s = SecretKey::from_secret_bytes(bytes[32..].try_into().unwrap()).unwrap();
        bytes[32..].copy_from_slice(&s.negate().to_secret_bytes());
        let negated = schnorr::Signature::from_slice(&bytes).unwrap();
        assert!(!is_valid(&negated, &message, &key));
        assert_eq!(made.extract(&negated).err(), Some(ExtractError::Unrelated));
        // s' - t instead of s' + t: the wrong sign of a secret
        let wrong = AdaptorSecret(adaptor.0.negate());
        assert_eq!(made.adapt(&wrong), Err(AdaptError::OtherSecret));
    }
}
