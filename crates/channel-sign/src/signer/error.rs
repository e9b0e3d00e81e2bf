//! What a signer refuses, one enum for each operation.

use bitcoin::{Amount, OutPoint};
use channel_core::{CommitmentNumber, CsvDelay, Msat, Side};
use channel_tx::commitment::HtlcWitnessError;
use thiserror::Error;

use crate::musig::{CompletionError, NonceError, SessionError};

/// A channel, or a new funding output of it, is not taken on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OpenRefusal {
    /// A delay is outside of the policy.
    #[error("{side} to_self_delay of {} blocks is outside of {} to {}", .delay.to_blocks(), .min.to_blocks(), .max.to_blocks())]
    Delay {
        /// Whose outputs it delays.
        side: Side,
        /// The delay asked for.
        delay: CsvDelay,
        /// The shortest allowed.
        min: CsvDelay,
        /// The longest allowed.
        max: CsvDelay,
    },
    /// Our keys in the channel are not the ones of this signer.
    #[error("the local basepoints of the channel are not those of this signer")]
    ForeignKeys,
    /// The other side's keys or the opener changed; only the funding keys may, in a splice.
    #[error("the remote basepoints or the opener of funding output {funding} are not those of the channel")]
    OtherChannel {
        /// The funding output.
        funding: OutPoint,
    },
    /// The funding output is known already, with other terms.
    #[error("funding output {funding} is already part of the channel, with other terms")]
    FundingKnown {
        /// The funding output.
        funding: OutPoint,
    },
}

/// A commitment does not belong to the channel as the signer knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CommitmentRefusal {
    /// The funding output is not known.
    #[error("funding output {funding} is not part of the channel; add it first")]
    UnknownFunding {
        /// The funding output.
        funding: OutPoint,
    },
    /// Keys, delay or format are not the channel's.
    #[error("the commitment was built for another channel: keys, delay, format or capacity differ")]
    OtherChannel,
    /// It is the other side's.
    #[error("this is the {owner} commitment")]
    WrongOwner {
        /// Whose it is.
        owner: Side,
    },
    /// Its point is not the one our seed gives for its number.
    #[error("commitment {number} was built with a per_commitment_point that is not ours")]
    WrongPoint {
        /// The number.
        number: CommitmentNumber,
    },
    /// It pays more than the policy allows.
    #[error("a commitment fee of {} sat is above the {} sat of the highest feerate allowed", .fee.to_sat(), .max.to_sat())]
    Fee {
        /// What it pays by its feerate, in sat.
        fee: Amount,
        /// What it may pay, in sat.
        max: Amount,
    },
}

