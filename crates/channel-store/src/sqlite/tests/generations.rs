//! A store that was put back from a copy is noticed, and stays noticed until somebody deals with it.

use super::*;

fn open(folder: &Folder) -> SqliteStore {
    SqliteStore::open(folder.path()).unwrap()
}

/// The database of `old` beside the generation file of `new`.
fn put_back(old: &Image, new: &Image) -> Folder {
    Image { generation: new.generation.clone(), ..old.clone() }.restore()
}

#[test]
fn an_older_copy_disagrees_until_it_is_accepted() {
    let (old, _) = history();
    let folder = old.restore();
    step(&open(&folder), 20);
    let restored = put_back(&old, &Image::of(&folder.path()));
    for _ in 0..3 {
        let store = open(&restored);
        assert_eq!(store.generation(), Generation::Disagrees);
        let next = u32::try_from(store.load().unwrap().version(&slot(9)).to_u64()).unwrap();
        (next..next + 10).for_each(|number| step(&store, number));
    }
    open(&restored).accept_generation().unwrap();
    assert_eq!(open(&restored).generation(), Generation::Agrees);
    open(&restored).accept_generation().unwrap();
    assert_eq!(open(&restored).generation(), Generation::Agrees, "accepting what agrees changes nothing");
}

#[test]
fn a_missing_or_mistyped_file_disagrees() {
    let (image, written) = history();
    for text in ["", "channel-store 1 closed 2 21 00", "channel-store 2"] {
        let folder = Image { generation: text.into(), ..image.clone() }.restore();
        assert_eq!(open(&folder).generation(), Generation::Disagrees, "{text:?}");
        assert_eq!(open(&folder).load().unwrap(), written, "it can still be read");
    }
    let folder = image.restore();
    fs::remove_file(generation::file(&folder.path())).unwrap();
    assert_eq!(open(&folder).generation(), Generation::Disagrees);
}

#[test]
fn a_crash_at_any_point_still_agrees() {
    let (closed, _) = history();
    let folder = closed.restore();
    let store = open(&folder);
    let opened = Image::of(&folder.path());
    step(&store, 20);
    let running = Image::of(&folder.path());
    drop(store);
    let left = Image::of(&folder.path());
    for image in [&opened, &running, &left] {
        assert_eq!(open(&image.restore()).generation(), Generation::Agrees);
    }
    // The database is closed, but the mark of the closing was lost.
    assert_eq!(open(&put_back(&left, &running)).generation(), Generation::Agrees);
    // The other way round, the closing mark counts a transaction that the database has not.
    assert_eq!(open(&put_back(&opened, &left)).generation(), Generation::Disagrees);
    assert_eq!(open(&put_back(&closed, &opened)).generation(), Generation::Disagrees);
}
