//! Punishing a revoked commitment: everything on it, and everything its second level makes, is the other party's
//! (BOLT 5, "Revoked Transaction Close Handling").
//!
//! ```text
//! revoked commitment ── to_local ───────────────────────────► penalty, before to_self_delay ends
//!                    ├─ to_remote ──────────────────────────► ours anyway, apart: no haste
//!                    ├─ HTLC ───────────────────────────────► penalty, at once
//!                    └─ HTLC ──► HTLC-timeout, HTLC-success ─► penalty of its output, before to_self_delay ends
//! ```
//!
//! The cheater can join its second level into one transaction, where input i still leads to output i. Which outputs are
//! left is known to [`Breach`], which is told of everything that spends the commitment.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use bitcoin::{OutPoint, Transaction, Txid};
use channel_core::Side;

use crate::claim::{
    ChannelOutput, ClaimFacts, Claims, Confirmation, IdentifiedCommitment, Resolution, Standing, SweepPlan,
    SweepTerms,
};

/// A revoked commitment on the chain, and what is left of it.
#[derive(Debug, Clone)]
pub struct Breach {
    commitment: IdentifiedCommitment,
    confirmation: Confirmation,
    /// What spent outputs of the commitment, by the output.
    spent: BTreeMap<OutPoint, Spent>,
    /// What spent outputs of the second level, by the output.
    gone: BTreeMap<OutPoint, Spender>,
}

#[derive(Debug, Clone)]
struct Spent {
    second_level: Option<ChannelOutput>,
    by: Spender,
}

/// A transaction that spends an output.
#[derive(Debug, Clone, Copy)]
struct Spender {
    txid: Txid,
    confirmation: Confirmation,
}

impl Spender {
    /// Whether it takes the place of the spender known so far: what is in a block is displaced by blocks alone.
    fn displaces(self, known: Option<Self>) -> bool {
        known.is_none_or(|known| {
            self.txid == known.txid
                || known.confirmation == Confirmation::Unconfirmed
                || self.confirmation != Confirmation::Unconfirmed
        })
    }
}

impl Breach {
    /// A revoked commitment of which nothing is spent yet.
    pub const fn new(commitment: IdentifiedCommitment, confirmation: Confirmation) -> Self {
        Self { commitment, confirmation, spent: BTreeMap::new(), gone: BTreeMap::new() }
    }

    /// The commitment.
    pub const fn commitment(&self) -> &IdentifiedCommitment {
        &self.commitment
    }

    /// The party that is owed everything.
    pub const fn claimant(&self) -> Side {
        self.commitment.owner().other()
    }

    /// The commitment was found at another place: it confirmed, or a reorganisation took it out again.
    pub const fn found(&mut self, confirmation: Confirmation) {
        self.confirmation = confirmation;
    }

    /// `transaction` spends outputs of the commitment or of its second level; call it again when it confirms. What
    /// follows from it is claimed instead of what it spent.
    ///
    /// A transaction that is not confirmed can be told of too, then the penalty becomes its child. Whoever would rather
    /// replace it leaves it out. Where a confirmed transaction is known to spend an output, one that is not confirmed
    /// changes nothing: it cannot confirm any more.
    pub fn spent_by(&mut self, transaction: &Transaction, confirmation: Confirmation) -> Vec<Resolution> {
        let resolutions = self.commitment.resolutions(transaction);
        let by = Spender { txid: transaction.compute_txid(), confirmation };
        for resolution in &resolutions {
            if by.displaces(self.spent.get(&resolution.outpoint).map(|spent| spent.by)) {
                let second_level = resolution.second_level.clone();
                self.spent.insert(resolution.outpoint, Spent { second_level, by });
            }
        }
        for input in &transaction.input {
            let outpoint = input.previous_output;
            let ours = self.second_level().any(|(output, _)| output.outpoint == outpoint);
            if ours && by.displaces(self.gone.get(&outpoint).copied()) {
                self.gone.insert(outpoint, by);
            }
        }
        resolutions
    }

    /// `transaction`, told of before, is on the chain no longer and will not be: what it spent is there again, unless
    /// another transaction that took its place spends it.
    pub fn unspent_by(&mut self, transaction: &Transaction) {
        let txid = transaction.compute_txid();
        for input in &transaction.input {
            let outpoint = input.previous_output;
            if self.spent.get(&outpoint).is_some_and(|spent| spent.by.txid == txid) {
                self.spent.remove(&outpoint);
            }
            if self.gone.get(&outpoint).is_some_and(|by| by.txid == txid) {
                self.gone.remove(&outpoint);
            }
        }
    }

    /// What the claimant can take at `height`.
    pub fn claims(&self, height: u32) -> Claims {
        let none = BTreeMap::new();
        let facts =
            |confirmation| ClaimFacts { height, confirmation, standing: Standing::Revoked, preimages: &none };
        let unspent: Vec<ChannelOutput> = self
            .commitment
            .outputs
            .iter()
            .filter(|output| !self.spent.contains_key(&output.outpoint))
            .cloned()
            .collect();
        let mut claims = Claims::of(&unspent, self.claimant(), &facts(self.confirmation));
        for (output, confirmation) in self.second_level() {
            if !self.gone.contains_key(&output.outpoint) {
                let outputs = core::slice::from_ref(output);
                let mut found = Claims::of(outputs, self.claimant(), &facts(confirmation));
                if self.confirmation == Confirmation::Unconfirmed {
                    // Its penalty would be the third unconfirmed transaction in a row.
                    found.claims.iter_mut().for_each(|claim| claim.earliest = None);
                }
                claims.extend(found);
            }
        }
        claims
    }

    /// The penalties to publish now: batches of at most 10,000 vB of confirmed outputs, and for each second level that
    /// is not confirmed one child, with the zero-fee formats of at most 1,000 vB (BIP 431).
    pub fn penalties(&self, terms: &SweepTerms) -> SweepPlan {
        terms.plan(&self.claims(terms.height).claims)
    }

    fn second_level(&self) -> impl Iterator<Item = (&ChannelOutput, Confirmation)> {
        self.spent.values().filter_map(|spent| Some((spent.second_level.as_ref()?, spent.by.confirmation)))
    }
}
