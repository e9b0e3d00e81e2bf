//! Contributions settled and put together: what opening and splicing have in common.
//!
//! BOLT 2 ("Fee Responsibility"): the initiator pays for the frame of the transaction, the shared input and the funding
//! output, everybody for the inputs and outputs they add.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use bitcoin::absolute::LockTime;
use bitcoin::transaction::Version;
use bitcoin::{
    Amount, OutPoint, Script, ScriptBuf, Sequence, SignedAmount, Transaction, TxIn, TxOut, Weight, Witness,
};
use channel_core::dust::RelayDust;
use channel_core::{CommitmentFormat, FeerateKw, Side};

use super::contribution::{
    CoinError, Contributed, Contribution, ContributionError, FrameError, OutputError, Share,
};
use super::order::{Order, SerialId, SerialIds, input_key, output_key};
use super::output::FundingScript;
use crate::spend::{InputHint, SpendFee, UnsignedInput, UnsignedTransaction};
use crate::weight::{OutputKind, SpendPath, TransactionWeight};

/// All that is asked for, by either operation.
pub(crate) struct Request<'a> {
    pub(crate) initiator: Side,
    pub(crate) shared: Option<SharedInput<'a>>,
    pub(crate) format: CommitmentFormat,
    pub(crate) funding: &'a FundingScript,
    pub(crate) contributions: &'a [Contribution],
    pub(crate) feerate: FeerateKw,
    pub(crate) lock_time: LockTime,
    pub(crate) order: &'a Order,
}

/// The funding output of before.
pub(crate) struct SharedInput<'a> {
    pub(crate) outpoint: OutPoint,
    pub(crate) txout: &'a TxOut,
    pub(crate) funding: &'a FundingScript,
    pub(crate) format: CommitmentFormat,
}

/// The account of every contribution, before capacity and order are known.
pub(crate) struct Settled {
    parts: Vec<Settlement>,
    pub(crate) weight: Weight,
}

#[derive(Clone, Copy)]
pub(crate) struct Settlement {
    pub(crate) side: Side,
    pub(crate) amount: SignedAmount,
    weight: Weight,
    fee: SpendFee,
    change: Option<Amount>,
}

/// The finished transaction.
pub(crate) struct Assembled {
    pub(crate) unsigned: UnsignedTransaction,
    pub(crate) funding_outpoint: OutPoint,
    pub(crate) contributed: Vec<Contributed>,
    pub(crate) weight: Weight,
}

/// What an output is, so that its index can be found after sorting.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Funding,
    Paid,
    Change(usize),
}

/// An input or output with its serial id, if it was given one.
struct Entry<T> {
    serial: Option<SerialId>,
    item: T,
}

/// Sums of one contributor, in sat. They are within the supply, so no sum of them leaves 128 bits.
#[derive(Clone, Copy)]
struct Sums {
    inputs: i128,
    outputs: i128,
}

impl Settled {
    pub(crate) fn parts(&self) -> &[Settlement] {
        &self.parts
    }
}

