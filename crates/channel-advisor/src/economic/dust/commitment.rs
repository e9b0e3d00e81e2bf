//! What one side's commitment leaves out.

use bitcoin::Amount;
use channel_core::dust::buffered_feerate;
use channel_core::quantity::PerSide;
use channel_core::{Msat, Side};

use crate::economic::balance::{is_trimmed, pending};
use crate::economic::terms::{Terms, whole};
use crate::snapshot::{ChannelSnapshot, HtlcSnapshot};

/// The dust of one side's commitment, and the balances that have an output on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CommitmentDust {
    /// HTLCs without an output.
    pub(super) htlcs: Msat,
    /// How many they are.
    pub(super) htlc_count: u32,
    /// Balances without an output, after fee and anchors.
    pub(super) balances: PerSide<Msat>,
    /// Balances with an output.
    pub(super) outputs: PerSide<Option<Amount>>,
    /// HTLC outputs.
    pub(super) untrimmed: usize,
}

impl CommitmentDust {
    /// The commitment of `owner`, by BOLT 3.
    pub(super) fn of(channel: &ChannelSnapshot, terms: &Terms, owner: Side) -> Self {
        let mut dust = Self {
            htlcs: Msat::ZERO,
            htlc_count: 0,
            balances: PerSide::default(),
            outputs: PerSide::default(),
            untrimmed: 0,
        };
        for htlc in pending(channel) {
            if is_trimmed(htlc, terms, owner) {
                dust.htlcs = dust.htlcs.saturating_add(htlc.amount);
                dust.htlc_count = dust.htlc_count.saturating_add(1);
            } else {
                dust.untrimmed += 1;
            }
        }
        let fee = whole(terms.format.commitment_fee(terms.feerate, dust.untrimmed));
        let costs = fee.saturating_add(whole(terms.format.anchors_total()));
        for side in Side::ALL {
            let gross = if side == Side::Local { channel.local } else { channel.remote };
            let due = if terms.may_be_opener(side) { costs } else { Msat::ZERO };
            let value = gross.saturating_sub(due);
            if terms.trim.of(owner).trims_output(value.to_sat_floor()) {
                *dust.balances.of_mut(side) = value;
            } else {
                *dust.outputs.of_mut(side) = Some(value.to_sat_floor());
            }
        }
        dust
    }

    /// HTLCs and balances without an output.
    pub(super) fn total(&self) -> Msat {
        self.htlcs.saturating_add(self.balances.local).saturating_add(self.balances.remote)
    }
}

/// The HTLCs without an output on the commitment of `owner` at the buffered feerate, the sum that implementations cap
/// (BOLT 2, `max_dust_htlc_exposure_msat`).
pub(super) fn exposure(channel: &ChannelSnapshot, terms: &Terms, owner: Side) -> Msat {
    let buffered = Terms { feerate: buffered_feerate(terms.format, terms.feerate), ..*terms };
    pending(channel)
        .iter()
        .filter(|htlc| trimmed_at(htlc, terms, &buffered, owner))
        .map(|htlc| htlc.amount)
        .sum()
}

/// Trimmed now, by the listing's own word or by the rule, or by the rule at other terms.
pub(super) fn trimmed_at(htlc: &HtlcSnapshot, now: &Terms, then: &Terms, owner: Side) -> bool {
    let by_rule = HtlcSnapshot { trimmed_local: None, ..*htlc };
    is_trimmed(htlc, now, owner) || is_trimmed(&by_rule, then, owner)
}
