//! What the heuristic refuses.

use std::fmt;

use thiserror::Error;

use crate::snapshot::ChannelKey;

/// An amount of a channel record, by the name the record gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AmountField {
    /// `local_balance`.
    LocalBalance,
    /// `remote_balance`.
    RemoteBalance,
    /// `capacity`.
    Capacity,
    /// `local_dust`.
    LocalDust,
    /// `remote_dust`.
    RemoteDust,
    /// `dust_limit`.
    DustLimit,
}

impl AmountField {
    /// The name in a record.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LocalBalance => "local_balance",
            Self::RemoteBalance => "remote_balance",
            Self::Capacity => "capacity",
            Self::LocalDust => "local_dust",
            Self::RemoteDust => "remote_dust",
            Self::DustLimit => "dust_limit",
        }
    }
}

impl fmt::Display for AmountField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A channel record that cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HeuristicError {
    /// An amount below zero.
    #[error("channel {channel}: {field} is negative")]
    NegativeAmount {
        /// The channel.
        channel: ChannelKey,
        /// The amount.
        field: AmountField,
    },
    /// An amount above [`HeuristicChannel::MAX_AMOUNT`](super::HeuristicChannel::MAX_AMOUNT), from which on binary
    /// floating point no longer holds every satoshi.
    #[error("channel {channel}: {field} is more than twice all bitcoin")]
    AmountTooLarge {
        /// The channel.
        channel: ChannelKey,
        /// The amount.
        field: AmountField,
    },
    /// An amount that is no whole number of satoshi.
    #[error("channel {channel}: {field} is not a whole number")]
    NotWhole {
        /// The channel.
        channel: ChannelKey,
        /// The amount.
        field: AmountField,
    },
    /// A record that is no object with a text `channel_id`.
    #[error("record {row} has no channel_id")]
    NoChannelId {
        /// Its place in the list, from 0.
        row: usize,
    },
}

/// No channel has the id asked for.
///
/// The text is the seed's own. There the same event is an object with `error`, an empty list or a `ValueError`,
/// depending on the function (B19); here it is always this error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Channel not found")]
#[non_exhaustive]
pub struct ChannelNotFound;
