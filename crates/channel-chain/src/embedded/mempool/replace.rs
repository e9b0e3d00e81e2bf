//! When a transaction may push others out: it pays for them, for its own way, and makes the mempool better.

use std::collections::BTreeSet;

use bitcoin::{Amount, Txid};

use super::Entry;
use super::accept::{Candidate, View};
use super::cluster::Piece;
use crate::Refusal;
use crate::policy::{INCREMENTAL_RELAY, MAX_REPLACED_CLUSTERS, fee_of};
use crate::refusal::PackageRule;

impl View<'_> {
    /// Checks that one transaction may replace `removed`.
    pub(super) fn check_replacement(
        &self,
        candidate: &Candidate,
        removed: &BTreeSet<Txid>,
    ) -> Result<(), Refusal> {
        self.check_ancestors(&candidate.entry, removed)?;
        self.check_clusters(&candidate.entry, &candidate.conflicts)?;
        self.check_payment(&candidate.entry, candidate.entry.fee, candidate.entry.vbytes, removed)?;
        self.check_improvement(&[&candidate.entry], removed)
    }

    /// Checks that a parent and its child may replace `removed`.
    pub(super) fn check_package_replacement(
        &self,
        parent: &Candidate,
        child: &Candidate,
        removed: &BTreeSet<Txid>,
    ) -> Result<(), Refusal> {
        let (first, second) = (&parent.entry, &child.entry);
        let txid = second.txid;
        if !first.parents.is_empty() || second.parents.len() > 1 {
            return Err(Refusal::Package { txid, rule: PackageRule::ReplacesWithParents });
        }
        self.check_clusters(second, &(&parent.conflicts | &child.conflicts))?;
        let fee = first.fee.checked_add(second.fee).unwrap_or(Amount::MAX_MONEY);
        let vbytes = first.vbytes.saturating_add(second.vbytes);
        self.check_payment(second, fee, vbytes, removed)?;
        let pays = |fee: Amount, vbytes: u64| u128::from(fee.to_sat()) * u128::from(vbytes);
        if pays(fee, first.vbytes) <= pays(first.fee, vbytes) {
            return Err(Refusal::Package { txid, rule: PackageRule::ChildPaysLess });
        }
        self.check_improvement(&[first, second], removed)
    }

    fn check_ancestors(&self, entry: &Entry, removed: &BTreeSet<Txid>) -> Result<(), Refusal> {
        let ancestors = self.mempool.with_ancestors(&entry.parents);
        match ancestors.intersection(removed).next() {
            Some(replaced) => Err(Refusal::SpendsReplaced { txid: entry.txid, replaced: *replaced }),
            None => Ok(()),
        }
    }

    fn check_clusters(&self, entry: &Entry, conflicts: &BTreeSet<Txid>) -> Result<(), Refusal> {
        let names: BTreeSet<_> = conflicts
            .iter()
            .filter_map(|txid| self.mempool.connected(&BTreeSet::from([*txid])).first().copied())
            .collect();
        let clusters = names.len();
        if clusters > MAX_REPLACED_CLUSTERS {
            return Err(Refusal::TooManyReplaced { txid: entry.txid, clusters });
        }
        Ok(())
    }

    fn check_payment(
        &self,
        entry: &Entry,
        fee: Amount,
        vbytes: u64,
        removed: &BTreeSet<Txid>,
    ) -> Result<(), Refusal> {
        let replaced = removed.iter().filter_map(|txid| self.mempool.entry(txid)).map(|entry| entry.fee);
        let required = replaced
            .chain([fee_of(INCREMENTAL_RELAY, vbytes)])
            .try_fold(Amount::ZERO, Amount::checked_add)
            .unwrap_or(Amount::MAX_MONEY);
        if fee < required {
            return Err(Refusal::ReplacementFee { txid: entry.txid, fee, required });
        }
        Ok(())
    }

    fn check_improvement(&self, added: &[&Entry], removed: &BTreeSet<Txid>) -> Result<(), Refusal> {
        let mut near = removed.clone();
        near.extend(added.iter().flat_map(|entry| &entry.parents));
        let touched = self.mempool.connected(&near);
        let pieces = |txids: &BTreeSet<Txid>| -> Vec<_> {
            txids.iter().filter_map(|txid| self.mempool.entry(txid)).map(Piece::of).collect()
        };
        let mut new = pieces(&touched.difference(removed).copied().collect());
        new.extend(added.iter().map(|entry| Piece::of(entry)));
        let is_better = Piece::improves(new, pieces(&touched));
        match added.last() {
            Some(entry) if !is_better => Err(Refusal::ReplacementFeerate { txid: entry.txid }),
            _ => Ok(()),
        }
    }
}
