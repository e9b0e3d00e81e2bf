//! The economic plan over fleets of growing size: its time per channel should not grow with them.
//!
//! Fleets have one peer a channel, two forwards a channel over four weeks and no graph. Criterion's elements are
//! channels. A million channels take some 10 GB.

use std::hint::black_box;

use benches::{Draw, wanted};
use channel_advisor::channel_core::{FeerateKw, Msat};
use channel_advisor::economic::{Options, plan};
use channel_advisor::snapshot::{
    ChannelKey, ChannelSnapshot, CommitmentKind, Forward, ForwardHistory, PeerId, Policy, Snapshot,
};
use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;

const SIZES: [u64; 5] = [100, 1_000, 10_000, 100_000, 1_000_000];
const FORWARDS_EACH: u64 = 2;
const SPAN_NS: u64 = 28 * 86_400 * 1_000_000_000;
const START_S: i64 = 1_767_225_600;

fn snapshot(channels: u64) -> Snapshot {
    let mut draw = Draw::new(4);
    let mut snapshot = Snapshot::default();
    snapshot.channels = (0..channels).map(|number| channel(&mut draw, number)).collect();
    let mut forwards = ForwardHistory::default();
    forwards.events = (0..channels * FORWARDS_EACH).map(|_| forward(&mut draw, channels)).collect();
    forwards.events.sort_by_key(|forward| forward.time_ns);
    snapshot.forwards = Some(forwards);
    snapshot
}

fn key(number: u64) -> ChannelKey {
    ChannelKey::new(&number.to_string())
}

fn channel(draw: &mut Draw, number: u64) -> ChannelSnapshot {
    let capacity = 1_000_000_000 + draw.below(20_000_000_000);
    let local = draw.below(capacity);
    let msat = Msat::from_msat;
    let mut channel = ChannelSnapshot::new(key(number), msat(capacity), msat(local), msat(capacity - local));
    channel.peer = Some(PeerId::new(&format!("02{number:064x}")));
    channel.commitment = CommitmentKind::Anchors;
    channel.feerate = Some(FeerateKw::from_sat_per_kw(2_500));
    let ppm = draw.one_of(&[0, 50, 200, 500, 1_000]);
    channel.policy_local = Some(Policy::new(Msat::ZERO, ppm));
    channel.policy_remote = Some(Policy::new(Msat::ZERO, ppm / 2));
    channel.active = Some(draw.below(20) > 0);
    channel
}

/// Most forwards leave through the first tenth of the fleet.
fn forward(draw: &mut Draw, channels: u64) -> Forward {
    let within = 1 + draw.below(channels);
    let (from, to) = (key(draw.below(channels)), key(draw.below(within)));
    let amount = 1_000_000 + draw.below(200_000_000);
    let after = i64::try_from(draw.below(SPAN_NS)).unwrap_or_default();
    let time = START_S * 1_000_000_000 + after;
    let fee = amount / 2_000;
    Forward::new(time, from, to, Msat::from_msat(amount + fee), Msat::from_msat(amount), Msat::from_msat(fee))
}

fn economic(criterion: &mut Criterion) {
    if !wanted("economic") {
        return;
    }
    let now = Timestamp::from_second(START_S + 28 * 86_400).expect("a time of this century");
    let mut options = Options::at(now);
    options.feerate = Some(FeerateKw::from_sat_per_kw(1_250));
    let mut group = criterion.benchmark_group("economic/plan");
    // Flat: a sample holds every plan it made, so a large fleet must not be planned ten times within one.
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for size in SIZES {
        let snapshot = snapshot(size);
        group.throughput(Throughput::Elements(size));
        group.bench_function(size.to_string(), |bencher| {
            bencher
                .iter_with_large_drop(|| plan(black_box(&snapshot), &options).expect("options are in range"));
        });
    }
    group.finish();
}

criterion_group!(benches, economic);
criterion_main!(benches);
