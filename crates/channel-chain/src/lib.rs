//! What a channel needs from the chain, and a chain to test it on.
//!
#![doc = include_str!("../README.md")]
//!
//! # Map
//!
//! [`port`] is what a backend implements, in the words of [`block`], [`watch`] and [`refusal`]; [`follow`] walks a
//! backend block by block. [`policy`] and [`finality`] are the rules of relay and consensus as numbers and functions.
//! [`embedded`] is the regtest chain inside the process, and [`conformance`] the suite every backend runs.

pub mod block;
#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "embedded")]
pub mod embedded;
pub mod finality;
pub mod follow;
pub mod policy;
pub mod port;
pub mod refusal;
pub mod watch;

pub use bitcoin;
pub use block::{BlockRef, Confirmation};
#[cfg(feature = "embedded")]
pub use embedded::EmbeddedChain;
pub use follow::Follower;
pub use port::{BroadcastError, Chain, ChainError, FeerateEstimate, Step, Submission};
pub use refusal::{Refusal, RefusalReason, Rejection};
pub use watch::{BlockReport, Sighting, Watched};
