//! Other processes: refused while the store is open, and gone without a trace when they are killed.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::*;

const CHILD: &str = "TAPROOT_CHANNELS_STORE_TEST_CHILD";

/// Runs `a_child_writes_until_it_is_killed` of this program on `path`.
fn child(path: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "sqlite::tests::processes::a_child_writes_until_it_is_killed"])
        .env(CHILD, path)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Waits until the child has said how far it is.
fn wait_for(progress: &Path, at_least: u32) -> u32 {
    let begun = Instant::now();
    loop {
        let reached = fs::read_to_string(progress).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
        if reached >= at_least {
            return reached;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "the child does not get on");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// In the child: steps without end, each noted after its answer. Otherwise: checks that a step is answered.
#[test]
fn a_child_writes_until_it_is_killed() {
    let Some(path) = std::env::var_os(CHILD).map(PathBuf::from) else {
        let folder = Folder::created();
        let store = SqliteStore::open(folder.path()).unwrap();
        step(&store, 0);
        assert_eq!(store.load().unwrap().version(&slot(9)).to_u64(), 1);
        return;
    };
    let store = SqliteStore::open(&path).unwrap();
    let begin = u32::try_from(store.load().unwrap().version(&slot(9)).to_u64()).unwrap();
    for number in begin..begin + 100_000 {
        step(&store, number);
        let draft = beside(&path, "-progress-new");
        fs::write(&draft, (number + 1).to_string()).unwrap();
        fs::rename(&draft, beside(&path, "-progress")).unwrap();
    }
}

#[test]
fn a_second_process_is_refused_and_a_killed_one_loses_no_answered_step() {
    let folder = Folder::created();
    let path = folder.path();
    let mut reached = 0;
    for _ in 0..5 {
        let mut child = child(&path);
        wait_for(&beside(&path, "-progress"), reached + 20);
        let begun = Instant::now();
        let refused = SqliteStore::open(&path);
        assert!(matches!(refused, Err(OpenError::InUse(_))), "{refused:?}");
        assert!(begun.elapsed() < Duration::from_secs(1));
        child.kill().unwrap();
        child.wait().unwrap();
        let answered = wait_for(&beside(&path, "-progress"), reached);
        let store = SqliteStore::open(&path).unwrap();
        assert_eq!(store.generation(), Generation::Agrees, "a crash is no restored copy");
        let stored = u32::try_from(store.load().unwrap().version(&slot(9)).to_u64()).unwrap();
        assert!(stored == answered || stored == answered + 1, "{answered} steps answered, {stored} stored");
        reached = stored;
    }
}
