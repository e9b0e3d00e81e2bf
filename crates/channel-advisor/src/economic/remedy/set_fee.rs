//! The cheapest remedy: ask for another price.
//!
//! A channel that runs dry asks for more, a full and idle one for less; one step is at most the stated share of
//! today's rate (25 %), one ppm at least. A step up by s breaks even when the share s / (1 + s) of the volume stays
//! away; its benefit is reckoned with half of that loss, so it is s / 2 of today's earnings. A step down costs
//! s of today's earnings and breaks even at s / (1 − s) more volume; what it brings nobody can tell from one
//! listing, so it has no benefit in figures.

use channel_core::{Msat, SignedMsat};

use super::draft::{self, Price};
use super::{Context, command, sat};
use crate::economic::evidence::{ChannelFlow, Evidence};
use crate::economic::rate::{daily_over, over_days, wide};
use crate::plan::{Action, ActionDetails, Feasibility, RemedyKind};
use crate::snapshot::{Implementation, Policy};

/// Which way a fee moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Ask for more.
    Up,
    /// Ask for less.
    Down,
}

/// A fee step for the channel at a position, when its flow calls for one.
pub(crate) fn price(context: &Context<'_>, at: usize) -> Option<Action> {
    let evidence = context.channel(at);
    let flow = evidence.flow.as_ref()?;
    let policy = evidence.channel.policy_local.as_ref()?;
    let step = direction(context, evidence, flow, policy)?;
    let to_ppm = stepped(context, policy.ppm, step)?;
    let mut action = match step {
        Step::Up => raise(context, at, flow, policy, to_ppm),
        Step::Down => cut(context, at, flow, policy, to_ppm),
    };
    let (direction, opposite) = match step {
        Step::Up => ("up", "down"),
        Step::Down => ("down", "up"),
    };
    if let Some(reason) = context.history.opposite(&format!("{}:{opposite}", action.id), context.options) {
        action.feasibility = Feasibility::no(reason);
    }
    action.id = format!("{}:{direction}", action.id);
    Some(action)
}

/// Up: it forwards for nothing, or its balance under the target keeps draining. Down: it is full, idle, and asks for
/// more than the fleet earns.
fn direction(
    context: &Context<'_>,
    evidence: &Evidence<'_>,
    flow: &ChannelFlow,
    policy: &Policy,
) -> Option<Step> {
    let drain = daily_over(flow.drain_per_day, context.horizon());
    let runs_dry = drain.to_msat() > 0 && drain > evidence.spendable.to_signed();
    let moves_out = flow.count_out > 0;
    let for_nothing = policy.ppm == 0 && policy.base.is_zero() && moves_out;
    if for_nothing || (moves_out && runs_dry) {
        return Some(Step::Up);
    }
    let full = evidence.channel.local.to_msat() / 3 > evidence.channel.capacity.to_msat() / 4;
    let monthly = over_days(flow.amount_out, context.seconds(), 30);
    let idle = monthly.to_msat() < evidence.channel.local.to_msat() / 4;
    let dear = context.fleet.median_rate_ppm.is_some_and(|median| policy.ppm > median);
    (full && idle && dear && drain.to_msat() <= 0).then_some(Step::Down)
}

/// The rate after one step; `None` when there is nothing to step to.
fn stepped(context: &Context<'_>, from_ppm: u32, step: Step) -> Option<u32> {
    let share = u64::from(context.options.max_fee_step_ppm);
    let part = |ppm: u32| u32::try_from(u64::from(ppm) * share / 1_000_000).unwrap_or(u32::MAX);
    match step {
        // From nothing no relative step leads anywhere: start with the same share of what the fleet earns.
        Step::Up if from_ppm == 0 => Some(part(context.fleet.median_rate_ppm.unwrap_or(100)).max(1)),
        Step::Up => {
            let to = from_ppm
                .saturating_add(part(from_ppm).max(1))
                .min(context.options.rate_cap_ppm.max(from_ppm));
            (to > from_ppm).then_some(to)
        }
        Step::Down => {
            let to = from_ppm.saturating_sub(part(from_ppm).max(1));
            (to < from_ppm).then_some(to)
        }
    }
}

