//! One channel on the channel ledger, walked through payments, a dust report, a splice and an optimisation.

use serde::Serialize;
use taproot_channels::bitcoin::hashes::Hash;
use taproot_channels::bitcoin::{Amount, OutPoint, Txid};
use taproot_channels::core::dust::ScriptType;
use taproot_channels::core::ledger::{
    CreateError, DustFreeChannelManager, LedgerChannel, LedgerPolicy, NewChannel, PayError, Payment,
    RecoveryMethod, SpliceAction, SpliceError, SpliceRequest, SplicingManager, WalletInputs,
};
use taproot_channels::core::limits::PaymentRefusal;
use taproot_channels::core::quantity::PerSide;
use taproot_channels::core::{ChannelId, Msat, Side};
use thiserror::Error;

use crate::args::{Payer, SimulateArgs, SimulatedPayment};
use crate::figure;

/// The name of the JSON form.
const SCHEMA: &str = "taproot-channels/simulation/v1";
/// Coins the simulated wallet holds beyond what is spliced in, for the fee: 0.01 BTC, more than any relayed splice pays.
const SPARE_COINS: Amount = Amount::from_sat(1_000_000);

/// Why a simulation cannot start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum SimulationError {
    /// The channel cannot be created.
    #[error("the channel cannot be opened: {0}")]
    Open(#[from] CreateError),
    /// The ledger lost the channel it made.
    #[error("the ledger does not know its own channel")]
    Lost,
}

/// Both sides' amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Both<T> {
    /// Of the side that opened the channel.
    pub(crate) local: T,
    /// Of the other side.
    pub(crate) remote: T,
}

/// One step and the state after it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Step {
    /// What was tried.
    pub(crate) what: String,
    /// Whether it was done.
    pub(crate) done: bool,
    /// Why not, and what would have been possible.
    pub(crate) refusal: Option<Refusal>,
    /// The balances after it.
    pub(crate) balance_msat: Both<Msat>,
    /// The capacity after it.
    pub(crate) capacity_sat: u64,
    /// Whether a balance has no output on a commitment now.
    pub(crate) trimmed: Both<bool>,
    /// What it cost on-chain.
    pub(crate) chain_fee_sat: u64,
}

/// A refused step.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Refusal {
    /// The bound it met.
    pub(crate) reason: String,
    /// The largest payable amount below the refused one.
    pub(crate) nearest_below_msat: Option<Msat>,
    /// The smallest payable amount above the refused one.
    pub(crate) nearest_above_msat: Option<Msat>,
}

/// What is dust at the end, and the way out of it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct DustLine {
    /// Dust in both balances.
    pub(crate) dust_msat: Both<Msat>,
    /// The most a commitment leaves out.
    pub(crate) worst_trimmed_msat: Msat,
    /// The way out worth most, if one is worth its cost.
    pub(crate) recovery: Option<String>,
}

/// The amounts a side can pay, from the smallest to the largest.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Payable {
    /// The smallest.
    pub(crate) min_msat: Msat,
    /// The largest.
    pub(crate) max_msat: Msat,
}

/// A simulation that ran.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Simulation {
    /// The name of the JSON form.
    pub(crate) schema: &'static str,
    /// The channel: funding txid XOR output index (BOLT 2).
    pub(crate) channel: String,
    /// The commitment format.
    pub(crate) format: String,
    /// The dust limit of both commitments.
    pub(crate) dust_limit_sat: u64,
    /// What each side must keep.
    pub(crate) reserve_sat: Both<u64>,
    /// The feerate of the splice.
    pub(crate) feerate: String,
    /// The steps in order.
    pub(crate) steps: Vec<Step>,
    /// The dust after the payments.
    pub(crate) dust: DustLine,
    /// What each side can pay with an HTLC at the end; absent when nothing.
    pub(crate) payable: Both<Option<Payable>>,
    /// The largest payout each side can splice out at the end, to a Taproot output; absent when none.
    pub(crate) splice_out_max_sat: Both<Option<u64>>,
    /// |local − remote| / (local + remote) at the end, ppm.
    pub(crate) imbalance_ppm: u32,
    /// What local would pay (negative: receive) to make the balances even.
    pub(crate) to_even_msat: i64,
    /// Whether balances add up to the capacity after every step.
    pub(crate) value_conserved: bool,
}

