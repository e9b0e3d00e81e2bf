//! All channels at once: which are lopsided, which hold dust, and what to do about it.

use alloc::vec::Vec;

use super::{DustReport, LedgerChannel, RecoveryOption, RecoveryOptions};
use crate::commitment::CommitmentError;
use crate::quantity::{ChannelId, FeerateKw, Msat, PerSide, Side, SignedMsat};

/// The state of all channels, those with most dust first, then the most lopsided, then by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptimisationReport {
    channels: Vec<ChannelOptimisation>,
}

/// The state of one channel. Imbalance and dust are different things and are never summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChannelOptimisation {
    /// The channel.
    pub channel: ChannelId,
    /// The balances, in msat.
    pub balances: PerSide<Msat>,
    /// The difference of the balances in millionths of their sum: 0 when even, 1,000,000 when one side holds all.
    pub imbalance_ppm: u32,
    /// What the local side would pay (or, negative, receive) to make the balances even but for 1 msat.
    pub to_even: SignedMsat,
    /// Where the dust is.
    pub dust: DustReport,
    /// The best way out of the dust, if one is worth its cost.
    pub recovery: Option<RecoveryOption>,
}

impl ChannelOptimisation {
    fn of(channel: &LedgerChannel, feerate: FeerateKw) -> Result<Self, CommitmentError> {
        let balances = channel.balances();
        Ok(Self {
            channel: channel.id(),
            balances,
            imbalance_ppm: imbalance_ppm(balances),
            to_even: to_even(balances),
            dust: DustReport::of(channel)?,
            recovery: RecoveryOptions::of(channel, feerate).recommended().copied(),
        })
    }
}

impl OptimisationReport {
    pub(super) fn of<'a>(
        channels: impl Iterator<Item = &'a LedgerChannel>,
        feerate: FeerateKw,
    ) -> Result<Self, CommitmentError> {
        let mut channels: Vec<_> =
            channels.map(|channel| ChannelOptimisation::of(channel, feerate)).collect::<Result<_, _>>()?;
        channels.sort_by(|a, b| {
            let rank = |c: &ChannelOptimisation| (c.dust.total(), c.imbalance_ppm);
            rank(b).cmp(&rank(a)).then(a.channel.cmp(&b.channel))
        });
        Ok(Self { channels })
    }

    /// Every channel.
    pub fn channels(&self) -> &[ChannelOptimisation] {
        &self.channels
    }

    /// The dust of all balances, in msat.
    pub fn total_dust(&self) -> Msat {
        self.channels.iter().map(|channel| channel.dust.total()).sum()
    }

    /// What force-closing every channel now may lose at worst, in msat: the worse commitment of each.
    pub fn worst_trimmed(&self) -> Msat {
        self.channels.iter().map(|channel| channel.dust.worst_trimmed()).sum()
    }

    /// The channels whose dust is worth recovering.
    pub fn recoverable(&self) -> impl Iterator<Item = &ChannelOptimisation> {
        self.channels.iter().filter(|channel| channel.recovery.is_some())
    }
}

fn imbalance_ppm(balances: PerSide<Msat>) -> u32 {
    let (local, remote) = (balances.local.to_msat(), balances.remote.to_msat());
    let sum = u128::from(local) + u128::from(remote);
    let scaled = u128::from(local.abs_diff(remote)) * 1_000_000;
    scaled.checked_div(sum).map_or(0, |ppm| u32::try_from(ppm).expect("at most one million"))
}

fn to_even(balances: PerSide<Msat>) -> SignedMsat {
    let half = |larger: Side| {
        let gap = balances.of(larger).saturating_sub(*balances.of(larger.other()));
        Msat::from_msat(gap.to_msat() / 2).to_signed()
    };
    half(Side::Local).saturating_sub(half(Side::Remote))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn balances(local: u64, remote: u64) -> PerSide<Msat> {
        PerSide { local: Msat::from_msat(local), remote: Msat::from_msat(remote) }
    }

    #[test]
    fn a10_imbalance_is_a_symmetric_ratio_not_an_amount_of_dust() {
        for (local, remote, ppm, even) in [
            (100_000_000_000, 0, 1_000_000, 50_000_000_000),
            (0, 100_000_000_000, 1_000_000, -50_000_000_000),
            (2, 1, 333_333, 0),
            (1, 2, 333_333, 0),
            (90, 10, 800_000, 40),
            (0, 0, 0, 0),
            (u64::MAX, 0, 1_000_000, i64::MAX),
        ] {
            assert_eq!(imbalance_ppm(balances(local, remote)), ppm, "{local}/{remote}");
            assert_eq!(to_even(balances(local, remote)).to_msat(), even, "{local}/{remote}");
        }
    }
}
