//! Records as channels make them: 512 bytes of state, ten thousand channels in turn.

use channel_core::ChannelId;
use channel_core::persist::{Record, Slot, SnapshotVersion, commit_all};
use channel_store::Store;

/// Bytes of a channel's state.
pub(crate) const STATE: usize = 512;
/// Channels of the fleet.
const CHANNELS: usize = 10_000;
/// Callers that wait at the same time.
pub(crate) const CALLERS: usize = 100;

/// Makes the next records, each one version on.
pub(crate) struct Records {
    versions: Vec<SnapshotVersion>,
    turn: usize,
}

impl Records {
    /// Stores every channel once, so that what is measured are updates.
    pub(crate) fn fill(store: &impl Store) -> Self {
        let mut records = Self { versions: vec![SnapshotVersion::ABSENT; CHANNELS], turn: 0 };
        let stored = commit_all(store, records.next(CHANNELS));
        assert!(stored.iter().all(Result::is_ok), "an empty store takes every channel");
        records
    }

    /// The next `count` records. A stride spreads neighbours over the file.
    pub(crate) fn next(&mut self, count: usize) -> Vec<Record> {
        (0..count).map(|_| self.update(self.turn * 7_919 % CHANNELS)).collect()
    }

    /// The next `count` records of one caller, who has channels of its own.
    pub(crate) fn of(&mut self, caller: usize, count: usize) -> Vec<Record> {
        let own = CHANNELS / CALLERS;
        (0..count).map(|turn| self.update(caller * own + turn % own)).collect()
    }

    fn update(&mut self, channel: usize) -> Record {
        self.turn += 1;
        let expected = self.versions[channel];
        self.versions[channel] = expected.next().expect("far from the last");
        let mut id = [0; 32];
        id[..8].copy_from_slice(&(channel as u64).to_be_bytes());
        let slot = Slot::Channel(ChannelId::from_bytes(id));
        let state = vec![u8::try_from(self.turn % 251).expect("below 251"); STATE];
        Record::build().snapshot(slot, expected, state).expect("one slot").finish()
    }
}
