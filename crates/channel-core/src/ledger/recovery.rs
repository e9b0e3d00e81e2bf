//! Ways out of dust, priced.

use alloc::vec::Vec;

use bitcoin::Amount;

use super::channel::Route;
use super::dust::BalanceDust;
use super::{LedgerChannel, weight};
use crate::commitment::CommitmentOutputs;
use crate::dust::ScriptType;
use crate::limits::PaymentRefusal;
use crate::quantity::{FeerateKw, Msat, Side, SignedMsat};

/// One way to make use of a balance that is dust.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecoveryOption {
    /// Whose balance it is.
    pub side: Side,
    /// How.
    pub method: RecoveryMethod,
    /// The dust that becomes usable, in msat.
    pub recovers: Msat,
    /// The on-chain fee it takes, in sat.
    pub cost: Amount,
    /// What it is worth: recovered less cost, in msat.
    pub net: SignedMsat,
    /// Whether it can be done now.
    pub feasibility: Feasibility,
}

/// How dust is recovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecoveryMethod {
    /// Pay it to the other side, for something.
    SpendOffChain {
        /// What can be spent, in msat.
        amount: Msat,
    },
    /// Receive until the balance has an output.
    Receive {
        /// What must come in, in msat.
        at_least: Msat,
    },
    /// Splice in until the balance has an output.
    SpliceIn {
        /// What must be added, in sat.
        at_least: Amount,
    },
    /// Close with the peer. A dust output is omitted, so nothing is recovered: listed because it is often tried.
    CooperativeClose,
}

/// Whether a way out is open now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Feasibility {
    /// Yes.
    Yes,
    /// With this much on-chain, fee included, in sat.
    NeedsCoins(Amount),
    /// No: the payer cannot.
    No(PaymentRefusal),
}

impl Feasibility {
    /// True unless it is ruled out.
    pub const fn is_possible(self) -> bool {
        !matches!(self, Self::No(_))
    }
}

/// The ways out for every balance of a channel that is dust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryOptions {
    options: Vec<RecoveryOption>,
}

impl RecoveryOptions {
    pub(super) fn of(channel: &LedgerChannel, feerate: FeerateKw) -> Self {
        let dusty = Side::ALL.into_iter().map(|side| (side, BalanceDust::of(channel, side)));
        let options = dusty
            .filter(|(_, dust)| !dust.dust.is_zero())
            .flat_map(|(side, dust)| options_for(channel, side, dust, feerate))
            .collect();
        Self { options }
    }

    /// Every option, also those that cost more than they recover.
    pub fn iter(&self) -> impl Iterator<Item = &RecoveryOption> {
        self.options.iter()
    }

    /// True when nothing is dust.
    pub fn is_empty(&self) -> bool {
        self.options.is_empty()
    }

    /// The option worth most, if one that can be done is worth anything. Of equals the first.
    pub fn recommended(&self) -> Option<&RecoveryOption> {
        let worthwhile = self.options.iter().filter(|o| o.feasibility.is_possible() && o.net.is_positive());
        worthwhile.reduce(|best, next| if next.net > best.net { next } else { best })
    }
}

fn options_for(
    channel: &LedgerChannel,
    side: Side,
    dust: BalanceDust,
    feerate: FeerateKw,
) -> [RecoveryOption; 4] {
    let option = |method, recovers: Msat, cost: Amount, feasibility| {
        let net = SignedMsat::from(recovers).saturating_sub(crate::limits::msat(cost).to_signed());
        RecoveryOption { side, method, recovers, cost, net, feasibility }
    };
    [
        {
            let (amount, feasibility) = match channel.transferable(side) {
                Ok(payable) => (payable.max().min(dust.dust), Feasibility::Yes),
                Err(reason) => (dust.dust, Feasibility::No(reason)),
            };
            option(RecoveryMethod::SpendOffChain { amount }, amount, Amount::ZERO, feasibility)
        },
        {
            let method = RecoveryMethod::Receive { at_least: dust.top_up };
            option(method, dust.dust, Amount::ZERO, can_receive(channel, side, dust.top_up))
        },
        {
            let at_least = dust.top_up.to_sat_ceil();
            let cost = splice_in_fee(channel, feerate);
            let needed = at_least.checked_add(cost).unwrap_or(Amount::MAX);
            option(RecoveryMethod::SpliceIn { at_least }, dust.dust, cost, Feasibility::NeedsCoins(needed))
        },
        {
            let cost = close_fee(channel, feerate);
            option(RecoveryMethod::CooperativeClose, Msat::ZERO, cost, Feasibility::Yes)
        },
    ]
}

fn can_receive(channel: &LedgerChannel, side: Side, amount: Msat) -> Feasibility {
    match channel.check(Route::Direct, side.other(), amount) {
        Ok(()) => Feasibility::Yes,
        Err(reason) => Feasibility::No(reason),
    }
}

/// One P2TR coin and its change, and all the initiator pays for.
fn splice_in_fee(channel: &LedgerChannel, feerate: FeerateKw) -> Amount {
    let own = weight::wallet_inputs(1) + weight::payout(ScriptType::P2tr);
    feerate.fee_ceil(weight::splice_common(channel.params().terms.format) + own)
}

/// A close that pays out the balances with outputs.
fn close_fee(channel: &LedgerChannel, feerate: FeerateKw) -> Amount {
    let mains =
        |outputs: CommitmentOutputs| [outputs.to_local, outputs.to_remote].into_iter().flatten().count();
    let outputs = channel.outputs(Side::Local).map_or(2, mains);
    feerate.fee_ceil(weight::close(channel.params().terms.format, outputs))
}
