//! The state of the embedded chain: every change is an event, applied and then written down.

use std::collections::BTreeSet;
use std::path::Path;

use bitcoin::{Amount, Block, BlockHash, ScriptBuf, Transaction, Weight};

use super::ledger::{BlockError, Ledger, Mark};
use super::log::{Event, Log, OpenError};
use super::mempool::{FeeRule, Mempool, Piece, Plan, View};
use super::mine::next_block;
use super::script::ScriptCheck;
use crate::{BlockRef, BroadcastError, ChainError, Refusal, Submission};

/// What is left free in a block for its header and coinbase.
const RESERVED: Weight = Weight::from_wu(8000);

/// Which transactions a new block takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contents {
    Mempool,
    Nothing,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) ledger: Ledger,
    pub(super) mempool: Mempool,
    scripts: ScriptCheck,
    log: Option<Log>,
    /// Writing failed: memory is ahead of the file, so nothing is answered any more.
    is_frozen: bool,
}

impl State {
    pub(super) fn in_memory() -> Self {
        Self {
            ledger: Ledger::new(),
            mempool: Mempool::default(),
            scripts: ScriptCheck::default(),
            log: None,
            is_frozen: false,
        }
    }

    /// Replays the events of `directory`, with every check they had to pass when they happened.
    pub(super) fn open(directory: &Path) -> Result<Self, OpenError> {
        let (log, events) = Log::open(directory)?;
        let mut state = Self::in_memory();
        for (offset, event) in events {
            state.replay(event).ok_or(OpenError::Damaged { offset })?;
        }
        state.log = Some(log);
        Ok(state)
    }

    pub(super) fn check_health(&self) -> Result<(), ChainError> {
        if self.is_frozen {
            Err(ChainError::Unavailable("the chain's file could not be written".into()))
        } else {
            Ok(())
        }
    }

