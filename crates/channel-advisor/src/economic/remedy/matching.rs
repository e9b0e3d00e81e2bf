//! Circular rebalances over the whole fleet: which channel gives to which, how much, by which route.
//!
//! Candidates are every (source, target, amount) of the most promising channels; they are taken greedily by expected
//! net value, each taken one changing what its two channels have left, until none is worth its price. Hard rules:
//! never the same peer on both ends; the incoming side counts per peer, since the peer picks the last hop; reserves
//! and what can be sent and received bound the amount; parts are never smaller than what a claim would cost.

use std::cmp::Reverse;

use channel_core::{FeerateKw, Msat, SignedMsat};

use super::draft::{self, Price};
use super::rebalance::{self, Leg, RebalanceValue, RoutePrice};
use super::router::{Found, Router};
use super::{Context, command, sat, splice};
use crate::economic::evidence::Evidence;
use crate::economic::rate::{cost_at, wide};
use crate::plan::{
    Action, ActionDetails, Feasibility, Prerequisite, PrerequisiteStatus, Reason, RemedyKind, RouteSummary,
};
use crate::snapshot::Knowledge;

/// How many targets and sources are matched; the rest of a larger fleet would not reach a plan anyway.
const MOST_CANDIDATES: usize = 64;
/// How many sources may fill one target in one plan.
const MOST_PARTS: usize = 3;
/// Amounts tried per pair: all of it, a half, a quarter, an eighth.
const HALVINGS: u32 = 4;
/// Above this feerate a large set of HTLCs makes a force-close dear: no rebalances through it. 50 sat/vB.
const DEAR: FeerateKw = FeerateKw::from_sat_per_kw(12_500);
/// That many pending HTLCs are a large set.
const LARGE_HTLC_SET: usize = 10;

/// The rebalances of a fleet.
#[derive(Debug, Default)]
pub(crate) struct Matching {
    /// Worth doing, in the order taken, each with its target.
    pub(crate) chosen: Vec<(usize, Action)>,
    /// For each target that got none: its best pair and why it is refused.
    pub(crate) refused: Vec<(usize, Action)>,
}

/// A channel that lacks outbound liquidity.
#[derive(Debug)]
struct Target {
    at: usize,
    leg: Leg,
    deficit: Msat,
    parts: usize,
}

/// A channel with outbound liquidity to spare.
#[derive(Debug)]
struct Source {
    at: usize,
    leg: Leg,
    surplus: Msat,
}

/// One priced way to fill a target: positions among targets and sources, and the price as both stand now.
#[derive(Debug)]
struct Candidate {
    target: usize,
    source: usize,
    amount: Msat,
    found: Found,
    value: RebalanceValue,
    /// Still fits what target and source have left.
    fits: bool,
}

/// Matches sources with targets.
pub(crate) fn rebalances(context: &Context<'_>, skip: &dyn Fn(usize) -> Option<Reason>) -> Matching {
    let mut matching = Matching::default();
    let mut targets = Vec::new();
    for target in targets_of(context) {
        match refusal(context, target.at).or_else(|| skip(target.at)) {
            Some(feasibility) => {
                let action = unpriced(context, target.at, target.deficit, Feasibility::no(feasibility));
                matching.refused.push((target.at, action));
            }
            None => targets.push(target),
        }
    }
    let mut sources = sources_of(context);
    let mut router = Router::new(context);
    let mut candidates = candidates(context, &mut router, &targets, &sources);
    while let Some(best) = best(&targets, &sources, &candidates) {
        let action = priced(context, &targets, &sources, best, Feasibility::yes());
        matching.chosen.push((targets[best.target].at, action));
        let (target, source, amount) = (best.target, best.source, best.amount);
        take(&mut targets[target], &mut sources[source], amount);
        let siblings = lessen_siblings(context, &mut targets, target, amount);
        let touched = |candidate: &&mut Candidate| {
            candidate.target == target || candidate.source == source || siblings.contains(&candidate.target)
        };
        for candidate in candidates.iter_mut().filter(touched) {
            reprice(context, &targets, &sources, candidate);
        }
    }
    for (position, target) in targets.iter().enumerate().filter(|(_, target)| target.parts == 0) {
        let action = refused(context, &targets, &sources, &candidates, &router, position);
        matching.refused.push((target.at, action));
    }
    matching
}

