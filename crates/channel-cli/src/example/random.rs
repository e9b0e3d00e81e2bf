//! SplitMix64: the same numbers everywhere, for ever.

/// The generator (Steele, Lea and Flood, 2014).
#[derive(Debug, Clone)]
pub(super) struct SplitMix64(u64);

impl SplitMix64 {
    /// A generator that starts from `seed`.
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        let span = u128::from(high - low) + 1;
        low + ((u128::from(self.next()) * span) >> 64) as u64
    }

    /// One of `choices`.
    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        let last = choices.len() as u64 - 1;
        choices[usize::try_from(self.between(0, last)).expect("at most the last index")]
    }

    /// An index into `weights`, by their weight.
    pub(super) fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut at = self.between(0, weights.iter().sum::<u64>().max(1) - 1);
        for (index, weight) in weights.iter().enumerate() {
            if at < *weight {
                return index;
            }
            at -= weight;
        }
        weights.len() - 1
    }

    /// A compressed public key's worth of hex; on no curve and of nobody.
    pub(super) fn node_id(&mut self) -> String {
        let point = self.txid();
        format!("{}{point}", self.pick(&["02", "03"]))
    }

    /// A transaction id's worth of hex.
    pub(super) fn txid(&mut self) -> String {
        let [a, b, c, d] = [(); 4].map(|()| self.next());
        format!("{a:016x}{b:016x}{c:016x}{d:016x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_outputs_come_out() {
        let mut random = SplitMix64::new(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn ranges_are_closed_and_weights_respected() {
        let mut random = SplitMix64::new(1);
        let drawn: Vec<u64> = (0..200).map(|_| random.between(3, 5)).collect();
        assert!(drawn.contains(&3) && drawn.contains(&5) && drawn.iter().all(|n| (3..=5).contains(n)));
        assert!((0..100).all(|_| random.weighted(&[0, 7, 0]) == 1));
        assert_eq!(random.node_id().len(), 66);
    }
}
