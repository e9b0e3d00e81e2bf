//! Eclair: what `eclair-cli` prints. All numbers are numbers; amounts inside channels are millisatoshi.

mod channels;
mod flow;
mod node;

use std::str::FromStr;

use channel_core::ShortChannelId;

pub(super) use channels::channels;
pub(super) use flow::{audit, relay_stats};
pub(super) use node::{balances, info, nodes, updates, wallet};

/// A short id: `800000x1x0`, or `0x…` hex where it is an alias.
fn short_id(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        // A confirmed id cannot start so: no channel is in block 0.
        Some(digits) if !digits.contains('x') => u64::from_str_radix(digits, 16).ok(),
        _ => ShortChannelId::from_str(text).ok().map(ShortChannelId::to_u64),
    }
}
