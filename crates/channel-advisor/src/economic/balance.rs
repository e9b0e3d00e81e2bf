//! What a channel can send, receive and should hold.

use channel_core::{Msat, Side, SignedMsat};

use super::state::State;
use super::terms::Terms;
use super::{ChannelFlow, Options};
use crate::plan::Role;
use crate::snapshot::ChannelSnapshot;

/// What can be sent and received now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Balance {
    /// What we can send.
    pub(super) spendable: Msat,
    /// What we can receive.
    pub(super) receivable: Msat,
}

impl Balance {
    /// The node's own figures where the listing has them, else what the rules allow in the channel's state.
    pub(super) fn of(channel: &ChannelSnapshot, state: &State<'_>) -> Self {
        Self {
            spendable: channel.spendable.unwrap_or_else(|| state.sendable(Side::Local)),
            receivable: channel.receivable.unwrap_or_else(|| state.sendable(Side::Remote)),
        }
    }

    /// Hours until the demanded side is empty at a net outflow (an inflow when negative); `None` without one.
    pub(super) fn depletion_hours(&self, drain_per_day: SignedMsat) -> Option<u64> {
        let left = if drain_per_day.is_positive() { self.spendable } else { self.receivable };
        let per_day = u128::from(drain_per_day.to_msat().unsigned_abs());
        let hours = (u128::from(left.to_msat()) * 24).checked_div(per_day)?;
        Some(u64::try_from(hours).unwrap_or(u64::MAX))
    }
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
