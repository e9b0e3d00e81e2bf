//! A candidate for the next funding output.

use alloc::vec::Vec;

use bitcoin::absolute::LockTime;
use bitcoin::secp256k1::PublicKey;
use bitcoin::{Amount, SignedAmount};
use channel_core::commitment::{CommitmentSpec, CommitmentTerms};
use channel_core::limits::ChannelParams;
use channel_core::{CommitmentFormat, FeerateKw, Msat, PerSide, Side};

use super::SpliceError;
use crate::commitment::{BuilderError, CommitmentBuilder};
use crate::funding::{
    Contribution, FundingScript, FundingTransaction, Order, Request, SharedInput, magnitude, relay_dust, sat,
};
use crate::keys::Basepoints;

/// What a channel is spliced with.
///
/// The transaction is of version 2 and all its inputs signal replacement. A side that only takes part has no
/// contribution; the initiator has at least one, since it pays for what is shared.
#[derive(Debug, Clone)]
pub struct Splice<'a> {
    /// The channel on its funding output of now.
    pub channel: &'a CommitmentBuilder,
    /// Balances and HTLCs of now, on which both sides agree.
    pub spec: &'a CommitmentSpec,
    /// The side that pays for the frame of the transaction, the shared input and the funding output.
    pub initiator: Side,
    /// The funding key of each side on the new output.
    pub funding_keys: PerSide<PublicKey>,
    /// The format of commitments on the new output.
    pub format: CommitmentFormat,
    /// Who brings and takes what.
    pub contributions: Vec<Contribution>,
    /// The feerate everybody pays by, in sat/kW.
    pub feerate: FeerateKw,
    /// The lock time.
    pub lock_time: LockTime,
    /// The order of inputs and outputs.
    pub order: Order,
}

/// A transaction that may become the funding of the channel, and the channel as it is then.
#[derive(Debug, Clone)]
pub struct SpliceCandidate {
    /// The transaction, with fees and contributions.
    pub transaction: FundingTransaction,
    /// What builds the commitments on it.
    pub builder: CommitmentBuilder,
    /// Balances and HTLCs on it. HTLCs stay as they are.
    pub spec: CommitmentSpec,
    /// The reserve each side must keep of the new capacity, in sat (BOLT 2: 1 %, at least a trim limit).
    pub reserve: Amount,
    /// Whether each side has it. It is reported only: rules may have been agreed that allow less.
    pub reserve_status: PerSide<ReserveStatus>,
}

/// Whether a side keeps its reserve after a splice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReserveStatus {
    /// It does.
    Met,
    /// It is below, as it may be when only the capacity has grown (BOLT 2).
    Below {
        /// What is missing.
        missing: Msat,
    },
    /// It is below and adds an output of its own: BOLT 2 forbids to take money out then.
    BelowWithOutput {
        /// What is missing.
        missing: Msat,
    },
}

impl<'a> Splice<'a> {
    /// A splice by us that keeps the format, ordered by BIP 69.
    pub const fn new(
        channel: &'a CommitmentBuilder,
        spec: &'a CommitmentSpec,
        funding_keys: PerSide<PublicKey>,
        contributions: Vec<Contribution>,
        feerate: FeerateKw,
    ) -> Self {
        Self {
            channel,
            spec,
            initiator: Side::Local,
            funding_keys,
            format: channel.terms().format,
            contributions,
            feerate,
            lock_time: LockTime::ZERO,
            order: Order::Lexicographic,
        }
    }

    /// The candidate.
    ///
    /// # Errors
    /// [`SpliceError`] when keys, coins, outputs, balances or capacity do not do, or no commitment can be built after it.
    pub fn build(&self) -> Result<SpliceCandidate, SpliceError> {
        let before = self.channel.terms().capacity;
        if Msat::try_from(before) != Ok(self.spec.total()) {
            return Err(SpliceError::OtherChannel { total: self.spec.total(), capacity: before });
        }
        let funding = FundingScript::new(self.format, &self.funding_keys.local, &self.funding_keys.remote)
            .map_err(BuilderError::from)?;
        let request = Request {
            initiator: self.initiator,
            shared: Some(SharedInput {
                outpoint: self.channel.outpoint(),
                txout: self.channel.funding_txout(),
                funding: self.channel.funding(),
                format: self.channel.terms().format,
            }),
            format: self.format,
            funding: &funding,
            contributions: &self.contributions,
            feerate: self.feerate,
            lock_time: self.lock_time,
            order: &self.order,
        };
        let settled = request.settle()?;
        let change = PerSide::from_fn(|side| {
            let of_side = settled.parts().iter().filter(|part| part.side == side);
            of_side.map(|part| i128::from(part.amount.to_sat())).sum::<i128>()
        });
        let spec = self.next_spec(&change)?;
        let capacity = capacity(sat(before) + change.local + change.remote, &funding)?;
        let made = request.assemble(&settled, capacity);
        let transaction = FundingTransaction::new(made, capacity, funding, self.feerate);
        self.candidate(transaction, spec)
    }

