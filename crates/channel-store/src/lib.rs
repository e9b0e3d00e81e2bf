//! The storage port of payment channels, and two places behind it.
//!
#![doc = include_str!("../README.md")]

mod conflict;
mod error;
mod memory;
mod store;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
#[cfg(feature = "sqlite")]
pub mod sqlite;

pub use channel_core;
pub use conflict::Conflict;
pub use error::{Cause, Damage, OpenError, Place, ReadError, WriteError};
pub use memory::{MemoryDisk, MemoryStore};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
pub use store::{Contents, Generation, Snapshot, Store};
