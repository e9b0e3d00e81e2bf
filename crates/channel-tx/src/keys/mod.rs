//! Public keys of a channel: the basepoints the parties exchange, what is derived from them for each commitment, and
//! the MuSig2 aggregate that owns a Taproot funding output.

mod aggregate;
mod basepoints;
mod commitment;
mod derive;
pub(crate) mod point;

pub use aggregate::AggregateKey;
pub use basepoints::Basepoints;
pub use commitment::CommitmentKeys;
pub(crate) use commitment::HtlcKeys;
pub use derive::{derive_public_key, derive_revocation_key, public_key_tweak, revocation_tweaks};
pub(crate) use point::Point;

use thiserror::Error;

/// A key cannot be derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A tweak is zero, beyond the group order, or leads to the point at infinity. It happens by chance once in 2^128
    /// derivations; in practice somebody chose the keys so.
    #[error("the keys do not combine to a valid key; ask the peer for other basepoints")]
    InvalidTweak,
    /// Both parties use one funding key: either could sign alone.
    #[error("both parties use the same funding key")]
    SameFundingKey,
}
