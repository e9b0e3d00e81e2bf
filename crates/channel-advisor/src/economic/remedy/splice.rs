//! Growing and shrinking a channel: splice-in, cross-splice, a second channel, close and reopen, splice-out.
//!
//! With D the net outflow over the horizon and L what can be sent now, x more coins earn
//! ê · [min(D, L + x) − min(D, L)]; the chain fee and the yield of their best other use are the cost. A node that
//! cannot splice opens a second channel or closes and reopens instead, which only makes sense where not even a full
//! channel could serve the demand.

use bitcoin::Weight;
use channel_core::limits::ChannelParams;
use channel_core::{CommitmentFormat, Msat};

use super::draft::{self, Price};
use super::{Context, command, onchain, sat};
use crate::economic::evidence::{ChannelFlow, Evidence};
use crate::economic::figures::Htlcs;
use crate::economic::rate::{cost_at, daily_over, over_days, yield_over};
use crate::plan::{Action, ActionDetails, Feasibility, FeasibilityStatus, Reason, RemedyKind, Role};
use crate::snapshot::Knowledge;

/// Nobody is told to put more than this into one channel at once: 0.5 BTC.
const LARGEST_GROWTH: Msat = Msat::from_msat(50_000_000_000);
/// Growth below this is noise: 100,000 sat.
const SMALLEST_GROWTH: Msat = Msat::from_msat(100_000_000);

/// What growing a channel would bring.
#[derive(Debug, Clone, Copy)]
struct Growth {
    /// Coins to add, as far as the wallet goes.
    amount: Msat,
    /// Coins to add whatever the wallet holds: those of another channel do not come out of it.
    wanted: Msat,
    /// Earnings of the added coins over the horizon.
    benefit: Msat,
    /// Yield forgone on them.
    forgone: Msat,
    /// Not even a full channel could serve the demand.
    capacity_bound: bool,
}

/// Splice-in, cross-splice, second channel, close and reopen, where demand exceeds what can be sent.
pub(crate) fn price_growth(context: &Context<'_>, at: usize) -> Vec<Action> {
    let evidence = context.channel(at);
    let Some(flow) = evidence.flow.as_ref() else { return Vec::new() };
    let Some(growth) = growth(context, at, flow) else { return Vec::new() };
    let mut remedies = vec![splice_in(context, at, flow, growth)];
    remedies.extend(cross_splice(context, at, flow, growth));
    let splice_impossible = remedies[0].feasibility.status == FeasibilityStatus::No;
    if growth.capacity_bound || splice_impossible {
        remedies.push(second_channel(context, at, flow, growth));
        remedies.push(close_and_reopen(context, at, flow, growth));
    }
    if !growth.capacity_bound {
        let refill = "a refill serves the demand: it fits into the channel as it is";
        for remedy in remedies.iter_mut().filter(|remedy| remedy.on_chain.is_some() && opens(remedy.kind)) {
            remedy.feasibility = Feasibility::no(Reason::new("not_capacity_bound", refill));
        }
    }
    remedies
}

const fn opens(kind: RemedyKind) -> bool {
    matches!(kind, RemedyKind::Open | RemedyKind::CloseReopen)
}

fn growth(context: &Context<'_>, at: usize, flow: &ChannelFlow) -> Option<Growth> {
    let evidence = context.channel(at);
    let demand = daily_over(flow.drain_per_day, context.horizon()).max_zero();
    let wanted = demand.saturating_sub(evidence.spendable).min(LARGEST_GROWTH);
    // The dearest way to add coins is to close and reopen; a wallet that covers its fee covers the others'.
    let fee = onchain::fee(context, onchain::close_and_reopen(onchain::format_of(context, at)));
    let affordable = context.wallet.map_or(wanted, |wallet| wallet.saturating_sub(fee).min(wanted));
    // A wallet too small for anything useful shows what is needed, and that it is missing.
    let amount = if affordable < SMALLEST_GROWTH { wanted } else { affordable };
    if amount < SMALLEST_GROWTH || flow.rate_ppm == 0 {
        return None;
    }
    let used = amount.saturating_sub(reserve_growth(evidence, amount));
    Some(Growth {
        amount,
        wanted,
        benefit: used.min(wanted).ppm(u64::from(flow.rate_ppm)),
        forgone: elsewhere(context, amount),
        capacity_bound: demand > evidence.spendable.saturating_add(evidence.receivable),
    })
}

/// What coins would yield in their best other use over the horizon.
fn elsewhere(context: &Context<'_>, amount: Msat) -> Msat {
    yield_over(amount, context.options.other_yield_ppm_per_year, context.horizon())
}

