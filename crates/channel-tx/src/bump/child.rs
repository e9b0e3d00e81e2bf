//! The child that pays for a commitment.

use alloc::vec;

use bitcoin::absolute::LockTime;
use bitcoin::{Amount, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Weight, Witness};
use channel_core::FeerateKw;
use channel_core::dust::RelayDust;
use thiserror::Error;

use super::PackagePart;
use super::package::relayed_weight;
use crate::claim::{ChannelOutput, ClaimPath, OutputSpend};
use crate::policy::{INCREMENTAL_RELAY, MAX_CHILD_VBYTES, MAX_TRUC_VBYTES, TRUC};
use crate::spend::{Coin, SpendFee, UnsignedInput, UnsignedTransaction};
use crate::weight::{OutputKind, TransactionWeight};

/// What a child pays for, and with what.
#[derive(Debug, Clone)]
pub struct ChildTerms<'a> {
    /// The commitment, not confirmed yet.
    pub parent: PackagePart<'a>,
    /// The anchor: one's own, or the shared one.
    pub anchor: &'a ChannelOutput,
    /// Confirmed coins; as many are taken, in this order, as the fee asks for.
    pub coins: &'a [Coin],
    /// Where the rest goes. A transaction needs an output, so there is always change.
    pub change: ScriptBuf,
    /// The feerate both reach together.
    pub feerate: FeerateKw,
    /// The child that this one replaces, one's own or another party's on the same anchor.
    pub replaces: Option<Replaced>,
}

/// A transaction that is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Replaced {
    /// What it pays, in sat.
    pub fee: Amount,
    /// What it weighs.
    pub weight: Weight,
}

/// A child that pays for a commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeeChild {
    /// The transaction: the anchor, coins, change. Its fee is split into what the feerate asks for (`weight_fee`, of
    /// which the larger part can be the parent's) and what a replacement has to pay beyond that (`surplus`).
    pub transaction: UnsignedTransaction,
    /// What it weighs when it is signed: exactly with Taproot coins, at most with others.
    pub weight: TransactionWeight,
    /// What it pays, in sat.
    pub fee: Amount,
}

/// No child can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChildError {
    /// The output is no anchor of the parent.
    #[error("{outpoint} is no anchor of the parent that could be spent now")]
    NoAnchor {
        /// The output.
        outpoint: OutPoint,
    },
    /// A coin is an output of the parent, or comes twice: coins must be confirmed, and each another.
    #[error("the coin {outpoint} is not confirmed or comes twice")]
    Coin {
        /// The coin.
        outpoint: OutPoint,
    },
    /// The coins do not pay the fee and change above dust.
    #[error("the coins lack {} sat", .missing.to_sat())]
    NotEnough {
        /// What is missing, in sat.
        missing: Amount,
    },
    /// It would be too large: a TRUC child has 1,000 vB at most.
    #[error("the child would have {vbytes} vB, it may have {max}; bring fewer and larger coins")]
    TooLarge {
        /// Its size.
        vbytes: u64,
        /// The largest it may be.
        max: u64,
    },
    /// The change would go to a data output.
    #[error("the change script is an OP_RETURN, which nobody can spend")]
    Unspendable,
}

impl Replaced {
    /// The least that a replacement of `weight` pays: more than this by what relaying it again costs, and more for
    /// each weight unit (Bitcoin Core, mempool replacements).
    pub fn least_fee(&self, weight: Weight) -> Amount {
        let relay = INCREMENTAL_RELAY.fee_ceil(weight);
        let absolute = self.fee.checked_add(relay).unwrap_or(Amount::MAX);
        let scaled = u128::from(self.fee.to_sat()) * u128::from(weight.to_wu());
        let per_weight = scaled / u128::from(self.weight.to_wu().max(1)) + 1;
        absolute.max(Amount::from_sat(u64::try_from(per_weight).unwrap_or(u64::MAX)))
    }
}

