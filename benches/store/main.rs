//! Storing: one record, and a hundred that wait together, against appending the same bytes to a file and syncing it.
//!
//! The files lie in the target folder, not in a `/tmp` that may be memory.

mod floor;
mod records;

use std::hint::black_box;

use benches::{Ratio, print_ratios, wanted};
use channel_core::persist::{Record, commit_all};
use channel_store::{MemoryDisk, SqliteStore, Store};
use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput};
use tempfile::TempDir;

use crate::floor::Floor;
use crate::records::{CALLERS, Records, STATE};

fn main() {
    if !wanted("store") {
        return;
    }
    let mut criterion = Criterion::default().configure_from_args();
    let mut ratios = Vec::new();
    for (name, together) in [("store/one", 1), ("store/hundred", 100)] {
        ratios.extend(beside_its_floors(&mut criterion, name, together));
    }
    threads(&mut criterion);
    criterion.final_summary();
    print_ratios(&ratios);
}

/// The backends, and what they cannot be faster than, with `together` records to a sync.
fn beside_its_floors(criterion: &mut Criterion, name: &str, together: usize) -> [Ratio; 2] {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(together as u64));
    let folder = folder();
    let mut growing = Floor::growing(&folder.path().join("growing"));
    group.bench_function("append_and_sync", |bencher| {
        bencher.iter(|| growing.write(black_box(together * STATE)));
    });
    let mut filled = Floor::filled(&folder.path().join("filled"));
    group.bench_function("overwrite_and_sync", |bencher| {
        bencher.iter(|| filled.write(black_box(together * STATE)));
    });
    let store = SqliteStore::create(folder.path().join("store.db")).expect("an empty folder");
    commits(&mut group, "sqlite", &store, together);
    let memory = MemoryDisk::default().open().expect("a new disk");
    commits(&mut group, "memory", &memory, together);
    group.finish();
    let target = (together == 1).then_some(1.15);
    [("append_and_sync", target), ("overwrite_and_sync", None)].map(|(floor, target)| Ratio {
        label: format!("{together} record(s) in one sync, {floor}"),
        bench: (name.into(), "sqlite".into()),
        floor: (name.into(), floor.into()),
        target,
    })
}

/// Commits of `together` records at a time, over ten thousand channels.
fn commits(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, store: &impl Store, together: usize) {
    let mut records = Records::fill(store);
    group.bench_function(name, |bencher| {
        bencher.iter_batched(
            || records.next(together),
            |batch| store_all(store, batch),
            BatchSize::SmallInput,
        );
    });
}

/// A hundred callers, each waiting for its own record: what the writer thread makes of them.
fn threads(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("store/callers");
    group.throughput(Throughput::Elements(CALLERS as u64));
    let folder = folder();
    let store = SqliteStore::create(folder.path().join("store.db")).expect("an empty folder");
    let mut records = Records::fill(&store);
    group.bench_function("sqlite", |bencher| {
        bencher.iter_custom(|rounds| {
            let rounds = usize::try_from(rounds).expect("few");
            let work: Vec<Vec<Record>> = (0..CALLERS).map(|caller| records.of(caller, rounds)).collect();
            let begun = std::time::Instant::now();
            std::thread::scope(|scope| {
                for mine in work {
                    scope.spawn(|| mine.into_iter().for_each(|record| store_all(&store, vec![record])));
                }
            });
            begun.elapsed()
        });
    });
    group.finish();
}

fn store_all(store: &impl Store, records: Vec<Record>) {
    assert!(commit_all(store, records).iter().all(Result::is_ok), "a record was not stored");
}

fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("the target folder can be written")
}
