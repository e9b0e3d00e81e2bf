//! A regtest chain inside the process: real blocks, Bitcoin Core's consensus code for every input, its relay policy for
//! the mempool, reorganisations, and a data directory.
//!
//! It has no clock: a block's time is ten minutes after its parent's. It has no peers: whoever holds it shares it.

mod ledger;
mod log;
mod mempool;
mod mine;
mod script;
mod state;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bitcoin::{Amount, Block, BlockHash, Network, OutPoint, Script, Transaction, TxOut, Txid, Weight};
use channel_core::FeerateKw;

pub use ledger::BlockError;
pub use log::OpenError;

use crate::{
    BlockRef, BlockReport, BroadcastError, Chain, ChainError, Confirmation, FeerateEstimate, Step,
    Submission, Watched,
};
use ledger::Mark;
use state::{Contents, State};

/// The chain. Share it by reference; each call sees and leaves it whole.
#[derive(Debug)]
pub struct EmbeddedChain {
    state: Mutex<State>,
}

impl EmbeddedChain {
    /// A new chain that is gone with the process.
    pub fn in_memory() -> Self {
        Self { state: Mutex::new(State::in_memory()) }
    }

    /// The chain in `directory`, made when there is none. Each change is on the disk before its call returns.
    ///
    /// # Errors
    /// [`OpenError`] when the directory cannot be used, is in use, was written by another version, or is damaged.
    pub fn open(directory: &Path) -> Result<Self, OpenError> {
        Ok(Self { state: Mutex::new(State::open(directory)?) })
    }

    /// Mines `count` blocks, the first with what the mempool holds; subsidy and fees go to `script`.
    ///
    /// # Errors
    /// [`ChainError`] when the chain's file cannot be written.
    pub fn mine(&self, count: u32, script: &Script) -> Result<Vec<BlockRef>, ChainError> {
        self.mine_with(count, script, Contents::Mempool)
    }

    /// Mines `count` blocks that leave the mempool alone.
    ///
    /// # Errors
    /// [`ChainError`] when the chain's file cannot be written.
    pub fn mine_empty(&self, count: u32, script: &Script) -> Result<Vec<BlockRef>, ChainError> {
        self.mine_with(count, script, Contents::Nothing)
    }

    /// Treats a block and all after it as invalid, as Bitcoin Core's `invalidateblock` does. What it held returns to the
    /// mempool as far as it may. The new tip comes back.
    ///
    /// # Errors
    /// [`ChainError::UnknownBlock`] when there is no such block, or it is the genesis block.
    pub fn invalidate(&self, block: BlockRef) -> Result<BlockRef, ChainError> {
        self.mark(block, Mark::Invalid)
    }

    /// Takes [`invalidate`](Self::invalidate) back for a block, its ancestors and its descendants.
    ///
    /// # Errors
    /// [`ChainError::UnknownBlock`] when there is no such block, or it is the genesis block.
    pub fn reconsider(&self, block: BlockRef) -> Result<BlockRef, ChainError> {
        self.mark(block, Mark::Valid)
    }

    /// Judges one transaction as a broadcast would, and changes nothing.
    ///
    /// # Errors
    /// As [`broadcast`](Chain::broadcast).
    pub fn check(&self, transaction: &Transaction) -> Result<(), BroadcastError> {
        self.state()?.check_single(transaction)
    }

    /// The transactions of the mempool, parents before their children.
    ///
    /// # Errors
    /// [`ChainError`] when the chain's file could not be written before.
    pub fn mempool(&self) -> Result<Vec<Transaction>, ChainError> {
        let state = self.state()?;
        Ok(state.mempool.in_order().map(|entry| (*entry.transaction).clone()).collect())
    }

    /// The unspent outputs of the best chain, without what the mempool does to them, by outpoint.
    ///
    /// # Errors
    /// [`ChainError`] when the chain's file could not be written before.
    pub fn coins(&self) -> Result<Vec<(OutPoint, TxOut)>, ChainError> {
        let state = self.state()?;
        let mut coins: Vec<_> =
            state.ledger.coins().map(|(outpoint, coin)| (*outpoint, coin.output.clone())).collect();
        coins.sort_unstable_by_key(|(outpoint, _)| *outpoint);
        Ok(coins)
    }

