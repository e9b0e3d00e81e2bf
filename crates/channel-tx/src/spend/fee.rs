//! The fee of a transaction other than a commitment, term by term.

use bitcoin::Amount;

/// Why a transaction pays what it pays. The terms add up to its inputs less its outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SpendFee {
    /// What its weight costs at the feerate asked for, in sat.
    pub weight_fee: Amount,
    /// Change that would have been dust and was left to the miners, in sat.
    pub dropped_change: Amount,
    /// Balances that would have been dust and were left to the miners, in sat.
    pub dropped_outputs: Amount,
    /// Millisatoshi that whole satoshi cannot hold, rounded down, and what else was agreed to be paid, in sat.
    pub surplus: Amount,
}

impl SpendFee {
    /// What the transaction pays, in sat; `None` when the terms exceed all money.
    pub fn total(&self) -> Option<Amount> {
        self.weight_fee
            .checked_add(self.dropped_change)?
            .checked_add(self.dropped_outputs)?
            .checked_add(self.surplus)
    }
}
