//! Figures as sentences print them: satoshi in groups of three digits, ppm as percent.

use std::fmt;

use bitcoin::Amount;
use channel_core::{Msat, SignedMsat};

/// An amount in whole satoshi, rounded down: `1,250,000 sat`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sats(i128);

impl From<Msat> for Sats {
    fn from(amount: Msat) -> Self {
        Self(i128::from(amount.to_msat() / 1000))
    }
}

impl From<SignedMsat> for Sats {
    fn from(amount: SignedMsat) -> Self {
        Self(i128::from(amount.to_sat_floor()))
    }
}

impl From<Amount> for Sats {
    fn from(amount: Amount) -> Self {
        Self(i128::from(amount.to_sat()))
    }
}

impl fmt::Display for Sats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.unsigned_abs().to_string();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        f.write_str(" sat")
    }
}

/// A share in ppm as percent with one decimal: `2.5 %`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Percent(pub(super) u64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} %", self.0 / 10_000, self.0 % 10_000 / 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_grouped() {
        for (sat, text) in [(0, "0 sat"), (999, "999 sat"), (1000, "1,000 sat"), (1_250_000, "1,250,000 sat")]
        {
            assert_eq!(Sats::from(Amount::from_sat(sat)).to_string(), text);
        }
        assert_eq!(Sats::from(SignedMsat::from_msat(-1_234_567)).to_string(), "-1,235 sat");
        assert_eq!(Sats::from(Msat::MAX).to_string(), "18,446,744,073,709,551 sat");
        assert_eq!(Percent(25_900).to_string(), "2.5 %");
    }
}
