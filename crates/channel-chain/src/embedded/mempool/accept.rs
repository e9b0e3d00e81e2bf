//! Whether a transaction may enter the mempool, and what has to leave for it.

use std::collections::BTreeSet;
use std::sync::Arc;

use bitcoin::constants::COINBASE_MATURITY;
use bitcoin::{Amount, OutPoint, Transaction, TxOut, Weight};

use super::super::ledger::{Ledger, total};
use super::super::script::ScriptCheck;
use super::standard;
use super::{Entry, Mempool};
use crate::Refusal;
use crate::finality::{Place, check_final};
use crate::policy::{
    MAX_CLUSTER_COUNT, MAX_CLUSTER_VBYTES, MAX_DUST_OUTPUTS, MINIMUM_RELAY, dust_outputs, fee_of,
};
use crate::refusal::Flaw;

/// What a transaction is judged against.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct View<'a> {
    pub(in super::super) ledger: &'a Ledger,
    pub(in super::super) mempool: &'a Mempool,
    pub(in super::super) scripts: &'a ScriptCheck,
}

/// Whether fees, and the rules that depend on neighbours, are asked for: not of what comes back from an undone block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum FeeRule {
    Relay,
    Waived,
}

/// What changes when a submission is taken.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Plan {
    pub(in super::super) add: Vec<Entry>,
    pub(in super::super) remove: BTreeSet<bitcoin::Txid>,
}

/// A transaction whose coins are known, before the rules on fees and neighbours.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) entry: Entry,
    pub(super) spent: Vec<TxOut>,
    /// What in the mempool spends the same coins.
    pub(super) conflicts: BTreeSet<bitcoin::Txid>,
}

impl View<'_> {
    /// Judges one transaction.
    pub(in super::super) fn single(&self, transaction: &Transaction, fees: FeeRule) -> Result<Plan, Refusal> {
        if self.has(transaction)? {
            return Ok(Plan::default());
        }
        let mut candidate = self.candidate(transaction, None)?;
        if fees == FeeRule::Waived {
            self.check_scripts(&candidate)?;
            let remove = self.mempool.with_descendants(&candidate.conflicts);
            return Ok(Plan { add: vec![candidate.entry], remove });
        }
        check_dust(&candidate.entry)?;
        check_minimum(&candidate.entry, candidate.entry.fee, candidate.entry.vbytes)?;
        if let Some(sibling) = self.check_truc(&candidate)? {
            candidate.conflicts.insert(sibling);
        }
        let remove = self.mempool.with_descendants(&candidate.conflicts);
        self.check_cluster(&candidate.entry, &remove, None)?;
        if !remove.is_empty() {
            self.check_replacement(&candidate, &remove)?;
        }
        self.check_ephemeral(&candidate.entry, None)?;
        self.check_scripts(&candidate)?;
        Ok(Plan { add: vec![candidate.entry], remove })
    }

    /// True when the mempool has exactly this transaction.
    pub(super) fn has(&self, transaction: &Transaction) -> Result<bool, Refusal> {
        let txid = transaction.compute_txid();
        match self.mempool.entry(&txid) {
            Some(entry) if entry.wtxid == transaction.compute_wtxid() => Ok(true),
            Some(_) => Err(Refusal::OtherWitness { txid }),
            None => Ok(false),
        }
    }

    /// Finds the coins and checks everything that neither fees nor neighbours decide. `parent` is an unconfirmed parent
    /// that is not in the mempool yet.
    pub(super) fn candidate(
        &self,
        transaction: &Transaction,
        parent: Option<&Entry>,
    ) -> Result<Candidate, Refusal> {
        let txid = transaction.compute_txid();
        check_form(transaction)?;
        standard::check(transaction)?;
        if self.ledger.height_of(&txid).is_some() {
            return Err(Refusal::AlreadyConfirmed { txid });
        }
        let mut coins = Coins::default();
        for input in &transaction.input {
            self.find(transaction, input.previous_output, parent, &mut coins)?;
        }
        self.check_locks(transaction, &coins.places)?;
        let fee = fee(transaction, &coins.spent)?;
        let sigops = standard::check_inputs(transaction, &coins.spent)?;
        let vbytes = crate::policy::virtual_size(transaction.weight(), sigops);
        let wtxid = transaction.compute_wtxid();
        let transaction = Arc::new(transaction.clone());
        let entry = Entry { transaction, txid, wtxid, fee, vbytes, parents: coins.parents };
        Ok(Candidate { entry, spent: coins.spent, conflicts: coins.conflicts })
    }

    fn find(
        &self,
        transaction: &Transaction,
        outpoint: OutPoint,
        parent: Option<&Entry>,
        coins: &mut Coins,
    ) -> Result<(), Refusal> {
        let place = self.ledger.next_place();
        let fresh = parent
            .filter(|parent| parent.txid == outpoint.txid)
            .and_then(|parent| parent.transaction.output.get(usize::try_from(outpoint.vout).ok()?));
        if let Some(output) = fresh.or_else(|| self.mempool.output(&outpoint)) {
            coins.parents.insert(outpoint.txid);
            coins.places.push(place);
            coins.spent.push(output.clone());
        } else if let Some(coin) = self.ledger.coin(&outpoint) {
            let age = place.height.saturating_sub(coin.height);
            if coin.is_coinbase && age < COINBASE_MATURITY {
                let txid = transaction.compute_txid();
                return Err(Refusal::ImmatureCoinbase { txid, outpoint, age, required: COINBASE_MATURITY });
            }
            coins.places.push(self.ledger.place_of(coin));
            coins.spent.push(coin.output.clone());
        } else {
            return Err(Refusal::MissingInput { txid: transaction.compute_txid(), outpoint });
        }
        coins.conflicts.extend(self.mempool.spender(&outpoint));
        Ok(())
    }

    fn check_locks(&self, transaction: &Transaction, places: &[Place]) -> Result<(), Refusal> {
        let next = self.ledger.next_place();
        let txid = transaction.compute_txid();
        check_final(transaction, places, next).map_err(|lock| match lock {
            crate::finality::NotFinal::LockTime { .. } => Refusal::LockTime { txid, lock },
            _ => Refusal::RelativeLock { txid, lock },
        })
    }

    /// Who spends an unconfirmed parent spends its dust too.
    pub(super) fn check_ephemeral(&self, entry: &Entry, parent: Option<&Entry>) -> Result<(), Refusal> {
        for txid in &entry.parents {
            let parent = parent.filter(|parent| parent.txid == *txid).or_else(|| self.mempool.entry(txid));
            for vout in parent.iter().flat_map(|parent| dust_outputs(&parent.transaction)) {
                let dust = OutPoint { txid: *txid, vout };
                if !entry.transaction.input.iter().any(|input| input.previous_output == dust) {
                    return Err(Refusal::EphemeralDust { txid: entry.txid, dust });
                }
            }
        }
        Ok(())
    }

    /// The cluster `entry` would join, without `removed` and with a `parent` that comes with it, keeps its limits.
    pub(super) fn check_cluster(
        &self,
        entry: &Entry,
        removed: &BTreeSet<bitcoin::Txid>,
        parent: Option<&Entry>,
    ) -> Result<(), Refusal> {
        let mut near = entry.parents.clone();
        near.extend(parent.iter().flat_map(|parent| &parent.parents));
        let cluster = self.mempool.connected(&near);
        let stay = cluster.difference(removed).filter_map(|txid| self.mempool.entry(txid));
        let (count, vbytes) = stay
            .chain([entry])
            .chain(parent)
            .fold((0, 0_u64), |(count, sum), entry| (count + 1, sum.saturating_add(entry.vbytes)));
        if count > MAX_CLUSTER_COUNT || vbytes > MAX_CLUSTER_VBYTES {
            return Err(Refusal::ClusterLimit { txid: entry.txid, count, vbytes });
        }
        Ok(())
    }

    pub(super) fn check_scripts(&self, candidate: &Candidate) -> Result<(), Refusal> {
        let txid = candidate.entry.txid;
        match self.scripts.check(&candidate.entry.transaction, &candidate.spent) {
            Ok(_) => Ok(()),
            Err(input) => Err(Refusal::Script { txid, input }),
        }
    }
}

