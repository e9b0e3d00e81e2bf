//! Tests of MuSig2: what sessions do and refuse, that nonces differ, and agreement with the oracle library and with the
//! official vectors.

mod bip327;
mod bip340;
mod commitments;
mod encoding;
mod nonces;
mod oracle;
mod sessions;

use bitcoin::TapSighash;
use bitcoin::hashes::Hash;
use bitcoin::secp256k1::{self, schnorr};
use channel_tx::keys::AggregateKey;

use super::{Cosigner, NonceRole, NonceSource, SecretNonce};
use crate::{Entropy, SigningKey};

pub(super) fn entropy(byte: u8) -> Entropy {
    Entropy::from_byte_array([byte; 32])
}

pub(super) fn source(byte: u8) -> NonceSource {
    NonceSource::new(entropy(byte))
}

pub(super) fn message(byte: u8) -> TapSighash {
    TapSighash::from_byte_array([byte; 32])
}

pub(super) fn key(byte: u8) -> SigningKey {
    SigningKey::from_byte_array([byte; 32]).unwrap()
}

/// Both parties of the funding output of two secret keys.
pub(super) fn parties(first: [u8; 32], second: [u8; 32]) -> [Cosigner; 2] {
    let keys = [first, second].map(|secret| SigningKey::from_byte_array(secret).unwrap());
    let aggregate = AggregateKey::new(keys[0].public_key(), keys[1].public_key()).unwrap();
    keys.map(|key| Cosigner::new(key, aggregate.clone()).unwrap())
}

pub(super) fn verification_nonce(cosigner: &Cosigner, source: &mut NonceSource) -> SecretNonce {
    let aggregate = Some(cosigner.aggregate());
    source.ahead(cosigner.key(), aggregate, NonceRole::Verification, &entropy(9)).unwrap()
}

/// BIP 340 by the other version of the library.
pub(super) fn is_valid(signature: &schnorr::Signature, message: &TapSighash, cosigner: &Cosigner) -> bool {
    let secp = secp256k1::Secp256k1::verification_only();
    let message = secp256k1::Message::from_digest(message.to_byte_array());
    secp.verify_schnorr(signature, &message, &cosigner.aggregate().output_key()).is_ok()
}
