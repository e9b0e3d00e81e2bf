//! A channel that is ready to be closed, and the construction of its closing transactions.

use alloc::vec;
use alloc::vec::Vec;

use bitcoin::transaction::Version;
use bitcoin::{Amount, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Weight, Witness};
use channel_core::commitment::CommitmentSpec;
use channel_core::{CommitmentFormat, FeerateKw, Msat, PerSide, Side};

use super::{CloseError, CloseProposal, CloseVariant, ClosingTransaction, ShutdownScript};
use crate::commitment::CommitmentBuilder;
use crate::funding::{FundingScript, output_key, relay_dust};
use crate::spend::{InputHint, SpendFee, UnsignedInput, UnsignedTransaction};
use crate::weight::OutputKind;
use crate::weight::funding::mutual_close;

/// A channel without HTLCs: what it holds, and who owns how much of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosingChannel {
    format: CommitmentFormat,
    outpoint: OutPoint,
    txout: TxOut,
    funding: FundingScript,
    balances: PerSide<Msat>,
}

impl ClosingChannel {
    /// The channel of `builder` at the balances of `spec`, on which both sides agree.
    ///
    /// # Errors
    /// [`CloseError::Htlcs`] while HTLCs are in flight, [`CloseError::OtherChannel`] when the balances are not the
    /// capacity.
    pub fn new(builder: &CommitmentBuilder, spec: &CommitmentSpec) -> Result<Self, CloseError> {
        let htlcs = spec.htlcs().count();
        if htlcs > 0 {
            return Err(CloseError::Htlcs { htlcs });
        }
        let capacity = builder.terms().capacity;
        if Msat::try_from(capacity) != Ok(spec.total()) {
            return Err(CloseError::OtherChannel { total: spec.total(), capacity });
        }
        Ok(Self {
            format: builder.terms().format,
            outpoint: builder.outpoint(),
            txout: builder.funding_txout().clone(),
            funding: builder.funding().clone(),
            balances: PerSide::from_fn(|side| spec.balance(side)),
        })
    }

    /// The balance of `side`.
    pub const fn balance(&self, side: Side) -> Msat {
        *self.balances.of(side)
    }

    /// The fee of a transaction with both outputs at `feerate`, in sat: one fee has to do for all variants.
    pub fn fee_at(&self, scripts: &PerSide<ShutdownScript>, feerate: FeerateKw) -> Amount {
        feerate
            .fee_ceil(self.weight(scripts.local.as_script().into(), Some(scripts.remote.as_script().into())))
    }

    pub(super) fn check_fee(&self, proposal: &CloseProposal) -> Result<(), CloseError> {
        let (closer, fee) = (proposal.closer, proposal.fee);
        let balance = self.balance(closer).to_sat_floor();
        if fee > balance { Err(CloseError::Fee { closer, fee, balance }) } else { Ok(()) }
    }

    /// The balance of a side after the fee, in whole satoshi: what its output would hold, if its script could.
    fn payout(&self, proposal: &CloseProposal, side: Side) -> Amount {
        let balance = self.balance(side).to_sat_floor();
        let fee = if side == proposal.closer { proposal.fee } else { Amount::ZERO };
        balance.checked_sub(fee).unwrap_or(Amount::ZERO)
    }

    /// What the output of a side holds: nothing when nobody can spend it (BOLT 3).
    pub(super) fn output_value(&self, proposal: &CloseProposal, side: Side) -> Amount {
        let unspendable = proposal.scripts.of(side).is_op_return();
        if unspendable { Amount::ZERO } else { self.payout(proposal, side) }
    }

    pub(super) fn is_dust(&self, proposal: &CloseProposal, side: Side) -> bool {
        relay_dust(proposal.scripts.of(side).as_script()).is_dust(self.output_value(proposal, side))
    }

    /// One variant; the fee was checked.
    pub(super) fn build(&self, proposal: &CloseProposal, variant: CloseVariant) -> ClosingTransaction {
        let closer = proposal.closer;
        let there = [(closer, variant.pays_closer()), (closer.other(), variant.pays_closee())];
        let there = there.into_iter().filter_map(|(side, there)| there.then_some(side));
        let mut output: Vec<TxOut> = there
            .map(|side| TxOut {
                value: self.output_value(proposal, side),
                script_pubkey: proposal.scripts.of(side).as_script().into(),
            })
            .collect();
        output.sort_by(|a, b| output_key(a).cmp(&output_key(b)));
        let mut kinds = output.iter().map(|output| OutputKind::from(output.script_pubkey.as_script()));
        let first = kinds.next().expect("every variant has an output");
        let weight = self.weight(first, kinds.next());
        let fee = self.account(proposal, &output);
        let input = TxIn {
            previous_output: self.outpoint,
            script_sig: ScriptBuf::new(),
            sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
            witness: Witness::new(),
        };
        let transaction =
            Transaction { version: Version::TWO, lock_time: proposal.lock_time, input: vec![input], output };
        let hint = InputHint::Funding(self.funding.clone());
        let inputs = vec![UnsignedInput { prevout: self.txout.clone(), hint }];
        let unsigned = UnsignedTransaction { transaction, inputs, fee };
        ClosingTransaction { variant, proposal: proposal.clone(), unsigned, weight }
    }

    /// Where the capacity goes that no output holds: the fee, the payouts left out, and the satoshi that both balances
    /// hold a part of.
    fn account(&self, proposal: &CloseProposal, outputs: &[TxOut]) -> SpendFee {
        // Balances are the capacity, and no output holds more than the balance it pays.
        let left = |from: Amount, parts: &[Amount]| {
            parts.iter().fold(from, |rest, part| rest.checked_sub(*part).unwrap_or(Amount::ZERO))
        };
        let payouts = Side::ALL.map(|side| self.payout(proposal, side));
        let surplus = left(self.txout.value, &[proposal.fee, payouts[0], payouts[1]]);
        let paid = outputs.iter().map(|output| output.value).collect::<Vec<_>>();
        let dropped_outputs = left(left(self.txout.value, &[proposal.fee, surplus]), &paid);
        SpendFee { weight_fee: proposal.fee, dropped_outputs, surplus, ..SpendFee::default() }
    }

    fn weight(&self, output: OutputKind, other: Option<OutputKind>) -> Weight {
        mutual_close(self.format, output, other).weight()
    }
}
