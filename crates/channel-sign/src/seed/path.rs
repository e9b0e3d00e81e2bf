//! Which channel of which account.

use core::fmt;

use bitcoin::Network;
use bitcoin::bip32::ChildNumber;
use thiserror::Error;

/// BIP 43 purpose of this derivation: "TC" in ASCII.
const PURPOSE: u32 = 0x5443;
const STEP_BITS: u32 = 31;
const STEP_MASK: u32 = (1 << STEP_BITS) - 1;

/// One of up to 2^31 sets of channels under one seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Account(u32);

/// An account's number has more than 31 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an account's number is at most 2^31 - 1, not {number}")]
#[non_exhaustive]
pub struct AccountOutOfRange {
    /// The number given.
    pub number: u32,
}

impl Account {
    /// The first account.
    pub const ZERO: Self = Self(0);

    /// The account with this number.
    ///
    /// # Errors
    /// [`AccountOutOfRange`] above 2^31 - 1.
    pub const fn new(number: u32) -> Result<Self, AccountOutOfRange> {
        if number > STEP_MASK { Err(AccountOutOfRange { number }) } else { Ok(Self(number)) }
    }

    /// The number.
    pub const fn to_u32(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Which channel of an account. No index is ever used for two channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ChannelIndex(u64);

impl ChannelIndex {
    /// The channel with this index.
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

impl fmt::Display for ChannelIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// `m/21571'/coin'/account'/a'/b'/c'` of a channel.
pub(super) fn channel_path(network: Network, account: Account, channel: ChannelIndex) -> [ChildNumber; 6] {
    let coin = u32::from(network != Network::Bitcoin);
    let step = |shift: u32| {
        let bits = channel.0 >> shift & u64::from(STEP_MASK);
        u32::try_from(bits).expect("the mask leaves 31 bits")
    };
    [PURPOSE, coin, account.0, step(2 * STEP_BITS), step(STEP_BITS), step(0)]
        .map(|index| ChildNumber::from_hardened_idx(index).expect("every step has 31 bits"))
}
