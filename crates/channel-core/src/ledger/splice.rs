//! Splices: value joins or leaves a channel on the chain (BOLT 2, "Channel Splicing").

use alloc::vec::Vec;

use bitcoin::{Amount, OutPoint, SignedAmount, Weight};

use super::channel::Funding;
use super::{ChannelStatus, ContributionError, LedgerChannel, SpliceError, weight};
use crate::commitment::{CommitmentSpec, SpecUpdate};
use crate::dust::{RelayDust, ScriptType};
use crate::limits::{ChannelParams, SpliceOutRefusal, msat};
use crate::quantity::{ChannelId, FeerateKw, Msat, PerSide, Side};

/// How many inputs one transaction may be built of together (BOLT 2, interactive construction).
const MOST_INPUTS: u16 = 252;

/// Coins a side adds to a splice, as P2TR inputs spent by key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct WalletInputs {
    /// How many coins; a splice has room for 251 of both sides beside the shared input.
    pub count: u8,
    /// What they are worth together, in sat.
    #[cfg_attr(feature = "serde", serde(rename = "total_sat", with = "bitcoin::amount::serde::as_sat"))]
    pub total: Amount,
}

/// What one side does in a splice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SpliceAction {
    /// Nothing; as the initiator it still pays the common part of the fee, out of its balance.
    Nothing,
    /// Adds to its balance. The fee comes out of the coins; change returns if it would be relayed.
    In {
        /// What is added, in sat.
        amount: Amount,
        /// The coins that pay for it.
        inputs: WalletInputs,
    },
    /// Takes from its balance; the fee comes out of the balance too.
    Out {
        /// What the payout is worth, in sat.
        amount: Amount,
        /// The type of the payout's script.
        destination: ScriptType,
    },
}

/// A splice to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpliceRequest {
    /// The side that pays for the transaction itself, the shared input and the new funding output.
    pub initiator: Side,
    /// What each side does.
    pub actions: PerSide<SpliceAction>,
    /// The feerate of the splice transaction.
    pub feerate: FeerateKw,
    /// The new funding output.
    pub new_funding: OutPoint,
}

impl SpliceRequest {
    /// A splice in which only `side` acts, and initiates.
    pub fn by(side: Side, action: SpliceAction, feerate: FeerateKw, new_funding: OutPoint) -> Self {
        let actions = PerSide::from_fn(|each| if each == side { action } else { SpliceAction::Nothing });
        Self { initiator: side, actions, feerate, new_funding }
    }
}

/// A splice that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct SpliceRecord {
    /// The channel.
    pub channel: ChannelId,
    /// The funding output that was spent.
    pub old_funding: OutPoint,
    /// The funding output that was made.
    pub new_funding: OutPoint,
    /// The capacity before, in sat.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "old_capacity_sat", with = "bitcoin::amount::serde::as_sat")
    )]
    pub old_capacity: Amount,
    /// The capacity after: the old one and both contributions, in sat.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "new_capacity_sat", with = "bitcoin::amount::serde::as_sat")
    )]
    pub new_capacity: Amount,
    /// What each side did.
    pub parts: PerSide<SplicePart>,
}

/// One side's part of a splice that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct SplicePart {
    /// The change of its balance, in sat.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "contribution_sat", with = "bitcoin::amount::serde::as_sat")
    )]
    pub contribution: SignedAmount,
    /// The value of its coins, in sat.
    #[cfg_attr(feature = "serde", serde(rename = "inputs_sat", with = "bitcoin::amount::serde::as_sat"))]
    pub inputs: Amount,
    /// Its payout or change, in sat.
    #[cfg_attr(feature = "serde", serde(rename = "output_sat", with = "bitcoin::amount::serde::as_sat"))]
    pub output: Amount,
    /// The on-chain fee it paid, in sat.
    #[cfg_attr(feature = "serde", serde(rename = "fee_sat", with = "bitcoin::amount::serde::as_sat"))]
    pub fee: Amount,
    /// True when its balance was dust before and has outputs now.
    pub dust_eliminated: bool,
}

/// Makes splices and keeps their history.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(from = "super::snapshot::HistoryV1", into = "super::snapshot::HistoryV1")
)]
pub struct SplicingManager {
    pub(super) history: Vec<SpliceRecord>,
}

impl SplicingManager {
    /// A manager without history.
    pub const fn new() -> Self {
        Self { history: Vec::new() }
    }

    /// The splices made, oldest first.
    pub fn history(&self) -> &[SpliceRecord] {
        &self.history
    }

