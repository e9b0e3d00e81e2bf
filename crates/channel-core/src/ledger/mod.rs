//! The channel ledger: channels as balances that two parties move, without keys, messages or a chain.
//!
//! [`DustFreeChannelManager`] creates channels, pays in both directions, reports dust and ways out of it, and looks over
//! all channels. [`SplicingManager`] changes capacities and keeps a history. "Local" and "remote" are the two parties as
//! the keeper of the ledger sees them; either may be the opener.
//!
//! The rules are those of [`limits`](crate::limits) and [`commitment`](crate::commitment): nothing moves that a real
//! channel could not do, value is conserved by every operation, and a refusal says which bound it met and which amounts
//! next to the refused one are payable.

mod channel;
mod dust;
mod error;
mod manager;
mod optimise;
mod payment;
mod policy;
mod recovery;
#[cfg(feature = "serde")]
mod snapshot;
mod splice;
mod weight;

pub use channel::{ChannelStatus, LedgerChannel};
pub use dust::{BalanceDust, CommitmentDust, DustReport};
pub use error::{ContributionError, CreateError, LedgerError, PayError, SpliceError};
pub use manager::DustFreeChannelManager;
pub use optimise::{ChannelOptimisation, OptimisationReport};
pub use payment::{NewHtlc, Payment, PaymentReceipt};
pub use policy::{LedgerPolicy, MinimumBalance, NewChannel};
pub use recovery::{Feasibility, RecoveryMethod, RecoveryOption, RecoveryOptions};
pub use splice::{SpliceAction, SplicePart, SpliceRecord, SpliceRequest, SplicingManager, WalletInputs};
