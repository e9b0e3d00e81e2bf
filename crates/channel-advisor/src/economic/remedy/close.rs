//! Closing a channel whose coins would earn more in an average one.
//!
//! `NPV = ρ_med · local · H − π · H/T − (close + reopen)`: our own balance redeployed at the fleet's median return, less
//! what the channel earns today, less both transactions. Only for a dormant channel (under 1 % of its capacity a day), past a probation of four weeks, with the peer online and
//! no HTLC pending, on at least medium evidence, and never for a private channel on earnings alone.

use std::borrow::Cow;

use channel_core::Msat;

use super::draft::{self, Price};
use super::{Context, command, onchain, sat, splice};
use crate::economic::evidence::{ChannelFlow, Evidence};
use crate::economic::rate::{over_days, unsigned, wide};
use crate::plan::{
    Action, ActionDetails, Confidence, Feasibility, FeasibilityStatus, Reason, RemedyKind, Role,
};

/// Days a channel is given to prove itself (faraday: four weeks).
const PROBATION_DAYS: u32 = 28;

/// A close, priced where the channel returns less than the fleet's median.
pub(crate) fn price(context: &Context<'_>, at: usize) -> Option<Action> {
    let evidence = context.channel(at);
    let flow = evidence.flow.as_ref()?;
    let median = context.fleet.median_return_ppm_per_year.filter(|median| *median > 0)?;
    let redeployed = redeployed(context, evidence, median);
    let today = over_days(flow.profit.max_zero(), context.seconds(), context.horizon());
    if redeployed <= today {
        return None;
    }
    let format = onchain::format_of(context, at);
    let weight = onchain::close_and_reopen(format);
    let price = Price {
        cost: onchain::fee(context, weight).saturating_add(today),
        benefit: Some(redeployed),
        days: context.horizon(),
    };
    let part = onchain::part(context, weight, price.benefit, today, Msat::ZERO);
    let mut action = draft::with_on_chain(draft::action(context, RemedyKind::Close, &[at], price), part);
    action.amount_msat = Some(evidence.channel.local);
    let label = evidence.channel.label();
    action.summary = format!("close {label} and use its {} elsewhere", sat(evidence.channel.local));
    explain(context, &mut action, flow, median);
    action.details = ActionDetails::Close { returns_msat: returned(context, evidence, at) };
    draft::leave_dust(&mut action, Msat::ZERO);
    action.feasibility = feasibility(context, evidence, flow);
    onchain::require(context, &mut action, &[at], Msat::ZERO);
    action.commands = command::close(context.implementation(), evidence.channel, context.feerate());
    Some(action)
}

/// What our balance would earn over the horizon at the fleet's median return.
fn redeployed(context: &Context<'_>, evidence: &Evidence<'_>, median_ppm_per_year: i64) -> Msat {
    let year = wide(evidence.channel.local) * i128::from(median_ppm_per_year) / 1_000_000;
    unsigned(year * i128::from(context.horizon()) / 365)
}

/// What comes back: our balance, less the fee of the close when we opened the channel (BOLT 2: the opener pays).
fn returned(context: &Context<'_>, evidence: &Evidence<'_>, at: usize) -> Msat {
    let fee = onchain::fee(context, onchain::close(onchain::format_of(context, at)));
    match evidence.channel.opener {
        Some(channel_core::Side::Remote) => evidence.channel.local,
        _ => evidence.channel.local.saturating_sub(fee),
    }
}

fn explain(context: &Context<'_>, action: &mut Action, flow: &ChannelFlow, median: i64) {
    let profit = over_days(flow.profit.max_zero(), context.seconds(), context.horizon());
    draft::because(
        action,
        "dead_weight",
        format!(
            "it earns {} in {} days; the median channel returns {}.{:02} % a year",
            sat(profit),
            context.horizon(),
            median / 10_000,
            median % 10_000 / 100
        ),
    );
    draft::because(action, "close_and_reopen_priced", "the cost holds the close and one open elsewhere");
}

fn feasibility(context: &Context<'_>, evidence: &Evidence<'_>, flow: &ChannelFlow) -> Feasibility {
    let no = |code: &'static str, text: Cow<'static, str>| Feasibility::no(Reason::new(code, text));
    if evidence.channel.private != Some(false) {
        return no(
            "private_never_closed_on_earnings",
            "a private channel is not closed on earnings alone".into(),
        );
    }
    match evidence.age_days {
        None => return Feasibility::unknown(Reason::new("age_unknown", "no input tells the channel's age")),
        Some(days) if days < PROBATION_DAYS => {
            return no(
                "probation",
                format!("{days} days old; the first {PROBATION_DAYS} are a probation").into(),
            );
        }
        Some(_) => {}
    }
    // A channel without forwards proves itself dead by a good window of its fleet, not by its own few events.
    let window = context.fleet.window.as_ref().map_or(Confidence::None, |window| window.confidence);
    if window < Confidence::Medium {
        return no("thin_evidence", "the forwards are too few or too short a span to close on".into());
    }
    if flow.role != Role::Dormant {
        return no(
            "still_used",
            "it moves over 1 % of its capacity a day: a fee step comes before a close".into(),
        );
    }
    let htlcs = splice::closable(evidence);
    if htlcs.status != FeasibilityStatus::Yes {
        return htlcs;
    }
    Feasibility::yes()
}
