//! Power cuts: images of the files in which unsynced writes are lost, torn or out of order.
//!
//! SQLite syncs the log at the end of each transaction. So a cut during transaction `n` leaves everything up to `n - 1`
//! and any part of what `n` wrote; a cut during a checkpoint leaves the log whole and any part of the pages that were
//! copied into the database. The tests build such images from the files of a running store. They rest on SQLite syncing
//! where it says it does; they do not watch its system calls.

use super::*;
use crate::{Damage, Place};

const FRAME: usize = 24 + 4096;

/// A store that was never closed: its image and contents after each step, all of them in the log.
fn running() -> Vec<(Image, Contents)> {
    let folder = Folder::created();
    let store = SqliteStore::open(folder.path()).unwrap();
    let mut moments = vec![(Image::of(&folder.path()), store.load().unwrap())];
    for number in 0..12 {
        step(&store, number);
        moments.push((Image::of(&folder.path()), store.load().unwrap()));
    }
    moments
}

fn log(image: &Image) -> &[u8] {
    image.log.as_deref().unwrap()
}

fn with_log(image: &Image, log: &[u8]) -> Image {
    Image { log: Some(log.to_vec()), ..image.clone() }
}

#[test]
fn every_answered_step_outlives_the_process() {
    for (image, contents) in running() {
        assert_eq!(image.load().unwrap(), contents);
    }
}

#[test]
fn a_cut_leaves_the_state_before_or_after_never_a_mix() {
    let moments = running();
    let mut draw = Draw(3);
    for pair in moments.windows(2) {
        let [(before, old), (after, new)] = pair else { continue };
        let (start, end) = (log(before).len(), log(after).len());
        let boundaries = (start..=end).step_by(FRAME);
        let random: Vec<_> = (0..10).map(|_| start + draw.below(end - start)).collect();
        for cut in boundaries.chain(random) {
            let seen = with_log(after, &log(after)[..cut]).load().unwrap();
            assert_eq!(&seen, if cut == end { new } else { old }, "cut at {cut} of {start}..{end}");
        }
    }
}

#[test]
fn writes_lost_out_of_order_leave_the_state_before() {
    let moments = running();
    let mut draw = Draw(4);
    for pair in moments.windows(2) {
        let [(before, old), (after, new)] = pair else { continue };
        let start = log(before).len();
        let frames = (log(after).len() - start) / FRAME;
        for _ in 0..8 {
            // The file has its new length, but a sector here and there was never written.
            let mut torn = log(after).to_vec();
            let lost: Vec<usize> =
                (0..=draw.below(frames)).map(|_| draw.below(frames * FRAME / 512)).collect();
            for sector in lost {
                let from = start + sector * 512;
                torn[from..from + 512].fill(0);
            }
            let seen = with_log(after, &torn).load().unwrap();
            // A lost sector of zeros is no loss.
            assert_eq!(&seen, if torn == log(after) { new } else { old });
        }
    }
}

#[test]
fn a_cut_in_a_checkpoint_loses_nothing() {
    let folder = Folder::created();
    let store = SqliteStore::open(folder.path()).unwrap();
    (0..12).for_each(|number| step(&store, number));
    let contents = store.load().unwrap();
    let running = Image::of(&folder.path());
    drop(store);
    let closed = Image::of(&folder.path());
    assert!(closed.log.is_none() && running.log.is_some(), "closing moves the log into the database");
    let mut draw = Draw(5);
    for _ in 0..60 {
        // Some sectors of the new pages have been written, the log is still there.
        let mut mixed = running.clone();
        let length = running.database.len().max(draw.below(closed.database.len() / 512 + 1) * 512);
        mixed.database.resize(length, 0);
        for sector in (0..length).step_by(512) {
            if draw.below(2) == 0 {
                mixed.database[sector..sector + 512].copy_from_slice(&closed.database[sector..sector + 512]);
            }
        }
        assert_eq!(mixed.load().unwrap(), contents);
    }
}

