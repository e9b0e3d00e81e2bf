//! What every backend must show. A backend calls [`run`] in a test; a rule that does not hold panics with its name.

use std::sync::Barrier;

use channel_core::ChannelId;
use channel_core::bitcoin::BlockHash;
use channel_core::bitcoin::hashes::Hash;
use channel_core::persist::{
    CommitError, OutboxId, Outgoing, Record, RecordBuilder, Sealed, Slot, SlotName, SnapshotVersion, Tip,
    commit, commit_all,
};

use crate::{Conflict, Generation, OpenError, Store, WriteError};

/// Where a store can be opened again and again.
pub trait Place {
    /// The backend.
    type Store: Store;

    /// Opens the store, which exists.
    ///
    /// # Errors
    /// As the backend says.
    fn open(&self) -> Result<Self::Store, OpenError>;
}

/// How many checks there are.
pub const CHECKS: usize = 10;

/// Runs every check, each on a fresh place, and says how many held: [`CHECKS`].
///
/// # Panics
/// When the backend breaks a rule, with the rule's name.
pub fn run<P: Place>(fresh: impl Fn() -> P) -> usize {
    let checks: [fn(&P); CHECKS] = [
        begins_empty,
        keeps_what_it_answered_for,
        refuses_a_version_it_does_not_hold,
        stores_a_record_whole_or_not_at_all,
        judges_each_record_of_a_batch_alone,
        sends_until_acknowledged,
        moves_the_tip_from_where_it_is,
        is_open_once,
        lets_one_of_many_writers_win,
        opens_seals,
    ];
    for check in checks {
        check(&fresh());
    }
    checks.len()
}

fn channel(tag: u8) -> Slot {
    Slot::Channel(ChannelId::from_bytes([tag; 32]))
}

fn entry(tag: u8, number: u32) -> OutboxId {
    OutboxId { slot: channel(tag), number }
}

fn tip(height: u32) -> Tip {
    Tip { height, hash: BlockHash::from_byte_array([9; 32]) }
}

fn version(number: u64) -> SnapshotVersion {
    SnapshotVersion::new(number).expect("small")
}

fn write(builder: RecordBuilder, tag: u8, expected: u64, bytes: &[u8]) -> RecordBuilder {
    builder.snapshot(channel(tag), version(expected), bytes.to_vec()).expect("each slot once")
}

fn queue(builder: RecordBuilder, id: OutboxId, bytes: &[u8]) -> RecordBuilder {
    builder.queue(id, Outgoing::Message(bytes.to_vec())).expect("each entry once")
}

fn open<P: Place>(place: &P) -> P::Store {
    place.open().expect("the place exists and is free")
}

fn store(store: &impl Store, record: Record) {
    let digest = record.digest();
    let token = commit(store, record).expect("the record fits");
    assert_eq!(token.record(), digest, "a token names its record");
}

fn conflict(store: &impl Store, record: Record) -> Conflict {
    match commit(store, record) {
        Err(CommitError::Refused(WriteError::Conflict(conflict))) => conflict,
        other => panic!("a conflict was expected, not {other:?}"),
    }
}

fn begins_empty<P: Place>(place: &P) {
    let first = open(place);
    assert_eq!(first.load().expect("readable"), crate::Contents::default(), "a new store is empty");
    assert_eq!(first.generation(), Generation::Agrees, "a new store is itself");
}

fn keeps_what_it_answered_for<P: Place>(place: &P) {
    let first = open(place);
    let wallet = Slot::Named(SlotName::new("wallet").expect("plain"));
    let record = queue(write(Record::build(), 1, 0, b"a"), entry(1, 0), b"hello")
        .snapshot(wallet.clone(), SnapshotVersion::ABSENT, vec![])
        .and_then(|record| record.queue(entry(1, 1), Outgoing::Broadcast(vec![0; 100_000])))
        .and_then(|record| record.tip(None, tip(7)))
        .expect("each once");
    store(&first, record.finish());
    store(&first, write(Record::build(), 1, 1, b"b").finish());
    let before = first.load().expect("readable");
    assert_eq!(before.version(&channel(1)), version(2), "each write counts");
    assert_eq!(before.snapshots[&channel(1)].bytes, b"b", "the last write is read");
    assert_eq!(before.snapshots[&wallet].bytes, b"", "an empty state is a state");
    assert_eq!(before.outbox.len(), 2, "both kinds wait");
    drop(first);
    let again = open(place);
    assert_eq!(again.load().expect("readable"), before, "closing loses nothing");
    assert_eq!(again.generation(), Generation::Agrees, "a store that was closed is itself");
    store(&again, write(Record::build(), 1, 2, b"c").finish());
}

fn refuses_a_version_it_does_not_hold<P: Place>(place: &P) {
    let first = open(place);
    store(&first, write(Record::build(), 1, 0, b"a").finish());
    for (tag, expected, stored) in [(1, 0, 1), (1, 2, 1), (2, 1, 0)] {
        let refused = conflict(&first, write(Record::build(), tag, expected, b"x").finish());
        let said =
            Conflict::Version { slot: channel(tag), expected: version(expected), stored: version(stored) };
        assert_eq!(refused, said, "compare and set");
    }
    assert_eq!(
        first.load().expect("readable").snapshots[&channel(1)].bytes,
        b"a",
        "a refusal changes nothing"
    );
}

