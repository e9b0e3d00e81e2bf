//! The chain port: what a backend implements.

use bitcoin::{BlockHash, Network, Transaction, Txid};
use channel_core::FeerateKw;
use thiserror::Error;

use crate::{BlockRef, BlockReport, Confirmation, Rejection, Watched};

/// A view of the chain. Every call blocks until it has its answer.
///
/// The reader keeps its own place and asks for the [`step`](Self::step) after it. A backend has no memory of its readers,
/// so restarting either side loses nothing, and a place is a block hash, so a reorganisation cannot pass unseen.
/// [`Follower`](crate::Follower) walks this way and checks the backend while it does.
pub trait Chain {
    /// Which network this is.
    fn network(&self) -> Network;

    /// The last block of the best chain.
    ///
    /// # Errors
    /// [`ChainError`] when the backend cannot say.
    fn tip(&self) -> Result<BlockRef, ChainError>;

    /// The one step from the block `after` along the best chain, with what it did to `watched`.
    ///
    /// # Errors
    /// [`ChainError::UnknownBlock`] when the backend never saw `after` or no longer has it; other errors when it cannot say.
    fn step(&self, after: BlockRef, watched: &Watched) -> Result<Step, ChainError>;

    /// Hands a transaction or a package to the network.
    ///
    /// What is in the mempool already is accepted again. What is confirmed already is refused with
    /// [`RefusalReason::AlreadyConfirmed`](crate::RefusalReason::AlreadyConfirmed) while the backend can still tell.
    ///
    /// # Errors
    /// [`BroadcastError::Refused`] when a rule forbids it, [`BroadcastError::Chain`] when the backend cannot say.
    fn broadcast(&self, submission: Submission<'_>) -> Result<(), BroadcastError>;

    /// The feerate with which a transaction is mined within about `blocks` blocks.
    ///
    /// # Errors
    /// [`ChainError`] when the backend cannot be asked; that it has no estimate is an answer.
    fn feerate(&self, blocks: u16) -> Result<FeerateEstimate, ChainError>;

    /// Where a transaction is. A backend without an index of all transactions can look into one block only: `seen_in` is
    /// the block that reported it, where it is known.
    ///
    /// # Errors
    /// [`ChainError`] when the backend cannot say.
    fn confirmation(&self, txid: Txid, seen_in: Option<BlockHash>) -> Result<Confirmation, ChainError>;
}

/// What is handed to the network in one piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submission<'a> {
    /// One transaction.
    Transaction(&'a Transaction),
    /// A parent and the one child that pays for it, judged together where the parent alone is not enough.
    Package {
        /// The parent.
        parent: &'a Transaction,
        /// The child.
        child: &'a Transaction,
    },
}

/// What comes after a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The next block.
    Block(BlockReport),
    /// The block is no longer in the best chain: everything after `fork`, its last ancestor there, is undone.
    Reorg {
        /// Where to go on from.
        fork: BlockRef,
    },
    /// The block is the tip.
    AtTip,
}

/// What a backend knows about feerates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeerateEstimate {
    /// Nothing. No feerate may be assumed from this.
    Unknown,
    /// The estimate, in sat/kW.
    Known(FeerateKw),
}

/// A backend cannot answer. Nothing may be concluded about the chain from this.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ChainError {
    /// The backend does not have the block.
    #[error("the backend does not have {block}")]
    UnknownBlock {
        /// The block asked for.
        block: BlockRef,
    },
    /// The backend serves another network.
    #[error("the backend is on {found}, {expected} was asked for")]
    WrongNetwork {
        /// The network asked for.
        expected: Network,
        /// The backend's.
        found: Network,
    },
    /// The backend cannot be reached, or its storage fails.
    #[error("the backend is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The backend answered something that cannot be.
    #[error("the backend's answer makes no sense")]
    Malformed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A broadcast did not happen.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BroadcastError {
    /// A rule of consensus or relay forbids it.
    #[error(transparent)]
    Refused(Rejection),
    /// The backend could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
}
