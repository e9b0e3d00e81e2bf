//! A store in memory: for tests and trials. It keeps the rules of the port but outlives no process.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use channel_core::persist::{OutboxId, Persist, Record, Slot, SnapshotVersion, Tip};

use crate::conflict::{Stored, check};
use crate::{Contents, Generation, OpenError, ReadError, Snapshot, Store, WriteError};

/// What stays when a [`MemoryStore`] is closed: the disk of a test.
#[derive(Debug, Default, Clone)]
pub struct MemoryDisk(Arc<Mutex<Disk>>);

#[derive(Debug, Default)]
struct Disk {
    contents: Contents,
    is_open: bool,
}

impl MemoryDisk {
    /// Opens the store on this disk.
    ///
    /// # Errors
    /// [`OpenError::InUse`] while another store on it is alive.
    pub fn open(&self) -> Result<MemoryStore, OpenError> {
        let mut disk = lock(&self.0);
        if std::mem::replace(&mut disk.is_open, true) {
            return Err(OpenError::InUse(PathBuf::from("memory")));
        }
        drop(disk);
        Ok(MemoryStore(Arc::clone(&self.0)))
    }
}

/// A store in memory.
#[derive(Debug)]
pub struct MemoryStore(Arc<Mutex<Disk>>);

impl Drop for MemoryStore {
    fn drop(&mut self) {
        lock(&self.0).is_open = false;
    }
}

impl Persist for MemoryStore {
    type Error = WriteError;

    fn write(&self, records: Vec<Record>) -> Vec<Result<(), WriteError>> {
        let contents = &mut lock(&self.0).contents;
        let mut write = |record: &Record| {
            check(contents, record)?;
            apply(contents, record);
            Ok(())
        };
        records.iter().map(&mut write).collect()
    }
}

impl Store for MemoryStore {
    fn load(&self) -> Result<Contents, ReadError> {
        Ok(lock(&self.0).contents.clone())
    }

    fn generation(&self) -> Generation {
        Generation::Agrees
    }

    fn accept_generation(&self) -> Result<(), WriteError> {
        Ok(())
    }
}

impl Stored for Contents {
    fn version(&self, slot: &Slot) -> SnapshotVersion {
        Self::version(self, slot)
    }

    fn has_entry(&self, id: &OutboxId) -> bool {
        self.outbox.contains_key(id)
    }

    fn tip(&self) -> Option<Tip> {
        self.tip
    }
}

fn apply(contents: &mut Contents, record: &Record) {
    for write in record.snapshots() {
        let snapshot = Snapshot { version: write.version, bytes: write.bytes.clone() };
        contents.snapshots.insert(write.slot.clone(), snapshot);
    }
    for entry in record.queued() {
        contents.outbox.insert(entry.id.clone(), entry.outgoing.clone());
    }
    for id in record.acknowledged() {
        contents.outbox.remove(id);
    }
    if let Some(change) = record.tip() {
        contents.tip = Some(change.to);
    }
}

/// A thread that panicked while it held the lock left the contents whole: checking comes before applying.
fn lock(disk: &Mutex<Disk>) -> MutexGuard<'_, Disk> {
    disk.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{CHECKS, Place, run};

    impl Place for MemoryDisk {
        type Store = MemoryStore;

        fn open(&self) -> Result<MemoryStore, OpenError> {
            Self::open(self)
        }
    }

    #[test]
    fn memory_conforms() {
        assert_eq!(run(MemoryDisk::default), CHECKS);
    }
}