impl Request<'_> {
    /// Settles every contribution: the payer of the frame last, since what the frame weighs follows from all others.
    pub(crate) fn settle(&self) -> Result<Settled, ContributionError> {
        self.check_inputs()?;
        let sums = self.contributions.iter().map(|part| self.sums(part)).collect::<Result<Vec<_>, _>>()?;
        let payer = self.contributions.iter().position(|part| part.side == self.initiator);
        let payer = payer.ok_or(FrameError::NobodyPays { initiator: self.initiator })?;
        self.check_serials()?;
        let mut whole = self.bare_weight();
        check_weight(whole)?;
        let mut others = Weight::ZERO;
        let mut parts = Vec::with_capacity(self.contributions.len());
        for (index, (part, sums)) in self.contributions.iter().zip(&sums).enumerate() {
            if index == payer {
                continue;
            }
            let without = own_weight(part);
            let change_output = change_kind(part).map_or(Weight::ZERO, OutputKind::weight);
            let settled = part.settle(self.feerate, *sums, without, without + change_output)?;
            if let (Some(_), Some(kind)) = (settled.change, change_kind(part)) {
                whole = whole.output(kind);
            }
            others += settled.weight;
            parts.push(settled);
        }
        let part = &self.contributions[payer];
        let with_change = change_kind(part).map_or(whole, |kind| whole.output(kind));
        check_weight(with_change)?;
        let (without, with) = (whole.weight() - others, with_change.weight() - others);
        let settled = part.settle(self.feerate, sums[payer], without, with)?;
        parts.insert(payer, settled);
        let weight = others + settled.weight;
        Ok(Settled { parts, weight })
    }

    /// Puts the transaction together.
    pub(crate) fn assemble(&self, settled: &Settled, capacity: Amount) -> Assembled {
        let mut inputs = self.inputs();
        let mut outputs = self.outputs(settled, capacity);
        match self.order {
            Order::Lexicographic => {
                inputs.sort_by_key(|entry| input_key(&entry.item.0));
                outputs.sort_by(|a, b| output_key(&a.item.0).cmp(&output_key(&b.item.0)));
            }
            Order::Serial { .. } => {
                inputs.sort_by_key(|entry| entry.serial);
                outputs.sort_by_key(|entry| entry.serial);
            }
        }
        let index_of = |purpose: Purpose| {
            let index = outputs.iter().position(|entry| entry.item.1 == purpose)?;
            u32::try_from(index).ok()
        };
        let vout = index_of(Purpose::Funding).expect("the funding output is one of fewer than 2^32");
        let contributed = settled.parts.iter().enumerate().map(|(index, part)| Contributed {
            side: part.side,
            amount: part.amount,
            weight: part.weight,
            fee: part.fee,
            change: index_of(Purpose::Change(index)),
        });
        let contributed: Vec<_> = contributed.collect();
        let fee = contributed.iter().fold(SpendFee::default(), |sum, part| add_fees(&sum, &part.fee));
        let (input, inputs) = inputs.into_iter().map(|entry| (unsigned(entry.item.0), entry.item.1)).unzip();
        let output = outputs.into_iter().map(|entry| entry.item.0).collect();
        let transaction = Transaction { version: Version::TWO, lock_time: self.lock_time, input, output };
        let unsigned = UnsignedTransaction { transaction, inputs, fee };
        let funding_outpoint = OutPoint { txid: unsigned.txid(), vout };
        Assembled { unsigned, funding_outpoint, contributed, weight: settled.weight }
    }

    fn check_inputs(&self) -> Result<(), ContributionError> {
        let mut seen: BTreeSet<OutPoint> = self.shared.iter().map(|shared| shared.outpoint).collect();
        for part in self.contributions {
            for input in &part.inputs {
                let outpoint = input.outpoint();
                let refuse = |reason| ContributionError::Coin { side: part.side, outpoint, reason };
                input.check().map_err(refuse)?;
                if !seen.insert(outpoint) {
                    return Err(refuse(CoinError::Duplicate));
                }
            }
        }
        Ok(())
    }

    fn sums(&self, part: &Contribution) -> Result<Sums, ContributionError> {
        let funding = self.funding.script_pubkey();
        for (index, output) in part.outputs.iter().enumerate() {
            let refuse = |reason| ContributionError::Output { side: part.side, index, reason };
            if output.script_pubkey == funding {
                return Err(refuse(OutputError::SecondFunding));
            }
            let dust = relay_dust(&output.script_pubkey);
            if dust.is_dust(output.value) {
                let minimum = dust.to_amount();
                return Err(refuse(OutputError::Dust { value: output.value, minimum }));
            }
        }
        let too_much = ContributionError::AboveSupply { side: part.side };
        let inputs = sum(part.inputs.iter().map(|input| input.txout().value)).ok_or(too_much)?;
        let outputs = sum(part.outputs.iter().map(|output| output.value)).ok_or(too_much)?;
        Ok(Sums { inputs, outputs })
    }

    /// Everything but change.
    fn bare_weight(&self) -> TransactionWeight {
        let shared = self.shared.iter().map(|shared| SpendPath::Funding.input(shared.format));
        let inputs = self.contributions.iter().flat_map(|part| &part.inputs).map(super::FundingInput::weight);
        let outputs = self.contributions.iter().flat_map(|part| &part.outputs).map(kind);
        TransactionWeight::EMPTY
            .with_inputs(shared)
            .with_inputs(inputs)
            .output(OutputKind::funding(self.format))
            .with_outputs(outputs)
    }

    fn inputs(&self) -> Vec<Entry<(OutPoint, UnsignedInput)>> {
        let shared_serial = match self.order {
            Order::Lexicographic => None,
            Order::Serial { shared, .. } => shared.input,
        };
        let shared = self.shared.iter().map(|shared| {
            let hint = InputHint::Funding(shared.funding.clone());
            let input = UnsignedInput { prevout: shared.txout.clone(), hint };
            Entry { serial: shared_serial, item: (shared.outpoint, input) }
        });
        let own = self.contributions.iter().enumerate().flat_map(|(index, part)| {
            let serials = self.serials(index);
            part.inputs.iter().enumerate().map(move |(position, input)| {
                let unsigned = UnsignedInput { prevout: input.txout().clone(), hint: input.hint() };
                let serial = serials.and_then(|serials| serials.inputs.get(position).copied());
                Entry { serial, item: (input.outpoint(), unsigned) }
            })
        });
        shared.chain(own).collect()
    }

    fn outputs(&self, settled: &Settled, capacity: Amount) -> Vec<Entry<(TxOut, Purpose)>> {
        let funding_serial = match self.order {
            Order::Lexicographic => None,
            Order::Serial { shared, .. } => Some(shared.funding_output),
        };
        let funding = TxOut { value: capacity, script_pubkey: self.funding.script_pubkey() };
        let mut outputs = Vec::new();
        outputs.push(Entry { serial: funding_serial, item: (funding, Purpose::Funding) });
        for (index, (part, settlement)) in self.contributions.iter().zip(&settled.parts).enumerate() {
            let serials = self.serials(index);
            outputs.extend(part.outputs.iter().enumerate().map(|(position, output)| {
                let serial = serials.and_then(|serials| serials.outputs.get(position).copied());
                Entry { serial, item: (output.clone(), Purpose::Paid) }
            }));
            if let (Some(value), Some(script)) = (settlement.change, change_script(part)) {
                let change = TxOut { value, script_pubkey: script.clone() };
                let serial = serials.and_then(|serials| serials.change);
                outputs.push(Entry { serial, item: (change, Purpose::Change(index)) });
            }
        }
        outputs
    }

    fn serials(&self, index: usize) -> Option<&SerialIds> {
        match self.order {
            Order::Lexicographic => None,
            Order::Serial { contributions, .. } => contributions.get(index),
        }
    }

    fn check_serials(&self) -> Result<(), FrameError> {
        let Order::Serial { shared, contributions } = self.order else { return Ok(()) };
        let mut inputs: BTreeSet<SerialId> = shared.input.into_iter().collect();
        let mut outputs = BTreeSet::from([shared.funding_output]);
        let shared_ids = shared.input.iter().chain([&shared.funding_output]);
        let complete = shared.input.is_some() == self.shared.is_some();
        if !complete || !shared_ids.into_iter().all(|id| id.is_of_initiator()) {
            return Err(FrameError::SerialIds { side: self.initiator });
        }
        for (index, part) in self.contributions.iter().enumerate() {
            let refused = FrameError::SerialIds { side: part.side };
            let ids = contributions.get(index).ok_or(refused)?;
            let all = || ids.inputs.iter().chain(&ids.outputs).chain(&ids.change);
            let complete = ids.inputs.len() == part.inputs.len()
                && ids.outputs.len() == part.outputs.len()
                && ids.change.is_some() == change_script(part).is_some();
            let of_side = all().all(|id| id.is_of_initiator() == (part.side == self.initiator));
            let new_inputs = ids.inputs.iter().all(|id| inputs.insert(*id));
            let new_outputs = ids.outputs.iter().chain(&ids.change).all(|id| outputs.insert(*id));
            if !(complete && of_side && new_inputs && new_outputs) {
                return Err(refused);
            }
        }
        Ok(())
    }
}

