//! Generators shared by the property tests: sides, formats, and amounts near every limit.

use channel_core::{CommitmentFormat, Side};
use proptest::prelude::*;

pub(crate) fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Local), Just(Side::Remote)]
}

pub(crate) fn format() -> impl Strategy<Value = CommitmentFormat> {
    prop::sample::select(CommitmentFormat::ALL.to_vec())
}

/// Satoshi amounts: anything small, and the neighbours of the usual limits.
pub(crate) fn near_limit_sat() -> impl Strategy<Value = u64> {
    let edges = [0, 1, 293, 294, 329, 330, 331, 353, 354, 355, 545, 546, 547, 659, 660, 661, 999, 1000, 1001];
    prop_oneof![3 => prop::sample::select(edges.to_vec()), 2 => 0..60_000u64]
}

/// Millisatoshi amounts: the above with a neighbour on each side, and the ends of the range.
pub(crate) fn near_limit_msat() -> impl Strategy<Value = u64> {
    prop_oneof![
        8 => (near_limit_sat(), 0..3u64).prop_map(|(sat, nudge)| (sat * 1000 + nudge).saturating_sub(1)),
        1 => Just(2_100_000_000_000_000_000),
        1 => Just(u64::MAX),
    ]
}

/// Trim limits: those the amounts above are next to, and any other.
pub(crate) fn trim_sat() -> impl Strategy<Value = u64> {
    prop_oneof![3 => prop::sample::select(vec![330, 354, 546, 660, 1000]), 1 => 330..1200u64]
}