/// How much of an added amount our larger reserve locks.
fn reserve_growth(evidence: &Evidence<'_>, amount: Msat) -> Msat {
    reserve_at(evidence, evidence.channel.capacity.saturating_add(amount))
        .saturating_sub(evidence.reserve_local)
}

/// Our reserve when a splice has left the channel with `capacity`.
fn reserve_at(evidence: &Evidence<'_>, capacity: Msat) -> Msat {
    let reserve = ChannelParams::reserve_for(capacity.to_sat_floor(), evidence.trim);
    Msat::try_from(reserve).unwrap_or(Msat::MAX)
}

fn splice_in(context: &Context<'_>, at: usize, flow: &ChannelFlow, growth: Growth) -> Action {
    let evidence = context.channel(at);
    let weight = onchain::splice_in(onchain::format_of(context, at));
    let mut action = grown(context, RemedyKind::SpliceIn, &[at], weight, growth, growth.forgone);
    action.feasibility = onchain::splice_feasibility(context, at);
    let label = evidence.channel.label();
    action.summary = format!("splice {} into {label}", sat(growth.amount));
    explain_demand(context, &mut action, evidence, flow);
    let capacity = evidence.channel.capacity.saturating_add(growth.amount);
    action.details = ActionDetails::Splice {
        new_capacity_msat: capacity,
        new_reserve_msat: reserve_at(evidence, capacity),
    };
    draft::leave_dust(&mut action, without_balance_dust(evidence));
    let needs = growth.amount.saturating_add(onchain::fee(context, weight));
    onchain::require(context, &mut action, &[at], needs);
    action.commands = command::splice_in(context.implementation(), evidence.channel, growth.amount);
    action
}

/// The best channel to move coins from: usable, another peer, able to splice, with idle coins, earning least.
fn cross_splice(context: &Context<'_>, at: usize, flow: &ChannelFlow, growth: Growth) -> Option<Action> {
    let target = context.channel(at);
    if target.can_splice == Knowledge::No {
        return None;
    }
    let (from, idle) = context.cross_sources.iter().copied().find(|(from, _)| {
        let source = context.channel(*from).channel;
        *from != at && (source.peer.is_none() || source.peer != target.channel.peer)
    })?;
    let source = context.channel(from);
    let amount = idle.min(growth.wanted);
    if amount < SMALLEST_GROWTH {
        return None;
    }
    let used = amount.saturating_sub(reserve_growth(target, amount));
    let taken = source
        .flow
        .as_ref()
        .map_or(Msat::ZERO, |flow| cost_at(flow_use(context, source, flow, amount), flow.rate_ppm));
    let moved = Growth { amount, benefit: used.ppm(u64::from(flow.rate_ppm)), ..growth };
    let weight = onchain::cross_splice(onchain::format_of(context, from), onchain::format_of(context, at));
    let mut action = grown(context, RemedyKind::CrossSplice, &[at, from], weight, moved, taken);
    action.feasibility =
        both(onchain::splice_feasibility(context, from), onchain::splice_feasibility(context, at));
    action.summary = format!(
        "move {} on-chain from {} into {}",
        sat(amount),
        source.channel.label(),
        target.channel.label()
    );
    explain_demand(context, &mut action, target, flow);
    let beats = crate::economic::rate::ppm_of(onchain::fee(context, weight), amount);
    if let Some(ppm) = beats {
        let text = format!("cheaper than a circular rebalance whose route costs more than {ppm} ppm");
        draft::because(&mut action, "cross_splice_break_even", text);
    }
    action.details = ActionDetails::CrossSplice {
        source: source.channel.key.to_string(),
        target: target.channel.key.to_string(),
        beats_rebalance_above_ppm: beats,
    };
    draft::leave_dust(
        &mut action,
        source.dust.trimmed_local_msat.saturating_add(without_balance_dust(target)),
    );
    onchain::require(context, &mut action, &[at, from], Msat::ZERO);
    action.commands = command::cross_splice(context.implementation(), source.channel, target.channel, amount);
    Some(action)
}

/// Of `amount` taken from a channel, what would have left through it within the horizon.
fn flow_use(context: &Context<'_>, source: &Evidence<'_>, flow: &ChannelFlow, amount: Msat) -> Msat {
    let demand = daily_over(flow.drain_per_day, context.horizon()).max_zero();
    let left = source.spendable.saturating_sub(amount);
    demand.saturating_sub(left).min(amount)
}