    /// The candidate in place of `previous`, which it conflicts with by the shared input.
    ///
    /// # Errors
    /// [`SpliceError`] as with [`build`](Self::build), and when it does not pay enough to replace `previous`.
    pub fn replace(&self, previous: &SpliceCandidate) -> Result<SpliceCandidate, SpliceError> {
        let next = self.build()?;
        next.transaction.check_replaces(&previous.transaction)?;
        Ok(next)
    }

    fn candidate(
        &self,
        transaction: FundingTransaction,
        spec: CommitmentSpec,
    ) -> Result<SpliceCandidate, SpliceError> {
        let terms = self.channel.terms();
        let terms = CommitmentTerms { format: self.format, capacity: transaction.capacity, ..*terms };
        let basepoints = PerSide::from_fn(|side| Basepoints {
            funding: *self.funding_keys.of(side),
            ..*self.channel.basepoints().of(side)
        });
        let delays = PerSide::from_fn(|side| self.channel.to_self_delay(side));
        let builder = CommitmentBuilder::new(terms, transaction.outpoint, basepoints, delays)?;
        builder.check_spec(&spec)?;
        let reserve = ChannelParams::reserve_for(transaction.capacity, terms.trim);
        let reserve_status = PerSide::from_fn(|side| self.reserve_status(side, &spec, reserve, &transaction));
        Ok(SpliceCandidate { transaction, builder, spec, reserve, reserve_status })
    }

    /// Balances with the contributions; HTLCs as they are.
    fn next_spec(&self, change: &PerSide<i128>) -> Result<CommitmentSpec, SpliceError> {
        let balance = |side: Side| {
            let next = i128::from(self.spec.balance(side).to_msat()) + change.of(side) * 1000;
            match u64::try_from(next) {
                Ok(msat) => Ok(Msat::from_msat(msat)),
                Err(_) if next < 0 => {
                    Err(SpliceError::Balance { side, missing: Msat::from_msat(magnitude(next).to_sat()) })
                }
                Err(_) => Err(SpliceError::Capacity { capacity: SignedAmount::MAX }),
            }
        };
        let balances = PerSide { local: balance(Side::Local)?, remote: balance(Side::Remote)? };
        // A zero-fee commitment cannot carry the feerate of the format before.
        let feerate = if self.format.is_zero_fee() { FeerateKw::ZERO } else { self.spec.feerate() };
        CommitmentSpec::with_htlcs(balances, feerate, self.spec.htlcs().copied())
            .map_err(|_| SpliceError::Capacity { capacity: SignedAmount::MAX })
    }

    fn reserve_status(
        &self,
        side: Side,
        spec: &CommitmentSpec,
        reserve: Amount,
        transaction: &FundingTransaction,
    ) -> ReserveStatus {
        let reserve = Msat::try_from(reserve).unwrap_or(Msat::MAX);
        let missing = reserve.saturating_sub(spec.balance(side));
        let mut parts = self.contributions.iter().zip(&transaction.contributed);
        let adds_output = parts
            .any(|(part, made)| part.side == side && (made.change.is_some() || !part.outputs.is_empty()));
        match (missing.is_zero(), adds_output) {
            (true, _) => ReserveStatus::Met,
            (false, false) => ReserveStatus::Below { missing },
            (false, true) => ReserveStatus::BelowWithOutput { missing },
        }
    }
}

/// The new capacity, if it can be funded.
fn capacity(total: i128, funding: &FundingScript) -> Result<Amount, SpliceError> {
    let minimum = relay_dust(&funding.script_pubkey()).to_amount();
    let capacity = u64::try_from(total).ok().map(Amount::from_sat);
    let capacity = capacity.filter(|capacity| (minimum..=Amount::MAX_MONEY).contains(capacity));
    capacity.ok_or_else(|| {
        let clamped = total.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
        SpliceError::Capacity { capacity: SignedAmount::from_sat(i64::try_from(clamped).unwrap_or(i64::MAX)) }
    })
}
