//! One JSON value as listings print it: a number or a string of digits, checked when it is used, so that an error can
//! name its place.

use std::borrow::Cow;
use std::fmt;

use bitcoin::Amount;
use channel_core::Msat;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{ImportError, ValueProblem};

/// A value whose kind is not settled yet. Reading one never fails; missing and `null` are the same.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Scalar<'a> {
    #[default]
    Missing,
    Bool(bool),
    Unsigned(u64),
    Negative(i64),
    /// Fractions, and whole numbers beyond 64 bits.
    Float(f64),
    Text(Cow<'a, str>),
    /// A list or an object.
    Nested,
}

/// 2^53: up to here a float holds every whole number.
const EXACT_FLOAT: f64 = 9_007_199_254_740_992.0;

impl Scalar<'_> {
    /// The text, when it is one and not empty.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !text.trim().is_empty() => Some(text.trim()),
            _ => None,
        }
    }

    /// This value, or `other` where this one is missing: fields that changed their name, some printed under both.
    pub(super) const fn or<'s>(&'s self, other: &'s Self) -> &'s Self {
        if matches!(self, Self::Missing) { other } else { self }
    }

    /// A truth value; anything else tells nothing.
    pub(super) fn flag(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// An id that some print as a number and some as a string.
    pub(super) fn id(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Unsigned(number) => Some(Cow::Owned(number.to_string())),
            _ => self.text().map(Cow::Borrowed),
        }
    }

    /// Seconds since the epoch, fractions included, as nanoseconds. Times are not money: a float will do.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "held in range before the cast; floats are good to about a quarter of a microsecond here"
    )]
    pub(super) fn seconds_as_ns(&self) -> Option<i64> {
        match self {
            Self::Float(seconds) if seconds.abs() < 9e9 => {
                let whole = seconds.floor();
                let micros = ((seconds - whole) * 1e6).round() as i64;
                Some((whole as i64) * 1_000_000_000 + micros * 1000)
            }
            _ => self.signed()?.checked_mul(1_000_000_000),
        }
    }

    /// A signed whole number, when it is one.
    pub(super) fn signed(&self) -> Option<i64> {
        match self {
            Self::Unsigned(number) => i64::try_from(*number).ok(),
            Self::Negative(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A whole number from 0 to `u64::MAX`, never through a float beyond 2^53; `None` when missing.
    pub(super) fn unsigned(&self) -> Result<Option<u64>, ValueProblem> {
        match self {
            Self::Missing => Ok(None),
            Self::Unsigned(number) => Ok(Some(*number)),
            Self::Negative(_) => Err(ValueProblem::Negative),
            Self::Float(number) => whole(*number).map(Some),
            Self::Text(text) => match plain(text) {
                Some(number) => Ok(Some(number)),
                None if text.trim().is_empty() => Ok(None),
                None => decimal(text.trim()).map(Some),
            },
            Self::Bool(_) | Self::Nested => Err(ValueProblem::NotANumber),
        }
    }

    /// Millisatoshi, with Core Lightning's old suffix `msat` allowed.
    pub(super) fn msat(&self) -> Result<Option<Msat>, ValueProblem> {
        if let Self::Text(text) = self
            && text.ends_with(|c: char| !c.is_ascii_digit())
            && let Some(digits) = text.trim().strip_suffix("msat")
        {
            return decimal(digits.trim_end()).map(|msat| Some(Msat::from_msat(msat)));
        }
        Ok(self.unsigned()?.map(Msat::from_msat))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value was just found whole and between 0 and 2^53"
)]
fn whole(number: f64) -> Result<u64, ValueProblem> {
    if number < 0.0 {
        Err(ValueProblem::Negative)
    } else if number > EXACT_FLOAT {
        Err(ValueProblem::TooLarge)
    } else if number.fract() != 0.0 {
        Err(ValueProblem::Fractional)
    } else {
        Ok(number as u64)
    }
}

/// The number of a string of 1 to 19 digits, which always fits: nearly every number of a listing. A graph has a
/// million of them.
fn plain(text: &str) -> Option<u64> {
    let digits = text.as_bytes();
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    let mut number = 0;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + u64::from(digit);
    }
    Some(number)
}

/// Any other string: tells what is wrong with it.
fn decimal(text: &str) -> Result<u64, ValueProblem> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (integer, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if integer.is_empty() || !all_digits(integer) || !all_digits(fraction) {
        return Err(ValueProblem::NotANumber);
    }
    if text.starts_with('-') && digits.bytes().any(|byte| byte.is_ascii_digit() && byte != b'0') {
        return Err(ValueProblem::Negative);
    }
    if fraction.bytes().any(|byte| byte != b'0') {
        return Err(ValueProblem::Fractional);
    }
    integer.parse().map_err(|_| ValueProblem::TooLarge)
}

impl fmt::Display for Scalar<'_> {
    /// The value as it stands in the document, at most 40 characters of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => Ok(()),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Unsigned(number) => write!(f, "{number}"),
            Self::Negative(number) => write!(f, "{number}"),
            Self::Float(number) if number.abs() >= 1e21 => write!(f, "{number:e}"),
            Self::Float(number) => write!(f, "{number}"),
            Self::Text(text) => {
                let short: String = text.chars().take(40).filter(|c| !c.is_control()).collect();
                let more = if text.chars().count() > 40 { "…" } else { "" };
                write!(f, "\"{short}{more}\"")
            }
            Self::Nested => f.write_str("a list or an object"),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Scalar::Unsigned(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(u64::try_from(value).map_or(Scalar::Negative(value), Scalar::Unsigned))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Scalar::Float(value))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Missing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nested)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nested)
    }
}

