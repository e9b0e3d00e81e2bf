//! The format of the file: made whole under another name, checked before use, refused when it is of another version.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::index::Totals;
use super::{beside, read, sync_folder};
use crate::{Damage, OpenError, Place};

/// "TAPC": marks the file as ours.
const APPLICATION: i64 = 0x5441_5043;
/// The first format. A later version of this crate migrates it or says why not; a file of a later format is refused.
const FORMAT: i64 = 1;
/// What every SQLite file begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Bytes 18 to 23 of a file with a write-ahead log: format 2 to write and to read, no reserved space, and the three
/// fractions that are the same in every SQLite file.
const FIXED: [u8; 6] = [2, 2, 0, 64, 32, 32];

const TABLES: &str = "
    CREATE TABLE totals (
        id INTEGER PRIMARY KEY CHECK (id = 0), generation INTEGER NOT NULL, commits INTEGER NOT NULL,
        suspect INTEGER NOT NULL, rows BLOB NOT NULL, tip_height INTEGER, tip_hash BLOB, checksum BLOB NOT NULL
    ) STRICT;
    CREATE TABLE snapshots (
        id INTEGER PRIMARY KEY, slot BLOB NOT NULL, version INTEGER NOT NULL, bytes BLOB NOT NULL, checksum BLOB NOT NULL
    ) STRICT;
    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY, slot BLOB NOT NULL, number INTEGER NOT NULL, kind INTEGER NOT NULL,
        bytes BLOB NOT NULL, checksum BLOB NOT NULL
    ) STRICT;";

/// Makes an empty store. It gets its name only when it is complete and durable.
pub(super) fn create(path: &Path) -> Result<(), OpenError> {
    let draft = beside(path, "-new");
    for left_over in [draft.clone(), beside(&draft, "-wal")] {
        if let Err(error) = fs::remove_file(&left_over)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            return Err(OpenError::io(left_over, error));
        }
    }
    private_file(&draft).map_err(|error| OpenError::io(&draft, error))?;
    let connection = connect(&draft)?;
    let write = || {
        connection.execute_batch(TABLES)?;
        connection.pragma_update(None, "application_id", APPLICATION)?;
        connection.pragma_update(None, "user_version", FORMAT)?;
        super::writer::insert_totals(&connection, &Totals::default())
    };
    write().map_err(|error| read::open_error(path, error))?;
    connection.close().map_err(|(_, error)| read::open_error(path, error))?;
    let synced = File::open(&draft).and_then(|file| file.sync_all()).and_then(|()| fs::rename(&draft, path));
    synced.map_err(|error| OpenError::io(path, error))?;
    sync_folder(path)
}

/// An empty file that only its owner may read: states tell who was paid what. The log takes over the permissions.
fn private_file(path: &Path) -> Result<(), std::io::Error> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Opens the database after looking at what SQLite would take on trust.
pub(super) fn open(path: &Path) -> Result<Connection, OpenError> {
    check_header(path)?;
    let connection = connect(path)?;
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let numbers = pragma("application_id").and_then(|application| Ok((application, pragma("user_version")?)));
    match numbers.map_err(|error| read::open_error(path, error))? {
        (APPLICATION, FORMAT) => {}
        (APPLICATION, found) => {
            return Err(OpenError::Format { path: path.to_owned(), found, supported: FORMAT });
        }
        _ => return Err(damaged(path, Place::Header)),
    }
    check_structure(&connection, path)?;
    Ok(connection)
}

fn connect(path: &Path) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connect = || {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection.pragma_update(None, "cell_size_check", true)?;
        let mode = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
        if connection.pragma_update_and_check(None, "journal_mode", "WAL", mode)? != "wal" {
            return Err(rusqlite::Error::InvalidQuery);
        }
        connection.pragma_update(None, "synchronous", "FULL")?;
        Ok(connection)
    };
    connect().map_err(|error| read::open_error(path, error))
}

/// SQLite takes an empty file for a new database, and a short one for whole when it need not read the rest.
fn check_header(path: &Path) -> Result<(), OpenError> {
    let mut header = Vec::with_capacity(100);
    let file = File::open(path).map_err(|error| OpenError::io(path, error))?;
    let found = file.metadata().map_err(|error| OpenError::io(path, error))?.len();
    file.take(100).read_to_end(&mut header).map_err(|error| OpenError::io(path, error))?;
    if header.len() < 100 || !header.starts_with(MAGIC) || header[18..24] != FIXED {
        return Err(damaged(path, Place::Header));
    }
    let page = match u64::from(u16::from_be_bytes([header[16], header[17]])) {
        1 => 65_536,
        size => size,
    };
    let pages = u32::from_be_bytes([header[28], header[29], header[30], header[31]]);
    let expected = page * u64::from(pages);
    // With a log, a checkpoint may have been cut short, and the log holds the pages.
    let has_log = beside(path, "-wal").metadata().is_ok_and(|log| log.len() > 0);
    if found < expected && !has_log {
        return Err(damaged(path, Place::End { expected, found }));
    }
    Ok(())
}

fn check_structure(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let check = || connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0));
    match check().map_err(|error| read::open_error(path, error))? {
        fine if fine == "ok" => Ok(()),
        words => Err(damaged(path, Place::Structure(words))),
    }
}

fn damaged(path: &Path, place: Place) -> OpenError {
    Damage { path: path.to_owned(), place }.into()
}
