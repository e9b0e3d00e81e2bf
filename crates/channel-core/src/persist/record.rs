//! What one step wants stored, as pure data.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bitcoin::BlockHash;
use bitcoin::hashes::{Hash, HashEngine, sha256};

use crate::ChannelId;

/// Whose snapshot it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// The state of a channel.
    Channel(ChannelId),
    /// Something else that must change together with channels, such as the wallet.
    Named(SlotName),
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channel(channel) => write!(f, "channel {channel}"),
            Self::Named(name) => write!(f, "slot {}", name.as_str()),
        }
    }
}

/// The name of a slot that is not a channel: 1 to 64 of `a-z`, `0-9`, `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlotName(String);

impl SlotName {
    /// Checks the name.
    ///
    /// # Errors
    /// [`RecordError::SlotName`] when it is empty, longer than 64 bytes or has other characters.
    pub fn new(name: &str) -> Result<Self, RecordError> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=64).contains(&name.len()) && name.bytes().all(plain) {
            Ok(Self(name.into()))
        } else {
            Err(RecordError::SlotName)
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How many times a slot has been written. Storing compares it and counts it up, so a writer that has missed a state
/// cannot overwrite it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapshotVersion(u64);

impl SnapshotVersion {
    /// Nothing is stored in the slot yet.
    pub const ABSENT: Self = Self(0);
    /// The last version: 2^63 - 1, the largest integer that SQL databases hold.
    pub const MAX: Self = Self(i64::MAX as u64);

    /// The version with this number, up to [`Self::MAX`].
    pub const fn new(number: u64) -> Option<Self> {
        if number <= Self::MAX.0 { Some(Self(number)) } else { None }
    }

    /// The number.
    pub const fn to_u64(self) -> u64 {
        self.0
    }

    /// The version after this one, unless this is the last.
    pub const fn next(self) -> Option<Self> {
        Self::new(self.0 + 1)
    }
}

impl fmt::Display for SnapshotVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The new state of one slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotWrite {
    /// Whose state.
    pub slot: Slot,
    /// The version that must be stored now; [`SnapshotVersion::ABSENT`] creates the slot.
    pub expected: SnapshotVersion,
    /// The version that this write stores: the next.
    pub version: SnapshotVersion,
    /// The encoded state.
    pub bytes: Vec<u8>,
}

/// What is still to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// A message to the channel's peer.
    Message(Vec<u8>),
    /// A consensus-encoded transaction, or package of them, for the chain.
    Broadcast(Vec<u8>),
}

impl Outgoing {
    /// What goes out, as bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Message(bytes) | Self::Broadcast(bytes) => bytes,
        }
    }

    /// A number for the kind, used in digests and encodings: 0 message, 1 broadcast.
    pub const fn kind(&self) -> u8 {
        match self {
            Self::Message(_) => 0,
            Self::Broadcast(_) => 1,
        }
    }
}

/// Names an entry of the outbox. Entries of one slot go out in the order of their numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutboxId {
    /// Who sends.
    pub slot: Slot,
    /// Counted up by the slot's owner, never used twice.
    pub number: u32,
}

/// An entry of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Its name and place in the order.
    pub id: OutboxId,
    /// What is to be sent.
    pub outgoing: Outgoing,
}

/// The block up to which everything has been processed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tip {
    /// Its height.
    pub height: u32,
    /// Its hash.
    pub hash: BlockHash,
}

/// A step of the tip, forward or, in a reorg, back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TipChange {
    /// The tip that must be stored now.
    pub from: Option<Tip>,
    /// The tip that this change stores.
    pub to: Tip,
}

/// The SHA-256 of everything in a record. Records with one digest store the same, so a token for one is good for the other.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordDigest([u8; 32]);

impl fmt::Display for RecordDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(8).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for RecordDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordDigest({self})")
    }
}

/// Why a record cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// One record says two things about one slot, entry or tip.
    #[error("the record already changes {0}")]
    Twice(Changed),
    /// A slot has used up its versions.
    #[error("{0} has no version left")]
    LastVersion(Slot),
    /// Not a name.
    #[error("a slot name has 1 to 64 of a-z, 0-9 and -")]
    SlotName,
}

/// What a record changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// The state of a slot.
    Snapshot(Slot),
    /// An entry of the outbox.
    Outbox(OutboxId),
    /// The tip.
    Tip,
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Snapshot(slot) => slot.fmt(f),
            Self::Outbox(id) => write!(f, "outbox entry {} of {}", id.number, id.slot),
            Self::Tip => f.write_str("the tip"),
        }
    }
}

