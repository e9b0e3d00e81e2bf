//! The blocks, which of them are the best chain, and the coins that chain leaves unspent.

use std::collections::{HashMap, HashSet};

use bitcoin::constants::{COINBASE_MATURITY, genesis_block};
use bitcoin::script::Builder;
use bitcoin::{Amount, Block, BlockHash, Network, OutPoint, Target, Transaction, TxOut, Txid, Weight};
use thiserror::Error;

use super::script::ScriptCheck;
use crate::BlockRef;
use crate::finality::{NotFinal, Place, check_final};

/// Blocks between two halvings of the subsidy on regtest.
const HALVING_INTERVAL: u32 = 150;
/// The blocks whose times make the median time (BIP 113).
const MEDIAN_SPAN: usize = 11;

/// An unspent output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Coin {
    pub(super) output: TxOut,
    pub(super) height: u32,
    pub(super) is_coinbase: bool,
}

/// What disconnecting a block puts back.
#[derive(Debug, Clone, Default)]
struct Undo {
    spent: Vec<(OutPoint, Coin)>,
    created: Vec<OutPoint>,
    fees: Amount,
}

#[derive(Debug, Clone)]
struct StoredBlock {
    block: Block,
    height: u32,
}

/// A block may not follow the tip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BlockError {
    /// Its parent is not known, or not the tip it was to follow.
    #[error("the parent {parent} is not the block it follows")]
    Parent {
        /// The parent it names.
        parent: BlockHash,
    },
    /// Header, proof of work, commitments, coinbase or weight are wrong.
    #[error("the block is malformed")]
    Malformed,
    /// The coinbase takes more than subsidy and fees.
    #[error("the coinbase takes {taken}, {allowed} are allowed")]
    Coinbase {
        /// What it takes, in sat.
        taken: Amount,
        /// Subsidy and fees, in sat.
        allowed: Amount,
    },
    /// A transaction spends what is not there, what is too young, or more than it has.
    #[error("{txid} spends what it may not")]
    Coins {
        /// The transaction.
        txid: Txid,
    },
    /// A lock has not passed.
    #[error("{txid} is not final: {lock}")]
    NotFinal {
        /// The transaction.
        txid: Txid,
        /// The lock.
        lock: NotFinal,
    },
    /// A script refuses an input.
    #[error("the script of input {input} of {txid} refuses it")]
    Script {
        /// The transaction.
        txid: Txid,
        /// Which input.
        input: usize,
    },
}

/// The blocks and the coins.
#[derive(Debug)]
pub(super) struct Ledger {
    blocks: HashMap<BlockHash, StoredBlock>,
    /// The blocks in the order they came: of two chains of one length the first stays the best.
    arrivals: Vec<BlockHash>,
    best: Vec<BlockHash>,
    undo: Vec<Undo>,
    coins: HashMap<OutPoint, Coin>,
    heights: HashMap<Txid, u32>,
    invalid: HashSet<BlockHash>,
}

/// The subsidy of a regtest block at `height`.
pub(super) fn subsidy(height: u32) -> Amount {
    let halvings = height / HALVING_INTERVAL;
    Amount::from_sat(Amount::from_int_btc(50).to_sat().checked_shr(halvings).unwrap_or(0))
}

impl Ledger {
    /// The regtest chain with its genesis block, whose coinbase no one can spend.
    pub(super) fn new() -> Self {
        let block = genesis_block(Network::Regtest);
        let hash = block.block_hash();
        Self {
            blocks: HashMap::from([(hash, StoredBlock { block, height: 0 })]),
            arrivals: vec![hash],
            best: vec![hash],
            undo: vec![Undo::default()],
            coins: HashMap::new(),
            heights: HashMap::new(),
            invalid: HashSet::new(),
        }
    }

    pub(super) fn tip(&self) -> BlockRef {
        let height = u32::try_from(self.best.len() - 1).unwrap_or(u32::MAX);
        BlockRef { height, hash: self.best[self.best.len() - 1] }
    }

