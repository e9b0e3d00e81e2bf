//! LND: what `lncli` and the REST interface print. 64-bit numbers are strings there, 32-bit ones numbers.

mod channels;
mod commitment;
mod forwards;
mod graph;
mod node;
mod payments;

pub(super) use channels::channels;
pub(super) use forwards::{fees, forwards};
pub(super) use graph::graph;
pub(super) use node::{info, peers, pending, wallet};
pub(super) use payments::payments;