fn stores_a_record_whole_or_not_at_all<P: Place>(place: &P) {
    let first = open(place);
    store(&first, queue(write(Record::build(), 1, 0, b"a"), entry(1, 0), b"m").finish());
    let before = first.load().expect("readable");
    let bad_version = write(queue(write(Record::build(), 2, 0, b"b"), entry(2, 0), b"m"), 1, 0, b"x");
    conflict(&first, bad_version.finish());
    let taken = queue(write(write(Record::build(), 2, 0, b"b"), 1, 1, b"x"), entry(1, 0), b"other");
    assert_eq!(conflict(&first, taken.finish()), Conflict::Outbox(entry(1, 0)), "an entry is not replaced");
    let bad_tip = write(Record::build(), 1, 1, b"x").tip(Some(tip(1)), tip(2)).expect("once");
    conflict(&first, bad_tip.finish());
    assert_eq!(first.load().expect("readable"), before, "a refused record leaves nothing behind");
    drop(first);
    assert_eq!(open(place).load().expect("readable"), before, "nor on the disk");
}

fn judges_each_record_of_a_batch_alone<P: Place>(place: &P) {
    let first = open(place);
    let records = vec![
        write(Record::build(), 1, 0, b"a").finish(),
        write(Record::build(), 1, 0, b"late").finish(),
        write(Record::build(), 1, 1, b"b").finish(),
        write(Record::build(), 2, 0, b"c").finish(),
    ];
    let answers: Vec<bool> = commit_all(&first, records).into_iter().map(|answer| answer.is_ok()).collect();
    assert_eq!(answers, [true, false, true, true], "records of a batch follow one another");
    assert_eq!(commit_all(&first, vec![]).len(), 0, "an empty batch is no work");
    let contents = first.load().expect("readable");
    assert_eq!(contents.snapshots[&channel(1)].bytes, b"b", "the second write came last");
    assert_eq!(contents.version(&channel(2)), version(1), "a refusal does not touch its neighbours");
}

fn sends_until_acknowledged<P: Place>(place: &P) {
    let first = open(place);
    for number in [2, 0, 300, 1] {
        store(&first, queue(Record::build(), entry(1, number), &number.to_be_bytes()).finish());
    }
    drop(first);
    let again = open(place);
    let waiting: Vec<u32> = again.load().expect("readable").outbox.keys().map(|id| id.number).collect();
    assert_eq!(waiting, [0, 1, 2, 300], "in order, and still there after a restart");
    let sent = Record::build().acknowledge(entry(1, 1)).and_then(|record| record.acknowledge(entry(1, 99)));
    store(&again, sent.expect("each once").finish());
    drop(again);
    let waiting = open(place).load().expect("readable").outbox;
    assert_eq!(waiting.len(), 3, "what is acknowledged is gone; what was never there is no error");
    assert!(!waiting.contains_key(&entry(1, 1)), "the acknowledged one");
}

fn moves_the_tip_from_where_it_is<P: Place>(place: &P) {
    let first = open(place);
    let step = |from, to| Record::build().tip(from, to).expect("once").finish();
    store(&first, step(None, tip(10)));
    let refused = conflict(&first, step(None, tip(12)));
    assert_eq!(refused, Conflict::Tip { expected: None, stored: Some(tip(10)) }, "no block is skipped");
    store(&first, step(Some(tip(10)), tip(9)));
    drop(first);
    assert_eq!(open(place).load().expect("readable").tip, Some(tip(9)), "a reorg moves it back");
}

fn is_open_once<P: Place>(place: &P) {
    let first = open(place);
    let begun = std::time::Instant::now();
    assert!(matches!(place.open(), Err(OpenError::InUse(_))), "a second opening is refused");
    assert!(begun.elapsed() < std::time::Duration::from_secs(1), "and at once");
    store(&first, write(Record::build(), 1, 0, b"a").finish());
    drop(first);
    drop(open(place));
}

fn lets_one_of_many_writers_win<P: Place>(place: &P) {
    let first = open(place);
    let start = Barrier::new(8);
    let wins: usize = std::thread::scope(|scope| {
        let writer = |tag: u8| {
            let (first, start) = (&first, &start);
            move || {
                start.wait();
                (0..20)
                    .filter(|&turn| commit(first, write(Record::build(), 1, turn, &[tag]).finish()).is_ok())
                    .count()
            }
        };
        let threads: Vec<_> = (0..8).map(|tag| scope.spawn(writer(tag))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
    });
    let reached = first.load().expect("readable").version(&channel(1));
    assert_eq!(reached, version(wins as u64), "as many versions as writers that were told yes");
    assert!(wins >= 1, "the first comer wins");
}

fn opens_seals<P: Place>(place: &P) {
    let first = open(place);
    let record = write(Record::build(), 1, 0, b"a").finish();
    let sealed = Sealed::new(&record, "send");
    let token = commit(&first, record).expect("fits");
    assert_eq!(sealed.open(token).expect("the record's own token"), "send", "durable, so it may be sent");
}
