//! What a ledger asks of new channels.

use bitcoin::{Amount, OutPoint};

use crate::dust::TrimLimit;
use crate::limits::ChannelParams;
use crate::quantity::{CommitmentFormat, FeerateKw, Msat, PerSide, Side};

/// The terms of channels that a ledger creates. Channels keep the terms they were created with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct LedgerPolicy {
    /// How transactions are built.
    pub format: CommitmentFormat,
    /// The trim limit of each side, in sat.
    #[cfg_attr(feature = "serde", serde(rename = "dust_limit_sat"))]
    pub trim: PerSide<TrimLimit>,
    /// The feerate of commitments; ignored by formats without a commitment fee.
    #[cfg_attr(feature = "serde", serde(rename = "feerate_per_kw"))]
    pub feerate: FeerateKw,
    /// The smallest capacity, in sat.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "funding_threshold_sat", with = "bitcoin::amount::serde::as_sat")
    )]
    pub funding_threshold: Amount,
    /// The largest capacity, in sat.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "max_channel_value_sat", with = "bitcoin::amount::serde::as_sat")
    )]
    pub max_channel_value: Amount,
    /// What each side must start with.
    pub minimum_balance: MinimumBalance,
    /// The most that may be trimmed from HTLCs on either commitment, in msat.
    #[cfg_attr(feature = "serde", serde(rename = "max_dust_exposure_msat"))]
    pub max_dust_exposure: Msat,
}

/// What each side must hold when a channel is created, beyond what the protocol asks of the opener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum MinimumBalance {
    /// Nothing: a channel funded by one side is the usual case.
    #[default]
    None,
    /// Twice the larger trim limit on both sides. No capacity below four times that limit can satisfy it.
    TwiceTrimLimit,
}

impl LedgerPolicy {
    /// A policy for this format with one trim limit for both sides: capacities from 10,000 sat to 1 BTC, commitments at
    /// the lowest feerate the format has, no minimum balance.
    pub const fn new(format: CommitmentFormat, trim: TrimLimit) -> Self {
        Self {
            format,
            trim: PerSide { local: trim, remote: trim },
            feerate: if format.is_zero_fee() { FeerateKw::ZERO } else { FeerateKw::FLOOR },
            funding_threshold: Amount::from_sat(10_000),
            max_channel_value: Amount::from_sat(100_000_000),
            minimum_balance: MinimumBalance::None,
            max_dust_exposure: ChannelParams::DEFAULT_MAX_DUST_EXPOSURE,
        }
    }

    /// The feerate new commitments start with.
    pub(super) fn commitment_feerate(&self) -> FeerateKw {
        if self.format.is_zero_fee() { FeerateKw::ZERO } else { self.feerate }
    }
}

impl Default for LedgerPolicy {
    /// Taproot with zero-fee commitments, and the 546 sat most wallets call dust as the limit of both sides.
    fn default() -> Self {
        Self::new(CommitmentFormat::default(), TrimLimit::observed(Amount::from_sat(546)))
    }
}

/// A channel to be created. Its funding output names it; the remote side holds what the local side does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NewChannel {
    /// The funding output.
    pub funding: OutPoint,
    /// The side that opens the channel and pays commitment fees.
    pub opener: Side,
    /// The value of the funding output, in sat.
    pub capacity: Amount,
    /// What the local side starts with, in msat.
    pub local_balance: Msat,
}
