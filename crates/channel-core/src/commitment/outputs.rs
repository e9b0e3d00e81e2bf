//! The outputs of a commitment, after trimming, and its fee (BOLT 3, "Commitment Transaction Construction").

use alloc::vec::Vec;

use bitcoin::Amount;

use super::{CommitmentError, CommitmentSpec, CommitmentTerms, FeeBreakdown};
use crate::dust::{RelayDust, ScriptType};
use crate::htlc::{Htlc, HtlcDirection};
use crate::quantity::{Msat, Side};

/// The value of a keyed anchor: the relay dust of P2TR and of P2WSH alike.
const KEYED_ANCHOR: Amount = RelayDust::of(ScriptType::P2tr, RelayDust::DEFAULT_FEERATE).to_amount();
/// The most a shared anchor holds: the relay dust of P2A.
const SHARED_ANCHOR_MAX: Amount = RelayDust::of(ScriptType::P2a, RelayDust::DEFAULT_FEERATE).to_amount();

/// What stands on the commitment of one side, in whole satoshi. Outputs are not ordered here: that needs their scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommitmentOutputs {
    /// Whose commitment it is.
    pub owner: Side,
    /// The owner's balance after fee and anchors, if it is not trimmed.
    pub to_local: Option<Amount>,
    /// The other side's balance, if it is not trimmed.
    pub to_remote: Option<Amount>,
    /// The HTLCs that are not trimmed.
    pub htlcs: Vec<HtlcOutput>,
    /// The anchors.
    pub anchors: Anchors,
    /// What goes to miners, and why.
    pub fee: FeeBreakdown,
}

/// An HTLC that has an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct HtlcOutput {
    /// The HTLC.
    pub htlc: Htlc,
    /// What it is to the owner of the commitment; it decides the script.
    pub direction: HtlcDirection,
    /// Its amount in whole satoshi, rounded down.
    pub value: Amount,
}

impl HtlcOutput {
    /// The output of `htlc` on the commitment of `owner`, where it is not trimmed.
    pub fn of(htlc: &Htlc, owner: Side) -> Self {
        Self { htlc: *htlc, direction: htlc.direction(owner), value: htlc.amount.to_sat_floor() }
    }
}

/// The outputs that only serve to raise the fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchors {
    /// The format has none.
    None,
    /// 330 sat for each side that has a balance here, or for both when there is an HTLC.
    Keyed {
        /// The owner's anchor.
        local: Option<Amount>,
        /// The other side's anchor.
        remote: Option<Amount>,
    },
    /// One for anyone: min(240 sat, what the other outputs leave of the capacity).
    Shared(Amount),
}

impl CommitmentOutputs {
    /// The outputs of the commitment of `owner`.
    ///
    /// # Errors
    /// [`CommitmentError`] when the spec does not hold exactly the capacity, has a feerate where the format has none,
    /// leaves no output, or cannot pay its anchors.
    pub fn of(terms: &CommitmentTerms, spec: &CommitmentSpec, owner: Side) -> Result<Self, CommitmentError> {
        check_terms(terms, spec)?;
        let limit = terms.trim.of(owner);
        let outputs = Self::observed(terms, spec, owner, |htlc| {
            limit.trims_htlc(htlc.amount, terms.format, htlc.direction(owner), spec.feerate())
        });
        if outputs.values().next().is_none() {
            return Err(CommitmentError::NoOutputs { owner });
        }
        match outputs.fee.deficit() {
            Some(missing) => Err(CommitmentError::AnchorsUnfunded { owner, missing }),
            None => Ok(outputs),
        }
    }

