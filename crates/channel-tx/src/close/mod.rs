//! Closing a channel together (BOLT 2 `closing_complete` and `closing_sig`, BOLT 3 "Closing Transaction").
//!
//! Either party may propose at any time, at its own expense: the closer pays the fee out of its balance, names the lock
//! time, and signs up to three variants. The closee picks the one it wants and signs it too. There is nothing to
//! negotiate, and so nothing to fail on: what a dust output is worth goes to the miners, by rule.
//!
//! ```text
//! closer                                  closee
//!   | closing_complete: fee, lock time,     |
//!   |   a signature for each variant        |
//!   |-------------------------------------->|  picks a variant, may publish
//!   |       closing_sig: the one it picked  |
//!   |<--------------------------------------|
//!   | may publish; may propose a higher fee |
//! ```

mod channel;
mod error;
mod offer;
mod script;
mod transaction;

pub use channel::ClosingChannel;
pub use error::{CloseError, ShutdownScriptError};
pub use offer::{CloseProposal, WorthKeeping};
pub use script::{ShutdownKind, ShutdownScript};
pub use transaction::{CloseVariant, ClosingTransaction};
