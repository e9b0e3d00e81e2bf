//! From the words on paper to the secrets of a channel.
//!
//! ```text
//! words, passphrase                 BIP 39
//!   64-byte seed                    BIP 32
//!     m/21571'/coin'/account'/a'/b'/c'
//!       HKDF-SHA256                 one label for each purpose
//!         ChannelSecrets
//! ```
//!
//! # Derivation
//!
//! - `coin` is 0 on mainnet and 1 on every test network (SLIP 44).
//! - `a`, `b`, `c` are the channel's 64-bit index: its highest 2 bits, the next 31, the lowest 31. Every step is hardened,
//!   so the secret of one channel tells nothing of another or of the account.
//! - HKDF (RFC 5869) takes the 32-byte private key at that path as input and `taproot-channels/v1` as salt. `info` is,
//!   in this order: the chain hash (32 bytes, BOLT 0), an index (4 bytes, big-endian), a counter (1 byte) and the
//!   purpose's label. 32 bytes are expanded.
//! - The index is that of the [funding transaction](crate::keys::FundingIndex) for funding keys and 0 otherwise. The
//!   counter is 0; should the bytes not be a secret key of the curve, it is counted up until they are.
//!
//! | label | what |
//! |---|---|
//! | `funding` | `funding_pubkey`, one for each funding transaction |
//! | `revocation-basepoint` | `revocation_basepoint` |
//! | `payment-basepoint` | `payment_basepoint` |
//! | `delayed-payment-basepoint` | `delayed_payment_basepoint` |
//! | `htlc-basepoint` | `htlc_basepoint` |
//! | `per-commitment-seed` | the seed of the per-commitment secrets; any 32 bytes will do |
//! | `state-signing` | the key that signs state digests |
//!
//! Known answers are in `tests/vectors/own_derivation.json` of this crate. From the first release on they do not change:
//! a change of the derivation gets a new salt beside the old one, so other programs may rely on them and old words keep
//! finding old channels.
//!
//! # One index, one channel
//!
//! Two channels with one index share every key, and a signature or a revealed secret of one then works in the other. The
//! caller counts the index up, stores it before it uses it, and never takes one twice.
//!
//! ```
//! use channel_sign::bitcoin::Network;
//! use channel_sign::keys::FundingIndex;
//! use channel_sign::seed::{Account, ChannelIndex, Mnemonic};
//!
//! let entropy = [0x17; 32]; // from the operating system's random numbers
//! let words = Mnemonic::from_entropy(&entropy)?;
//! let master = words.to_seed("a passphrase").master_key(Network::Regtest)?;
//! let secrets = master.channel(Account::ZERO, ChannelIndex::new(0))?;
//! let basepoints = secrets.basepoints(FundingIndex::OPENING)?;
//! assert_ne!(basepoints.funding, secrets.funding_public_key(FundingIndex::new(1))?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod expand;
mod master;
mod mnemonic;
mod path;

pub(crate) use expand::{Expander, Purpose};
pub use master::{DeriveChannelError, MasterKey, Seed};
pub use mnemonic::{Mnemonic, MnemonicError};
pub use path::{Account, AccountOutOfRange, ChannelIndex};

#[cfg(test)]
mod tests;
