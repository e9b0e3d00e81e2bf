//! The signer of one channel: the only way from its secrets to signatures, and what it refuses.
//!
//! ```text
//!                 ChannelSecrets        SignerPolicy: delays, feerate, fee, own scripts
//!                        \                  /
//!  commitment ──▶   ChannelSigner  ◀── SigningRecord: what was signed, what is revealed
//!                        │
//!          signature, completed commitment, secret  or  a typed refusal
//! ```
//!
//! Every refusal guards money (the policies follow VLS, Validating Lightning Signer, where they fit):
//! - one message for each (funding output, owner, number): no two commitments of one number are ever valid at once;
//! - nothing that is revoked is signed, and no secret is revealed before its successor is complete on every active
//!   funding output;
//! - one digest for each state sequence number;
//! - what leaves the channel for us goes to our own scripts, at a bounded fee;
//! - delays and commitment feerates are within bounds.
//!
//! The signer keeps no transaction. It returns what it made; the caller stores it, together with
//! [`ChannelSigner::record`], before anything is sent.

mod commitment;
mod cosign;
mod ecdsa;
mod encoding;
mod error;
mod funding;
mod htlc;
mod policy;
mod record;
mod spend;
mod state;
#[cfg(test)]
mod tests;

pub use commitment::{CommitmentSignature, CompletedCommitment, Countersignature, SigningNonces};
pub use cosign::{FundingCosignature, FundingSpend, PeerCosignature};
pub use encoding::DecodeRecordError;
pub use error::{
    CombineRefusal, CommitmentRefusal, CompletionRefusal, CountersignRefusal, OpenRefusal, RevealRefusal,
    SpendKind, SpendRefusal, StateRefusal,
};
pub use funding::{ChannelSigner, EcdsaGrinding};
pub use htlc::HtlcRefusal;
pub use policy::{DelayRange, SignerPolicy};
pub use record::SigningRecord;
pub use spend::SpendSignature;
#[cfg(test)]
pub(crate) use spend::tweaked_keypair;