    /// How many blocks there are, in the best chain or not.
    pub(super) fn block_count(&self) -> u64 {
        self.arrivals.len() as u64
    }

    /// Coins of the best chain.
    pub(super) fn coin(&self, outpoint: &OutPoint) -> Option<&Coin> {
        self.coins.get(outpoint)
    }

    pub(super) fn coins(&self) -> impl Iterator<Item = (&OutPoint, &Coin)> {
        self.coins.iter()
    }

    /// The height at which the best chain has the transaction.
    pub(super) fn height_of(&self, txid: &Txid) -> Option<u32> {
        self.heights.get(txid).copied()
    }

    /// The block of the best chain at `height`.
    pub(super) fn at(&self, height: u32) -> Option<(BlockRef, &Block)> {
        let hash = *self.best.get(usize::try_from(height).ok()?)?;
        Some((BlockRef { height, hash }, &self.blocks.get(&hash)?.block))
    }

    pub(super) fn block(&self, hash: &BlockHash) -> Option<(BlockRef, &Block)> {
        let stored = self.blocks.get(hash)?;
        Some((BlockRef { height: stored.height, hash: *hash }, &stored.block))
    }

    pub(super) fn is_best(&self, block: BlockRef) -> bool {
        self.at(block.height).is_some_and(|(here, _)| here == block)
    }

    /// The last block of the best chain that `hash` descends from.
    pub(super) fn fork(&self, hash: BlockHash) -> Option<BlockRef> {
        let mut next = hash;
        loop {
            let (block, contents) = self.block(&next)?;
            if self.is_best(block) {
                return Some(block);
            }
            next = contents.header.prev_blockhash;
        }
    }

    /// The fees of the block of the best chain at `height`, in sat.
    pub(super) fn fees(&self, height: u32) -> Amount {
        usize::try_from(height)
            .ok()
            .and_then(|height| self.undo.get(height))
            .map_or(Amount::ZERO, |undo| undo.fees)
    }

    /// The median time of the eleven blocks up to `height` of the best chain, in seconds.
    pub(super) fn median_time(&self, height: u32) -> u32 {
        let end = usize::try_from(height).unwrap_or(usize::MAX).saturating_add(1).min(self.best.len());
        let span = &self.best[end.saturating_sub(MEDIAN_SPAN)..end];
        let mut times: Vec<_> = span.iter().map(|hash| self.blocks[hash].block.header.time).collect();
        times.sort_unstable();
        times[times.len() / 2]
    }

    /// The place of the block after the tip.
    pub(super) fn next_place(&self) -> Place {
        let tip = self.tip().height;
        Place { height: tip.saturating_add(1), median_time: self.median_time(tip) }
    }

    /// The place of the block that made a coin.
    pub(super) fn place_of(&self, coin: &Coin) -> Place {
        Place { height: coin.height, median_time: self.median_time(coin.height.saturating_sub(1)) }
    }

    /// Adds a block after the tip.
    pub(super) fn connect(
        &mut self,
        block: Block,
        scripts: &mut ScriptCheck,
    ) -> Result<BlockRef, BlockError> {
        let hash = block.block_hash();
        let height = self.tip().height.saturating_add(1);
        self.check_block(&block, height)?;
        self.apply(&block, height, scripts)?;
        self.arrivals.push(hash);
        self.blocks.insert(hash, StoredBlock { block, height });
        Ok(self.tip())
    }

    /// Marks `hash` and its descendants invalid, or takes the mark from it, its ancestors and its descendants; then the
    /// longest valid chain is the best. The blocks that left the best chain come back, lowest first.
    pub(super) fn mark(
        &mut self,
        hash: BlockHash,
        mark: Mark,
        scripts: &mut ScriptCheck,
    ) -> Result<Vec<Block>, BlockError> {
        match mark {
            Mark::Invalid => {
                self.invalid.insert(hash);
            }
            Mark::Valid => {
                let related: Vec<_> =
                    self.invalid.iter().copied().filter(|other| self.is_related(*other, hash)).collect();
                for other in related {
                    self.invalid.remove(&other);
                }
            }
        }
        self.activate(scripts)
    }

