//! Feerates, in satoshi per 1000 weight units as BOLT 2 sends them.

use core::fmt;
use core::str::FromStr;

use bitcoin::{Amount, Weight};

use super::{Msat, ParseFeerateError};

/// A feerate in satoshi per 1000 weight units (sat/kW). 250 sat/kW are 1 sat/vB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct FeerateKw(u32);

impl FeerateKw {
    /// No fee at all: the feerate of zero-fee formats.
    pub const ZERO: Self = Self(0);
    /// The lowest feerate BOLT 2 nodes use: 253 sat/kW.
    pub const FLOOR: Self = Self(253);

    /// A feerate of `sat_per_kw` satoshi per 1000 weight units.
    pub const fn from_sat_per_kw(sat_per_kw: u32) -> Self {
        Self(sat_per_kw)
    }

    /// A feerate of whole satoshi per virtual byte.
    ///
    /// # Errors
    /// [`ParseFeerateError::TooLarge`] above 17,179,869 sat/vB.
    pub const fn from_sat_per_vb(sat_per_vb: u32) -> Result<Self, ParseFeerateError> {
        match sat_per_vb.checked_mul(250) {
            Some(kw) => Ok(Self(kw)),
            None => Err(ParseFeerateError::TooLarge),
        }
    }

    /// The feerate in sat/kW.
    pub const fn to_sat_per_kw(self) -> u32 {
        self.0
    }

    /// The fee of a weight, rounded down (BOLT 3, "Fee Calculation").
    pub const fn fee_floor(self, weight: Weight) -> Amount {
        Amount::from_sat(self.scaled(weight) / 1000)
    }

    /// The fee of a weight, rounded up: what a transaction must pay to reach the feerate.
    pub const fn fee_ceil(self, weight: Weight) -> Amount {
        Amount::from_sat(self.scaled(weight).div_ceil(1000))
    }

    /// The fee of a weight, exact in millisatoshi.
    pub const fn fee_msat(self, weight: Weight) -> Msat {
        Msat::from_msat(self.scaled(weight))
    }

    const fn scaled(self, weight: Weight) -> u64 {
        (self.0 as u64).saturating_mul(weight.to_wu())
    }
}

impl FromStr for FeerateKw {
    type Err = ParseFeerateError;

    /// Reads decimals of sat/vB, at least 0.1: `5`, `0.5`, `12.25`. Digits finer than 0.004 sat/vB are rounded down.
    fn from_str(text: &str) -> Result<Self, ParseFeerateError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let shape_ok = digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty());
        if !shape_ok || (text.contains('.') && fraction.is_empty()) {
            return Err(ParseFeerateError::NotDecimal);
        }
        let whole: u64 =
            if whole.is_empty() { 0 } else { whole.parse().map_err(|_| ParseFeerateError::TooLarge)? };
        let mut micros: u64 = 0;
        for index in 0..6 {
            let digit = fraction.as_bytes().get(index).map_or(0, |b| u64::from(b - b'0'));
            micros = micros * 10 + digit;
        }
        let total = whole
            .checked_mul(1_000_000)
            .and_then(|w| w.checked_add(micros))
            .ok_or(ParseFeerateError::TooLarge)?;
        if total < 100_000 {
            return Err(ParseFeerateError::BelowMinimum);
        }
        let kw = total.checked_mul(250).ok_or(ParseFeerateError::TooLarge)? / 1_000_000;
        u32::try_from(kw).map(Self).map_err(|_| ParseFeerateError::TooLarge)
    }
}

impl fmt::Display for FeerateKw {
    /// In sat/vB with as many decimals as needed, at most three.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milli = u64::from(self.0) * 4;
        let (whole, rest) = (milli / 1000, milli % 1000);
        match rest {
            0 => write!(f, "{whole} sat/vB"),
            r if r % 100 == 0 => write!(f, "{whole}.{} sat/vB", r / 100),
            r if r % 10 == 0 => write!(f, "{whole}.{:02} sat/vB", r / 10),
            r => write!(f, "{whole}.{r:03} sat/vB"),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn decimals_of_sat_per_vb_are_read() {
        for (text, kw) in [("5", 1250), ("0.1", 25), ("0.5", 125), ("12.25", 3062), (".5", 125), ("1", 250)] {
            assert_eq!(text.parse(), Ok(FeerateKw::from_sat_per_kw(kw)), "{text}");
        }
    }

    #[test]
    fn bad_feerates_are_refused_with_the_reason() {
        for (text, error) in [
            ("", ParseFeerateError::NotDecimal),
            (".", ParseFeerateError::NotDecimal),
            ("5.", ParseFeerateError::NotDecimal),
            ("-1", ParseFeerateError::NotDecimal),
            ("1e3", ParseFeerateError::NotDecimal),
            ("0.09", ParseFeerateError::BelowMinimum),
            ("0", ParseFeerateError::BelowMinimum),
            ("99999999999999999999", ParseFeerateError::TooLarge),
            ("18000000", ParseFeerateError::TooLarge),
        ] {
            assert_eq!(text.parse::<FeerateKw>(), Err(error), "{text}");
        }
    }

    #[test]
    fn fees_round_in_the_stated_direction() {
        let feerate = FeerateKw::from_sat_per_kw(253);
        let weight = Weight::from_wu(1124);
        assert_eq!(feerate.fee_floor(weight).to_sat(), 284);
        assert_eq!(feerate.fee_ceil(weight).to_sat(), 285);
        assert_eq!(feerate.fee_msat(weight).to_msat(), 284_372);
    }

    #[test]
    fn display_is_sat_per_vb() {
        for (kw, text) in
            [(250, "1 sat/vB"), (25, "0.1 sat/vB"), (253, "1.012 sat/vB"), (2505, "10.02 sat/vB")]
        {
            assert_eq!(FeerateKw::from_sat_per_kw(kw).to_string(), text);
        }
    }
}