fn raise(context: &Context<'_>, at: usize, flow: &ChannelFlow, policy: &Policy, to_ppm: u32) -> Action {
    let evidence = context.channel(at);
    let more = to_ppm - policy.ppm;
    let extra = over_days(flow.amount_out, context.seconds(), context.horizon()).ppm(u64::from(more));
    let benefit = Msat::from_msat(extra.to_msat() / 2);
    let inbound = inbound_step(context, evidence, flow, policy).filter(|(_, given_up)| *given_up < benefit);
    let cost = inbound.map_or(Msat::ZERO, |(_, given_up)| given_up);
    let inbound = inbound.map(|(to, _)| to);
    let price = Price { cost, benefit: Some(benefit), days: context.horizon() };
    let break_even = break_even_loss_ppm(flow, policy, more);
    let reaches_target = reaches_target(context, evidence, flow, break_even);
    let mut action = draft::action(context, RemedyKind::SetFee, &[at], price);
    action.summary =
        format!("raise the fee of {} from {} to {to_ppm} ppm", evidence.channel.label(), policy.ppm);
    let valve = valve(evidence, policy);
    explain_raise(context, &mut action, flow, policy, break_even);
    if let Some(inbound) = inbound {
        draft::because(
            &mut action,
            "inbound_discount",
            format!(
                "an inbound fee of {inbound} ppm draws forwards in through the drained side and gives up {} on those \
                 that come anyway",
                sat(cost)
            ),
        );
    }
    action.details = ActionDetails::SetFee {
        from_ppm: policy.ppm,
        to_ppm,
        inbound_ppm: inbound,
        htlc_maximum_msat: valve,
        htlc_minimum_msat: None,
        break_even_volume_ppm: Some(break_even),
        reaches_target,
    };
    action.commands = command::set_fee(context.implementation(), evidence.channel, to_ppm, inbound, valve);
    action
}

fn explain_raise(
    context: &Context<'_>,
    action: &mut Action,
    flow: &ChannelFlow,
    policy: &Policy,
    break_even: u32,
) {
    let forwarded = sat(flow.amount_out);
    if policy.ppm == 0 && policy.base.is_zero() {
        let median =
            context.fleet.median_rate_ppm.map_or(String::new(), |m| format!("; the fleet earns {m} ppm"));
        let text = format!("it forwarded {forwarded} for nothing{median}");
        draft::because(action, "forwards_for_nothing", text);
    } else {
        let text =
            format!("it forwarded {forwarded} at {} ppm and runs dry within the horizon", flow.rate_ppm);
        draft::because(action, "drained_fast", text);
    }
    let percent = break_even.saturating_add(5000) / 10_000;
    draft::because(
        action,
        "break_even_volume",
        format!("costs nothing until {percent} % of the volume stays away; the benefit assumes half of that"),
    );
}

fn cut(context: &Context<'_>, at: usize, flow: &ChannelFlow, policy: &Policy, to_ppm: u32) -> Action {
    let evidence = context.channel(at);
    let less = policy.ppm - to_ppm;
    let risk = over_days(flow.amount_out, context.seconds(), context.horizon());
    let cost = crate::economic::rate::cost_at(risk, less);
    let price = Price { cost, benefit: None, days: context.horizon() };
    let mut action = draft::action(context, RemedyKind::SetFee, &[at], price);
    action.summary =
        format!("lower the fee of {} from {} to {to_ppm} ppm", evidence.channel.label(), policy.ppm);
    let median = context.fleet.median_rate_ppm.unwrap_or_default();
    draft::because(
        &mut action,
        "idle_and_dear",
        format!(
            "{} lie idle at {} ppm while the fleet earns {median} ppm; only {} left in the window",
            sat(evidence.channel.local),
            policy.ppm,
            sat(flow.amount_out)
        ),
    );
    let needed = u64::from(less) * 1_000_000 / u64::from(to_ppm.max(1));
    draft::because(
        &mut action,
        "break_even_volume",
        format!("pays once the volume grows by {} %", needed.div_ceil(10_000)),
    );
    action.details = ActionDetails::SetFee {
        from_ppm: policy.ppm,
        to_ppm,
        inbound_ppm: None,
        htlc_maximum_msat: None,
        htlc_minimum_msat: None,
        break_even_volume_ppm: u32::try_from(needed).ok(),
        reaches_target: false,
    };
    action.commands = command::set_fee(context.implementation(), evidence.channel, to_ppm, None, None);
    action
}

