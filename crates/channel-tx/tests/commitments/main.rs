//! Commitments as whole transactions: how many HTLCs fit, in what order outputs stand, how the number is hidden, what
//! holds of any state.
#![allow(clippy::unwrap_used, reason = "tests")]

mod channel;
mod counts;
mod funding;
mod number;
mod order;
mod property;