    /// The outputs of a running channel's commitment, as far as a node's listing tells: `is_trimmed` says which HTLCs
    /// have none, by the listing's own word or by [`TrimLimit::trims_htlc`].
    ///
    /// It takes any figures: that a spec holds exactly the capacity and that a commitment could be built from it is
    /// checked by [`Self::of`] alone. Of figures that do not add up the fee says little; the rest holds.
    ///
    /// [`TrimLimit::trims_htlc`]: crate::dust::TrimLimit::trims_htlc
    pub fn observed(
        terms: &CommitmentTerms,
        spec: &CommitmentSpec,
        owner: Side,
        is_trimmed: impl Fn(&Htlc) -> bool,
    ) -> Self {
        let (htlcs, trimmed_htlcs, htlc_rounding) = split_htlcs(spec, owner, is_trimmed);
        let mains = MainOutputs::of(terms, spec, owner, htlcs.len());
        let mut fee = FeeBreakdown {
            weight_fee: terms.format.commitment_fee(spec.feerate(), htlcs.len()),
            shortfall: mains.shortfall,
            trimmed_balances: mains.trimmed,
            trimmed_htlcs,
            rounding: mains.rounding.saturating_add(htlc_rounding),
            ..FeeBreakdown::default()
        };
        let anchors = if terms.format.is_zero_fee() {
            fee.to_shared_anchor = fee.total().min(SHARED_ANCHOR_MAX);
            Anchors::Shared(fee.to_shared_anchor)
        } else if terms.format.has_keyed_anchors() {
            let anchor = |main: Option<Amount>| (main.is_some() || !htlcs.is_empty()).then_some(KEYED_ANCHOR);
            let (local, remote) = (anchor(mains.to_local), anchor(mains.to_remote));
            let present = u64::from(local.is_some()) + u64::from(remote.is_some());
            fee.absent_anchors = Amount::from_sat((2 - present) * KEYED_ANCHOR.to_sat());
            Anchors::Keyed { local, remote }
        } else {
            Anchors::None
        };
        Self { owner, to_local: mains.to_local, to_remote: mains.to_remote, htlcs, anchors, fee }
    }

    /// The balance output of `side`, whoever owns the commitment.
    pub fn balance_output(&self, side: Side) -> Option<Amount> {
        if side == self.owner { self.to_local } else { self.to_remote }
    }

    /// The values of all outputs, balances first, then HTLCs, then anchors.
    pub fn values(&self) -> impl Iterator<Item = Amount> {
        let anchors = match self.anchors {
            Anchors::None => [None, None],
            Anchors::Keyed { local, remote } => [local, remote],
            Anchors::Shared(value) => [Some(value), None],
        };
        let mains = [self.to_local, self.to_remote];
        mains
            .into_iter()
            .flatten()
            .chain(self.htlcs.iter().map(|htlc| htlc.value))
            .chain(anchors.into_iter().flatten())
    }
}

fn check_terms(terms: &CommitmentTerms, spec: &CommitmentSpec) -> Result<(), CommitmentError> {
    let held = spec.total();
    if Msat::try_from(terms.capacity) != Ok(held) {
        return Err(CommitmentError::ValueMismatch { held, capacity: terms.capacity });
    }
    if terms.format.is_zero_fee() && spec.feerate().to_sat_per_kw() != 0 {
        return Err(CommitmentError::FeerateNotZero { format: terms.format, feerate: spec.feerate() });
    }
    Ok(())
}

/// The HTLCs with outputs, the sum of those without, and the msat lost by rounding the former.
fn split_htlcs(
    spec: &CommitmentSpec,
    owner: Side,
    is_trimmed: impl Fn(&Htlc) -> bool,
) -> (Vec<HtlcOutput>, Msat, Msat) {
    let htlcs = spec.htlcs();
    // Room for all at once: a list that grows is copied again and again.
    let mut kept = Vec::with_capacity(htlcs.size_hint().0);
    let (mut trimmed, mut rounding) = (Msat::ZERO, Msat::ZERO);
    for htlc in htlcs {
        if is_trimmed(htlc) {
            trimmed = trimmed.saturating_add(htlc.amount);
        } else {
            rounding = rounding.saturating_add(below_one_sat(htlc.amount));
            kept.push(HtlcOutput::of(htlc, owner));
        }
    }
    (kept, trimmed, rounding)
}

const fn below_one_sat(amount: Msat) -> Msat {
    Msat::from_msat(amount.to_msat() % 1000)
}

/// The two balances after the opener has paid.
struct MainOutputs {
    to_local: Option<Amount>,
    to_remote: Option<Amount>,
    trimmed: Amount,
    shortfall: Amount,
    rounding: Msat,
}

