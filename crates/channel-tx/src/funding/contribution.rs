//! What one contributor brings to a transaction that opens or splices a channel, and what came of it.

use alloc::vec::Vec;

use bitcoin::{Amount, OutPoint, ScriptBuf, SignedAmount, TxOut, Weight};
use channel_core::Side;
use thiserror::Error;

use crate::spend::{Coin, InputHint, SpendFee};
use crate::weight::{InputWeight, WalletScript};

/// Coins and outputs of one contributor, and its share in the channel. A side may have several contributors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contribution {
    /// The side whose balance the share belongs to.
    pub side: Side,
    /// What it spends.
    pub inputs: Vec<FundingInput>,
    /// What it pays out beside its change: the destinations of a splice-out, or outputs a peer has announced.
    pub outputs: Vec<TxOut>,
    /// What goes into the channel, and where the rest goes.
    pub share: Share,
}

/// What goes into the channel, and where the rest goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Share {
    /// Exactly this into the channel (BOLT 2, `funding_contribution_satoshis`; negative: out of it), and the rest to a
    /// change script. Change that would be dust goes to the miners.
    Exact {
        /// What the balance changes by, in sat.
        amount: SignedAmount,
        /// Who gets the rest.
        change: ScriptBuf,
    },
    /// Exactly this into the channel, and the rest to the miners: for a peer, who lists its change among its outputs,
    /// and for coins that were selected to fit.
    Stated(SignedAmount),
    /// Whatever coins leave after outputs and fee; where outputs and fee are the larger, the balance pays for them.
    Rest,
}

/// An input of a contributor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FundingInput {
    /// A coin of the caller's wallet.
    Wallet(Coin),
    /// A coin of somebody else, who signs it elsewhere.
    Foreign(ForeignCoin),
}

/// A coin of somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignCoin {
    /// Where it is.
    pub outpoint: OutPoint,
    /// What it is worth, and its script.
    pub txout: TxOut,
    /// What its input will weigh.
    pub weight: InputWeight,
}

/// Why a coin cannot fund a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CoinError {
    /// Its script is no witness program. A P2SH coin counts too, even with segwit inside: its script sig is part of the
    /// txid, which must be known before anybody signs, and BOLT 2 (`tx_add_input`) refuses it.
    #[error("it is not native segwit, so the id of the transaction would change when it is signed")]
    NotNativeSegwit,
    /// Its script is not of the kind it is said to be, so its weight would be wrong.
    #[error("its script is not of the kind it is said to be")]
    OtherScript,
    /// It is spent twice.
    #[error("it is spent twice")]
    Duplicate,
    /// Its input is said to have a script sig or no witness, as no signed input of native segwit.
    #[error("its weight is that of no native segwit input")]
    Weight,
}

/// Contributions make no transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ContributionError {
    /// A coin cannot be used.
    #[error("coin {outpoint} of the {side} side: {reason}")]
    Coin {
        /// Whose coin it is.
        side: Side,
        /// The coin.
        outpoint: OutPoint,
        /// What is wrong with it.
        reason: CoinError,
    },
    /// An output would not be relayed, or is a second funding output.
    #[error("output {index} of the {side} side cannot be made: {reason}")]
    Output {
        /// Whose output it is.
        side: Side,
        /// Which of the contributor's outputs.
        index: usize,
        /// What is wrong with it.
        reason: OutputError,
    },
    /// Coins do not pay for share, outputs and fee.
    #[error("the {side} side is short of {} sat", .missing.to_sat())]
    NotEnough {
        /// Who is short.
        side: Side,
        /// What is missing, in sat.
        missing: Amount,
    },
    /// Amounts of one contributor exceed all bitcoin.
    #[error("the {side} side's amounts exceed the supply of bitcoin")]
    AboveSupply {
        /// Whose amounts they are.
        side: Side,
    },
    /// What it takes to build the transaction is incomplete or too much.
    #[error(transparent)]
    Frame(#[from] FrameError),
}

