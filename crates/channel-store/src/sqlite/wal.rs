//! The write-ahead log, read before SQLite does.
//!
//! SQLite stops at the first frame whose checksum is wrong and forgets what follows: right for the torn end of a power
//! cut, but a flipped bit in the middle would silently take back transactions that were durable. Each transaction is
//! synced before the next begins, so a power cut can tear only the last one: frames of a *later* transaction behind a bad
//! frame mean damage, as long as no torn end of an earlier run is left in the log: opening empties it. What cannot be told from a power cut is damage to the last transaction itself.
//! Format: <https://www.sqlite.org/fileformat2.html#the_write_ahead_log>.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::{beside, read};
use crate::{Damage, OpenError, Place};

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
const MAGIC: u32 = 0x377f_0682;

/// Refuses a log in which something durable is damaged.
pub(super) fn check(path: &Path) -> Result<(), OpenError> {
    let name = beside(path, "-wal");
    let log = match fs::read(&name) {
        Ok(log) => log,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(OpenError::io(name, error)),
    };
    match damage(&log) {
        None => Ok(()),
        Some(place) => Err(Damage { path: path.to_owned(), place }.into()),
    }
}

/// Moves the log into the database and cuts it to nothing. What a power cut left behind its last whole transaction would
/// otherwise stay, be partly overwritten, and after a second cut look like damage.
pub(super) fn empty(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let checkpoint =
        || connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    match checkpoint().map_err(|error| read::open_error(path, error))? {
        0 => Ok(()),
        _ => Err(OpenError::InUse(path.to_owned())),
    }
}

fn damage(log: &[u8]) -> Option<Place> {
    // A log that was never written: empty, or room without content. Its header is synced before its first frame.
    if log.len() <= HEADER || log.iter().all(|byte| *byte == 0) {
        return None;
    }
    let (header, frames) = log.split_at(HEADER);
    let big_endian = word(header, 0) & 1 == 1;
    let sum = checksum([0; 2], &header[..24], big_endian);
    if word(header, 0) & !1 != MAGIC || sum != [word(header, 24), word(header, 28)] {
        return Some(Place::LogHeader);
    }
    let page = word(header, 8) as usize;
    if !page.is_power_of_two() || !(512..=65_536).contains(&page) {
        return Some(Place::LogHeader);
    }
    let salts = [word(header, 16), word(header, 20)];
    first_damaged_frame(frames.chunks_exact(FRAME_HEADER + page), salts, sum, big_endian).map(Place::LogFrame)
}

/// Frames behind a bad one that belong to this log, by their salts: once one of them ends a transaction, a further one
/// was written after a sync that the bad frame should have been part of.
fn first_damaged_frame<'a>(
    frames: impl Iterator<Item = &'a [u8]>,
    salts: [u32; 2],
    mut sum: [u32; 2],
    big_endian: bool,
) -> Option<u64> {
    let mut bad = None;
    let mut transaction_ended = false;
    for (number, frame) in (1..).zip(frames) {
        let ours = [word(frame, 8), word(frame, 12)] == salts;
        let ends = word(frame, 4) != 0;
        if let Some(bad) = bad {
            if ours && transaction_ended {
                return Some(bad);
            }
            transaction_ended |= ours && ends;
            continue;
        }
        sum = checksum(checksum(sum, &frame[..8], big_endian), &frame[FRAME_HEADER..], big_endian);
        if !ours || sum != [word(frame, 16), word(frame, 20)] {
            bad = Some(number);
            // The bad frame may itself have been the end of its transaction.
            transaction_ended = ours && ends;
        }
    }
    None
}

/// SQLite's running checksum over pairs of words.
fn checksum([mut first, mut second]: [u32; 2], bytes: &[u8], big_endian: bool) -> [u32; 2] {
    let read = |four: &[u8]| {
        let four = [four[0], four[1], four[2], four[3]];
        if big_endian { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }
    };
    for eight in bytes.chunks_exact(8) {
        first = first.wrapping_add(read(&eight[..4])).wrapping_add(second);
        second = second.wrapping_add(read(&eight[4..])).wrapping_add(first);
    }
    [first, second]
}

/// The big-endian word at `offset`.
fn word(bytes: &[u8], offset: usize) -> u32 {
    u32::from_be_bytes([bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3]])
}
