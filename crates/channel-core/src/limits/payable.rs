//! The exact set of amounts that can be paid: ascending ranges with gaps between them.
//!
//! A gap opens when small HTLCs would be trimmed and too much is trimmed already, while larger ones have an output.

use alloc::vec::Vec;
use core::fmt;

use crate::quantity::{Msat, RoutingFee};

/// Amounts from `min` to `max`, both included, in msat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PayableRange {
    /// The smallest amount.
    pub min: Msat,
    /// The largest amount.
    pub max: Msat,
}

impl PayableRange {
    /// True when `amount` lies in the range.
    pub fn contains(self, amount: Msat) -> bool {
        self.min <= amount && amount <= self.max
    }
}

/// The amounts nearest to one that cannot be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct NearestPayable {
    /// The largest payable amount below it.
    pub below: Option<Msat>,
    /// The smallest payable amount above it.
    pub above: Option<Msat>,
}

impl fmt::Display for NearestPayable {
    /// As the end of a sentence: `at most 5 msat`, `at least 7 msat`, both, or `nothing`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.below, self.above) {
            (Some(below), Some(above)) => write!(f, "at most {below} or at least {above}"),
            (Some(below), None) => write!(f, "at most {below}"),
            (None, Some(above)) => write!(f, "at least {above}"),
            (None, None) => f.write_str("nothing"),
        }
    }
}

/// Every amount that can be paid: at least one range, ascending, with a gap of at least 1 msat between two.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PayableSet {
    ranges: Vec<PayableRange>,
}

impl PayableSet {
    /// The set of ascending ranges that do not overlap; `None` when there are none. Ranges that touch become one.
    pub(super) fn from_ascending(ranges: impl IntoIterator<Item = PayableRange>) -> Option<Self> {
        let mut merged: Vec<PayableRange> = Vec::new();
        for range in ranges {
            match merged.last_mut() {
                Some(last) if last.max.saturating_add(Msat::ONE) >= range.min => last.max = range.max,
                _ => merged.push(range),
            }
        }
        (!merged.is_empty()).then_some(Self { ranges: merged })
    }

    /// The ranges, ascending.
    pub fn ranges(&self) -> &[PayableRange] {
        &self.ranges
    }

    /// The range with the largest amounts, which for nearly every channel is the only one.
    pub fn largest(&self) -> PayableRange {
        *self.ranges.last().expect("a set has at least one range")
    }

    /// The smallest payable amount.
    pub fn min(&self) -> Msat {
        self.ranges.first().expect("a set has at least one range").min
    }

    /// The largest payable amount.
    pub fn max(&self) -> Msat {
        self.largest().max
    }

    /// True when `amount` can be paid.
    pub fn contains(&self, amount: Msat) -> bool {
        self.ranges.iter().any(|range| range.contains(amount))
    }

    /// The payable amounts next to `amount`, itself excluded from neither: for a payable amount both are the amount.
    pub fn nearest(&self, amount: Msat) -> NearestPayable {
        NearestPayable {
            below: self
                .ranges
                .iter()
                .rev()
                .find(|range| range.min <= amount)
                .map(|range| range.max.min(amount)),
            above: self.ranges.iter().find(|range| range.max >= amount).map(|range| range.min.max(amount)),
        }
    }

    /// The largest amount that can be forwarded when `fee` travels with it: amount and fee together are payable, and one
    /// msat more would not be. `None` when the fee leaves nothing.
    pub fn largest_before_fee(&self, fee: RoutingFee) -> Option<Msat> {
        // The sum grows in steps, so it may miss a narrow range; the next lower one is tried then.
        self.ranges.iter().rev().find_map(|range| {
            let amount = fee.largest_amount_within(range.max)?;
            range.contains(fee.of(amount).checked_add(amount)?).then_some(amount)
        })
    }

    /// The amounts in both sets, if any: what can be paid while two commitments are valid.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let pairs = self.ranges.iter().flat_map(|ours| {
            other.ranges.iter().map(move |theirs| PayableRange {
                min: ours.min.max(theirs.min),
                max: ours.max.min(theirs.max),
            })
        });
        Self::from_ascending(pairs.filter(|range| range.min <= range.max))
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec::Vec;

    use super::*;

    fn set(ranges: &[(u64, u64)]) -> Option<PayableSet> {
        let range =
            |(min, max): &(u64, u64)| PayableRange { min: Msat::from_msat(*min), max: Msat::from_msat(*max) };
        PayableSet::from_ascending(ranges.iter().map(range))
    }

    #[test]
    fn ranges_that_touch_are_one() {
        assert_eq!(set(&[(1, 4), (5, 9), (11, 12)]), set(&[(1, 9), (11, 12)]));
        assert_eq!(set(&[]), None);
        let top = set(&[(5, u64::MAX)]).unwrap();
        assert_eq!((top.min(), top.max(), top.ranges().len()), (Msat::from_msat(5), Msat::MAX, 1));
    }

    #[test]
    fn nearest_amounts_lie_on_both_sides_of_a_gap() {
        let set = set(&[(5, 10), (20, 30)]).unwrap();
        let nearest = |msat| {
            let nearest = set.nearest(Msat::from_msat(msat));
            (nearest.below.map(Msat::to_msat), nearest.above.map(Msat::to_msat))
        };
        assert_eq!(nearest(4), (None, Some(5)));
        assert_eq!(nearest(7), (Some(7), Some(7)));
        assert_eq!(nearest(11), (Some(10), Some(20)));
        assert_eq!(nearest(31), (Some(30), None));
        let text = |msat| set.nearest(Msat::from_msat(msat)).to_string();
        assert_eq!(
            [4, 11, 31].map(text),
            ["at least 5 msat", "at most 10 msat or at least 20 msat", "at most 30 msat"]
        );
        assert_eq!(NearestPayable::default().to_string(), "nothing");
        assert!(set.contains(Msat::from_msat(20)) && !set.contains(Msat::from_msat(19)));
    }

    #[test]
    fn a6_a_fee_that_steps_over_a_range_leaves_the_one_below() {
        let fee = |base, ppm| RoutingFee { base: Msat::from_msat(base), ppm };
        let largest = |set: &PayableSet, fee| set.largest_before_fee(fee).map(Msat::to_msat);
        // Twice the amount is even: it meets 10, steps over 21, and meets no odd range at all.
        let gap = set(&[(5, 10), (21, 21)]).unwrap();
        assert_eq!(largest(&gap, fee(0, 1_000_000)), Some(5));
        assert_eq!(largest(&gap, fee(0, 0)), Some(21));
        assert_eq!(largest(&gap, fee(11, 0)), Some(10));
        assert_eq!(largest(&gap, fee(21, 0)), None);
        assert_eq!(largest(&set(&[(21, 21)]).unwrap(), fee(0, 1_000_000)), None);
        assert_eq!(largest(&set(&[(1, u64::MAX)]).unwrap(), fee(u64::MAX, u32::MAX)), None);
    }

    #[test]
    fn an_intersection_holds_what_both_hold() {
        let (a, b) = (set(&[(1, 10), (20, 30), (40, 50)]).unwrap(), set(&[(5, 25), (30, 45)]).unwrap());
        let both = a.intersection(&b).unwrap();
        let members =
            |set: &PayableSet| (0..60).filter(|m| set.contains(Msat::from_msat(*m))).collect::<Vec<u64>>();
        let expected: Vec<u64> =
            members(&a).into_iter().filter(|m| b.contains(Msat::from_msat(*m))).collect();
        assert_eq!(members(&both), expected);
        assert_eq!(a.intersection(&set(&[(11, 19)]).unwrap()), None);
    }
}
