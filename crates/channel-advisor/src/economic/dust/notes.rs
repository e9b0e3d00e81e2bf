//! What the ledger says in sentences, each with a stable code.

use channel_core::htlc::Htlc;
use channel_core::{FeerateKw, Msat, Side};

use super::DustRules;
use super::commitment::CommitmentDust;
use crate::economic::figures::{Htlcs, Percent, Sats};
use crate::economic::state::State;
use crate::economic::terms::Terms;
use crate::plan::{DustReport, Reason};
use crate::snapshot::ChannelSnapshot;

/// From this share of the cap on, exposure is near it: 80 %.
const NEAR_CAP_PPM: u64 = 800_000;
/// The rise of feerates that a channel without anchors is tried against.
const SPIKE: u32 = 3;

/// The notes of a ledger; none when there is no dust.
pub(super) fn notes(
    channel: &ChannelSnapshot,
    terms: &Terms,
    state: &State<'_>,
    rules: DustRules,
    own: &CommitmentDust,
    report: &DustReport,
) -> Vec<Reason> {
    let notes = [
        near_cap(report),
        trimmed(report),
        hidden(channel),
        balance_below_limit(own, terms),
        uneconomic(report, rules.feerate),
        fee_spike(terms, state),
        below_profile(rules, own),
    ];
    notes.into_iter().flatten().collect()
}

fn near_cap(report: &DustReport) -> Option<Reason> {
    let (exposure, cap) = (report.exposure_msat, report.exposure_cap_msat);
    let share = exposure.mul_div_floor(1_000_000, cap.to_msat()).to_msat();
    (share >= NEAR_CAP_PPM).then(|| {
        let text = format!(
            "{} in trimmed HTLCs are {} of the cap of {}; at the cap HTLCs fail.",
            Sats::from(exposure),
            Percent(share),
            Sats::from(cap)
        );
        Reason::new("dust_exposure_near_cap", text)
    })
}

fn trimmed(report: &DustReport) -> Option<Reason> {
    let (ours, peers) = (report.trimmed_htlcs_local, report.trimmed_htlcs_remote);
    (ours.max(peers) > 0).then(|| {
        let text = format!(
            "Without an output: {} on our commitment, {} on the peer's; lost to fees if the channel is forced closed now.",
            Htlcs(ours as usize),
            Htlcs(peers as usize)
        );
        Reason::new("trimmed_htlcs", text)
    })
}

fn hidden(channel: &ChannelSnapshot) -> Option<Reason> {
    let hidden = channel.hidden_dust.filter(|hidden| !hidden.is_zero())?;
    let text = format!("The listed commit_fee hides {} of trimmed dust.", Sats::from(hidden));
    Some(Reason::new("hidden_dust", text))
}

fn balance_below_limit(own: &CommitmentDust, terms: &Terms) -> Option<Reason> {
    let balance = own.balances.local;
    (!balance.is_zero()).then(|| {
        let text = format!(
            "Our balance of {} after fees is below the dust limit of {}: spendable off-chain, lost when the channel closes.",
            Sats::from(balance),
            Sats::from(terms.trim.local.to_amount())
        );
        Reason::new("to_local_below_dust_limit", text)
    })
}

fn uneconomic(report: &DustReport, feerate: FeerateKw) -> Option<Reason> {
    (!report.uneconomic_msat.is_zero()).then(|| {
        let value = Sats::from(report.uneconomic_msat);
        let text = format!("{value} lie in outputs that cost more to claim at {feerate} than they hold.");
        Reason::new("uneconomic_outputs", text)
    })
}

/// HTLCs with an output now and none on either commitment at three times the feerate. Where HTLC transactions pay no
/// fee the feerate plays no part, and none is found.
fn fee_spike(terms: &Terms, state: &State<'_>) -> Option<Reason> {
    let spiked = FeerateKw::from_sat_per_kw(terms.feerate.to_sat_per_kw().saturating_mul(SPIKE));
    let turns = |htlc: &&Htlc| {
        let mut owners = Side::ALL.into_iter();
        owners.any(|owner| !state.is_trimmed(htlc, owner) && state.trims_at(htlc, owner, spiked))
    };
    let turning: Vec<Msat> = state.htlcs().iter().filter(turns).map(|htlc| htlc.amount).collect();
    (!turning.is_empty()).then(|| {
        let value = Sats::from(turning.iter().copied().sum::<Msat>());
        let text = format!(
            "At {spiked}, three times the channel's feerate, {} more HTLCs ({value}) become dust.",
            turning.len()
        );
        Reason::new("fee_spike_makes_dust", text)
    })
}

/// Amounts that are no dust by the channel's rules, but by the profile the operator chose.
fn below_profile(rules: DustRules, own: &CommitmentDust) -> Option<Reason> {
    let balance = own.outputs.to_local.filter(|value| rules.profile.reports(*value));
    let htlcs = own.outputs.htlcs.iter().filter(|htlc| rules.profile.reports(htlc.value)).count();
    if balance.is_none() && htlcs == 0 {
        return None;
    }
    let what = match (balance, htlcs) {
        (Some(balance), 0) => format!("Our balance of {} is", Sats::from(balance)),
        (Some(balance), _) => format!("Our balance of {} and {htlcs} HTLCs are", Sats::from(balance)),
        (None, _) => format!("{htlcs} HTLCs are"),
    };
    let limit = Sats::from(rules.profile.threshold());
    let text = format!("{what} below the {limit} of the {} profile: best treated as dust.", rules.profile);
    Some(Reason::new("below_dust_profile", text))
}
