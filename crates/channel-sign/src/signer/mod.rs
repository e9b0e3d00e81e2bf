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
//! - a commitment is signed only if it was built with the very terms, keys and delays that were taken on;
//! - one message for each (funding output, owner, number), HTLC transactions included, and one point of the peer for each
//!   number: no two commitments of one number are ever valid at once, and one secret revokes what one number signed;
//! - nothing that is revoked is signed or claimed, and no secret is revealed before its successor is complete on every
//!   active funding output;
//! - one digest for each state sequence number;
//! - a close pays our newest balance less no more than the fee, with no HTLC in flight, and ends the channel's updates;
//!   a splice leads to a funding output that holds a complete commitment with as much of ours;
//! - what leaves the channel for us goes to our own scripts, at a bounded fee;
//! - delays and commitment feerates are within bounds.
//!
//! The signer keeps no transaction. It returns what it made; the caller stores it, together with
//! [`ChannelSigner::record`], before anything is sent.
//!
//! What it cannot know stays with the caller: whether an update of balances is one the user wants, what is on the chain
//! (and so whether a funding output may be given up), and whether the stored record is the newest. In segwit formats a
//! signature commits to the amount of its own input alone (BIP 143): a caller that states other inputs wrongly, and asks
//! more than once, can burn more than the fee bound in a batch of claims. Taproot signatures commit to all amounts.
//!
//! ```
//! # use channel_sign::bitcoin::{Amount, Network};
//! # use channel_sign::channel_core::{CsvDelay, FeerateKw, PerSide};
//! # use channel_sign::seed::{Account, ChannelIndex, Mnemonic};
//! use channel_sign::signer::{ChannelSigner, DelayRange, SignerPolicy, SigningRecord, StateRefusal};
//!
//! # let master = Mnemonic::from_entropy(&[7; 32])?.to_seed("").master_key(Network::Regtest)?;
//! # let secrets = || master.channel(Account::ZERO, ChannelIndex::new(0));
//! let delays = DelayRange { min: CsvDelay::new(72)?, max: CsvDelay::new(2016)? };
//! let policy = SignerPolicy {
//!     to_self_delay: PerSide { local: delays, remote: delays },
//!     max_commitment_feerate: FeerateKw::ZERO,
//!     max_fee: Amount::from_sat(20_000),
//!     own_scripts: vec![],
//! };
//! let mut signer = ChannelSigner::new(secrets()?, policy.clone(), SigningRecord::default());
//! signer.sign_state(1, [0xaa; 32])?;
//! let stored = signer.record().to_bytes();
//!
//! // After a restart it still knows.
//! let mut signer = ChannelSigner::new(secrets()?, policy, SigningRecord::from_bytes(&stored)?);
//! assert!(signer.sign_state(1, [0xaa; 32]).is_ok());
//! assert_eq!(signer.sign_state(1, [0xbb; 32]), Err(StateRefusal::SecondDigest { seq: 1 }));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

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
    CombineRefusal, CommitmentRefusal, CompletionRefusal, CountersignRefusal, HtlcRefusal, OpenRefusal,
    RevealRefusal, SpendKind, SpendRefusal, StateRefusal,
};
pub use funding::{ChannelSigner, EcdsaGrinding};
pub use policy::{DelayRange, SignerPolicy};
pub use record::SigningRecord;
pub use spend::SpendSignature;
#[cfg(test)]
pub(crate) use spend::tweaked_keypair;