    pub(super) fn view(&self) -> View<'_> {
        View { ledger: &self.ledger, mempool: &self.mempool, scripts: &self.scripts }
    }

    pub(super) fn mine(&mut self, script: ScriptBuf, contents: Contents) -> Result<BlockRef, ChainError> {
        let (transactions, fees) = match contents {
            Contents::Mempool => self.template(),
            Contents::Nothing => (Vec::new(), Amount::ZERO),
        };
        let block = next_block(&self.ledger, transactions, fees, script, self.ledger.block_count())
            .ok_or_else(|| ChainError::Unavailable("no further block can be made".into()))?;
        let mined = self.connect(block.clone()).map_err(impossible)?;
        self.write(&Event::Block(block))?;
        Ok(mined)
    }

    pub(super) fn mark(&mut self, hash: BlockHash, mark: Mark) -> Result<BlockRef, ChainError> {
        self.apply_mark(hash, mark).map_err(impossible)?;
        self.write(&Event::Mark(hash, mark))?;
        Ok(self.ledger.tip())
    }

    pub(super) fn submit(&mut self, submission: Submission<'_>) -> Result<(), BroadcastError> {
        match submission {
            Submission::Transaction(transaction) => self.submit_single(transaction),
            Submission::Package { parent, child } => {
                View::check_family(parent, child).map_err(refused)?;
                match self.submit_single(parent) {
                    Err(BroadcastError::Refused(rejection))
                        if rejection.figures.as_ref().is_some_and(|rule| rule.is_about_fee()) =>
                    {
                        let plan = self.view().package(parent, child).map_err(refused)?;
                        Ok(self.take(plan)?)
                    }
                    result => result.and_then(|()| self.submit_single(child)),
                }
            }
        }
    }

    pub(super) fn check_single(&self, transaction: &Transaction) -> Result<(), BroadcastError> {
        self.view().single(transaction, FeeRule::Relay).map(drop).map_err(refused)
    }

    fn submit_single(&mut self, transaction: &Transaction) -> Result<(), BroadcastError> {
        let plan = self.view().single(transaction, FeeRule::Relay).map_err(refused)?;
        Ok(self.take(plan)?)
    }

    /// Does what was planned and writes it down.
    fn take(&mut self, plan: Plan) -> Result<(), ChainError> {
        if plan.add.is_empty() {
            return Ok(());
        }
        let transactions = plan.add.iter().map(|entry| (*entry.transaction).clone()).collect();
        self.apply_plan(plan);
        self.write(&Event::Accept(transactions))
    }

    fn apply_plan(&mut self, plan: Plan) {
        for txid in &plan.remove {
            self.mempool.remove(txid);
        }
        for entry in plan.add {
            self.scripts.remember(entry.wtxid);
            self.mempool.insert(entry);
        }
    }

    fn connect(&mut self, block: Block) -> Result<BlockRef, BlockError> {
        let transactions = block.txdata.clone();
        let connected = self.ledger.connect(block, &mut self.scripts)?;
        self.mempool.confirm(&transactions);
        Ok(connected)
    }

    fn apply_mark(&mut self, hash: BlockHash, mark: Mark) -> Result<(), BlockError> {
        let before = self.ledger.tip();
        let left = self.ledger.mark(hash, mark, &mut self.scripts)?;
        if self.ledger.tip() != before {
            self.refill(&left);
        }
        Ok(())
    }

    /// After a reorganisation the mempool holds what was undone and what it held, as far as both still may be mined.
    fn refill(&mut self, left: &[Block]) {
        let undone = left.iter().flat_map(|block| block.txdata.iter().skip(1)).cloned();
        let waiting = self.mempool.in_order().map(|entry| (*entry.transaction).clone());
        let all: Vec<_> = undone.chain(waiting).collect();
        self.mempool = Mempool::default();
        for transaction in all {
            if let Ok(plan) = self.view().single(&transaction, FeeRule::Waived)
                && plan.remove.is_empty()
            {
                self.apply_plan(plan);
            }
        }
    }

    fn template(&self) -> (Vec<Transaction>, Amount) {
        let order = Piece::mining_order(self.mempool.in_order().map(Piece::of).collect());
        let mut room = Weight::MAX_BLOCK.checked_sub(RESERVED).unwrap_or(Weight::ZERO);
        let (mut transactions, mut fees, mut left_out) = (Vec::new(), Amount::ZERO, BTreeSet::new());
        for entry in order.iter().filter_map(|txid| self.mempool.entry(txid)) {
            let left = room.checked_sub(entry.transaction.weight());
            let sum = fees.checked_add(entry.fee);
            match (left, sum) {
                (Some(left), Some(sum)) if entry.parents.is_disjoint(&left_out) => {
                    (room, fees) = (left, sum);
                    transactions.push((*entry.transaction).clone());
                }
                _ => {
                    left_out.insert(entry.txid);
                }
            }
        }
        (transactions, fees)
    }

    fn replay(&mut self, event: Event) -> Option<()> {
        match event {
            Event::Block(block) => self.connect(block).ok().map(|_| ()),
            Event::Mark(hash, mark) => {
                self.ledger.block(&hash).filter(|(block, _)| block.height > 0)?;
                self.apply_mark(hash, mark).ok()
            }
            Event::Accept(transactions) => {
                let plan = match transactions.as_slice() {
                    [transaction] => self.view().single(transaction, FeeRule::Relay).ok()?,
                    [parent, child] => self.view().package(parent, child).ok()?,
                    _ => return None,
                };
                self.apply_plan(plan);
                Some(())
            }
        }
    }

    fn write(&mut self, event: &Event) -> Result<(), ChainError> {
        let Some(log) = &mut self.log else { return Ok(()) };
        log.append(event).map_err(|error| {
            self.is_frozen = true;
            ChainError::Unavailable(Box::new(error))
        })
    }
}

fn refused(refusal: Refusal) -> BroadcastError {
    BroadcastError::Refused(refusal.into())
}

/// The mempool holds nothing that a block may not, so this says that the chain itself is wrong.
fn impossible(error: BlockError) -> ChainError {
    ChainError::Malformed(Box::new(error))
}