impl MainOutputs {
    fn of(terms: &CommitmentTerms, spec: &CommitmentSpec, owner: Side, untrimmed_htlcs: usize) -> Self {
        let costs = terms.opener_costs(spec.feerate(), untrimmed_htlcs);
        let limit = terms.trim.of(owner);
        let mut mains = Self {
            to_local: None,
            to_remote: None,
            trimmed: Amount::ZERO,
            shortfall: Amount::ZERO,
            rounding: Msat::ZERO,
        };
        for side in Side::ALL {
            let balance = spec.balance(side);
            let due = if side == terms.opener { costs } else { Amount::ZERO };
            let whole = balance.to_sat_floor();
            let value = whole.checked_sub(due).unwrap_or(Amount::ZERO);
            let unpaid = due.checked_sub(whole).unwrap_or(Amount::ZERO);
            mains.shortfall = mains.shortfall.checked_add(unpaid).unwrap_or(Amount::MAX);
            mains.rounding = mains.rounding.saturating_add(below_one_sat(balance));
            if limit.trims_output(value) {
                mains.trimmed = mains.trimmed.checked_add(value).unwrap_or(Amount::MAX);
            } else if side == owner {
                mains.to_local = Some(value);
            } else {
                mains.to_remote = Some(value);
            }
        }
        mains
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::commitment::SpecUpdate;
    use crate::dust::TrimLimit;
    use crate::quantity::{CltvExpiry, CommitmentFormat, FeerateKw, HtlcId, PaymentHash, PerSide};

    fn sat(value: u64) -> Amount {
        Amount::from_sat(value)
    }

    fn terms(format: CommitmentFormat, capacity: u64, limit: u64) -> CommitmentTerms {
        let limit = TrimLimit::observed(sat(limit));
        CommitmentTerms {
            format,
            opener: Side::Local,
            capacity: sat(capacity),
            trim: PerSide { local: limit, remote: limit },
        }
    }

    fn spec(local_msat: u64, remote_msat: u64, kw: u32, htlcs: &[(Side, u64)]) -> CommitmentSpec {
        let mut balances =
            PerSide { local: Msat::from_msat(local_msat), remote: Msat::from_msat(remote_msat) };
        for (side, msat) in htlcs {
            let balance = balances.of_mut(*side);
            *balance = balance.saturating_add(Msat::from_msat(*msat));
        }
        let adds = htlcs.iter().zip(0..).map(|((side, msat), id)| {
            SpecUpdate::Add(Htlc {
                id: HtlcId::new(id),
                offered_by: *side,
                amount: Msat::from_msat(*msat),
                payment_hash: PaymentHash::from_bytes([0; 32]),
                cltv_expiry: CltvExpiry::new(500).unwrap(),
            })
        });
        CommitmentSpec::new(balances, FeerateKw::from_sat_per_kw(kw)).unwrap().apply_all(adds).unwrap()
    }

    fn assert_sums(terms: &CommitmentTerms, outputs: &CommitmentOutputs) {
        let outputs_sat: u64 = outputs.values().map(Amount::to_sat).sum();
        assert_eq!(outputs_sat + outputs.fee.total().to_sat(), terms.capacity.to_sat());
    }

    /// The five HTLCs of BOLT 3, appendix C.
    const FIVE: [(Side, u64); 5] = [
        (Side::Remote, 1_000_000),
        (Side::Remote, 2_000_000),
        (Side::Local, 2_000_000),
        (Side::Local, 3_000_000),
        (Side::Remote, 4_000_000),
    ];

    #[test]
    fn outputs_and_fees_of_bolt_3_appendix_c() {
        let terms = terms(CommitmentFormat::StaticRemoteKey, 10_000_000, 546);
        // feerate, HTLC outputs, fee paid, our output
        for (kw, htlcs, fee, to_local) in [
            (0, 5, 0, Some(6_988_000)),
            (647, 5, 1024, Some(6_986_976)),
            (648, 4, 1914, Some(6_987_086)),
            (2069, 4, 3921, Some(6_985_079)),
            (2070, 3, 5566, Some(6_985_434)),
            (2194, 3, 5720, Some(6_985_280)),
            (2195, 2, 7344, Some(6_985_656)),
            (3702, 2, 8953, Some(6_984_047)),
            (3703, 1, 11_317, Some(6_984_683)),
            (4914, 1, 12_402, Some(6_983_598)),
            (4915, 0, 15_558, Some(6_984_442)),
            (9_651_180, 0, 6_999_454, Some(546)),
            (9_651_181, 0, 7_000_000, None),
            (9_651_936, 0, 7_000_000, None),
        ] {
            let spec = spec(6_988_000_000, 3_000_000_000, kw, &FIVE);
            let outputs = CommitmentOutputs::of(&terms, &spec, Side::Local).unwrap();
            assert_eq!(outputs.htlcs.len(), htlcs, "{kw}");
            assert_eq!(outputs.to_local, to_local.map(sat), "{kw}");
            assert_eq!(outputs.to_remote, Some(sat(3_000_000)), "{kw}");
            assert_eq!(outputs.fee.total(), sat(fee), "{kw}");
            assert_sums(&terms, &outputs);
        }
    }

    #[test]
    fn a_listing_may_say_what_is_trimmed_and_need_not_add_up() {
        let terms = terms(CommitmentFormat::TaprootV2, 10_000_000, 354);
        let htlcs = [(Side::Local, 100_000), (Side::Remote, 900_000)];
        let spec = spec(6_000_000_000, 3_999_000_000, 1000, &htlcs);
        for owner in Side::ALL {
            let by_rule = |htlc: &Htlc| htlc.amount < Msat::from_msat(354_000);
            let observed = CommitmentOutputs::observed(&terms, &spec, owner, by_rule);
            assert_eq!(Ok(observed), CommitmentOutputs::of(&terms, &spec, owner));
            // All are trimmed by the listing's own word: the opener pays for one output less.
            let told = CommitmentOutputs::observed(&terms, &spec, owner, |_| true);
            assert_eq!((told.htlcs.len(), told.fee.trimmed_htlcs), (0, Msat::from_msat(1_000_000)));
            assert_eq!(told.balance_output(Side::Local), Some(sat(6_000_000 - 968 - 660)));
            assert_sums(&terms, &told);
        }
        let small = CommitmentTerms { capacity: sat(1), ..terms };
        assert!(CommitmentOutputs::of(&small, &spec, Side::Local).is_err());
        let observed = CommitmentOutputs::observed(&small, &spec, Side::Local, |_| false);
        assert_eq!(observed.to_remote, Some(sat(3_999_000)));
    }

    #[test]
    fn taproot_commitments_pay_968_wu_and_two_anchors() {
        let terms = terms(CommitmentFormat::TaprootV2, 10_000_000, 354);
        let outputs =
            CommitmentOutputs::of(&terms, &spec(7_000_000_000, 3_000_000_000, 15_000, &[]), Side::Local)
                .unwrap();
        assert_eq!(outputs.to_local, Some(sat(6_984_820)));
        assert_eq!(outputs.anchors, Anchors::Keyed { local: Some(sat(330)), remote: Some(sat(330)) });
        assert_sums(&terms, &outputs);
    }

    #[test]
    fn an_anchor_stands_beside_a_balance_or_an_htlc() {
        let terms = terms(CommitmentFormat::TaprootV2, 100_000, 354);
        let anchors = |spec: &CommitmentSpec| {
            let outputs = CommitmentOutputs::of(&terms, spec, Side::Remote).unwrap();
            assert_sums(&terms, &outputs);
            (outputs.anchors, outputs.fee.absent_anchors)
        };
        let one_sided = spec(100_000_000, 0, 253, &[]);
        assert_eq!(anchors(&one_sided), (Anchors::Keyed { local: None, remote: Some(sat(330)) }, sat(330)));
        let trimmed = spec(99_646_001, 0, 253, &[(Side::Local, 353_999)]);
        assert_eq!(anchors(&trimmed).1, sat(330));
        let kept = spec(99_646_000, 0, 253, &[(Side::Local, 354_000)]);
        assert_eq!(
            anchors(&kept),
            (Anchors::Keyed { local: Some(sat(330)), remote: Some(sat(330)) }, sat(0))
        );
    }

    #[test]
    fn the_shared_anchor_takes_what_is_trimmed_up_to_240() {
        let terms = terms(CommitmentFormat::TaprootV3, 100_000, 354);
        // our balance, the peer's, anchor, fee
        for (local, remote, anchor, fee) in [
            (100_000_000, 0, 0, 0),
            (99_999_001, 999, 1, 0),
            (99_760_000, 240_000, 240, 0),
            (99_759_000, 241_000, 240, 1),
            (99_646_000, 354_000, 0, 0),
            (99_646_001, 353_999, 240, 114),
        ] {
            let outputs = CommitmentOutputs::of(&terms, &spec(local, remote, 0, &[]), Side::Local).unwrap();
            assert_eq!(outputs.anchors, Anchors::Shared(sat(anchor)), "{remote}");
            assert_eq!(outputs.fee.total(), sat(fee), "{remote}");
            assert_sums(&terms, &outputs);
        }
    }

    #[test]
    fn outputs_of_the_published_zero_fee_commitments() {
        /// Trim limit, both balances and HTLCs (accepted, then offered) in msat, and all outputs in ascending order.
        struct Case(u64, [u64; 2], &'static [u64], &'static [u64], &'static [u64]);
        let cases = [
            Case(500, [8_000_000_000, 2_000_000_000], &[], &[], &[0, 2_000_000, 8_000_000]),
            Case(330, [9_999_800_000, 200_000], &[], &[], &[200, 9_999_800]),
            Case(15_000, [9_990_000_000, 10_000_000], &[], &[], &[240, 9_990_000]),
            Case(
                5000,
                [7_949_998_969, 1_983_999_030],
                &[10_000_650, 6_000_320],
                &[25_000_821, 25_000_210],
                &[3, 6000, 10_000, 25_000, 25_000, 1_983_999, 7_949_998],
            ),
            Case(
                1000,
                [7_979_870_000, 1_950_000_000],
                &[100_000, 49_900_000],
                &[10_000_000, 130_000, 10_000_000],
                &[230, 10_000, 10_000, 49_900, 1_950_000, 7_979_870],
            ),
            Case(
                546,
                [7_999_880_000, 1_999_940_000],
                &[30_000; 2],
                &[30_000; 4],
                &[180, 1_999_940, 7_999_880],
            ),
            Case(330, [7_999_978_526, 1_999_970_475], &[29_525], &[21_474], &[52, 1_999_970, 7_999_978]),
            Case(330, [7_999_978_288, 1_999_970_247], &[29_753], &[21_712], &[52, 1_999_970, 7_999_978]),
            Case(
                2500,
                [7_988_000_000, 1_988_000_000],
                &[2_000_000, 5_000_000, 5_000_000],
                &[1_000_000, 1_000_000, 10_000_000],
                &[240, 5000, 5000, 10_000, 1_988_000, 7_988_000],
            ),
        ];
        for Case(limit, [local, remote], accepted, offered, expected) in cases {
            let htlcs: Vec<(Side, u64)> = (accepted.iter().map(|msat| (Side::Remote, *msat)))
                .chain(offered.iter().map(|msat| (Side::Local, *msat)))
                .collect();
            let terms = terms(CommitmentFormat::SegwitV3, 10_000_000, limit);
            let outputs =
                CommitmentOutputs::of(&terms, &spec(local, remote, 0, &htlcs), Side::Local).unwrap();
            let mut values: Vec<u64> = outputs.values().map(Amount::to_sat).collect();
            values.sort_unstable();
            assert_eq!(values, expected);
            assert_sums(&terms, &outputs);
        }
    }

    #[test]
    fn each_owner_trims_by_its_own_limit() {
        let mut terms = terms(CommitmentFormat::TaprootV3, 100_000, 354);
        terms.trim.remote = TrimLimit::observed(sat(1000));
        let spec = spec(99_000_000, 500_000, 0, &[(Side::Local, 500_000)]);
        let ours = CommitmentOutputs::of(&terms, &spec, Side::Local).unwrap();
        let theirs = CommitmentOutputs::of(&terms, &spec, Side::Remote).unwrap();
        assert_eq!((ours.to_remote, ours.htlcs.len()), (Some(sat(500)), 1));
        assert_eq!((theirs.to_local, theirs.htlcs.len()), (None, 0));
        assert_eq!(theirs.balance_output(Side::Local), Some(sat(99_000)));
        assert_eq!(theirs.fee.trimmed_htlcs, Msat::from_msat(500_000));
        assert_eq!(theirs.fee.trimmed_balances, sat(500));
        assert_sums(&terms, &theirs);
    }

    #[test]
    fn specs_that_make_no_transaction_are_refused() {
        let v2 = terms(CommitmentFormat::TaprootV2, 1200, 546);
        assert_eq!(
            CommitmentOutputs::of(&v2, &spec(600_000, 600_001, 0, &[]), Side::Local),
            Err(CommitmentError::ValueMismatch { held: Msat::from_msat(1_200_001), capacity: sat(1200) })
        );
        assert_eq!(
            CommitmentOutputs::of(&v2, &spec(700_000, 500_000, 0, &[]), Side::Local),
            Err(CommitmentError::NoOutputs { owner: Side::Local })
        );
        assert_eq!(
            CommitmentOutputs::of(&v2, &spec(100_000, 1_100_000, 0, &[]), Side::Local),
            Err(CommitmentError::AnchorsUnfunded { owner: Side::Local, missing: Msat::from_msat(230_000) })
        );
        let v3 = terms(CommitmentFormat::TaprootV3, 1200, 546);
        assert!(matches!(
            CommitmentOutputs::of(&v3, &spec(1_200_000, 0, 253, &[]), Side::Local),
            Err(CommitmentError::FeerateNotZero { .. })
        ));
        let huge = terms(CommitmentFormat::TaprootV3, u64::MAX, 546);
        assert!(CommitmentOutputs::of(&huge, &spec(u64::MAX, 0, 0, &[]), Side::Local).is_err());
    }

    #[test]
    fn values_are_listed_in_full() {
        let terms = terms(CommitmentFormat::TaprootV2, 100_000, 354);
        let spec = spec(50_000_000, 49_000_000, 0, &[(Side::Remote, 1_000_000)]);
        let outputs = CommitmentOutputs::of(&terms, &spec, Side::Local).unwrap();
        let values: Vec<u64> = outputs.values().map(Amount::to_sat).collect();
        assert_eq!(values, vec![49_340, 49_000, 1000, 330, 330]);
    }
}
