//! One door to the workspace: re-exports and nothing else.
//!
//! Each crate is useful on its own; this one is for programs that want several of them in versions that fit together.
//!
//! | module | crate | feature |
//! |---|---|---|
//! | [`core`] | `channel-core`: quantities, dust, HTLCs, commitment spec, limits, the channel ledger | always |
//! | [`tx`] | `channel-tx`: every transaction of a channel, unsigned, and what it weighs | always |
//! | `tx::descriptor` | the same: which output descriptors may fund a channel | `descriptor` |
//! | `tx::psbt` | the same: PSBTs with MuSig2 fields for funding, splice and close | `psbt` |
//! | `sign` | `channel-sign`: keys, per-commitment secrets, MuSig2, the signer and its policies | `sign` |
//! | `store` | `channel-store`: where channels are kept, in memory or in a SQLite file | `store` |
//! | `chain` | `channel-chain`: the chain port and the embedded regtest chain | `chain` |
//! | `advisor` | `channel-advisor`: listings in, priced plan out | `advisor` (default) |

#[cfg(feature = "advisor")]
pub use channel_advisor as advisor;
#[cfg(feature = "chain")]
pub use channel_chain as chain;
pub use channel_core as core;
#[cfg(feature = "sign")]
pub use channel_sign as sign;
#[cfg(feature = "store")]
pub use channel_store as store;
pub use channel_tx as tx;

/// The Bitcoin types in every public signature of the workspace.
pub use channel_core::bitcoin;
