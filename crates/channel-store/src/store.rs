//! The port: what a place must offer to hold channels, beyond making records durable.

use std::collections::BTreeMap;

use channel_core::persist::{OutboxId, Outgoing, Persist, Slot, SnapshotVersion, Tip};

use crate::{ReadError, WriteError};

/// A place that holds the state of channels, opened by this process alone.
///
/// Records are stored through [`Persist`], by way of [`channel_core::persist::commit`], which returns the token that
/// opens what the record seals. A record is stored completely or not at all. Whatever a backend answers must hold after
/// a power cut; the suite in `conformance` (feature `conformance`) says in tests what that means.
pub trait Store: Persist<Error = WriteError> + Send + Sync {
    /// Everything that is stored, every row checked.
    ///
    /// # Errors
    /// [`ReadError`] names the row that does not hold what was written. Nothing is returned in part.
    fn load(&self) -> Result<Contents, ReadError>;

    /// What the generation file beside the store said when the store was opened.
    fn generation(&self) -> Generation;

    /// Takes the store's own word for good after [`Generation::Disagrees`], and makes that durable. To be called only
    /// after the channels have been stored as recovering: until then each start disagrees again.
    ///
    /// # Errors
    /// [`WriteError`] when it could not be stored; the disagreement then stays.
    fn accept_generation(&self) -> Result<(), WriteError>;
}

/// Everything a store holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contents {
    /// The state of each slot.
    pub snapshots: BTreeMap<Slot, Snapshot>,
    /// What is still to be sent, in order within each slot.
    pub outbox: BTreeMap<OutboxId, Outgoing>,
    /// The block up to which everything has been processed.
    pub tip: Option<Tip>,
}

impl Contents {
    /// The version of a slot; [`SnapshotVersion::ABSENT`] when nothing is stored.
    pub fn version(&self, slot: &Slot) -> SnapshotVersion {
        self.snapshots.get(slot).map_or(SnapshotVersion::ABSENT, |snapshot| snapshot.version)
    }
}

/// The state of one slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// How many times the slot has been written.
    pub version: SnapshotVersion,
    /// The encoded state.
    pub bytes: Vec<u8>,
}

/// Whether the store is the one that was used last, as far as can be told from the file beside it.
///
/// A store that was restored from an older copy may hold revoked states. A copy of store and file together, or one
/// taken and put back within one run that did not end cleanly, looks like the original: only the peer can tell then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// Store and file agree.
    Agrees,
    /// They do not, or the file is missing: no channel may sign or broadcast until its peer has proved the heights.
    Disagrees,
}
