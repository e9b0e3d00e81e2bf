//! Funding a channel: the output both parties own.

mod output;

pub use output::{FundingError, FundingScript};
