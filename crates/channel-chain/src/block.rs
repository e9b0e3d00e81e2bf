//! Places in the chain: a block by height and hash, and how deep a transaction is in.

use core::fmt;

use bitcoin::BlockHash;

/// A block of the chain. The hash tells it from another block of the same height.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BlockRef {
    /// Its height; the genesis block has 0.
    pub height: u32,
    /// Its hash.
    pub hash: BlockHash,
}

/// Where a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Confirmation {
    /// The backend sees it neither in its mempool nor in a block of the best chain it can look it up in.
    Unknown,
    /// It is in the backend's mempool.
    Unconfirmed,
    /// It is in a block of the best chain.
    Confirmed {
        /// That block.
        block: BlockRef,
        /// How many blocks the chain has from that block on, itself included: 1 in the tip.
        confirmations: u32,
    },
}

impl fmt::Display for BlockRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "block {} at height {}", self.hash, self.height)
    }
}
