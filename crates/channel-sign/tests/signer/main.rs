//! The signer of a channel: what two of them make together, and what one refuses.
#![allow(clippy::unwrap_used, reason = "tests")]

mod commitments;
mod consensus;
mod every_refusal;
mod harness;
mod refusals;
mod secrecy;
mod spends;
mod stored;
mod walk;
