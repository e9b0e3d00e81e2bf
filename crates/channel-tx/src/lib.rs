//! Transactions of a Taproot channel's life. So far: the exact [`weight`] of every input, output and transaction, for
//! the segwit and the Taproot commitment formats.
//!
//! Pure functions over sizes: no keys, no I/O, no allocation.
#![no_std]

#[cfg(test)]
extern crate alloc;

pub mod weight;

pub use bitcoin;
pub use channel_core;

/// The README's program is compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
