//! A channel's terms as the formulas use them: what the listing tells, and stated assumptions where it does not.

use bitcoin::Amount;
use channel_core::dust::TrimLimit;
use channel_core::limits::ChannelParams;
use channel_core::quantity::PerSide;
use channel_core::{CommitmentFormat, FeerateKw, Msat, Side};

use crate::snapshot::{Assumption, ChannelSnapshot, Implementation};

/// The highest feerate LND lets a commitment with anchors have by default: 10 sat/vB.
const ANCHOR_FEERATE_MAX: FeerateKw = FeerateKw::from_sat_per_kw(2500);

/// The terms of one channel, complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Terms {
    /// How its transactions are built.
    pub(super) format: CommitmentFormat,
    /// The feerate of its commitments; zero in the zero-fee formats.
    pub(super) feerate: FeerateKw,
    /// Who pays for commitments. `None`: unknown, so either side is held to be able to pay.
    pub(super) opener: Option<Side>,
    /// The dust limit of each side's commitment.
    pub(super) trim: PerSide<TrimLimit>,
    /// What each side must keep.
    pub(super) reserve: PerSide<Msat>,
    /// The most dust that may stand on a commitment.
    pub(super) max_dust_exposure: Msat,
}

impl Terms {
    /// The terms of a channel; what is missing is taken as [`Gap`] says and noted in `gaps`.
    pub(super) fn of(
        channel: &ChannelSnapshot,
        implementation: Implementation,
        plan_feerate: FeerateKw,
        gaps: &mut Gaps,
    ) -> Self {
        let format = channel.commitment.format().unwrap_or_else(|| {
            gaps.note(Gap::Format);
            CommitmentFormat::SegwitAnchors
        });
        if channel.opener.is_none() {
            gaps.note(Gap::Opener);
        }
        let trim = trim_limits(channel, implementation, gaps);
        Self {
            format,
            feerate: commitment_feerate(channel, format, plan_feerate, gaps),
            opener: channel.opener,
            trim,
            reserve: reserves(channel, trim, gaps),
            max_dust_exposure: exposure_cap(implementation),
        }
    }

    /// True when `side` pays for commitments, or may do so for all we know.
    pub(super) fn may_be_opener(&self, side: Side) -> bool {
        self.opener.is_none_or(|opener| opener == side)
    }
}

fn commitment_feerate(
    channel: &ChannelSnapshot,
    format: CommitmentFormat,
    plan_feerate: FeerateKw,
    gaps: &mut Gaps,
) -> FeerateKw {
    if format.is_zero_fee() {
        return FeerateKw::ZERO;
    }
    channel.feerate.unwrap_or_else(|| {
        gaps.note(Gap::Feerate);
        if format.has_keyed_anchors() { plan_feerate.min(ANCHOR_FEERATE_MAX) } else { plan_feerate }
    })
}

fn trim_limits(
    channel: &ChannelSnapshot,
    implementation: Implementation,
    gaps: &mut Gaps,
) -> PerSide<TrimLimit> {
    let local = channel.dust_limit_local.unwrap_or_else(|| {
        gaps.note(Gap::OwnDustLimit);
        default_dust_limit(implementation)
    });
    let remote = channel.dust_limit_remote.unwrap_or_else(|| {
        gaps.note(Gap::PeerDustLimit);
        local
    });
    PerSide { local: TrimLimit::observed(local), remote: TrimLimit::observed(remote) }
}

/// The dust limit an implementation proposes for its own commitments by default.
pub(super) const fn default_dust_limit(implementation: Implementation) -> Amount {
    match implementation {
        Implementation::Cln | Implementation::Eclair => Amount::from_sat(546),
        Implementation::Lnd | Implementation::Ldk | Implementation::Table => Amount::from_sat(354),
    }
}

/// The most dust an implementation lets stand on a commitment by default: LND's `channel-max-fee-exposure` is 500,000
/// sat, the others' caps are 50,000 sat (LDK's follows the feerate and is near it).
pub(super) const fn exposure_cap(implementation: Implementation) -> Msat {
    match implementation {
        Implementation::Lnd => Msat::from_msat(500_000_000),
        Implementation::Cln | Implementation::Eclair | Implementation::Ldk | Implementation::Table => {
            ChannelParams::DEFAULT_MAX_DUST_EXPOSURE
        }
    }
}

/// As listed, else what the channel would have if it were opened or spliced now.
fn reserves(channel: &ChannelSnapshot, trim: PerSide<TrimLimit>, gaps: &mut Gaps) -> PerSide<Msat> {
    let usual = ChannelParams::reserve_for(channel.capacity.to_sat_floor(), trim);
    let listed = PerSide { local: channel.reserve_local, remote: channel.reserve_remote };
    if listed.local.is_none() || listed.remote.is_none() {
        gaps.note(Gap::Reserve);
    }
    PerSide::from_fn(|side| whole(listed.of(side).unwrap_or(usual)))
}

/// Whole satoshi as msat; the largest amount when they do not fit.
pub(super) fn whole(amount: Amount) -> Msat {
    Msat::try_from(amount).unwrap_or(Msat::MAX)
}

/// A term of a channel that no listing told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// The commitment format.
    Format,
    /// The commitment's feerate.
    Feerate,
    /// Who opened the channel.
    Opener,
    /// Our dust limit.
    OwnDustLimit,
    /// The peer's dust limit.
    PeerDustLimit,
    /// A reserve.
    Reserve,
    /// The pending HTLCs.
    Htlcs,
}

