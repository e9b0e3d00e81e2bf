//! Damage is refused with its place, and the files stay as they are.

use super::*;
use crate::{Damage, Place};

/// Opens a damaged store: never other contents than those that were written, never a changed or emptied file.
/// Returns where the damage was seen; `None` when it lies where nothing is kept.
fn place(image: &Image, written: &Contents) -> Option<Place> {
    let folder = image.restore();
    match SqliteStore::open(folder.path()) {
        Ok(store) => {
            assert_eq!(&store.load().unwrap(), written, "opened with other contents");
            None
        }
        Err(OpenError::Damaged(Damage { path, place })) => {
            assert_eq!(path, folder.path());
            assert_eq!(fs::read(&path).unwrap(), image.database, "a refused file is left alone");
            Some(place)
        }
        Err(OpenError::Format { found, .. }) => {
            assert_ne!(found, 1);
            Some(Place::Header)
        }
        Err(other) => panic!("refused without a place: {other:?}"),
    }
}

#[test]
fn a_flipped_byte_is_found_or_harmless() {
    let (image, written) = history();
    let mut draw = Draw(1);
    let mut found = 0;
    for round in 0..2000 {
        let mut damaged = image.clone();
        let at = if round < 1000 { round % 100 } else { draw.below(image.database.len()) };
        damaged.database[at] ^= 1 << draw.below(8);
        found += usize::from(place(&damaged, &written).is_some());
    }
    assert!(found > 100, "{found} of 400 were found: the test flips too little that matters");
}

#[test]
fn a_flipped_byte_of_a_state_names_its_channel() {
    let (image, written) = history();
    for (slot, snapshot) in &written.snapshots {
        let begins = |at: &usize| image.database[*at..].starts_with(&snapshot.bytes[..64]);
        // Space that is free again may hold the same bytes: a flip there is harmless.
        let seen: Vec<_> = (0..image.database.len())
            .filter(begins)
            .filter_map(|at| {
                let mut damaged = image.clone();
                damaged.database[at] ^= 1;
                place(&damaged, &written)
            })
            .collect();
        assert_eq!(seen, [Place::Snapshot(slot.clone())]);
    }
}

#[test]
fn a_short_file_is_refused_wherever_it_ends() {
    let (image, written) = history();
    let mut draw = Draw(2);
    let whole = image.database.len();
    let boundaries = (0..whole).step_by(4096);
    let random = (0..50).map(|_| draw.below(whole)).collect::<Vec<_>>();
    for end in boundaries.chain(random).chain([1, 99, 100, whole - 1]) {
        let mut damaged = image.clone();
        damaged.database.truncate(end);
        let expected =
            if end < 100 { Place::Header } else { Place::End { expected: whole as u64, found: end as u64 } };
        assert_eq!(place(&damaged, &written), Some(expected), "{end} of {whole}");
    }
}

#[test]
fn a_page_from_the_past_is_found() {
    let (new, written) = history();
    let folder = new.restore();
    let store = SqliteStore::open(folder.path()).unwrap();
    (20..25).for_each(|number| step(&store, number));
    let later = store.load().unwrap();
    drop(store);
    assert_ne!(later, written);
    let image = Image::of(&folder.path());
    let mut stale = 0;
    for page in 1..(image.database.len().min(new.database.len()) / 4096) {
        let range = page * 4096..(page + 1) * 4096;
        let mut mixed = image.clone();
        mixed.database[range.clone()].copy_from_slice(&new.database[range.clone()]);
        if mixed.database != image.database {
            assert!(place(&mixed, &later).is_some(), "page {page} is from the past");
            stale += 1;
        }
    }
    assert!(stale >= 3, "{stale} pages differ");
}

#[test]
fn a_row_that_vanished_is_found() {
    let (image, _) = history();
    for sql in
        ["DELETE FROM snapshots WHERE id = 2", "DELETE FROM outbox WHERE id = (SELECT min(id) FROM outbox)"]
    {
        let folder = image.restore();
        let connection = rusqlite::Connection::open(folder.path()).unwrap();
        assert_eq!(connection.execute(sql, []).unwrap(), 1);
        drop(connection);
        let refused = SqliteStore::open(folder.path()).unwrap_err();
        assert!(matches!(refused, OpenError::Damaged(Damage { place: Place::Totals, .. })), "{refused:?}");
    }
}

#[test]
fn a_store_that_is_gone_is_not_made_again() {
    let (image, _) = history();
    let folder = image.restore();
    fs::remove_file(folder.path()).unwrap();
    assert!(matches!(SqliteStore::open(folder.path()), Err(OpenError::Missing(_))));
    assert!(
        matches!(SqliteStore::create(folder.path()), Err(OpenError::Exists(_))),
        "its generation file is there"
    );
    assert!(!folder.path().exists());
    let other = Folder::new();
    fs::write(other.path(), b"").unwrap();
    assert!(matches!(SqliteStore::create(other.path()), Err(OpenError::Exists(_))));
    fs::write(other.path(), b"a text of somebody else, longer than a hundred bytes. ".repeat(4)).unwrap();
    let refused = SqliteStore::open(other.path()).unwrap_err();
    assert!(matches!(refused, OpenError::Damaged(Damage { place: Place::Header, .. })), "{refused:?}");
}

#[test]
fn another_format_is_refused_and_left_alone() {
    let (image, _) = history();
    for format in [0, 2, 1_000] {
        let folder = image.restore();
        let connection = rusqlite::Connection::open(folder.path()).unwrap();
        connection.pragma_update(None, "user_version", format).unwrap();
        drop(connection);
        let before = fs::read(folder.path()).unwrap();
        let refused = SqliteStore::open(folder.path()).unwrap_err();
        assert!(
            matches!(refused, OpenError::Format { found, supported: 1, .. } if found == format),
            "{refused:?}"
        );
        assert_eq!(fs::read(folder.path()).unwrap(), before);
    }
}
