//! The keys of the vectors, and signatures made the way the vectors make theirs.

use bitcoin::TapNodeHash;
use bitcoin::secp256k1::PublicKey;

use secp256k1::schnorr;

use crate::SigningKey;
use crate::keys::{Basepoint, KeySecret};
use crate::signer::tweaked_keypair;

/// The randomness of every BIP 340 signature in the vectors.
const NO_AUXILIARY: [u8; 32] = [0; 32];

/// A secret that a vector gives.
pub(super) struct VectorKey(KeySecret);

impl VectorKey {
    pub(super) fn new(secret: [u8; 32]) -> Self {
        Self(KeySecret::from_bytes(&secret).unwrap())
    }

    pub(super) fn secret(&self) -> [u8; 32] {
        *self.0.as_bytes()
    }

    pub(super) fn public(&self) -> PublicKey {
        self.0.public_key()
    }

    pub(super) fn key_secret(&self) -> KeySecret {
        KeySecret::from_bytes(self.0.as_bytes()).unwrap()
    }

    pub(super) fn signing_key(&self) -> SigningKey {
        self.0.signing_key()
    }

    /// The key of one commitment, for a basepoint's secret (BOLT 3).
    pub(super) fn at(self, per_commitment_point: &PublicKey) -> Self {
        Self(Basepoint::new(self.0).at_point(per_commitment_point).unwrap())
    }

    /// The key of a Taproot output's key path, whose tree has this root (BIP 341).
    pub(super) fn tap_tweaked(&self, root: Option<TapNodeHash>) -> Self {
        let tweaked = tweaked_keypair(&self.signing_key(), root).unwrap();
        Self::new(tweaked.to_secret_bytes())
    }

    /// 64 bytes of BIP 340.
    pub(super) fn schnorr(&self, digest: &[u8; 32]) -> [u8; 64] {
        let key = self.signing_key();
        schnorr::sign_with_aux_rand(digest, key.keypair(), &NO_AUXILIARY).to_byte_array()
    }
}
