//! Limits that keep small HTLCs from becoming losses, and full slots from turning forwards away.

use std::collections::HashMap;

use channel_core::Msat;

use super::draft::{self, Price};
use super::{Context, sat};
use crate::economic::evidence::Evidence;
use crate::economic::rate::over_days;
use crate::plan::{Action, ActionDetails, RemedyKind};
use crate::snapshot::ChannelKey;

/// The highest dust limit any implementation accepts of its peer: LDK 10,000 sat; Eclair takes 5,000, LND 1,062.
const HIGHEST_DUST_LIMIT: u64 = 10_000;

/// Raised limits, where dust or full slots call for them.
pub(crate) fn price(context: &Context<'_>, at: usize) -> Option<Action> {
    let evidence = context.channel(at);
    let dust = &evidence.dust;
    let at_risk = dust.trimmed_local_msat.max(dust.trimmed_remote_msat).saturating_add(dust.uneconomic_msat);
    let small_htlcs = !at_risk.is_zero() && dust.trimmed_htlcs_local.max(dust.trimmed_htlcs_remote) > 0;
    let crowded = crowded(evidence);
    if !small_htlcs && crowded.is_none() {
        return None;
    }
    // What small HTLCs risk is lost only in a force-close; nobody can tell its chance from a listing. What they earn
    // is lost at once.
    let cost = if small_htlcs { context.small_fees[at] } else { Msat::ZERO };
    let price = Price { cost, benefit: None, days: context.horizon() };
    let mut action = draft::action(context, RemedyKind::RaiseLimits, &[at], price);
    action.summary = format!("raise the limits of {}", evidence.channel.label());
    if small_htlcs {
        explain_dust(&mut action, evidence, at_risk, cost);
    }
    if let Some(text) = crowded {
        draft::because(&mut action, "htlc_slots_nearly_full", text);
    }
    let dust_limit = dust.advised_dust_limit_sat.min(HIGHEST_DUST_LIMIT);
    action.details = ActionDetails::RaiseLimits {
        dust_limit_sat: small_htlcs.then_some(dust_limit),
        htlc_minimum_msat: small_htlcs.then(|| advised(evidence)),
    };
    Some(action)
}

fn explain_dust(action: &mut Action, evidence: &Evidence<'_>, at_risk: Msat, earned: Msat) {
    draft::because(
        action,
        "dust_at_risk",
        format!("{} in small HTLCs would be lost in a force-close now", sat(at_risk)),
    );
    draft::because(
        action,
        "dust_limit_advised",
        format!(
            "forward no HTLC under {}, and ask for that dust limit at the next opening or splice (LDK accepts \
             10,000 sat, Eclair 5,000, LND 1,062)",
            sat(advised(evidence))
        ),
    );
    draft::because(
        action,
        "small_forwards_earn",
        format!("forwards under that earned {} over the horizon", sat(earned)),
    );
}

/// The smallest HTLC worth having at the plan's feerate.
fn advised(evidence: &Evidence<'_>) -> Msat {
    Msat::from_msat(evidence.dust.advised_dust_limit_sat.saturating_mul(1000))
}

/// For each channel what forwards out through it earned that were smaller than its advised dust limit, over the horizon.
pub(crate) fn small_fees(context: &Context<'_>) -> Vec<Msat> {
    let channels = &context.fleet.channels;
    let mut fees = vec![Msat::ZERO; channels.len()];
    let Some(history) = &context.snapshot.forwards else { return fees };
    let positions: HashMap<&ChannelKey, usize> =
        channels.iter().enumerate().map(|(at, evidence)| (&evidence.channel.key, at)).collect();
    let newest = history.events.iter().map(|event| event.time_ns).max().unwrap_or_default();
    let window = i64::try_from(context.seconds()).unwrap_or(i64::MAX).saturating_mul(1_000_000_000);
    let oldest = newest.saturating_sub(window);
    for event in history.events.iter().filter(|event| event.time_ns >= oldest) {
        let Some(at) = positions.get(&event.outgoing).copied() else { continue };
        if event.amount_out < advised(&channels[at]) {
            fees[at] = fees[at].saturating_add(event.fee);
        }
    }
    fees.into_iter().map(|fee| over_days(fee, context.seconds(), context.horizon())).collect()
}

/// Whether pending HTLCs fill four fifths of the slots or of the value in flight.
fn crowded(evidence: &Evidence<'_>) -> Option<String> {
    let channel = evidence.channel;
    let htlcs = channel.htlcs.as_ref()?;
    let outgoing = || htlcs.iter().filter(|htlc| htlc.direction == crate::snapshot::HtlcDirection::Outgoing);
    let (count, value): (usize, Msat) = (outgoing().count(), outgoing().map(|htlc| htlc.amount).sum());
    let full = |slots: &u16| *slots > 0 && count * 5 >= usize::from(*slots) * 4;
    if let Some(slots) = channel.max_accepted_htlcs.filter(full) {
        return Some(format!("{count} of {slots} HTLC slots are taken"));
    }
    let most = channel.max_in_flight_local.filter(|most| !most.is_zero() && *most != Msat::MAX)?;
    (value.to_msat() / 4 >= most.to_msat() / 5).then(|| format!("{} of {} in flight", sat(value), sat(most)))
}
