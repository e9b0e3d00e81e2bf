//! LND's printed balances turned into gross ones, and the dust that its `commit_fee` hides.
//!
//! `listchannels` prints our own commitment: the opener's balance *after* commitment fee and anchors, and as
//! `commit_fee` simply `capacity - Σ outputs`. So for every listing
//!
//! ```text
//! capacity = main outputs + commit_fee + anchors present + Σ untrimmed HTLCs
//! ```
//!
//! and what `commit_fee` holds beyond the fee of the weight and the anchors left out is value that no output carries:
//! trimmed HTLCs and main balances below the dust limit, plus less than a satoshi of rounding an amount. An anchor is
//! present when its main output is, or when any HTLC output is (BOLT 3).

use bitcoin::{Amount, Weight};
use channel_core::dust::TrimLimit;
use channel_core::htlc::HtlcDirection as Role;
use channel_core::{CommitmentFormat, FeerateKw, Side};

use crate::snapshot::{CommitmentKind, HtlcDirection};

/// The dust limit LND gives a P2WSH or P2TR output today, where a listing does not print the negotiated one, in sat.
const USUAL_DUST_LIMIT: u64 = 354;

const ANCHOR: u64 = 330;

/// One channel as printed. Amounts in satoshi.
#[derive(Debug, Clone)]
pub(super) struct Printed {
    pub(super) capacity: u64,
    pub(super) local: u64,
    pub(super) remote: u64,
    pub(super) commit_fee: Option<u64>,
    pub(super) feerate: Option<FeerateKw>,
    pub(super) opener: Option<Side>,
    pub(super) kind: CommitmentKind,
    /// The dust limit of our commitment.
    pub(super) dust_limit: Option<u64>,
    pub(super) htlcs: Vec<(HtlcDirection, u64)>,
    /// Whether every pending HTLC could be read.
    pub(super) complete: bool,
}

/// What a printed channel comes to. Amounts in satoshi.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reckoned {
    /// Our balance before commitment fee and anchors.
    pub(super) local: u64,
    /// The peer's balance before commitment fee and anchors.
    pub(super) remote: u64,
    /// See [`crate::snapshot::ChannelSnapshot::hidden_dust`].
    pub(super) hidden_dust: Option<u64>,
    /// How far the listing misses its own identity: `capacity - (outputs + commit_fee)`. `None` when it cannot be
    /// checked.
    pub(super) missing: Option<i128>,
    /// The format whose rules fit.
    pub(super) format: Option<CommitmentFormat>,
    /// Whether part of the hidden dust belongs to no HTLC that the listing shows.
    pub(super) unlisted_dust: bool,
}

/// One way to read which outputs our commitment has.
#[derive(Debug, Clone)]
struct Reading {
    format: CommitmentFormat,
    untrimmed: u64,
    untrimmed_sum: u128,
    /// Main balances too small for an output.
    dust_mains: u128,
    anchors: u128,
    missing: i128,
}

impl Printed {
    /// The channel's gross balances and hidden dust.
    pub(super) fn reckon(&self) -> Reckoned {
        let unchecked = Reckoned {
            local: self.local,
            remote: self.remote,
            hidden_dust: None,
            missing: None,
            format: self.kind.format(),
            unlisted_dust: false,
        };
        let Some(commit_fee) = self.commit_fee else { return unchecked };
        let readings = self.readings(commit_fee);
        let Some(reading) = readings.iter().find(|r| r.missing == 0).or_else(|| readings.first()) else {
            return unchecked;
        };
        let format = if reading.missing == 0 { Some(reading.format) } else { self.kind.format() };
        let mut reckoned = Reckoned { missing: Some(reading.missing), format, ..unchecked };
        let Some(fee) = self.feerate.map(|feerate| weight_fee(reading, feerate)) else {
            return self.with_opener(reckoned, None);
        };
        let opener_pays = u128::from(fee) + u128::from(reading.format.anchors_total().to_sat());
        if reading.missing != 0 {
            return self.with_opener(reckoned, Some(opener_pays));
        }
        let known = self.trimmed_sum(reading) + reading.dust_mains;
        let anchors_left_out =
            u128::from(reading.format.anchors_total().to_sat()).saturating_sub(reading.anchors);
        let held = u128::from(commit_fee).saturating_sub(u128::from(fee) + anchors_left_out);
        reckoned.unlisted_dust = held > known + self.rounding();
        let hidden = if reckoned.unlisted_dust { held } else { known };
        reckoned.hidden_dust = u64::try_from(hidden).ok();
        if reckoned.unlisted_dust || !self.complete {
            self.with_opener(reckoned, Some(opener_pays))
        } else {
            self.with_residue(reckoned)
        }
    }