/// Why an output cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OutputError {
    /// It would not be relayed.
    #[error("{} sat is dust, at least {} sat are relayed", .value.to_sat(), .minimum.to_sat())]
    Dust {
        /// Its value, in sat.
        value: Amount,
        /// The relay dust of its script, in sat.
        minimum: Amount,
    },
    /// It pays to the funding script: there may be one funding output only (BOLT 2).
    #[error("it pays to the funding script, and there can be one funding output only")]
    SecondFunding,
}

/// The contributions do not fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The initiator pays for what all share, and none of the contributions is its own.
    #[error("no contribution of the {initiator} side, which pays for what all share")]
    NobodyPays {
        /// The initiator.
        initiator: Side,
    },
    /// Too heavy to be relayed.
    #[error("{} WU is more than nodes relay", .weight.to_wu())]
    TooHeavy {
        /// What it would weigh.
        weight: Weight,
    },
    /// Serial ids are missing, repeated, or of the other side's parity (BOLT 2: even for the initiator, odd for the
    /// other side).
    #[error("the {side} side's serial ids are missing, repeated or of the wrong parity")]
    SerialIds {
        /// Whose ids they are.
        side: Side,
    },
}

/// What came of one contribution. Its inputs are its share, its outputs, its change and its fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contributed {
    /// The side whose balance the share belongs to.
    pub side: Side,
    /// What its balance changes by, in sat.
    pub amount: SignedAmount,
    /// What it pays the fee for: its inputs and outputs, and of the initiator's first contributor also all that is
    /// shared.
    pub weight: Weight,
    /// What it pays, term by term.
    pub fee: SpendFee,
    /// The index of its change output, if there is one.
    pub change: Option<u32>,
}

impl Contribution {
    /// A contribution of `amount` from `coins`, with the rest to `change`: the usual way to fund or splice in.
    pub fn exact(side: Side, coins: Vec<Coin>, amount: SignedAmount, change: ScriptBuf) -> Self {
        let inputs = coins.into_iter().map(FundingInput::Wallet).collect();
        Self { side, inputs, outputs: Vec::new(), share: Share::Exact { amount, change } }
    }

    /// All of `coins` into the channel, less the fee.
    pub fn all(side: Side, coins: Vec<Coin>) -> Self {
        let inputs = coins.into_iter().map(FundingInput::Wallet).collect();
        Self { side, inputs, outputs: Vec::new(), share: Share::Rest }
    }

    /// Payments out of the balance, which also pays the fee: the usual way to splice out.
    pub const fn pay_out(side: Side, outputs: Vec<TxOut>) -> Self {
        Self { side, inputs: Vec::new(), outputs, share: Share::Rest }
    }
}

impl FundingInput {
    /// Where it is.
    pub const fn outpoint(&self) -> OutPoint {
        match self {
            Self::Wallet(coin) => coin.outpoint,
            Self::Foreign(coin) => coin.outpoint,
        }
    }

    /// What it is worth, and its script.
    pub const fn txout(&self) -> &TxOut {
        match self {
            Self::Wallet(coin) => &coin.txout,
            Self::Foreign(coin) => &coin.txout,
        }
    }

    /// What it weighs, signed.
    pub const fn weight(&self) -> InputWeight {
        match self {
            Self::Wallet(coin) => coin.script.input(),
            Self::Foreign(coin) => coin.weight,
        }
    }

    pub(super) fn hint(&self) -> InputHint {
        match self {
            Self::Wallet(coin) => InputHint::Coin(coin.clone()),
            Self::Foreign(_) => InputHint::Foreign,
        }
    }

    pub(super) fn check(&self) -> Result<(), CoinError> {
        let script = &self.txout().script_pubkey;
        if !script.is_witness_program() {
            return Err(CoinError::NotNativeSegwit);
        }
        match self {
            Self::Wallet(coin) => match coin.script {
                WalletScript::P2wpkh if script.is_p2wpkh() => Ok(()),
                WalletScript::P2tr if script.is_p2tr() => Ok(()),
                _ => Err(CoinError::OtherScript),
            },
            // 41 bytes: outpoint, sequence, and the length of an empty script sig.
            Self::Foreign(ForeignCoin { weight, .. }) => {
                let native = weight.stripped_size() == 41 && !weight.has_empty_witness();
                if native { Ok(()) } else { Err(CoinError::Weight) }
            }
        }
    }
}