fn second_channel(context: &Context<'_>, at: usize, flow: &ChannelFlow, growth: Growth) -> Action {
    let evidence = context.channel(at);
    let format = onchain::format_of(context, at);
    // The second channel will have to be closed one day: its cooperative close is part of its price.
    let closing = onchain::fee(context, onchain::close(format));
    let weight = onchain::open(format);
    let other = growth.forgone.saturating_add(closing);
    let mut action = grown(context, RemedyKind::Open, &[at], weight, growth, other);
    let label = evidence.channel.label();
    action.summary = format!("open a second channel of {} to {label}", sat(growth.amount));
    explain_demand(context, &mut action, evidence, flow);
    draft::because(
        &mut action,
        "closing_reserved",
        format!("the cost includes {} for its later close", sat(closing)),
    );
    action.details = ActionDetails::Open { capacity_msat: growth.amount };
    if evidence.channel.peer.is_none() {
        action.feasibility =
            Feasibility::unknown(Reason::new("peer_unknown", "the listing does not name the peer"));
    }
    let needs = growth.amount.saturating_add(onchain::fee(context, weight));
    onchain::require(context, &mut action, &[at], needs);
    action.commands =
        command::open(context.implementation(), evidence.channel, growth.amount, context.feerate());
    action
}

fn close_and_reopen(context: &Context<'_>, at: usize, flow: &ChannelFlow, growth: Growth) -> Action {
    let evidence = context.channel(at);
    let format: CommitmentFormat = onchain::format_of(context, at);
    let weight = onchain::close_and_reopen(format);
    // While both transactions confirm the channel earns nothing: a day of its profit is lost.
    let downtime = over_days(flow.profit.max_zero(), context.seconds(), 1);
    let other = growth.forgone.saturating_add(downtime);
    let mut action = grown(context, RemedyKind::CloseReopen, &[at], weight, growth, other);
    let capacity = evidence.channel.local.saturating_add(growth.amount);
    action.summary = format!("close {} and reopen it with {}", evidence.channel.label(), sat(capacity));
    explain_demand(context, &mut action, evidence, flow);
    action.details = ActionDetails::Open { capacity_msat: capacity };
    action.feasibility = closable(evidence);
    if evidence.channel.peer.is_none() {
        // Whoever cannot name the peer can close the channel but not open it again.
        let unknown = Feasibility::unknown(Reason::new("peer_unknown", "the listing does not name the peer"));
        action.feasibility = both(action.feasibility, unknown);
    }
    draft::leave_dust(&mut action, Msat::ZERO);
    let needs = growth.amount.saturating_add(onchain::fee(context, weight));
    onchain::require(context, &mut action, &[at], needs);
    action.commands = command::close(context.implementation(), evidence.channel, context.feerate());
    action.commands.extend(command::open(
        context.implementation(),
        evidence.channel,
        capacity,
        context.feerate(),
    ));
    action
}

/// A cooperative close needs every HTLC settled.
pub(crate) fn closable(evidence: &Evidence<'_>) -> Feasibility {
    match &evidence.channel.htlcs {
        Some(htlcs) if htlcs.is_empty() => Feasibility::yes(),
        Some(htlcs) => Feasibility::no(Reason::new(
            "pending_htlcs",
            format!("{} pending: a cooperative close must wait until none is", Htlcs(htlcs.len())),
        )),
        None => {
            Feasibility::unknown(Reason::new("htlcs_not_listed", "the listing does not show pending HTLCs"))
        }
    }
}

/// How many sources a cross-splice chooses from.
const CROSS_SOURCES: usize = 64;

/// Channels with coins to spare that may splice, the least earning first, then the one with most to spare.
pub(crate) fn cross_sources(context: &Context<'_>) -> Vec<(usize, Msat)> {
    let mut sources: Vec<(u32, core::cmp::Reverse<Msat>, usize)> = Vec::new();
    for (at, evidence) in context.fleet.channels.iter().enumerate() {
        let Some(flow) = &evidence.flow else { continue };
        if evidence.can_splice == Knowledge::No || context.blocked(at).is_some() {
            continue;
        }
        if let Some(spare) = removable(evidence, flow) {
            sources.push((flow.rate_ppm, core::cmp::Reverse(spare), at));
        }
    }
    sources.sort_unstable();
    sources.truncate(CROSS_SOURCES);
    sources.into_iter().map(|(_, spare, at)| (at, spare.0)).collect()
}

