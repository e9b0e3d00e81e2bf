//! Compare and set: when a record does not fit what is stored. One rule for every backend.

use channel_core::persist::{OutboxId, Record, Slot, SnapshotVersion, Tip};

/// A record was made from something other than what is stored. Nothing of it was stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Conflict {
    /// The slot has another version.
    #[error("{slot} is stored at version {stored}, the record expects {expected}: load it again")]
    Version {
        /// Whose state.
        slot: Slot,
        /// What the record was made from.
        expected: SnapshotVersion,
        /// What is stored.
        stored: SnapshotVersion,
    },
    /// The outbox holds an entry of that name.
    #[error("outbox entry {} of {} is still to be sent and cannot be replaced", .0.number, .0.slot)]
    Outbox(OutboxId),
    /// The tip is another block.
    #[error("the tip is not the block that the record moves it from: load it again")]
    Tip {
        /// What the record was made from.
        expected: Option<Tip>,
        /// What is stored.
        stored: Option<Tip>,
    },
}

/// What a backend knows of its contents without reading them.
pub(crate) trait Stored {
    fn version(&self, slot: &Slot) -> SnapshotVersion;
    fn has_entry(&self, id: &OutboxId) -> bool;
    fn tip(&self) -> Option<Tip>;
}

/// Whether `record` fits what is stored.
pub(crate) fn check(stored: &impl Stored, record: &Record) -> Result<(), Conflict> {
    for write in record.snapshots() {
        let version = stored.version(&write.slot);
        if version != write.expected {
            return Err(Conflict::Version {
                slot: write.slot.clone(),
                expected: write.expected,
                stored: version,
            });
        }
    }
    if let Some(taken) = record.queued().iter().find(|entry| stored.has_entry(&entry.id)) {
        return Err(Conflict::Outbox(taken.id.clone()));
    }
    match record.tip() {
        Some(change) if change.from != stored.tip() => {
            Err(Conflict::Tip { expected: change.from, stored: stored.tip() })
        }
        _ => Ok(()),
    }
}
