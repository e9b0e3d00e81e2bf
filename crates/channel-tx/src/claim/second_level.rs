//! Resolving HTLCs of the own commitment: HTLC-timeout and HTLC-success transactions pay no fee in any format built
//! here, so that coins of a wallet have to come along.
//!
//! The other party's signature commits to one input, to the output of its index, to version and lock time
//! (`SIGHASH_SINGLE | SIGHASH_ANYONECANPAY`). HTLCs can therefore share a transaction when their lock times are equal:
//! all HTLC-success of one [`Pressure`](super::Pressure), or HTLC-timeouts of one expiry. A higher lock time, which a
//! sweep could take, would void the signatures.

use alloc::vec::Vec;

use bitcoin::{Amount, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Witness};
use channel_core::FeerateKw;
use channel_core::dust::RelayDust;
use thiserror::Error;

use super::Confirmation;
use super::candidate::htlc_competition;
use crate::commitment::{HtlcTransaction, HtlcWitnessError};
use crate::policy::MAX_TRUC_VBYTES;
use crate::spend::{Coin, InputHint, SpendFee, UnsignedInput, UnsignedTransaction};
use crate::weight::{OutputKind, TransactionWeight};

/// One HTLC to resolve: its second-level transaction and, when it was accepted, its preimage.
#[derive(Debug, Clone)]
pub struct Resolved<'a> {
    /// The transaction the other party has signed.
    pub transaction: HtlcTransaction<'a>,
    /// The preimage of an accepted HTLC.
    pub preimage: Option<[u8; 32]>,
}

/// Who pays for a batch, and how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchTerms<'a> {
    /// Confirmed coins; as many are taken, in this order, as the fee asks for.
    pub coins: &'a [Coin],
    /// Where the rest of the coins goes.
    pub change: ScriptBuf,
    /// The feerate of the transaction.
    pub feerate: FeerateKw,
    /// Where the commitment is.
    pub confirmation: Confirmation,
    /// The height of the chain.
    pub height: u32,
}

/// HTLCs of one commitment, resolved by one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The transaction: HTLCs first, each with the output of its index, then coins and change.
    pub transaction: UnsignedTransaction,
    /// What it weighs when it is signed: exactly with Taproot, at most with segwit.
    pub weight: TransactionWeight,
}

/// HTLCs cannot be resolved so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BatchError {
    /// There are none, one comes twice, or two of them have different lock times.
    #[error("a batch takes different htlcs of one lock time; htlc-timeouts of two expiries go apart")]
    LockTimes,
    /// The commitment is not confirmed, or an expiry is ahead.
    #[error("the next block after {height} cannot hold the transaction yet")]
    NotReady {
        /// The height of the chain.
        height: u32,
    },
    /// A coin comes twice, or is an output of the commitment.
    #[error("the coin {outpoint} comes twice or is one of the channel")]
    Coin {
        /// The coin.
        outpoint: OutPoint,
    },
    /// One can be taken by the other party now or soon, another not: held up together, both would be at stake.
    #[error("the htlc of {outpoint} is in another haste than the first; the two go apart")]
    Pressure {
        /// The output of the commitment.
        outpoint: OutPoint,
    },
    /// The change would go to a data output.
    #[error("the change script is an OP_RETURN, which nobody can spend")]
    Unspendable,
    /// A preimage is missing or wrong.
    #[error(transparent)]
    Preimage(#[from] HtlcWitnessError),
    /// The coins do not pay the fee.
    #[error("the coins lack {} sat of the fee", .missing.to_sat())]
    NotEnough {
        /// What is missing, in sat.
        missing: Amount,
    },
    /// The transaction would be too large to relay.
    #[error("{vbytes} vB are more than the {max} vB allowed")]
    TooLarge {
        /// Its size.
        vbytes: u64,
        /// The largest it may be.
        max: u64,
    },
}