/// Taking idle coins out: pays only where they earn more elsewhere.
pub(crate) fn price_splice_out(context: &Context<'_>, at: usize) -> Option<Action> {
    let evidence = context.channel(at);
    let flow = evidence.flow.as_ref()?;
    let amount = idle(evidence, flow)?;
    let benefit = elsewhere(context, amount);
    let weight = onchain::splice_out(onchain::format_of(context, at));
    let price =
        Price { cost: onchain::fee(context, weight), benefit: Some(benefit), days: context.horizon() };
    let part = onchain::part(context, weight, price.benefit, Msat::ZERO, Msat::ZERO);
    let mut action = draft::with_on_chain(draft::action(context, RemedyKind::SpliceOut, &[at], price), part);
    action.feasibility = onchain::splice_feasibility(context, at);
    action.amount_msat = Some(amount);
    action.summary = format!("splice {} out of {}", sat(amount), evidence.channel.label());
    let percent = amount.mul_div_floor(100, evidence.channel.capacity.to_msat()).to_msat();
    draft::because(
        &mut action,
        "idle_balance",
        format!("{percent} % of the capacity is ours and will not leave within the horizon"),
    );
    let capacity = evidence.channel.capacity.saturating_sub(amount);
    action.details = ActionDetails::Splice {
        new_capacity_msat: capacity,
        new_reserve_msat: reserve_at(evidence, capacity),
    };
    onchain::require(context, &mut action, &[at], Msat::ZERO);
    Some(action)
}

/// Coins of ours that the horizon does not need: at least 80 % of the capacity ours and little of it leaving.
fn idle(evidence: &Evidence<'_>, flow: &ChannelFlow) -> Option<Msat> {
    let channel = evidence.channel;
    if channel.local.to_msat() / 4 < channel.capacity.to_msat() / 5 {
        return None;
    }
    removable(evidence, flow)
}

/// The surplus that a splice may take out, its fee included; `None` when it is too little to bother.
fn removable(evidence: &Evidence<'_>, flow: &ChannelFlow) -> Option<Msat> {
    let most = surplus(evidence, flow)?.min(evidence.splice_out_maximum);
    (most >= SMALLEST_GROWTH).then_some(most)
}

/// What could leave a channel without touching demand, margin or reserve. A source refills by itself and a dormant
/// channel needs nothing, so all of that is free; a sink or router keeps its target.
pub(crate) fn surplus(evidence: &Evidence<'_>, flow: &ChannelFlow) -> Option<Msat> {
    let free = evidence.spendable.saturating_sub(evidence.want_local?);
    let free = match flow.role {
        Role::Source | Role::Dormant => free,
        _ => free.min(evidence.channel.local.saturating_sub(evidence.target_local?)),
    };
    (!free.is_zero()).then_some(free)
}

fn grown(
    context: &Context<'_>,
    kind: RemedyKind,
    channels: &[usize],
    weight: Weight,
    growth: Growth,
    other_cost: Msat,
) -> Action {
    let fee = onchain::fee(context, weight);
    let price = Price {
        cost: fee.saturating_add(other_cost),
        benefit: Some(growth.benefit),
        days: context.horizon(),
    };
    let needs = if kind == RemedyKind::CrossSplice { Msat::ZERO } else { growth.amount.saturating_add(fee) };
    let part = onchain::part(context, weight, price.benefit, other_cost, needs);
    let mut action = draft::with_on_chain(draft::action(context, kind, channels, price), part);
    action.amount_msat = Some(growth.amount);
    action
}

fn explain_demand(context: &Context<'_>, action: &mut Action, evidence: &Evidence<'_>, flow: &ChannelFlow) {
    let demand = daily_over(flow.drain_per_day, context.horizon()).max_zero();
    draft::because(
        action,
        "demand_exceeds_balance",
        format!(
            "{} will leave within {} days at {} ppm, {} can be sent now",
            sat(demand),
            context.horizon(),
            flow.rate_ppm,
            sat(evidence.spendable)
        ),
    );
}

/// Dust that remains when our balance is no longer below the dust limit.
fn without_balance_dust(evidence: &Evidence<'_>) -> Msat {
    let limit = Msat::from_msat(evidence.dust.dust_limit_local_sat.saturating_mul(1000));
    let trimmed = evidence.dust.trimmed_local_msat;
    if evidence.channel.local < limit { trimmed.saturating_sub(evidence.channel.local) } else { trimmed }
}

/// Feasible only where both are; an impossibility says more than a doubt.
pub(crate) fn both(one: Feasibility, other: Feasibility) -> Feasibility {
    use FeasibilityStatus::{No, Unknown, Yes};
    match (one.status, other.status) {
        (No, _) | (Unknown, Yes | Unknown) => one,
        (Yes | Unknown, _) => other,
    }
}
