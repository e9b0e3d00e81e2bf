//! The transactions that open, change and close a channel, and what is told from a spend of its funding output.

#![expect(clippy::unwrap_used, reason = "what a test cannot construct fails the test")]

mod channel;
mod close;
mod open;
mod order;
mod property;
mod splice;
mod watch;