/// A commitment of the peer is not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CountersignRefusal {
    /// The commitment is not one of this channel.
    #[error(transparent)]
    Commitment(#[from] CommitmentRefusal),
    /// The peer revoked it.
    #[error("the peer revoked its commitment {number}")]
    Revoked {
        /// The number.
        number: CommitmentNumber,
    },
    /// The peer would have three commitments it can publish.
    #[error("the peer revoked its commitments below {revoked_below} only; {number} is more than one ahead")]
    TooFarAhead {
        /// The number.
        number: CommitmentNumber,
        /// The first one that is not revoked.
        revoked_below: u64,
    },
    /// A newer one was signed already.
    #[error("commitment {signed} of the peer is signed already, {number} comes before it")]
    Behind {
        /// The number.
        number: CommitmentNumber,
        /// The newest one signed.
        signed: CommitmentNumber,
    },
    /// Another transaction was signed at this number.
    #[error("another commitment {number} of the peer is signed already; two would be valid at once")]
    SecondMessage {
        /// The number.
        number: CommitmentNumber,
    },
    /// The commitment of this number on another funding output has another point: one secret would not revoke both.
    #[error("commitment {number} of the peer was signed with another per_commitment_point")]
    OtherPoint {
        /// The number.
        number: CommitmentNumber,
    },
    /// A close was signed: the peer may publish it, whatever the balances would become.
    #[error("a close was signed; no commitment {number} can follow")]
    Closing {
        /// The number.
        number: CommitmentNumber,
    },
    /// A Taproot commitment is signed with nonces, a segwit one without.
    #[error("nonces go with taproot formats, and with no other")]
    Nonces,
    /// Our nonce was made for another key or funding output.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// No nonce can be made.
    #[error(transparent)]
    NonceSource(#[from] NonceError),
}

/// A commitment of ours is not completed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CompletionRefusal {
    /// The commitment is not one of this channel.
    #[error(transparent)]
    Commitment(#[from] CommitmentRefusal),
    /// We revoked it.
    #[error("our commitment {number} is revoked; publishing it would lose the whole channel")]
    Revoked {
        /// The number.
        number: CommitmentNumber,
    },
    /// It is more than one ahead of what we revoked.
    #[error("our commitments below {revoked_below} are revoked; {number} is more than one ahead")]
    TooFarAhead {
        /// The number.
        number: CommitmentNumber,
        /// The first one that is not revoked.
        revoked_below: u64,
    },
    /// A newer one is complete already.
    #[error("our commitment {completed} is complete already, {number} comes before it")]
    Behind {
        /// The number.
        number: CommitmentNumber,
        /// The newest one completed.
        completed: CommitmentNumber,
    },
    /// Another transaction was completed at this number.
    #[error("another commitment {number} of ours is complete already; its stored signature is to be used")]
    SecondMessage {
        /// The number.
        number: CommitmentNumber,
    },
    /// The peer's signature is of the wrong kind for the format, or our nonce is missing.
    #[error(
        "taproot commitments are completed with our nonce and a partial signature, segwit ones with a signature"
    )]
    SignatureKind,
    /// The peer's signature on the commitment is wrong.
    #[error("commitment {number}: {fault}")]
    Signature {
        /// The number.
        number: CommitmentNumber,
        /// Whose fault it is.
        fault: CompletionError,
    },
    /// The peer's ECDSA signature on the commitment is wrong.
    #[error("the peer's signature on commitment {number} is not valid")]
    EcdsaSignature {
        /// The number.
        number: CommitmentNumber,
    },
    /// Not one signature for each HTLC output.
    #[error("commitment {number} has {expected} htlc outputs, the peer sent {received} signatures for them")]
    HtlcSignatureCount {
        /// The number.
        number: CommitmentNumber,
        /// The HTLC outputs.
        expected: usize,
        /// The signatures.
        received: usize,
    },
    /// A signature on an HTLC transaction is wrong.
    #[error("the peer's signature on htlc output {output} of commitment {number} is not valid")]
    HtlcSignature {
        /// The number.
        number: CommitmentNumber,
        /// The index of the output.
        output: usize,
    },
}

/// A second-level transaction of ours is not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HtlcRefusal {
    /// The commitment is not one of this channel.
    #[error(transparent)]
    Commitment(#[from] CommitmentRefusal),
    /// We revoked it: the peer would take all of it.
    #[error("our commitment {number} is revoked; nothing on it is ours to claim")]
    Revoked {
        /// The number.
        number: CommitmentNumber,
    },
    /// That output is no HTLC, or the peer's signature for it is missing.
    #[error("output {output} of the commitment is no htlc that the peer signed for")]
    NoSuchHtlc {
        /// The index of the output.
        output: usize,
    },
    /// The preimage is missing or wrong.
    #[error(transparent)]
    Preimage(#[from] HtlcWitnessError),
}

/// A per-commitment secret is not revealed, or not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RevealRefusal {
    /// The next commitment is not complete on some funding output: nothing could be published any more.
    #[error("secret {number} stays secret: commitment {} on funding output {funding} is not complete", .number.to_u64() + 1)]
    Early {
        /// The number.
        number: CommitmentNumber,
        /// The funding output that lacks it.
        funding: OutPoint,
    },
    /// Secrets are revealed one after the other.
    #[error("secret {number} is not the next one to reveal, which is {next}")]
    OutOfOrder {
        /// The number.
        number: CommitmentNumber,
        /// The next one.
        next: u64,
    },
    /// No commitment can follow: the channel is to be closed.
    #[error("commitment {number} is the last one there is; close the channel")]
    LastCommitment {
        /// The number.
        number: CommitmentNumber,
    },
    /// The channel has no funding output.
    #[error("secret {number} stays secret: the channel has no funding output yet")]
    NoFunding {
        /// The number.
        number: CommitmentNumber,
    },
}

/// A state digest is not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StateRefusal {
    /// A later one was signed.
    #[error("state {signed} is signed already, {seq} comes before it")]
    Behind {
        /// The sequence number.
        seq: u64,
        /// The newest one signed.
        signed: u64,
    },
    /// Another one was signed at this number.
    #[error("another state {seq} is signed already; two would prove equivocation")]
    SecondDigest {
        /// The sequence number.
        seq: u64,
    },
}

