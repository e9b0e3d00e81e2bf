//! Core Lightning: what `lightning-cli` prints. Amounts are millisatoshi: numbers today, `"123msat"` strings and
//! `msatoshi_…` fields in older versions.

mod channels;
mod flow;
mod funds;
mod graph;
mod node;

pub(super) use channels::{channels, set_channel};
pub(super) use flow::{apy, forwards, pays};
pub(super) use funds::{feerates, funds};
pub(super) use graph::{graph, nodes};
pub(super) use node::{info, peers};
