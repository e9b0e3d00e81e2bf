//! What one side's commitment leaves out.

use channel_core::commitment::CommitmentOutputs;
use channel_core::quantity::PerSide;
use channel_core::{Msat, Side};

use crate::economic::state::State;

/// The outputs of one side's commitment and what it leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CommitmentDust {
    /// Its outputs; we pay for them where the opener is not listed.
    pub(super) outputs: CommitmentOutputs,
    /// How many HTLCs have no output.
    pub(super) htlc_count: u32,
    /// Balances without an output, after fee and anchors.
    pub(super) balances: PerSide<Msat>,
}

impl CommitmentDust {
    /// The commitment of `owner`.
    pub(super) fn of(state: &State<'_>, owner: Side) -> Self {
        let outputs = state.outputs(owner, Side::Local);
        let trimmed = state.htlcs().len().saturating_sub(outputs.htlcs.len());
        let balances = PerSide::from_fn(|side| {
            let costs = state.costs_of(side, outputs.htlcs.len());
            let value = state.balance(side).saturating_sub(costs);
            if state.trims_balance(value, owner) { value } else { Msat::ZERO }
        });
        Self { outputs, htlc_count: u32::try_from(trimmed).unwrap_or(u32::MAX), balances }
    }

    /// HTLCs without an output.
    pub(super) const fn htlcs(&self) -> Msat {
        self.outputs.fee.trimmed_htlcs
    }

    /// HTLCs and balances without an output.
    pub(super) fn total(&self) -> Msat {
        self.htlcs().saturating_add(self.balances.local).saturating_add(self.balances.remote)
    }
}
