//! Commitment transactions: built from a spec, together with what signs and spends them.
//!
//! [`CommitmentBuilder`] holds what stays the same as long as the funding output does. [`CommitmentBuilder::both`] is
//! at once the check of an update and the construction of both its commitments: there is no second opinion.

mod build;
mod builder;
mod error;
mod htlc;
mod identity;
mod number;
pub(crate) mod script;
mod transaction;

pub use builder::{CommitmentBuilder, CommitmentPoint, PreparedCommitment};
pub use error::{BuildError, BuilderError};
pub use htlc::{HtlcTransaction, HtlcWitnessError};
pub use identity::BuilderId;
pub use number::ObscuringFactor;
pub use transaction::{Commitment, CommitmentOutput, OutputRole};