/// Channels below their target that drain, the most valuable first.
fn targets_of(context: &Context<'_>) -> Vec<Target> {
    let mut targets: Vec<(u128, Reverse<usize>, Target)> = Vec::new();
    for (at, evidence) in context.fleet.channels.iter().enumerate() {
        let (Some(flow), Some(target)) = (&evidence.flow, evidence.target_local) else { continue };
        let lacks = peer_deficit(context, at).min(target.saturating_sub(evidence.channel.local));
        let deficit = lacks.min(evidence.receivable);
        if flow.drain_per_day <= SignedMsat::ZERO || deficit.is_zero() || context.blocked(at).is_some() {
            continue;
        }
        let leg = Leg::new(evidence, flow, context.horizon(), context.options.profit_split_ppm);
        let worth =
            u128::from(deficit.to_msat()) * u128::from(leg.rate_ppm) * u128::from(leg.added_use_ppm(deficit))
                / 1_000_000;
        targets.push((worth, Reverse(at), Target { at, leg, deficit, parts: 0 }));
    }
    targets.sort_unstable_by_key(|(worth, at, _)| Reverse((*worth, *at)));
    targets.into_iter().take(MOST_CANDIDATES).map(|(_, _, target)| target).collect()
}

/// What all channels with a target's peer lack together: the peer may deliver through any of them.
fn peer_deficit(context: &Context<'_>, at: usize) -> Msat {
    let total: i128 = context
        .peers
        .of(at)
        .iter()
        .map(|other| {
            let evidence = context.channel(*other);
            let Some(flow) = &evidence.flow else { return 0 };
            let spare = splice::surplus(evidence, flow).map_or(0, wide);
            let lacking =
                evidence.target_local.map_or(0, |target| wide(target) - wide(evidence.channel.local));
            lacking.max(0) - spare
        })
        .sum();
    crate::economic::rate::unsigned(total)
}

/// The peer may deliver through any channel with us: what one target got, its siblings lack no more. Gives the siblings.
fn lessen_siblings(
    context: &Context<'_>,
    targets: &mut [Target],
    position: usize,
    amount: Msat,
) -> Vec<usize> {
    let group = context.peers.of(targets[position].at);
    let is_sibling = |other: &usize| *other != position && group.contains(&targets[*other].at);
    let siblings: Vec<usize> = (0..targets.len()).filter(is_sibling).collect();
    for sibling in &siblings {
        targets[*sibling].deficit = targets[*sibling].deficit.saturating_sub(amount);
    }
    siblings
}

/// Channels with coins above target and demand, those that earn least on them first.
fn sources_of(context: &Context<'_>) -> Vec<Source> {
    let mut sources: Vec<(u32, Reverse<Msat>, usize, Source)> = Vec::new();
    for (at, evidence) in context.fleet.channels.iter().enumerate() {
        let Some(flow) = &evidence.flow else { continue };
        if context.blocked(at).is_some() || crowded_at_high_feerate(context, evidence) {
            continue;
        }
        let Some(surplus) = splice::surplus(evidence, flow) else { continue };
        let leg = Leg::new(evidence, flow, context.horizon(), context.options.profit_split_ppm);
        sources.push((leg.rate_ppm, Reverse(surplus), at, Source { at, leg, surplus }));
    }
    sources.sort_unstable_by_key(|(rate, surplus, at, _)| (*rate, *surplus, *at));
    sources.into_iter().take(MOST_CANDIDATES).map(|(_, _, _, source)| source).collect()
}