    /// A block, of the best chain or not.
    ///
    /// # Errors
    /// [`ChainError`] when the chain's file could not be written before.
    pub fn block(&self, hash: &BlockHash) -> Result<Option<Block>, ChainError> {
        Ok(self.state()?.ledger.block(hash).map(|(_, block)| block.clone()))
    }

    /// The block of the best chain at `height`.
    ///
    /// # Errors
    /// [`ChainError`] when the chain's file could not be written before.
    pub fn block_at(&self, height: u32) -> Result<Option<BlockRef>, ChainError> {
        Ok(self.state()?.ledger.at(height).map(|(block, _)| block))
    }

    fn mine_with(
        &self,
        count: u32,
        script: &Script,
        contents: Contents,
    ) -> Result<Vec<BlockRef>, ChainError> {
        let mut state = self.state()?;
        (0..count).map(|_| state.mine(script.into(), contents)).collect()
    }

    fn mark(&self, block: BlockRef, mark: Mark) -> Result<BlockRef, ChainError> {
        let mut state = self.state()?;
        let is_known = state.ledger.block(&block.hash).is_some_and(|(known, _)| known == block);
        if !is_known || block.height == 0 {
            return Err(ChainError::UnknownBlock { block });
        }
        state.mark(block.hash, mark)
    }

    fn state(&self) -> Result<MutexGuard<'_, State>, ChainError> {
        // A call that panicked may have left half a change.
        let state = self.state.lock().map_err(|_: PoisonError<_>| {
            ChainError::Unavailable("a call of another thread ended in the middle".into())
        })?;
        state.check_health()?;
        Ok(state)
    }
}

impl Chain for EmbeddedChain {
    fn network(&self) -> Network {
        Network::Regtest
    }

    fn tip(&self) -> Result<BlockRef, ChainError> {
        Ok(self.state()?.ledger.tip())
    }

    fn step(&self, after: BlockRef, watched: &Watched) -> Result<Step, ChainError> {
        let state = self.state()?;
        let ledger = &state.ledger;
        let unknown = || ChainError::UnknownBlock { block: after };
        ledger.block(&after.hash).filter(|(known, _)| *known == after).ok_or_else(unknown)?;
        if !ledger.is_best(after) {
            return Ok(Step::Reorg { fork: ledger.fork(after.hash).ok_or_else(unknown)? });
        }
        Ok(match ledger.at(after.height.saturating_add(1)) {
            Some((block, contents)) => Step::Block(BlockReport {
                block,
                parent: contents.header.prev_blockhash,
                sightings: watched.scan(&contents.txdata),
            }),
            None => Step::AtTip,
        })
    }

    fn broadcast(&self, submission: Submission<'_>) -> Result<(), BroadcastError> {
        self.state()?.submit(submission)
    }

    /// What the last `blocks` blocks took on average; unknown when they took nothing.
    fn feerate(&self, blocks: u16) -> Result<FeerateEstimate, ChainError> {
        let state = self.state()?;
        let tip = state.ledger.tip().height;
        let (mut fees, mut weight) = (Amount::ZERO, Weight::ZERO);
        for height in (0..=tip).rev().take(usize::from(blocks)) {
            let Some((_, block)) = state.ledger.at(height) else { break };
            fees = fees.checked_add(state.ledger.fees(height)).unwrap_or(Amount::MAX_MONEY);
            weight = block.txdata.iter().skip(1).fold(weight, |sum, transaction| {
                sum.checked_add(transaction.weight()).unwrap_or(Weight::MAX)
            });
        }
        let rate = u128::from(fees.to_sat()) * 1000;
        let rate = rate.checked_div(u128::from(weight.to_wu())).filter(|rate| *rate > 0);
        Ok(rate.map_or(FeerateEstimate::Unknown, |rate| {
            FeerateEstimate::Known(FeerateKw::from_sat_per_kw(u32::try_from(rate).unwrap_or(u32::MAX)))
        }))
    }

    fn confirmation(&self, txid: Txid, _seen_in: Option<BlockHash>) -> Result<Confirmation, ChainError> {
        let state = self.state()?;
        if let Some((block, _)) = state.ledger.height_of(&txid).and_then(|height| state.ledger.at(height)) {
            let confirmations = (state.ledger.tip().height - block.height).saturating_add(1);
            return Ok(Confirmation::Confirmed { block, confirmations });
        }
        Ok(match state.mempool.entry(&txid) {
            Some(_) => Confirmation::Unconfirmed,
            None => Confirmation::Unknown,
        })
    }
}