#[test]
fn damage_to_what_was_durable_in_the_log_is_refused() {
    let moments = running();
    let (last, contents) = moments.last().unwrap();
    let durable = log(&moments[moments.len() - 2].0).len();
    let mut draw = Draw(6);
    for _ in 0..200 {
        let at = draw.below(durable);
        let mut flipped = log(last).to_vec();
        flipped[at] ^= 1 << draw.below(8);
        let image = with_log(last, &flipped);
        let place = match image.load() {
            Err(OpenError::Damaged(Damage { place, .. })) => place,
            other => panic!("byte {at}: {other:?}"),
        };
        let expected = match at.checked_sub(32) {
            None => Place::LogHeader,
            Some(at) => Place::LogFrame(at as u64 / FRAME as u64 + 1),
        };
        assert_eq!(place, expected, "byte {at}");
    }
    assert_eq!(&last.load().unwrap(), contents);
}

#[test]
fn recovery_can_be_cut_short_too() {
    let moments = running();
    let (image, contents) = moments.last().unwrap();
    let folder = image.restore();
    for _ in 0..3 {
        let store = SqliteStore::open(folder.path()).unwrap();
        let again = Image::of(&folder.path());
        assert_eq!(&again.load().unwrap(), contents);
        drop(store);
    }
}

#[test]
fn the_database_is_set_to_sync_each_transaction() {
    let folder = Folder::created();
    let connection = schema::open(&folder.path()).unwrap();
    let text = |name| connection.pragma_query_value(None, name, |row| row.get::<_, String>(0)).unwrap();
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(text("journal_mode"), "wal");
    assert_eq!(number("synchronous"), 2, "FULL");
    assert_eq!(text("locking_mode"), "exclusive");
}

#[test]
fn a_full_disk_freezes_the_store_and_leaves_the_state_before() {
    let folder = Folder::created();
    let path = folder.path();
    let store = SqliteStore::open(&path).unwrap();
    step(&store, 0);
    let before = store.load().unwrap();
    drop(store);

    let connection = schema::open(&path).unwrap();
    let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    let limit = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
    connection.pragma_update_and_check(None, "max_page_count", pages, limit).unwrap();
    let index = read::index(&connection, &path).unwrap();
    let writer = Writer::start(connection, index, &path).unwrap();
    let record = |tag, bytes| {
        Record::build()
            .snapshot(slot(tag), channel_core::persist::SnapshotVersion::ABSENT, bytes)
            .unwrap()
            .finish()
    };
    let answers = writer.write(vec![record(5, vec![1]), record(6, vec![1; 100_000]), record(7, vec![1])]);
    assert!(answers.iter().all(|answer| matches!(answer, Err(WriteError::Failed { .. }))), "{answers:?}");
    let later = writer.write(vec![record(8, vec![1])]);
    assert!(matches!(later[..], [Err(WriteError::Frozen(_))]), "{later:?}");
    assert!(matches!(writer.accept(), Err(WriteError::Frozen(_))));
    drop(writer);
    assert_eq!(SqliteStore::open(&path).unwrap().load().unwrap(), before);
}

#[test]
fn a_second_cut_meets_no_frames_that_the_first_left() {
    let mut draw = Draw(7);
    let folder = Folder::created();
    let mut image = Image::of(&folder.path());
    let mut number = 0;
    for _ in 0..30 {
        let folder = image.restore();
        let store = SqliteStore::open(folder.path()).unwrap();
        for _ in 0..draw.below(3) {
            step(&store, number);
            number += 1;
        }
        let (before, old) = (Image::of(&folder.path()), store.load().unwrap());
        // A transaction of several frames is cut: its first was lost, the others and its end were written.
        let size = 4_000 + draw.below(20_000);
        let big = [11, 12].map(|tag| (slot(tag), old.version(&slot(tag))));
        let record = big.into_iter().try_fold(Record::build(), |record, (slot, version)| {
            record.snapshot(slot, version, vec![0x77; size])
        });
        let _token = commit(&store, record.unwrap().finish()).unwrap();
        let mut torn = log(&Image::of(&folder.path())).to_vec();
        let same = torn.iter().zip(log(&before)).take_while(|(new, old)| new == old).count();
        let start = 32 + (same - 32) / FRAME * FRAME;
        torn[start + 24..start + 536].fill(0);
        image = with_log(&before, &torn);
        assert_eq!(image.load().unwrap(), old);
    }
    assert!(number > 10);
}
