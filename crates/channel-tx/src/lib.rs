//! Every transaction of a channel's life, built from pure data: public [`keys`], scripts, and the exact [`weight`] of
//! every input, output and transaction, for the segwit and the Taproot commitment formats.
//!
//! Pure functions: no secrets, no I/O, no clock.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod bump;
pub mod claim;
pub mod close;
pub mod commitment;
#[cfg(feature = "descriptor")]
pub mod descriptor;
pub mod format;
pub mod funding;
pub mod keys;
pub mod penalty;
pub mod policy;
#[cfg(feature = "psbt")]
pub mod psbt;
pub mod script;
pub mod spend;
pub mod splice;
pub mod watch;
pub mod weight;

pub use bitcoin;
pub use channel_core;

#[cfg(test)]
mod vector_report;

/// The README's program is compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
