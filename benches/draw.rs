//! Numbers drawn from a seed, alike on every machine.

/// SplitMix64: small, seeded and good enough to draw fleets and graphs from.
pub struct Draw(u64);

impl Draw {
    /// The sequence of `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
    pub const fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let mixed = mixed ^ (mixed >> 31);
        ((mixed as u128 * end as u128) >> 64) as u64
    }

    /// One of `items`, which are not empty.
    #[expect(clippy::cast_possible_truncation, reason = "an index of memory")]
    pub const fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }
}
