//! What to watch on the chain, and what a transaction that spends a funding output is.
//!
//! [`ChannelWatch`] knows the funding outputs of a channel (the one of now and every splice candidate), how far both
//! sides have come, and the scripts a close may pay to. [`ChannelWatch::classify`] names a spend only where that follows
//! from what it knows; everything else is [`SpendKind::Unknown`], never a guess.

mod channel;
mod history;
mod spend;

pub use channel::{ChannelWatch, WatchTarget};
pub use history::{CommitmentHistory, NoHistory};
pub use spend::{FundingSpend, Relation, SpendKind, UnknownSpend};
