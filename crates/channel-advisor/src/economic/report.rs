//! The evidence of one channel in the form of the plan.

use channel_core::{Msat, SignedMsat};

use super::evidence::{ChannelFlow, Evidence};
use super::health::return_ppm_per_year;
use super::rate::{share_ppm, wide};
use super::remedy::{Context, sat};
use crate::plan::{Action, ChannelReport, FeasibilityStatus, FlowReport, Reason, RemedyKind, Role};

/// What was found for a channel beside its evidence.
#[derive(Debug)]
pub(crate) struct Verdict {
    flow: Option<FlowReport>,
    remedies: Vec<Action>,
    chosen: Vec<String>,
    no_action: Option<Reason>,
}

impl Verdict {
    /// The verdict on the channel at a position: its remedies, the ids of those chosen, and why it lost one.
    pub(crate) fn new(
        context: &Context<'_>,
        at: usize,
        mut remedies: Vec<Action>,
        chosen: Vec<String>,
        lost: Option<Reason>,
    ) -> Self {
        let evidence = context.channel(at);
        remedies.sort_by(|a, b| rank(a).cmp(&rank(b)));
        let no_action = chosen.is_empty().then(|| reason(context, at, &remedies, lost));
        let flow = evidence.flow.as_ref().map(|flow| flow_report(context, evidence, flow));
        Self { flow, remedies, chosen, no_action }
    }
}

/// Everything the plan says about a channel.
pub(crate) fn channel(evidence: Evidence<'_>, verdict: Verdict) -> ChannelReport {
    let channel = evidence.channel;
    ChannelReport {
        channel: channel.key.clone(),
        short_channel_id: channel.scid.map(|scid| scid.to_string()),
        label: channel.label().to_owned(),
        peer: channel.peer.clone(),
        capacity_msat: channel.capacity,
        local_msat: channel.local,
        remote_msat: channel.remote,
        in_flight_msat: in_flight(&evidence),
        spendable_msat: evidence.spendable,
        receivable_msat: evidence.receivable,
        commitment: channel.commitment,
        active: channel.active.into(),
        private: channel.private.into(),
        peer_splices: channel.peer_splices,
        age_days: evidence.age_days,
        fee_ppm: channel.policy_local.map(|policy| policy.ppm),
        fee_base_msat: channel.policy_local.map(|policy| policy.base),
        last_hop_ppm: evidence.last_hop.map(|hop| hop.ppm),
        role: evidence.flow.as_ref().map_or(Role::Unknown, |flow| flow.role),
        flow: verdict.flow,
        target_local_ppm: evidence.target_local.map(|target| share_ppm(wide(target), wide(channel.capacity))),
        health: evidence.health,
        dust: evidence.dust,
        remedies: verdict.remedies,
        chosen: verdict.chosen,
        no_action: verdict.no_action,
    }
}

/// What can be done first, then by net benefit.
fn rank(action: &Action) -> (u8, core::cmp::Reverse<Option<SignedMsat>>, &str) {
    let feasible = match action.feasibility.status {
        FeasibilityStatus::Yes => 0,
        FeasibilityStatus::Unknown => 1,
        FeasibilityStatus::No => 2,
    };
    (feasible, core::cmp::Reverse(action.net_msat), &action.id)
}

fn in_flight(evidence: &Evidence<'_>) -> Msat {
    evidence.channel.htlcs.iter().flatten().map(|htlc| htlc.amount).sum()
}

fn flow_report(context: &Context<'_>, evidence: &Evidence<'_>, flow: &ChannelFlow) -> FlowReport {
    FlowReport {
        in_msat: flow.amount_in,
        out_msat: flow.amount_out,
        count_in: flow.count_in,
        count_out: flow.count_out,
        fee_out_msat: flow.fee_out,
        fee_in_msat: flow.fee_in,
        rebalance_cost_msat: flow.rebalance_cost,
        drain_msat_per_day: flow.drain_per_day,
        turnover_ppm_per_day: flow.turnover_ppm_per_day,
        depletion_hours: evidence.depletion_hours(),
        rate_ppm: flow.rate_ppm,
        profit_msat: flow.profit,
        profit_is_upper_bound: flow.profit_is_upper_bound,
        return_ppm_per_year: return_ppm_per_year(flow.profit, evidence.channel.capacity, context.seconds()),
    }
}

/// Why nothing was chosen for a channel: blocked, lost to a better action, not worth it, impossible, or fine as it is.
fn reason(context: &Context<'_>, at: usize, remedies: &[Action], lost: Option<Reason>) -> Reason {
    if let Some(blocked) = context.blocked(at) {
        return blocked_with_cost(context, at, blocked);
    }
    if let Some(lost) = lost {
        return lost;
    }
    let evidence = context.channel(at);
    if evidence.flow.is_none() {
        return Reason::new("flow_unknown", "no forwards were given, so nothing that earns can be priced");
    }
    let possible = |action: &&Action| action.feasibility.status == FeasibilityStatus::Yes;
    let pays = |action: &&Action| action.net_msat.is_some_and(SignedMsat::is_positive);
    let priced = || remedies.iter().filter(|action| action.kind != RemedyKind::DoNothing);
    if let Some(reason) = priced().filter(pays).find(|action| !possible(action)).and_then(refusal) {
        return reason;
    }
    if let Some(action) = priced().find(possible) {
        return Reason::new("not_worth_it", not_worth_it(action));
    }
    // What could not be done but would not pay either is not worth it; where it hangs on is beside the point.
    if let Some(action) = priced().find(|action| action.net_msat.is_some()) {
        return Reason::new("not_worth_it", not_worth_it(action));
    }
    if let Some(reason) = priced().find_map(refusal) {
        return reason;
    }
    if evidence.channel.private == Some(true) {
        return Reason::new("private_no_evidence", "a private channel with nothing wrong in figures");
    }
    Reason::new("serves_well", "its balance fits its flow; leave it alone")
}

/// Why an action cannot be done, with the action named.
fn refusal(action: &Action) -> Option<Reason> {
    let why = action.feasibility.reason.as_ref()?;
    Some(Reason::new(why.code.clone(), format!("{}: {}", action.summary, why.text)))
}

fn not_worth_it(action: &Action) -> String {
    let cost = sat(action.cost_msat);
    match action.benefit_msat {
        Some(benefit) => format!("{} would cost {cost} and bring {}", action.summary, sat(benefit)),
        None => format!("{} would risk {cost}; nobody can tell what it brings", action.summary),
    }
}

/// An offline peer: say what acting on it would cost.
fn blocked_with_cost(context: &Context<'_>, at: usize, blocked: Reason) -> Reason {
    if blocked.code != "offline_wait" {
        return blocked;
    }
    let close = &context.channel(at).dust.force_close;
    Reason::new(
        blocked.code,
        format!(
            "the peer is offline: wait; a force-close now would cost {} in fees and lose {}",
            sat(close.fee_msat),
            sat(close.lost_msat)
        ),
    )
}