impl FeeChild {
    /// The child for these terms: version 3 above a version 3 parent, else version 2.
    ///
    /// # Errors
    /// [`ChildError`] when the anchor is not the parent's, or the coins are too few, too many or not confirmed.
    pub fn build(terms: &ChildTerms<'_>) -> Result<Self, ChildError> {
        if terms.change.is_op_return() {
            return Err(ChildError::Unspendable);
        }
        let anchor = terms.anchor_spend()?;
        terms.check_coins()?;
        let change = OutputKind::from(terms.change.as_script());
        let mut weight = TransactionWeight::EMPTY.output(change).input(anchor.weight);
        let mut value = terms.anchor.txout.value;
        let mut taken = 0;
        let outcome = loop {
            let max = terms.max_vbytes();
            if weight.vbytes() > max {
                break Err(ChildError::TooLarge { vbytes: weight.vbytes(), max });
            }
            let attempt = terms.change_of(value, weight.weight());
            match (attempt, terms.coins.get(taken)) {
                (Err(ChildError::NotEnough { .. }), Some(coin)) => {
                    weight = weight.input(coin.script.input());
                    value = value.checked_add(coin.txout.value).unwrap_or(Amount::MAX);
                    taken += 1;
                }
                (attempt, _) => break attempt,
            }
        };
        let (change, fee) = outcome?;
        let transaction = terms.assemble(anchor, &terms.coins[..taken], change, fee);
        let fee = fee.total().unwrap_or(Amount::MAX);
        Ok(Self { transaction, weight, fee })
    }

    /// What a later child has to outbid to replace this one.
    pub const fn replaced(&self) -> Replaced {
        Replaced { fee: self.fee, weight: self.weight.weight() }
    }
}

impl ChildTerms<'_> {
    fn anchor_spend(&self) -> Result<OutputSpend, ChildError> {
        let outpoint = self.anchor.outpoint;
        let spend =
            [ClaimPath::SharedAnchor, ClaimPath::Anchor].into_iter().find_map(|p| self.anchor.spend(p));
        let of_parent = outpoint.txid == self.parent.transaction.compute_txid();
        spend.filter(|_| of_parent).ok_or(ChildError::NoAnchor { outpoint })
    }

    fn check_coins(&self) -> Result<(), ChildError> {
        let parent = self.anchor.outpoint.txid;
        for (index, coin) in self.coins.iter().enumerate() {
            let twice = self.coins[..index].iter().any(|other| other.outpoint == coin.outpoint);
            if twice || coin.outpoint.txid == parent {
                return Err(ChildError::Coin { outpoint: coin.outpoint });
            }
        }
        Ok(())
    }

    fn max_vbytes(&self) -> u64 {
        if self.parent.transaction.version == TRUC { MAX_CHILD_VBYTES } else { MAX_TRUC_VBYTES }
    }

    /// The fee of a child of this weight: both together reach the feerate, and so does the child alone, so that it is
    /// no burden where the parent pays well.
    fn fee(&self, weight: Weight) -> SpendFee {
        let both = relayed_weight(self.parent.weight, weight);
        let package = self.feerate.fee_ceil(both).checked_sub(self.parent.fee).unwrap_or(Amount::ZERO);
        let weight_fee = package.max(self.feerate.fee_ceil(weight));
        let least = self.replaces.map_or(Amount::ZERO, |replaced| replaced.least_fee(weight));
        let surplus = least.checked_sub(weight_fee).unwrap_or(Amount::ZERO);
        SpendFee { weight_fee, surplus, ..SpendFee::default() }
    }

    fn change_of(&self, value: Amount, weight: Weight) -> Result<(Amount, SpendFee), ChildError> {
        let minimum = RelayDust::of_script(&self.change, RelayDust::DEFAULT_FEERATE).to_amount();
        let fee = self.fee(weight);
        let needed = fee.total().and_then(|fee| fee.checked_add(minimum)).unwrap_or(Amount::MAX);
        match value.checked_sub(needed) {
            Some(beyond) => Ok((beyond.checked_add(minimum).unwrap_or(Amount::MAX), fee)),
            None => Err(ChildError::NotEnough { missing: needed.checked_sub(value).unwrap_or(Amount::ZERO) }),
        }
    }

    fn assemble(
        &self,
        anchor: OutputSpend,
        coins: &[Coin],
        change: Amount,
        fee: SpendFee,
    ) -> UnsignedTransaction {
        let input = |previous_output, sequence| TxIn {
            previous_output,
            script_sig: ScriptBuf::new(),
            sequence,
            witness: Witness::new(),
        };
        let mut transaction = Transaction {
            version: self.anchor.rules().version,
            lock_time: LockTime::ZERO,
            input: vec![input(self.anchor.outpoint, anchor.sequence)],
            output: vec![TxOut { value: change, script_pubkey: self.change.clone() }],
        };
        let mut inputs = vec![UnsignedInput { prevout: self.anchor.txout.clone(), hint: anchor.hint }];
        for coin in coins {
            transaction.input.push(input(coin.outpoint, Sequence::ENABLE_RBF_NO_LOCKTIME));
            let hint = crate::spend::InputHint::Coin(coin.clone());
            inputs.push(UnsignedInput { prevout: coin.txout.clone(), hint });
        }
        UnsignedTransaction { transaction, inputs, fee }
    }
}
