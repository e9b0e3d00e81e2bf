//! The invented channels: who, how big, what for, and which HTLCs hang in them.

use super::HEIGHT;
use super::random::SplitMix64;

/// What a channel is made to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// Earns well and is nearly empty on our side.
    DrainedEarner,
    /// Where payments come in; full on our side.
    Source,
    /// Payments both ways.
    Router,
    /// Nothing moves.
    DeadWeight,
    /// Much volume at no fee.
    ForNothing,
    /// Small HTLCs hang in it.
    Dusty,
}

/// The fleet's channels: name of the peer, case, capacity in thousands of satoshi, our rate in ppm.
const CHANNELS: [(&str, Case, u64, u64); 40] = [
    ("Copper Kettle", Case::DrainedEarner, 5_000, 620),
    ("north-pier-ln", Case::DrainedEarner, 8_000, 480),
    ("Tannery Lane 7", Case::DrainedEarner, 3_000, 750),
    ("Vuoksi Relay", Case::DrainedEarner, 4_000, 540),
    ("青い郵便箱", Case::DrainedEarner, 6_000, 410),
    ("harbour.wallet", Case::DrainedEarner, 10_000, 350),
    ("Millstone Exchange", Case::Source, 12_000, 120),
    ("lantern-03", Case::Source, 6_000, 90),
    ("Ferry & Sons", Case::Source, 4_000, 150),
    ("Salt Market ⚡", Case::Source, 5_000, 60),
    ("kiosk-payouts", Case::Source, 3_000, 100),
    ("Heron Bank (test desk)", Case::Source, 8_000, 80),
    ("Quarry Road", Case::Router, 5_000, 210),
    ("bluebell-ln", Case::Router, 7_000, 180),
    ("Weaver's Guild", Case::Router, 4_000, 260),
    ("Orchard Gate", Case::Router, 3_000, 240),
    ("sundial", Case::Router, 2_500, 190),
    ("Old Observatory 🔭", Case::Router, 6_000, 150),
    ("Pebble & Reed", Case::Router, 2_000, 300),
    ("riverbend-routing", Case::Router, 9_000, 170),
    ("Quarry Road", Case::Router, 2_000, 210),
    ("Glasshouse", Case::DeadWeight, 2_000, 250),
    ("tinker-node", Case::DeadWeight, 1_000, 500),
    ("Attic Clock", Case::DeadWeight, 3_000, 100),
    ("Moss & Fern", Case::DeadWeight, 1_500, 200),
    ("pocketwatch", Case::DeadWeight, 5_000, 1),
    ("Tin Soldier", Case::DeadWeight, 1_000, 100),
    ("Lower Sluice", Case::DeadWeight, 2_000, 400),
    ("Paper Lantern", Case::DeadWeight, 500, 150),
    ("Glasshouse", Case::DeadWeight, 1_000, 250),
    ("Night Tram", Case::ForNothing, 6_000, 0),
    ("open-road", Case::ForNothing, 4_000, 1),
    ("Gratis Grid", Case::ForNothing, 3_000, 5),
    ("micro-tips.example", Case::Dusty, 3_000, 180),
    ("penny-arcade-node", Case::Dusty, 2_000, 220),
    ("Satchel Games", Case::Dusty, 4_000, 160),
    ("drip-podcasts", Case::Dusty, 1_500, 200),
    ("Sleeping Volcano", Case::DeadWeight, 4_000, 120),
    ("cellar-door", Case::Router, 2_000, 230),
    ("my phone", Case::DeadWeight, 800, 10),
];

/// Positions of the channels whose peer is away.
const OFFLINE: [usize; 3] = [26, 37, 38];
/// Positions of the unannounced channels.
const PRIVATE: [usize; 2] = [36, 39];

/// A pending HTLC, in whole satoshi as LND prints them.
#[derive(Debug, Clone)]
pub(super) struct Htlc {
    pub(super) incoming: bool,
    pub(super) amount_sat: u64,
    pub(super) expiry: u32,
    pub(super) hash: String,
}

/// The commitment types of the example, with the weight of a commitment without HTLCs and the value of its anchors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Commitment {
    StaticRemoteKey,
    Anchors,
    Taproot,
}

impl Commitment {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::StaticRemoteKey => "STATIC_REMOTE_KEY",
            Self::Anchors => "ANCHORS",
            Self::Taproot => "SIMPLE_TAPROOT",
        }
    }

    /// Weight with `htlcs` untrimmed HTLCs, in WU (BOLT 3, appendix A; taproot measured the same way).
    pub(super) const fn weight(self, htlcs: u64) -> u64 {
        let empty = match self {
            Self::StaticRemoteKey => 724,
            Self::Anchors => 1124,
            Self::Taproot => 968,
        };
        empty + 172 * htlcs
    }

    pub(super) const fn anchors_sat(self) -> u64 {
        match self {
            Self::StaticRemoteKey => 0,
            Self::Anchors | Self::Taproot => 660,
        }
    }
}

/// An invented channel. Balances are gross, in msat.
#[derive(Debug, Clone)]
pub(super) struct Channel {
    pub(super) alias: &'static str,
    pub(super) case: Case,
    pub(super) peer: String,
    pub(super) funding_txid: String,
    pub(super) scid: u64,
    pub(super) capacity_sat: u64,
    pub(super) local_msat: u64,
    pub(super) base_msat: u64,
    pub(super) ppm: u64,
    pub(super) initiator: bool,
    pub(super) active: bool,
    pub(super) private: bool,
    pub(super) commitment: Commitment,
    pub(super) fee_per_kw: u64,
    pub(super) dust_limit_sat: u64,
    pub(super) sent_msat: u64,
    pub(super) received_msat: u64,
    pub(super) updates: u64,
    /// How busy it is, in per cent of its case.
    pub(super) bustle: u64,
    pub(super) htlcs: Vec<Htlc>,
}

