//! Versioned forms of state that is stored: each begins with a version, and any other version is refused.

use core::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::quantity::{AmountOverflow, HtlcId, Side};

/// The version of a stored form. It reads only its own number.
pub(crate) struct Version<const N: u32>;

impl<const N: u32> Serialize for Version<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(N)
    }
}

impl<'de, const N: u32> Deserialize<'de> for Version<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number<const N: u32>;

        impl<const N: u32> Visitor<'_> for Number<N> {
            type Value = Version<N>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "version {N}")
            }

            fn visit_u64<E: de::Error>(self, version: u64) -> Result<Version<N>, E> {
                if version == u64::from(N) {
                    return Ok(Version);
                }
                Err(E::invalid_value(de::Unexpected::Unsigned(version), &self))
            }
        }

        deserializer.deserialize_u32(Number::<N>)
    }
}

/// A stored state contradicts itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum SnapshotError {
    /// The amounts do not add up in 64 bits.
    #[error("amounts do not fit into 64 bits")]
    Overflow,
    /// An HTLC stands twice or holds nothing.
    #[error("{offered_by} htlc {id} is empty or stands twice")]
    Htlc {
        /// Who offered it.
        offered_by: Side,
        /// Its id.
        id: HtlcId,
    },
}

impl From<AmountOverflow> for SnapshotError {
    fn from(_: AmountOverflow) -> Self {
        Self::Overflow
    }
}
