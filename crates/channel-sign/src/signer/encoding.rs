//! The stored form of a signing record.
//!
//! ```text
//! 1 byte        version, 1
//! 8 bytes       the number below which our commitments are revoked, big-endian, at most 2^48
//! 1 byte        1 if a state digest follows, else 0
//!   8 bytes     its sequence number
//!   32 bytes    the digest
//! 4 bytes       how many funding outputs follow, each:
//!   36 bytes    outpoint
//!   1 or 41     of the peer's commitment: 0, or 1 with number (8 bytes) and digest (32 bytes)
//!   1 or 41     of ours
//! 4 bytes       length of the peer's secrets, which follow in a form of their own
//! ```

use alloc::vec::Vec;

use bitcoin::hashes::Hash;
use bitcoin::{OutPoint, Txid};
use channel_core::CommitmentNumber;
use thiserror::Error;

use super::SigningRecord;
use super::record::{Digest, FundingRecord};
use crate::shachain::{DecodeSecretsError, RevealedSecrets};

const VERSION: u8 = 1;

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
    /// The peer's secrets are damaged.
    #[error(transparent)]
    Secrets(#[from] DecodeSecretsError),
}

impl SigningRecord {
    /// The stored form. One record has one form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::from([VERSION]);
        bytes.extend_from_slice(&self.revealed.to_be_bytes());
        put_signed(&mut bytes, self.state);
        let count = u32::try_from(self.fundings.len()).expect("fewer funding outputs than 2^32");
        bytes.extend_from_slice(&count.to_be_bytes());
        for (funding, record) in &self.fundings {
            bytes.extend_from_slice(funding.txid.as_ref());
            bytes.extend_from_slice(&funding.vout.to_be_bytes());
            for signed in [record.countersigned, record.completed] {
                put_signed(&mut bytes, signed.map(|(number, digest)| (number.to_u64(), digest)));
            }
        }
        let secrets = self.peer_secrets.to_bytes();
        let length = u32::try_from(secrets.len()).expect("49 secrets at most");
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&secrets);
        bytes
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`DecodeRecordError`] for anything this program did not write itself.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeRecordError> {
        let mut reader = Reader { bytes, at: 0 };
        let [version] = reader.take()?;
        if version != VERSION {
            return Err(DecodeRecordError::UnknownVersion { found: version });
        }
        let revealed = u64::from_be_bytes(reader.take()?);
        if revealed > CommitmentNumber::MAX.to_u64() + 1 {
            return Err(reader.damaged());
        }
        let mut record = Self { revealed, state: reader.signed()?, ..Self::default() };
        let mut last = None;
        for _ in 0..u32::from_be_bytes(reader.take()?) {
            let (funding, signed) = reader.funding()?;
            if last.is_some_and(|last| last >= funding) {
                return Err(reader.damaged());
            }
            last = Some(funding);
            record.fundings.insert(funding, signed);
        }
        let length = u32::from_be_bytes(reader.take()?);
        let secrets = reader.rest(length)?;
        record.peer_secrets = RevealedSecrets::from_bytes(secrets)?;
        Ok(record)
    }
}

fn put_signed(bytes: &mut Vec<u8>, signed: Option<(u64, Digest)>) {
    let Some((number, digest)) = signed else {
        bytes.push(0);
        return;
    };
    bytes.push(1);
    bytes.extend_from_slice(&number.to_be_bytes());
    bytes.extend_from_slice(&digest);
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    const fn damaged(&self) -> DecodeRecordError {
        DecodeRecordError::Damaged { at: self.at }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], DecodeRecordError> {
        let end = self.at.checked_add(N).ok_or(self.damaged())?;
        let taken = self.bytes.get(self.at..end).and_then(|bytes| bytes.try_into().ok());
        let taken = taken.ok_or(self.damaged())?;
        self.at = end;
        Ok(taken)
    }

    fn signed(&mut self) -> Result<Option<(u64, Digest)>, DecodeRecordError> {
        let at = self.damaged();
        match self.take()? {
            [0] => Ok(None),
            [1] => Ok(Some((u64::from_be_bytes(self.take()?), self.take()?))),
            _ => Err(at),
        }
    }

    fn numbered(&mut self) -> Result<Option<(CommitmentNumber, Digest)>, DecodeRecordError> {
        let at = self.damaged();
        let Some((number, digest)) = self.signed()? else { return Ok(None) };
        let number = CommitmentNumber::new(number).map_err(|_| at)?;
        Ok(Some((number, digest)))
    }

    fn funding(&mut self) -> Result<(OutPoint, FundingRecord), DecodeRecordError> {
        let txid = Txid::from_byte_array(self.take()?);
        let vout = u32::from_be_bytes(self.take()?);
        let record = FundingRecord { countersigned: self.numbered()?, completed: self.numbered()? };
        Ok((OutPoint { txid, vout }, record))
    }

    /// All that is left, if it has this length.
    fn rest(&mut self, length: u32) -> Result<&'a [u8], DecodeRecordError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if u32::try_from(rest.len()) == Ok(length) { Ok(rest) } else { Err(self.damaged()) }
    }
}
