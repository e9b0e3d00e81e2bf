//! The trim limit: the `dust_limit_satoshis` a side negotiated for its own commitment (BOLT 2 and 3).

use bitcoin::{Amount, Weight};
use thiserror::Error;

use super::{EconomicDust, ExitPath, RelayDust, ScriptType};
use crate::htlc::HtlcDirection;
use crate::quantity::{CommitmentFormat, FeerateKw, Msat, Side};

/// The value under which the outputs of one side's commitment are left out. An output that equals it is kept.
///
/// It belongs to the owner of the commitment and rules every output on it: both balances and all HTLCs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct TrimLimit(#[cfg_attr(feature = "serde", serde(with = "bitcoin::amount::serde::as_sat"))] Amount);

impl TrimLimit {
    /// The smallest limit a peer may propose: 354 sat, the relay dust of the longest witness program (BOLT 2).
    pub const PEER_MINIMUM: Self =
        Self(RelayDust::of(ScriptType::UnknownSegwit, RelayDust::DEFAULT_FEERATE).to_amount());

    /// The limit `proposer` proposes for its own commitment.
    ///
    /// # Errors
    /// [`TrimLimitError::BelowMinimum`] under [`Self::minimum`], [`TrimLimitError::AboveSupply`] over 21e14 sat.
    pub fn negotiated(
        format: CommitmentFormat,
        proposer: Side,
        limit: Amount,
    ) -> Result<Self, TrimLimitError> {
        let minimum = Self::minimum(format, proposer);
        if limit < minimum.0 {
            return Err(TrimLimitError::BelowMinimum { proposer, minimum, proposed: limit });
        }
        if limit > Amount::MAX_MONEY {
            return Err(TrimLimitError::AboveSupply { proposed: limit });
        }
        Ok(Self(limit))
    }

    /// The smallest limit `proposer` may propose: for ourselves the relay dust of the widest output a commitment of
    /// this format has (330 sat: P2TR for Taproot, P2WSH for segwit v0), for the peer [`Self::PEER_MINIMUM`].
    pub const fn minimum(format: CommitmentFormat, proposer: Side) -> Self {
        let widest = if format.is_taproot() { ScriptType::P2tr } else { ScriptType::P2wsh };
        match proposer {
            Side::Local => Self(RelayDust::of(widest, RelayDust::DEFAULT_FEERATE).to_amount()),
            Side::Remote => Self::PEER_MINIMUM,
        }
    }

    /// The limit of a running channel, as a node's listing shows it. It is taken as it is: some implementations accept
    /// any limit, and what is in force decides what is trimmed.
    pub const fn observed(limit: Amount) -> Self {
        Self(limit)
    }

    /// The limit that keeps no output which is uneconomic to claim at `feerate`:
    /// max(354, what claiming an accepted HTLC on the own commitment costs).
    pub fn advised(format: CommitmentFormat, feerate: FeerateKw) -> Self {
        let claim = EconomicDust::of(ExitPath::OwnAccepted, format, feerate);
        Self(claim.to_amount().max(Self::PEER_MINIMUM.0))
    }

    /// The limit in sat.
    pub const fn to_amount(self) -> Amount {
        self.0
    }

    /// True when a main output of `value` is left out.
    pub fn trims_output(self, value: Amount) -> bool {
        value < self.0
    }

    /// The smallest HTLC that keeps its output: the limit and the fee of the second level, where the format has one.
    pub fn smallest_htlc(
        self,
        format: CommitmentFormat,
        direction: HtlcDirection,
        feerate: FeerateKw,
    ) -> Amount {
        let fee =
            format.second_stage_weight(direction).map_or(Amount::ZERO, |weight| feerate.fee_floor(weight));
        self.0.checked_add(fee).unwrap_or(Amount::MAX)
    }

    /// True when an HTLC is left out. Its amount is rounded down to whole satoshi first (BOLT 3, "Trimmed Outputs").
    pub fn trims_htlc(
        self,
        amount: Msat,
        format: CommitmentFormat,
        direction: HtlcDirection,
        feerate: FeerateKw,
    ) -> bool {
        amount.to_sat_floor() < self.smallest_htlc(format, direction, feerate)
    }
}

impl CommitmentFormat {
    /// The weight whose fee the second level of an HTLC pays out of the HTLC itself: 663 WU (timeout) and 703 WU
    /// (success) without anchors (BOLT 3, "Fee Calculation"); `None` where HTLC transactions pay no fee.
    pub const fn second_stage_weight(self, direction: HtlcDirection) -> Option<Weight> {
        match (self, direction) {
            (Self::StaticRemoteKey, HtlcDirection::Offered) => Some(Weight::from_wu(663)),
            (Self::StaticRemoteKey, HtlcDirection::Accepted) => Some(Weight::from_wu(703)),
            (Self::SegwitAnchors | Self::SegwitV3 | Self::TaprootV2 | Self::TaprootV3, _) => None,
        }
    }
}

