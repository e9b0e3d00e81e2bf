//! Public keys between the two curve libraries: `bitcoin`'s outside, the newer `secp256k1` with MuSig2 inside.
//!
//! They cross uncompressed: both libraries only check the curve equation then, no square root is taken.

use bitcoin::secp256k1::PublicKey;

/// The key as the signing library has it.
pub(crate) fn from_bitcoin(key: &PublicKey) -> secp256k1::PublicKey {
    let point = secp256k1::PublicKey::from_byte_array_uncompressed(key.serialize_uncompressed());
    point.expect("a public key of one library is one of the other")
}

/// The key as `bitcoin` has it.
pub(crate) fn to_bitcoin(key: &secp256k1::PublicKey) -> PublicKey {
    let key = PublicKey::from_slice(&key.serialize_uncompressed());
    key.expect("a public key of one library is one of the other")
}
