//! Reading: every row is checked against its checksum, all of them against the totals.

use std::path::Path;

use channel_core::bitcoin::BlockHash;
use channel_core::bitcoin::hashes::Hash;
use channel_core::persist::{SnapshotVersion, Tip};
use rusqlite::{Connection, ErrorCode};

use super::checksum::{self, Checksum};
use super::index::{Index, Row, Totals};
use crate::error::Cause;
use crate::{Contents, Damage, OpenError, Place, ReadError, Snapshot};

/// Reads and checks all rows; keeps where they are.
pub(super) fn index(connection: &Connection, path: &Path) -> Result<Index, ReadError> {
    Ok(all(connection, path)?.0)
}

/// Reads and checks all rows; keeps what they say.
pub(super) fn contents(connection: &Connection, path: &Path) -> Result<Contents, ReadError> {
    Ok(all(connection, path)?.1)
}

fn all(connection: &Connection, path: &Path) -> Result<(Index, Contents), ReadError> {
    let mut reader =
        Reader { path, index: Index::default(), contents: Contents::default(), sum: Checksum::default() };
    reader.totals(connection)?;
    reader.snapshots(connection)?;
    reader.outbox(connection)?;
    if reader.sum != reader.index.totals.rows {
        return Err(reader.damage(Place::Totals));
    }
    reader.contents.tip = reader.index.totals.tip;
    Ok((reader.index, reader.contents))
}

struct Reader<'a> {
    path: &'a Path,
    index: Index,
    contents: Contents,
    sum: Checksum,
}

impl Reader<'_> {
    fn totals(&mut self, connection: &Connection) -> Result<(), ReadError> {
        let sql = "SELECT generation, commits, suspect, rows, tip_height, tip_hash, checksum FROM totals WHERE id = 0";
        let read = connection.query_row(sql, [], |row| {
            let tip: (Option<u32>, Option<[u8; 32]>) = (row.get(4)?, row.get(5)?);
            let totals = Totals {
                generation: row.get(0)?,
                commits: row.get(1)?,
                suspect: row.get(2)?,
                rows: Checksum::from_bytes(&row.get::<_, [u8; 16]>(3)?).unwrap_or_default(),
                tip: match tip {
                    (Some(height), Some(hash)) => {
                        Some(Tip { height, hash: BlockHash::from_byte_array(hash) })
                    }
                    _ => None,
                },
            };
            Ok((totals, row.get::<_, [u8; 16]>(6)?))
        });
        match read {
            Ok((totals, checksum)) if totals.checksum().to_bytes() == checksum => {
                self.index.totals = totals;
                Ok(())
            }
            Err(error) if !is_content(&error) => Err(self.failed(error)),
            _ => Err(self.damage(Place::Totals)),
        }
    }

    fn snapshots(&mut self, connection: &Connection) -> Result<(), ReadError> {
        let sql = "SELECT id, slot, version, bytes, checksum FROM snapshots ORDER BY id";
        let mut statement = connection.prepare(sql).map_err(|error| self.failed(error))?;
        let mut rows = statement.query([]).map_err(|error| self.failed(error))?;
        while let Some(row) = rows.next().map_err(|error| self.failed(error))? {
            let number = row.get(0).map_err(|error| self.failed(error))?;
            let read = || Ok::<_, rusqlite::Error>((row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?));
            let unreadable = |_| self.damage(Place::Row { table: "snapshots", row: number });
            let (slot, version, bytes, stored): (Vec<u8>, i64, Vec<u8>, Vec<u8>) =
                read().map_err(unreadable)?;
            let checksum = Checksum::snapshot(number, &slot, version, &bytes);
            let version = u64::try_from(version).ok().and_then(SnapshotVersion::new);
            let (Some(slot), Some(version)) = (checksum::decode(&slot), version) else {
                return Err(self.damage(Place::Row { table: "snapshots", row: number }));
            };
            let row = Row { number, checksum };
            let twice = self.index.snapshots.insert(slot.clone(), (row, version)).is_some();
            if twice || Checksum::from_bytes(&stored) != Some(checksum) {
                return Err(self.damage(Place::Snapshot(slot)));
            }
            self.sum.toggle(checksum);
            self.contents.snapshots.insert(slot, Snapshot { version, bytes });
        }
        Ok(())
    }

    fn outbox(&mut self, connection: &Connection) -> Result<(), ReadError> {
        let sql = "SELECT id, slot, number, kind, bytes, checksum FROM outbox ORDER BY id";
        let mut statement = connection.prepare(sql).map_err(|error| self.failed(error))?;
        let mut rows = statement.query([]).map_err(|error| self.failed(error))?;
        while let Some(row) = rows.next().map_err(|error| self.failed(error))? {
            let number = row.get(0).map_err(|error| self.failed(error))?;
            let columns = || {
                Ok::<_, rusqlite::Error>((row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
            };
            let unreadable = |_| self.damage(Place::Row { table: "outbox", row: number });
            let (slot, place, kind, bytes, stored): (Vec<u8>, i64, i64, Vec<u8>, Vec<u8>) =
                columns().map_err(unreadable)?;
            let Some((id, outgoing)) = checksum::entry(&slot, place, kind, bytes) else {
                return Err(self.damage(Place::Row { table: "outbox", row: number }));
            };
            let checksum = Checksum::entry(number, &slot, id.number, outgoing.kind(), outgoing.bytes());
            let twice = self.index.outbox.insert(id.clone(), Row { number, checksum }).is_some();
            if twice || Checksum::from_bytes(&stored) != Some(checksum) {
                return Err(self.damage(Place::Entry(id)));
            }
            self.index.next_entry = number + 1;
            self.sum.toggle(checksum);
            self.contents.outbox.insert(id, outgoing);
        }
        Ok(())
    }

    fn damage(&self, place: Place) -> ReadError {
        Damage { path: self.path.to_owned(), place }.into()
    }

    fn failed(&self, error: rusqlite::Error) -> ReadError {
        read_error(self.path, error)
    }
}

/// The row is there or not, but does not hold what it should.
fn is_content(error: &rusqlite::Error) -> bool {
    !matches!(error, rusqlite::Error::SqliteFailure(..))
}

/// What SQLite says, told apart: a damaged file, or a file that cannot be used now.
pub(super) fn read_error(path: &Path, error: rusqlite::Error) -> ReadError {
    // Our statements are fixed: one that SQLite cannot make sense of meets tables that are not what they were.
    let code = match &error {
        rusqlite::Error::SqlInputError { .. } => Some(ErrorCode::DatabaseCorrupt),
        error => error.sqlite_error_code(),
    };
    match code {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::Unknown) => {
            Damage { path: path.to_owned(), place: Place::Structure(error.to_string()) }.into()
        }
        Some(ErrorCode::NotADatabase) => Damage { path: path.to_owned(), place: Place::Header }.into(),
        _ => ReadError::Failed { path: path.to_owned(), source: Cause::new(error) },
    }
}

pub(super) fn open_error(path: &Path, error: rusqlite::Error) -> OpenError {
    read_error(path, error).into()
}

impl From<ReadError> for OpenError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Damaged(damage) => damage.into(),
            ReadError::Failed { path, source } => Self::Io { path, source },
        }
    }
}
