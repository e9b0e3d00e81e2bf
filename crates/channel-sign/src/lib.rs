//! The secrets of a payment channel and what may be signed with them.
//!
//! Pure functions and values: entropy comes in as bytes, nothing here draws randomness, reads a clock or does I/O.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub use bitcoin;
pub use channel_core;
pub use channel_tx;

#[cfg(test)]
mod vector_report;
#[cfg(test)]
mod vectors;
