//! The heuristic profile: a fleet's figures by columns, beside the time it takes to touch the same memory, and the full
//! plan with an object per channel. Criterion's elements are channels, so its throughput inverts to ns per channel.

use std::hint::black_box;

use benches::{Draw, wanted};
use channel_advisor::bitcoin::Amount;
use channel_advisor::heuristic::columns::FleetColumns;
use channel_advisor::heuristic::{HeuristicChannel, HeuristicManager, SortOrder};
use channel_advisor::snapshot::ChannelKey;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const SIZES: [usize; 3] = [1_000, 100_000, 1_000_000];
const NOW: &str = "2026-01-01T00:00:00";

/// Local, remote, capacity, local dust, remote dust: channels of 20,000 sat to 0.2 BTC, one in four with a part in
/// flight, half with dust over 546 sat.
fn rows(channels: usize) -> Vec<[u64; 5]> {
    let mut draw = Draw::new(1);
    let amounts = |_| {
        let capacity = 20_000 + draw.below(20_000_000);
        let in_flight = if draw.below(4) == 0 { draw.below(capacity) } else { 0 };
        let local = draw.below(capacity - in_flight + 1);
        [local, capacity - in_flight - local, capacity, draw.below(600), draw.below(600)]
    };
    (0..channels).map(amounts).collect()
}

fn channel(row: usize, [local, remote, capacity, ours, theirs]: [u64; 5]) -> HeuristicChannel {
    let mut channel = HeuristicChannel::new(ChannelKey::new(&format!("channel_{row}")));
    channel.local_balance = Amount::from_sat(local);
    channel.remote_balance = Amount::from_sat(remote);
    channel.capacity = Amount::from_sat(capacity);
    channel.local_dust = Amount::from_sat(ours);
    channel.remote_dust = Amount::from_sat(theirs);
    channel
}

fn manager(rows: &[[u64; 5]]) -> HeuristicManager {
    let mut manager = HeuristicManager::new();
    for (row, amounts) in rows.iter().enumerate() {
        manager.add_channel_state(channel(row, *amounts)).expect("drawn amounts are within bounds");
    }
    manager
}

/// The memory of an assessment: five columns to read, a score and a mark a channel to write.
struct Memory {
    columns: [Vec<u64>; 5],
    scores: Vec<u64>,
    marks: Vec<u8>,
}

impl Memory {
    fn of(rows: &[[u64; 5]]) -> Self {
        let column = |place: usize| rows.iter().map(|row| row[place]).collect();
        Self { columns: [0, 1, 2, 3, 4].map(column), scores: vec![0; rows.len()], marks: vec![0; rows.len()] }
    }

    /// Adds up the columns.
    fn read(&self) -> u64 {
        let sum = |column: &Vec<u64>| column.iter().fold(0, |sum: u64, amount| sum.wrapping_add(*amount));
        self.columns.iter().map(sum).fold(0, u64::wrapping_add)
    }

    /// Adds up the columns and fills the outputs.
    fn touch(&mut self) -> u64 {
        let sum = self.read();
        self.scores.fill(sum);
        self.marks.fill(sum.to_le_bytes()[0]);
        sum
    }
}

fn columns(criterion: &mut Criterion) {
    if !wanted("heuristic") {
        return;
    }
    let mut group = criterion.benchmark_group("heuristic/columns");
    for size in SIZES {
        let rows = rows(size);
        let fleet = FleetColumns::from(&manager(&rows));
        let mut memory = Memory::of(&rows);
        let mut assessment = fleet.assess(SortOrder::default());
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(format!("floor: read/{size}"), |bencher| {
            bencher.iter(|| black_box(&memory).read());
        });
        group.bench_function(format!("floor: read and write/{size}"), |bencher| {
            bencher.iter(|| black_box(&mut memory).touch());
        });
        group.bench_function(format!("assess/{size}"), |bencher| {
            bencher.iter(|| black_box(&fleet).assess_into(SortOrder::default(), black_box(&mut assessment)));
        });
    }
    group.finish();
}

fn objects(criterion: &mut Criterion) {
    if !wanted("heuristic") {
        return;
    }
    let mut group = criterion.benchmark_group("heuristic/objects");
    group.sample_size(10);
    for size in SIZES {
        let manager = manager(&rows(size));
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(format!("plan/{size}"), |bencher| {
            let plan = || black_box(&manager).create_management_plan(NOW, SortOrder::default());
            bencher.iter_batched(|| (), |()| plan(), BatchSize::PerIteration);
        });
    }
    group.finish();
}

criterion_group!(benches, columns, objects);
criterion_main!(benches);
