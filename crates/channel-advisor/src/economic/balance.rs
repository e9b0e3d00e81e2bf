//! What a channel can send, receive and should hold.

use channel_core::quantity::PerSide;
use channel_core::{FeerateKw, Msat, Side, SignedMsat};

use super::terms::{Terms, whole};
use super::{ChannelFlow, Options};
use crate::plan::Role;
use crate::snapshot::{ChannelSnapshot, HtlcDirection, HtlcSnapshot};

/// What can be sent and received now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Balance {
    /// What we can send.
    pub(super) spendable: Msat,
    /// What we can receive.
    pub(super) receivable: Msat,
}

impl Balance {
    /// The node's own figures where the listing has them, else computed from the terms.
    pub(super) fn of(channel: &ChannelSnapshot, terms: &Terms) -> Self {
        Self {
            spendable: channel.spendable.unwrap_or_else(|| sendable(channel, terms, Side::Local)),
            receivable: channel.receivable.unwrap_or_else(|| sendable(channel, terms, Side::Remote)),
        }
    }
}

impl Balance {
    /// Hours until the demanded side is empty at a net outflow (an inflow when negative); `None` without one.
    pub(super) fn depletion_hours(&self, drain_per_day: SignedMsat) -> Option<u64> {
        let left = if drain_per_day.is_positive() { self.spendable } else { self.receivable };
        let per_day = u128::from(drain_per_day.to_msat().unsigned_abs());
        let hours = (u128::from(left.to_msat()) * 24).checked_div(per_day)?;
        Some(u64::try_from(hours).unwrap_or(u64::MAX))
    }
}

/// The most `side` can send in one more HTLC, by the rules of BOLT 2: its balance less its reserve, less the commitment
/// fee at twice the feerate with one more HTLC and the anchors when it opened the channel, within the limits in flight.
fn sendable(channel: &ChannelSnapshot, terms: &Terms, side: Side) -> Msat {
    let balances = PerSide { local: channel.local, remote: channel.remote };
    let (mut offered, mut count) = (Msat::ZERO, 0_usize);
    for htlc in pending(channel).iter().filter(|htlc| offered_by(htlc) == side) {
        offered = offered.saturating_add(htlc.amount);
        count += 1;
    }
    let in_flight = match side {
        Side::Local => channel.max_in_flight_local,
        Side::Remote => channel.max_in_flight_remote,
    };
    let limit = in_flight.unwrap_or(Msat::MAX).saturating_sub(offered);
    // Only our own limit of HTLCs is in the canonical picture.
    let full =
        side == Side::Local && channel.max_accepted_htlcs.is_some_and(|most| count >= usize::from(most));
    if full {
        return Msat::ZERO;
    }
    let free = balances.of(side).saturating_sub(*terms.reserve.of(side));
    let kept = if terms.may_be_opener(side) { spike_costs(channel, terms) } else { Msat::ZERO };
    let sendable = free.saturating_sub(kept).min(limit);
    // An opener without the fee for one more output leaves room for trimmed HTLCs only.
    let opener_short = terms.opener == Some(side.other()) && {
        let opener = balances.of(side.other()).saturating_sub(*terms.reserve.of(side.other()));
        opener < costs(channel, terms, terms.feerate)
    };
    if opener_short { sendable.min(largest_trimmed(terms, side)) } else { sendable }
}

/// What the opener keeps for a rise of the feerate to twice its value, with one more HTLC, and the anchors.
pub(super) fn spike_costs(channel: &ChannelSnapshot, terms: &Terms) -> Msat {
    let doubled = FeerateKw::from_sat_per_kw(terms.feerate.to_sat_per_kw().saturating_mul(2));
    costs(channel, terms, doubled)
}

/// Commitment fee with one more HTLC than there are outputs now, and anchors.
fn costs(channel: &ChannelSnapshot, terms: &Terms, feerate: FeerateKw) -> Msat {
    let most = Side::ALL.map(|owner| untrimmed(channel, terms, owner)).into_iter().max().unwrap_or(0);
    let fee = terms.format.commitment_fee(feerate, most + 1);
    whole(fee).saturating_add(whole(terms.format.anchors_total()))
}