    fn is_related(&self, one: BlockHash, other: BlockHash) -> bool {
        self.descends(one, other) || self.descends(other, one)
    }

    fn descends(&self, block: BlockHash, ancestor: BlockHash) -> bool {
        self.lineage(block).any(|hash| hash == ancestor)
    }

    /// A block and its ancestors, down to the genesis block.
    fn lineage(&self, block: BlockHash) -> impl Iterator<Item = BlockHash> {
        std::iter::successors(Some(block), |hash| {
            self.blocks
                .get(hash)
                .filter(|stored| stored.height > 0)
                .map(|stored| stored.block.header.prev_blockhash)
        })
    }

    fn is_valid(&self, block: BlockHash) -> bool {
        self.invalid.is_empty() || !self.lineage(block).any(|hash| self.invalid.contains(&hash))
    }

    fn activate(&mut self, scripts: &mut ScriptCheck) -> Result<Vec<Block>, BlockError> {
        let mut target = None;
        let tip = self.tip();
        for hash in [tip.hash].iter().chain(&self.arrivals) {
            let height = self.blocks[hash].height;
            if target.is_none_or(|(best, _)| height > best) && self.is_valid(*hash) {
                target = Some((height, *hash));
            }
        }
        let Some((_, target)) = target else { return Ok(Vec::new()) };
        let Some(fork) = self.fork(target) else { return Ok(Vec::new()) };
        let above: Vec<_> = self.lineage(target).take_while(|hash| *hash != fork.hash).collect();
        let mut left = Vec::new();
        while self.tip() != fork {
            left.extend(self.disconnect());
        }
        left.reverse();
        for hash in above.into_iter().rev() {
            let stored = self.blocks[&hash].clone();
            self.apply(&stored.block, stored.height, scripts)?;
        }
        Ok(left)
    }

    fn check_block(&self, block: &Block, height: u32) -> Result<(), BlockError> {
        let tip = self.tip();
        if block.header.prev_blockhash != tip.hash {
            return Err(BlockError::Parent { parent: block.header.prev_blockhash });
        }
        let is_worked = block.header.validate_pow(Target::MAX_ATTAINABLE_REGTEST).is_ok();
        let is_later = block.header.time > self.median_time(tip.height);
        let has_one_coinbase =
            block
                .txdata
                .iter()
                .map(Transaction::is_coinbase)
                .eq(std::iter::once(true)
                    .chain(std::iter::repeat_n(false, block.txdata.len().saturating_sub(1))));
        let is_committed = block.check_merkle_root() && block.check_witness_commitment();
        // BIP 34, with the small heights as single opcodes, which the library's own reader does not know.
        let height = Builder::new().push_int(i64::from(height)).into_script();
        let names_height = block.coinbase().is_some_and(|coinbase| {
            coinbase.input.iter().all(|input| input.script_sig.as_bytes().starts_with(height.as_bytes()))
        });
        let fits = block.weight() <= Weight::MAX_BLOCK;
        if is_worked && is_later && has_one_coinbase && is_committed && names_height && fits {
            Ok(())
        } else {
            Err(BlockError::Malformed)
        }
    }

    /// Moves the coins to after `block`; when it may not be, they stay as they were.
    fn apply(&mut self, block: &Block, height: u32, scripts: &mut ScriptCheck) -> Result<(), BlockError> {
        let mut undo = Undo::default();
        if let Err(error) = self.apply_transactions(block, height, scripts, &mut undo) {
            self.put_back(undo);
            return Err(error);
        }
        for transaction in &block.txdata {
            self.heights.insert(transaction.compute_txid(), height);
        }
        self.best.push(block.block_hash());
        self.undo.push(undo);
        Ok(())
    }

