//! What must be proven, set by set. These counts are the specifications' own, so that a set that shrinks is noticed.

/// One set of official vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ExpectedSet {
    /// Its name in reports.
    pub(crate) set: &'static str,
    /// The fixture it is in, which may hold more sets.
    pub(crate) fixture: &'static str,
    /// How many cases the product must pass: all it can be asked. MuSig2 messages of other lengths than 32 bytes it
    /// cannot.
    pub(crate) cases: usize,
    /// How many an independent library must pass; `None` where none is asked.
    pub(crate) oracle: Option<usize>,
}

impl ExpectedSet {
    const fn new(set: &'static str, fixture: &'static str, cases: usize) -> Self {
        Self { set, fixture, cases, oracle: None }
    }

    /// A set whose fixture has its name, with an oracle.
    const fn with_oracle(set: &'static str, cases: usize, oracle: usize) -> Self {
        Self { set, fixture: set, cases, oracle: Some(oracle) }
    }
}

/// Every set, in the order of the report.
pub(crate) const EXPECTED: [ExpectedSet; 24] = [
    ExpectedSet::new("scripts_simple_taproot", "scripts_simple_taproot", 11),
    ExpectedSet {
        oracle: Some(3),
        ..ExpectedSet::new("simple_taproot_commitments", "commitments_simple_taproot", 3)
    },
    ExpectedSet::new("simple_taproot_htlc_transactions", "commitments_simple_taproot", 7),
    ExpectedSet {
        oracle: Some(11),
        ..ExpectedSet::new("taproot_zero_fee_commitments", "commitments_taproot_zero_fee", 11)
    },
    ExpectedSet::new("taproot_zero_fee_htlc_transactions", "commitments_taproot_zero_fee", 16),
    ExpectedSet::new("segwit_zero_fee_commitments", "commitments_segwit_zero_fee", 11),
    ExpectedSet::new("segwit_zero_fee_htlc_transactions", "commitments_segwit_zero_fee", 16),
    ExpectedSet::new("anchors_commitments", "commitments_anchors", 9),
    ExpectedSet::new("anchors_htlc_transactions", "commitments_anchors", 15),
    // Five generations and nine storages.
    ExpectedSet::new("shachain", "shachain", 14),
    ExpectedSet::new("key_derivation", "key_derivation", 4),
    ExpectedSet::with_oracle("bip327_key_sort", 1, 1),
    ExpectedSet::with_oracle("bip327_key_agg", 9, 9),
    ExpectedSet::with_oracle("bip327_nonce_gen", 2, 4),
    ExpectedSet::with_oracle("bip327_nonce_agg", 5, 5),
    ExpectedSet::with_oracle("bip327_sign_verify", 15, 17),
    ExpectedSet::with_oracle("bip327_tweak", 6, 6),
    ExpectedSet::with_oracle("bip327_det_sign", 8, 9),
    ExpectedSet::with_oracle("bip327_sig_agg", 5, 5),
    ExpectedSet::new("bip328", "bip328", 3),
    ExpectedSet::with_oracle("bip340", 19, 19),
    ExpectedSet::new("bip341_outputs", "bip341_outputs", 7),
    ExpectedSet::new("bip341_key_path", "bip341_key_path", 7),
    // Fourteen valid PSBTs and ten invalid ones.
    ExpectedSet::new("bip373", "bip373", 24),
];

#[cfg(test)]
mod tests {
    use super::EXPECTED;
    use crate::vectors::official::FIXTURES;
    use std::collections::BTreeSet;

    #[test]
    fn every_fixture_is_proven_by_a_set_and_every_set_has_a_fixture() {
        let proven: BTreeSet<&str> = EXPECTED.iter().map(|expected| expected.fixture).collect();
        let fixtures: BTreeSet<&str> = FIXTURES.iter().map(|fixture| fixture.name).collect();
        assert_eq!(proven, fixtures);
        let sets: BTreeSet<&str> = EXPECTED.iter().map(|expected| expected.set).collect();
        assert_eq!(sets.len(), EXPECTED.len());
    }
}