/// The largest amount that has no output on either commitment when `side` offers it.
fn largest_trimmed(terms: &Terms, side: Side) -> Msat {
    let smallest = Side::ALL
        .map(|owner| terms.trim.of(owner).smallest_htlc(terms.format, role_on(side, owner), terms.feerate));
    whole(smallest[0].min(smallest[1])).saturating_sub(Msat::ONE)
}

/// The pending HTLCs; none where the listing does not show them.
pub(super) fn pending(channel: &ChannelSnapshot) -> &[HtlcSnapshot] {
    channel.htlcs.as_deref().unwrap_or_default()
}

/// Which side offered an HTLC.
pub(super) fn offered_by(htlc: &HtlcSnapshot) -> Side {
    match htlc.direction {
        HtlcDirection::Outgoing => Side::Local,
        HtlcDirection::Incoming => Side::Remote,
    }
}

/// What an HTLC offered by `offerer` is on the commitment of `owner`: the roles swap on the peer's.
pub(super) fn role_on(offerer: Side, owner: Side) -> channel_core::htlc::HtlcDirection {
    if offerer == owner {
        channel_core::htlc::HtlcDirection::Offered
    } else {
        channel_core::htlc::HtlcDirection::Accepted
    }
}

/// True when the commitment of `owner` has no output for an HTLC. What our own listing says of our own wins.
pub(super) fn is_trimmed(htlc: &HtlcSnapshot, terms: &Terms, owner: Side) -> bool {
    if let (Side::Local, Some(told)) = (owner, htlc.trimmed_local) {
        return told;
    }
    let role = role_on(offered_by(htlc), owner);
    terms.trim.of(owner).trims_htlc(htlc.amount, terms.format, role, terms.feerate)
}

/// HTLC outputs on the commitment of `owner`.
pub(super) fn untrimmed(channel: &ChannelSnapshot, terms: &Terms, owner: Side) -> usize {
    pending(channel).iter().filter(|htlc| !is_trimmed(htlc, terms, owner)).count()
}

/// What each side should hold, and the point between to aim for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Targets {
    /// What our side needs for the expected outflow: horizon · max(d, 0) + z · σ.
    pub(super) want_local: Msat,
    /// What the peer's side needs for the expected inflow: horizon · max(−d, 0) + z · σ.
    pub(super) want_remote: Msat,
    /// The gross local balance to aim for.
    pub(super) local: Msat,
}

impl Targets {
    /// The target from flow:
    ///
    /// - a sink keeps on our side what it wants there; a source keeps on the peer's side what is wanted there;
    /// - a router goes to the middle of the usable range;
    /// - a dormant channel stays where it is, as far as both wants allow;
    /// - when both wants exceed the capacity they share it in proportion.
    ///
    /// The result is clamped to [our reserve, capacity − the peer's reserve].
    pub(super) fn of(
        channel: &ChannelSnapshot,
        terms: &Terms,
        flow: &ChannelFlow,
        options: &Options,
    ) -> Self {
        let drain = flow.drain_per_day;
        let horizon = u64::from(options.horizon_days);
        let margin = flow.sigma_per_day.mul_div_floor(u64::from(options.margin_z_milli), 1000);
        let want = |per_day: Msat| per_day.mul_div_floor(horizon, 1).saturating_add(margin);
        let want_local = want(drain.max_zero());
        let want_remote = want(drain.saturating_neg().max_zero());
        let capacity = channel.capacity;
        let low = terms.reserve.local.min(capacity);
        let high = capacity.saturating_sub(terms.reserve.remote).max(low);
        let both = u128::from(want_local.to_msat()) + u128::from(want_remote.to_msat());
        let aim = if both > u128::from(capacity.to_msat()) {
            let shared = u128::from(capacity.to_msat()) * u128::from(want_local.to_msat()) / both;
            Msat::from_msat(u64::try_from(shared).unwrap_or(u64::MAX))
        } else {
            let most = capacity.saturating_sub(want_remote);
            match flow.role {
                Role::Sink => want_local,
                Role::Source => most,
                Role::Router => middle(low, high).clamp(want_local, most),
                Role::Dormant | Role::Unknown => channel.local.clamp(want_local, most),
            }
        };
        Self { want_local, want_remote, local: aim.clamp(low, high) }
    }
}

fn middle(low: Msat, high: Msat) -> Msat {
    low.saturating_add(high.saturating_sub(low).mul_div_floor(1, 2))
}

#[cfg(test)]
mod tests;
