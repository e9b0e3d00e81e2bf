//! Identifiers: channels, HTLCs, commitments.

use core::fmt;
use core::str::FromStr;

use bitcoin::OutPoint;
use bitcoin::hashes::Hash;

use super::{ParseShortChannelIdError, QuantityOutOfRange};

/// The permanent channel id: the funding txid XOR the funding output index in its last two bytes (BOLT 2,
/// "Definition of `channel_id`"). Serialised as 64 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct ChannelId(#[cfg_attr(feature = "serde", serde(with = "super::hex"))] [u8; 32]);

impl ChannelId {
    /// The id of the channel that `funding` pays into.
    ///
    /// # Errors
    /// [`QuantityOutOfRange`] when the output index exceeds 65,535, which no funding transaction can have.
    pub fn from_funding(funding: OutPoint) -> Result<Self, QuantityOutOfRange> {
        let index = u16::try_from(funding.vout).map_err(|_| QuantityOutOfRange {
            quantity: "funding_output_index",
            min: 0,
            max: u64::from(u16::MAX),
            value: u64::from(funding.vout),
        })?;
        let mut bytes = funding.txid.to_byte_array();
        let [high, low] = index.to_be_bytes();
        bytes[30] ^= high;
        bytes[31] ^= low;
        Ok(Self(bytes))
    }

    /// The id with these bytes (a temporary id, or one received from a peer).
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes as they are sent.
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The per-direction index of an HTLC, counted from 0 by its offerer (BOLT 2, `update_add_htlc.id`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct HtlcId(u64);

impl HtlcId {
    /// The HTLC with this index.
    pub const fn new(index: u64) -> Self {
        Self(index)
    }

    /// The index.
    pub const fn to_u64(self) -> u64 {
        self.0
    }

    /// The next index, or `None` after the last one.
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(index) => Some(Self(index)),
            None => None,
        }
    }
}

impl fmt::Display for HtlcId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The number of a commitment transaction, 48 bits, counted from 0 (BOLT 3, "Commitment Transaction").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "u64", into = "u64")
)]
pub struct CommitmentNumber(u64);

impl CommitmentNumber {
    /// The first commitment.
    pub const ZERO: Self = Self(0);
    /// The last commitment a channel can have: 2^48 - 1.
    pub const MAX: Self = Self((1 << 48) - 1);

    /// The commitment with this number.
    ///
    /// # Errors
    /// [`QuantityOutOfRange`] above 2^48 - 1.
    pub const fn new(number: u64) -> Result<Self, QuantityOutOfRange> {
        if number > Self::MAX.0 {
            return Err(QuantityOutOfRange {
                quantity: "commitment_number",
                min: 0,
                max: Self::MAX.0,
                value: number,
            });
        }
        Ok(Self(number))
    }

    /// The number.
    pub const fn to_u64(self) -> u64 {
        self.0
    }

    /// The next commitment, or `None` after the last one.
    pub const fn next(self) -> Option<Self> {
        if self.0 == Self::MAX.0 { None } else { Some(Self(self.0 + 1)) }
    }
}

impl fmt::Display for CommitmentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl TryFrom<u64> for CommitmentNumber {
    type Error = QuantityOutOfRange;

    fn try_from(number: u64) -> Result<Self, QuantityOutOfRange> {
        Self::new(number)
    }
}

impl From<CommitmentNumber> for u64 {
    fn from(number: CommitmentNumber) -> Self {
        number.0
    }
}

/// The SHA-256 hash that locks an HTLC (BOLT 2, `payment_hash`). Serialised as 64 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct PaymentHash(#[cfg_attr(feature = "serde", serde(with = "super::hex"))] [u8; 32]);

impl PaymentHash {
    /// The hash with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes as they are sent.
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

impl fmt::Display for PaymentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Where a channel's funding output stands in the chain: block, transaction, output (BOLT 7, "Definition of
/// `short_channel_id`").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct ShortChannelId(u64);

impl ShortChannelId {
    /// The id with this 64-bit form: `block << 40 | transaction << 16 | output`.
    pub const fn from_u64(packed: u64) -> Self {
        Self(packed)
    }