/// Runs the simulation the command line asks for.
pub(crate) fn run(args: &SimulateArgs) -> Result<Simulation, SimulationError> {
    let mut ledger = DustFreeChannelManager::new(LedgerPolicy::default());
    let new = NewChannel {
        funding: outpoint(0),
        opener: Side::Local,
        capacity: args.capacity.to_sat_floor(),
        local_balance: args.local,
    };
    let id = ledger.create(new)?.id();
    let mut steps = vec![step("open".to_owned(), known(&ledger, id)?)];
    for payment in &args.payments {
        let step = pay(&mut ledger, id, *payment)?;
        steps.push(step);
    }
    let dust = dust(&ledger, id, args)?;
    if !args.splice_in.is_zero() {
        let channel = ledger.channel_mut(id).ok_or(SimulationError::Lost)?;
        steps.push(splice_in(channel, args));
    }
    let report = ledger.optimise(args.feerate).map_err(|_| SimulationError::Lost)?;
    let state = report.channels().first().ok_or(SimulationError::Lost)?;
    let (imbalance_ppm, to_even_msat) = (state.imbalance_ppm, state.to_even.to_msat());
    Ok(finished(known(&ledger, id)?, args, steps, dust, imbalance_ppm, to_even_msat))
}

fn finished(
    channel: &LedgerChannel,
    args: &SimulateArgs,
    steps: Vec<Step>,
    dust: DustLine,
    imbalance_ppm: u32,
    to_even_msat: i64,
) -> Simulation {
    let params = channel.params();
    let payable =
        |side| channel.payable(side).ok().map(|set| Payable { min_msat: set.min(), max_msat: set.max() });
    let splice_out = |side| {
        SplicingManager::maximum(channel, side, ScriptType::P2tr, args.feerate).ok().map(Amount::to_sat)
    };
    let value_conserved = steps.iter().all(|step| {
        let sum = step.balance_msat.local.saturating_add(step.balance_msat.remote);
        sum.to_msat() == step.capacity_sat * 1000
    });
    Simulation {
        schema: SCHEMA,
        channel: channel.id().to_string(),
        format: "taproot, zero-fee commitments".to_owned(),
        dust_limit_sat: params.terms.trim.local.to_amount().to_sat(),
        reserve_sat: both(params.limits.map(|limits| limits.channel_reserve.to_sat())),
        feerate: args.feerate.to_string(),
        steps,
        dust,
        payable: both(PerSide::from_fn(payable)),
        splice_out_max_sat: both(PerSide::from_fn(splice_out)),
        imbalance_ppm,
        to_even_msat,
        value_conserved,
    }
}

fn pay(
    ledger: &mut DustFreeChannelManager,
    id: ChannelId,
    payment: SimulatedPayment,
) -> Result<Step, SimulationError> {
    let (from, way) = match payment.payer {
        Payer::Local => (Side::Local, "local → remote"),
        Payer::Remote => (Side::Remote, "remote → local"),
    };
    let paid = ledger.pay(id, Payment::direct(from, payment.amount));
    let mut step = step(format!("pay {} {way}", figure::sat(payment.amount)), known(ledger, id)?);
    if let Err(error) = paid {
        step.done = false;
        step.refusal = Some(refusal(&error));
    }
    Ok(step)
}

fn refusal(error: &PayError) -> Refusal {
    match error {
        PayError::Refused { reason, nearest, .. } => Refusal {
            reason: spoken(reason),
            nearest_below_msat: nearest.below,
            nearest_above_msat: nearest.above,
        },
        error => Refusal { reason: error.to_string(), nearest_below_msat: None, nearest_above_msat: None },
    }
}

/// The bound in satoshi, as people count.
fn spoken(reason: &PaymentRefusal) -> String {
    match reason {
        PaymentRefusal::Unaffordable { side, balance, required } => {
            format!(
                "{} holds {} and must keep {}",
                named(*side),
                figure::sat(*balance),
                figure::sat(*required)
            )
        }
        PaymentRefusal::BelowMinimum { minimum } => {
            format!("the smallest payment is {}", figure::sat(*minimum))
        }
        reason => reason.to_string(),
    }
}

const fn named(side: Side) -> &'static str {
    match side {
        Side::Local => "local",
        Side::Remote => "remote",
    }
}

fn splice_in(channel: &mut LedgerChannel, args: &SimulateArgs) -> Step {
    let amount = args.splice_in.to_sat_floor();
    let total = amount.checked_add(SPARE_COINS).unwrap_or(Amount::MAX_MONEY);
    let request = SpliceRequest {
        initiator: Side::Local,
        actions: PerSide {
            local: SpliceAction::In { amount, inputs: WalletInputs { count: 1, total } },
            remote: SpliceAction::Nothing,
        },
        feerate: args.feerate,
        new_funding: outpoint(1),
    };
    let spliced = SplicingManager::new().splice(channel, &request);
    channel.lock_splice();
    let mut step = step(format!("splice in {} by local", figure::sat(args.splice_in)), channel);
    match spliced {
        Ok(record) => step.chain_fee_sat = record.parts.local.fee.to_sat(),
        Err(error) => {
            step.done = false;
            step.refusal = Some(splice_refusal(&error));
        }
    }
    step
}