/// Where a row of a document stands; names values in errors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'d> {
    /// The document's name.
    pub(super) document: &'d str,
    /// The row's place in it.
    pub(super) place: Place<'d>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'d> {
    /// The document itself.
    Root,
    /// An entry of a list; the list has no name when it is the document.
    Entry(&'d str, usize),
    /// An entry of an object with free keys.
    Key(&'d str),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Entry(list, index) => write!(f, "{list}[{index}]"),
            Self::Key(key) => write!(f, "{key:?}"),
        }
    }
}

impl<'d> Row<'d> {
    pub(super) const fn root(document: &'d str) -> Self {
        Self { document, place: Place::Root }
    }

    pub(super) const fn entry(document: &'d str, list: &'d str, index: usize) -> Self {
        Self { document, place: Place::Entry(list, index) }
    }

    /// The error of a value at `field` of this row.
    pub(super) fn error(
        &self,
        field: impl fmt::Display,
        value: &Scalar<'_>,
        problem: ValueProblem,
    ) -> ImportError {
        let path = match self.place {
            Place::Root => field.to_string(),
            place => format!("{place}.{field}"),
        };
        ImportError::Value {
            document: self.document.into(),
            path: path.into(),
            found: value.to_string().into(),
            problem,
        }
    }

    /// A whole number.
    pub(super) fn unsigned(
        &self,
        field: impl fmt::Display,
        value: &Scalar<'_>,
    ) -> Result<Option<u64>, ImportError> {
        value.unsigned().map_err(|problem| self.error(field, value, problem))
    }

    /// A whole number of a smaller type.
    pub(super) fn narrow<T: TryFrom<u64>>(
        &self,
        field: impl fmt::Display,
        value: &Scalar<'_>,
    ) -> Result<Option<T>, ImportError> {
        let number = value.unsigned().and_then(|number| match number {
            None => Ok(None),
            Some(number) => T::try_from(number).map(Some).map_err(|_| ValueProblem::TooLarge),
        });
        number.map_err(|problem| self.error(field, value, problem))
    }

    /// An amount printed in millisatoshi.
    pub(super) fn msat(
        &self,
        field: impl fmt::Display,
        value: &Scalar<'_>,
    ) -> Result<Option<Msat>, ImportError> {
        value.msat().map_err(|problem| self.error(field, value, problem))
    }

    /// A limit printed in millisatoshi. Tools that read numbers as floats print `u64::MAX` ("no limit") as a number
    /// beyond 64 bits; a limit may be held at the largest amount, a balance may not.
    pub(super) fn msat_limit(
        &self,
        field: impl fmt::Display,
        value: &Scalar<'_>,
    ) -> Result<Option<Msat>, ImportError> {
        match value.msat() {
            Err(ValueProblem::TooLarge) => Ok(Some(Msat::MAX)),
            Err(problem) => Err(self.error(field, value, problem)),
            Ok(limit) => Ok(limit),
        }
    }

