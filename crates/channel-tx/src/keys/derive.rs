//! Keys of one commitment, derived from a basepoint and a per-commitment point (BOLT 3, "Key Derivation").

use bitcoin::hashes::{Hash, HashEngine, sha256};
use bitcoin::secp256k1::PublicKey;

use super::{KeyError, Point};

/// `SHA256(per_commitment_point || basepoint)`: what is added to a basepoint, or to its secret, to make the key of one
/// commitment.
pub fn public_key_tweak(per_commitment_point: &PublicKey, basepoint: &PublicKey) -> [u8; 32] {
    hash_points(&per_commitment_point.serialize(), &basepoint.serialize())
}

/// The two factors of a revocation key: of the revocation basepoint, `SHA256(revocation_basepoint ||
/// per_commitment_point)`, and of the per-commitment point, with both points exchanged.
pub fn revocation_tweaks(
    revocation_basepoint: &PublicKey,
    per_commitment_point: &PublicKey,
) -> ([u8; 32], [u8; 32]) {
    let (basepoint, point) = (revocation_basepoint.serialize(), per_commitment_point.serialize());
    (hash_points(&basepoint, &point), hash_points(&point, &basepoint))
}

/// `basepoint + SHA256(per_commitment_point || basepoint) * G`: the `local_delayedpubkey`, `local_htlcpubkey` and
/// `remote_htlcpubkey` of a commitment.
///
/// # Errors
/// [`KeyError::InvalidTweak`] when the sum is not a key, which happens by chance once in 2^128 times.
pub fn derive_public_key(
    basepoint: &PublicKey,
    per_commitment_point: &PublicKey,
) -> Result<PublicKey, KeyError> {
    public_key(&Point::new(basepoint), &Point::new(per_commitment_point)).map(Point::to_public_key)
}

/// The `revocationpubkey` of a commitment: `revocation_basepoint * SHA256(revocation_basepoint ||
/// per_commitment_point) + per_commitment_point * SHA256(per_commitment_point || revocation_basepoint)`.
///
/// # Errors
/// [`KeyError::InvalidTweak`] when the sum is not a key, which happens by chance once in 2^128 times.
pub fn derive_revocation_key(
    revocation_basepoint: &PublicKey,
    per_commitment_point: &PublicKey,
) -> Result<PublicKey, KeyError> {
    revocation_key(&Point::new(revocation_basepoint), &Point::new(per_commitment_point))
        .map(Point::to_public_key)
}

pub(super) fn public_key(basepoint: &Point, per_commitment_point: &Point) -> Result<Point, KeyError> {
    basepoint.add_tweak(hash_points(&per_commitment_point.serialize(), &basepoint.serialize()))
}

pub(super) fn revocation_key(
    revocation_basepoint: &Point,
    per_commitment_point: &Point,
) -> Result<Point, KeyError> {
    let (basepoint, point) = (revocation_basepoint.serialize(), per_commitment_point.serialize());
    let theirs = revocation_basepoint.mul_tweak(hash_points(&basepoint, &point))?;
    let ours = per_commitment_point.mul_tweak(hash_points(&point, &basepoint))?;
    theirs.combine(ours)
}

fn hash_points(first: &[u8; 33], second: &[u8; 33]) -> [u8; 32] {
    let mut engine = sha256::Hash::engine();
    engine.input(first);
    engine.input(second);
    sha256::Hash::from_engine(engine).to_byte_array()
}