    /// Makes a splice: balances, capacity and funding of `channel` change, and both fundings are valid until
    /// [`LedgerChannel::lock_splice`].
    ///
    /// # Errors
    /// [`SpliceError`]; nothing has changed then.
    pub fn splice(
        &mut self,
        channel: &mut LedgerChannel,
        request: &SpliceRequest,
    ) -> Result<SpliceRecord, SpliceError> {
        check_ready(channel, request)?;
        let part = |side| {
            SplicePart::of(channel, request, side)
                .map_err(|reason| SpliceError::Contribution { side, reason })
        };
        let mut parts = PerSide { local: part(Side::Local)?, remote: part(Side::Remote)? };
        let next = spliced(channel, request, &parts)?;
        let old = &channel.current;
        for side in Side::ALL {
            let (before, after) = (old.spec.balance(side), next.spec.balance(side));
            let was_dust = !before.is_zero() && before < old.smallest_kept_balance(side);
            parts.of_mut(side).dust_eliminated = was_dust && after >= next.smallest_kept_balance(side);
        }
        let record = SpliceRecord {
            channel: channel.id,
            old_funding: old.outpoint,
            new_funding: next.outpoint,
            old_capacity: old.params.terms.capacity,
            new_capacity: next.params.terms.capacity,
            parts,
        };
        channel.previous = Some(core::mem::replace(&mut channel.current, next));
        self.history.push(record);
        Ok(record)
    }

    /// The largest payout `side` can splice out as the initiator, in sat, after the fee at this feerate.
    ///
    /// # Errors
    /// [`ContributionError::DestinationDust`] when all that is left is below what the destination needs, and
    /// [`ContributionError::Keeps`] when nothing can leave.
    pub fn maximum(
        channel: &LedgerChannel,
        side: Side,
        destination: ScriptType,
        feerate: FeerateKw,
    ) -> Result<Amount, ContributionError> {
        let Funding { params, spec, .. } = &channel.current;
        let weight = weight::splice_common(params.terms.format) + weight::payout(destination);
        largest_payout(params, spec, side, destination, feerate.fee_ceil(weight))
    }
}

/// The largest payout of `side` that leaves it what it must keep, after its share of the fee.
fn largest_payout(
    params: &ChannelParams,
    spec: &CommitmentSpec,
    side: Side,
    destination: ScriptType,
    fee: Amount,
) -> Result<Amount, ContributionError> {
    let room = params
        .next_splice_out_maximum(spec, side)
        .map_err(|reason| ContributionError::Keeps { reason, maximum: None })?;
    let maximum = room.checked_sub(fee).unwrap_or(Amount::ZERO);
    let minimum = RelayDust::of(destination, RelayDust::DEFAULT_FEERATE);
    if maximum == Amount::ZERO || minimum.is_dust(maximum) {
        return Err(ContributionError::DestinationDust { minimum: minimum.to_amount() });
    }
    Ok(maximum)
}

fn check_ready(channel: &LedgerChannel, request: &SpliceRequest) -> Result<(), SpliceError> {
    let id = channel.id;
    if channel.status == ChannelStatus::Inactive {
        return Err(SpliceError::NotActive { id });
    }
    if channel.previous.is_some() {
        return Err(SpliceError::Pending { id });
    }
    let idle = Side::ALL.into_iter().all(|side| *request.actions.of(side) == SpliceAction::Nothing);
    if idle || request.new_funding == channel.current.outpoint {
        return Err(SpliceError::Empty);
    }
    let coins = Side::ALL.into_iter().map(|side| match *request.actions.of(side) {
        SpliceAction::In { inputs, .. } => u16::from(inputs.count),
        _ => 0,
    });
    let inputs = 1 + coins.sum::<u16>();
    if inputs > MOST_INPUTS {
        return Err(SpliceError::TooManyInputs { inputs, max: MOST_INPUTS });
    }
    Ok(())
}

impl SplicePart {
    fn of(channel: &LedgerChannel, request: &SpliceRequest, side: Side) -> Result<Self, ContributionError> {
        let common = if side == request.initiator {
            weight::splice_common(channel.params().terms.format)
        } else {
            Weight::ZERO
        };
        match *request.actions.of(side) {
            SpliceAction::Nothing => Ok(Self::from_balance(Amount::ZERO, request.feerate.fee_ceil(common))),
            SpliceAction::In { amount, inputs } => Self::from_coins(amount, inputs, common, request.feerate),
            SpliceAction::Out { amount, destination } => {
                let dust = RelayDust::of(destination, RelayDust::DEFAULT_FEERATE);
                if amount == Amount::ZERO {
                    return Err(ContributionError::ZeroAmount);
                }
                if dust.is_dust(amount) {
                    return Err(ContributionError::DestinationDust { minimum: dust.to_amount() });
                }
                let fee = request.feerate.fee_ceil(common + weight::payout(destination));
                Ok(Self::from_balance(amount, fee))
            }
        }
    }

    /// Payout and fee leave the balance. Sums that no balance can pay are held at the largest amount and refused later.
    fn from_balance(output: Amount, fee: Amount) -> Self {
        let leaves =
            output.checked_add(fee).and_then(|sum| sum.to_signed().ok()).unwrap_or(SignedAmount::MAX);
        Self {
            contribution: SignedAmount::from_sat(-leaves.to_sat()),
            inputs: Amount::ZERO,
            output,
            fee,
            dust_eliminated: false,
        }
    }

