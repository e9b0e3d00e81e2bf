//! The economic plan, rule by rule, on fleets small enough to check by hand.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod behaviours;
mod fleet;
mod money;
mod on_chain;
mod rebalance;
mod rules;
mod unknowns;
