//! The embedded chain: the suite of the port, its policy at the boundaries, reorganisations and the data directory.
#![allow(clippy::unwrap_used, reason = "tests")]

mod persistence;
mod policy;
mod properties;
mod suite;
mod taproot;
