//! Exact weights: every spend path of a channel, every output type and every transaction of a channel's life.
//!
//! From the bottom up: [`size`] (compact sizes, pushes, script numbers, witness stacks), [`script`] (lengths of the
//! scripts, byte by byte), [`InputWeight`] with [`SpendPath`], [`AnchorPath`] and [`WalletScript`], [`OutputKind`],
//! [`TransactionWeight`] that adds them up, and on top the named transactions: [`funding`] (open, close, splice) and
//! [`enforcement`] (commitment, HTLC, sweep, penalty, fee bump). [`nominal`] has the round figures the BOLTs charge
//! by, where they differ from the bytes.
//!
//! # The sum
//!
//! BIP 141: `weight = 4 x stripped size + witness size`. With the marker and flag of BIP 144 this is
//!
//! ```text
//! weight = 4 x (4 version + n(inputs) + 41 x inputs + script sigs + n(outputs) + outputs + 4 lock time)
//!        + 2 marker and flag + witnesses
//! ```
//!
//! where `n` is the length of a compact size and a witness counts its own element count. A transaction whose inputs
//! all have empty witnesses has neither marker nor witnesses.
//!
//! # Signature sizes
//!
//! A weight must be known before signing, and only Schnorr signatures have one length.
//!
//! | signature | bytes | used for |
//! |---|---|---|
//! | BIP 340, default sighash | 64 | every Taproot spend by one's own hand, MuSig2 key path |
//! | BIP 340 with a sighash byte | 65 | the peer's signature of a second-level HTLC transaction |
//! | ECDSA, channel scripts | 73 | BOLT 3 appendix A: DER of 72 bytes at most, and the sighash byte |
//! | ECDSA, wallet keys and P2WPKH `to_remote` | 72 | low S, which relay requires: DER of 71 bytes at most, and the sighash byte |
//!
//! So ECDSA figures are upper bounds, a real signature is 1 or 2 WU lighter and rarely more; Taproot figures are exact.

pub mod enforcement;
pub mod funding;
mod input;
pub mod nominal;
mod output;
pub mod script;
pub mod size;
mod spend;
mod transaction;

use channel_core::{CltvExpiry, CsvDelay};

pub use input::{InputWeight, WalletScript};
pub use output::OutputKind;
pub use spend::{AnchorPath, InputPath, SpendPath};
pub use transaction::TransactionWeight;

/// A delay of five days, 720 blocks: what published weights assume when they do not say. Two bytes as a script
/// number, as is any delay of 128..=32,767 blocks.
pub const TYPICAL_DELAY: CsvDelay = match CsvDelay::new(720) {
    Ok(delay) => delay,
    Err(_) => panic!("720 blocks are within 1..=65535"),
};

/// A height of three bytes as a script number, as is any height of 32,768..=8,388,607: every block of this century.
pub const TYPICAL_EXPIRY: CltvExpiry = match CltvExpiry::new(900_000) {
    Ok(expiry) => expiry,
    Err(_) => panic!("height 900,000 is below 500,000,000"),
};