impl Channel {
    /// One per cent of capacity, which both sides keep.
    pub(super) const fn reserve_sat(&self) -> u64 {
        self.capacity_sat / 100
    }

    /// What we could still send, in msat: above reserve, commitment fee at twice the feerate and anchors.
    pub(super) fn sendable_msat(&self) -> u64 {
        let fee = if self.initiator { self.fee_per_kw * self.commitment.weight(4) * 2 / 1000 } else { 0 };
        let kept = self.reserve_sat() + fee + self.commitment.anchors_sat() + 2_000;
        self.local_msat.saturating_sub(kept * 1000)
    }

    /// What we could still receive, in msat.
    pub(super) fn receivable_msat(&self) -> u64 {
        let fee = if self.initiator { 0 } else { self.fee_per_kw * self.commitment.weight(4) * 2 / 1000 };
        let kept = self.reserve_sat() + fee + self.commitment.anchors_sat() + 2_000;
        (self.capacity_sat * 1000 - self.local_msat).saturating_sub(kept * 1000)
    }

    /// The HTLCs that have an output on our commitment.
    pub(super) fn untrimmed(&self) -> impl Iterator<Item = &Htlc> {
        self.htlcs.iter().filter(|htlc| htlc.amount_sat >= self.dust_limit_sat)
    }
}

/// The invented node.
#[derive(Debug, Clone)]
pub(super) struct Fleet {
    pub(super) node_id: String,
    pub(super) channels: Vec<Channel>,
}

impl Fleet {
    /// The fleet as it was a month before the example's date.
    pub(super) fn invent(random: &mut SplitMix64) -> Self {
        let node_id = random.node_id();
        let mut channels: Vec<Channel> = Vec::with_capacity(CHANNELS.len());
        for (index, row) in CHANNELS.iter().enumerate() {
            let same_peer =
                channels.iter().find(|known| known.alias == row.0).map(|known| known.peer.clone());
            let peer = same_peer.unwrap_or_else(|| random.node_id());
            channels.push(invent_channel(index, row, peer, random));
        }
        Self { node_id, channels }
    }

    /// Hangs HTLCs into some channels, taking them from the offering side: below the dust limit in the dusty ones.
    pub(super) fn hang_htlcs(&mut self, random: &mut SplitMix64) {
        for channel in &mut self.channels {
            let (count, low, high) = match channel.case {
                Case::Dusty => (random.between(12, 24), 40, channel.dust_limit_sat - 1),
                Case::Router if channel.active => (random.between(0, 2), 20_000, 90_000),
                Case::DrainedEarner => (random.between(0, 1), 100, 4_000),
                _ => (0, 0, 0),
            };
            for _ in 0..count {
                hang_htlc(channel, random.between(low, high), random);
            }
        }
    }
}

fn invent_channel(
    index: usize,
    &(alias, case, capacity_ksat, ppm): &(&'static str, Case, u64, u64),
    peer: String,
    random: &mut SplitMix64,
) -> Channel {
    let capacity_sat = capacity_ksat * 1000;
    let share = match case {
        Case::DrainedEarner => random.between(82, 93),
        Case::Source => random.between(8, 18),
        Case::Router | Case::Dusty => random.between(38, 62),
        Case::DeadWeight => random.between(86, 96),
        Case::ForNothing => random.between(70, 85),
    };
    let commitment = match index % 7 {
        2 | 5 => Commitment::Taproot,
        3 if matches!(case, Case::DeadWeight) => Commitment::StaticRemoteKey,
        _ => Commitment::Anchors,
    };
    let age =
        if case == Case::DeadWeight { random.between(20_000, 70_000) } else { random.between(6_000, 50_000) };
    let block = u64::from(HEIGHT) - age;
    Channel {
        alias,
        case,
        peer,
        funding_txid: random.txid(),
        scid: block << 40 | random.between(1, 2_800) << 16 | random.between(0, 1),
        capacity_sat,
        local_msat: capacity_sat * share * 10,
        base_msat: if case == Case::ForNothing { 0 } else { random.pick(&[0, 0, 1_000]) },
        ppm,
        initiator: random.between(0, 1) == 1 || case == Case::DeadWeight,
        active: !OFFLINE.contains(&index),
        private: PRIVATE.contains(&index),
        commitment,
        fee_per_kw: random.pick(&[253, 500, 750, 1_250, 2_500]),
        dust_limit_sat: random.pick(&[354, 354, 546, 1_000]),
        sent_msat: random.between(1, 40) * capacity_sat * 100,
        received_msat: random.between(1, 40) * capacity_sat * 100,
        updates: random.between(300, 40_000),
        bustle: random.between(45, 160),
        htlcs: Vec::new(),
    }
}

fn hang_htlc(channel: &mut Channel, amount_sat: u64, random: &mut SplitMix64) {
    let incoming = random.between(0, 1) == 1;
    let room = if incoming { channel.receivable_msat() } else { channel.sendable_msat() };
    if room < amount_sat * 1000 {
        return;
    }
    if !incoming {
        channel.local_msat -= amount_sat * 1000;
    }
    let expiry = HEIGHT + u32::try_from(random.between(20, 140)).unwrap_or(80);
    channel.htlcs.push(Htlc { incoming, amount_sat, expiry, hash: random.txid() });
}
