//! Everything that spends a commitment: built, signed with real keys and run through Bitcoin Core's consensus code;
//! batches, penalties and children at the edges of their rules.

#![expect(clippy::unwrap_used, reason = "what a test cannot construct fails the test")]

mod bump;
mod channel;
mod claims;
mod consensus;
#[cfg(feature = "psbt")]
mod exported;
mod paths;
mod penalty;
mod property;
mod second_level;
mod signing;
