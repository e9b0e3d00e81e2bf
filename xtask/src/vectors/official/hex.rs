//! Bytes of a source as the fixtures write them: lower-case hexadecimal of a known length.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Hexadecimal of `N` bytes, in lower case; of any length when `N` is [`ANY`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Hex<const N: usize = ANY>(String);

/// Stands for bytes of any number.
pub(crate) const ANY: usize = usize::MAX;

/// Why a text is not the hexadecimal expected.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum HexError {
    #[error("not pairs of hexadecimal digits")]
    Digits,
    #[error("{found} bytes where {expected} belong")]
    Length { found: usize, expected: usize },
}

impl<const N: usize> Hex<N> {
    /// The bytes the digits stand for.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        self.0
            .as_bytes()
            .chunks_exact(2)
            .filter_map(|pair| Some(value(pair[0])? << 4 | value(pair[1])?))
            .collect()
    }
}

impl Hex {
    /// The digits of `bytes`.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
        Self(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect())
    }
}

impl<const N: usize> TryFrom<String> for Hex<N> {
    type Error = HexError;

    fn try_from(text: String) -> Result<Self, HexError> {
        if !text.len().is_multiple_of(2) || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(HexError::Digits);
        }
        let found = text.len() / 2;
        if N != ANY && found != N {
            return Err(HexError::Length { found, expected: N });
        }
        Ok(Self(text.to_ascii_lowercase()))
    }
}

impl<const N: usize> From<Hex<N>> for String {
    fn from(hex: Hex<N>) -> Self {
        hex.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Hex, HexError};

    #[test]
    fn digits_are_lower_case_and_stand_for_their_bytes() {
        let hex = Hex::<2>::try_from("0AfF".to_owned()).expect("two bytes");
        assert_eq!((String::from(hex.clone()), hex.bytes()), ("0aff".to_owned(), vec![0x0a, 0xff]));
        assert_eq!(String::from(Hex::of_bytes(&[0x0a, 0xff])), "0aff");
    }

    #[test]
    fn another_length_or_digit_is_refused() {
        let refused = |text: &str| Hex::<2>::try_from(text.to_owned()).expect_err("not two bytes");
        assert_eq!(refused("0a"), HexError::Length { found: 1, expected: 2 });
        assert_eq!(refused("0a0b0c"), HexError::Length { found: 3, expected: 2 });
        assert_eq!(refused("0a0"), HexError::Digits);
        assert_eq!(refused("0a0g"), HexError::Digits);
        assert_eq!(Hex::<{ super::ANY }>::try_from(String::new()).map(|hex| hex.bytes()), Ok(Vec::new()));
    }
}
