//! The cases, and what a verifier has to say to each.

use std::fmt;

use bitcoin::{Sequence, Transaction, TxOut};
use channel_core::{CommitmentFormat, CsvDelay, Side};
use thiserror::Error;

use super::channel::Channel;
use super::flaw::{Flaw, Rule, flawed};
use super::plan::Plan;
use super::plans::plans;
use super::spot::Spot;
use channel_chain::finality::{Place, check_final};

/// The block a transaction goes into when no lock time says otherwise.
const HEIGHT: u32 = 910_000;
/// A time after any lock time that hides a commitment number, which are times long past.
const MEDIAN_TIME: u32 = 1_790_000_000;

/// A transaction, what it spends, where, and what must come of it.
#[derive(Debug, Clone)]
pub struct SpendCase {
    /// The square of the matrix.
    pub spot: Spot,
    /// The delay on the outputs of the commitment's owner.
    pub owner_delay: CsvDelay,
    /// The transaction, signed.
    pub transaction: Transaction,
    /// The input that spends the output in question.
    pub input_index: usize,
    /// The outputs that all its inputs spend, in their order.
    pub spent_outputs: Vec<TxOut>,
    /// Where those outputs confirmed.
    pub coins: Vec<Place>,
    /// The block the transaction is to go into.
    pub block: Place,
    /// What must come of it.
    pub expected: Expected,
}

/// What must come of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Expected {
    /// Script and chain both accept it, in the first block in which they may.
    Accepted,
    /// The flaw's rule refuses it.
    Refused(Flaw),
}

/// What a script verifier says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The input may spend its output.
    Accepted,
    /// It may not.
    Refused,
}

/// A verdict other than expected.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Misjudged<E> {
    /// The verifier could not do its work.
    #[error("the verifier failed")]
    Verifier(#[source] E),
    /// The script rules decide otherwise than expected.
    #[error("the script rules say {verdict:?}")]
    Script {
        /// What they say.
        verdict: Verdict,
    },
    /// The chain's rules decide otherwise than expected.
    #[error("the chain's rules say {verdict:?}")]
    Chain {
        /// What they say.
        verdict: Verdict,
    },
}

/// Every case of the matrix, in a fixed order.
pub fn spend_cases() -> Vec<SpendCase> {
    let mut cases = Vec::new();
    for channel in CommitmentFormat::ALL.into_iter().filter_map(Channel::new) {
        for owner in Side::ALL {
            let delay = channel.builder.to_self_delay(owner);
            cases.extend(plans(&channel, owner).iter().flat_map(|plan| cases_of(plan, delay)));
        }
    }
    cases
}

/// Asks the chain's rules and `verify` about `case`.
///
/// # Errors
/// [`Misjudged`] when the answer is not the expected one. A verifier that fails has not refused.
pub fn judge<E>(
    case: &SpendCase,
    verify: impl FnOnce(&SpendCase) -> Result<Verdict, E>,
) -> Result<(), Misjudged<E>> {
    let script = verify(case).map_err(Misjudged::Verifier)?;
    let chain = match check_final(&case.transaction, &case.coins, case.block) {
        Ok(()) => Verdict::Accepted,
        Err(_) => Verdict::Refused,
    };
    let rule = match case.expected {
        Expected::Accepted => None,
        Expected::Refused(flaw) => Some(flaw.rule()),
    };
    let expected = |this| if rule == Some(this) { Verdict::Refused } else { Verdict::Accepted };
    if script != expected(Rule::Script) {
        return Err(Misjudged::Script { verdict: script });
    }
    // A transaction that claims too little may be final; that the script refuses it is what counts.
    if rule != Some(Rule::Script) && chain != expected(Rule::Chain) {
        return Err(Misjudged::Chain { verdict: chain });
    }
    Ok(())
}

impl fmt::Display for SpendCase {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.expected {
            Expected::Accepted => write!(out, "{}", self.spot),
            Expected::Refused(flaw) => write!(out, "{}, but {flaw:?}", self.spot),
        }
    }
}

fn cases_of(plan: &Plan, owner_delay: CsvDelay) -> Vec<SpendCase> {
    let right = plan.signed();
    let (coin, block) = first_block(&right);
    let case = |expected, transaction: Transaction, spent_outputs: Vec<TxOut>, coin, block| SpendCase {
        spot: plan.spot,
        owner_delay,
        coins: vec![coin; transaction.input.len()],
        transaction,
        input_index: 0,
        spent_outputs,
        block,
        expected,
    };
    let mut cases = vec![case(Expected::Accepted, right.clone(), plan.prevouts.clone(), coin, block)];
    for (flaw, coin, block) in one_block_early(&right, coin, block) {
        let prevouts = plan.prevouts.clone();
        cases.push(case(Expected::Refused(flaw), right.clone(), prevouts, coin, block));
    }
    for flawed in flawed(plan) {
        let expected = Expected::Refused(flawed.flaw);
        cases.push(case(expected, flawed.transaction, flawed.prevouts, coin, block));
    }
    cases
}

/// A coin and the first block in which `transaction` may spend it: both locks, if there are two, end there.
fn first_block(transaction: &Transaction) -> (Place, Place) {
    let lock_time = transaction.lock_time;
    let locked = lock_time.is_block_height() && lock_time.to_consensus_u32() > 0;
    let height = if locked { lock_time.to_consensus_u32() + 1 } else { HEIGHT };
    let waited = u32::from(relative_blocks(transaction));
    let place = |height| Place { height, median_time: MEDIAN_TIME };
    (place(height - waited), place(height))
}

/// The same transaction where one of its locks has one block to go.
fn one_block_early(transaction: &Transaction, coin: Place, block: Place) -> Vec<(Flaw, Place, Place)> {
    let mut early = Vec::new();
    if relative_blocks(transaction) > 0 {
        early.push((Flaw::TooYoung, Place { height: coin.height + 1, ..coin }, block));
    }
    if transaction.lock_time.is_block_height() && transaction.lock_time.to_consensus_u32() > 0 {
        let before = |place: Place| Place { height: place.height - 1, ..place };
        early.push((Flaw::TooSoon, before(coin), before(block)));
    }
    early
}

/// The relative lock of the first input.
fn relative_blocks(transaction: &Transaction) -> u16 {
    let sequence: Sequence = transaction.input[0].sequence;
    match sequence.to_relative_lock_time() {
        Some(bitcoin::relative::LockTime::Blocks(height)) => height.value(),
        Some(bitcoin::relative::LockTime::Time(_)) | None => 0,
    }
}
