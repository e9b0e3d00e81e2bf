//! What is remembered of commitments, to recognise them by.

use bitcoin::secp256k1::PublicKey;
use bitcoin::{OutPoint, Txid};
use channel_core::{CommitmentNumber, Side};

/// What the caller remembers of the commitments of a channel. Either answer may be `None`: a balance on a commitment is
/// enough to know whose it is, so only commitments that trim the balance of the side they do not belong to need more.
pub trait CommitmentHistory {
    /// The `per_commitment_point` of a commitment: our own from our seed, the peer's as received, or from its revealed
    /// secrets.
    fn point(&self, owner: Side, number: CommitmentNumber) -> Option<PublicKey>;

    /// The id of a commitment on this funding output, for one without any balance: its HTLCs do not tell whose it is.
    fn txid(&self, _funding: OutPoint, _owner: Side, _number: CommitmentNumber) -> Option<Txid> {
        None
    }
}

/// Nothing is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NoHistory;

impl CommitmentHistory for NoHistory {
    fn point(&self, _owner: Side, _number: CommitmentNumber) -> Option<PublicKey> {
        None
    }
}

impl<H: CommitmentHistory> CommitmentHistory for &H {
    fn point(&self, owner: Side, number: CommitmentNumber) -> Option<PublicKey> {
        (**self).point(owner, number)
    }

    fn txid(&self, funding: OutPoint, owner: Side, number: CommitmentNumber) -> Option<Txid> {
        (**self).txid(funding, owner, number)
    }
}
