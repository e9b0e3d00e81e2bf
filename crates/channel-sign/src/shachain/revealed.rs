//! What the other party has revealed, in 49 buckets.

use alloc::vec::Vec;
use core::fmt;

use bitcoin::secp256k1::PublicKey;
use channel_core::CommitmentNumber;
use thiserror::Error;
use zeroize::Zeroizing;

use super::{PerCommitmentSecret, SecretIndex, child, descend};

/// All secrets the other party has revealed so far, compact (BOLT 3, "Efficient Per-commitment Secret Storage").
///
/// Bucket `b` holds the newest secret whose index ends in exactly `b` zero bits; the secrets that follow from a newer
/// one are not kept. Since secrets come in order, the count tells which buckets are in use and which index each holds.
///
/// The type can be cloned, unlike the others here: both parties know these secrets, and they are worth nothing without
/// the revocation basepoint's secret. It does not print them all the same.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct RevealedSecrets {
    pub(super) count: u64,
    pub(super) buckets: Vec<[u8; 32]>,
}

/// A secret is refused. What was stored before is unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InsertSecretError {
    /// All 2^48 secrets have been revealed: the channel can have no further commitment.
    #[error("every commitment number of the channel has been used up")]
    Exhausted,
    /// Secrets come one by one, in the order of the commitments.
    #[error("the secret of commitment {expected} is due, not that of {found}", expected = .expected.to_u64(), found = .found.to_u64())]
    OutOfOrder {
        /// The commitment whose secret is due.
        expected: CommitmentNumber,
        /// The commitment whose secret was given.
        found: CommitmentNumber,
    },
    /// The secret and one received earlier do not come from one seed.
    #[error("the secret of commitment {number} contradicts that of commitment {earlier}", number = .number.to_u64(), earlier = .earlier.to_u64())]
    Inconsistent {
        /// The commitment whose secret was given.
        number: CommitmentNumber,
        /// The commitment whose stored secret does not follow from it.
        earlier: CommitmentNumber,
    },
    /// The bytes are no secret key, or one of another point than the peer announced for this commitment.
    #[error("the secret of commitment {number} does not belong to the point announced for it", number = .number.to_u64())]
    WrongPoint {
        /// The commitment whose secret was given.
        number: CommitmentNumber,
    },
}

impl RevealedSecrets {
    /// The most buckets that are ever in use.
    pub const MAX_BUCKETS: usize = 49;

    /// Nothing revealed yet.
    pub const fn new() -> Self {
        Self { count: 0, buckets: Vec::new() }
    }

    /// The commitment whose secret is due next, or `None` when every number has been used.
    pub fn next(&self) -> Option<CommitmentNumber> {
        CommitmentNumber::new(self.count).ok()
    }

    /// Takes in what a `revoke_and_ack` reveals: the secret must belong to the `announced` per-commitment point of the
    /// commitment, and agree with every secret received before.
    ///
    /// # Errors
    /// Any of [`InsertSecretError`]; the peer is breaking the protocol then.
    pub fn accept(
        &mut self,
        number: CommitmentNumber,
        secret: &PerCommitmentSecret,
        announced: &PublicKey,
    ) -> Result<(), InsertSecretError> {
        self.check(number, secret)?;
        if secret.point().as_ref() != Ok(announced) {
            return Err(InsertSecretError::WrongPoint { number });
        }
        self.store(number, secret);
        Ok(())
    }

    /// Takes in a secret without its point (BOLT 3, `insert_secret`). Use [`accept`](Self::accept) for what comes from
    /// a peer.
    ///
    /// A secret whose index ends in `n` zero bits is checked against `n` earlier ones. Every second secret is checked
    /// against none, but the one after it then is checked against it.
    ///
    /// # Errors
    /// Any of [`InsertSecretError`] but [`WrongPoint`](InsertSecretError::WrongPoint).
    pub fn insert(
        &mut self,
        number: CommitmentNumber,
        secret: &PerCommitmentSecret,
    ) -> Result<(), InsertSecretError> {
        self.check(number, secret)?;
        self.store(number, secret);
        Ok(())
    }

    /// The secret of the commitment `number`, or `None` when it has not been revealed yet.
    pub fn secret(&self, number: CommitmentNumber) -> Option<PerCommitmentSecret> {
        if number.to_u64() >= self.count {
            return None;
        }
        let index = SecretIndex::from(number).to_u64();
        // The node above `index` that is deepest in the tree needs the fewest hashes, so the lowest bucket comes first.
        (0u32..).zip(&self.buckets).find_map(|(bucket, node)| {
            let above = self.index_in(bucket) >> bucket == index >> bucket;
            above.then(|| PerCommitmentSecret::new(descend(node, bucket, index)))
        })
    }

    fn check(&self, number: CommitmentNumber, secret: &PerCommitmentSecret) -> Result<(), InsertSecretError> {
        let expected = self.next().ok_or(InsertSecretError::Exhausted)?;
        if number != expected {
            return Err(InsertSecretError::OutOfOrder { expected, found: number });
        }
        // Bucket `b` below the depth holds the index that differs from the new one in bit `b` alone, so each check is
        // one step down from the new secret.
        let index = SecretIndex::from(number);
        for (bit, stored) in (0..index.depth()).zip(&self.buckets) {
            let derived = Zeroizing::new(child(secret.as_bytes(), bit));
            if *derived != *stored {
                let earlier = SecretIndex::new(index.to_u64() | 1 << bit);
                let earlier = earlier.expect("a bit below the depth is one of the 48").commitment_number();
                return Err(InsertSecretError::Inconsistent { number, earlier });
            }
        }
        Ok(())
    }

    /// Stores a secret that was checked.
    fn store(&mut self, number: CommitmentNumber, secret: &PerCommitmentSecret) {
        let bucket = SecretIndex::from(number).depth() as usize;
        match self.buckets.get_mut(bucket) {
            Some(stored) => *stored = *secret.as_bytes(),
            // Commitment 2^b - 1 is the first to end in b one bits, so a new bucket is always the next one.
            None => self.buckets.push(*secret.as_bytes()),
        }
        self.count += 1;
    }

    /// The index that `bucket` holds: of the newest commitment whose number ends in exactly `bucket` one bits.
    fn index_in(&self, bucket: u32) -> u64 {
        let newer = (self.count - (1 << bucket)) % (1 << (bucket + 1));
        SecretIndex::FIRST.to_u64() - (self.count - 1 - newer)
    }

    /// How many buckets are in use after `count` secrets.
    pub(super) const fn buckets_in_use(count: u64) -> usize {
        (u64::BITS - count.leading_zeros()) as usize
    }
}

impl fmt::Debug for RevealedSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevealedSecrets").field("count", &self.count).finish_non_exhaustive()
    }
}
