//! How often building a commitment asks for memory: once for each HTLC output, and a few times beside.
//!
//! A test program of its own, since counting replaces its allocator.
#![allow(clippy::unwrap_used, reason = "tests")]

#[expect(dead_code, reason = "shared with the tests of whole commitments")]
#[path = "commitments/channel.rs"]
mod channel;

use allocation_counter::measure;
use channel_core::Side;
use channel_core::htlc::Htlc;
use channel_tx::commitment::CommitmentBuilder;

/// What a commitment with any HTLC needs beyond one without, however many there are: the list of its HTLCs, and room for
/// sorting.
const BESIDE: u64 = 2;

fn htlcs(count: u64) -> Vec<Htlc> {
    let one = |id: u64| {
        let by = if id.is_multiple_of(2) { Side::Local } else { Side::Remote };
        channel::htlc(id, by, 1000 + id, u8::try_from(id % 7).unwrap(), 500)
    };
    (0..count).map(one).collect()
}

/// The allocations of `CommitmentBuilder::build` alone.
fn allocations(builder: &CommitmentBuilder, owner: Side, count: u64) -> u64 {
    let spec = channel::spec(builder.terms().format, htlcs(count));
    let prepared = builder.prepare_with_htlcs(owner, &channel::state()).unwrap();
    let mut built = None;
    let counted = measure(|| built = Some(builder.build(prepared, &spec)));
    assert_eq!(built.unwrap().unwrap().htlc_count() as u64, count);
    counted.count_total
}

#[test]
fn a_commitment_allocates_for_its_outputs_only() {
    for format in channel::FORMATS {
        let builder = channel::builder(format);
        for owner in Side::ALL {
            let without = allocations(&builder, owner, 0);
            assert!(without > 0, "the counter counts");
            for htlcs in [1, 10, 100, 2 * u64::from(format.max_accepted_htlcs())] {
                let with = allocations(&builder, owner, htlcs);
                assert!(with >= without + htlcs, "{format}: each output has a script of its own");
                let beside = with - without - htlcs;
                assert!(beside <= BESIDE, "{format}, {htlcs} htlcs: {beside} allocations beside the outputs");
            }
        }
    }
}
