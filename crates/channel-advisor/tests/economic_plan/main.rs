//! The economic plan, rule by rule, on fleets small enough to check by hand.

mod fleet;
mod money;
mod on_chain;
mod rebalance;
mod rules;
mod unknowns;
