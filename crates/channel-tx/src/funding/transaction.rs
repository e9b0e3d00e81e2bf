//! A transaction that makes a funding output.

use alloc::vec::Vec;

use bitcoin::{Amount, OutPoint, SignedAmount, Weight};
use channel_core::{FeerateKw, PerSide, Side};

use super::assemble::{Assembled, add_fees};
use super::rbf::{
    RelayStep, ReplacementError, check_feerate, check_replacement, replacement_fee, replacement_feerate,
};
use super::{Contributed, FundingScript};
use crate::spend::{SpendFee, UnsignedTransaction};

/// A transaction that makes a funding output, with the account of everybody who contributes to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundingTransaction {
    /// The transaction. Its id is final: every input is native segwit.
    pub unsigned: UnsignedTransaction,
    /// The funding output.
    pub outpoint: OutPoint,
    /// What the funding output holds, in sat.
    pub capacity: Amount,
    /// The script of the funding output.
    pub funding: FundingScript,
    /// The feerate it was built for.
    pub feerate: FeerateKw,
    /// What it will weigh, signed: exactly with Taproot inputs, at most with ECDSA signatures.
    pub weight: Weight,
    /// What came of each contribution, in their order.
    pub contributed: Vec<Contributed>,
}

impl FundingTransaction {
    pub(crate) fn new(made: Assembled, capacity: Amount, funding: FundingScript, feerate: FeerateKw) -> Self {
        Self {
            unsigned: made.unsigned,
            outpoint: made.funding_outpoint,
            capacity,
            funding,
            feerate,
            weight: made.weight,
            contributed: made.contributed,
        }
    }

    /// What each side pays, term by term. Together it is the fee of the transaction.
    pub fn fees(&self) -> PerSide<SpendFee> {
        PerSide::from_fn(|side| {
            self.of(side).fold(SpendFee::default(), |sum, part| add_fees(&sum, &part.fee))
        })
    }

    /// What the balance of `side` changes by, in sat (BOLT 2, `funding_contribution_satoshis`).
    pub fn contribution(&self, side: Side) -> SignedAmount {
        let sum = self.of(side).fold(0_i64, |sum, part| sum.saturating_add(part.amount.to_sat()));
        SignedAmount::from_sat(sum)
    }

    /// The lowest feerate at which the same contributions replace this transaction: [`replacement_feerate`](super::replacement_feerate), or a little
    /// more where rounding would leave the fee a satoshi short of what nodes ask for. `None` when there is none.
    pub fn next_feerate(&self) -> Option<FeerateKw> {
        let paid = self.unsigned.fee.total()?;
        let minimum = u128::from(replacement_fee(paid, self.weight).to_sat());
        let needed = (minimum * 1000).div_ceil(u128::from(self.weight.to_wu()));
        let needed = FeerateKw::from_sat_per_kw(u32::try_from(needed).ok()?);
        replacement_feerate(self.feerate).map(|feerate| feerate.max(needed))
    }

    /// Checks that peers, and nodes since Bitcoin Core 30, take this transaction in place of `previous`. Nodes of before want
    /// 1 sat/vB ([`INCREMENTAL_RELAY`](crate::policy::INCREMENTAL_RELAY)) more.
    ///
    /// # Errors
    /// [`ReplacementError`] when feerate or fee are not enough above, or both could confirm.
    pub fn check_replaces(&self, previous: &Self) -> Result<(), ReplacementError> {
        check_feerate(previous.feerate, self.feerate)?;
        check_replacement(&previous.unsigned, &self.unsigned, self.weight, RelayStep::Funding)
    }

    fn of(&self, side: Side) -> impl Iterator<Item = &Contributed> {
        self.contributed.iter().filter(move |part| part.side == side)
    }
}