/// Why a target cannot be filled by any source.
fn refusal(context: &Context<'_>, at: usize) -> Option<Reason> {
    if context.usable < 2 {
        return Some(Reason::new("only_usable_channel", "a circular payment needs a second usable channel"));
    }
    if crowded_at_high_feerate(context, context.channel(at)) {
        return Some(Reason::new(
            "htlc_set_large_at_high_feerate",
            format!(
                "{LARGE_HTLC_SET} or more HTLCs are pending and blocks are dear: a force-close would cost too much"
            ),
        ));
    }
    None
}

fn crowded_at_high_feerate(context: &Context<'_>, evidence: &Evidence<'_>) -> bool {
    let pending = evidence.channel.htlcs.as_ref().map_or(0, Vec::len);
    context.feerate() >= DEAR && pending >= LARGE_HTLC_SET
}

/// Every way to fill a target that a route was found for and history does not speak against.
fn candidates(
    context: &Context<'_>,
    router: &mut Router<'_>,
    targets: &[Target],
    sources: &[Source],
) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (position, target) in targets.iter().enumerate() {
        let able: Vec<usize> =
            (0..sources.len()).filter(|from| distinct(context, sources[*from].at, target.at)).collect();
        let Some(widest) = able.iter().map(|from| sources[*from].surplus.min(target.deficit)).max() else {
            continue;
        };
        for halving in 0..HALVINGS {
            let amount = Msat::from_msat(widest.to_msat() >> halving);
            if amount < smallest_part(context, target.at) {
                break;
            }
            let fits = |from: &&usize| sources[**from].surplus >= amount;
            let fitting: Vec<usize> = able.iter().filter(fits).copied().collect();
            let channels: Vec<usize> = fitting.iter().map(|from| sources[*from].at).collect();
            let found = router.towards(context, target.at, amount, &channels);
            for (source, found) in fitting.into_iter().zip(found) {
                let Some(found) = found.filter(|_| !reverses(context, sources[source].at, target.at)) else {
                    continue;
                };
                let value = worth(context, &sources[source], target, amount, found.price);
                candidates.push(Candidate { target: position, source, amount, found, value, fits: true });
            }
        }
    }
    candidates
}

/// True when the opposite was advised a short while ago.
fn reverses(context: &Context<'_>, source: usize, target: usize) -> bool {
    context.history.is_known() && {
        [RemedyKind::Rebalance, RemedyKind::CrossSplice].into_iter().any(|kind| {
            let opposite = format!("{}:{}>{}", kind.code(), key(context, target), key(context, source));
            context.history.opposite(&opposite, context.options).is_some()
        })
    }
}

/// The price of a candidate after its target or source has changed.
fn reprice(context: &Context<'_>, targets: &[Target], sources: &[Source], candidate: &mut Candidate) {
    let (target, source, amount) = (&targets[candidate.target], &sources[candidate.source], candidate.amount);
    candidate.fits = amount <= target.deficit && amount <= source.surplus && target.parts < MOST_PARTS;
    if candidate.fits {
        candidate.value = worth(context, source, target, amount, candidate.found.price);
    }
}

/// Two channels of different peers: a circular payment never leaves and returns through the same one.
fn distinct(context: &Context<'_>, source: usize, target: usize) -> bool {
    let (out, into) = (context.channel(source).channel, context.channel(target).channel);
    source != target && (out.peer.is_none() || out.peer != into.peer)
}

/// No part is worth sending below both dust limits and what claiming an HTLC costs under stress (50 sat/vB).
fn smallest_part(context: &Context<'_>, at: usize) -> Msat {
    let dust = &context.channel(at).dust;
    let limit = dust.dust_limit_local_sat.max(dust.dust_limit_remote_sat);
    let claim = super::stressed_claim(context, at);
    Msat::from_sat(limit).unwrap_or(Msat::MAX).max(claim)
}

