//! Limits that keep small HTLCs from becoming losses, and full slots from turning forwards away.

use channel_core::Msat;

use super::draft::{self, Price};
use super::{Context, sat};
use crate::economic::evidence::Evidence;
use crate::plan::{Action, ActionDetails, RemedyKind};

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
    // What small HTLCs risk is lost only in a force-close; nobody can tell its chance from a listing.
    let price = Price { cost: Msat::ZERO, benefit: None, days: context.horizon() };
    let mut action = draft::action(context, RemedyKind::RaiseLimits, &[at], price);
    action.summary = format!("raise the limits of {}", evidence.channel.label());
    if small_htlcs {
        explain_dust(&mut action, evidence, at_risk);
        draft::leave_dust(&mut action, Msat::ZERO);
    }
    if let Some(text) = crowded {
        draft::because(&mut action, "htlc_slots_nearly_full", text);
    }
    let minimum = Msat::from_msat(dust.advised_dust_limit_sat.saturating_mul(1000));
    let dust_limit = dust.advised_dust_limit_sat.min(HIGHEST_DUST_LIMIT);
    action.details = ActionDetails::RaiseLimits {
        dust_limit_sat: small_htlcs.then_some(dust_limit),
        htlc_minimum_msat: small_htlcs.then_some(minimum),
    };
    Some(action)
}

fn explain_dust(action: &mut Action, evidence: &Evidence<'_>, at_risk: Msat) {
    let dust = &evidence.dust;
    draft::because(
        action,
        "dust_at_risk",
        format!("{} in small HTLCs would be lost in a force-close now", sat(at_risk)),
    );
    draft::because(
        action,
        "dust_limit_advised",
        format!(
            "forward no HTLC under {} sat, and ask for that dust limit at the next opening or splice (LDK accepts \
             10,000 sat, Eclair 5,000, LND 1,062)",
            dust.advised_dust_limit_sat
        ),
    );
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
