//! ECDSA signatures of the segwit formats.

use bitcoin::secp256k1::ecdsa::Signature;
use secp256k1::{Message, ecdsa};

use super::funding::EcdsaGrinding;
use crate::SigningKey;

pub(super) fn sign(key: &SigningKey, digest: [u8; 32], grinding: EcdsaGrinding) -> Signature {
    let (message, secret) = (Message::from_digest(digest), key.keypair().secret_key());
    let signature = match grinding {
        EcdsaGrinding::LowR => ecdsa::sign_low_r(message, &secret),
        EcdsaGrinding::None => ecdsa::sign(message, &secret),
    };
    let signature = Signature::from_compact(&signature.serialize_compact());
    signature.expect("a signature of one library is one of the other")
}

pub(super) fn verify(key: &secp256k1::PublicKey, digest: [u8; 32], signature: &Signature) -> bool {
    let signature = ecdsa::Signature::from_compact(&signature.serialize_compact());
    signature.is_ok_and(|signature| signature.verify(Message::from_digest(digest), key).is_ok())
}
