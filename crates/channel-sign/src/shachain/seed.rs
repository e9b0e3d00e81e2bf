//! The seed of one party's per-commitment secrets.

use core::fmt;

use bitcoin::secp256k1::PublicKey;
use channel_core::CommitmentNumber;
use zeroize::Zeroizing;

use super::{PerCommitmentSecret, SecretIndex, descend};
use crate::keys::NotASecretKey;

/// The seed from which one party makes all its per-commitment secrets of one channel (BOLT 3, `generate_from_seed`).
///
/// [`secret`](Self::secret) gives out any of them: whoever holds the seed must take care to reveal only those of
/// commitments that are replaced. The seed that [`ChannelSecrets`](crate::keys::ChannelSecrets) derives stays inside.
///
/// ```compile_fail,E0599
/// # use channel_sign::shachain::ShachainSeed;
/// let copy = ShachainSeed::from_bytes([1; 32]).clone();
/// ```
pub struct ShachainSeed(Zeroizing<[u8; 32]>);

impl ShachainSeed {
    /// The seed with these bytes: as good as random, used for one channel only.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The secret of the commitment `number`.
    pub fn secret(&self, number: CommitmentNumber) -> PerCommitmentSecret {
        let index = SecretIndex::from(number);
        PerCommitmentSecret::new(descend(&self.0, SecretIndex::BITS, index.to_u64()))
    }

    /// The `per_commitment_point` of the commitment `number`.
    ///
    /// # Errors
    /// [`NotASecretKey`] when the secret is not one of the curve, which happens by chance once in 2^128 times.
    pub fn point(&self, number: CommitmentNumber) -> Result<PublicKey, NotASecretKey> {
        self.secret(number).point()
    }
}

impl fmt::Debug for ShachainSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShachainSeed").finish_non_exhaustive()
    }
}
