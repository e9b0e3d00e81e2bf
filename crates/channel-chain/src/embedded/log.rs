//! The file behind a chain: every event in order, each sealed by a hash over all before it.
//!
//! ```text
//! header  magic 8 | version 4 | end 8 | seal 32 | check 8     (integers little-endian)
//! record  kind 1 | length 4 | payload | seal 8
//! ```
//!
//! `end` and the header's `seal` say how far the file was acknowledged. Bytes after `end` are a write that was cut off
//! before anyone was told of it, and are dropped; anything else that does not fit is damage and is refused.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use bitcoin::consensus::encode::{deserialize, serialize};
use bitcoin::hashes::{Hash, sha256};
use bitcoin::{Block, BlockHash, Transaction};
use thiserror::Error;

use super::ledger::Mark;

const FILE_NAME: &str = "regtest-chain.log";
const DRAFT_NAME: &str = "regtest-chain.log.new";
const MAGIC: [u8; 8] = *b"tcregtst";
const VERSION: u32 = 1;
const HEADER: usize = 60;
const RECORD_HEADER: usize = 5;
const SEAL: usize = 8;

/// Something that happened to the chain.
#[derive(Debug, Clone)]
pub(super) enum Event {
    Block(Block),
    Mark(BlockHash, Mark),
    Accept(Vec<Transaction>),
}

/// A data directory cannot be opened. Nothing in it is changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file system refuses.
    #[error("the data directory cannot be read or written")]
    Io(#[from] io::Error),
    /// Another process, or another chain of this one, has it open.
    #[error("the data directory is in use")]
    InUse,
    /// It was written by another version.
    #[error("the chain's file has version {found}, this is version {known}")]
    Version {
        /// The version in the file.
        found: u32,
        /// The version that can be read.
        known: u32,
    },
    /// The file is damaged.
    #[error("the chain's file is damaged at byte {offset}")]
    Damaged {
        /// Where the damage shows.
        offset: u64,
    },
}

/// The open file.
#[derive(Debug)]
pub(super) struct Log {
    file: File,
    end: u64,
    seal: [u8; 32],
}

impl Log {
    /// Opens or creates the file in `directory`, and reads its events with the byte at which each begins.
    pub(super) fn open(directory: &Path) -> Result<(Self, Vec<(u64, Event)>), OpenError> {
        std::fs::create_dir_all(directory)?;
        let path = directory.join(FILE_NAME);
        if !path.exists() {
            Self::create(directory)?;
        }
        let mut file = OpenOptions::new().read(true).write(true).open(path)?;
        lock(&file)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let (end, seal) = read_header(&bytes)?;
        let events = read_events(&bytes, end, seal)?;
        Ok((Self { file, end, seal }, events))
    }

    /// Makes the file under another name first, so that a file without a whole header is always damage.
    fn create(directory: &Path) -> Result<(), OpenError> {
        let (draft, path) = (directory.join(DRAFT_NAME), directory.join(FILE_NAME));
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&draft)?;
        lock(&file)?;
        if !path.exists() {
            let mut log = Self { file, end: HEADER as u64, seal: [0; 32] };
            log.write_header()?;
            std::fs::rename(draft, path)?;
            File::open(directory)?.sync_all()?;
        }
        Ok(())
    }

    /// Writes one event; when this returns it is durable.
    pub(super) fn append(&mut self, event: &Event) -> io::Result<()> {
        let (kind, payload) = event.encode();
        let length = u32::try_from(payload.len()).map_err(io::Error::other)?;
        let mut record = vec![kind];
        record.extend(length.to_le_bytes());
        record.extend(payload);
        let seal = next_seal(&self.seal, &record);
        record.extend(&seal[..SEAL]);
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(&record)?;
        self.file.sync_data()?;
        self.end = self.end.saturating_add(record.len() as u64);
        self.seal = seal;
        self.write_header()
    }

    fn write_header(&mut self) -> io::Result<()> {
        let mut header = Vec::with_capacity(HEADER);
        header.extend(MAGIC);
        header.extend(VERSION.to_le_bytes());
        header.extend(self.end.to_le_bytes());
        header.extend(self.seal);
        let check = sha256::Hash::hash(&header).to_byte_array();
        header.extend(&check[..SEAL]);
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&header)?;
        self.file.sync_data()
    }
}

