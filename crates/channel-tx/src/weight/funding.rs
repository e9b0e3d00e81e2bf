//! Transactions that spend or make funding outputs: open, mutual close, and the family of splices.
//!
//! The kind of the shared input and of the funding output follow from the [`CommitmentFormat`]: MuSig2 key path and
//! P2TR for the Taproot formats, 2-of-2 and P2WSH for the others. All weights are of the whole transaction, whoever
//! pays for which part (BOLT 2 lets the initiator pay for the shared input, the funding output and the frame).

use bitcoin::Weight;
use channel_core::CommitmentFormat;

use super::input::{InputWeight, WalletScript};
use super::output::OutputKind;
use super::spend::SpendPath;
use super::transaction::TransactionWeight;

/// A transaction that opens a channel: the coins of `wallet`, the funding output, and change where there is some.
///
/// One P2WPKH coin with P2WPKH change into a segwit channel: 610 WU, 153 vB. P2TR throughout: 616 WU, 154 vB.
pub fn open(
    format: CommitmentFormat,
    wallet: &[WalletScript],
    change: Option<OutputKind>,
) -> TransactionWeight {
    TransactionWeight::EMPTY
        .with_inputs(coins(wallet))
        .output(OutputKind::funding(format))
        .with_outputs(change)
}

/// A mutual close (BOLT 2, BOLT 3) that pays `output` and, unless a side is omitted, `other`.
///
/// Both to P2WPKH from a segwit channel: 676 WU, 169 vB. Both to P2TR from a Taproot channel: 616 WU, 154 vB.
pub fn mutual_close(
    format: CommitmentFormat,
    output: OutputKind,
    other: Option<OutputKind>,
) -> TransactionWeight {
    TransactionWeight::EMPTY.input(shared_input(format)).output(output).with_outputs(other)
}

/// A channel in a splice: the format of the funding output that is spent and of the one that is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SplicedChannel {
    /// Format before the splice.
    pub from: CommitmentFormat,
    /// Format after the splice.
    pub to: CommitmentFormat,
}

impl SplicedChannel {
    /// What one more channel adds to a batch, while the counts of inputs and outputs stay one byte long:
    /// 558 WU (139.5 vB) for a segwit channel, 402 WU (100.5 vB) for a Taproot one.
    pub const fn weight(self) -> Weight {
        let input = shared_input(self.from).weight().to_wu();
        Weight::from_wu(input + OutputKind::funding(self.to).weight().to_wu())
    }
}

impl From<CommitmentFormat> for SplicedChannel {
    /// A channel that keeps its format.
    fn from(format: CommitmentFormat) -> Self {
        Self { from: format, to: format }
    }
}

/// Any splice: one or more channels in one transaction, with coins added from `wallet` and `outputs` paid out.
pub fn splice(
    channels: &[SplicedChannel],
    wallet: &[WalletScript],
    outputs: &[OutputKind],
) -> TransactionWeight {
    TransactionWeight::EMPTY
        .with_inputs(channels.iter().map(|channel| shared_input(channel.from)))
        .with_inputs(coins(wallet))
        .with_outputs(channels.iter().map(|channel| OutputKind::funding(channel.to)))
        .with_outputs(outputs.iter().copied())
}

/// A splice-in: the coins of `wallet` join the channel, with change where there is some.
///
/// One P2WPKH coin and P2WPKH change: 996 WU, 249 vB (1044 WU with P2TR change). P2TR throughout: 846 WU, 212 vB.
pub fn splice_in(
    format: CommitmentFormat,
    wallet: &[WalletScript],
    change: Option<OutputKind>,
) -> TransactionWeight {
    splice(&[format.into()], wallet, change.as_slice())
}

/// A splice-out to one `destination`. To P2WPKH: 724 WU, 181 vB. From a Taproot channel to P2TR: 616 WU, 154 vB.
pub fn splice_out(format: CommitmentFormat, destination: OutputKind) -> TransactionWeight {
    splice(&[format.into()], &[], &[destination])
}

/// A cross-splice: funds move between `channels` in one transaction that no wallet takes part in.
///
/// Two segwit channels: 1158 WU, 290 vB. Two Taproot channels: 846 WU, 212 vB. See [`SplicedChannel::weight`] for
/// each further one.
pub fn cross_splice(channels: &[SplicedChannel]) -> TransactionWeight {
    splice(channels, &[], &[])
}

/// The two transactions of a close and reopen, what a node that cannot splice does instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CloseAndReopen {
    /// The mutual close.
    pub close: TransactionWeight,
    /// The transaction that opens the new channel.
    pub open: TransactionWeight,
}

impl CloseAndReopen {
    /// Both weights.
    pub const fn weight(self) -> Weight {
        Weight::from_wu(self.close.weight().to_wu().saturating_add(self.open.weight().to_wu()))
    }

    /// Both sizes in virtual bytes, each rounded up, since each pays its own fee.
    pub const fn vbytes(self) -> u64 {
        self.close.vbytes() + self.open.vbytes()
    }
}

/// A close that pays us to `wallet` and, unless it is omitted, the peer to `peer`; then an open that spends our
/// output, with change back to `wallet`.
///
/// P2WPKH and a segwit channel: 153 + 169 = 322 vB. P2TR and a Taproot channel: 154 + 154 = 308 vB.
pub fn close_and_reopen(
    channel: SplicedChannel,
    wallet: WalletScript,
    peer: Option<OutputKind>,
) -> CloseAndReopen {
    CloseAndReopen {
        close: mutual_close(channel.from, wallet.output(), peer),
        open: open(channel.to, &[wallet], Some(wallet.output())),
    }
}

const fn shared_input(format: CommitmentFormat) -> InputWeight {
    SpendPath::Funding.input(format)
}

fn coins(wallet: &[WalletScript]) -> impl Iterator<Item = InputWeight> {
    wallet.iter().map(|script| script.input())
}
