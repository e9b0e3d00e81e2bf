//! Several channels with one peer, merged into one.
//!
//! The last hop towards us is chosen by the peer, so several channels behave as one for incoming payments while each
//! keeps its own reserve, its own anchors and its own close. Merging saves the closes to come; it costs transactions
//! now. The closes saved are reckoned at the stress feerate of 20 sat/vB, and since a channel is taken to live a year,
//! the share of them that falls into the horizon counts. The break-even feerate says when blocks are cheap enough.

use bitcoin::Weight;
use channel_core::{FeerateKw, Msat};

use super::draft::{self, Price};
use super::{Context, command, onchain, splice};
use crate::plan::{Action, ActionDetails, Feasibility, FeasibilityStatus, RemedyKind};

/// The feerate at which saved closes are valued: 20 sat/vB.
const LATER: FeerateKw = FeerateKw::from_sat_per_kw(5000);
/// How long a channel is taken to live, days.
const LIFE_DAYS: u64 = 365;

/// A merge of all channels with one peer, priced once, at the largest of them.
pub(crate) fn price(context: &Context<'_>, at: usize) -> Option<Action> {
    // Without forwards nobody can tell what the closed channels' inbound room is worth.
    context.channel(at).flow.as_ref()?;
    let group = context.peers.of(at);
    let largest = |a: &&usize| (context.channel(**a).channel.capacity, core::cmp::Reverse(**a));
    if group.len() < 2 || group.iter().max_by_key(largest) != Some(&at) {
        return None;
    }
    let others: Vec<usize> = group.iter().copied().filter(|other| *other != at).collect();
    let mut channels = vec![at];
    channels.extend(&others);
    let splices = onchain::splice_feasibility(context, at);
    let weight = weight(context, at, &others, splices.status != FeasibilityStatus::No);
    let later: u64 = others
        .iter()
        .map(|other| LATER.fee_floor(onchain::close(onchain::format_of(context, *other))).to_sat())
        .sum();
    let price = Price {
        cost: onchain::fee(context, weight),
        benefit: Some(
            Msat::from_sat(later)
                .unwrap_or(Msat::MAX)
                .mul_div_floor(u64::from(context.horizon()).min(LIFE_DAYS), LIFE_DAYS),
        ),
        days: context.horizon(),
    };
    let part = onchain::part(context, weight, price.benefit, Msat::ZERO, Msat::ZERO);
    let action = draft::action(context, RemedyKind::Consolidate, &channels, price);
    Some(described(context, draft::with_on_chain(action, part), at, &others, splices))
}

fn described(
    context: &Context<'_>,
    mut action: Action,
    at: usize,
    others: &[usize],
    splices: Feasibility,
) -> Action {
    let keep = context.channel(at);
    let count = others.len() + 1;
    action.summary = format!("merge the {count} channels with {} into one", keep.channel.label());
    action.amount_msat = Some(others.iter().map(|other| context.channel(*other).channel.local).sum());
    draft::because(
        &mut action,
        "same_peer",
        "the peer picks which of them an incoming payment uses, so they act as one but close one by one",
    );
    draft::because(
        &mut action,
        "closes_saved",
        format!(
            "saves {} later closes, reckoned at {LATER} and over a life of {LIFE_DAYS} days",
            others.len()
        ),
    );
    // Where channels can be closed into a splice, HTLCs may stay; closing first needs them settled.
    let pending = others.iter().map(|other| splice::closable(context.channel(*other)));
    let blocked = pending.into_iter().find(|feasibility| feasibility.status != FeasibilityStatus::Yes);
    let resting = others.iter().find_map(|other| context.blocked(*other));
    let reversed = std::iter::once(&at).chain(others).find_map(|member| {
        let opened = format!("{}:{}", RemedyKind::Open.code(), context.channel(*member).channel.key);
        context.history.opposite(&opened, context.options)
    });
    action.feasibility = match resting.or(reversed) {
        Some(reason) => Feasibility::no(reason),
        None => blocked.map_or(splices.clone(), |blocked| splice::both(splices, blocked)),
    };
    action.details = ActionDetails::Consolidate {
        keep: keep.channel.key.to_string(),
        close: others.iter().map(|other| context.channel(*other).channel.key.to_string()).collect(),
    };
    let mut channels = vec![at];
    channels.extend(others);
    onchain::require(context, &mut action, &channels, Msat::ZERO);
    let close = |other: &usize| {
        command::close(context.implementation(), context.channel(*other).channel, context.feerate())
    };
    action.commands = others.iter().flat_map(close).collect();
    action
}

/// One close a channel, and a splice-in of what comes back unless splicing is impossible: where nobody knows, the merge is
/// listed for the case that the peer can, and priced for it.
fn weight(context: &Context<'_>, at: usize, others: &[usize], splices: bool) -> Weight {
    let closes: u64 =
        others.iter().map(|other| onchain::close(onchain::format_of(context, *other)).to_wu()).sum();
    let joined = if splices { onchain::splice_in(onchain::format_of(context, at)).to_wu() } else { 0 };
    Weight::from_wu(closes.saturating_add(joined))
}
