//! What to look for in a block, and what was found there.

use std::collections::HashSet;
use std::sync::Arc;

use bitcoin::{BlockHash, OutPoint, ScriptBuf, Transaction, TxOut};

use crate::BlockRef;

/// The outpoints and scripts to look for.
///
/// Both are sets, so that scanning a block costs the same however much is watched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watched {
    outpoints: HashSet<OutPoint>,
    scripts: HashSet<ScriptBuf>,
}

/// One thing found in a block.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sighting {
    /// A watched outpoint is spent.
    Spent {
        /// The outpoint.
        outpoint: OutPoint,
        /// The transaction that spends it.
        transaction: Arc<Transaction>,
        /// Which of its inputs does.
        input: u32,
        /// The place of the transaction in the block; the coinbase has 0.
        position: u32,
    },
    /// A watched script is paid.
    Paid {
        /// The new outpoint.
        outpoint: OutPoint,
        /// The value, in sat, and the script.
        output: TxOut,
        /// The place of the transaction in the block; the coinbase has 0.
        position: u32,
    },
}

/// What a block did to the watched outpoints and scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockReport {
    /// The block.
    pub block: BlockRef,
    /// The block before it.
    pub parent: BlockHash,
    /// What was found, in the order of the block: by transaction, then its inputs, then its outputs.
    pub sightings: Vec<Sighting>,
}

impl Watched {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks for spends of `outpoint` from now on.
    pub fn watch_outpoint(&mut self, outpoint: OutPoint) {
        self.outpoints.insert(outpoint);
    }

    /// Looks for payments to `script` from now on, and for spends of those payments.
    pub fn watch_script(&mut self, script: ScriptBuf) {
        self.scripts.insert(script);
    }

    /// Stops looking for spends of `outpoint`.
    pub fn forget_outpoint(&mut self, outpoint: &OutPoint) {
        self.outpoints.remove(outpoint);
    }

    /// Finds what is watched in the transactions of a block, in their order.
    ///
    /// A payment to a watched script makes its outpoint watched for the rest of the block, so that a coin which comes and
    /// goes within one block is seen twice. Keeping it watched in later blocks is the caller's, or the
    /// [`Follower`](crate::Follower)'s.
    pub fn scan(&self, transactions: &[Transaction]) -> Vec<Sighting> {
        let mut found = Vec::new();
        let mut fresh = HashSet::new();
        for (transaction, position) in transactions.iter().zip(0..) {
            self.scan_inputs(transaction, position, &fresh, &mut found);
            self.scan_outputs(transaction, position, &mut fresh, &mut found);
        }
        found
    }

    fn scan_inputs(
        &self,
        transaction: &Transaction,
        position: u32,
        fresh: &HashSet<OutPoint>,
        found: &mut Vec<Sighting>,
    ) {
        let mut shared = None;
        for (spend, input) in transaction.input.iter().zip(0..) {
            let outpoint = spend.previous_output;
            if self.outpoints.contains(&outpoint) || fresh.contains(&outpoint) {
                let transaction = Arc::clone(shared.get_or_insert_with(|| Arc::new(transaction.clone())));
                found.push(Sighting::Spent { outpoint, transaction, input, position });
            }
        }
    }

    fn scan_outputs(
        &self,
        transaction: &Transaction,
        position: u32,
        fresh: &mut HashSet<OutPoint>,
        found: &mut Vec<Sighting>,
    ) {
        let mut txid = None;
        for (output, vout) in transaction.output.iter().zip(0..) {
            if self.scripts.contains(&output.script_pubkey) {
                let txid = *txid.get_or_insert_with(|| transaction.compute_txid());
                let outpoint = OutPoint { txid, vout };
                fresh.insert(outpoint);
                found.push(Sighting::Paid { outpoint, output: output.clone(), position });
            }
        }
    }
}
