//! Numbers as the seed prints them: whole ones stay whole, the rest are binary doubles.

use std::fmt;

use serde::{Serialize, Serializer};

/// A number that the seed leaves an integer on some paths (`else 0`, the flat splice fee) and a float on others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A whole number.
    Int(u64),
    /// A double.
    Float(f64),
}

impl Number {
    /// The seed's `else 0`.
    pub const ZERO: Self = Self::Int(0);

    /// The value as a double.
    pub const fn to_f64(self) -> f64 {
        match self {
            Self::Int(value) => whole(value),
            Self::Float(value) => value,
        }
    }

    /// `numerator / denominator`, or the integer 0 over nothing. Both below 2^53, so one division rounds once.
    pub(super) const fn ratio(numerator: u64, denominator: u64) -> Self {
        if denominator == 0 { Self::ZERO } else { Self::Float(whole(numerator) / whole(denominator)) }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Int(value) => serializer.serialize_u64(value),
            Self::Float(value) => serializer.serialize_f64(value),
        }
    }
}

/// A sum of satoshi over a fleet. Wider than [`Amount`](bitcoin::Amount), so that no fleet overflows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct SatTotal(u128);

impl SatTotal {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The sum in satoshi.
    pub const fn to_sat(self) -> u128 {
        self.0
    }

    /// Adds an amount, in satoshi. 2^64 of them fit.
    pub(super) const fn add_sat(&mut self, sat: u64) {
        self.0 += sat as u128;
    }

    /// The sum as a double, rounded to nearest even.
    #[expect(clippy::cast_precision_loss, reason = "the seed's floats round a sum here too, the same way")]
    pub(super) const fn to_f64(self) -> f64 {
        self.0 as f64
    }

    /// `self / whole` rounded once, or the integer 0 over nothing.
    pub(super) fn share_of(self, whole: Self) -> Number {
        if whole.0 == 0 { Number::ZERO } else { Number::Float(divide(self.0, whole.0)) }
    }
}

impl fmt::Display for SatTotal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A whole number as a double; exact below 2^53, which is all that reaches it.
#[expect(clippy::cast_precision_loss, reason = "exact: amounts are below 2^52, their sums below 2^53")]
pub(super) const fn whole(value: u64) -> f64 {
    value as f64
}

/// A signed whole number as a double; exact below 2^53 in size.
#[expect(clippy::cast_precision_loss, reason = "exact: differences of amounts below 2^52")]
pub(super) const fn signed(value: i64) -> f64 {
    value as f64
}

/// `numerator / denominator` rounded once to nearest even, as the seed's language divides integers of any size.
/// `denominator` is not 0 and below 2^127.
#[expect(clippy::cast_precision_loss, reason = "the one rounding this function is about")]
fn divide(numerator: u128, denominator: u128) -> f64 {
    const EXACT: u128 = 1 << 53;
    if numerator < EXACT && denominator < EXACT {
        return numerator as f64 / denominator as f64;
    }
    if numerator == 0 {
        return 0.0;
    }
    // Long division to at least 56 bits of quotient; what is left over only says on which side of a tie it lies.
    let (mut quotient, mut rest) = (numerator / denominator, numerator % denominator);
    let mut scale = 1.0;
    while quotient < 1 << 55 {
        rest <<= 1;
        let bit = u128::from(rest >= denominator);
        rest -= bit * denominator;
        quotient = quotient << 1 | bit;
        scale *= 0.5;
    }
    (quotient | u128::from(rest != 0)) as f64 * scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_and_broken_numbers_print_differently() {
        let texts = [Number::ZERO, Number::Int(1000), Number::Float(0.0), Number::Float(0.25)]
            .map(|number| serde_json::to_string(&number).unwrap());
        assert_eq!(texts, ["0", "1000", "0.0", "0.25"]);
    }

    #[test]
    fn a_quotient_of_large_integers_is_rounded_once() {
        let at = 1_u128 << 53;
        // Both operands rounded first would give exactly 1.
        assert_eq!(divide(at + 1, at).to_bits(), 1.0_f64.to_bits());
        assert_eq!(divide(at + 2, at).to_bits(), (1.0 + f64::EPSILON).to_bits());
        assert_eq!(divide(at + 3, at).to_bits(), (1.0 + 2.0 * f64::EPSILON).to_bits());
        assert_eq!(divide(at + 1, at - 1).to_bits(), (1.0 + f64::EPSILON).to_bits());
        assert_eq!(divide(0, at).to_bits(), 0.0_f64.to_bits());
        assert_eq!(divide(1, at).to_bits(), 2.0_f64.powi(-53).to_bits());
    }

    #[test]
    fn exact_quotients_survive_any_scale() {
        for shift in 0..70 {
            assert_eq!(divide(7 << shift, 8 << shift).to_bits(), 0.875_f64.to_bits());
            assert_eq!(divide(21 << shift, 7 << shift).to_bits(), 3.0_f64.to_bits());
        }
    }

    #[test]
    fn long_division_agrees_with_the_processor_where_both_hold() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..2000 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let (a, b) = (u128::from(state >> 20) + 1, u128::from(state << 13 >> 30) + 1);
            // The scaled pair takes the long path and must round to the same double.
            assert_eq!(divide(a << 40, b << 40).to_bits(), divide(a, b).to_bits(), "{a} / {b}");
        }
    }
}
