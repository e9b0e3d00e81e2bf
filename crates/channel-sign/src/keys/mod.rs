//! The secret keys of one channel, and what is derived from them for each commitment (BOLT 3, "Key Derivation").
//!
//! [`ChannelSecrets`] is made by [`seed`](crate::seed) and gives out public keys only. The functions that return secret
//! keys are private to this crate: they serve the signer, which checks what it signs.

mod bridge;
mod channel;
mod derive;
mod funding_index;
mod secret;

pub(crate) use bridge::{from_bitcoin, to_bitcoin};
pub use channel::ChannelSecrets;
pub use funding_index::FundingIndex;
pub use secret::NotASecretKey;
pub(crate) use secret::{Basepoint, KeySecret};

#[cfg(test)]
mod tests;
