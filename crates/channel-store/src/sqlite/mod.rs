//! A store in one SQLite file: WAL, `synchronous=FULL`, one writer thread, one sync for every record that waits.
//!
//! | file | what it is |
//! |---|---|
//! | `name` | the database; each row with a checksum, all checksums in one total |
//! | `name-wal` | SQLite's write-ahead log, checked before SQLite reads it |
//! | `name-generation` | which run used the store last, so that a restored copy is noticed |
//! | `name-lock` | held by the process that has the store open |

mod checksum;
mod generation;
mod index;
mod lock;
mod read;
mod schema;
mod wal;
mod writer;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use channel_core::persist::{Persist, Record};

use self::lock::Lock;
use self::writer::Writer;
use crate::{Contents, Generation, OpenError, ReadError, Store, WriteError};

/// A store in one SQLite file, opened by this process alone.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Writer,
    generation: Generation,
    /// Released last, after the writer has closed the database.
    _lock: Lock,
}

impl SqliteStore {
    /// Makes an empty store at `path`, durable before this returns.
    ///
    /// # Errors
    /// [`OpenError::Exists`] when there is anything at `path` or beside it that belongs to a store.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let lock = Lock::take(path)?;
        for taken in [path.to_owned(), beside(path, "-wal"), generation::file(path)] {
            if taken.symlink_metadata().is_ok() {
                return Err(OpenError::Exists(taken));
            }
        }
        schema::create(path)?;
        generation::create(path)?;
        Self::start(path, lock)
    }

    /// Opens the store at `path` and checks all of it: structure, every row, and the totals.
    ///
    /// # Errors
    /// [`OpenError`]: nothing was changed. A store that is missing or damaged is never replaced.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref();
        if path.symlink_metadata().is_err() {
            return Err(OpenError::Missing(path.to_owned()));
        }
        let lock = Lock::take(path)?;
        Self::start(path, lock)
    }

    fn start(path: &Path, lock: Lock) -> Result<Self, OpenError> {
        wal::check(path)?;
        let connection = schema::open(path)?;
        let index = read::index(&connection, path)?;
        wal::empty(&connection, path)?;
        let (index, generation) = generation::enter(&connection, path, index)?;
        let writer = Writer::start(connection, index, path)?;
        Ok(Self { writer, generation, _lock: lock })
    }
}

impl Persist for SqliteStore {
    type Error = WriteError;

    fn write(&self, records: Vec<Record>) -> Vec<Result<(), WriteError>> {
        self.writer.write(records)
    }
}

impl Store for SqliteStore {
    fn load(&self) -> Result<Contents, ReadError> {
        self.writer.load()
    }

    fn generation(&self) -> Generation {
        self.generation
    }

    fn accept_generation(&self) -> Result<(), WriteError> {
        self.writer.accept()
    }
}

/// The file that belongs to the store at `path` and has `suffix` after its name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes the names in the folder of `path` durable.
fn sync_folder(path: &Path) -> Result<(), OpenError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let synced = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| OpenError::io(folder, error))
}