/// A proposed trim limit was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TrimLimitError {
    /// Outputs of this value would not be relayed.
    #[error("{proposer} dust_limit of {} sat is below {} sat", .proposed.to_sat(), .minimum.to_amount().to_sat())]
    BelowMinimum {
        /// Who proposed it.
        proposer: Side,
        /// The smallest limit this side may propose.
        minimum: TrimLimit,
        /// The limit that was proposed.
        proposed: Amount,
    },
    /// More than all bitcoin.
    #[error("dust_limit of {} sat exceeds the supply of bitcoin", .proposed.to_sat())]
    AboveSupply {
        /// The limit that was proposed.
        proposed: Amount,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sat(value: u64) -> Amount {
        Amount::from_sat(value)
    }

    #[test]
    fn own_limits_start_at_330_and_a_peers_at_354() {
        for format in CommitmentFormat::ALL {
            for (proposer, minimum) in [(Side::Local, 330), (Side::Remote, 354)] {
                assert_eq!(TrimLimit::minimum(format, proposer).to_amount(), sat(minimum));
                assert!(TrimLimit::negotiated(format, proposer, sat(minimum)).is_ok());
                assert_eq!(
                    TrimLimit::negotiated(format, proposer, sat(minimum - 1)),
                    Err(TrimLimitError::BelowMinimum {
                        proposer,
                        minimum: TrimLimit(sat(minimum)),
                        proposed: sat(minimum - 1)
                    })
                );
            }
            assert!(TrimLimit::negotiated(format, Side::Remote, Amount::MAX_MONEY).is_ok());
            let above = sat(Amount::MAX_MONEY.to_sat() + 1);
            assert_eq!(
                TrimLimit::negotiated(format, Side::Remote, above),
                Err(TrimLimitError::AboveSupply { proposed: above })
            );
        }
    }

    #[test]
    fn an_output_that_equals_the_limit_is_kept() {
        let limit = TrimLimit::observed(sat(546));
        assert!(limit.trims_output(sat(545)) && !limit.trims_output(sat(546)));
        for direction in HtlcDirection::ALL {
            let trims = |msat| {
                let amount = Msat::from_msat(msat);
                limit.trims_htlc(
                    amount,
                    CommitmentFormat::TaprootV3,
                    direction,
                    FeerateKw::from_sat_per_kw(5000),
                )
            };
            assert!(trims(545_999) && !trims(546_000) && !trims(546_001));
        }
    }

    #[test]
    fn the_second_stage_fee_counts_where_htlc_transactions_pay_one() {
        // BOLT 3, appendix C: at 648 sat/kW and a limit of 546 sat, HTLCs of 1000 sat are trimmed when accepted
        // (546 + 455 = 1001), and kept at 647 sat/kW (546 + 454 = 1000).
        let limit = TrimLimit::observed(sat(546));
        let smallest = |direction, kw| {
            limit.smallest_htlc(CommitmentFormat::StaticRemoteKey, direction, FeerateKw::from_sat_per_kw(kw))
        };
        assert_eq!(smallest(HtlcDirection::Accepted, 647), sat(1000));
        assert_eq!(smallest(HtlcDirection::Accepted, 648), sat(1001));
        assert_eq!(smallest(HtlcDirection::Offered, 2194), sat(2000));
        assert_eq!(smallest(HtlcDirection::Offered, 2195), sat(2001));
        for format in CommitmentFormat::ALL {
            let has_fee = format == CommitmentFormat::StaticRemoteKey;
            assert_eq!(format.second_stage_weight(HtlcDirection::Offered).is_some(), has_fee, "{format:?}");
        }
    }

    #[test]
    fn the_advised_limit_follows_the_feerate_from_354_on() {
        let advised = |sat_per_vb| {
            let feerate = FeerateKw::from_sat_per_vb(sat_per_vb).unwrap();
            TrimLimit::advised(CommitmentFormat::TaprootV3, feerate).to_amount().to_sat()
        };
        assert_eq!([0, 1, 2, 20].map(advised), [354, 354, 483, 4830]);
    }

    #[test]
    fn extreme_limits_do_not_overflow() {
        let limit = TrimLimit::observed(Amount::MAX);
        let feerate = FeerateKw::from_sat_per_kw(u32::MAX);
        let smallest =
            limit.smallest_htlc(CommitmentFormat::StaticRemoteKey, HtlcDirection::Accepted, feerate);
        assert_eq!(smallest, Amount::MAX);
        assert!(limit.trims_htlc(
            Msat::MAX,
            CommitmentFormat::StaticRemoteKey,
            HtlcDirection::Offered,
            feerate
        ));
    }
}
