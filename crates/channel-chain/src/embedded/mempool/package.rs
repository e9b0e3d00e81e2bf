//! A parent and the one child that pays for it, judged together where the parent alone pays too little.

use bitcoin::Transaction;

use super::accept::{Plan, View, check_dust, check_minimum};
use super::truc::check_pair;
use crate::Refusal;
use crate::refusal::PackageRule;

impl View<'_> {
    /// The child spends from the parent and from none of its coins.
    pub(in super::super) fn check_family(parent: &Transaction, child: &Transaction) -> Result<(), Refusal> {
        let (txid, parent_txid) = (child.compute_txid(), parent.compute_txid());
        let refuse = |rule| Err(Refusal::Package { txid, rule });
        if !child.input.iter().any(|input| input.previous_output.txid == parent_txid) {
            return refuse(PackageRule::NotAChild);
        }
        let is_shared = |outpoint| parent.input.iter().any(|input| input.previous_output == outpoint);
        if child.input.iter().any(|input| is_shared(input.previous_output)) {
            return refuse(PackageRule::Conflict);
        }
        Ok(())
    }

    /// Judges both together.
    pub(in super::super) fn package(
        &self,
        parent: &Transaction,
        child: &Transaction,
    ) -> Result<Plan, Refusal> {
        Self::check_family(parent, child)?;
        let parent = self.candidate(parent, None)?;
        let child = self.candidate(child, Some(&parent.entry))?;
        let (first, second) = (&parent.entry, &child.entry);
        check_dust(first)?;
        check_dust(second)?;
        let fee = first.fee.checked_add(second.fee).unwrap_or(bitcoin::Amount::MAX_MONEY);
        let vbytes = first.vbytes.saturating_add(second.vbytes);
        check_minimum(second, fee, vbytes)?;
        // A parent that would push out a sibling has a parent itself, which the pair may not have.
        self.check_truc(&parent)?;
        check_pair(first, second)?;
        let conflicts = &parent.conflicts | &child.conflicts;
        let remove = self.mempool.with_descendants(&conflicts);
        self.check_cluster(second, &remove, Some(first))?;
        if !remove.is_empty() {
            self.check_package_replacement(&parent, &child, &remove)?;
        }
        self.check_ephemeral(first, None)?;
        self.check_ephemeral(second, Some(first))?;
        self.check_scripts(&parent)?;
        self.check_scripts(&child)?;
        Ok(Plan { add: vec![parent.entry, child.entry], remove })
    }
}
