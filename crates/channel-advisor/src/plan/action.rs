//! One remedy with its price, its conditions and what it would do.

use std::borrow::Cow;

use channel_core::{FeerateKw, Msat, SignedMsat};
use schemars::JsonSchema;
use serde::Serialize;

use super::Confidence;
use crate::snapshot::{ChannelKey, PeerId};

/// What kind of remedy an action is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RemedyKind {
    /// Change what we ask for: outgoing ppm, inbound discount, HTLC limits.
    SetFee,
    /// A circular payment out through one channel and back through another.
    Rebalance,
    /// Add coins to a channel.
    SpliceIn,
    /// Take coins out of a channel.
    SpliceOut,
    /// Move coins from one channel into another in one transaction.
    CrossSplice,
    /// Open a second channel to the same peer.
    Open,
    /// Merge several channels with one peer into one.
    Consolidate,
    /// Close cooperatively.
    Close,
    /// Close cooperatively and open anew, where a splice is not possible.
    CloseReopen,
    /// Raise HTLC or dust limits.
    RaiseLimits,
    /// Leave alone.
    DoNothing,
}

impl RemedyKind {
    /// The stable name, as in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SetFee => "set_fee",
            Self::Rebalance => "rebalance",
            Self::SpliceIn => "splice_in",
            Self::SpliceOut => "splice_out",
            Self::CrossSplice => "cross_splice",
            Self::Open => "open",
            Self::Consolidate => "consolidate",
            Self::Close => "close",
            Self::CloseReopen => "close_reopen",
            Self::RaiseLimits => "raise_limits",
            Self::DoNothing => "do_nothing",
        }
    }
}

/// A reason or an explanation with a stable code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Reason {
    /// Stable name in snake case.
    pub code: Cow<'static, str>,
    /// One sentence with the figures.
    pub text: Cow<'static, str>,
}

impl Reason {
    /// A reason.
    pub fn new(code: impl Into<Cow<'static, str>>, text: impl Into<Cow<'static, str>>) -> Self {
        Self { code: code.into(), text: text.into() }
    }
}

/// Whether a remedy can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeasibilityStatus {
    /// It can.
    Yes,
    /// It cannot.
    No,
    /// An input is missing to tell.
    Unknown,
}

/// Whether a remedy can be done, and why not or what is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Feasibility {
    /// Yes, no, or unknown.
    pub status: FeasibilityStatus,
    /// Present unless the answer is yes.
    pub reason: Option<Reason>,
}

impl Feasibility {
    /// It can be done.
    pub const fn yes() -> Self {
        Self { status: FeasibilityStatus::Yes, reason: None }
    }

    /// It cannot be done.
    pub const fn no(reason: Reason) -> Self {
        Self { status: FeasibilityStatus::No, reason: Some(reason) }
    }

    /// It cannot be told.
    pub const fn unknown(reason: Reason) -> Self {
        Self { status: FeasibilityStatus::Unknown, reason: Some(reason) }
    }
}

/// Whether a prerequisite holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrerequisiteStatus {
    /// It holds.
    Met,
    /// It does not hold.
    Unmet,
    /// No input tells.
    Unknown,
}

/// Something an action needs: the seed's names (`onchain_funds`, `peer_cooperation`, `blockchain_space`,
/// `sufficient_outbound_capacity`, `sufficient_inbound_capacity`, `cooperative_peer`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Prerequisite {
    /// Name.
    pub name: Cow<'static, str>,
    /// Whether it holds.
    pub status: PrerequisiteStatus,
    /// The figures, for people: `needs 1,250,000 sat on-chain`.
    pub detail: Option<Cow<'static, str>>,
}

impl Prerequisite {
    /// A prerequisite without a detail.
    pub fn new(name: impl Into<Cow<'static, str>>, status: PrerequisiteStatus) -> Self {
        Self { name: name.into(), status, detail: None }
    }

    /// The same with a detail for people.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

/// What an action does to dust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DustImpact {
    /// Less of it.
    Reduce,
    /// More of it.
    Increase,
    /// No change.
    Neutral,
}

/// How hard an action is to carry out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Complexity {
    /// One command, nothing on-chain.
    Low,
    /// Payments that may fail and be retried.
    Medium,
    /// On-chain transactions, the peer must take part.
    High,
}

/// The on-chain part of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct OnChain {
    /// Weight of its transactions, WU.
    pub weight_wu: u64,
    /// The same in virtual bytes, rounded up.
    pub size_vb: u64,
    /// Fee at the plan's feerate.
    #[schemars(with = "u64")]
    pub fee_msat: Msat,
    /// The feerate at which the action's net benefit becomes zero; absent when it never pays.
    #[schemars(with = "Option<u32>")]
    pub break_even_sat_per_kw: Option<FeerateKw>,
    /// Set when the advice flips between 0.1 and 50 sat/vB: worth doing only at or below this feerate.
    #[schemars(with = "Option<u32>")]
    pub only_at_or_below_sat_per_kw: Option<FeerateKw>,
    /// Coins needed from the own wallet, fee included.
    #[schemars(with = "u64")]
    pub needs_msat: Msat,
}

/// A circular route in figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct RouteSummary {
    /// Where the price comes from: `graph` or `assumed`.
    pub origin: Cow<'static, str>,
    /// Routing fee in ppm of the amount, rounded up.
    pub fee_ppm: u32,
    /// Chance of success, ppm.
    pub success_ppm: u32,
    /// Number of channels, first and last included; absent when assumed.
    pub hops: Option<u8>,
    /// Short channel ids along the way, own channels included; empty when assumed.
    pub path: Vec<String>,
}