    /// Every way to read the outputs, the likeliest first. A listing that names its format and dust limit has one.
    fn readings(&self, commit_fee: u64) -> Vec<Reading> {
        let formats = match self.kind.format() {
            Some(format) => vec![format],
            None => vec![CommitmentFormat::SegwitAnchors, CommitmentFormat::StaticRemoteKey],
        };
        let mut readings = Vec::new();
        for format in formats {
            let dust_limit = self.dust_limit.unwrap_or(USUAL_DUST_LIMIT);
            let by_rule = self.htlcs.iter().filter(|htlc| !self.trims(format, dust_limit, htlc));
            readings.push(self.reading(format, commit_fee, by_rule.map(|(_, amount)| *amount)));
            if self.dust_limit.is_none() {
                // The limit is unknown: some number of the largest HTLCs has outputs.
                let mut amounts: Vec<u64> = self.htlcs.iter().map(|(_, amount)| *amount).collect();
                amounts.sort_unstable_by(|a, b| b.cmp(a));
                let prefixes = (0..=amounts.len()).rev();
                readings
                    .extend(prefixes.map(|n| self.reading(format, commit_fee, amounts[..n].iter().copied())));
            }
        }
        readings
    }

    fn reading(
        &self,
        format: CommitmentFormat,
        commit_fee: u64,
        untrimmed: impl Iterator<Item = u64>,
    ) -> Reading {
        let (untrimmed, untrimmed_sum) =
            untrimmed.fold((0, 0), |(count, sum), amount| (count + 1, sum + u128::from(amount)));
        let dust_limit = self.dust_limit.unwrap_or(USUAL_DUST_LIMIT);
        let output = |balance: u64| if balance >= dust_limit { u128::from(balance) } else { 0 };
        let anchor = |balance: u64| {
            let present = format.anchors_total() > Amount::ZERO && (balance >= dust_limit || untrimmed > 0);
            if present { u128::from(ANCHOR) } else { 0 }
        };
        let mains = output(self.local) + output(self.remote);
        let anchors = anchor(self.local) + anchor(self.remote);
        let carried = mains + anchors + untrimmed_sum + u128::from(commit_fee);
        let dust_mains = u128::from(self.local) + u128::from(self.remote) - mains;
        let outside = self.htlc_sum().saturating_sub(untrimmed_sum) + dust_mains;
        // What has no output stands in `commit_fee`, so more than that cannot be left out.
        let excess = outside.saturating_sub(u128::from(commit_fee) + self.rounding());
        let missing = match i128::from(self.capacity) - carried.cast_signed() {
            0 => -excess.cast_signed(),
            missing => missing,
        };
        Reading { format, untrimmed, untrimmed_sum, dust_mains, anchors, missing }
    }

    /// Whether our commitment leaves the HTLC out (BOLT 3, "Trimmed Outputs").
    fn trims(
        &self,
        format: CommitmentFormat,
        dust_limit: u64,
        (direction, amount): &(HtlcDirection, u64),
    ) -> bool {
        // On our own commitment an outgoing HTLC is one we offered.
        let role = match direction {
            HtlcDirection::Outgoing => Role::Offered,
            HtlcDirection::Incoming => Role::Accepted,
        };
        let limit = TrimLimit::observed(Amount::from_sat(dust_limit));
        let feerate = self.feerate.unwrap_or(FeerateKw::ZERO);
        Amount::from_sat(*amount) < limit.smallest_htlc(format, role, feerate)
    }

    /// Each amount is printed rounded down to a satoshi: two balances and every HTLC.
    const fn rounding(&self) -> u128 {
        2 + self.htlcs.len() as u128
    }

    fn htlc_sum(&self) -> u128 {
        self.htlcs.iter().map(|(_, amount)| u128::from(*amount)).sum()
    }

    fn trimmed_sum(&self, reading: &Reading) -> u128 {
        self.htlc_sum().saturating_sub(reading.untrimmed_sum)
    }

    /// The opener's balance plus what it pays, held at what the capacity leaves.
    fn with_opener(&self, mut reckoned: Reckoned, pays: Option<u128>) -> Reckoned {
        let (Some(opener), Some(pays)) = (self.opener, pays) else { return reckoned };
        let taken = u128::from(self.local) + u128::from(self.remote) + self.htlc_sum();
        let room = u128::from(self.capacity).saturating_sub(taken);
        let added = u64::try_from(pays.min(room)).unwrap_or(u64::MAX);
        let balance = match opener {
            Side::Local => &mut reckoned.local,
            Side::Remote => &mut reckoned.remote,
        };
        *balance = balance.saturating_add(added);
        reckoned
    }

    /// The opener's balance as what the capacity leaves beside the other side and all HTLCs, which is exact: it pays
    /// the fee, the anchors and the rounding.
    fn with_residue(&self, reckoned: Reckoned) -> Reckoned {
        self.with_opener(reckoned, Some(u128::MAX))
    }
}

