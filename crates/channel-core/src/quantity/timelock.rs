//! Relative and absolute delays, in blocks.

use super::QuantityOutOfRange;

/// A relative delay in blocks, 1..=65535 (BIP 68; BOLT 3 `to_self_delay`).
///
/// Zero is refused: the Taproot scripts leave the delay as the only stack element, so a delay of zero would make the
/// output unspendable by that leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "u16", into = "u16")
)]
pub struct CsvDelay(u16);

impl CsvDelay {
    /// A delay of `blocks`.
    ///
    /// # Errors
    /// [`QuantityOutOfRange`] for zero.
    pub const fn new(blocks: u16) -> Result<Self, QuantityOutOfRange> {
        if blocks == 0 {
            return Err(QuantityOutOfRange { quantity: "to_self_delay", min: 1, max: 65_535, value: 0 });
        }
        Ok(Self(blocks))
    }

    /// The delay in blocks.
    pub const fn to_blocks(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for CsvDelay {
    type Error = QuantityOutOfRange;

    fn try_from(blocks: u16) -> Result<Self, QuantityOutOfRange> {
        Self::new(blocks)
    }
}

impl From<CsvDelay> for u16 {
    fn from(delay: CsvDelay) -> Self {
        delay.0
    }
}

/// The block height at which an HTLC times out, 1..500,000,000 (BOLT 2: `cltv_expiry`; BIP 65 reads more as a time).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "u32", into = "u32")
)]
pub struct CltvExpiry(u32);

impl CltvExpiry {
    /// The expiry at block `height`.
    ///
    /// # Errors
    /// [`QuantityOutOfRange`] for zero (the Taproot timeout leaf could never be spent) and from 500,000,000 on.
    pub const fn new(height: u32) -> Result<Self, QuantityOutOfRange> {
        if height == 0 || height >= 500_000_000 {
            return Err(QuantityOutOfRange {
                quantity: "cltv_expiry",
                min: 1,
                max: 499_999_999,
                value: height as u64,
            });
        }
        Ok(Self(height))
    }

    /// The block height.
    pub const fn to_height(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for CltvExpiry {
    type Error = QuantityOutOfRange;

    fn try_from(height: u32) -> Result<Self, QuantityOutOfRange> {
        Self::new(height)
    }
}

impl From<CltvExpiry> for u32 {
    fn from(expiry: CltvExpiry) -> Self {
        expiry.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_delays_are_refused() {
        assert!(CsvDelay::new(0).is_err());
        assert_eq!(CsvDelay::new(65_535).map(CsvDelay::to_blocks), Ok(65_535));
        assert!(CltvExpiry::new(0).is_err());
        assert!(CltvExpiry::new(500_000_000).is_err());
        assert_eq!(CltvExpiry::new(499_999_999).map(CltvExpiry::to_height), Ok(499_999_999));
    }
}
