//! What the writer keeps in memory of every row: enough to compare and set without reading the database.

use std::collections::{BTreeMap, HashMap};

use channel_core::persist::{OutboxId, Slot, SnapshotVersion, Tip};

use super::checksum::Checksum;
use crate::conflict::Stored;

/// Where a row is and what it adds to the total.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) number: i64,
    pub(super) checksum: Checksum,
}

/// The rows of an open store.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) snapshots: HashMap<Slot, (Row, SnapshotVersion)>,
    pub(super) outbox: BTreeMap<OutboxId, Row>,
    pub(super) next_entry: i64,
    pub(super) totals: Totals,
}

/// The one row that sums up the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Totals {
    /// Counted up at each opening.
    pub(super) generation: i64,
    /// Transactions so far.
    pub(super) commits: i64,
    /// 1 from a disagreement of the generations until it is accepted.
    pub(super) suspect: i64,
    pub(super) rows: Checksum,
    pub(super) tip: Option<Tip>,
}

impl Totals {
    pub(super) fn checksum(&self) -> Checksum {
        Checksum::totals([self.generation, self.commits, self.suspect], self.rows, self.tip)
    }
}

impl Stored for Index {
    fn version(&self, slot: &Slot) -> SnapshotVersion {
        self.snapshots.get(slot).map_or(SnapshotVersion::ABSENT, |(_, version)| *version)
    }

    fn has_entry(&self, id: &OutboxId) -> bool {
        self.outbox.contains_key(id)
    }

    fn tip(&self) -> Option<Tip> {
        self.totals.tip
    }
}
