//! One per-commitment secret.

use core::fmt;

use bitcoin::secp256k1::PublicKey;
use zeroize::Zeroizing;

use crate::keys::{KeySecret, NotASecretKey};

/// The secret that revokes one commitment when it is revealed.
///
/// Until then it must stay secret: with it the other party can take the whole channel when that commitment confirms. It
/// is erased from memory when dropped, does not print itself and cannot be cloned:
///
/// ```compile_fail,E0599
/// # use channel_sign::shachain::PerCommitmentSecret;
/// let copy = PerCommitmentSecret::from_bytes([1; 32]).clone();
/// ```
pub struct PerCommitmentSecret(Zeroizing<[u8; 32]>);

impl PerCommitmentSecret {
    /// A secret received from the peer (`revoke_and_ack.per_commitment_secret`).
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(super) fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The 32 bytes as they are sent.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The `per_commitment_point` that belongs to the secret.
    ///
    /// # Errors
    /// [`NotASecretKey`] when the bytes are zero or beyond the group order. A peer that sends such a secret is
    /// breaking the protocol.
    pub fn point(&self) -> Result<PublicKey, NotASecretKey> {
        self.key().map(|key| key.public_key())
    }

    pub(crate) fn key(&self) -> Result<KeySecret, NotASecretKey> {
        KeySecret::from_bytes(&self.0)
    }
}

impl fmt::Debug for PerCommitmentSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PerCommitmentSecret").finish_non_exhaustive()
    }
}