/// The fee BOLT 3 charges for the weight with so many HTLC outputs, in sat.
fn weight_fee(reading: &Reading, feerate: FeerateKw) -> u64 {
    let base = reading.format.commitment_base_weight().unwrap_or(Weight::ZERO).to_wu();
    let htlcs = reading.format.htlc_output_weight().to_wu().saturating_mul(reading.untrimmed);
    feerate.fee_floor(Weight::from_wu(base.saturating_add(htlcs))).to_sat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn printed(capacity: u64, local: u64, remote: u64, commit_fee: u64, feerate: u32) -> Printed {
        Printed {
            capacity,
            local,
            remote,
            commit_fee: Some(commit_fee),
            feerate: Some(FeerateKw::from_sat_per_kw(feerate)),
            opener: Some(Side::Local),
            kind: CommitmentKind::Anchors,
            dust_limit: Some(354),
            htlcs: Vec::new(),
            complete: true,
        }
    }

    #[test]
    fn a_missing_anchor_in_commit_fee_is_no_dust() {
        let reckoned = printed(50_000, 46_530, 0, 3140, 2500).reckon();
        assert_eq!((reckoned.missing, reckoned.hidden_dust), (Some(0), Some(0)));
        assert_eq!((reckoned.local, reckoned.remote), (50_000, 0));
    }

    #[test]
    fn rounding_is_no_dust() {
        let reckoned =
            Printed { opener: Some(Side::Remote), ..printed(3_500_000, 51_344, 3_442_608, 5388, 4793) };
        let reckoned = reckoned.reckon();
        assert_eq!((reckoned.missing, reckoned.hidden_dust), (Some(0), Some(0)));
        assert_eq!((reckoned.local, reckoned.remote), (51_344, 3_448_656));
    }

    #[test]
    fn more_dust_than_commit_fee_breaks_the_identity() {
        let of = |amount| Printed {
            htlcs: vec![(HtlcDirection::Incoming, amount)],
            ..printed(50_000, 46_530, 0, 3140, 2500)
        };
        let broken = Printed { dust_limit: None, ..of(u64::MAX / 1000) }.reckon();
        assert_eq!(broken.hidden_dust, None);
        assert!(broken.missing.unwrap() < 0, "{broken:?}");
        let limit = Printed { dust_limit: Some(5000), ..of(3140 + 3) }.reckon();
        assert_eq!((limit.missing, limit.hidden_dust), (Some(0), Some(3143)));
        let beyond = Printed { dust_limit: Some(5000), ..of(3140 + 4) }.reckon();
        assert_eq!((beyond.missing, beyond.hidden_dust), (Some(-1), None));
    }

    #[test]
    fn trimmed_htlcs_stand_in_commit_fee() {
        let channel = Printed {
            htlcs: vec![(HtlcDirection::Outgoing, 353), (HtlcDirection::Incoming, 354)],
            ..printed(1_000_000, 500_000, 400_000, 0, 1000)
        };
        // One HTLC has an output: 1296 WU at 1000 sat/kW, both anchors; 353 sat are trimmed.
        let commit_fee = 1296 + 353;
        let local = 1_000_000 - 400_000 - 660 - 354 - commit_fee;
        let reckoned = Printed { local, commit_fee: Some(commit_fee), ..channel }.reckon();
        assert_eq!((reckoned.missing, reckoned.hidden_dust), (Some(0), Some(353)));
        assert_eq!(reckoned.local + reckoned.remote + 353 + 354, 1_000_000);
        assert_eq!(reckoned.local, local + 1296 + 660);
    }

    #[test]
    fn a_main_balance_below_the_dust_limit_is_hidden_dust() {
        // The peer's 200 sat have no output and its anchor none either.
        let commit_fee = 1124 + 330 + 200;
        let reckoned = printed(100_000, 100_000 - 330 - commit_fee, 200, commit_fee, 1000).reckon();
        assert_eq!((reckoned.missing, reckoned.hidden_dust), (Some(0), Some(200)));
        assert_eq!((reckoned.local, reckoned.remote), (99_800, 200));
    }

    #[test]
    fn second_stage_fees_raise_the_limit_only_without_anchors() {
        let channel = Printed { kind: CommitmentKind::StaticRemoteKey, ..printed(0, 0, 0, 0, 1000) };
        for (direction, fee) in [(HtlcDirection::Outgoing, 663), (HtlcDirection::Incoming, 703)] {
            let trims = |amount| channel.trims(CommitmentFormat::StaticRemoteKey, 354, &(direction, amount));
            assert_eq!((trims(354 + fee - 1), trims(354 + fee)), (true, false));
            let trims = |amount| channel.trims(CommitmentFormat::SegwitAnchors, 354, &(direction, amount));
            assert_eq!((trims(353), trims(354)), (true, false));
        }
    }

    #[test]
    fn an_unnamed_type_is_told_by_the_anchors() {
        let unnamed = |channel: Printed| Printed { kind: CommitmentKind::Unknown, ..channel }.reckon();
        assert_eq!(
            unnamed(printed(50_000, 46_530, 0, 3140, 2500)).format,
            Some(CommitmentFormat::SegwitAnchors)
        );
        let old = Printed {
            htlcs: vec![(HtlcDirection::Outgoing, 426)],
            dust_limit: None,
            complete: false,
            opener: None,
            ..printed(100_000, 94_339, 0, 5661, 500)
        };
        let reckoned = unnamed(old);
        assert_eq!(reckoned.format, Some(CommitmentFormat::StaticRemoteKey));
        assert_eq!(
            (reckoned.missing, reckoned.hidden_dust, reckoned.unlisted_dust),
            (Some(0), Some(5299), true)
        );
    }

    #[test]
    fn a_listing_that_misses_its_identity_keeps_within_the_capacity() {
        let reckoned = printed(50_000, 7331, 1337, 2345, 1793).reckon();
        assert_eq!((reckoned.missing, reckoned.hidden_dust), (Some(50_000 - 7331 - 1337 - 2345 - 660), None));
        assert_eq!((reckoned.local, reckoned.remote), (7331 + 2015 + 660, 1337));
        let full = printed(10_000, 9000, 1000, 2345, 1793).reckon();
        assert_eq!((full.local, full.remote), (9000, 1000));
    }

    proptest! {
        #[test]
        fn a_commitment_built_by_the_rules_is_read_back(
            capacity in 20_000_u64..10_000_000_000,
            share in 0_u64..=1000,
            feerate in 253_u32..3000,
            dust_limit in 354_u64..5000,
            amounts in prop::collection::vec((any::<bool>(), 1_u64..6000), 0..12),
            kind in prop::sample::select(vec![CommitmentKind::Anchors, CommitmentKind::Taproot, CommitmentKind::StaticRemoteKey]),
            opener in prop::sample::select(vec![Side::Local, Side::Remote]),
        ) {
            let format = kind.format().unwrap();
            let feerate = FeerateKw::from_sat_per_kw(feerate);
            let htlcs: Vec<_> = amounts.into_iter()
                .map(|(incoming, amount)| (if incoming { HtlcDirection::Incoming } else { HtlcDirection::Outgoing }, amount))
                .collect();
            let mut channel = Printed {
                capacity, local: 0, remote: 0, commit_fee: Some(0), feerate: Some(feerate), opener: Some(opener),
                kind, dust_limit: Some(dust_limit), htlcs, complete: true,
            };
            let pending: u64 = channel.htlcs.iter().map(|(_, amount)| amount).sum();
            prop_assume!(pending < capacity);
            let gross_local = (capacity - pending) / 1000 * share;
            let gross_remote = capacity - pending - gross_local;
            let untrimmed: Vec<u64> = channel.htlcs.iter()
                .filter(|htlc| !channel.trims(format, dust_limit, htlc)).map(|(_, amount)| *amount).collect();
            let weight = format.commitment_base_weight().unwrap().to_wu() + 172 * untrimmed.len() as u64;
            let pays = feerate.fee_floor(Weight::from_wu(weight)).to_sat() + format.anchors_total().to_sat();
            let (local, remote) = match opener {
                Side::Local => (gross_local.checked_sub(pays), Some(gross_remote)),
                Side::Remote => (Some(gross_local), gross_remote.checked_sub(pays)),
            };
            prop_assume!(local.is_some() && remote.is_some());
            (channel.local, channel.remote) = (local.unwrap(), remote.unwrap());
            let out = |balance: u64| if balance >= dust_limit { balance } else { 0 };
            let anchor = |balance: u64| {
                if format.anchors_total() > Amount::ZERO && (balance >= dust_limit || !untrimmed.is_empty()) { 330 } else { 0 }
            };
            let outputs = out(channel.local) + out(channel.remote) + anchor(channel.local) + anchor(channel.remote)
                + untrimmed.iter().sum::<u64>();
            channel.commit_fee = Some(capacity - outputs);
            let trimmed = pending - untrimmed.iter().sum::<u64>()
                + (channel.local - out(channel.local)) + (channel.remote - out(channel.remote));
            let reckoned = channel.reckon();
            prop_assert_eq!(reckoned.missing, Some(0));
            prop_assert_eq!(reckoned.hidden_dust, Some(trimmed));
            prop_assert_eq!((reckoned.local, reckoned.remote), (gross_local, gross_remote));
        }
    }
}
