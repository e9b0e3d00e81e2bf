//! Dust exposure: what a force-close would give to miners because HTLCs have no output.

use crate::dust::TrimLimit;
use crate::htlc::{Htlc, HtlcDirection};
use crate::quantity::{CommitmentFormat, FeerateKw, Msat, PerSide, Side};

/// The feerate at which exposure is measured: max(1.25 f, f + 2530 sat/kW) where HTLC transactions pay a fee, so that a
/// rising feerate does not trim more than was allowed for; the feerate itself where they do not.
pub const fn buffered_feerate(format: CommitmentFormat, feerate: FeerateKw) -> FeerateKw {
    if format.second_stage_weight(HtlcDirection::Offered).is_none() {
        return feerate;
    }
    let now = feerate.to_sat_per_kw();
    let by_ratio = now.saturating_add(now / 4);
    let by_offset = now.saturating_add(2530);
    FeerateKw::from_sat_per_kw(if by_ratio > by_offset { by_ratio } else { by_offset })
}

/// The HTLCs without an output on each side's commitment, at the buffered feerate. Only one of the two commitments can
/// confirm, so the two amounts are alternatives and are never added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct DustExposure {
    on: PerSide<Msat>,
}

impl DustExposure {
    /// The exposure of these HTLCs.
    pub fn of<'a>(
        htlcs: impl IntoIterator<Item = &'a Htlc>,
        format: CommitmentFormat,
        limits: PerSide<TrimLimit>,
        feerate: FeerateKw,
    ) -> Self {
        let feerate = buffered_feerate(format, feerate);
        let mut exposure = Self::default();
        for htlc in htlcs {
            for owner in Side::ALL {
                if limits.of(owner).trims_htlc(htlc.amount, format, htlc.direction(owner), feerate) {
                    let sum = exposure.on.of_mut(owner);
                    *sum = sum.saturating_add(htlc.amount);
                }
            }
        }
        exposure
    }

    /// The trimmed HTLCs on the commitment of `owner`.
    pub const fn on(&self, owner: Side) -> Msat {
        *self.on.of(owner)
    }

    /// The larger of the two: what a force-close may cost at worst.
    pub fn worst(&self) -> Msat {
        self.on.local.max(self.on.remote)
    }

    /// What may still be trimmed on the commitment of `owner` under `cap`.
    pub const fn left(&self, owner: Side, cap: Msat) -> Msat {
        cap.saturating_sub(self.on(owner))
    }

    /// True when a commitment trims more than `cap`.
    pub fn exceeds(&self, cap: Msat) -> bool {
        self.worst() > cap
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use bitcoin::Amount;
    use proptest::prelude::*;

    use super::*;
    use crate::quantity::{CltvExpiry, HtlcId, PaymentHash};

    fn htlc(id: u64, offered_by: Side, msat: u64) -> Htlc {
        Htlc {
            id: HtlcId::new(id),
            offered_by,
            amount: Msat::from_msat(msat),
            payment_hash: PaymentHash::from_bytes([0; 32]),
            cltv_expiry: CltvExpiry::new(500).unwrap(),
        }
    }

    fn limits(local: u64, remote: u64) -> PerSide<TrimLimit> {
        let limit = |sat| TrimLimit::observed(Amount::from_sat(sat));
        PerSide { local: limit(local), remote: limit(remote) }
    }

    #[test]
    fn the_buffer_is_a_quarter_but_at_least_ten_sat_per_vb() {
        let buffered = |format, kw| buffered_feerate(format, FeerateKw::from_sat_per_kw(kw)).to_sat_per_kw();
        let legacy = CommitmentFormat::StaticRemoteKey;
        assert_eq!(buffered(legacy, 253), 2783);
        assert_eq!(buffered(legacy, 10_120), 12_650);
        assert_eq!(buffered(legacy, 10_124), 12_655);
        assert_eq!(buffered(legacy, u32::MAX), u32::MAX);
        assert_eq!(buffered(CommitmentFormat::TaprootV2, 253), 253);
    }

    #[test]
    fn each_commitment_has_its_own_exposure() {
        let htlcs =
            [htlc(0, Side::Local, 400_000), htlc(1, Side::Remote, 353_999), htlc(2, Side::Local, 546_000)];
        let exposure =
            DustExposure::of(&htlcs, CommitmentFormat::TaprootV3, limits(354, 546), FeerateKw::ZERO);
        assert_eq!(exposure.on(Side::Local), Msat::from_msat(353_999));
        assert_eq!(exposure.on(Side::Remote), Msat::from_msat(753_999));
        assert_eq!(exposure.worst(), exposure.on(Side::Remote));
        let cap = Msat::from_msat(753_999);
        assert!(!exposure.exceeds(cap) && exposure.exceeds(Msat::from_msat(753_998)));
        assert_eq!(exposure.left(Side::Local, cap), Msat::from_msat(400_000));
        assert_eq!(exposure.left(Side::Remote, Msat::ONE), Msat::ZERO);
    }

    #[test]
    fn the_direction_decides_where_htlc_transactions_pay_a_fee() {
        // 546 + 663 x 2783 / 1000 = 2391 offered, 546 + 703 x 2783 / 1000 = 2502 accepted.
        let htlcs = [htlc(0, Side::Local, 2_400_000)];
        let exposure =
            DustExposure::of(&htlcs, CommitmentFormat::StaticRemoteKey, limits(546, 546), FeerateKw::FLOOR);
        assert_eq!(exposure.on(Side::Local), Msat::ZERO);
        assert_eq!(exposure.on(Side::Remote), Msat::from_msat(2_400_000));
    }

    proptest! {
        #[test]
        fn exposure_grows_with_the_feerate_and_with_each_htlc(
            amounts in prop::collection::vec((any::<bool>(), prop_oneof![0u64..3_000_000, any::<u64>()]), 0..20),
            low in any::<u32>(),
            more in any::<u32>(),
            format in prop::sample::select(CommitmentFormat::ALL.to_vec()),
        ) {
            let side = |ours| if ours { Side::Local } else { Side::Remote };
            let htlcs: Vec<Htlc> =
                amounts.iter().zip(0..).map(|((ours, msat), id)| htlc(id, side(*ours), *msat)).collect();
            let at = |htlcs: &[Htlc], kw| {
                DustExposure::of(htlcs, format, limits(354, 546), FeerateKw::from_sat_per_kw(kw))
            };
            for owner in Side::ALL {
                let exposure = at(&htlcs, low).on(owner);
                prop_assert!(exposure <= at(&htlcs, low.saturating_add(more)).on(owner));
                for count in 0..htlcs.len() {
                    prop_assert!(at(&htlcs[..count], low).on(owner) <= at(&htlcs[..=count], low).on(owner));
                }
            }
        }
    }
}