/// The share of the volume that may stay away before a step of `more` ppm costs money: step / (rate + step), with
/// the rate actually paid, base fee included.
fn break_even_loss_ppm(flow: &ChannelFlow, policy: &Policy, more: u32) -> u32 {
    let paid =
        flow.fee_out.mul_div_floor(1_000_000, flow.amount_out.to_msat()).to_msat().max(u64::from(policy.ppm));
    let share = u64::from(more) * 1_000_000 / (paid + u64::from(more)).max(1);
    u32::try_from(share).unwrap_or(1_000_000)
}

/// Whether the step alone fills the channel to its target within the horizon, when just the break-even share of the
/// outgoing volume stays away.
fn reaches_target(
    context: &Context<'_>,
    evidence: &Evidence<'_>,
    flow: &ChannelFlow,
    break_even_ppm: u32,
) -> bool {
    let Some(target) = evidence.target_local else { return false };
    let deficit = wide(target) - wide(evidence.channel.local);
    let kept = flow.amount_out.to_msat() - flow.amount_out.ppm(u64::from(break_even_ppm)).to_msat();
    let out = over_days(Msat::from_msat(kept), context.seconds(), context.horizon());
    let into = over_days(flow.amount_in, context.seconds(), context.horizon());
    deficit <= 0 || wide(into) - wide(out) >= deficit
}

/// LND's inbound discount for a drained channel: a step towards what a refill may cost (m · ê), never beyond it; and
/// what it gives up over the horizon on the volume that comes in without it.
fn inbound_step(
    context: &Context<'_>,
    evidence: &Evidence<'_>,
    flow: &ChannelFlow,
    policy: &Policy,
) -> Option<(i32, Msat)> {
    let low = evidence.channel.local.to_msat() < evidence.channel.capacity.to_msat() / 4;
    if context.implementation() != Implementation::Lnd || !low || flow.drain_per_day <= SignedMsat::ZERO {
        return None;
    }
    let most = u64::from(flow.rate_ppm) * u64::from(context.options.econ_ratio_ppm) / 1_000_000;
    let step = most * u64::from(context.options.max_fee_step_ppm) / 1_000_000;
    let (most, step) = (i32::try_from(most).ok()?, i32::try_from(step).ok()?);
    let today = policy.inbound_ppm?;
    let to = today.saturating_sub(step).max(-most);
    let volume = over_days(flow.amount_in, context.seconds(), context.horizon());
    let given_up = crate::economic::rate::cost_at(volume, today.abs_diff(to));
    (step > 0 && to < today).then_some((to, given_up))
}

/// The largest HTLC to offer on a nearly empty channel: what it can send, so that senders stop trying more.
fn valve(evidence: &Evidence<'_>, policy: &Policy) -> Option<Msat> {
    let low = evidence.channel.local.to_msat() < evidence.channel.capacity.to_msat() / 10;
    let to = Msat::from_msat(evidence.spendable.to_msat() / 1_000_000 * 1_000_000);
    let today = policy.htlc_maximum.unwrap_or(Msat::MAX);
    let above_minimum = to > policy.htlc_minimum.unwrap_or(Msat::ZERO);
    (low && !to.is_zero() && to < today && above_minimum).then_some(to)
}