/// A transaction that moves our money out of a channel is not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SpendRefusal {
    /// The transaction does not spend what it is said to spend.
    #[error("the transaction does not spend funding output {funding} exactly once, as a {kind} must")]
    Funding {
        /// The funding output.
        funding: OutPoint,
        /// What was asked for.
        kind: SpendKind,
    },
    /// Money of ours would go to somebody else.
    #[error("{} sat of ours should come back, {} sat go to scripts of this signer; a {kind} to a foreign script is refused", .expected.to_sat(), .returned.to_sat())]
    ForeignScript {
        /// What was asked for.
        kind: SpendKind,
        /// What should come back to our scripts at least, in sat.
        expected: Amount,
        /// What does, in sat.
        returned: Amount,
    },
    /// It pays too much.
    #[error("a fee of {} sat is above the bound of {} sat", .fee.to_sat(), .max.to_sat())]
    Fee {
        /// What it pays, in sat.
        fee: Amount,
        /// The bound, in sat.
        max: Amount,
    },
    /// Its outputs exceed its inputs, or they do not add up at all.
    #[error("the amounts of the transaction do not add up")]
    Amounts,
    /// HTLCs are in flight.
    #[error("{in_flight} are in htlcs; a close waits for them")]
    HtlcsPending {
        /// What they hold, in msat.
        in_flight: Msat,
    },
    /// The commitments of both sides differ: an update is under way, or a splice would change more than it says.
    #[error(
        "the commitments on funding output {funding} do not agree on the balances; a {kind} waits until they do"
    )]
    Unsettled {
        /// The funding output.
        funding: OutPoint,
        /// What was asked for.
        kind: SpendKind,
    },
    /// The splice leads to no funding output on which our commitment is complete: nothing could be published after it.
    #[error("the splice leads to no funding output of this channel on which our commitment is complete")]
    SpliceIncomplete,
    /// Both parties sign closes and splices only.
    #[error("a {kind} does not spend a funding output")]
    Kind {
        /// What was asked for.
        kind: SpendKind,
    },
    /// The input is none that a key of this channel signs.
    #[error("input {index} is not signed with a key of this channel")]
    NotOurs {
        /// The input.
        index: usize,
    },
    /// The path shows a preimage that was not given.
    #[error("input {index} claims an htlc with its preimage, and none was given")]
    PreimageMissing {
        /// The input.
        index: usize,
    },
    /// The HTLC would not arrive at the output its second level must have.
    #[error("output {index} is not the whole second-level output of the htlc at input {index}")]
    SecondLevel {
        /// The input.
        index: usize,
    },
    /// The peer's signature on an HTLC transaction was not given, or is none.
    #[error("input {index} takes the peer's signature, and none was given")]
    CountersignatureMissing {
        /// The input.
        index: usize,
    },
    /// A MuSig2 funding output is spent with nonces, a 2-of-2 without.
    #[error("nonces go with taproot formats, and with no other")]
    Nonces,
    /// No nonce can be made.
    #[error(transparent)]
    NonceSource(#[from] NonceError),
    /// Our nonce was made for another key or funding output.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The commitment is ours, and revoked or not ours at all: what is on it belongs to the peer.
    #[error("input {index} is on no commitment of ours that is valid")]
    OwnRevoked {
        /// The input.
        index: usize,
    },
    /// The secret for a penalty is not known: the commitment is not revoked.
    #[error("input {index} needs the secret of a commitment that the peer did not revoke")]
    NotRevoked {
        /// The input.
        index: usize,
    },
}

/// The halves of a signature on a close or splice make no whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CombineRefusal {
    /// The transaction does not spend a funding output of this channel exactly once.
    #[error("the transaction does not spend funding output {funding} exactly once")]
    Funding {
        /// The funding output.
        funding: OutPoint,
    },
    /// The halves are of different kinds, or not of the kind of the funding output.
    #[error("taproot funding outputs are spent with partial signatures, segwit ones with two signatures")]
    SignatureKind,
    /// The completed MuSig2 signature is wrong.
    #[error(transparent)]
    Signature(#[from] CompletionError),
    /// The peer's ECDSA signature is wrong.
    #[error("the peer's signature on the transaction is not valid")]
    EcdsaSignature,
}

/// What moves money out of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SpendKind {
    /// A mutual close.
    Close,
    /// A splice.
    Splice,
    /// A claim, penalty or fee bump.
    Claim,
}

impl core::fmt::Display for SpendKind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(match self {
            Self::Close => "close",
            Self::Splice => "splice",
            Self::Claim => "claim",
        })
    }
}
