//! Partially signed transactions: the vectors of BIP 373, malformed bytes, and round trips of channel transactions.
#![cfg(feature = "psbt")]
#![expect(clippy::unwrap_used, reason = "what a test cannot construct fails the test")]

extern crate alloc;

mod built;
mod cases;
mod fields;
mod outside;
mod property;
mod round_trip;
mod tamper;
#[path = "../../src/vector_report.rs"]
mod vector_report;
mod vectors;