impl Contribution {
    /// What goes where, at the weights this contribution pays for without and with change.
    fn settle(
        &self,
        feerate: FeerateKw,
        sums: Sums,
        without: Weight,
        with_change: Weight,
    ) -> Result<Settlement, ContributionError> {
        let free = sums.inputs - sums.outputs;
        let weight_fee = feerate.fee_ceil(without);
        let rest = |amount: SignedAmount, fee: Amount| free - i128::from(amount.to_sat()) - sat(fee);
        let missing = |rest: i128| ContributionError::NotEnough { side: self.side, missing: magnitude(rest) };
        let done = |amount, weight, fee, change| Settlement { side: self.side, amount, weight, fee, change };
        match &self.share {
            Share::Exact { amount, change } => {
                let fee = feerate.fee_ceil(with_change);
                let left = Amount::from_sat(u64::try_from(rest(*amount, fee)).unwrap_or(0));
                // Zero is no change, even where the script would carry it.
                if left > Amount::ZERO && !relay_dust(change).is_dust(left) {
                    self.check_amount(left)?;
                    let fee = SpendFee { weight_fee: fee, ..SpendFee::default() };
                    return Ok(done(*amount, with_change, fee, Some(left)));
                }
                let dropped_change =
                    positive(rest(*amount, weight_fee)).ok_or_else(|| missing(rest(*amount, weight_fee)))?;
                let fee = SpendFee { weight_fee, dropped_change, ..SpendFee::default() };
                Ok(done(*amount, without, fee, None))
            }
            Share::Stated(amount) => {
                let surplus =
                    positive(rest(*amount, weight_fee)).ok_or_else(|| missing(rest(*amount, weight_fee)))?;
                let fee = SpendFee { weight_fee, surplus, ..SpendFee::default() };
                Ok(done(*amount, without, fee, None))
            }
            Share::Rest => {
                let amount = i64::try_from(free - sat(weight_fee));
                let amount = amount.map_err(|_| ContributionError::AboveSupply { side: self.side })?;
                let fee = SpendFee { weight_fee, ..SpendFee::default() };
                Ok(done(SignedAmount::from_sat(amount), without, fee, None))
            }
        }
    }

