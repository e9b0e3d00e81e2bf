//! The quantities of the field as types: private fields, checked constructors, checked arithmetic.

mod amount;
mod error;
mod feerate;
mod format;
#[cfg(feature = "serde")]
mod hex;
mod id;
mod party;
mod timelock;

pub use amount::{Msat, SignedMsat};
pub use error::{AmountOverflow, ParseFeerateError, ParseShortChannelIdError, QuantityOutOfRange};
pub use feerate::FeerateKw;
pub use format::CommitmentFormat;
pub use id::{ChannelId, CommitmentNumber, HtlcId, PaymentHash, ShortChannelId};
pub use party::{Party, PerParty, PerSide, Side};
pub use timelock::{CltvExpiry, CsvDelay};
