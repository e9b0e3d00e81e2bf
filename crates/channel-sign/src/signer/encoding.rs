//! The stored form of a signing record.
//!
//! ```text
//! 1 byte        version, 1
//! 1 byte        1 after a close was signed, else 0
//! 8 bytes       the number below which our commitments are revoked, big-endian, at most 2^48
//! 1 or 33       what all funding outputs have in common: 0, or 1 with its hash
//! 1 or 41       the state digest: 0, or 1 with sequence number (8 bytes) and digest (32 bytes)
//! 1 byte        how many points of the peer follow, each:
//!   8 bytes     number of the commitment
//!   33 bytes    point
//! 4 bytes       how many funding outputs follow, each:
//!   36 bytes    outpoint
//!   1 byte      1 if it was removed, else 0
//!   32 bytes    the identity of its commitments
//!   1 or 57     of the peer's commitment: 0, or 1 with number (8), digest (32), our balance (8), HTLCs (8 bytes)
//!   1 or 57     of ours
//! 4 bytes       length of the peer's secrets, which follow in a form of their own
//! 4 bytes       the start of the SHA-256 hash of all before
//! ```

use alloc::vec::Vec;

use bitcoin::hashes::{Hash, sha256};
use bitcoin::secp256k1::PublicKey;
use bitcoin::{OutPoint, Txid};
use channel_core::{CommitmentNumber, Msat};
use thiserror::Error;

use super::SigningRecord;
use super::record::{FundingRecord, Phase, SignedCommitment, Standing};
use crate::shachain::{DecodeSecretsError, RevealedSecrets};

const VERSION: u8 = 1;
const CHECKSUM: usize = 4;

/// Bytes are not a signing record. Nothing is to be signed for the channel then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeRecordError {
    /// Not a version this program knows.
    #[error("version {found} of the signing record is unknown; it was written by a newer program")]
    UnknownVersion {
        /// The version found.
        found: u8,
    },
    /// The bytes end early, go on too long, or hold a value that is none.
    #[error("the signing record is damaged at byte {at}")]
    Damaged {
        /// The offset, in bytes.
        at: usize,
    },
    /// The bytes were changed.
    #[error("the signing record does not match its checksum")]
    Checksum,
    /// The peer's secrets are damaged.
    #[error(transparent)]
    Secrets(#[from] DecodeSecretsError),
}

impl SigningRecord {
    /// The stored form. One record has one form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::from([VERSION, u8::from(self.phase == Phase::Closing)]);
        bytes.extend_from_slice(&self.revealed.to_be_bytes());
        put(&mut bytes, self.channel, |bytes, hash| bytes.extend_from_slice(&hash));
        put(&mut bytes, self.state, |bytes, (seq, digest)| {
            bytes.extend_from_slice(&seq.to_be_bytes());
            bytes.extend_from_slice(&digest);
        });
        bytes.push(u8::try_from(self.peer_points.len()).expect("two points at most"));
        for (number, point) in &self.peer_points {
            bytes.extend_from_slice(&number.to_u64().to_be_bytes());
            bytes.extend_from_slice(&point.serialize());
        }
        let count = u32::try_from(self.fundings.len()).expect("fewer funding outputs than 2^32");
        bytes.extend_from_slice(&count.to_be_bytes());
        for (funding, record) in &self.fundings {
            put_funding(&mut bytes, *funding, record);
        }
        let secrets = self.peer_secrets.to_bytes();
        let length = u32::try_from(secrets.len()).expect("49 secrets at most");
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&secrets);
        let checksum = checksum(&bytes);
        bytes.extend_from_slice(&checksum);
        bytes
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`DecodeRecordError`] for anything this program did not write itself.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeRecordError> {
        match bytes.first() {
            Some(&VERSION) => {}
            Some(&found) => return Err(DecodeRecordError::UnknownVersion { found }),
            None => return Err(DecodeRecordError::Damaged { at: 0 }),
        }
        let Some((content, sum)) = bytes.split_last_chunk::<CHECKSUM>() else {
            return Err(DecodeRecordError::Damaged { at: bytes.len() });
        };
        if checksum(content) != *sum {
            return Err(DecodeRecordError::Checksum);
        }
        Reader { bytes: content, at: 1 }.record()
    }
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    let [a, b, c, d, ..] = sha256::Hash::hash(bytes).to_byte_array();
    [a, b, c, d]
}

