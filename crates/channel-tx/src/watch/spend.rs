//! What a transaction that spends a funding output can be.

use bitcoin::{OutPoint, Txid};
use channel_core::{CommitmentNumber, Side};

/// A transaction that spends a funding output of the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FundingSpend {
    /// The transaction.
    pub txid: Txid,
    /// The funding output it spends.
    pub funding: OutPoint,
    /// Which of its inputs does.
    pub input: usize,
    /// What it is.
    pub kind: SpendKind,
}

/// What a spend of a funding output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpendKind {
    /// A known splice: the channel goes on at its funding output.
    Splice {
        /// The new funding output.
        funding: OutPoint,
    },
    /// A close on which both sides agreed: it pays to nothing but known shutdown scripts.
    MutualClose,
    /// A commitment.
    Commitment {
        /// Whose it is, and so who published it.
        owner: Side,
        /// Its number.
        number: CommitmentNumber,
        /// How it stands to what is known of its owner.
        relation: Relation,
    },
    /// Both sides must have signed it, but it cannot be told what it is.
    Unknown(UnknownSpend),
}

/// How a commitment stands to the latest of its owner that is not revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// It is the latest that is not revoked.
    Current,
    /// It is the one after: signed, with the one before not yet revoked.
    Next,
    /// It is revoked. Of the peer, that is a breach: the other side may take everything.
    Revoked,
    /// It is newer than anything we know: our own state is old. Only the peer's latest commitment is safe then, and
    /// nothing must be published.
    Ahead,
}

/// What can be said of a spend that is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnknownSpend {
    /// It is marked as a commitment, but is not found to be of either side.
    Commitment {
        /// The number it is marked with.
        number: CommitmentNumber,
    },
    /// It is no commitment, no known splice, and pays to a script no close may pay to.
    Other,
}

impl Relation {
    /// The relation of `number` to the `latest` that is not revoked.
    pub fn of(number: CommitmentNumber, latest: CommitmentNumber) -> Self {
        if number < latest {
            Self::Revoked
        } else if number == latest {
            Self::Current
        } else if latest.next() == Some(number) {
            Self::Next
        } else {
            Self::Ahead
        }
    }
}
