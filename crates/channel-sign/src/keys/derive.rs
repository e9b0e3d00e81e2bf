//! The secret halves of the keys on one commitment.
//!
//! The tweaks are hashes of public keys, the same that derive the public halves; only what is multiplied and added is
//! secret, and the library does that in constant time.

use bitcoin::secp256k1::PublicKey;
use channel_tx::keys::{public_key_tweak, revocation_tweaks};

use super::{Basepoint, KeySecret, NotASecretKey};
use crate::shachain::PerCommitmentSecret;

impl Basepoint {
    /// The secret of `delayedpubkey` or `htlcpubkey`: `basepoint_secret + SHA256(per_commitment_point || basepoint)`.
    pub(crate) fn at_point(&self, per_commitment_point: &PublicKey) -> Result<KeySecret, NotASecretKey> {
        self.secret.add_tweak(public_key_tweak(per_commitment_point, &self.point))
    }

    /// The secret of `revocationpubkey`, once the other party has revealed its secret of the commitment:
    /// `revocation_basepoint_secret * SHA256(revocation_basepoint || per_commitment_point) + per_commitment_secret *
    /// SHA256(per_commitment_point || revocation_basepoint)`.
    pub(super) fn at_revealed(&self, revealed: &PerCommitmentSecret) -> Result<KeySecret, NotASecretKey> {
        let revealed = revealed.key()?;
        let (ours, theirs) = revocation_tweaks(&self.point, &revealed.public_key());
        self.secret.mul_tweak(ours)?.add(&revealed.mul_tweak(theirs)?)
    }
}
