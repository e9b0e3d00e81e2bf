//! The three actions the heuristic can advise, and the fixed facts of each.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::health::Issue;
use super::number::{Number, signed, whole};
use super::{ChannelHealth, HeuristicChannel};
use crate::snapshot::ChannelKey;

/// Total dust above which a dust-removing splice is advised, in sat, whatever the channel's own limit (B10).
pub(super) const SPLICE_DUST_SAT: u64 = 546;
/// What every splice is said to cost on-chain, in sat.
const SPLICE_FEE_SAT: u64 = 1000;

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActionKind {
    /// Move value from our side to the peer's.
    RebalanceOut,
    /// Move value from the peer's side to ours.
    RebalanceIn,
    /// Splice to be rid of dust.
    SpliceDustRemoval,
    /// Splice to grow the channel by half.
    SpliceIncrease,
}

impl ActionKind {
    /// The first part of an action's id.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RebalanceOut => "rebalance_out",
            Self::RebalanceIn => "rebalance_in",
            Self::SpliceDustRemoval => "splice_dust_removal",
            Self::SpliceIncrease => "splice_increase",
        }
    }

    /// `rebalance` or `splice`.
    pub const fn action_type(self) -> &'static str {
        match self {
            Self::RebalanceOut | Self::RebalanceIn => "rebalance",
            Self::SpliceDustRemoval | Self::SpliceIncrease => "splice",
        }
    }

    /// The action's own priority, higher first: 7, 6 or 5.
    pub const fn priority(self) -> u8 {
        match self {
            Self::RebalanceOut | Self::RebalanceIn => 7,
            Self::SpliceDustRemoval => 6,
            Self::SpliceIncrease => 5,
        }
    }

    /// What it is said to do to dust: `reduce` or `neutral`.
    pub const fn dust_impact(self) -> &'static str {
        match self {
            Self::RebalanceOut | Self::RebalanceIn | Self::SpliceDustRemoval => "reduce",
            Self::SpliceIncrease => "neutral",
        }
    }

    /// `medium` or `high`.
    pub const fn execution_complexity(self) -> &'static str {
        match self {
            Self::RebalanceOut | Self::RebalanceIn => "medium",
            Self::SpliceDustRemoval | Self::SpliceIncrease => "high",
        }
    }

    /// What it needs; never checked by the heuristic (B20).
    pub const fn prerequisites(self) -> &'static [&'static str] {
        match self {
            Self::RebalanceOut => &["sufficient_outbound_capacity", "cooperative_peer"],
            Self::RebalanceIn => &["sufficient_inbound_capacity", "cooperative_peer"],
            Self::SpliceDustRemoval => &["onchain_funds", "peer_cooperation", "blockchain_space"],
            Self::SpliceIncrease => &["onchain_funds", "peer_cooperation"],
        }
    }
}

/// The seed's `ChannelManagementAction`.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// What to do.
    pub kind: ActionKind,
    /// With which channel.
    pub channel_id: ChannelKey,
    /// Its cost in sat by a flat rule; can be negative (B8).
    pub expected_cost: Number,
    /// Its benefit in sat by a flat rule; can be negative (B8).
    pub expected_benefit: f64,
}

impl Action {
    /// `<kind>_<channel>`.
    pub fn action_id(&self) -> String {
        format!("{}_{}", self.kind.as_str(), self.channel_id)
    }

    /// The rebalance of an imbalanced channel: half the distance of our balance to half of capacity, rounded down,
    /// which is a quarter of the gap and negative when pending HTLCs hold the rest (B7, B8).
    pub(super) fn rebalance(channel: &HeuristicChannel, health: &ChannelHealth) -> Option<Self> {
        health.issues.contains(Issue::Imbalanced).then(|| {
            let (kind, amount) = lean(channel);
            Self {
                kind,
                channel_id: channel.id.clone(),
                expected_cost: Number::Float(signed(amount) * 0.001),
                expected_benefit: signed(amount) * 0.05,
            }
        })
    }

    /// The splices of a channel: at most one against dust and one to grow, in this order.
    pub(super) fn splices(
        channel: &HeuristicChannel,
        health: &ChannelHealth,
    ) -> impl Iterator<Item = Self> + use<> {
        let dust = channel.local_dust.to_sat() + channel.remote_dust.to_sat();
        let against_dust = (dust > SPLICE_DUST_SAT).then(|| Self {
            kind: ActionKind::SpliceDustRemoval,
            channel_id: channel.id.clone(),
            expected_cost: Number::Int(SPLICE_FEE_SAT),
            expected_benefit: whole(dust) * 0.8,
        });
        let growth = whole(channel.capacity.to_sat() / 2);
        let to_grow = health.issues.contains(Issue::Underutilized).then(|| Self {
            kind: ActionKind::SpliceIncrease,
            channel_id: channel.id.clone(),
            expected_cost: Number::Float(growth * 0.001 + whole(SPLICE_FEE_SAT)),
            expected_benefit: growth * 0.1,
        });
        against_dust.into_iter().chain(to_grow)
    }
}

impl Serialize for Action {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Action", 9)?;
        fields.serialize_field("action_id", &format_args!("{}_{}", self.kind.as_str(), self.channel_id))?;
        fields.serialize_field("action_type", self.kind.action_type())?;
        fields.serialize_field("channel_id", &self.channel_id)?;
        fields.serialize_field("priority", &self.kind.priority())?;
        fields.serialize_field("expected_cost", &self.expected_cost)?;
        fields.serialize_field("expected_benefit", &self.expected_benefit)?;
        fields.serialize_field("dust_impact", self.kind.dust_impact())?;
        fields.serialize_field("execution_complexity", self.kind.execution_complexity())?;
        fields.serialize_field("prerequisites", self.kind.prerequisites())?;
        fields.end()
    }
}

/// Which way a channel is said to lean, and what to move against it, in sat.
fn lean(channel: &HeuristicChannel) -> (ActionKind, i64) {
    let local = channel.local_balance.to_sat();
    let beyond_half = local.cast_signed() - (channel.capacity.to_sat() / 2).cast_signed();
    if local > channel.remote_balance.to_sat() {
        (ActionKind::RebalanceOut, beyond_half.div_euclid(2))
    } else {
        (ActionKind::RebalanceIn, (-beyond_half).div_euclid(2))
    }
}
