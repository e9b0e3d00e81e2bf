//! Transactions of a unilateral close: the commitment, what resolves its HTLCs, sweeps, penalties and fee bumps.

use channel_core::{CltvExpiry, CommitmentFormat, CsvDelay};

use super::input::WalletScript;
use super::output::OutputKind;
use super::script::ScriptFamily;
use super::spend::{AnchorPath, SpendPath};
use super::transaction::TransactionWeight;

/// Which of the two main outputs a commitment has: one below the owner's dust limit is trimmed (BOLT 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MainOutputs {
    /// `to_local` and `to_remote`.
    Both,
    /// `to_remote` is trimmed.
    ToLocalOnly,
    /// `to_local` is trimmed.
    ToRemoteOnly,
    /// Both are trimmed.
    Neither,
}

impl MainOutputs {
    /// Every combination.
    pub const ALL: [Self; 4] = [Self::Both, Self::ToLocalOnly, Self::ToRemoteOnly, Self::Neither];

    const fn to_local(self) -> u64 {
        match self {
            Self::Both | Self::ToLocalOnly => 1,
            Self::ToRemoteOnly | Self::Neither => 0,
        }
    }

    const fn to_remote(self) -> u64 {
        match self {
            Self::Both | Self::ToRemoteOnly => 1,
            Self::ToLocalOnly | Self::Neither => 0,
        }
    }
}

/// A commitment with `htlcs` untrimmed HTLCs, signed. Anchors follow from the format: a keyed anchor for each main
/// output, both as soon as there is an HTLC; one P2A, always, with zero-fee commitments.
///
/// With both main outputs and no HTLC: 724 (`StaticRemoteKey`), 1116 (`SegwitAnchors`), 776 (`SegwitV3`), 960
/// (`TaprootV2`), 668 WU (`TaprootV3`). Each HTLC adds 172 WU. BOLT 3 charges fees by slightly other figures, see
/// [`nominal`](super::nominal).
pub const fn commitment(format: CommitmentFormat, main: MainOutputs, htlcs: u16) -> TransactionWeight {
    let script_path = OutputKind::script_path(format);
    let transaction = TransactionWeight::EMPTY
        .input(SpendPath::Funding.input(format))
        .outputs(main.to_local(), script_path)
        .outputs(main.to_remote(), OutputKind::to_remote(format))
        .outputs(htlcs as u64, script_path);
    if format.is_zero_fee() {
        transaction.output(OutputKind::P2a)
    } else if ScriptFamily::of(format).has_keyed_anchors() {
        let anchors = if htlcs > 0 { 2 } else { main.to_local() + main.to_remote() };
        transaction.outputs(anchors, script_path)
    } else {
        transaction
    }
}

/// HTLC-timeout: 645 WU with Taproot, 663 or with anchors 666 WU with segwit.
pub const fn htlc_timeout(format: CommitmentFormat) -> TransactionWeight {
    TransactionWeight::EMPTY
        .input(SpendPath::HtlcTimeout.input(format))
        .output(OutputKind::script_path(format))
}

/// HTLC-success: 705 WU with Taproot. With segwit the script reveals the expiry, at a three-byte height 701 or with
/// anchors 704 WU.
pub const fn htlc_success(format: CommitmentFormat, expiry: CltvExpiry) -> TransactionWeight {
    TransactionWeight::EMPTY
        .input(SpendPath::HtlcSuccess(expiry).input(format))
        .output(OutputKind::script_path(format))
}

/// A sweep of any number of outputs of channels of one format to one `destination`.
pub fn sweep(format: CommitmentFormat, paths: &[SpendPath], destination: OutputKind) -> TransactionWeight {
    TransactionWeight::EMPTY.with_inputs(paths.iter().map(|path| path.input(format))).output(destination)
}

/// What there is to take from a revoked commitment. Sides are the cheater's: its `to_local` is punished, its
/// `to_remote` is ours anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RevokedCommitment<'a> {
    /// The delay on the cheater's outputs.
    pub to_self_delay: CsvDelay,
    /// The main outputs.
    pub main: MainOutputs,
    /// HTLC outputs the cheater offered, still unspent.
    pub offered_htlcs: u16,
    /// Expiries of the HTLC outputs the cheater accepted, still unspent.
    pub accepted_htlcs: &'a [CltvExpiry],
    /// Second-level outputs the cheater made already.
    pub second_level: u16,
}

/// One penalty transaction that takes all of a revoked commitment to one `destination` (BOLT 5).
pub fn penalty(
    format: CommitmentFormat,
    revoked: &RevokedCommitment<'_>,
    destination: OutputKind,
) -> TransactionWeight {
    let delay = revoked.to_self_delay;
    let accepted = revoked.accepted_htlcs.iter();
    TransactionWeight::EMPTY
        .inputs(revoked.main.to_local(), SpendPath::ToLocalRevoked(delay).input(format))
        .inputs(revoked.main.to_remote(), SpendPath::ToRemote.input(format))
        .inputs(u64::from(revoked.offered_htlcs), SpendPath::RevokedOffered.input(format))
        .with_inputs(accepted.map(|expiry| SpendPath::RevokedAccepted(*expiry).input(format)))
        .inputs(u64::from(revoked.second_level), SpendPath::SecondLevelRevoked(delay).input(format))
        .output(destination)
}

/// A child that pays for a commitment: its anchor, the coins of `wallet`, and change. `None` for a format without
/// anchors. The package weighs this and the [`commitment`].
pub fn fee_bump_child(
    format: CommitmentFormat,
    wallet: &[WalletScript],
    change: OutputKind,
) -> Option<TransactionWeight> {
    let anchor = AnchorPath::fee_bump(format)?.input(format)?;
    let coins = wallet.iter().map(|script| script.input());
    Some(TransactionWeight::EMPTY.input(anchor).with_inputs(coins).output(change))
}
