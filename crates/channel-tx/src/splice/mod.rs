//! Splicing: a channel moves to a new funding output, with coins added or paid out (BOLT 2, "Channel Splicing").
//!
//! Exactly one input is shared, the funding output of before, and exactly one output funds the channel anew: with the old
//! capacity and the sum of all contributions. Everything else belongs to one of the contributors. Until a candidate
//! confirms, each of them has commitments of its own, built by [`SpliceCandidate::builder`]; all of them conflict by the
//! shared input.

mod candidate;
mod error;

pub use candidate::{ReserveStatus, Splice, SpliceCandidate};
pub use error::SpliceError;
