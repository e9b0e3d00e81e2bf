//! The quantities of the field as types: private fields, checked constructors, checked arithmetic.

mod amount;
mod error;
mod feerate;
mod format;
#[cfg(feature = "serde")]
mod hex;
mod id;
mod party;
mod routing;
mod timelock;

pub use amount::{Msat, SignedMsat};
pub use error::{AmountOverflow, ParseFeerateError, ParseShortChannelIdError, QuantityOutOfRange};
pub use feerate::FeerateKw;
pub use format::CommitmentFormat;
pub use id::{ChannelId, CommitmentNumber, HtlcId, PaymentHash, ShortChannelId};
pub use party::{Party, PerSide, Side};
pub use routing::RoutingFee;
pub use timelock::{CltvExpiry, CsvDelay};