impl Gap {
    const ALL: [Self; 7] = [
        Self::Format,
        Self::Feerate,
        Self::Opener,
        Self::OwnDustLimit,
        Self::PeerDustLimit,
        Self::Reserve,
        Self::Htlcs,
    ];

    const fn code(self) -> &'static str {
        match self {
            Self::Format => "commitment_format_unknown",
            Self::Feerate => "commitment_feerate_unknown",
            Self::Opener => "opener_unknown",
            Self::OwnDustLimit => "own_dust_limit_unknown",
            Self::PeerDustLimit => "peer_dust_limit_unknown",
            Self::Reserve => "reserve_unknown",
            Self::Htlcs => "htlcs_unknown",
        }
    }

    fn text(self, implementation: Implementation) -> String {
        match self {
            Self::Format => "Commitment type not listed: priced as segwit with anchors.".to_owned(),
            Self::Feerate => {
                "Commitment feerate not listed: the plan's is used, with anchors at most 10 sat/vB."
                    .to_owned()
            }
            Self::Opener => "Opener not listed: both sides are held to keep the commitment fee.".to_owned(),
            Self::OwnDustLimit => {
                let limit = default_dust_limit(implementation).to_sat();
                format!("Our dust limit is not listed: {limit} sat, the default of {implementation}.")
            }
            Self::PeerDustLimit => "The peer's dust limit is not listed: taken as ours.".to_owned(),
            Self::Reserve => {
                "A reserve is not listed: 1 % of the capacity, at least the dust limit.".to_owned()
            }
            Self::Htlcs => "Pending HTLCs are not listed: counted as none.".to_owned(),
        }
    }
}

/// How many channels lacked each term.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Gaps {
    counts: [usize; Gap::ALL.len()],
}

impl Gaps {
    /// Notes that one more channel lacks a term.
    pub(super) fn note(&mut self, gap: Gap) {
        self.counts[gap as usize] += 1;
    }

    /// The gaps met, as assumptions.
    pub(super) fn assumptions(&self, implementation: Implementation) -> Vec<Assumption> {
        let met = Gap::ALL.into_iter().zip(self.counts).filter(|(_, count)| *count > 0);
        met.map(|(gap, count)| Assumption::about(gap.code(), gap.text(implementation), count)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::{ChannelKey, CommitmentKind};

    fn channel() -> ChannelSnapshot {
        let sat = |sat: u64| Msat::from_msat(sat * 1000);
        ChannelSnapshot::new(ChannelKey::new("a"), sat(1_000_000), sat(400_000), sat(600_000))
    }

    #[test]
    fn missing_terms_are_assumed_and_said() {
        let mut gaps = Gaps::default();
        let feerate = FeerateKw::from_sat_per_kw(5000);
        let terms = Terms::of(&channel(), Implementation::Cln, feerate, &mut gaps);
        assert_eq!(terms.format, CommitmentFormat::SegwitAnchors);
        assert_eq!(terms.feerate, ANCHOR_FEERATE_MAX);
        assert_eq!(terms.trim.local.to_amount().to_sat(), 546);
        assert_eq!(terms.trim.remote, terms.trim.local);
        assert_eq!(terms.reserve.local, Msat::from_msat(10_000_000));
        assert!(terms.may_be_opener(Side::Local) && terms.may_be_opener(Side::Remote));
        let codes: Vec<_> = gaps.assumptions(Implementation::Cln).into_iter().map(|a| a.code).collect();
        assert_eq!(codes.len(), 6);
        assert!(codes.contains(&"peer_dust_limit_unknown".to_owned()));
    }

    #[test]
    fn listed_terms_are_taken_as_they_are() {
        let mut channel = channel();
        channel.commitment = CommitmentKind::StaticRemoteKey;
        channel.feerate = Some(FeerateKw::from_sat_per_kw(253));
        channel.opener = Some(Side::Remote);
        channel.dust_limit_local = Some(Amount::from_sat(354));
        channel.dust_limit_remote = Some(Amount::from_sat(1000));
        channel.reserve_local = Some(Amount::ZERO);
        channel.reserve_remote = Some(Amount::from_sat(20_000));
        let mut gaps = Gaps::default();
        let terms = Terms::of(&channel, Implementation::Lnd, FeerateKw::ZERO, &mut gaps);
        assert_eq!(gaps, Gaps::default());
        assert_eq!(terms.feerate, FeerateKw::from_sat_per_kw(253));
        assert_eq!((terms.reserve.local, terms.reserve.remote), (Msat::ZERO, Msat::from_msat(20_000_000)));
        assert!(!terms.may_be_opener(Side::Local));

        channel.commitment = CommitmentKind::TaprootZeroFee;
        assert_eq!(
            Terms::of(&channel, Implementation::Lnd, FeerateKw::ZERO, &mut gaps).feerate,
            FeerateKw::ZERO
        );
    }

    #[test]
    fn the_reserve_of_a_small_channel_is_the_larger_dust_limit() {
        let mut channel = channel();
        channel.capacity = Msat::from_msat(20_000_000);
        channel.dust_limit_remote = Some(Amount::from_sat(900));
        let terms = Terms::of(&channel, Implementation::Lnd, FeerateKw::ZERO, &mut Gaps::default());
        assert_eq!(terms.reserve.local, Msat::from_msat(900_000));
    }
}