#[derive(Debug, Default)]
struct Coins {
    spent: Vec<TxOut>,
    places: Vec<Place>,
    parents: BTreeSet<bitcoin::Txid>,
    conflicts: BTreeSet<bitcoin::Txid>,
}

/// One output of dust, where nothing is paid.
pub(super) fn check_dust(entry: &Entry) -> Result<(), Refusal> {
    let count = dust_outputs(&entry.transaction).count();
    if count > MAX_DUST_OUTPUTS || (count > 0 && entry.fee > Amount::ZERO) {
        return Err(Refusal::Dust { txid: entry.txid, count, fee: entry.fee });
    }
    Ok(())
}

/// The fee asked of `vbytes` is paid by `fee`.
pub(super) fn check_minimum(entry: &Entry, fee: Amount, vbytes: u64) -> Result<(), Refusal> {
    let required = fee_of(MINIMUM_RELAY, vbytes);
    if fee < required {
        return Err(Refusal::MinimumFeerate { txid: entry.txid, fee, vbytes, required });
    }
    Ok(())
}

fn check_form(transaction: &Transaction) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    let flaw = if transaction.input.is_empty() {
        Flaw::NoInputs
    } else if transaction.output.is_empty() {
        Flaw::NoOutputs
    } else if transaction.base_size().saturating_mul(4)
        > Weight::MAX_BLOCK.to_wu().try_into().unwrap_or(usize::MAX)
    {
        Flaw::Oversize
    } else if total(transaction.output.iter()).is_none() {
        Flaw::TooMuchMoney
    } else if !transaction.input.iter().all(|input| seen.insert(input.previous_output)) {
        Flaw::DuplicateInput
    } else if transaction.input.iter().any(|input| input.previous_output.is_null()) {
        Flaw::Coinbase
    } else {
        return Ok(());
    };
    Err(Refusal::Malformed { txid: transaction.compute_txid(), flaw })
}

fn fee(transaction: &Transaction, spent: &[TxOut]) -> Result<Amount, Refusal> {
    let txid = transaction.compute_txid();
    let spent = total(spent.iter()).ok_or(Refusal::Malformed { txid, flaw: Flaw::TooMuchMoney })?;
    let paid =
        total(transaction.output.iter()).ok_or(Refusal::Malformed { txid, flaw: Flaw::TooMuchMoney })?;
    spent.checked_sub(paid).ok_or(Refusal::Overspent { txid, paid, spent })
}
