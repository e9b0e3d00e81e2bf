//! The SQLite backend: the suite, and what the tests of damage, power cuts and processes share.
#![allow(clippy::unwrap_used, reason = "tests")]

mod damage;
mod generations;
mod power;
mod processes;

use std::fs;

use channel_core::ChannelId;
use channel_core::persist::{OutboxId, Outgoing, Slot, commit};

use super::*;
use crate::conformance::{self, CHECKS, run};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn created() -> Self {
        let folder = Self::new();
        drop(SqliteStore::create(folder.path()).unwrap());
        folder
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("channels.db")
    }
}

impl conformance::Place for Folder {
    type Store = SqliteStore;

    fn open(&self) -> Result<SqliteStore, OpenError> {
        SqliteStore::open(self.path())
    }
}

#[test]
fn sqlite_conforms() {
    assert_eq!(run(Folder::created), CHECKS);
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_a_store() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::created();
    let store = SqliteStore::open(folder.path()).unwrap();
    step(&store, 0);
    for file in [folder.path(), beside(&folder.path(), "-wal")] {
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
    }
}

/// The bytes of a store's files; `None` for one that is not there.
#[derive(Clone)]
struct Image {
    database: Vec<u8>,
    log: Option<Vec<u8>>,
    generation: Vec<u8>,
}

impl Image {
    /// What a power cut now would leave, if everything written so far has been synced.
    fn of(path: &Path) -> Self {
        Self {
            database: fs::read(path).unwrap(),
            log: fs::read(beside(path, "-wal")).ok(),
            generation: fs::read(generation::file(path)).unwrap(),
        }
    }

    /// Puts the files into a new folder.
    fn restore(&self) -> Folder {
        let folder = Folder::new();
        let path = folder.path();
        fs::write(&path, &self.database).unwrap();
        fs::write(generation::file(&path), &self.generation).unwrap();
        if let Some(log) = &self.log {
            fs::write(beside(&path, "-wal"), log).unwrap();
        }
        folder
    }

    fn load(&self) -> Result<Contents, OpenError> {
        let folder = self.restore();
        let store = SqliteStore::open(folder.path())?;
        Ok(store.load().unwrap())
    }
}

fn slot(tag: u8) -> Slot {
    Slot::Channel(ChannelId::from_bytes([tag; 32]))
}

/// Step `number` of a history: two channels change together, and the message says so.
fn step(store: &SqliteStore, number: u32) {
    let contents = store.load().unwrap();
    let (first, second) = (slot(u8::try_from(number % 5).unwrap()), slot(9));
    let bytes =
        |tag: u8| [&number.to_be_bytes()[..], &vec![tag; 300 + (number as usize * 97) % 900]].concat();
    let mut record = Record::build()
        .snapshot(first.clone(), contents.version(&first), bytes(1))
        .and_then(|record| record.snapshot(second.clone(), contents.version(&second), bytes(2)))
        .and_then(|record| {
            record.queue(OutboxId { slot: second.clone(), number }, Outgoing::Message(bytes(3)))
        })
        .unwrap();
    if let Some(done) = number.checked_sub(3) {
        record = record.acknowledge(OutboxId { slot: second, number: done }).unwrap();
    }
    let _token = commit(store, record.finish()).unwrap();
}

/// A closed store after twenty steps, and what it holds.
fn history() -> (Image, Contents) {
    let folder = Folder::created();
    let store = SqliteStore::open(folder.path()).unwrap();
    (0..20).for_each(|number| step(&store, number));
    let contents = store.load().unwrap();
    drop(store);
    (Image::of(&folder.path()), contents)
}

/// Numbers that look random and are the same in every run (SplitMix64).
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap()
    }
}
