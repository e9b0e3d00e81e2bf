//! What can go wrong with a store: what, where, and what to do.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use channel_core::persist::{OutboxId, Slot};

use crate::Conflict;

/// Why a store was not opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no store. One that should be there is never replaced by an empty one.
    #[error("there is no store at {}: create one, or restore a backup if there should be one", .0.display())]
    Missing(PathBuf),
    /// Creating would overwrite something.
    #[error("{} exists: open it, or choose another place", .0.display())]
    Exists(PathBuf),
    /// Another process, or this one, has it open.
    #[error("the store at {} is in use: stop the other process first", .0.display())]
    InUse(PathBuf),
    /// It is not what was written.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// Its format is none that this version reads.
    #[error("the store at {} has format {found}, this version reads {supported}: use the version that wrote it", .path.display())]
    Format {
        /// The store.
        path: PathBuf,
        /// The format it states.
        found: i64,
        /// The format this version writes.
        supported: i64,
    },
    /// The operating system or SQLite refused.
    #[error("{} cannot be used: check the disk and the permissions", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was said.
        source: Cause,
    },
}

#[cfg(feature = "sqlite")]
impl OpenError {
    pub(crate) fn io(path: impl Into<PathBuf>, error: std::io::Error) -> Self {
        Self::Io { path: path.into(), source: Cause::new(error) }
    }
}

/// Why records were not stored.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The record does not fit what is stored.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// Storing failed. Whether the record is on the disk is unknown until the store is opened again.
    #[error("the store at {} cannot be written: freeze its channels, mend the disk, then open it again", .path.display())]
    Failed {
        /// The store.
        path: PathBuf,
        /// What was said.
        source: Cause,
    },
    /// An earlier write failed, so this store takes no more.
    #[error("the store at {} takes no more writes since one failed: open it again", .0.display())]
    Frozen(PathBuf),
}

/// Why nothing was read.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It is not what was written.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// The operating system or SQLite refused.
    #[error("the store at {} cannot be read: check the disk, then open it again", .path.display())]
    Failed {
        /// The store.
        path: PathBuf,
        /// What was said.
        source: Cause,
    },
}

/// A store does not hold what was written to it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store at {} is damaged at {place}: keep the file, restore a backup, and recover its channels with their peers", .path.display())]
pub struct Damage {
    /// The store.
    pub path: PathBuf,
    /// Where.
    pub place: Place,
}

/// Where a store is damaged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// The first bytes: this is no store.
    Header,
    /// The end: the file has fewer bytes than its header counts.
    End {
        /// Bytes the header counts.
        expected: u64,
        /// Bytes there are.
        found: u64,
    },
    /// The structure of the file, in the words of the database.
    Structure(String),
    /// The header of the write-ahead log.
    LogHeader,
    /// A frame of the write-ahead log, counted from 1, that was durable.
    LogFrame(u64),
    /// The state of a slot.
    Snapshot(Slot),
    /// An entry of the outbox.
    Entry(OutboxId),
    /// A row whose key cannot be read.
    Row {
        /// The table.
        table: &'static str,
        /// The row's number.
        row: i64,
    },
    /// The totals: a row is missing, or one is left from the past.
    Totals,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header => f.write_str("its header"),
            Self::End { expected, found } => write!(f, "byte {found} of {expected}, where it ends"),
            Self::Structure(words) => write!(f, "its structure ({words})"),
            Self::LogHeader => f.write_str("the header of its write-ahead log"),
            Self::LogFrame(frame) => write!(f, "frame {frame} of its write-ahead log"),
            Self::Snapshot(slot) => write!(f, "the state of {slot}"),
            Self::Entry(id) => write!(f, "outbox entry {} of {}", id.number, id.slot),
            Self::Row { table, row } => write!(f, "row {row} of table {table}"),
            Self::Totals => f.write_str("its totals (a row is missing or out of date)"),
        }
    }
}

/// What the operating system or the database said; shared by every record that waited for the same sync.
#[derive(Debug, Clone, thiserror::Error)]
#[error(transparent)]
pub struct Cause(Arc<dyn std::error::Error + Send + Sync>);

impl Cause {
    /// Keeps the error behind a shared pointer.
    pub fn new(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self(Arc::new(error))
    }
}
