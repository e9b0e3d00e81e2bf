//! Fleets drawn from a seed, alike on every machine.

/// SplitMix64: small, seeded and good enough to draw fleets from.
pub(crate) struct Draw(u64);

impl Draw {
    /// The sequence of `seed`.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) as u128 * end as u128 >> 64) as u64
    }
}

/// Local, remote, capacity, local dust, remote dust: a channel of 20,000 sat to 0.2 BTC, some of it in flight, one in
/// three with dust over 546 sat.
pub(crate) fn amounts(draw: &mut Draw) -> [u64; 5] {
    let capacity = 20_000 + draw.below(20_000_000);
    let in_flight = if draw.below(4) == 0 { draw.below(capacity) } else { 0 };
    let local = draw.below(capacity - in_flight + 1);
    [local, capacity - in_flight - local, capacity, draw.below(600), draw.below(600)]
}
