//! The stored form of revealed secrets.
//!
//! ```text
//! 1 byte    version, 1
//! 8 bytes   how many secrets have been revealed, big-endian, at most 2^48
//! 32 bytes  for each bucket in use, from bucket 0 up
//! 4 bytes   the start of the SHA-256 hash of all before: a damaged bucket would be noticed at the penalty only
//! ```

use alloc::vec::Vec;

use bitcoin::hashes::{Hash, sha256};
use channel_core::CommitmentNumber;
use thiserror::Error;

use super::RevealedSecrets;

const VERSION: u8 = 1;
const HEADER: usize = 9;
const CHECKSUM: usize = 4;

/// Bytes are not the stored form of revealed secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeSecretsError {
    /// Not a version this program knows.
    #[error("version {found} of the stored secrets is unknown")]
    UnknownVersion {
        /// The version found.
        found: u8,
    },
    /// More secrets than a channel has commitments.
    #[error("{count} secrets are more than a channel has commitments")]
    Count {
        /// The count found.
        count: u64,
    },
    /// Too few bytes or too many for the count.
    #[error("the stored secrets take {expected} bytes, not {found}")]
    Length {
        /// The bytes the count asks for.
        expected: usize,
        /// The bytes found.
        found: usize,
    },
    /// The bytes have been damaged.
    #[error("the stored secrets do not match their checksum")]
    Checksum,
}

impl RevealedSecrets {
    /// The stored form: 13 bytes and 32 for each bucket in use, 1,581 at most. One state has one form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(encoded_length(self.buckets.len()));
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.count.to_be_bytes());
        self.buckets.iter().for_each(|secret| bytes.extend_from_slice(secret));
        let checksum = checksum(&bytes);
        bytes.extend_from_slice(&checksum);
        bytes
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// Any of [`DecodeSecretsError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeSecretsError> {
        let too_short = DecodeSecretsError::Length { expected: HEADER + CHECKSUM, found: bytes.len() };
        let (&version, _) = bytes.split_first().ok_or(too_short)?;
        if version != VERSION {
            return Err(DecodeSecretsError::UnknownVersion { found: version });
        }
        let (header, rest) = bytes.split_first_chunk::<HEADER>().ok_or(too_short)?;
        let [_, count @ ..] = *header;
        let count = u64::from_be_bytes(count);
        if count > CommitmentNumber::MAX.to_u64() + 1 {
            return Err(DecodeSecretsError::Count { count });
        }
        let in_use = Self::buckets_in_use(count);
        let length = DecodeSecretsError::Length { expected: encoded_length(in_use), found: bytes.len() };
        let (secrets, sum) = rest.split_last_chunk::<CHECKSUM>().ok_or(length)?;
        let (buckets, []) = secrets.as_chunks::<32>() else { return Err(length) };
        if buckets.len() != in_use {
            return Err(length);
        }
        if checksum(&bytes[..bytes.len() - CHECKSUM]) != *sum {
            return Err(DecodeSecretsError::Checksum);
        }
        Ok(Self { count, buckets: buckets.to_vec() })
    }
}

const fn encoded_length(buckets: usize) -> usize {
    HEADER + 32 * buckets + CHECKSUM
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    let [a, b, c, d, ..] = sha256::Hash::hash(bytes).to_byte_array();
    [a, b, c, d]
}
