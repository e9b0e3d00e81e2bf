//! The commitment formats and the few facts of each that dust, fees and limits need.

use core::fmt;

use bitcoin::{Amount, Weight};

/// How a channel's commitment, HTLC and penalty transactions are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum CommitmentFormat {
    /// BOLT 3 without anchors, `option_static_remotekey`: HTLC transactions pay a fee, so trimming depends on it.
    StaticRemoteKey,
    /// BOLT 3 `option_anchors`: two keyed anchors of 330 sat, zero-fee HTLC transactions.
    SegwitAnchors,
    /// BOLT 3 `zero_fee_commitments`: v3, no fee, one shared P2A anchor, segwit v0 scripts.
    SegwitV3,
    /// BOLT simple taproot channels: MuSig2 funding, two keyed anchors, v2.
    TaprootV2,
    /// Taproot with zero-fee v3 commitments and one shared P2A anchor. The default.
    #[default]
    TaprootV3,
}

impl CommitmentFormat {
    /// Every format.
    pub const ALL: [Self; 5] =
        [Self::StaticRemoteKey, Self::SegwitAnchors, Self::SegwitV3, Self::TaprootV2, Self::TaprootV3];

    /// The weight BOLT 3 charges a commitment without HTLCs ("Fee Calculation"): 724 / 1124 / 968; the formats
    /// without a commitment fee have none.
    pub const fn commitment_base_weight(self) -> Option<Weight> {
        match self {
            Self::StaticRemoteKey => Some(Weight::from_wu(724)),
            Self::SegwitAnchors => Some(Weight::from_wu(1124)),
            Self::TaprootV2 => Some(Weight::from_wu(968)),
            Self::SegwitV3 | Self::TaprootV3 => None,
        }
    }

    /// The weight of one HTLC output: 172 WU in every format (a 34-byte script and its 9 bytes, times 4).
    pub const fn htlc_output_weight(self) -> Weight {
        Weight::from_wu(172)
    }

    /// What the opener pays for anchors, whether or not both are made: 2 x 330 sat, or nothing.
    pub const fn anchors_total(self) -> Amount {
        if self.has_keyed_anchors() { Amount::from_sat(2 * 330) } else { Amount::ZERO }
    }

    /// True when commitments carry an anchor of 330 sat for each side.
    pub const fn has_keyed_anchors(self) -> bool {
        matches!(self, Self::SegwitAnchors | Self::TaprootV2)
    }

    /// True when commitments pay no fee and carry one P2A anchor.
    pub const fn is_zero_fee(self) -> bool {
        matches!(self, Self::SegwitV3 | Self::TaprootV3)
    }

    /// True for the MuSig2 formats.
    pub const fn is_taproot(self) -> bool {
        matches!(self, Self::TaprootV2 | Self::TaprootV3)
    }

    /// The largest `max_accepted_htlcs` a side may set: 483 (BOLT 2), or 114 where a commitment must stay within the
    /// 10,000 vB of BIP 431.
    pub const fn max_accepted_htlcs(self) -> u16 {
        if self.is_zero_fee() { 114 } else { 483 }
    }
}

impl fmt::Display for CommitmentFormat {
    /// The name as it is serialised.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::StaticRemoteKey => "static_remote_key",
            Self::SegwitAnchors => "segwit_anchors",
            Self::SegwitV3 => "segwit_v3",
            Self::TaprootV2 => "taproot_v2",
            Self::TaprootV3 => "taproot_v3",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_agree_with_each_other() {
        for format in CommitmentFormat::ALL {
            assert_eq!(format.is_zero_fee(), format.commitment_base_weight().is_none(), "{format:?}");
            assert_eq!(format.max_accepted_htlcs() == 114, format.is_zero_fee(), "{format:?}");
        }
        assert_eq!(CommitmentFormat::default(), CommitmentFormat::TaprootV3);
    }
}
