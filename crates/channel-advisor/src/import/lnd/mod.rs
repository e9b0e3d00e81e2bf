//! LND: what `lncli` and the REST interface print. 64-bit numbers are strings there, 32-bit ones numbers.
//!
//! Since 0.19 `lncli` prints the short id as `scid`, and under `chan_id` the 32-byte channel id in hex; forwards still
//! name the short id.

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

use super::scalar::Scalar;

/// The short id by which other documents name the channel, else what the listing has in its place.
const fn channel_id<'s, 'a>(scid: &'s Scalar<'a>, chan_id: &'s Scalar<'a>) -> &'s Scalar<'a> {
    scid.or(chan_id)
}
