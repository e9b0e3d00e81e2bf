//! Transactions that take claims to one destination.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;

use bitcoin::absolute::LockTime;
use bitcoin::transaction::Version;
use bitcoin::{Amount, OutPoint, ScriptBuf, Transaction, TxIn, TxOut, Txid, Witness};
use channel_core::FeerateKw;
use channel_core::dust::RelayDust;
use thiserror::Error;

use super::candidate::{Claim, Confirmation, Pressure};
use crate::policy::{MAX_CHILD_VBYTES, MAX_TRUC_VBYTES, TRUC};
use crate::spend::{SpendFee, UnsignedInput, UnsignedTransaction};
use crate::weight::{OutputKind, TransactionWeight};

/// Where claims go, and what that may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepTerms {
    /// The script that is paid.
    pub destination: ScriptBuf,
    /// The feerate of the transactions.
    pub feerate: FeerateKw,
    /// The height of the chain.
    pub height: u32,
}

/// A transaction that takes claims to one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    /// The transaction.
    pub transaction: UnsignedTransaction,
    /// What it weighs when it is signed: exactly with Taproot, at most with segwit.
    pub weight: TransactionWeight,
    /// The haste it is in.
    pub pressure: Pressure,
    /// The last block in which nobody else can take any of its inputs; `None` when nobody else ever can.
    pub deadline: Option<u32>,
}

/// What to make of a set of claims now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SweepPlan {
    /// The transactions, the most urgent ones first.
    pub sweeps: Vec<Sweep>,
    /// The claims that are in none of them.
    pub left_out: Vec<(OutPoint, LeftOut)>,
}

/// Why a claim is in no transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeftOut {
    /// What it spends is not confirmed.
    Unconfirmed,
    /// Its locks hold it back.
    TooEarly {
        /// The first block that can hold it.
        earliest: u32,
    },
    /// Spending the output costs all it holds.
    Uneconomic {
        /// What its input costs, in sat.
        cost: Amount,
    },
    /// The transaction it would be in cannot be made: mostly because too little is left for an output.
    Refused(SweepError),
    /// The unconfirmed transaction it spends has a child already, of as much as one child may weigh: it waits for the
    /// confirmation.
    ChildFull,
    /// The same output was claimed before.
    Duplicate,
}

/// Claims do not make a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum SweepError {
    /// There are none, or one output is claimed twice.
    #[error("a sweep takes one or more claims, each of its own output")]
    NotDistinct,
    /// A claim cannot be in the next block.
    #[error("the claim of {outpoint} is not ready at height {height}")]
    NotReady {
        /// The output.
        outpoint: OutPoint,
        /// The height of the chain.
        height: u32,
    },
    /// Claims of two formats, or of outputs of different unconfirmed transactions, or of confirmed ones beside them.
    #[error("the claim of {outpoint} cannot be in one transaction with the first")]
    Mixed {
        /// The output that does not go with the others.
        outpoint: OutPoint,
    },
    /// The destination would be paid dust, or the fee is more than all there is.
    #[error("{} sat are left for the destination, the least is {} sat", .left.to_sat(), .minimum.to_sat())]
    Dust {
        /// What would be left, in sat.
        left: Amount,
        /// The least the destination can be paid, in sat.
        minimum: Amount,
    },
    /// The destination is a data output: all would be lost.
    #[error("the destination is an OP_RETURN script, which nobody can spend")]
    Unspendable,
    /// The transaction would be too large.
    #[error("{vbytes} vB are more than the {max} vB allowed")]
    TooLarge {
        /// Its size.
        vbytes: u64,
        /// The largest it may be.
        max: u64,
    },
}

/// What decides which claims go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cluster {
    pressure: Reverse<Pressure>,
    version: i32,
    unconfirmed: Option<Txid>,
}

impl Cluster {
    fn of(claim: &Claim, height: u32) -> Self {
        let unconfirmed = (claim.confirmation == Confirmation::Unconfirmed).then_some(claim.outpoint.txid);
        let pressure = Reverse(claim.competition.pressure(height));
        Self { pressure, version: claim.rules.version.0, unconfirmed }
    }

    /// The largest transaction: any batch stays within what relay takes of TRUC transactions, and the child of an
    /// unconfirmed one within what it takes of a child.
    const fn max_vbytes(self) -> u64 {
        match self.unconfirmed {
            Some(_) if self.version == TRUC.0 => MAX_CHILD_VBYTES,
            _ => MAX_TRUC_VBYTES,
        }
    }
}

impl SweepTerms {
    /// Transactions for as many of `claims` as make sense now, in batches.
    ///
    /// A batch holds claims of one [`Pressure`], so that nobody can hold up a claim that only the claimant can make by
    /// one that others can make too. All its claims are ready for the next block; their expiries are past then, so that
    /// the highest of them is the lock time of the batch and keeps none of them waiting. Relative delays are each
    /// input's own. What spends an unconfirmed second level is apart, one child for each.
    pub fn plan(&self, claims: &[Claim]) -> SweepPlan {
        let mut plan = SweepPlan::default();
        let mut ready: Vec<(Cluster, &Claim)> = Vec::new();
        let mut claimed = BTreeSet::new();
        for claim in claims {
            match self.hold_back(claim, &mut claimed) {
                Some(reason) => plan.left_out.push((claim.outpoint, reason)),
                None => ready.push((Cluster::of(claim, self.height), claim)),
            }
        }
        ready.sort_by_key(|(cluster, claim)| {
            let deadline = claim.competition.deadline(self.height).unwrap_or(u32::MAX);
            (*cluster, deadline, Reverse(claim.txout.value), claim.outpoint)
        });
        for group in ready.chunk_by(|first, second| first.0 == second.0) {
            let cluster = group[0].0;
            let claims: Vec<&Claim> = group.iter().map(|(_, claim)| *claim).collect();
            self.plan_cluster(cluster, &claims, &mut plan);
        }
        plan
    }