impl Event {
    fn encode(&self) -> (u8, Vec<u8>) {
        match self {
            Self::Block(block) => (1, serialize(block)),
            Self::Mark(hash, Mark::Invalid) => (2, serialize(hash)),
            Self::Mark(hash, Mark::Valid) => (3, serialize(hash)),
            Self::Accept(transactions) => (4, serialize(transactions)),
        }
    }

    fn decode(kind: u8, payload: &[u8]) -> Option<Self> {
        match kind {
            1 => deserialize(payload).ok().map(Self::Block),
            2 => deserialize(payload).ok().map(|hash| Self::Mark(hash, Mark::Invalid)),
            3 => deserialize(payload).ok().map(|hash| Self::Mark(hash, Mark::Valid)),
            4 => deserialize(payload).ok().map(Self::Accept),
            _ => None,
        }
    }
}

fn lock(file: &File) -> Result<(), OpenError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn next_seal(seal: &[u8; 32], record: &[u8]) -> [u8; 32] {
    let mut bytes = seal.to_vec();
    bytes.extend(record);
    sha256::Hash::hash(&bytes).to_byte_array()
}

/// Where the acknowledged part ends, and its seal.
fn read_header(bytes: &[u8]) -> Result<(u64, [u8; 32]), OpenError> {
    let damaged = |offset| OpenError::Damaged { offset };
    let header = bytes.get(..HEADER).ok_or(damaged(bytes.len() as u64))?;
    let (magic, rest) = header.split_first_chunk::<8>().ok_or(damaged(0))?;
    let (version, rest) = rest.split_first_chunk::<4>().ok_or(damaged(8))?;
    let (end, rest) = rest.split_first_chunk::<8>().ok_or(damaged(12))?;
    let (seal, check) = rest.split_first_chunk::<32>().ok_or(damaged(20))?;
    let sealed = sha256::Hash::hash(&header[..HEADER - SEAL]).to_byte_array();
    if *magic != MAGIC || sealed[..SEAL] != *check {
        return Err(damaged(0));
    }
    let found = u32::from_le_bytes(*version);
    if found != VERSION {
        return Err(OpenError::Version { found, known: VERSION });
    }
    Ok((u64::from_le_bytes(*end), *seal))
}

fn read_events(bytes: &[u8], end: u64, last: [u8; 32]) -> Result<Vec<(u64, Event)>, OpenError> {
    let damaged = |offset: usize| OpenError::Damaged { offset: offset as u64 };
    let end = usize::try_from(end).map_err(|_| damaged(12))?;
    let bytes = bytes.get(..end).ok_or(damaged(bytes.len()))?;
    let (mut offset, mut seal, mut events) = (HEADER, [0; 32], Vec::new());
    while offset < end {
        let here = damaged(offset);
        let Some((record, payload_end)) = bytes.get(offset..).and_then(split_record) else {
            return Err(here);
        };
        seal = next_seal(&seal, &record[..payload_end]);
        if record[payload_end..] != seal[..SEAL] {
            return Err(here);
        }
        let Some(event) = Event::decode(record[0], &record[RECORD_HEADER..payload_end]) else {
            return Err(here);
        };
        events.push((offset as u64, event));
        offset += record.len();
    }
    if seal == last { Ok(events) } else { Err(damaged(offset)) }
}

/// The first record of `bytes`, and where its payload ends.
fn split_record(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let length = u32::from_le_bytes(*bytes.get(1..)?.first_chunk::<4>()?);
    let payload_end = RECORD_HEADER.checked_add(usize::try_from(length).ok()?)?;
    Some((bytes.get(..payload_end.checked_add(SEAL)?)?, payload_end))
}