fn splice_refusal(error: &SpliceError) -> Refusal {
    Refusal { reason: error.to_string(), nearest_below_msat: None, nearest_above_msat: None }
}

fn dust(
    ledger: &DustFreeChannelManager,
    id: ChannelId,
    args: &SimulateArgs,
) -> Result<DustLine, SimulationError> {
    let report = ledger.dust_report(id).map_err(|_| SimulationError::Lost)?;
    let options = ledger.recovery_options(id, args.feerate).map_err(|_| SimulationError::Lost)?;
    Ok(DustLine {
        dust_msat: both(report.balances.map(|balance| balance.dust)),
        worst_trimmed_msat: report.worst_trimmed(),
        recovery: options.recommended().map(|option| way_out(option.side, option.method)),
    })
}

fn way_out(side: Side, method: RecoveryMethod) -> String {
    let who = named(side);
    match method {
        RecoveryMethod::SpendOffChain { amount } => {
            format!("{who} spends {} over the channel", figure::sat(amount))
        }
        RecoveryMethod::Receive { at_least } => format!("{who} receives at least {}", figure::sat(at_least)),
        RecoveryMethod::SpliceIn { at_least } => {
            format!("{who} splices in at least {} sat", figure::grouped(at_least.to_sat()))
        }
        RecoveryMethod::CooperativeClose => format!("{who} closes with the peer"),
        _ => format!("{who} has another way"),
    }
}

fn step(what: String, channel: &LedgerChannel) -> Step {
    let trimmed = |side| {
        channel.balance(side)
            < Msat::from_msat(channel.params().terms.trim.of(side).to_amount().to_sat() * 1000)
            && !channel.balance(side).is_zero()
    };
    Step {
        what,
        done: true,
        refusal: None,
        balance_msat: both(channel.balances()),
        capacity_sat: channel.capacity().to_sat(),
        trimmed: both(PerSide::from_fn(trimmed)),
        chain_fee_sat: 0,
    }
}

fn known(ledger: &DustFreeChannelManager, id: ChannelId) -> Result<&LedgerChannel, SimulationError> {
    ledger.channel(id).ok_or(SimulationError::Lost)
}

fn both<T>(sides: PerSide<T>) -> Both<T> {
    Both { local: sides.local, remote: sides.remote }
}

/// The invented funding output number `number`.
fn outpoint(number: u8) -> OutPoint {
    OutPoint { txid: Txid::from_byte_array([number.wrapping_add(0xc0); 32]), vout: 0 }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Cli, Command};

    fn simulate(words: &[&str]) -> Simulation {
        let words = ["channel", "simulate"].iter().chain(words);
        let Command::Simulate(args) = Cli::try_parse_from(words).unwrap().command else { unreachable!() };
        run(&args).unwrap()
    }

    /// 50,000 with 25,000 local; pay 10,000, 5,000 back, 200; splice in 10,000. No satoshi is lost on the way.
    #[test]
    fn the_classic_run_conserves_value() {
        let simulation = simulate(&[]);
        let balances: Vec<(u64, u64)> = simulation
            .steps
            .iter()
            .map(|step| (step.balance_msat.local.to_msat() / 1000, step.balance_msat.remote.to_msat() / 1000))
            .collect();
        assert_eq!(
            balances,
            [(25_000, 25_000), (15_000, 35_000), (20_000, 30_000), (19_800, 30_200), (29_800, 30_200)]
        );
        assert!(simulation.value_conserved && simulation.steps.iter().all(|step| step.done));
        assert_eq!(simulation.steps.last().unwrap().capacity_sat, 60_000);
        assert_eq!(simulation.to_even_msat, -200_000);
    }

    #[test]
    fn a_refused_payment_names_its_nearest_amounts_and_changes_nothing() {
        let simulation = simulate(&["--pay", "49000", "--splice-in", "0"]);
        let step = simulation.steps.last().unwrap();
        assert!(!step.done);
        let below = step.refusal.as_ref().unwrap().nearest_below_msat.unwrap();
        assert!(below.to_msat() <= 25_000_000 && below.to_msat() > 24_000_000, "{below}");
        assert_eq!(step.balance_msat.local, Msat::from_msat(25_000_000));
    }
}