    /// One transaction of exactly these claims.
    ///
    /// # Errors
    /// [`SweepError`] when they cannot be in one transaction now, or leave nothing for the destination.
    pub fn build(&self, claims: &[&Claim]) -> Result<Sweep, SweepError> {
        let cluster = self.check(claims)?;
        let weight = self.weight(claims);
        let max = cluster.max_vbytes();
        if weight.vbytes() > max {
            return Err(SweepError::TooLarge { vbytes: weight.vbytes(), max });
        }
        let minimum = RelayDust::of_script(&self.destination, RelayDust::DEFAULT_FEERATE).to_amount();
        let fee = self.feerate.fee_ceil(weight.weight());
        let total = claims.iter().try_fold(Amount::ZERO, |sum, claim| sum.checked_add(claim.txout.value));
        let left = total.and_then(|total| total.checked_sub(fee)).unwrap_or(Amount::ZERO);
        if left < minimum || left == Amount::ZERO {
            return Err(SweepError::Dust { left, minimum });
        }
        let fee = SpendFee { weight_fee: fee, ..SpendFee::default() };
        let pressure = claims.iter().map(|claim| claim.competition.pressure(self.height)).max();
        Ok(Sweep {
            transaction: self.assemble(claims, Version(cluster.version), left, fee),
            weight,
            pressure: pressure.unwrap_or(Pressure::None),
            deadline: claims.iter().filter_map(|claim| claim.competition.deadline(self.height)).min(),
        })
    }

    fn hold_back(&self, claim: &Claim, claimed: &mut BTreeSet<OutPoint>) -> Option<LeftOut> {
        let next = self.height.saturating_add(1);
        let cost = self.feerate.fee_ceil(claim.spend.weight.weight());
        match claim.earliest {
            _ if !claimed.insert(claim.outpoint) => Some(LeftOut::Duplicate),
            None => Some(LeftOut::Unconfirmed),
            Some(earliest) if earliest > next => Some(LeftOut::TooEarly { earliest }),
            Some(_) if claim.txout.value <= cost => Some(LeftOut::Uneconomic { cost }),
            Some(_) => None,
        }
    }

    fn plan_cluster(&self, cluster: Cluster, claims: &[&Claim], plan: &mut SweepPlan) {
        let mut rest = claims;
        while !rest.is_empty() {
            let count = self.fitting(rest, cluster.max_vbytes());
            let (batch, after) = rest.split_at(count);
            match self.build(batch) {
                Ok(sweep) => plan.sweeps.push(sweep),
                Err(error) => plan.leave(batch, LeftOut::Refused(error)),
            }
            rest = after;
            if cluster.unconfirmed.is_some() {
                plan.leave(rest, LeftOut::ChildFull);
                return;
            }
        }
    }

    /// How many of the claims fit into one transaction, at least one.
    fn fitting(&self, claims: &[&Claim], max: u64) -> usize {
        let mut weight = TransactionWeight::EMPTY.output(self.output_kind());
        let mut count = 0;
        for claim in claims {
            weight = weight.input(claim.spend.weight);
            if weight.vbytes() > max {
                break;
            }
            count += 1;
        }
        count.max(1)
    }

    fn check(&self, claims: &[&Claim]) -> Result<Cluster, SweepError> {
        let first = claims.first().ok_or(SweepError::NotDistinct)?;
        if self.destination.is_op_return() {
            return Err(SweepError::Unspendable);
        }
        let expected = Cluster::of(first, self.height);
        let mut outpoints: Vec<OutPoint> = claims.iter().map(|claim| claim.outpoint).collect();
        outpoints.sort_unstable();
        if outpoints.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(SweepError::NotDistinct);
        }
        for claim in claims {
            let (outpoint, height) = (claim.outpoint, self.height);
            if claim.earliest.is_none_or(|earliest| earliest > height.saturating_add(1)) {
                return Err(SweepError::NotReady { outpoint, height });
            }
            if Cluster::of(claim, height) != expected {
                return Err(SweepError::Mixed { outpoint });
            }
        }
        Ok(expected)
    }

    fn weight(&self, claims: &[&Claim]) -> TransactionWeight {
        TransactionWeight::EMPTY
            .with_inputs(claims.iter().map(|claim| claim.spend.weight))
            .output(self.output_kind())
    }

    fn output_kind(&self) -> OutputKind {
        OutputKind::from(self.destination.as_script())
    }

    fn assemble(
        &self,
        claims: &[&Claim],
        version: Version,
        value: Amount,
        fee: SpendFee,
    ) -> UnsignedTransaction {
        let input = claims
            .iter()
            .map(|claim| TxIn {
                previous_output: claim.outpoint,
                script_sig: ScriptBuf::new(),
                sequence: claim.spend.sequence,
                witness: Witness::new(),
            })
            .collect();
        let lock_times = claims.iter().map(|claim| claim.spend.lock_time.to_consensus_u32());
        let lock_time = LockTime::from_consensus(lock_times.max().unwrap_or(0));
        let output = vec![TxOut { value, script_pubkey: self.destination.clone() }];
        let inputs = claims
            .iter()
            .map(|claim| UnsignedInput { prevout: claim.txout.clone(), hint: claim.spend.hint.clone() })
            .collect();
        UnsignedTransaction { transaction: Transaction { version, lock_time, input, output }, inputs, fee }
    }
}

impl SweepPlan {
    fn leave(&mut self, claims: &[&Claim], reason: LeftOut) {
        self.left_out.extend(claims.iter().map(|claim| (claim.outpoint, reason)));
    }
}
