//! The on-chain side of a remedy: weight, fee, break-even feerate, coins it needs.

use bitcoin::Weight;
use channel_core::{CommitmentFormat, FeerateKw, Msat};
use channel_tx::weight::{OutputKind, WalletScript, funding};

use super::{Context, sat};
use crate::economic::rate::wide;
use crate::plan::{Action, OnChain, Prerequisite, PrerequisiteStatus};
use crate::snapshot::Knowledge;

/// 0.1 sat/vB, the lowest feerate that relays (Bitcoin Core 30).
const LOWEST: FeerateKw = FeerateKw::from_sat_per_kw(25);
/// 50 sat/vB: above it every advice is made anew.
const HIGHEST: FeerateKw = FeerateKw::from_sat_per_kw(12_500);

/// The format whose weights price a channel: the listed one, else anchors, the commonest on the network.
pub(crate) fn format_of(context: &Context<'_>, at: usize) -> CommitmentFormat {
    context.channel(at).channel.commitment.format().unwrap_or(CommitmentFormat::SegwitAnchors)
}

/// The wallet script assumed beside a channel: P2TR for Taproot channels, else P2WPKH.
pub(crate) const fn wallet_script(format: CommitmentFormat) -> WalletScript {
    if format.is_taproot() { WalletScript::P2tr } else { WalletScript::P2wpkh }
}

/// The output kind of that script.
pub(crate) const fn wallet_output(format: CommitmentFormat) -> OutputKind {
    if format.is_taproot() { OutputKind::P2tr } else { OutputKind::P2wpkh }
}

/// Weight of adding one wallet coin to a channel, with change.
pub(crate) fn splice_in(format: CommitmentFormat) -> Weight {
    funding::splice_in(format, &[wallet_script(format)], Some(wallet_output(format))).weight()
}

/// Weight of paying one output from a channel.
pub(crate) fn splice_out(format: CommitmentFormat) -> Weight {
    funding::splice_out(format, wallet_output(format)).weight()
}

/// Weight of moving funds between two channels in one transaction.
pub(crate) fn cross_splice(from: CommitmentFormat, to: CommitmentFormat) -> Weight {
    funding::cross_splice(&[from.into(), to.into()]).weight()
}

/// Weight of opening a channel from one coin, with change.
pub(crate) fn open(format: CommitmentFormat) -> Weight {
    funding::open(format, &[wallet_script(format)], Some(wallet_output(format))).weight()
}

/// Weight of a cooperative close with both outputs.
pub(crate) fn close(format: CommitmentFormat) -> Weight {
    funding::mutual_close(format, wallet_output(format), Some(wallet_output(format))).weight()
}

/// Weight of a close and an open after it.
pub(crate) fn close_and_reopen(format: CommitmentFormat) -> Weight {
    funding::close_and_reopen(format.into(), wallet_script(format), Some(wallet_output(format))).weight()
}

/// The fee of a weight at the plan's feerate.
pub(crate) fn fee(context: &Context<'_>, weight: Weight) -> Msat {
    Msat::try_from(context.feerate().fee_ceil(weight)).unwrap_or(Msat::MAX)
}

/// The on-chain part of an action that brings `benefit` and costs `other_cost` beside the chain fee.
pub(crate) fn part(
    context: &Context<'_>,
    weight: Weight,
    benefit: Option<Msat>,
    other_cost: Msat,
    needs: Msat,
) -> OnChain {
    let break_even = benefit.and_then(|benefit| break_even(weight, benefit, other_cost));
    OnChain {
        weight_wu: weight.to_wu(),
        size_vb: weight.to_vbytes_ceil(),
        fee_msat: fee(context, weight),
        break_even_sat_per_kw: break_even,
        only_at_or_below_sat_per_kw: break_even.filter(|at| (LOWEST..HIGHEST).contains(at)),
        needs_msat: needs,
    }
}