impl Batch {
    /// The transaction that resolves `htlcs`, paid for by coins.
    ///
    /// # Errors
    /// [`BatchError`] when the HTLCs do not go together or the coins do not pay for them.
    pub fn build(htlcs: &[Resolved<'_>], terms: &BatchTerms<'_>) -> Result<Self, BatchError> {
        if terms.change.is_op_return() {
            return Err(BatchError::Unspendable);
        }
        let mut draft = Draft::of(htlcs)?;
        draft.check_ready(terms)?;
        check_pressure(htlcs, terms.height)?;
        draft.check_coins(terms.coins)?;
        for coin in terms.coins {
            if draft.change(terms).is_ok() {
                break;
            }
            draft.add_coin(coin);
        }
        let change = draft.change(terms)?;
        let weight = draft.weight(change.output.then_some(&terms.change));
        if weight.vbytes() > MAX_TRUC_VBYTES {
            return Err(BatchError::TooLarge { vbytes: weight.vbytes(), max: MAX_TRUC_VBYTES });
        }
        if change.output {
            let script_pubkey = terms.change.clone();
            draft.transaction.output.push(TxOut { value: change.value, script_pubkey });
        }
        let dropped_change = if change.output { Amount::ZERO } else { change.value };
        let fee = SpendFee { weight_fee: change.fee, dropped_change, ..SpendFee::default() };
        let transaction = UnsignedTransaction { transaction: draft.transaction, inputs: draft.inputs, fee };
        Ok(Self { transaction, weight })
    }
}

/// As with claims: who delays or replaces one input delays the others, so that an HTLC-success close to its expiry does
/// not share its fate with one that has time.
fn check_pressure(htlcs: &[Resolved<'_>], height: u32) -> Result<(), BatchError> {
    let pressure = |htlc: &Resolved<'_>| {
        let placed = htlc.transaction.htlc();
        htlc_competition(placed.direction, placed.htlc.cltv_expiry).pressure(height)
    };
    let expected = htlcs.first().map(pressure);
    match htlcs.iter().find(|htlc| Some(pressure(htlc)) != expected) {
        Some(htlc) => Err(BatchError::Pressure { outpoint: htlc.transaction.outpoint() }),
        None => Ok(()),
    }
}

/// A batch while coins are being added.
struct Draft {
    transaction: Transaction,
    inputs: Vec<UnsignedInput>,
    weight: TransactionWeight,
    coins: Amount,
}

/// What is left of the coins, and whether it is worth an output.
struct Change {
    value: Amount,
    fee: Amount,
    output: bool,
}

impl Draft {
    fn of(htlcs: &[Resolved<'_>]) -> Result<Self, BatchError> {
        let first = htlcs.first().ok_or(BatchError::LockTimes)?.transaction.transaction();
        let mut transaction = Transaction { input: Vec::new(), output: Vec::new(), ..first.clone() };
        let (mut inputs, mut weight) = (Vec::new(), TransactionWeight::EMPTY);
        let mut outpoints: Vec<OutPoint> = Vec::new();
        for htlc in htlcs {
            let single = htlc.transaction.transaction();
            if single.lock_time != transaction.lock_time || single.version != transaction.version {
                return Err(BatchError::LockTimes);
            }
            let spend = htlc.transaction.spend(htlc.preimage)?;
            weight = weight.input(spend.path.input(htlc.transaction.rules().format));
            let outputs = single.output.iter();
            weight =
                weight.with_outputs(outputs.map(|output| OutputKind::from(output.script_pubkey.as_script())));
            outpoints.extend(single.input.iter().map(|input| input.previous_output));
            transaction.input.extend(single.input.iter().cloned());
            transaction.output.extend(single.output.iter().cloned());
            let prevout = htlc.transaction.prevout().clone();
            inputs.push(UnsignedInput { prevout, hint: InputHint::SecondLevel(spend) });
        }
        outpoints.sort_unstable();
        if outpoints.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(BatchError::LockTimes);
        }
        Ok(Self { transaction, inputs, weight, coins: Amount::ZERO })
    }

    /// Like all claims it waits for the commitment to confirm: the one child of a TRUC commitment pays its fee, and the
    /// other formats ask for a block. An expiry of n allows block n + 1.
    fn check_ready(&self, terms: &BatchTerms<'_>) -> Result<(), BatchError> {
        let confirmed = matches!(terms.confirmation, Confirmation::Height(_));
        if !confirmed || self.transaction.lock_time.to_consensus_u32() > terms.height {
            return Err(BatchError::NotReady { height: terms.height });
        }
        Ok(())
    }

    fn check_coins(&self, coins: &[Coin]) -> Result<(), BatchError> {
        let parent = self.transaction.input.first().map(|input| input.previous_output.txid);
        for (index, coin) in coins.iter().enumerate() {
            let twice = coins[..index].iter().any(|other| other.outpoint == coin.outpoint);
            if twice || Some(coin.outpoint.txid) == parent {
                return Err(BatchError::Coin { outpoint: coin.outpoint });
            }
        }
        Ok(())
    }

    fn add_coin(&mut self, coin: &Coin) {
        self.transaction.input.push(TxIn {
            previous_output: coin.outpoint,
            script_sig: ScriptBuf::new(),
            sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
            witness: Witness::new(),
        });
        self.inputs.push(UnsignedInput { prevout: coin.txout.clone(), hint: InputHint::Coin(coin.clone()) });
        self.weight = self.weight.input(coin.script.input());
        self.coins = self.coins.checked_add(coin.txout.value).unwrap_or(Amount::MAX);
    }

    fn weight(&self, change: Option<&ScriptBuf>) -> TransactionWeight {
        self.weight.with_outputs(change.map(|script| OutputKind::from(script.as_script())))
    }

    /// Second levels give out what they take in, so all of the fee comes from coins.
    fn change(&self, terms: &BatchTerms<'_>) -> Result<Change, BatchError> {
        let minimum = RelayDust::of_script(&terms.change, RelayDust::DEFAULT_FEERATE).to_amount();
        let with = terms.feerate.fee_ceil(self.weight(Some(&terms.change)).weight());
        if let Some(value) = self.coins.checked_sub(with).filter(|value| *value >= minimum) {
            return Ok(Change { value, fee: with, output: true });
        }
        let without = terms.feerate.fee_ceil(self.weight(None).weight());
        match self.coins.checked_sub(without) {
            Some(value) => Ok(Change { value, fee: without, output: false }),
            None => Err(BatchError::NotEnough {
                missing: without.checked_sub(self.coins).unwrap_or(Amount::ZERO),
            }),
        }
    }
}