/// The candidate with the highest expected net value that is worth its price.
fn best<'c>(targets: &[Target], sources: &[Source], candidates: &'c [Candidate]) -> Option<&'c Candidate> {
    let pays = |candidate: &&Candidate| {
        candidate.fits
            && candidate.value.net.is_positive()
            && candidate.found.price.fee_ppm <= candidate.value.max_ppm
            && candidate.found.last_hop_known == Knowledge::Yes
    };
    candidates.iter().filter(pays).max_by_key(|candidate| rank(targets, sources, candidate))
}

/// By net value, then the larger amount; ties by position, so that the same input gives the same plan.
fn rank(
    targets: &[Target],
    sources: &[Source],
    candidate: &Candidate,
) -> (SignedMsat, Msat, Reverse<usize>, Reverse<usize>) {
    let (target, source) = (targets[candidate.target].at, sources[candidate.source].at);
    (candidate.value.net, candidate.amount, Reverse(target), Reverse(source))
}

fn worth(
    context: &Context<'_>,
    source: &Source,
    target: &Target,
    amount: Msat,
    price: RoutePrice,
) -> RebalanceValue {
    let options = context.options;
    rebalance::value(&source.leg, &target.leg, amount, price, options.econ_ratio_ppm, options.failure_cost)
}

fn take(target: &mut Target, source: &mut Source, amount: Msat) {
    target.deficit = target.deficit.saturating_sub(amount);
    target.leg.spendable = target.leg.spendable.saturating_add(amount);
    target.leg.receivable = target.leg.receivable.saturating_sub(amount);
    target.parts += 1;
    source.surplus = source.surplus.saturating_sub(amount);
    source.leg.spendable = source.leg.spendable.saturating_sub(amount);
    source.leg.receivable = source.leg.receivable.saturating_add(amount);
}

fn key<'c>(context: &'c Context<'_>, at: usize) -> &'c str {
    context.channel(at).channel.key.as_str()
}

/// The best pair of a target that was not filled, with the reason.
fn refused(
    context: &Context<'_>,
    targets: &[Target],
    sources: &[Source],
    candidates: &[Candidate],
    router: &Router<'_>,
    position: usize,
) -> Action {
    let at = targets[position].at;
    let best = candidates
        .iter()
        .filter(|candidate| candidate.target == position && candidate.fits)
        .max_by_key(|candidate| rank(targets, sources, candidate));
    if let Some(best) = best {
        return priced(context, targets, sources, best, why_refused(context, at, best));
    }
    let text = if sources.iter().any(|source| distinct(context, source.at, at)) {
        router.no_route_text()
    } else {
        "no other channel has coins above its own target"
    };
    unpriced(context, at, targets[position].deficit, Feasibility::no(Reason::new("no_source", text)))
}

fn why_refused(context: &Context<'_>, at: usize, best: &Candidate) -> Feasibility {
    if best.found.last_hop_known != Knowledge::Yes {
        return Feasibility::unknown(Reason::new(
            "last_hop_fee_unknown",
            "no input tells what the peer asks on the last hop (a private channel, or not in the graph)",
        ));
    }
    let (fee, most) = (best.found.price.fee_ppm, best.value.max_ppm);
    let last = context.channel(at).last_hop.map_or(0, |hop| hop.ppm);
    let reason = if fee > most && last > most {
        Reason::new(
            "last_hop_too_dear",
            format!("the last hop alone asks {last} ppm; worth at most {most} ppm"),
        )
    } else if fee > most {
        Reason::new("route_too_dear", format!("the best route costs {fee} ppm; worth at most {most} ppm"))
    } else {
        Reason::new("not_worth_it", "the coins earn as much where they are")
    };
    Feasibility::no(reason)
}