    fn from_coins(
        amount: Amount,
        inputs: WalletInputs,
        common: Weight,
        feerate: FeerateKw,
    ) -> Result<Self, ContributionError> {
        if amount == Amount::ZERO {
            return Err(ContributionError::ZeroAmount);
        }
        if amount > Amount::MAX_MONEY || inputs.total > Amount::MAX_MONEY {
            return Err(ContributionError::AboveSupply);
        }
        let contribution = amount.to_signed().map_err(|_| ContributionError::AboveSupply)?;
        let weight = common + weight::wallet_inputs(inputs.count);
        let needed = amount.checked_add(feerate.fee_ceil(weight)).unwrap_or(Amount::MAX);
        let left = inputs
            .total
            .checked_sub(needed)
            .filter(|_| inputs.count > 0)
            .ok_or(ContributionError::Inputs { needed, given: inputs.total })?;
        // A change output pays for its own weight; without one, what is left joins the fee.
        let own_cost = feerate.fee_ceil(weight + weight::payout(ScriptType::P2tr));
        let with_change = inputs.total.checked_sub(amount).and_then(|rest| rest.checked_sub(own_cost));
        let dust = RelayDust::of(ScriptType::P2tr, RelayDust::DEFAULT_FEERATE);
        let output = with_change.filter(|change| !dust.is_dust(*change)).unwrap_or(Amount::ZERO);
        let fee = if output == Amount::ZERO {
            feerate.fee_ceil(weight).checked_add(left).unwrap_or(Amount::MAX)
        } else {
            own_cost
        };
        Ok(Self { contribution, inputs: inputs.total, output, fee, dust_eliminated: false })
    }
}

/// The funding after the splice, if both of its commitments can be built and every side that takes keeps its reserve.
fn spliced(
    channel: &LedgerChannel,
    request: &SpliceRequest,
    parts: &PerSide<SplicePart>,
) -> Result<Funding, SpliceError> {
    let old = &channel.current;
    let above = |side| SpliceError::Contribution { side, reason: ContributionError::AboveSupply };
    let change =
        i128::from(parts.local.contribution.to_sat()) + i128::from(parts.remote.contribution.to_sat());
    let capacity = i128::from(old.params.terms.capacity.to_sat()) + change;
    let capacity = Amount::from_sat(u64::try_from(capacity.max(0)).unwrap_or(u64::MAX));
    if capacity > Amount::MAX_MONEY {
        return Err(above(request.initiator));
    }
    let params = old.params.with_capacity(capacity);
    let mut balances = PerSide::from_fn(|side| {
        let in_flight: Msat = old.spec.view(side).offered().map(|htlc| htlc.amount).sum();
        old.spec.balance(side).saturating_add(in_flight)
    });
    for side in Side::ALL {
        let part = parts.of(side).contribution;
        let size = msat(part.unsigned_abs());
        let balance = balances.of_mut(side);
        *balance = if part.is_negative() {
            check_keeps(channel, request, side, parts, capacity)?;
            balance.saturating_sub(size)
        } else {
            balance.checked_add(size).ok_or(above(side))?
        };
    }
    let adds = old.spec.htlcs().map(|htlc| SpecUpdate::Add(*htlc));
    let spec = CommitmentSpec::new(balances, old.spec.feerate())
        .map_err(|_| above(request.initiator))?
        .apply_all(adds)
        .expect("each side's balance was raised by the HTLCs it offers");
    let next = Funding { outpoint: request.new_funding, params, spec };
    for owner in Side::ALL {
        next.outputs(owner)?;
    }
    Ok(next)
}

/// A side that takes from its balance keeps the reserve of the new capacity, and the opener its costs.
fn check_keeps(
    channel: &LedgerChannel,
    request: &SpliceRequest,
    side: Side,
    parts: &PerSide<SplicePart>,
    capacity: Amount,
) -> Result<(), SpliceError> {
    let Funding { params, spec, .. } = &channel.current;
    let taken = parts.of(side).contribution.unsigned_abs();
    // What the other side adds or takes moves the reserve as well, so the rule is asked of the channel that this side
    // alone would leave at the capacity that both leave.
    let before = capacity.checked_add(taken).unwrap_or(Amount::MAX);
    let refused = params.with_capacity(before).check_splice_out(spec, side, taken);
    refused.map_err(|reason: SpliceOutRefusal| {
        let maximum = match *request.actions.of(side) {
            SpliceAction::Out { destination, .. } => {
                let others = i128::from(parts.of(side.other()).contribution.to_sat());
                let alone = i128::from(params.terms.capacity.to_sat()) + others;
                let alone = Amount::from_sat(u64::try_from(alone.max(0)).unwrap_or(u64::MAX));
                let fee = parts.of(side).fee;
                largest_payout(&params.with_capacity(alone), spec, side, destination, fee).ok()
            }
            SpliceAction::Nothing | SpliceAction::In { .. } => None,
        };
        SpliceError::Contribution { side, reason: ContributionError::Keeps { reason, maximum } }
    })
}
