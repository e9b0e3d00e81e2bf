//! The keys of the vectors, and signatures made the way the vectors make theirs.

use bitcoin::hashes::Hash;
use bitcoin::secp256k1::PublicKey;
use bitcoin::{TapNodeHash, TapTweakHash};
use channel_tx::keys::public_key_tweak;
use secp256k1::{Keypair, Message, Scalar, SecretKey, ecdsa, schnorr};

/// The randomness of every BIP 340 signature in the vectors.
const NO_AUXILIARY: [u8; 32] = [0; 32];

/// A secret that a vector gives.
pub(super) struct VectorKey(SecretKey);

impl VectorKey {
    pub(super) fn new(secret: [u8; 32]) -> Self {
        Self(SecretKey::from_secret_bytes(secret).unwrap())
    }

    pub(super) fn secret(&self) -> [u8; 32] {
        self.0.to_secret_bytes()
    }

    pub(super) fn public(&self) -> PublicKey {
        PublicKey::from_slice(&self.0.public_key().serialize()).unwrap()
    }

    /// The key of one commitment, for a basepoint's secret (BOLT 3).
    pub(super) fn at(&self, per_commitment_point: &PublicKey) -> Self {
        let tweak = public_key_tweak(per_commitment_point, &self.public());
        Self(self.0.add_tweak(&Scalar::from_be_bytes(tweak).unwrap()).unwrap())
    }

    /// The key of a Taproot output's key path, whose tree has this root (BIP 341).
    pub(super) fn tap_tweaked(&self, root: Option<TapNodeHash>) -> Self {
        let (internal, _) = self.public().x_only_public_key();
        let tweak = TapTweakHash::from_key_and_tweak(internal, root).to_byte_array();
        let tweaked =
            Keypair::from_secret_key(&self.0).add_xonly_tweak(&Scalar::from_be_bytes(tweak).unwrap());
        Self(tweaked.unwrap().secret_key())
    }

    /// 64 bytes of BIP 340.
    pub(super) fn schnorr(&self, digest: &[u8; 32]) -> [u8; 64] {
        schnorr::sign_with_aux_rand(digest, &Keypair::from_secret_key(&self.0), &NO_AUXILIARY).to_byte_array()
    }

    /// RFC 6979 without grinding for a low R, in DER.
    pub(super) fn ecdsa(&self, digest: [u8; 32]) -> alloc::vec::Vec<u8> {
        ecdsa::sign(Message::from_digest(digest), &self.0).serialize_der().to_vec()
    }
}
