//! Claiming what stands on a commitment: every way to spend every output, what a party can claim and when, and the
//! transactions that do it.
//!
//! | output | owner | other party | other party, revoked |
//! |---|---|---|---|
//! | `to_local` | after `to_self_delay` | | at once |
//! | `to_remote` | | at once, or after a block | the same |
//! | HTLC the owner offered | HTLC-timeout, after the expiry | with the preimage | at once |
//! | HTLC the owner accepted | HTLC-success, with the preimage | after the expiry | at once |
//! | second level | after `to_self_delay` | | at once |
//! | keyed anchor | at once, and after 16 blocks anyone | the same | the same |
//! | P2A | anyone | anyone | anyone |
//!
//! [`ChannelOutput`] is an output with its ways, from a [`Commitment`](crate::commitment::Commitment) that was built or
//! from one [`identify`] found on the chain. [`Claims::of`] says which of them a party can go. [`SweepTerms`] makes
//! transactions of claims, [`second_level::Batch`] resolves HTLCs of the own commitment.

mod candidate;
mod identify;
mod output;
mod resolve;
pub mod second_level;
mod sweep;

pub use candidate::{
    Claim, ClaimFacts, Claims, Competition, Confirmation, PINNABLE_WITHIN, Pressure, SecondLevelClaim,
    Standing, Unclaimable,
};
pub use identify::{IdentifiedCommitment, IdentifyError, identify};
pub use output::{ChannelOutput, ChannelRole, ClaimPath, OutputSpend};
pub use resolve::{Resolution, preimage_in};
pub use sweep::{LeftOut, Sweep, SweepError, SweepPlan, SweepTerms};
