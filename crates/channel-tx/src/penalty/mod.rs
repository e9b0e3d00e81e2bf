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

use bitcoin::{OutPoint, Transaction};
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
    /// Outputs of the second level that are spent as well.
    gone: BTreeMap<OutPoint, Confirmation>,
}

#[derive(Debug, Clone)]
struct Spent {
    second_level: Option<ChannelOutput>,
    confirmation: Confirmation,
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
    /// replace it leaves it out.
    pub fn spent_by(&mut self, transaction: &Transaction, confirmation: Confirmation) -> Vec<Resolution> {
        let resolutions = self.commitment.resolutions(transaction);
        for resolution in &resolutions {
            let second_level = resolution.second_level.clone();
            self.spent.insert(resolution.outpoint, Spent { second_level, confirmation });
        }
        for input in &transaction.input {
            if self.second_level().any(|(output, _)| output.outpoint == input.previous_output) {
                self.gone.insert(input.previous_output, confirmation);
            }
        }
        resolutions
    }

    /// `transaction`, told of before, is on the chain no longer and will not be: what it spent is there again.
    pub fn unspent_by(&mut self, transaction: &Transaction) {
        for input in &transaction.input {
            self.spent.remove(&input.previous_output);
            self.gone.remove(&input.previous_output);
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
        self.spent.values().filter_map(|spent| Some((spent.second_level.as_ref()?, spent.confirmation)))
    }
}
