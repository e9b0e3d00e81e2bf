//! The evidence of one channel in the form of the plan.

use channel_core::{Msat, SignedMsat};

use super::evidence::{ChannelFlow, Evidence};
use super::rate::{hours_to_move, share_ppm, wide};
use super::remedy::Context;
use crate::plan::{Action, ChannelReport, FeasibilityStatus, FlowReport, Reason, Role};

/// Everything the plan says about the channel at a position.
pub(crate) fn channel(
    context: &Context<'_>,
    at: usize,
    mut remedies: Vec<Action>,
    chosen: Vec<String>,
    lost: Option<Reason>,
) -> ChannelReport {
    let evidence = context.channel(at);
    let channel = evidence.channel;
    remedies.sort_by(|a, b| rank(a).cmp(&rank(b)));
    let no_action = chosen.is_empty().then(|| reason(context, at, &remedies, lost));
    ChannelReport {
        channel: channel.key.clone(),
        short_channel_id: channel.scid.map(|scid| scid.to_string()),
        label: channel.label().to_owned(),
        peer: channel.peer.clone(),
        capacity_msat: channel.capacity,
        local_msat: channel.local,
        remote_msat: channel.remote,
        in_flight_msat: in_flight(evidence),
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
        flow: evidence.flow.as_ref().map(|flow| flow_report(context, evidence, flow)),
        target_local_ppm: evidence.target_local.map(|target| share_ppm(wide(target), wide(channel.capacity))),
        health: evidence.health.clone(),
        dust: evidence.dust.clone(),
        remedies,
        chosen,
        no_action,
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
    let drain = flow.drain_per_day.to_msat();
    let (side, per_day) = match drain {
        0.. => (evidence.spendable, Msat::from_msat(drain.unsigned_abs())),
        _ => (evidence.receivable, Msat::from_msat(drain.unsigned_abs())),
    };
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
        depletion_hours: hours_to_move(side, per_day),
        rate_ppm: flow.rate_ppm,
        profit_msat: flow.profit,
        profit_is_upper_bound: flow.profit_is_upper_bound,
        return_ppm_per_year: yearly_return(context, evidence, flow),
    }
}

fn yearly_return(context: &Context<'_>, evidence: &Evidence<'_>, flow: &ChannelFlow) -> i64 {
    let hours = i128::from(context.hours());
    let capacity = wide(evidence.channel.capacity);
    if capacity == 0 {
        return 0;
    }
    let year = i128::from(flow.profit.to_msat()) * 365 * 24 / hours;
    i64::try_from(year * 1_000_000 / capacity).unwrap_or(i64::MAX)
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
    let wanted = remedies.iter().find(|action| {
        action.feasibility.status != FeasibilityStatus::Yes
            && action.net_msat.is_none_or(SignedMsat::is_positive)
    });
    if let Some((action, why)) = wanted.and_then(|action| Some((action, action.feasibility.reason.as_ref()?)))
    {
        return Reason::new(&why.code, format!("{}: {}", action.summary, why.text));
    }
    match remedies.first() {
        Some(action) => {
            Reason::new("not_worth_it", format!("{} would cost more than it brings", action.summary))
        }
        None if evidence.channel.private == Some(true) => {
            Reason::new("private_no_evidence", "a private channel with nothing wrong in figures")
        }
        None => Reason::new("serves_well", "its balance fits its flow; leave it alone"),
    }
}

/// An offline peer: say what acting on it would cost.
fn blocked_with_cost(context: &Context<'_>, at: usize, blocked: Reason) -> Reason {
    if blocked.code != "offline_wait" {
        return blocked;
    }
    let close = &context.channel(at).dust.force_close;
    Reason::new(
        &blocked.code,
        format!(
            "the peer is offline: wait; a force-close now would cost {} in fees and lose {}",
            super::remedy::sat(close.fee_msat),
            super::remedy::sat(close.lost_msat)
        ),
    )
}