fn put<T>(bytes: &mut Vec<u8>, value: Option<T>, encode: impl FnOnce(&mut Vec<u8>, T)) {
    bytes.push(u8::from(value.is_some()));
    if let Some(value) = value {
        encode(bytes, value);
    }
}

fn put_funding(bytes: &mut Vec<u8>, funding: OutPoint, record: &FundingRecord) {
    bytes.extend_from_slice(funding.txid.as_ref());
    bytes.extend_from_slice(&funding.vout.to_be_bytes());
    bytes.push(u8::from(record.standing == Standing::Removed));
    bytes.extend_from_slice(&record.builder);
    for signed in [record.countersigned, record.completed] {
        put(bytes, signed, |bytes, signed| {
            bytes.extend_from_slice(&signed.number.to_u64().to_be_bytes());
            bytes.extend_from_slice(&signed.digest);
            bytes.extend_from_slice(&signed.ours.to_msat().to_be_bytes());
            bytes.extend_from_slice(&signed.in_flight.to_msat().to_be_bytes());
        });
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

type Read<T> = Result<T, DecodeRecordError>;

impl<'a> Reader<'a> {
    fn record(mut self) -> Read<SigningRecord> {
        let closing = self.flag()?;
        let revealed = u64::from_be_bytes(self.take()?);
        if revealed > CommitmentNumber::MAX.to_u64() + 1 {
            return Err(self.damaged());
        }
        let mut record = SigningRecord {
            phase: if closing { Phase::Closing } else { Phase::Open },
            revealed,
            channel: self.optional(Self::take)?,
            state: self.optional(|reader| Ok((u64::from_be_bytes(reader.take()?), reader.take()?)))?,
            ..SigningRecord::default()
        };
        let [points] = self.take()?;
        for _ in 0..points {
            let number = self.number()?;
            let at = self.damaged();
            let point = PublicKey::from_slice(&self.take::<33>()?).map_err(|_| at)?;
            if record.peer_points.insert(number, point).is_some() {
                return Err(at);
            }
        }
        let mut last = None;
        for _ in 0..u32::from_be_bytes(self.take()?) {
            let at = self.damaged();
            let (funding, signed) = self.funding()?;
            if last.is_some_and(|last| last >= funding) {
                return Err(at);
            }
            last = Some(funding);
            record.fundings.insert(funding, signed);
        }
        let length = u32::from_be_bytes(self.take()?);
        record.peer_secrets = RevealedSecrets::from_bytes(self.rest(length)?)?;
        Ok(record)
    }

    const fn damaged(&self) -> DecodeRecordError {
        DecodeRecordError::Damaged { at: self.at }
    }

    fn take<const N: usize>(&mut self) -> Read<[u8; N]> {
        let end = self.at.checked_add(N).ok_or(self.damaged())?;
        let taken = self.bytes.get(self.at..end).and_then(|bytes| bytes.try_into().ok());
        let taken = taken.ok_or(self.damaged())?;
        self.at = end;
        Ok(taken)
    }

    fn flag(&mut self) -> Read<bool> {
        let at = self.damaged();
        match self.take()? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(at),
        }
    }

    fn optional<T>(&mut self, decode: impl FnOnce(&mut Self) -> Read<T>) -> Read<Option<T>> {
        if self.flag()? { decode(self).map(Some) } else { Ok(None) }
    }

    fn number(&mut self) -> Read<CommitmentNumber> {
        let at = self.damaged();
        CommitmentNumber::new(u64::from_be_bytes(self.take()?)).map_err(|_| at)
    }

    fn signed(&mut self) -> Read<SignedCommitment> {
        Ok(SignedCommitment {
            number: self.number()?,
            digest: self.take()?,
            ours: Msat::from_msat(u64::from_be_bytes(self.take()?)),
            in_flight: Msat::from_msat(u64::from_be_bytes(self.take()?)),
        })
    }

    fn funding(&mut self) -> Read<(OutPoint, FundingRecord)> {
        let txid = Txid::from_byte_array(self.take()?);
        let vout = u32::from_be_bytes(self.take()?);
        let record = FundingRecord {
            standing: if self.flag()? { Standing::Removed } else { Standing::Active },
            builder: self.take()?,
            countersigned: self.optional(Self::signed)?,
            completed: self.optional(Self::signed)?,
        };
        Ok((OutPoint { txid, vout }, record))
    }

    /// All that is left, if it has this length.
    fn rest(&mut self, length: u32) -> Read<&'a [u8]> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if u32::try_from(rest.len()) == Ok(length) { Ok(rest) } else { Err(self.damaged()) }
    }
}
