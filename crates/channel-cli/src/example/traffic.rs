//! A month of payments through the invented channels, forward by forward.

use super::DAYS;
use super::fleet::{Case, Channel, Fleet};
use super::random::SplitMix64;

/// The first second of the month: 2026-01-30T00:00:00Z.
const START: u64 = 1_769_731_200;
/// Payments tried.
const ATTEMPTS: u64 = 2_400;

/// A settled forward, amounts in msat.
#[derive(Debug, Clone)]
pub(super) struct Forward {
    pub(super) time_ns: u64,
    pub(super) scid_in: u64,
    pub(super) scid_out: u64,
    pub(super) amount_in: u64,
    pub(super) amount_out: u64,
}

/// Plays the month: balances move with every forward, and one that does not fit is not made.
pub(super) fn play(fleet: &mut Fleet, random: &mut SplitMix64) -> Vec<Forward> {
    let weights_in: Vec<u64> = fleet.channels.iter().map(weight_in).collect();
    let weights_out: Vec<u64> = fleet.channels.iter().map(weight_out).collect();
    let mut forwards = Vec::new();
    for attempt in 0..ATTEMPTS {
        let from = random.weighted(&weights_in);
        let to = random.weighted(&weights_out);
        let amount_out = amount(random);
        let slot = DAYS * 86_400 / ATTEMPTS;
        let time_ns = (START + attempt * slot + random.between(0, slot - 1)) * 1_000_000_000;
        if fleet.channels[from].peer != fleet.channels[to].peer {
            forwards.extend(forward(fleet, from, to, amount_out, time_ns));
        }
    }
    forwards
}

/// One forward, if both channels have the room.
fn forward(fleet: &mut Fleet, from: usize, to: usize, amount_out: u64, time_ns: u64) -> Option<Forward> {
    let outgoing = &fleet.channels[to];
    let amount_in = amount_out
        + outgoing.base_msat
        + amount_out / 1_000_000 * outgoing.ppm
        + amount_out % 1_000_000 * outgoing.ppm / 1_000_000;
    if amount_out > outgoing.sendable_msat() || amount_in > fleet.channels[from].receivable_msat() {
        return None;
    }
    let (scid_in, scid_out) = (fleet.channels[from].scid, outgoing.scid);
    let incoming = &mut fleet.channels[from];
    incoming.local_msat += amount_in;
    incoming.received_msat += amount_in;
    incoming.updates += 2;
    let outgoing = &mut fleet.channels[to];
    outgoing.local_msat -= amount_out;
    outgoing.sent_msat += amount_out;
    outgoing.updates += 2;
    Some(Forward { time_ns, scid_in, scid_out, amount_in, amount_out })
}

/// How often payments come in through a channel.
fn weight_in(channel: &Channel) -> u64 {
    let per_million = match channel.case {
        Case::Router => 34,
        Case::Source | Case::Dusty => 30,
        Case::ForNothing => 4,
        Case::DrainedEarner => 2,
        Case::DeadWeight => 0,
    };
    if channel.active { per_million * channel.bustle * (channel.capacity_sat / 100_000) } else { 0 }
}

/// How often payments leave through a channel.
fn weight_out(channel: &Channel) -> u64 {
    let per_million = match channel.case {
        Case::DrainedEarner => 26,
        Case::Router => 33,
        Case::ForNothing => 16,
        Case::Dusty => 30,
        Case::Source => 2,
        Case::DeadWeight => 0,
    };
    if channel.active { per_million * channel.bustle * (channel.capacity_sat / 100_000) } else { 0 }
}

/// The size of a payment in msat: many small ones, few large ones.
fn amount(random: &mut SplitMix64) -> u64 {
    let (low, high) = random.pick(&[(500, 5_000), (5_000, 30_000), (20_000, 90_000), (50_000, 250_000)]);
    random.between(low, high) * 1000 + random.between(0, 999)
}
