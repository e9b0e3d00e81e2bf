//! The signer of a channel: what two of them make together, and what one refuses.
#![allow(clippy::unwrap_used, reason = "tests")]

mod commitments;
mod harness;
mod refusals;
