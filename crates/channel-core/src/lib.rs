//! The rules of Taproot payment channels as pure data and pure functions.
//!
#![doc = include_str!("../README.md")]
//!
//! # Map
//!
//! Each module uses only those above it: [`quantity`], [`htlc`], [`dust`], [`commitment`], [`limits`], [`ledger`]; [`persist`] stands alone.
//! There is no I/O, no clock, no randomness and no logging. Amounts inside a channel are [`Msat`] (BOLT 2), amounts on
//! the chain are [`bitcoin::Amount`].
#![no_std]

extern crate alloc;

pub mod commitment;
pub mod dust;
pub mod htlc;
pub mod ledger;
pub mod limits;
pub mod persist;
pub mod quantity;
#[cfg(feature = "serde")]
mod snapshot;

pub use bitcoin;
pub use quantity::{
    ChannelId, CltvExpiry, CommitmentFormat, CommitmentNumber, CsvDelay, FeerateKw, HtlcId, Msat, Party,
    PaymentHash, PerSide, RoutingFee, ShortChannelId, Side, SignedMsat,
};
