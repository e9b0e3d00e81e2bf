//! The transactions that wait for a block, and how they hang together.

mod accept;
mod cluster;
mod package;
mod replace;
mod standard;
mod truc;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use bitcoin::{Amount, OutPoint, Transaction, TxOut, Txid, Wtxid};

pub(super) use accept::{FeeRule, Plan, View};
pub(super) use cluster::Piece;

/// A transaction that would be or is in the mempool.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) transaction: Arc<Transaction>,
    pub(super) txid: Txid,
    pub(super) wtxid: Wtxid,
    pub(super) fee: Amount,
    pub(super) vbytes: u64,
    /// The unconfirmed transactions it spends from.
    pub(super) parents: BTreeSet<Txid>,
}

/// The mempool.
#[derive(Debug, Default)]
pub(super) struct Mempool {
    entries: HashMap<Txid, Entry>,
    spenders: HashMap<OutPoint, Txid>,
    arrivals: Vec<Txid>,
}

impl Mempool {
    pub(super) fn entry(&self, txid: &Txid) -> Option<&Entry> {
        self.entries.get(txid)
    }

    pub(super) fn output(&self, outpoint: &OutPoint) -> Option<&TxOut> {
        let entry = self.entries.get(&outpoint.txid)?;
        entry.transaction.output.get(usize::try_from(outpoint.vout).ok()?)
    }

    pub(super) fn spender(&self, outpoint: &OutPoint) -> Option<Txid> {
        self.spenders.get(outpoint).copied()
    }

    /// Every entry, parents before their children.
    pub(super) fn in_order(&self) -> impl Iterator<Item = &Entry> {
        self.arrivals.iter().filter_map(|txid| self.entries.get(txid))
    }

    pub(super) fn insert(&mut self, entry: Entry) {
        for input in &entry.transaction.input {
            self.spenders.insert(input.previous_output, entry.txid);
        }
        self.arrivals.push(entry.txid);
        self.entries.insert(entry.txid, entry);
    }

    pub(super) fn remove(&mut self, txid: &Txid) -> Option<Entry> {
        let entry = self.entries.remove(txid)?;
        for input in &entry.transaction.input {
            self.spenders.remove(&input.previous_output);
        }
        self.arrivals.retain(|other| other != txid);
        Some(entry)
    }

    /// What a new block leaves: neither its transactions nor what they conflict with. Children of its transactions have
    /// one unconfirmed parent less.
    pub(super) fn confirm(&mut self, transactions: &[Transaction]) {
        for transaction in transactions {
            let txid = transaction.compute_txid();
            if self.remove(&txid).is_some() {
                for entry in self.entries.values_mut() {
                    entry.parents.remove(&txid);
                }
            }
            for input in &transaction.input {
                if let Some(conflict) = self.spender(&input.previous_output) {
                    for gone in self.with_descendants(&BTreeSet::from([conflict])) {
                        self.remove(&gone);
                    }
                }
            }
        }
    }

    /// The unconfirmed children of a transaction.
    pub(super) fn children(&self, txid: &Txid) -> BTreeSet<Txid> {
        self.entries.values().filter(|entry| entry.parents.contains(txid)).map(|entry| entry.txid).collect()
    }

    pub(super) fn with_descendants(&self, of: &BTreeSet<Txid>) -> BTreeSet<Txid> {
        self.closure(of, |entry| self.children(&entry.txid))
    }

    pub(super) fn with_ancestors(&self, of: &BTreeSet<Txid>) -> BTreeSet<Txid> {
        self.closure(of, |entry| entry.parents.clone())
    }

    /// Everything connected with any of `of`, which are part of it.
    pub(super) fn connected(&self, of: &BTreeSet<Txid>) -> BTreeSet<Txid> {
        self.closure(of, |entry| {
            let mut near = self.children(&entry.txid);
            near.extend(&entry.parents);
            near
        })
    }

    fn closure(&self, of: &BTreeSet<Txid>, near: impl Fn(&Entry) -> BTreeSet<Txid>) -> BTreeSet<Txid> {
        let mut found = BTreeSet::new();
        let mut waiting: Vec<_> = of.iter().copied().collect();
        while let Some(txid) = waiting.pop() {
            // A parent that comes with its child in a package is not here yet.
            let Some(entry) = self.entries.get(&txid) else { continue };
            if found.insert(txid) {
                waiting.extend(near(entry));
            }
        }
        found
    }
}
