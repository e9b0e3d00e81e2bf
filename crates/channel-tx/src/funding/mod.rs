//! Funding a channel: the output both parties own, and the transaction that makes it.
//!
//! [`Opening`] builds that transaction from the coins of one party or of both. What contributors bring, what they pay
//! and how inputs and outputs are ordered is the same for a [splice](crate::splice).
//!
//! # Fees
//!
//! Every contributor pays for the inputs and outputs it adds; the initiator's first contributor also pays for the frame
//! of the transaction, the input that is shared and the funding output (BOLT 2, "Fee Responsibility"). Each fee is
//! rounded up, so the sum is at least what the whole weight costs. [`Contributed`] has the account of each.

mod assemble;
mod contribution;
mod open;
mod order;
mod output;
mod rbf;
mod transaction;

pub(crate) use assemble::{Request, SharedInput, magnitude, relay_dust, sat};
pub use contribution::{
    CoinError, Contributed, Contribution, ContributionError, ForeignCoin, FrameError, FundingInput,
    OutputError, Share,
};
pub use open::{OpenError, Opening};
pub(crate) use order::output_key;
pub use order::{Order, SerialId, SerialIds, SharedSerialIds};
pub use output::{FundingError, FundingScript};
pub use rbf::{RBF_STEP, ReplacementError, replacement_fee, replacement_feerate};
pub(crate) use rbf::{RelayStep, check_replacement, fee_after};
pub use transaction::FundingTransaction;
