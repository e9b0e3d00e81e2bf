//! TRUC (BIP 431): one parent, one child, both small, and the sibling that a better child may push out.

use bitcoin::Txid;

use super::Entry;
use super::accept::{Candidate, View};
use crate::Refusal;
use crate::policy::{MAX_TRUC_CHILD_VBYTES, MAX_TRUC_VBYTES, TRUC};
use crate::refusal::TrucRule;

/// A TRUC transaction and its unconfirmed relatives.
const MAX_RELATIVES: usize = 2;

impl View<'_> {
    /// Checks one transaction. What comes back is the sibling it would have to push out.
    pub(super) fn check_truc(&self, candidate: &Candidate) -> Result<Option<Txid>, Refusal> {
        let entry = &candidate.entry;
        let refuse = |rule| Err(Refusal::Truc { txid: entry.txid, rule });
        for parent in entry.parents.iter().filter_map(|txid| self.mempool.entry(txid)) {
            if is_truc(parent) != is_truc(entry) {
                return refuse(TrucRule::Mixed { parent: parent.txid });
            }
        }
        if !is_truc(entry) {
            return Ok(None);
        }
        check_size(entry, MAX_TRUC_VBYTES)?;
        let ancestors = self.mempool.with_ancestors(&entry.parents).len();
        if ancestors + 1 > MAX_RELATIVES {
            return refuse(TrucRule::Ancestors { count: ancestors + 1 });
        }
        let Some(parent) = entry.parents.first() else { return Ok(None) };
        check_size(entry, MAX_TRUC_CHILD_VBYTES)?;
        let siblings = self.mempool.children(parent);
        let stay: Vec<_> = siblings.difference(&candidate.conflicts).copied().collect();
        match stay[..] {
            [] => Ok(None),
            // After a reorganisation a parent can have more; then none of them is pushed out.
            [sibling] if siblings.len() == 1 && self.mempool.children(&sibling).is_empty() => {
                Ok(Some(sibling))
            }
            _ => refuse(TrucRule::Descendants { parent: *parent, count: stay.len() + MAX_RELATIVES }),
        }
    }
}

/// Checks a child and its parent, both new. `parent` has been checked alone.
pub(super) fn check_pair(parent: &Entry, child: &Entry) -> Result<(), Refusal> {
    let refuse = |rule| Err(Refusal::Truc { txid: child.txid, rule });
    if is_truc(parent) != is_truc(child) {
        return refuse(TrucRule::Mixed { parent: parent.txid });
    }
    if !is_truc(child) {
        return Ok(());
    }
    check_size(child, MAX_TRUC_CHILD_VBYTES)?;
    let ancestors = child.parents.len().saturating_add(parent.parents.len());
    if ancestors + 1 > MAX_RELATIVES {
        return refuse(TrucRule::Ancestors { count: ancestors + 1 });
    }
    Ok(())
}

fn is_truc(entry: &Entry) -> bool {
    entry.transaction.version == TRUC
}

fn check_size(entry: &Entry, max: u64) -> Result<(), Refusal> {
    let vbytes = entry.vbytes;
    if vbytes > max {
        return Err(Refusal::Truc { txid: entry.txid, rule: TrucRule::TooLarge { vbytes, max } });
    }
    Ok(())
}
