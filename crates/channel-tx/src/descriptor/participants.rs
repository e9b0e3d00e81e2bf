//! The two parties of a channel, by their funding keys.

use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use bitcoin::XOnlyPublicKey;
use bitcoin::secp256k1::{Parity, PublicKey};
use thiserror::Error;

use super::NumsPoint;
use crate::keys::AggregateKey;

/// A party's funding key as it was given: with or without the parity of its y coordinate.
///
/// Scripts of a Taproot output carry 32 bytes, MuSig2 (BIP 327) combines 33: the MuSig2 key of two parties is known
/// only when both keys are whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FundingKey {
    /// 33 bytes, compressed.
    Whole(PublicKey),
    /// 32 bytes, the x coordinate alone (BIP 340).
    XOnly(XOnlyPublicKey),
}

/// Why a text is no funding key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParseFundingKeyError {
    /// Something else than hexadecimal digits, a placeholder perhaps.
    #[error("not a public key in hexadecimal; 64 or 66 digits are wanted")]
    NotHex,
    /// Another number of digits.
    #[error("{found} hexadecimal digits; a public key has 64 (x coordinate) or 66 (compressed)")]
    Length {
        /// Digits there are.
        found: usize,
    },
    /// 65 bytes that start with 04.
    #[error("an uncompressed key; give the 33 bytes of its compressed form")]
    Uncompressed,
    /// No point of the curve has these bytes.
    #[error("these bytes are no point of the curve secp256k1")]
    NotOnCurve,
}

impl FundingKey {
    /// The 32 bytes that scripts of a Taproot output carry.
    pub fn x_only(&self) -> XOnlyPublicKey {
        match self {
            Self::Whole(key) => key.x_only_public_key().0,
            Self::XOnly(key) => *key,
        }
    }

    /// The 33-byte key, if it was given.
    pub const fn whole(&self) -> Option<PublicKey> {
        match self {
            Self::Whole(key) => Some(*key),
            Self::XOnly(_) => None,
        }
    }

    /// Every 33-byte key this can stand for.
    fn candidates(&self) -> Vec<PublicKey> {
        match self {
            Self::Whole(key) => [*key].to_vec(),
            Self::XOnly(key) => [Parity::Even, Parity::Odd].map(|parity| key.public_key(parity)).to_vec(),
        }
    }
}

impl fmt::Display for FundingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(key) => key.fmt(f),
            Self::XOnly(key) => key.fmt(f),
        }
    }
}

impl FromStr for FundingKey {
    type Err = ParseFundingKeyError;

    fn from_str(text: &str) -> Result<Self, ParseFundingKeyError> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(ParseFundingKeyError::NotHex);
        }
        match text.len() {
            64 => text.parse().map(Self::XOnly).map_err(|_| ParseFundingKeyError::NotOnCurve),
            66 => text.parse().map(Self::Whole).map_err(|_| ParseFundingKeyError::NotOnCurve),
            130 => Err(ParseFundingKeyError::Uncompressed),
            found => Err(ParseFundingKeyError::Length { found }),
        }
    }
}

/// One of the two parties, in the order they were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Participant {
    /// The first.
    First,
    /// The second.
    Second,
}

impl fmt::Display for Participant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "the first participant",
            Self::Second => "the second participant",
        })
    }
}

/// The funding keys of the two parties of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Participants([FundingKey; 2]);

/// Why these are not the two parties of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParticipantsError {
    /// Not two.
    #[error("a channel has exactly 2 participants, not {found}")]
    Count {
        /// How many there are.
        found: usize,
    },
    /// One of the texts is no public key.
    #[error("participant {index}: {source}")]
    Key {
        /// Which, from 0.
        index: usize,
        /// What it is instead.
        source: ParseFundingKeyError,
    },
    /// A key that nobody can sign for.
    #[error("{participant} has a known point without a private key: what both would own is lost")]
    Nums {
        /// Who.
        participant: Participant,
    },
    /// One key twice: its holder could sign alone.
    #[error("both participants have the same key")]
    SameKey,
}

impl Participants {
    /// The two parties.
    ///
    /// # Errors
    /// [`ParticipantsError::SameKey`] when both keys have one x coordinate, [`ParticipantsError::Nums`] when one is a
    /// [`NumsPoint`].
    pub fn new(first: FundingKey, second: FundingKey) -> Result<Self, ParticipantsError> {
        for (participant, key) in [(Participant::First, first), (Participant::Second, second)] {
            if NumsPoint::of(key.x_only()).is_some() {
                return Err(ParticipantsError::Nums { participant });
            }
        }
        if first.x_only() == second.x_only() {
            return Err(ParticipantsError::SameKey);
        }
        Ok(Self([first, second]))
    }

    /// The two parties from hexadecimal texts.
    ///
    /// # Errors
    /// [`ParticipantsError`] unless there are exactly two, both are keys, and they differ.
    pub fn parse<T: AsRef<str>>(texts: &[T]) -> Result<Self, ParticipantsError> {
        let [first, second] = texts else {
            return Err(ParticipantsError::Count { found: texts.len() });
        };
        let key = |index: usize, text: &T| {
            text.as_ref().parse().map_err(|source| ParticipantsError::Key { index, source })
        };
        Self::new(key(0, first)?, key(1, second)?)
    }

    /// The keys, in the order given.
    pub const fn keys(&self) -> &[FundingKey; 2] {
        &self.0
    }

    /// The MuSig2 aggregate, if both keys are whole.
    pub fn aggregate(&self) -> Option<AggregateKey> {
        AggregateKey::new(&self.0[0].whole()?, &self.0[1].whole()?).ok()
    }

    /// Every MuSig2 aggregate the keys can give: one when both are whole, up to four otherwise.
    pub(super) fn possible_aggregates(&self) -> Vec<AggregateKey> {
        let [first, second] = self.0.map(|key| key.candidates());
        let pairs = first.iter().flat_map(|a| second.iter().map(move |b| (a, b)));
        pairs.filter_map(|(a, b)| AggregateKey::new(a, b).ok()).collect()
    }

    /// Whose key this is.
    pub(super) fn owner(&self, key: XOnlyPublicKey) -> Option<Participant> {
        [Participant::First, Participant::Second]
            .into_iter()
            .zip(&self.0)
            .find_map(|(owner, own)| (own.x_only() == key).then_some(owner))
    }
}
