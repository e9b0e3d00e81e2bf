//! Opening a channel, with the coins of one party or of both.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bitcoin::absolute::LockTime;
use bitcoin::secp256k1::PublicKey;
use bitcoin::{Amount, SignedAmount};
use channel_core::{CommitmentFormat, FeerateKw, PerSide, Side};
use thiserror::Error;

use super::assemble::{Request, magnitude, relay_dust};
use super::{
    Contribution, ContributionError, FundingError, FundingScript, FundingTransaction, Order, ReplacementError,
};

/// What a channel is opened with.
///
/// The transaction is of version 2, all its inputs signal replacement, and each is native segwit: the commitments are
/// signed before it is, so its id must not change. Only one contribution is needed, of the initiator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The format of the channel.
    pub format: CommitmentFormat,
    /// The funding key of each side.
    pub funding_keys: PerSide<PublicKey>,
    /// The side that pays for the frame of the transaction and the funding output.
    pub initiator: Side,
    /// Who brings what.
    pub contributions: Vec<Contribution>,
    /// The feerate everybody pays by, in sat/kW.
    pub feerate: FeerateKw,
    /// The lock time: the height of the last block keeps miners from undoing it for this fee.
    pub lock_time: LockTime,
    /// The capacities that are wanted, in sat. Whatever it says, the funding output is neither dust nor above the supply.
    pub capacity: RangeInclusive<Amount>,
    /// The order of inputs and outputs.
    pub order: Order,
}

/// A channel cannot be opened so.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The funding output cannot be made.
    #[error(transparent)]
    Funding(#[from] FundingError),
    /// The contributions make no transaction.
    #[error(transparent)]
    Contribution(#[from] ContributionError),
    /// The capacity is not one that is wanted.
    #[error(
        "a capacity of {} sat is not within {} to {} sat",
        .capacity.to_sat(), .minimum.to_sat(), .maximum.to_sat()
    )]
    Capacity {
        /// What the contributions add up to, in sat.
        capacity: SignedAmount,
        /// The least, in sat.
        minimum: Amount,
        /// The most, in sat.
        maximum: Amount,
    },
    /// It does not replace the transaction of before.
    #[error(transparent)]
    Replacement(#[from] ReplacementError),
}

impl Opening {
    /// An opening by us alone, for any capacity, ordered by BIP 69.
    pub const fn alone(
        format: CommitmentFormat,
        funding_keys: PerSide<PublicKey>,
        contributions: Vec<Contribution>,
        feerate: FeerateKw,
    ) -> Self {
        Self {
            format,
            funding_keys,
            initiator: Side::Local,
            contributions,
            feerate,
            lock_time: LockTime::ZERO,
            capacity: Amount::ZERO..=Amount::MAX_MONEY,
            order: Order::Lexicographic,
        }
    }

    /// The transaction that opens the channel.
    ///
    /// # Errors
    /// [`OpenError`] when keys, coins, outputs or capacity do not do.
    pub fn build(&self) -> Result<FundingTransaction, OpenError> {
        let funding = FundingScript::new(self.format, &self.funding_keys.local, &self.funding_keys.remote)?;
        let request = Request {
            initiator: self.initiator,
            shared: None,
            format: self.format,
            funding: &funding,
            contributions: &self.contributions,
            feerate: self.feerate,
            lock_time: self.lock_time,
            order: &self.order,
        };
        let settled = request.settle()?;
        let mut total = 0_i128;
        for part in settled.parts() {
            let amount = i128::from(part.amount.to_sat());
            if amount < 0 {
                let (side, missing) = (part.side, magnitude(amount));
                return Err(ContributionError::NotEnough { side, missing }.into());
            }
            total += amount;
        }
        let capacity = self.check_capacity(total, &funding)?;
        let made = request.assemble(&settled, capacity);
        Ok(FundingTransaction::new(made, capacity, funding, self.feerate))
    }

    /// The transaction in place of `previous`: the same with a higher feerate, or with other coins beside one that is
    /// spent by both.
    ///
    /// # Errors
    /// [`OpenError`] as with [`build`](Self::build), and when it does not replace `previous`.
    pub fn replace(&self, previous: &FundingTransaction) -> Result<FundingTransaction, OpenError> {
        let next = self.build()?;
        next.check_replaces(previous)?;
        Ok(next)
    }

    fn check_capacity(&self, total: i128, funding: &FundingScript) -> Result<Amount, OpenError> {
        let minimum = relay_dust(&funding.script_pubkey()).to_amount().max(*self.capacity.start());
        let maximum = Amount::MAX_MONEY.min(*self.capacity.end());
        let capacity = u64::try_from(total).ok().map(Amount::from_sat);
        capacity.filter(|capacity| (minimum..=maximum).contains(capacity)).ok_or_else(|| {
            let capacity = SignedAmount::from_sat(i64::try_from(total).unwrap_or(i64::MAX));
            OpenError::Capacity { capacity, minimum, maximum }
        })
    }
}
