//! Reads a Lightning node's channels (LND, Core Lightning, Eclair, LDK) and prices every remedy: rebalance, splice,
//! consolidate, close, or leave alone.
//!
//! Bytes in, [`snapshot::Snapshot`] in the middle, [`plan::Plan`] out. Nothing here opens a file, a socket or a clock:
//! listings come in as bytes, the time of the plan as a parameter, so the same input always gives the same plan.

pub mod economic;
pub mod heuristic;
pub mod import;
pub mod plan;
pub mod snapshot;

pub use bitcoin;
pub use channel_core;