    /// The 64-bit form.
    pub const fn to_u64(self) -> u64 {
        self.0
    }

    /// The block that confirmed the funding transaction (24 bits).
    pub const fn block_height(self) -> u32 {
        (self.0 >> 40) as u32
    }

    /// The position of the funding transaction in its block (24 bits).
    pub const fn transaction_index(self) -> u32 {
        ((self.0 >> 16) & 0xff_ffff) as u32
    }

    /// The funding output's index (16 bits).
    pub const fn output_index(self) -> u16 {
        (self.0 & 0xffff) as u16
    }
}

impl FromStr for ShortChannelId {
    type Err = ParseShortChannelIdError;

    /// Reads the form `800000x1x0`.
    fn from_str(text: &str) -> Result<Self, ParseShortChannelIdError> {
        let mut parts = text.split('x');
        let mut part = |bits: u32| -> Result<u64, ParseShortChannelIdError> {
            let text = parts.next().ok_or(ParseShortChannelIdError::Shape)?;
            if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
                return Err(ParseShortChannelIdError::Shape);
            }
            text.parse::<u64>().ok().filter(|value| *value < 1 << bits).ok_or(ParseShortChannelIdError::Range)
        };
        let packed = part(24)? << 40 | part(24)? << 16 | part(16)?;
        match parts.next() {
            Some(_) => Err(ParseShortChannelIdError::Shape),
            None => Ok(Self(packed)),
        }
    }
}

impl fmt::Display for ShortChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}x{}", self.block_height(), self.transaction_index(), self.output_index())
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use bitcoin::Txid;

    use super::*;

    #[test]
    fn channel_id_is_txid_xor_output_index() {
        // Any outpoint will do: the id of a channel opened with `open_channel` follows from the outpoint alone. (The id
        // of a dual-funded channel comes from the two revocation basepoints instead, so listings may show other ids.)
        let txid: Txid = "6958d6b2c23a79254dfd48b9b3d2a357c8c12c52a8bbd90bf48bd04e55996368".parse().unwrap();
        let id = ChannelId::from_funding(OutPoint { txid, vout: 1 }).unwrap();
        let mut expected = txid.to_byte_array();
        expected[31] ^= 1;
        assert_eq!(id.to_bytes(), expected);
        assert!(ChannelId::from_funding(OutPoint { txid, vout: 65_536 }).is_err());
        assert_eq!(id.to_string().len(), 64);
    }

    #[test]
    fn commitment_number_has_48_bits() {
        assert_eq!(CommitmentNumber::new((1 << 48) - 1), Ok(CommitmentNumber::MAX));
        assert!(CommitmentNumber::new(1 << 48).is_err());
        assert_eq!(CommitmentNumber::MAX.next(), None);
        assert_eq!(CommitmentNumber::ZERO.next().map(CommitmentNumber::to_u64), Some(1));
    }

    #[test]
    fn short_channel_id_round_trips() {
        let scid: ShortChannelId = "800003x17x65535".parse().unwrap();
        assert_eq!(
            (scid.block_height(), scid.transaction_index(), scid.output_index()),
            (800_003, 17, 65_535)
        );
        assert_eq!(scid.to_string(), "800003x17x65535");
        assert_eq!(ShortChannelId::from_u64(scid.to_u64()), scid);
    }

    #[test]
    fn bad_short_channel_ids_are_refused() {
        for (text, error) in [
            ("", ParseShortChannelIdError::Shape),
            ("1x2", ParseShortChannelIdError::Shape),
            ("1x2x3x4", ParseShortChannelIdError::Shape),
            ("1x+2x3", ParseShortChannelIdError::Shape),
            ("16777216x0x0", ParseShortChannelIdError::Range),
            ("1x2x65536", ParseShortChannelIdError::Range),
        ] {
            assert_eq!(text.parse::<ShortChannelId>(), Err(error), "{text}");
        }
    }
}
