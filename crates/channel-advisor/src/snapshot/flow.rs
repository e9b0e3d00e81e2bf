//! Forwards and payments: where a channel's earnings and its flow come from.

use std::ops::RangeInclusive;

use channel_core::Msat;

use super::{ChannelKey, PeerId};

/// A settled forward.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Forward {
    /// When it settled, in nanoseconds since the Unix epoch.
    pub time_ns: i64,
    /// The channel it came in through; may be closed by now.
    pub incoming: ChannelKey,
    /// The channel it left through; may be closed by now.
    pub outgoing: ChannelKey,
    /// What came in.
    pub amount_in: Msat,
    /// What went out.
    pub amount_out: Msat,
    /// What was earned.
    pub fee: Msat,
}

impl Forward {
    /// A forward that settled at `time_ns`.
    pub fn new(
        time_ns: i64,
        incoming: ChannelKey,
        outgoing: ChannelKey,
        amount_in: Msat,
        amount_out: Msat,
        fee: Msat,
    ) -> Self {
        Self { time_ns, incoming, outgoing, amount_in, amount_out, fee }
    }
}

/// Totals of a peer over a span, where a listing gives no single forwards (Eclair's `relaystats`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeerFlow {
    /// The peer.
    pub peer: PeerId,
    /// The span, Unix seconds.
    pub span_s: RangeInclusive<i64>,
    /// Forwards that came in from the peer.
    pub count_in: u64,
    /// Forwards that went out to the peer.
    pub count_out: u64,
    /// Volume that came in from the peer.
    pub amount_in: Msat,
    /// Volume that went out to the peer.
    pub amount_out: Msat,
    /// Fees earned on what went out to the peer.
    pub fee_earned: Msat,
    /// On-chain fees paid for the peer's channels.
    pub on_chain_fee_paid: Msat,
}

impl PeerFlow {
    /// Totals of `peer` over a span, all zero.
    pub fn empty(peer: PeerId, span_s: RangeInclusive<i64>) -> Self {
        Self {
            peer,
            span_s,
            count_in: 0,
            count_out: 0,
            amount_in: Msat::ZERO,
            amount_out: Msat::ZERO,
            fee_earned: Msat::ZERO,
            on_chain_fee_paid: Msat::ZERO,
        }
    }
}

/// A sign that a listing of forwards was cut by a page limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Truncation {
    /// Exactly 100 events: `lncli fwdinghistory` without `--max_events`.
    Default100,
    /// Exactly 50,000 events: LND's largest page.
    Page50000,
}

/// Settled forwards, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForwardHistory {
    /// Single forwards, sorted by time.
    pub events: Vec<Forward>,
    /// Totals a peer, when the listing has no single forwards.
    pub peers: Vec<PeerFlow>,
    /// Set when the number of events of a listing equals a page limit.
    pub truncation: Option<Truncation>,
}

/// A payment from the node to itself: a circular rebalance.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SelfPayment {
    /// When it settled, in nanoseconds since the Unix epoch.
    pub time_ns: i64,
    /// The channel it left through, when told.
    pub outgoing: Option<ChannelKey>,
    /// The channel it came back through, when told.
    pub incoming: Option<ChannelKey>,
    /// What arrived.
    pub amount: Msat,
    /// What it cost.
    pub fee: Msat,
}

impl SelfPayment {
    /// A self-payment that settled at `time_ns`; its channels unknown.
    pub const fn new(time_ns: i64, amount: Msat, fee: Msat) -> Self {
        Self { time_ns, outgoing: None, incoming: None, amount, fee }
    }
}