/// Everything one step wants stored: snapshots, outbox and tip, all of it or nothing. Immutable once built.
#[must_use = "a record does nothing until it is committed"]
#[derive(Debug, PartialEq, Eq)]
pub struct Record {
    digest: RecordDigest,
    changes: RecordBuilder,
}

impl Record {
    /// Starts an empty record.
    pub fn build() -> RecordBuilder {
        RecordBuilder::default()
    }

    /// Names the record.
    pub const fn digest(&self) -> RecordDigest {
        self.digest
    }

    /// The states to store, at most one a slot.
    pub fn snapshots(&self) -> &[SnapshotWrite] {
        &self.changes.snapshots
    }

    /// What is to be sent once the record is durable.
    pub fn queued(&self) -> &[OutboxEntry] {
        &self.changes.queued
    }

    /// What has been sent and answered, and leaves the outbox.
    pub fn acknowledged(&self) -> &[OutboxId] {
        &self.changes.acknowledged
    }

    /// The step of the tip.
    pub const fn tip(&self) -> Option<TipChange> {
        self.changes.tip
    }
}

/// Collects the changes of a [`Record`].
#[must_use = "finish the record"]
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RecordBuilder {
    snapshots: Vec<SnapshotWrite>,
    queued: Vec<OutboxEntry>,
    acknowledged: Vec<OutboxId>,
    tip: Option<TipChange>,
}

impl RecordBuilder {
    /// Replaces the state of `slot`, which must be at version `expected`.
    ///
    /// # Errors
    /// [`RecordError::Twice`] for a slot already in the record, [`RecordError::LastVersion`] after [`SnapshotVersion::MAX`].
    pub fn snapshot(
        mut self,
        slot: Slot,
        expected: SnapshotVersion,
        bytes: Vec<u8>,
    ) -> Result<Self, RecordError> {
        if self.snapshots.iter().any(|write| write.slot == slot) {
            return Err(RecordError::Twice(Changed::Snapshot(slot)));
        }
        let Some(version) = expected.next() else { return Err(RecordError::LastVersion(slot)) };
        self.snapshots.push(SnapshotWrite { slot, expected, version, bytes });
        Ok(self)
    }

    /// Puts something into the outbox.
    ///
    /// # Errors
    /// [`RecordError::Twice`] for an entry already in the record.
    pub fn queue(mut self, id: OutboxId, outgoing: Outgoing) -> Result<Self, RecordError> {
        self.check_entry(&id)?;
        self.queued.push(OutboxEntry { id, outgoing });
        Ok(self)
    }

    /// Takes an entry out of the outbox. One that is not there (any more) is left so.
    ///
    /// # Errors
    /// [`RecordError::Twice`] for an entry already in the record.
    pub fn acknowledge(mut self, id: OutboxId) -> Result<Self, RecordError> {
        self.check_entry(&id)?;
        self.acknowledged.push(id);
        Ok(self)
    }

    /// Moves the tip, which must be `from`.
    ///
    /// # Errors
    /// [`RecordError::Twice`] when the record already moves it.
    pub fn tip(mut self, from: Option<Tip>, to: Tip) -> Result<Self, RecordError> {
        if self.tip.replace(TipChange { from, to }).is_some() {
            return Err(RecordError::Twice(Changed::Tip));
        }
        Ok(self)
    }

    /// Seals the record under its digest.
    pub fn finish(self) -> Record {
        Record { digest: digest(&self), changes: self }
    }

    fn check_entry(&self, id: &OutboxId) -> Result<(), RecordError> {
        let queued = self.queued.iter().any(|entry| entry.id == *id);
        if queued || self.acknowledged.contains(id) {
            return Err(RecordError::Twice(Changed::Outbox(id.clone())));
        }
        Ok(())
    }
}