/// What is particular to a kind of remedy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ActionDetails {
    /// A fee step.
    SetFee {
        /// Outgoing rate today, ppm.
        from_ppm: u32,
        /// Outgoing rate to set, ppm.
        to_ppm: u32,
        /// LND inbound rate to set, ppm (negative: a discount); absent: leave.
        inbound_ppm: Option<i32>,
        /// Largest HTLC to set; absent: leave.
        #[schemars(with = "Option<u64>")]
        htlc_maximum_msat: Option<Msat>,
        /// Smallest HTLC to set; absent: leave.
        #[schemars(with = "Option<u64>")]
        htlc_minimum_msat: Option<Msat>,
        /// How much of the volume may be lost before the step costs money, ppm; for a cut, how much must be gained.
        break_even_volume_ppm: Option<u32>,
        /// Set when the step alone reaches the liquidity target within the horizon, so that paying for a rebalance
        /// would be waste.
        reaches_target: bool,
    },
    /// A circular payment.
    Rebalance {
        /// The channel it leaves through.
        source: String,
        /// The channel it comes back through.
        target: String,
        /// Its route.
        route: RouteSummary,
        /// The most it may cost, ppm of the amount: the limit to give to the executor.
        max_ppm: u32,
        /// Smallest part worth sending.
        #[schemars(with = "u64")]
        min_part_msat: Msat,
    },
    /// A splice of one channel.
    Splice {
        /// Capacity after.
        #[schemars(with = "u64")]
        new_capacity_msat: Msat,
        /// Our reserve after.
        #[schemars(with = "u64")]
        new_reserve_msat: Msat,
    },
    /// A splice between two channels.
    CrossSplice {
        /// The channel that gives.
        source: String,
        /// The channel that takes.
        target: String,
        /// The route price above which this beats a circular rebalance, ppm.
        beats_rebalance_above_ppm: Option<u32>,
    },
    /// A channel opened beside or after another.
    Open {
        /// Its capacity.
        #[schemars(with = "u64")]
        capacity_msat: Msat,
    },
    /// Several channels of one peer merged.
    Consolidate {
        /// The channel that stays.
        keep: String,
        /// The channels that are closed into it.
        close: Vec<String>,
    },
    /// A cooperative close.
    Close {
        /// What comes back.
        #[schemars(with = "u64")]
        returns_msat: Msat,
    },
    /// New limits.
    RaiseLimits {
        /// Dust limit to ask for at the next opening or splice.
        #[schemars(with = "Option<u64>")]
        dust_limit_sat: Option<u64>,
        /// Smallest HTLC to forward.
        #[schemars(with = "Option<u64>")]
        htlc_minimum_msat: Option<Msat>,
    },
    /// Nothing particular.
    None,
}

/// A remedy, priced.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Action {
    /// Stable within a plan: kind and channels, such as `rebalance:879…>880…`.
    pub id: String,
    /// What it is.
    pub kind: RemedyKind,
    /// The channels it changes, the one it is for first.
    #[schemars(with = "Vec<String>")]
    pub channels: Vec<ChannelKey>,
    /// What people call those channels.
    pub labels: Vec<String>,
    /// The peers of those channels, as far as known.
    pub peers: Vec<PeerId>,
    /// One line for people: what to do.
    pub summary: String,
    /// Amount moved.
    #[schemars(with = "Option<u64>")]
    pub amount_msat: Option<Msat>,
    /// What it costs: routing fees, chain fees, forgone earnings.
    #[schemars(with = "u64")]
    pub cost_msat: Msat,
    /// Routing and chain fees it pays when all of it succeeds: what a budget bounds.
    #[schemars(with = "u64")]
    pub fees_msat: Msat,
    /// What it is expected to bring over the horizon; absent when it cannot be told.
    #[schemars(with = "Option<u64>")]
    pub benefit_msat: Option<Msat>,
    /// Benefit minus cost; absent when the benefit cannot be told.
    #[schemars(with = "Option<i64>")]
    pub net_msat: Option<SignedMsat>,
    /// Hours until the benefit has paid the cost; absent when it never does or cannot be told.
    pub payback_hours: Option<u64>,
    /// Benefit over cost, in thousandths; absent when the cost is zero or the benefit unknown.
    pub benefit_cost_ratio_milli: Option<u64>,
    /// The on-chain part; absent when there is none.
    pub on_chain: Option<OnChain>,
    /// Whether it can be done.
    pub feasibility: Feasibility,
    /// What it needs.
    pub prerequisites: Vec<Prerequisite>,
    /// Dust on our commitments before.
    #[schemars(with = "u64")]
    pub dust_before_msat: Msat,
    /// Dust on our commitments after.
    #[schemars(with = "u64")]
    pub dust_after_msat: Msat,
    /// The difference in a word.
    pub dust_impact: DustImpact,
    /// How hard it is.
    pub complexity: Complexity,
    /// 1 to 10, 10 most urgent.
    pub priority: u8,
    /// How far its figures can be trusted.
    pub confidence: Confidence,
    /// Particulars of the kind.
    pub details: ActionDetails,
    /// Why: each line names its figures.
    pub why: Vec<Reason>,
    /// Commands that would carry it out. Text only; nothing is executed.
    pub commands: Vec<String>,
}
