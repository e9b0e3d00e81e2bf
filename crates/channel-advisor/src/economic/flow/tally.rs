//! Sums per channel, in one pass over the forwards.

use std::collections::HashMap;

use channel_core::Msat;

use super::daily::DailyNet;
use crate::economic::window::FlowWindow;
use crate::snapshot::{Assumption, ChannelKey, Forward, ForwardHistory, SelfPayment, Snapshot};

/// What moved through a channel in the window.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) amount_in: Msat,
    pub(super) amount_out: Msat,
    pub(super) count_in: u32,
    pub(super) count_out: u32,
    pub(super) fee_in: Msat,
    pub(super) fee_out: Msat,
    pub(super) largest_out: Msat,
    /// Cost of rebalances into the channel; `None` without a listing of payments.
    pub(super) rebalance_cost: Option<Msat>,
    /// Net outflow by day; `None` where only totals are known.
    pub(super) daily: Option<DailyNet>,
}

impl Tally {
    /// Volume out minus volume in, msat.
    pub(super) fn net_out(&self) -> i128 {
        i128::from(self.amount_out.to_msat()) - i128::from(self.amount_in.to_msat())
    }

    /// Volume out plus volume in, msat.
    pub(super) fn volume(&self) -> u128 {
        u128::from(self.amount_out.to_msat()) + u128::from(self.amount_in.to_msat())
    }

    fn add_incoming(&mut self, forward: &Forward, day: Option<u64>) {
        self.amount_in = self.amount_in.saturating_add(forward.amount_in);
        self.fee_in = self.fee_in.saturating_add(forward.fee);
        self.count_in = self.count_in.saturating_add(1);
        self.add_to_day(day, -i128::from(forward.amount_in.to_msat()));
    }

    fn add_outgoing(&mut self, forward: &Forward, day: Option<u64>) {
        self.amount_out = self.amount_out.saturating_add(forward.amount_out);
        self.fee_out = self.fee_out.saturating_add(forward.fee);
        self.count_out = self.count_out.saturating_add(1);
        self.largest_out = self.largest_out.max(forward.amount_out);
        self.add_to_day(day, i128::from(forward.amount_out.to_msat()));
    }

    fn add_to_day(&mut self, day: Option<u64>, msat: i128) {
        if let Some(day) = day {
            self.daily.get_or_insert_default().add(day, msat);
        }
    }
}

/// The forwards inside the window, in order of time, each with its day if that is a whole one.
pub(super) fn inside<'a>(
    history: &'a ForwardHistory,
    window: &'a FlowWindow,
) -> impl Iterator<Item = &'a Forward> {
    history.events.iter().filter(|forward| window.range_ns.contains(&forward.time_ns))
}

/// One tally for each of `channels` channels, and how many forwards fell into the window. A forward that names a
/// channel not in the listing (closed since) counts for its other channel.
pub(super) fn tallies(
    channels: usize,
    history: &ForwardHistory,
    window: &FlowWindow,
    index: &HashMap<&ChannelKey, u32>,
) -> (Vec<Tally>, u64) {
    let empty = Tally { daily: Some(DailyNet::default()), ..Tally::default() };
    let mut tallies = vec![empty; channels];
    let mut events = 0;
    let mut add = |forward: &Forward| {
        events += 1;
        let day = Some(window.days_back(forward.time_ns)).filter(|day| *day < window.whole_days());
        if let Some(at) = index.get(&forward.incoming) {
            tallies[*at as usize].add_incoming(forward, day);
        }
        if let Some(at) = index.get(&forward.outgoing) {
            tallies[*at as usize].add_outgoing(forward, day);
        }
    };
    // Histories are sorted by time; one built by hand may not be, and days are summed in order.
    if history.events.is_sorted_by_key(|forward| forward.time_ns) {
        inside(history, window).for_each(&mut add);
    } else {
        let mut sorted: Vec<&Forward> = inside(history, window).collect();
        sorted.sort_by_key(|forward| forward.time_ns);
        sorted.into_iter().for_each(&mut add);
    }
    (tallies, events)
}

/// Adds what rebalances into each channel cost within the window.
pub(super) fn add_rebalances(
    tallies: &mut [Tally],
    snapshot: &Snapshot,
    window: &FlowWindow,
    index: &HashMap<&ChannelKey, u32>,
    assumptions: &mut Vec<Assumption>,
) {
    let Some(payments) = &snapshot.self_payments else { return };
    for tally in tallies.iter_mut() {
        tally.rebalance_cost = Some(Msat::ZERO);
    }
    let mut unplaced = 0_u64;
    let in_window = |payment: &&SelfPayment| window.range_ns.contains(&payment.time_ns);
    for payment in payments.iter().filter(in_window) {
        let at = payment.incoming.as_ref().and_then(|key| index.get(key));
        match at.and_then(|at| tallies.get_mut(*at as usize)?.rebalance_cost.as_mut()) {
            Some(cost) => *cost = cost.saturating_add(payment.fee),
            None => unplaced += 1,
        }
    }
    if unplaced > 0 {
        assumptions.push(Assumption::new(
            "rebalance_cost_unplaced",
            format!("{unplaced} payments to ourselves name no listed channel they came back through; no channel bears their cost."),
        ));
    }
}