/// Every field with its length, so that two different records never hash the same bytes.
fn digest(changes: &RecordBuilder) -> RecordDigest {
    let mut engine = sha256::Hash::engine();
    engine.input(b"channel-core/record/1");
    number(&mut engine, changes.snapshots.len() as u64);
    for write in &changes.snapshots {
        slot(&mut engine, &write.slot);
        number(&mut engine, write.version.0);
        bytes(&mut engine, &write.bytes);
    }
    number(&mut engine, changes.queued.len() as u64);
    for entry in &changes.queued {
        slot(&mut engine, &entry.id.slot);
        number(&mut engine, u64::from(entry.id.number));
        engine.input(&[entry.outgoing.kind()]);
        bytes(&mut engine, entry.outgoing.bytes());
    }
    number(&mut engine, changes.acknowledged.len() as u64);
    for id in &changes.acknowledged {
        slot(&mut engine, &id.slot);
        number(&mut engine, u64::from(id.number));
    }
    for tip in changes.tip.iter().flat_map(|change| [change.from, Some(change.to)]) {
        match tip {
            None => engine.input(&[0]),
            Some(tip) => {
                engine.input(&[1]);
                number(&mut engine, u64::from(tip.height));
                engine.input(tip.hash.as_byte_array());
            }
        }
    }
    RecordDigest(sha256::Hash::from_engine(engine).to_byte_array())
}

fn slot(engine: &mut sha256::HashEngine, slot: &Slot) {
    match slot {
        Slot::Channel(channel) => {
            engine.input(&[0]);
            engine.input(&channel.to_bytes());
        }
        Slot::Named(name) => {
            engine.input(&[1]);
            bytes(engine, name.as_str().as_bytes());
        }
    }
}

fn bytes(engine: &mut sha256::HashEngine, bytes: &[u8]) {
    number(engine, bytes.len() as u64);
    engine.input(bytes);
}

fn number(engine: &mut sha256::HashEngine, number: u64) {
    engine.input(&number.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn channel(tag: u8) -> Slot {
        Slot::Channel(ChannelId::from_bytes([tag; 32]))
    }

    fn entry(number: u32) -> OutboxId {
        OutboxId { slot: channel(1), number }
    }

    fn tip(height: u32) -> Tip {
        Tip { height, hash: BlockHash::from_byte_array([3; 32]) }
    }

    #[test]
    fn every_field_changes_the_digest() {
        let built = |result: Result<RecordBuilder, RecordError>| result.unwrap().finish().digest();
        let new = Record::build;
        let absent = SnapshotVersion::ABSENT;
        let all = [
            new().finish().digest(),
            built(new().snapshot(channel(1), absent, vec![1])),
            built(new().snapshot(channel(2), absent, vec![1])),
            built(new().snapshot(channel(1), SnapshotVersion::new(1).unwrap(), vec![1])),
            built(new().snapshot(channel(1), absent, vec![2])),
            built(new().snapshot(Slot::Named(SlotName::new("wallet").unwrap()), absent, vec![1])),
            built(new().queue(entry(1), Outgoing::Message(vec![1]))),
            built(new().queue(entry(2), Outgoing::Message(vec![1]))),
            built(new().queue(entry(1), Outgoing::Broadcast(vec![1]))),
            built(new().acknowledge(entry(1))),
            built(new().tip(None, tip(1))),
            built(new().tip(None, tip(2))),
            built(new().tip(Some(tip(1)), tip(2))),
        ];
        for (index, digest) in all.iter().enumerate() {
            assert!(!all[..index].contains(digest), "{index}");
        }
    }

    #[test]
    fn one_record_says_one_thing_about_each_key() {
        let absent = SnapshotVersion::ABSENT;
        let slot = Record::build().snapshot(channel(1), absent, vec![]).unwrap().snapshot(
            channel(1),
            absent,
            vec![],
        );
        assert_eq!(slot.unwrap_err(), RecordError::Twice(Changed::Snapshot(channel(1))));
        let both = Record::build().acknowledge(entry(1)).unwrap().queue(entry(1), Outgoing::Message(vec![]));
        assert_eq!(both.unwrap_err(), RecordError::Twice(Changed::Outbox(entry(1))));
        let tips = Record::build().tip(None, tip(1)).unwrap().tip(None, tip(2));
        assert_eq!(tips.unwrap_err(), RecordError::Twice(Changed::Tip));
    }

    #[test]
    fn versions_end_before_they_wrap() {
        let last = SnapshotVersion::MAX;
        let refused = Record::build().snapshot(channel(1), last, vec![]).unwrap_err();
        assert_eq!(refused, RecordError::LastVersion(channel(1)));
        let before = SnapshotVersion::new(last.to_u64() - 1).unwrap();
        assert_eq!(before.next(), Some(last));
        assert!(SnapshotVersion::new(last.to_u64() + 1).is_none());
    }

    #[test]
    fn names_are_plain() {
        assert!(SlotName::new(&"a".repeat(64)).is_ok());
        for name in ["", "Wallet", "a b", &"a".repeat(65)] {
            assert_eq!(SlotName::new(name), Err(RecordError::SlotName), "{name:?}");
        }
    }
}
