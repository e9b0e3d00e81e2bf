//! What the heuristic would do with a channel's dust: three strategies that spend the same satoshi three times (B14).

use bitcoin::Amount;
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::HeuristicChannel;
use crate::snapshot::ChannelKey;

/// The most dust that is put towards fees, in sat.
const FEE_CAP_SAT: u64 = 10_000;

/// The seed's `optimize_dust_allocation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DustAllocation {
    /// The channel.
    pub channel_id: ChannelKey,
    /// The dust it starts from.
    pub current_dust: SideDust,
    /// What each strategy keeps back on a side.
    #[serde(with = "bitcoin::amount::serde::as_sat")]
    pub dust_limit: Amount,
    /// Both sides' dust added up (B6).
    #[serde(with = "bitcoin::amount::serde::as_sat")]
    pub total_dust: Amount,
    /// The strategies whose conditions hold, in a fixed order.
    pub optimization_strategies: Vec<DustStrategy>,
    /// The name of the first strategy, or `no_action_needed` (B15).
    pub recommended_strategy: &'static str,
}

/// Dust by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SideDust {
    /// Ours.
    #[serde(with = "bitcoin::amount::serde::as_sat")]
    pub local: Amount,
    /// The peer's.
    #[serde(with = "bitcoin::amount::serde::as_sat")]
    pub remote: Amount,
}

/// One way to deal with dust, with what it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DustStrategy {
    /// Pay our dust above the limit to the peer (B12).
    ConsolidateToRemote {
        /// What is paid.
        amount: Amount,
        /// Our dust after it.
        local_dust: Amount,
        /// The peer's dust after it.
        remote_dust: Amount,
    },
    /// Put our dust above the limit towards commitment fees, at most 10,000 sat (B13).
    DustForFees {
        /// What is put towards fees.
        amount: Amount,
        /// Our dust after it.
        local_dust: Amount,
    },
    /// Splice out everything above one limit a side (B14).
    DustSweeping {
        /// What is swept.
        amount: Amount,
        /// The dust each side is left with.
        dust_each: Amount,
    },
}

impl DustStrategy {
    /// Its name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ConsolidateToRemote { .. } => "consolidate_to_remote",
            Self::DustForFees { .. } => "dust_for_fees",
            Self::DustSweeping { .. } => "dust_sweeping",
        }
    }

    const fn words(&self) -> [&'static str; 3] {
        match self {
            Self::ConsolidateToRemote { .. } => {
                ["Move all dust to remote side", "send_payment", "simplified_dust_management"]
            }
            Self::DustForFees { .. } => [
                "Utilize dust for commitment transaction fees",
                "fee_adjustment",
                "reduced_external_funding_needed",
            ],
            Self::DustSweeping { .. } => ["Sweep excess dust via splicing", "splice_out", "dust_recovery"],
        }
    }

    const fn amount(&self) -> Amount {
        match *self {
            Self::ConsolidateToRemote { amount, .. }
            | Self::DustForFees { amount, .. }
            | Self::DustSweeping { amount, .. } => amount,
        }
    }
}

impl Serialize for DustStrategy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let [description, action, benefit] = self.words();
        let mut fields = serializer.serialize_struct("DustStrategy", 6)?;
        fields.serialize_field("name", self.name())?;
        fields.serialize_field("description", description)?;
        fields.serialize_field("action", action)?;
        fields.serialize_field("amount", &self.amount().to_sat())?;
        fields.serialize_field("result", &StrategyResult(self))?;
        fields.serialize_field("benefit", benefit)?;
        fields.end()
    }
}

/// The `result` object of a strategy; its keys differ by strategy.
struct StrategyResult<'a>(&'a DustStrategy);

impl Serialize for StrategyResult<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pairs: &[(&str, Amount)] = match *self.0 {
            DustStrategy::ConsolidateToRemote { local_dust, remote_dust, .. } => {
                &[("local_dust", local_dust), ("remote_dust", remote_dust)]
            }
            DustStrategy::DustForFees { amount, local_dust } => {
                &[("local_dust", local_dust), ("fee_budget", amount)]
            }
            DustStrategy::DustSweeping { amount, dust_each } => {
                &[("local_dust", dust_each), ("remote_dust", dust_each), ("recovered", amount)]
            }
        };
        serializer.collect_map(pairs.iter().map(|(key, amount)| (*key, amount.to_sat())))
    }
}

impl DustAllocation {
    /// The strategies for one channel, whose amounts are within bounds.
    pub(super) fn of(channel: &HeuristicChannel) -> Self {
        let strategies: Vec<_> =
            [consolidation(channel), fees(channel), sweep(channel)].into_iter().flatten().collect();
        Self {
            channel_id: channel.id.clone(),
            current_dust: SideDust { local: channel.local_dust, remote: channel.remote_dust },
            dust_limit: channel.dust_limit,
            total_dust: Amount::from_sat(total(channel)),
            recommended_strategy: strategies.first().map_or("no_action_needed", DustStrategy::name),
            optimization_strategies: strategies,
        }
    }
}

fn total(channel: &HeuristicChannel) -> u64 {
    channel.local_dust.to_sat() + channel.remote_dust.to_sat()
}

fn consolidation(channel: &HeuristicChannel) -> Option<DustStrategy> {
    let limit = channel.dust_limit;
    (channel.local_dust > limit && channel.remote_dust > limit).then(|| DustStrategy::ConsolidateToRemote {
        amount: Amount::from_sat(channel.local_dust.to_sat() - limit.to_sat()),
        local_dust: limit,
        remote_dust: Amount::from_sat(total(channel) - limit.to_sat()),
    })
}

fn fees(channel: &HeuristicChannel) -> Option<DustStrategy> {
    let (dust, limit) = (channel.local_dust.to_sat(), channel.dust_limit.to_sat());
    (dust > limit * 2).then(|| {
        let amount = (dust - limit).min(FEE_CAP_SAT);
        DustStrategy::DustForFees {
            amount: Amount::from_sat(amount),
            local_dust: Amount::from_sat(dust - amount),
        }
    })
}

fn sweep(channel: &HeuristicChannel) -> Option<DustStrategy> {
    let (dust, limit) = (total(channel), channel.dust_limit.to_sat());
    (dust > limit * 3).then(|| DustStrategy::DustSweeping {
        amount: Amount::from_sat(dust - limit * 2),
        dust_each: channel.dust_limit,
    })
}