/// The highest feerate at which benefit still covers all costs; `None` when it does not even at 0.1 sat/vB.
fn break_even(weight: Weight, benefit: Msat, other_cost: Msat) -> Option<FeerateKw> {
    let room = wide(benefit) - wide(other_cost);
    if room <= 0 || weight.to_wu() == 0 {
        return None;
    }
    let wu = i128::from(weight.to_wu());
    // 1 sat/kW over 1 WU is 1 msat; fees are whole satoshi rounded up, so the last satoshi is taken off the room.
    let kw = (room - room.rem_euclid(1000)) / wu;
    let rate = FeerateKw::from_sat_per_kw(u32::try_from(kw).unwrap_or(u32::MAX));
    (rate >= LOWEST).then_some(rate)
}

/// The seed's prerequisites of an action on the chain: coins, the peer, room in a block.
pub(crate) fn require(context: &Context<'_>, action: &mut Action, channels: &[usize], needs: Msat) {
    if !needs.is_zero() {
        let (status, detail) = match context.wallet {
            None => (PrerequisiteStatus::Unknown, format!("needs {} on-chain", sat(needs))),
            Some(wallet) if wallet >= needs => {
                (PrerequisiteStatus::Met, format!("needs {} on-chain, {} to spend", sat(needs), sat(wallet)))
            }
            Some(wallet) => (
                PrerequisiteStatus::Unmet,
                format!(
                    "needs {} on-chain, only {} to spend after the reserve for forced closes",
                    sat(needs),
                    sat(wallet)
                ),
            ),
        };
        super::draft::require(action, Prerequisite::new("onchain_funds", status).with_detail(detail));
    }
    let peer = if channels.iter().any(|at| context.channel(*at).channel.active == Some(false)) {
        PrerequisiteStatus::Unmet
    } else if channels.iter().all(|at| context.channel(*at).channel.active == Some(true)) {
        PrerequisiteStatus::Met
    } else {
        PrerequisiteStatus::Unknown
    };
    let online = Prerequisite::new("peer_cooperation", peer).with_detail("the peer must be online and agree");
    super::draft::require(action, online);
    let space = Prerequisite::new("blockchain_space", PrerequisiteStatus::Unknown)
        .with_detail("confirms at the plan's feerate only if blocks have room for it");
    super::draft::require(action, space);
}

/// Whether a channel's splice can be done, as a word and a reason.
pub(crate) fn splice_feasibility(context: &Context<'_>, at: usize) -> crate::plan::Feasibility {
    use crate::plan::{Feasibility, Reason};
    let evidence = context.channel(at);
    let own = match context.snapshot.node.splices {
        Knowledge::Unknown => context.implementation().splices(),
        told => told,
    };
    match (own, evidence.can_splice) {
        (Knowledge::No, _) => Feasibility::no(Reason::new(
            "own_node_cannot_splice",
            format!("own node cannot splice ({} has no splicing)", context.implementation()),
        )),
        (_, Knowledge::Yes) => Feasibility::yes(),
        (_, Knowledge::No) => Feasibility::no(Reason::new(
            "peer_cannot_splice",
            "the peer does not announce splicing (feature 62/63)",
        )),
        (_, Knowledge::Unknown) => Feasibility::unknown(Reason::new(
            "peer_splice_unknown",
            "no input tells whether the peer announces splicing (feature 62/63)",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn break_even_covers_all_costs_and_no_more() {
        let weight = Weight::from_wu(996);
        let rate = break_even(weight, Msat::from_msat(2_000_000), Msat::from_msat(500_000)).unwrap();
        let cost = |rate: FeerateKw| rate.fee_ceil(weight).to_sat() * 1000 + 500_000;
        assert!(cost(rate) <= 2_000_000);
        assert!(cost(FeerateKw::from_sat_per_kw(rate.to_sat_per_kw() + 1)) > 2_000_000);
    }

    #[test]
    fn no_break_even_where_it_never_pays() {
        let weight = Weight::from_wu(996);
        assert_eq!(break_even(weight, Msat::from_msat(10), Msat::from_msat(10)), None);
        // 24 sat/kW over 996 WU: under 0.1 sat/vB.
        assert_eq!(break_even(weight, Msat::from_msat(24_000), Msat::ZERO), None);
        assert_eq!(break_even(Weight::ZERO, Msat::from_msat(24_000), Msat::ZERO), None);
    }
}
