//! What moved through each channel in the window: one pass over the forwards, then formulas per channel.

mod daily;
mod profit;
mod rate;
mod sizes;
mod tally;
mod totals;

use std::collections::HashMap;

use channel_core::{Msat, SignedMsat};

use super::history::last_roles;
use super::rate::signed;
use super::window::{DAY_S, FlowWindow};
use super::{ChannelFlow, Options};
use crate::plan::{Confidence, Role};
use crate::snapshot::{Assumption, ChannelKey, ChannelSnapshot, ForwardHistory, Policy, Snapshot};
use tally::Tally;

/// Size of a forward where no forward tells one: 100,000 sat.
pub(super) const ASSUMED_FORWARD: Msat = Msat::from_msat(100_000_000);
/// Below this turnover a day a channel is dormant: 1 % of its capacity.
const DORMANT_PPM_PER_DAY: u32 = 10_000;
/// Above this share of outflow a channel that was a sink stays one, and one without a past becomes one; below its
/// mirror a source.
const STAYS_SINK_PPM: u128 = 720_000;
const STAYS_SOURCE_PPM: u128 = 280_000;
/// Above this share a channel that was something else becomes a sink; below its mirror a source.
const BECOMES_SINK_PPM: u128 = 780_000;
const BECOMES_SOURCE_PPM: u128 = 220_000;

/// The flow of every channel, with what had to be assumed.
pub(super) struct FleetFlow {
    /// One for each channel of the snapshot, in its order.
    pub(super) channels: Vec<ChannelFlow>,
    /// Forwards inside the window.
    pub(super) events: u64,
    /// What had to be assumed.
    pub(super) assumptions: Vec<Assumption>,
}

/// Measures the flow of every channel of the snapshot. `policies` are our own, as far as known, in the same order.
pub(super) fn measure(
    snapshot: &Snapshot,
    history: &ForwardHistory,
    window: &FlowWindow,
    policies: &[Option<Policy>],
    options: &Options,
) -> FleetFlow {
    let index: HashMap<&ChannelKey, u32> =
        (0..).zip(&snapshot.channels).map(|(at, channel)| (&channel.key, at)).collect();
    let mut assumptions = Vec::new();
    let (mut tallies, events) = if history.events.is_empty() {
        totals::tallies(snapshot, history, &mut assumptions)
    } else {
        tally::tallies(snapshot.channels.len(), history, window, &index)
    };
    tally::add_rebalances(&mut tallies, snapshot, window, &index, &mut assumptions);
    let sizes = sizes::median_sizes(&tallies, history, window, &index);
    let fleet_rate = rate::fleet_rate(&tallies, options);
    let profits = profit::split(&tallies, options.profit_split_ppm, history.events.is_empty());
    let roles = last_roles(options.history.as_deref());
    let mut without_policy = 0;
    let channels = snapshot
        .channels
        .iter()
        .enumerate()
        .map(|(at, channel)| {
            let advertised = if let Some(policy) = &policies[at] {
                rate::advertised(policy, sizes.of(at), options)
            } else {
                without_policy += 1;
                fleet_rate
            };
            let before = roles.and_then(|roles| roles.get(channel.key.as_str())).copied();
            let flow = Measured { channel, tally: &tallies[at], window, options, before };
            flow.channel_flow(advertised, profits[at])
        })
        .collect();
    if without_policy > 0 {
        assumptions.push(Assumption::about(
            "own_policy_unknown",
            "Our own fee is not listed; the fleet's realised rate stands for the advertised one.",
            without_policy,
        ));
    }
    if roles.is_none() {
        assumptions.push(Assumption::new(
            "role_without_history",
            "Roles have no memory here: a channel is a sink above 72 % outflow and a source below 28 %.",
        ));
    }
    FleetFlow { channels, events, assumptions }
}

/// A channel with its sums, on the way to its figures.
struct Measured<'a> {
    channel: &'a ChannelSnapshot,
    tally: &'a Tally,
    window: &'a FlowWindow,
    options: &'a Options,
    /// Its role in the last plan.
    before: Option<Role>,
}

impl Measured<'_> {
    fn channel_flow(&self, advertised_ppm: u32, profit: SignedMsat) -> ChannelFlow {
        let tally = self.tally;
        let turnover = self.turnover_ppm_per_day();
        ChannelFlow {
            amount_in: tally.amount_in,
            amount_out: tally.amount_out,
            count_in: tally.count_in,
            count_out: tally.count_out,
            fee_out: tally.fee_out,
            fee_in: tally.fee_in,
            rebalance_cost: tally.rebalance_cost,
            drain_per_day: self.drain_per_day(),
            sigma_per_day: self.sigma_per_day(),
            turnover_ppm_per_day: turnover,
            advertised_ppm,
            rate_ppm: rate::realised(tally, advertised_ppm, self.options),
            profit,
            profit_is_upper_bound: self.profit_is_upper_bound(),
            role: role(tally, turnover, self.before),
            confidence: self.confidence(),
            largest_out: tally.largest_out,
        }
    }

    /// (out − in) / T, rounded towards zero.
    fn drain_per_day(&self) -> SignedMsat {
        let per_day = self.tally.net_out() * i128::from(DAY_S) / i128::from(self.window.seconds);
        signed(per_day)
    }

    /// σ of the daily net outflow. Totals have no days: there the drain itself stands for it.
    fn sigma_per_day(&self) -> Msat {
        match &self.tally.daily {
            Some(daily) => daily.deviation(self.window.whole_days()),
            None => Msat::from_msat(self.drain_per_day().to_msat().unsigned_abs()),
        }
    }

    /// (in + out) / (2 · capacity · T) in ppm a day.
    fn turnover_ppm_per_day(&self) -> u32 {
        let volume = self.tally.volume() * 1_000_000;
        let capacity_seconds =
            u128::from(self.channel.capacity.to_msat()) * 2 * u128::from(self.window.seconds);
        let per_day = volume.saturating_mul(u128::from(DAY_S)).checked_div(capacity_seconds).unwrap_or(0);
        u32::try_from(per_day).unwrap_or(u32::MAX)
    }

    /// More left than the whole channel holds: something not shown refilled it, at a cost not shown.
    fn profit_is_upper_bound(&self) -> bool {
        self.tally.rebalance_cost.is_none()
            && self.tally.net_out() > i128::from(self.channel.capacity.to_msat())
    }

    fn confidence(&self) -> Confidence {
        self.window.confidence(u64::from(self.tally.count_in) + u64::from(self.tally.count_out))
    }
}

/// What a channel is used for, with the role it had `before` as hysteresis.
fn role(tally: &Tally, turnover_ppm_per_day: u32, before: Option<Role>) -> Role {
    if turnover_ppm_per_day < DORMANT_PPM_PER_DAY {
        return Role::Dormant;
    }
    let stays = |role: Role| before.is_none_or(|before| before == role);
    let sink = if stays(Role::Sink) { STAYS_SINK_PPM } else { BECOMES_SINK_PPM };
    let source = if stays(Role::Source) { STAYS_SOURCE_PPM } else { BECOMES_SOURCE_PPM };
    let out = u128::from(tally.amount_out.to_msat()) * 1_000_000;
    let volume = tally.volume();
    if out > volume * sink {
        Role::Sink
    } else if out < volume * source {
        Role::Source
    } else {
        Role::Router
    }
}

#[cfg(test)]
mod tests;
