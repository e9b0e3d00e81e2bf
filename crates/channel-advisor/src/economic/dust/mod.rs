//! The dust ledger of a channel: what both commitments leave out, what is not worth claiming, what a force-close now
//! would lose and cost, and the same under stress.

mod commitment;
mod exit;
mod notes;

use bitcoin::Amount;
use channel_core::dust::{DustProfile, EconomicDust, ExitPath, TrimLimit};
use channel_core::htlc::HtlcDirection;
use channel_core::{FeerateKw, Msat, Side};

use super::state::State;
use super::terms::Terms;
use crate::plan::{DustReport, ForceClose, StressPoint};
use crate::snapshot::ChannelSnapshot;
use commitment::CommitmentDust;
use exit::OwnExit;

/// The feerates of the stress curve: 1, 5, 20, 50 and 100 sat/vB.
const STRESS: [FeerateKw; 5] = [
    FeerateKw::from_sat_per_kw(250),
    FeerateKw::from_sat_per_kw(1250),
    FeerateKw::from_sat_per_kw(5000),
    FeerateKw::from_sat_per_kw(12_500),
    FeerateKw::from_sat_per_kw(25_000),
];

/// What the ledger is written under.
#[derive(Debug, Clone, Copy)]
pub(super) struct DustRules {
    /// The plan's feerate.
    pub(super) feerate: FeerateKw,
    /// What is advised to be treated as dust.
    pub(super) profile: DustProfile,
}

/// The ledger of one channel.
pub(super) fn ledger(
    channel: &ChannelSnapshot,
    terms: &Terms,
    state: &State<'_>,
    rules: DustRules,
) -> DustReport {
    let [own, peers] = Side::ALL.map(|owner| CommitmentDust::of(state, owner));
    let hidden = channel.hidden_dust.unwrap_or(Msat::ZERO);
    // What the listing hides beyond the HTLCs and balances it shows; dust it shows is not counted twice.
    let unseen = hidden.saturating_sub(own.total());
    let trimmed_ours = own.htlcs().saturating_add(own.balances.local).saturating_add(unseen);
    let exit = OwnExit::new(terms, state, &own);
    let now = exit.price(rules.feerate);
    let exposure = state.exposure();
    let mut report = DustReport {
        dust_limit_local_sat: terms.trim.local.to_amount().to_sat(),
        dust_limit_remote_sat: terms.trim.remote.to_amount().to_sat(),
        trimmed_local_msat: own.total().saturating_add(unseen),
        trimmed_remote_msat: peers.total(),
        trimmed_htlcs_local: own.htlc_count,
        trimmed_htlcs_remote: peers.htlc_count,
        hidden_msat: channel.hidden_dust,
        uneconomic_msat: now.uneconomic,
        exposure_msat: exposure.local.saturating_add(unseen).max(exposure.remote),
        exposure_cap_msat: terms.max_dust_exposure,
        advised_dust_limit_sat: advised_limit(terms, rules.feerate).to_sat(),
        force_close: ForceClose {
            fee_msat: now.fee,
            lost_msat: trimmed_ours.saturating_add(now.uneconomic),
            locked_blocks: channel.to_self_delay,
        },
        stress: STRESS
            .into_iter()
            .map(|feerate| {
                let price = exit.price(feerate);
                StressPoint {
                    feerate_sat_per_kw: feerate,
                    lost_msat: trimmed_ours.saturating_add(price.uneconomic),
                    fee_msat: price.fee,
                }
            })
            .collect(),
        notes: Vec::new(),
    };
    report.notes = notes::notes(channel, terms, state, rules, &own, &report);
    report
}

/// The dust limit that keeps no HTLC which is not worth claiming. Without anchors the fee of the first stage is part of
/// the trimming rule already, so only the sweep counts there.
fn advised_limit(terms: &Terms, feerate: FeerateKw) -> Amount {
    if terms.format.second_stage_weight(HtlcDirection::Accepted).is_none() {
        return TrimLimit::advised(terms.format, feerate).to_amount();
    }
    let sweep = EconomicDust::of(ExitPath::SecondLevel, terms.format, feerate).to_amount();
    sweep.max(TrimLimit::PEER_MINIMUM.to_amount())
}

#[cfg(test)]
mod tests;
