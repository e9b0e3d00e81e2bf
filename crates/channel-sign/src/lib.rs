//! The secrets of a payment channel and what may be signed with them.
//!
//! Pure functions and values: entropy comes in as bytes, nothing here draws randomness, reads a clock or does I/O.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod adaptor;
pub mod bip328;
mod entropy;
pub mod keys;
pub mod musig;
pub mod seed;
pub mod shachain;
pub mod signer;
mod signing_key;

pub use bitcoin;
pub use channel_core;
pub use channel_tx;
pub use entropy::Entropy;
pub use signing_key::{SigningKey, SigningKeyError};

#[cfg(test)]
mod vector_report;
#[cfg(test)]
mod vectors;

/// The README's programs are compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
