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
        let mut groups = [0; 13];
        let mut count = 0;
        let mut left = self.0.unsigned_abs();
        while left >= 1000 {
            groups[count] = left % 1000;
            count += 1;
            left /= 1000;
        }
        if self.0 < 0 {
            f.write_str("-")?;
        }
        write!(f, "{left}")?;
        for group in groups[..count].iter().rev() {
            write!(f, ",{group:03}")?;
        }
        f.write_str(" sat")
    }
}

/// A number of HTLCs: `1 HTLC`, `2 HTLCs`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Htlcs(pub(crate) usize);

impl fmt::Display for Htlcs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} HTLC{}", self.0, if self.0 == 1 { "" } else { "s" })
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
        assert_eq!(Sats::from(Amount::from_sat(1_002_003)).to_string(), "1,002,003 sat");
        assert_eq!(Sats(i128::MIN).to_string().len(), 1 + 39 + 12 + 4);
        assert_eq!(Sats::from(Msat::MAX).to_string(), "18,446,744,073,709,551 sat");
        assert_eq!([0, 1, 2].map(|count| Htlcs(count).to_string()), ["0 HTLCs", "1 HTLC", "2 HTLCs"]);
        assert_eq!(Percent(25_900).to_string(), "2.5 %");
    }
}