/// A rebalance that was not priced at all.
fn unpriced(context: &Context<'_>, at: usize, deficit: Msat, feasibility: Feasibility) -> Action {
    let price = Price { cost: Msat::ZERO, benefit: None, days: context.horizon() };
    let mut action = draft::action(context, RemedyKind::Rebalance, &[at], price);
    action.amount_msat = Some(deficit);
    action.summary = format!("refill {} with {}", context.channel(at).channel.label(), sat(deficit));
    action.feasibility = feasibility;
    action
}

fn priced(
    context: &Context<'_>,
    targets: &[Target],
    sources: &[Source],
    candidate: &Candidate,
    feasibility: Feasibility,
) -> Action {
    let (from, to) = (sources[candidate.source].at, targets[candidate.target].at);
    let (source, target) = (context.channel(from), context.channel(to));
    let value = candidate.value;
    let price = Price { cost: value.cost, benefit: Some(value.benefit), days: context.horizon() };
    let mut action = draft::action(context, RemedyKind::Rebalance, &[to, from], price);
    action.net_msat = Some(value.net);
    action.amount_msat = Some(candidate.amount);
    action.fees_msat = cost_at(candidate.amount, candidate.found.price.fee_ppm);
    action.summary = format!(
        "move {} from {} to {}",
        sat(candidate.amount),
        source.channel.label(),
        target.channel.label()
    );
    explain(context, &mut action, source, target, candidate);
    action.details = ActionDetails::Rebalance {
        source: source.channel.key.to_string(),
        target: target.channel.key.to_string(),
        route: candidate.found.summary.clone(),
        max_ppm: value.max_ppm,
        min_part_msat: smallest_part(context, to),
    };
    action.feasibility = feasibility;
    action.prerequisites = prerequisites(source, target, candidate.amount);
    action.commands = command::rebalance(
        context.implementation(),
        source.channel,
        target.channel,
        candidate.amount,
        value.max_ppm,
    );
    action
}

fn explain(
    context: &Context<'_>,
    action: &mut Action,
    source: &Evidence<'_>,
    target: &Evidence<'_>,
    candidate: &Candidate,
) {
    let days = context.horizon();
    if let Some(flow) = &target.flow {
        let text = format!(
            "{} loses {} a day at {} ppm and holds {}",
            target.channel.label(),
            sat(flow.drain_per_day.max_zero()),
            flow.rate_ppm,
            sat(target.spendable)
        );
        draft::because(action, "drained_fast", text);
    }
    if let Some(flow) = &source.flow {
        let text = format!(
            "{} holds {} and needs none of this within {days} days; it earns {} ppm",
            source.channel.label(),
            sat(source.channel.local),
            flow.rate_ppm
        );
        draft::because(action, "idle_source", text);
    }
    let RouteSummary { fee_ppm, success_ppm, .. } = candidate.found.summary;
    let text = format!(
        "the route costs {fee_ppm} ppm and works with {} %; worth at most {} ppm",
        success_ppm / 10_000,
        candidate.value.max_ppm
    );
    draft::because(action, "route_price", text);
}

fn prerequisites(source: &Evidence<'_>, target: &Evidence<'_>, amount: Msat) -> Vec<Prerequisite> {
    let met = |holds: bool| if holds { PrerequisiteStatus::Met } else { PrerequisiteStatus::Unmet };
    let online = match (source.channel.active, target.channel.active) {
        (Some(true), Some(true)) => PrerequisiteStatus::Met,
        (Some(false), _) | (_, Some(false)) => PrerequisiteStatus::Unmet,
        _ => PrerequisiteStatus::Unknown,
    };
    vec![
        Prerequisite::new("sufficient_outbound_capacity", met(source.spendable >= amount))
            .with_detail(format!("{} can send {}", source.channel.label(), sat(source.spendable))),
        Prerequisite::new("sufficient_inbound_capacity", met(target.receivable >= amount))
            .with_detail(format!("{} can receive {}", target.channel.label(), sat(target.receivable))),
        Prerequisite::new("cooperative_peer", online),
    ]
}