    /// An amount printed in satoshi, as satoshi.
    pub(super) fn sat(
        &self,
        field: impl fmt::Display,
        value: &Scalar<'_>,
    ) -> Result<Option<Amount>, ImportError> {
        Ok(self.unsigned(field, value)?.map(Amount::from_sat))
    }

    /// An amount printed in satoshi, as millisatoshi.
    pub(super) fn sat_as_msat(
        &self,
        field: impl fmt::Display,
        value: &Scalar<'_>,
    ) -> Result<Option<Msat>, ImportError> {
        let amount = value.unsigned().and_then(|number| match number {
            None => Ok(None),
            Some(sat) => Msat::from_sat(sat).map(Some).map_err(|_| ValueProblem::TooLarge),
        });
        amount.map_err(|problem| self.error(field, value, problem))
    }

    /// A value without which the row means nothing.
    pub(super) fn required<T>(&self, field: impl fmt::Display, value: Option<T>) -> Result<T, ImportError> {
        value.ok_or_else(|| self.error(field, &Scalar::Missing, ValueProblem::Missing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Scalar<'_> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn whole_numbers_are_read_as_number_or_string_to_the_last_bit() {
        for (text, value) in [
            ("18446744073709551615", u64::MAX),
            ("\"18446744073709551615\"", u64::MAX),
            ("0", 0),
            ("-0", 0),
            ("\"000123\"", 123),
            ("20000.0", 20_000),
            ("1e3", 1000),
            ("\"5.00\"", 5),
            ("\" 7 \"", 7),
            ("\"9999999999999999999\"", 9_999_999_999_999_999_999),
        ] {
            assert_eq!(read(text).unsigned(), Ok(Some(value)), "{text}");
        }
        assert_eq!(read("\"18446744073709551615msat\"").msat(), Ok(Some(Msat::MAX)));
        assert_eq!(read("null").unsigned(), Ok(None));
        assert_eq!(read("\"\"").unsigned(), Ok(None));
    }

    #[test]
    fn impossible_numbers_are_told_apart() {
        for (text, problem) in [
            ("-1", ValueProblem::Negative),
            ("\"-1\"", ValueProblem::Negative),
            ("\"-0.5\"", ValueProblem::Negative),
            ("-0.5", ValueProblem::Negative),
            ("0.5", ValueProblem::Fractional),
            ("\"1.5\"", ValueProblem::Fractional),
            ("18446744073709551616", ValueProblem::TooLarge),
            ("\"18446744073709551616\"", ValueProblem::TooLarge),
            ("1e300", ValueProblem::TooLarge),
            ("\"many\"", ValueProblem::NotANumber),
            ("\"1_000\"", ValueProblem::NotANumber),
            ("true", ValueProblem::NotANumber),
            ("[1]", ValueProblem::NotANumber),
            ("{\"a\":1}", ValueProblem::NotANumber),
        ] {
            assert_eq!(read(text).unsigned(), Err(problem), "{text}");
        }
        assert_eq!(read("\"msat\"").msat(), Err(ValueProblem::NotANumber));
    }

    #[test]
    fn an_error_names_file_path_and_value() {
        let row = Row::entry("node.json", "channels", 3);
        let error = row.msat("local_balance", &read("\"-7\"")).unwrap_err();
        assert_eq!(error.to_string(), "node.json: channels[3].local_balance: negative number: \"-7\"");
        let error = row.narrow::<u16>("csv_delay", &read("65536")).unwrap_err();
        assert_eq!(error.to_string(), "node.json: channels[3].csv_delay: number too large: 65536");
        assert_eq!(row.msat_limit("x", &read("18446744073709552000")).unwrap(), Some(Msat::MAX));
    }

    #[test]
    fn times_keep_microseconds() {
        assert_eq!(read("1738000000.123456").seconds_as_ns(), Some(1_738_000_000_123_456_000));
        assert_eq!(read("1738000000").seconds_as_ns(), Some(1_738_000_000_000_000_000));
        assert_eq!(read("1e300").seconds_as_ns(), None);
        assert_eq!(read("\"9223372036854775807\"").seconds_as_ns(), None);
    }
}
