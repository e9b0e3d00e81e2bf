//! From a snapshot to the evidence every remedy is priced on.

use std::collections::HashMap;

use channel_core::FeerateKw;

use super::balance::{Balance, Targets};
use super::dust::{DustRules, ledger};
use super::flow::{self, FleetFlow};
use super::health::{Examined, FleetMedians};
use super::neighbours::{Neighbours, age_days, usable};
use super::state::State;
use super::terms::{Gap, Gaps, Terms, whole};
use super::window::{FlowWindow, empty_history_warning};
use super::{ChannelFlow, Evidence, FleetEvidence, Options};
use crate::plan::Warning;
use crate::snapshot::{Assumption, ChannelSnapshot, Knowledge, PeerId, Policy, Snapshot};

/// Gathers what is known about each channel: flow, balance, dust, health, neighbours. Linear in channels, forwards and
/// edges of the graph.
///
/// What no input tells stays `None` or becomes a stated assumption; nothing here fails.
pub fn gather<'a>(snapshot: &'a Snapshot, options: &Options) -> FleetEvidence<'a> {
    let feerate = options.feerate.or(snapshot.feerate).unwrap_or(Options::DEFAULT_FEERATE);
    let neighbours = Neighbours::of(snapshot);
    let policies: Vec<_> = snapshot.channels.iter().map(|channel| neighbours.own_policy(channel)).collect();
    let (measured, warnings) = measure(snapshot, &policies, options);
    let fleet = Fleet::of(snapshot, &neighbours, measured.as_ref(), feerate, options);
    let mut assumptions = Vec::new();
    let channels = fleet.channels(&mut assumptions);
    let (window, flow) = (measured.as_ref().map(|of| &of.0), measured.as_ref().map(|of| &of.1));
    let events = flow.map_or(0, |flow| flow.events);
    assumptions.extend(flow.into_iter().flat_map(|flow| flow.assumptions.iter().cloned()));
    FleetEvidence {
        channels,
        window: window.map(|window| window.report(events)),
        window_seconds: window.map(|window| window.seconds),
        feerate,
        median_rate_ppm: fleet.medians.rate_ppm,
        median_return_ppm_per_year: fleet.medians.return_ppm_per_year,
        warnings,
        assumptions,
    }
}

/// The flow of the fleet, if forwards tell one, and what is wrong with them.
fn measure(
    snapshot: &Snapshot,
    policies: &[Option<Policy>],
    options: &Options,
) -> (Option<(FlowWindow, FleetFlow)>, Vec<Warning>) {
    let Some(history) = &snapshot.forwards else { return (None, Vec::new()) };
    let Some(window) = FlowWindow::of(history, options) else {
        return (None, vec![empty_history_warning(snapshot, options)]);
    };
    let flow = flow::measure(snapshot, history, &window, policies, options);
    let warnings = window.warnings(snapshot, options);
    (Some((window, flow)), warnings)
}

/// What all channels are compared with and priced by.
struct Fleet<'a, 'b> {
    snapshot: &'a Snapshot,
    neighbours: &'b Neighbours<'a>,
    measured: Option<&'b (FlowWindow, FleetFlow)>,
    usable: Vec<Knowledge>,
    medians: FleetMedians,
    channels_of: HashMap<&'a PeerId, usize>,
    feerate: FeerateKw,
    options: &'b Options,
}

impl<'a, 'b> Fleet<'a, 'b> {
    fn of(
        snapshot: &'a Snapshot,
        neighbours: &'b Neighbours<'a>,
        measured: Option<&'b (FlowWindow, FleetFlow)>,
        feerate: FeerateKw,
        options: &'b Options,
    ) -> Self {
        let usable: Vec<_> = snapshot.channels.iter().map(usable).collect();
        let medians = measured.map(|(window, flow)| {
            let capacities = snapshot.channels.iter().map(|channel| channel.capacity);
            let channels = flow.channels.iter().zip(capacities).zip(&usable);
            let channels = channels.map(|((flow, capacity), usable)| (flow, capacity, *usable));
            FleetMedians::of(channels, window.seconds)
        });
        let mut channels_of = HashMap::new();
        for peer in snapshot.channels.iter().filter_map(|channel| channel.peer.as_ref()) {
            *channels_of.entry(peer).or_insert(0) += 1;
        }
        let medians = medians.unwrap_or_default();
        Self { snapshot, neighbours, measured, usable, medians, channels_of, feerate, options }
    }

    /// The evidence of every channel. What had to be assumed of terms is added to `assumptions`.
    fn channels(&self, assumptions: &mut Vec<Assumption>) -> Vec<Evidence<'a>> {
        let mut gaps = Gaps::default();
        let channels = self.snapshot.channels.iter().enumerate();
        let evidence = channels.map(|(at, channel)| self.evidence(at, channel, &mut gaps)).collect();
        assumptions.extend(gaps.assumptions(self.snapshot.implementation));
        evidence
    }

    fn evidence(&self, at: usize, channel: &'a ChannelSnapshot, gaps: &mut Gaps) -> Evidence<'a> {
        if channel.htlcs.is_none() {
            gaps.note(Gap::Htlcs);
        }
        let terms = Terms::of(channel, self.snapshot.implementation, self.feerate, gaps);
        let flow: Option<&ChannelFlow> = self.measured.map(|(_, fleet)| &fleet.channels[at]);
        let state = State::of(channel, &terms);
        let balance = Balance::of(channel, &state);
        let targets = flow.map(|flow| Targets::of(channel, &terms, flow, self.options));
        let rules = DustRules { feerate: self.feerate, profile: self.options.dust_profile };
        let dust = ledger(channel, &terms, &state, rules);
        let examined = Examined {
            channel,
            terms: &terms,
            flow,
            window: self.measured.map(|(window, _)| window),
            balance,
            targets,
            usable: self.usable[at],
            age_days: age_days(channel, self.snapshot.node.block_height, self.options.now),
            last_hop: self.neighbours.last_hop(channel),
            dust: &dust,
            channels_with_peer: channel.peer.as_ref().map_or(1, |peer| self.channels_of[peer]),
            medians: &self.medians,
            options: self.options,
        };
        let health = examined.report();
        Evidence {
            channel,
            flow: flow.cloned(),
            usable: examined.usable,
            reserve_local: terms.reserve.local,
            reserve_remote: terms.reserve.remote,
            trim: terms.trim,
            splice_out_maximum: whole(state.splice_out_maximum()),
            spendable: balance.spendable,
            receivable: balance.receivable,
            target_local: targets.map(|targets| targets.local),
            want_local: targets.map(|targets| targets.want_local),
            want_remote: targets.map(|targets| targets.want_remote),
            age_days: examined.age_days,
            last_hop: examined.last_hop,
            can_splice: self.neighbours.can_splice(channel),
            health,
            dust,
        }
    }
}

#[cfg(test)]
mod tests;
