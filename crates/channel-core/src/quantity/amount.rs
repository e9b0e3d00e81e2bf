//! Amounts inside a channel, in thousandths of a satoshi.

use core::fmt;
use core::iter::Sum;

use bitcoin::Amount;

use super::AmountOverflow;

/// An amount in millisatoshi (msat), the unit of BOLT 2. Never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct Msat(u64);

impl Msat {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// One thousandth of a satoshi.
    pub const ONE: Self = Self(1);
    /// The largest amount the type holds; listings use it for "no limit".
    pub const MAX: Self = Self(u64::MAX);
    /// All bitcoin there will ever be: 21e14 sat.
    pub const MAX_MONEY: Self = Self(2_100_000_000_000_000_000);

    /// An amount of `msat` millisatoshi.
    pub const fn from_msat(msat: u64) -> Self {
        Self(msat)
    }

    /// An amount of whole satoshi.
    ///
    /// # Errors
    /// [`AmountOverflow`] above `u64::MAX / 1000` sat.
    pub const fn from_sat(sat: u64) -> Result<Self, AmountOverflow> {
        match sat.checked_mul(1000) {
            Some(msat) => Ok(Self(msat)),
            None => Err(AmountOverflow),
        }
    }

    /// The amount in msat.
    pub const fn to_msat(self) -> u64 {
        self.0
    }

    /// The amount in whole satoshi, rounded down as BOLT 3 rounds outputs.
    pub const fn to_sat_floor(self) -> Amount {
        Amount::from_sat(self.0 / 1000)
    }

    /// The amount in whole satoshi, rounded up.
    pub const fn to_sat_ceil(self) -> Amount {
        Amount::from_sat(self.0.div_ceil(1000))
    }

    /// True when nothing is left.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Sum, or `None` when it leaves 64 bits.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// Difference, or `None` when `other` is larger.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(rest) => Some(Self(rest)),
            None => None,
        }
    }

    /// Difference, zero when `other` is larger.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Sum, the largest amount when it leaves 64 bits.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// `self * numerator / denominator`, rounded down, through 128 bits; the largest amount when it leaves 64 bits.
    /// Zero when `denominator` is zero.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the value is held to 64 bits before the cast")]
    pub const fn mul_div_floor(self, numerator: u64, denominator: u64) -> Self {
        if denominator == 0 {
            return Self(0);
        }
        let wide = self.0 as u128 * numerator as u128 / denominator as u128;
        if wide > u64::MAX as u128 { Self(u64::MAX) } else { Self(wide as u64) }
    }

    /// The proportional part of a fee: `self * ppm / 1_000_000`, rounded down (BOLT 7).
    #[must_use]
    pub const fn ppm(self, ppm: u64) -> Self {
        self.mul_div_floor(ppm, 1_000_000)
    }

    /// The signed form; the largest signed amount when it does not fit (no real amount comes near it).
    pub const fn to_signed(self) -> SignedMsat {
        if self.0 > i64::MAX as u64 { SignedMsat(i64::MAX) } else { SignedMsat(self.0.cast_signed()) }
    }
}

impl TryFrom<Amount> for Msat {
    type Error = AmountOverflow;

    fn try_from(amount: Amount) -> Result<Self, AmountOverflow> {
        Self::from_sat(amount.to_sat())
    }
}

impl Sum for Msat {
    /// Saturates at [`Msat::MAX`]; amounts of real channels cannot reach it.
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Self::saturating_add)
    }
}

impl fmt::Display for Msat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} msat", self.0)
    }
}

/// A signed amount in millisatoshi: a net benefit, a drain, a contribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct SignedMsat(i64);

impl SignedMsat {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// A signed amount of `msat` millisatoshi.
    pub const fn from_msat(msat: i64) -> Self {
        Self(msat)
    }

    /// The amount in msat.
    pub const fn to_msat(self) -> i64 {
        self.0
    }

    /// The amount in whole satoshi, rounded towards minus infinity.
    pub const fn to_sat_floor(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Sum, held at the ends of the range.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Difference, held at the ends of the range.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The negated amount, held at the ends of the range.
    #[must_use]
    pub const fn saturating_neg(self) -> Self {
        Self(self.0.saturating_neg())
    }

    /// The unsigned amount, zero when negative.
    pub const fn max_zero(self) -> Msat {
        if self.0 < 0 { Msat(0) } else { Msat(self.0.cast_unsigned()) }
    }

    /// True above zero.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }
}

impl From<Msat> for SignedMsat {
    fn from(amount: Msat) -> Self {
        amount.to_signed()
    }
}

impl Sum for SignedMsat {
    /// Held at the ends of the range.
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Self::saturating_add)
    }
}

impl fmt::Display for SignedMsat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} msat", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn msat_conversions_round_as_bolt3_does() {
        assert_eq!(Msat::from_msat(1999).to_sat_floor().to_sat(), 1);
        assert_eq!(Msat::from_msat(1001).to_sat_ceil().to_sat(), 2);
        assert_eq!(Msat::from_sat(u64::MAX), Err(AmountOverflow));
        assert_eq!(Msat::from_sat(2_100_000_000_000_000), Ok(Msat::MAX_MONEY));
    }

    #[test]
    fn msat_arithmetic_is_checked_at_the_ends() {
        assert_eq!(Msat::MAX.checked_add(Msat::ONE), None);
        assert_eq!(Msat::ZERO.checked_sub(Msat::ONE), None);
        assert_eq!(Msat::MAX.ppm(2_000_000), Msat::MAX);
        assert_eq!(Msat::from_msat(1_999_999).ppm(1), Msat::from_msat(1));
        assert_eq!(Msat::from_msat(5).mul_div_floor(1, 0), Msat::ZERO);
    }

    #[test]
    fn signed_msat_rounds_down_and_clamps() {
        assert_eq!(SignedMsat::from_msat(-1).to_sat_floor(), -1);
        assert_eq!(SignedMsat::from_msat(i64::MIN).saturating_neg().to_msat(), i64::MAX);
        assert_eq!(Msat::MAX.to_signed().to_msat(), i64::MAX);
        assert_eq!(SignedMsat::from_msat(-7).max_zero(), Msat::ZERO);
    }
}