    /// A negative share can leave more than there is.
    fn check_amount(&self, amount: Amount) -> Result<(), ContributionError> {
        if amount > Amount::MAX_MONEY {
            return Err(ContributionError::AboveSupply { side: self.side });
        }
        Ok(())
    }
}

/// The fees of two contributions, term by term.
pub(crate) fn add_fees(first: &SpendFee, second: &SpendFee) -> SpendFee {
    let add = |a: Amount, b: Amount| a.checked_add(b).unwrap_or(Amount::MAX);
    SpendFee {
        weight_fee: add(first.weight_fee, second.weight_fee),
        dropped_change: add(first.dropped_change, second.dropped_change),
        dropped_outputs: add(first.dropped_outputs, second.dropped_outputs),
        surplus: add(first.surplus, second.surplus),
    }
}

/// Relay dust at the feerate all nodes use.
pub(crate) fn relay_dust(script: &Script) -> RelayDust {
    RelayDust::of_script(script, RelayDust::DEFAULT_FEERATE)
}

fn check_weight(weight: TransactionWeight) -> Result<(), FrameError> {
    let weight = weight.weight();
    if weight > Weight::from_wu(u64::from(bitcoin::policy::MAX_STANDARD_TX_WEIGHT)) {
        return Err(FrameError::TooHeavy { weight });
    }
    Ok(())
}

fn own_weight(part: &Contribution) -> Weight {
    let inputs = part.inputs.iter().map(|input| input.weight().weight());
    // The whole was checked before, so that no part of it can overflow.
    inputs.chain(part.outputs.iter().map(|output| kind(output).weight())).sum()
}

fn kind(output: &TxOut) -> OutputKind {
    OutputKind::from(output.script_pubkey.as_script())
}

fn change_script(part: &Contribution) -> Option<&ScriptBuf> {
    match &part.share {
        Share::Exact { change, .. } => Some(change),
        Share::Stated(_) | Share::Rest => None,
    }
}

fn change_kind(part: &Contribution) -> Option<OutputKind> {
    change_script(part).map(|script| OutputKind::from(script.as_script()))
}

fn unsigned(previous_output: OutPoint) -> TxIn {
    TxIn {
        previous_output,
        script_sig: ScriptBuf::new(),
        sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
        witness: Witness::new(),
    }
}

fn sum(amounts: impl Iterator<Item = Amount>) -> Option<i128> {
    let mut amounts = amounts;
    let sum = amounts.try_fold(Amount::ZERO, Amount::checked_add)?;
    (sum <= Amount::MAX_MONEY).then(|| sat(sum))
}

pub(crate) fn sat(amount: Amount) -> i128 {
    i128::from(amount.to_sat())
}

fn positive(sat: i128) -> Option<Amount> {
    u64::try_from(sat).ok().map(Amount::from_sat)
}

pub(crate) fn magnitude(sat: i128) -> Amount {
    Amount::from_sat(u64::try_from(sat.unsigned_abs()).unwrap_or(u64::MAX))
}
