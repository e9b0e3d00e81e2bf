//! Values of flags: whole satoshi, shares, deviations.

use taproot_channels::core::Msat;
use thiserror::Error;

/// Why the text of a flag is not the value it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum ParseValueError {
    /// Not whole satoshi.
    #[error("whole satoshi are wanted, such as 1250000 or 1_250_000")]
    NotSat,
    /// More than there will ever be.
    #[error("more than the 2,100,000,000,000,000 sat there will ever be")]
    TooMuch,
    /// Not a decimal number.
    #[error("a decimal number is wanted, such as 0.65")]
    NotDecimal,
    /// Above 1.
    #[error("a share is between 0 and 1")]
    NotShare,
    /// More than ten deviations.
    #[error("between 0 and 10 deviations are possible")]
    TooFar,
}

/// Whole satoshi; `_` may group digits.
pub(crate) fn sat(text: &str) -> Result<Msat, ParseValueError> {
    let digits: String = text.chars().filter(|c| *c != '_').collect();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) || text.starts_with('_') {
        return Err(ParseValueError::NotSat);
    }
    let sat: u64 = digits.parse().map_err(|_| ParseValueError::TooMuch)?;
    Msat::from_sat(sat).ok().filter(|amount| *amount <= Msat::MAX_MONEY).ok_or(ParseValueError::TooMuch)
}

/// A share between 0 and 1, in parts per million.
pub(crate) fn share(text: &str) -> Result<u32, ParseValueError> {
    match decimal(text, 6)? {
        ppm @ 0..=1_000_000 => u32::try_from(ppm).map_err(|_| ParseValueError::NotShare),
        _ => Err(ParseValueError::NotShare),
    }
}

/// A number of standard deviations, in thousandths.
pub(crate) fn deviations(text: &str) -> Result<u32, ParseValueError> {
    match decimal(text, 3)? {
        milli @ 0..=10_000 => u32::try_from(milli).map_err(|_| ParseValueError::TooFar),
        _ => Err(ParseValueError::TooFar),
    }
}

/// `text` times 10 to the power of `places`; finer digits are refused, so nothing is rounded away unseen.
fn decimal(text: &str, places: usize) -> Result<u64, ParseValueError> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > places {
        return Err(ParseValueError::NotDecimal);
    }
    format!("{whole}{fraction:0<places$}").parse().map_err(|_| ParseValueError::NotDecimal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn satoshi_are_whole_and_exist() {
        assert_eq!(sat("1_250_000"), Ok(Msat::from_msat(1_250_000_000)));
        assert_eq!(sat("0"), Ok(Msat::ZERO));
        assert_eq!(sat("2100000000000000"), Ok(Msat::MAX_MONEY));
        assert_eq!(sat("2100000000000001"), Err(ParseValueError::TooMuch));
        assert_eq!(sat("99999999999999999999999"), Err(ParseValueError::TooMuch));
        for text in ["", "_", "-1", "1.5", "1e3", "_1", "１"] {
            assert_eq!(sat(text), Err(ParseValueError::NotSat), "{text}");
        }
    }

    #[test]
    fn shares_are_exact_parts_per_million() {
        assert_eq!(share("0.65"), Ok(650_000));
        assert_eq!(share("1"), Ok(1_000_000));
        assert_eq!(share("0.000001"), Ok(1));
        assert_eq!(share("1.000001"), Err(ParseValueError::NotShare));
        for text in ["", ".", ".5", "5.", "-0.5", "0.0000001", "1,5"] {
            assert_eq!(share(text), Err(ParseValueError::NotDecimal), "{text}");
        }
    }

    #[test]
    fn deviations_are_thousandths() {
        assert_eq!(deviations("1.645"), Ok(1645));
        assert_eq!(deviations("10"), Ok(10_000));
        assert_eq!(deviations("10.001"), Err(ParseValueError::TooFar));
    }
}
