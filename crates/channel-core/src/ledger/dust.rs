//! Where the dust of a channel is.

use bitcoin::Amount;

use super::LedgerChannel;
use crate::commitment::{CommitmentError, FeeBreakdown};
use crate::quantity::{ChannelId, Msat, PerSide, Side};

/// The dust of one channel: of each balance, and on each commitment. The two commitments are alternatives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DustReport {
    /// The channel.
    pub channel: ChannelId,
    /// The balance of each side.
    pub balances: PerSide<BalanceDust>,
    /// The commitment of each side.
    pub commitments: PerSide<CommitmentDust>,
}

/// A balance seen against the smallest one that has an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BalanceDust {
    /// The balance, in msat.
    pub balance: Msat,
    /// The part that is dust, in msat: all of a balance that has no output on a commitment, else nothing.
    pub dust: Msat,
    /// What would have to be received or spliced in to give it an output on both, in msat; zero without dust.
    pub top_up: Msat,
}

/// What one commitment leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommitmentDust {
    /// HTLCs without output at the feerate now, in msat.
    pub trimmed_htlcs: Msat,
    /// Balances without output, after fee and anchors, in sat.
    pub trimmed_balances: Amount,
    /// HTLCs without output at the buffered feerate, in msat: what the cap on exposure is held against.
    pub exposure: Msat,
    /// What the commitment pays to miners, and why.
    pub fee: FeeBreakdown,
}

impl CommitmentDust {
    /// HTLCs and balances without output together, in msat.
    pub fn trimmed(&self) -> Msat {
        crate::limits::msat(self.trimmed_balances).saturating_add(self.trimmed_htlcs)
    }
}

impl DustReport {
    pub(super) fn of(channel: &LedgerChannel) -> Result<Self, CommitmentError> {
        let exposure = channel.dust_exposure();
        let commitment = |owner| -> Result<CommitmentDust, CommitmentError> {
            let fee = channel.outputs(owner)?.fee;
            Ok(CommitmentDust {
                trimmed_htlcs: fee.trimmed_htlcs,
                trimmed_balances: fee.trimmed_balances,
                exposure: exposure.on(owner),
                fee,
            })
        };
        Ok(Self {
            channel: channel.id(),
            balances: PerSide::from_fn(|side| BalanceDust::of(channel, side)),
            commitments: PerSide { local: commitment(Side::Local)?, remote: commitment(Side::Remote)? },
        })
    }

    /// The dust of both balances, in msat.
    pub fn total(&self) -> Msat {
        self.balances.local.dust.saturating_add(self.balances.remote.dust)
    }

    /// The most a commitment leaves out, in msat: what a force-close may lose at worst.
    pub fn worst_trimmed(&self) -> Msat {
        self.commitments.local.trimmed().max(self.commitments.remote.trimmed())
    }
}

impl BalanceDust {
    pub(super) fn of(channel: &LedgerChannel, side: Side) -> Self {
        let balance = channel.balance(side);
        let missing = channel.current.smallest_kept_balance(side).saturating_sub(balance);
        if balance.is_zero() || missing.is_zero() {
            return Self { balance, dust: Msat::ZERO, top_up: Msat::ZERO };
        }
        Self { balance, dust: balance, top_up: missing }
    }
}