    fn apply_transactions(
        &mut self,
        block: &Block,
        height: u32,
        scripts: &mut ScriptCheck,
        undo: &mut Undo,
    ) -> Result<(), BlockError> {
        for transaction in block.txdata.iter().skip(1) {
            let fee = self.spend_inputs(transaction, scripts, undo)?;
            let txid = transaction.compute_txid();
            undo.fees = undo.fees.checked_add(fee).ok_or(BlockError::Coins { txid })?;
            self.create_outputs(transaction, height, undo);
        }
        let coinbase = block.txdata.first().ok_or(BlockError::Malformed)?;
        let taken = total(coinbase.output.iter()).ok_or(BlockError::Malformed)?;
        let allowed = subsidy(height).checked_add(undo.fees).ok_or(BlockError::Malformed)?;
        if taken > allowed {
            return Err(BlockError::Coinbase { taken, allowed });
        }
        self.create_outputs(coinbase, height, undo);
        Ok(())
    }

    fn spend_inputs(
        &mut self,
        transaction: &Transaction,
        scripts: &mut ScriptCheck,
        undo: &mut Undo,
    ) -> Result<Amount, BlockError> {
        let txid = transaction.compute_txid();
        let place = self.next_place();
        let mut spent = Vec::with_capacity(transaction.input.len());
        let mut places = Vec::with_capacity(transaction.input.len());
        for input in &transaction.input {
            let outpoint = input.previous_output;
            let coin = self.coins.remove(&outpoint).ok_or(BlockError::Coins { txid })?;
            undo.spent.push((outpoint, coin.clone()));
            if coin.is_coinbase && place.height.saturating_sub(coin.height) < COINBASE_MATURITY {
                return Err(BlockError::Coins { txid });
            }
            places.push(self.place_of(&coin));
            spent.push(coin.output);
        }
        check_final(transaction, &places, place).map_err(|lock| BlockError::NotFinal { txid, lock })?;
        let fee = total(spent.iter())
            .and_then(|spent| spent.checked_sub(total(transaction.output.iter())?))
            .ok_or(BlockError::Coins { txid })?;
        let wtxid = scripts.check(transaction, &spent).map_err(|input| BlockError::Script { txid, input })?;
        scripts.remember(wtxid);
        Ok(fee)
    }

    fn create_outputs(&mut self, transaction: &Transaction, height: u32, undo: &mut Undo) {
        let txid = transaction.compute_txid();
        let is_coinbase = transaction.is_coinbase();
        for (output, vout) in transaction.output.iter().zip(0..) {
            if output.script_pubkey.is_op_return() {
                continue;
            }
            let outpoint = OutPoint { txid, vout };
            self.coins.insert(outpoint, Coin { output: output.clone(), height, is_coinbase });
            undo.created.push(outpoint);
        }
    }

    fn disconnect(&mut self) -> Option<Block> {
        if self.best.len() < 2 {
            return None;
        }
        let block = self.blocks.get(&self.best.pop()?)?.block.clone();
        for transaction in &block.txdata {
            self.heights.remove(&transaction.compute_txid());
        }
        let undo = self.undo.pop()?;
        self.put_back(undo);
        Some(block)
    }

    /// A coin that came and went within the block is in both lists, so removing comes last.
    fn put_back(&mut self, undo: Undo) {
        self.coins.extend(undo.spent);
        for outpoint in undo.created {
            self.coins.remove(&outpoint);
        }
    }
}

/// Which way a block is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Invalid,
    Valid,
}

/// The value of outputs, if there is so much money.
pub(super) fn total<'a>(outputs: impl Iterator<Item = &'a TxOut>) -> Option<Amount> {
    let mut sum = Amount::ZERO;
    for output in outputs {
        sum = sum.checked_add(output.value).filter(|sum| *sum <= Amount::MAX_MONEY)?;
    }
    Some(sum)
}
