//! The remedies, each priced on the same scale: cost and benefit in msat over the horizon.
//!
//! A remedy never pays the peer: nothing here moves our balance to the other side for less than its worth.

mod close;
mod command;
mod consolidate;
mod draft;
mod limits;
mod matching;
mod onchain;
mod rebalance;
mod router;
mod set_fee;
mod splice;

pub(crate) use matching::rebalances;

use std::collections::HashMap;
use std::ops::Range;

use bitcoin::Amount;
use channel_core::dust::ExitPath;
use channel_core::{FeerateKw, Msat};

use super::evidence::{Evidence, FleetEvidence};
use super::figures::Sats;
use super::history::History;
use super::options::Options;
use crate::plan::{Action, Feasibility, Reason, RemedyKind};
use crate::snapshot::{ChannelSnapshot, Implementation, Knowledge, PeerId, Snapshot};

/// An amount in a sentence.
pub(crate) fn sat(amount: Msat) -> Sats {
    amount.into()
}

/// Everything a remedy is priced with.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    /// The node.
    pub(crate) snapshot: &'a Snapshot,
    /// What the caller decided.
    pub(crate) options: &'a Options,
    /// The evidence.
    pub(crate) fleet: &'a FleetEvidence<'a>,
    /// Past plans.
    pub(crate) history: &'a History,
    /// Which channels have the same peer.
    pub(crate) peers: PeerGroups,
    /// Coins that may be spent on-chain: confirmed ones less the reserve for forced closes; `None`: unknown.
    pub(crate) wallet: Option<Msat>,
    /// Channels with coins to spare for a cross-splice and how many, the least earning first.
    pub(crate) cross_sources: Vec<(usize, Msat)>,
    /// For each channel what forwards too small to be worth their dust earned over the horizon.
    pub(crate) small_fees: Vec<Msat>,
    /// Usable channels.
    pub(crate) usable: usize,
}

impl<'a> Context<'a> {
    /// Gathers what every remedy shares.
    pub(crate) fn new(
        snapshot: &'a Snapshot,
        options: &'a Options,
        fleet: &'a FleetEvidence<'a>,
        history: &'a History,
    ) -> Self {
        let confirmed = options.wallet.or_else(|| snapshot.wallet.map(|coins| coins.confirmed));
        let reserve = forced_close_reserve(snapshot.channels.len());
        let wallet = confirmed.map(|coins| {
            Msat::try_from(coins.checked_sub(reserve).unwrap_or(Amount::ZERO)).unwrap_or(Msat::MAX)
        });
        let usable = fleet.channels.iter().filter(|evidence| evidence.usable != Knowledge::No).count();
        let mut context = Self {
            snapshot,
            options,
            fleet,
            history,
            peers: PeerGroups::new(&snapshot.channels),
            wallet,
            cross_sources: Vec::new(),
            small_fees: Vec::new(),
            usable,
        };
        context.cross_sources = splice::cross_sources(&context);
        context.small_fees = limits::small_fees(&context);
        context
    }

    /// The evidence of the channel at a position.
    pub(crate) fn channel(&self, at: usize) -> &Evidence<'a> {
        &self.fleet.channels[at]
    }

    /// The plan's feerate.
    pub(crate) const fn feerate(&self) -> FeerateKw {
        self.fleet.feerate
    }

    /// The window in seconds; 1 without forwards, where no caller multiplies by a flow.
    pub(crate) fn seconds(&self) -> u64 {
        self.fleet.window_seconds.unwrap_or(1)
    }

    /// The software, for commands.
    pub(crate) const fn implementation(&self) -> Implementation {
        self.snapshot.implementation
    }

    /// The horizon in days.
    pub(crate) const fn horizon(&self) -> u32 {
        self.options.horizon_days
    }

    /// Why a channel cannot be touched at all: offline, splice under way, cooling down.
    pub(crate) fn blocked(&self, at: usize) -> Option<Reason> {
        let evidence = self.channel(at);
        let channel = evidence.channel;
        if channel.active == Some(false) {
            return Some(Reason::new(
                "offline_wait",
                "the peer is offline: wait; only a force-close could act, and it costs more than waiting",
            ));
        }
        if channel.pending_splice == Some(true) {
            return Some(Reason::new("splice_pending", "a splice is under way: wait until it is locked"));
        }
        if evidence.usable == Knowledge::No {
            return Some(Reason::new("not_usable", "the channel is switched off or not ready"));
        }
        self.history.cooling_down(&channel.key, self.options)
    }
}

/// Which channels have the same peer.
#[derive(Debug)]
pub(crate) struct PeerGroups {
    /// The channels' positions, those of one peer side by side, each group in the order of the listing.
    positions: Vec<usize>,
    /// Where the group of each channel stands among them.
    spans: Vec<Range<usize>>,
}

impl PeerGroups {
    /// The groups of a listing; a channel whose peer is unknown is one by itself.
    fn new(channels: &[ChannelSnapshot]) -> Self {
        let mut known: HashMap<&PeerId, usize> = HashMap::new();
        let mut sizes: Vec<usize> = Vec::new();
        let mut groups = Vec::with_capacity(channels.len());
        for channel in channels {
            let next = sizes.len();
            let group = channel.peer.as_ref().map_or(next, |peer| *known.entry(peer).or_insert(next));
            if group == next {
                sizes.push(0);
            }
            sizes[group] += 1;
            groups.push(group);
        }
        let mut end = 0;
        let mut filled: Vec<Range<usize>> = Vec::with_capacity(sizes.len());
        for size in &sizes {
            filled.push(end..end);
            end += size;
        }
        let mut positions = vec![0; channels.len()];
        for (at, group) in groups.iter().enumerate() {
            positions[filled[*group].end] = at;
            filled[*group].end += 1;
        }
        let spans = groups.into_iter().map(|group| filled[group].clone()).collect();
        Self { positions, spans }
    }

    /// The positions of all channels with the peer of the channel at a position, itself included.
    pub(crate) fn of(&self, at: usize) -> &[usize] {
        &self.positions[self.spans[at].clone()]
    }
}

/// All remedies of one channel except rebalances, which are matched over the fleet.
pub(crate) fn for_channel(context: &Context<'_>, at: usize) -> Vec<Action> {
    let mut remedies = Vec::new();
    remedies.extend(set_fee::price(context, at));
    remedies.extend(splice::price_growth(context, at));
    remedies.extend(splice::price_splice_out(context, at));
    remedies.extend(consolidate::price(context, at));
    remedies.extend(close::price(context, at));
    remedies.extend(limits::price(context, at));
    for remedy in &mut remedies {
        let undone = opposites(remedy);
        let reason = undone.iter().find_map(|id| context.history.opposite(id, context.options));
        if let Some(reason) = reason {
            remedy.feasibility = Feasibility::no(reason);
        }
    }
    if let Some(reason) = context.blocked(at) {
        for remedy in &mut remedies {
            remedy.feasibility = Feasibility::no(reason.clone());
        }
    }
    remedies.push(nothing(context, at));
    remedies.shrink_to_fit();
    remedies
}

/// The ids of the past actions that a remedy would undo.
fn opposites(remedy: &Action) -> Vec<String> {
    let of = |kind: RemedyKind| format!("{}:{}", kind.code(), remedy.channels[0]);
    match (remedy.kind, remedy.channels.as_slice()) {
        (RemedyKind::SpliceIn, _) => vec![of(RemedyKind::SpliceOut)],
        (RemedyKind::SpliceOut | RemedyKind::Close, _) => vec![of(RemedyKind::SpliceIn)],
        // Coins that were moved there by a splice or a payment would only be moved back.
        (RemedyKind::CrossSplice, [to, from]) => [RemedyKind::CrossSplice, RemedyKind::Rebalance]
            .map(|kind| format!("{}:{to}>{from}", kind.code()))
            .to_vec(),
        _ => Vec::new(),
    }
}

/// Leaving a channel alone: the zero of the scale.
fn nothing(context: &Context<'_>, at: usize) -> Action {
    let price = draft::Price { cost: Msat::ZERO, benefit: Some(Msat::ZERO), days: context.horizon() };
    let mut action = draft::action(context, RemedyKind::DoNothing, &[at], price);
    action.summary = format!("leave {} alone", context.channel(at).channel.label());
    action
}

/// What claiming an accepted HTLC from the own commitment costs at 50 sat/vB, the dearest claim there is.
pub(crate) fn stressed_claim(context: &Context<'_>, at: usize) -> Msat {
    const STRESS: FeerateKw = FeerateKw::from_sat_per_kw(12_500);
    let weight = ExitPath::OwnAccepted.weight(onchain::format_of(context, at));
    Msat::try_from(STRESS.fee_ceil(weight)).unwrap_or(Msat::MAX)
}

/// The coins that LND and others set aside for fee bumping of forced closes: 10,000 sat a channel, at most 100,000.
pub(crate) fn forced_close_reserve(channels: usize) -> Amount {
    let each = u64::try_from(channels).unwrap_or(u64::MAX).saturating_mul(10_000);
    Amount::from_sat(each.min(100_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::ChannelKey;

    #[test]
    fn channels_of_one_peer_are_found_in_the_order_of_the_listing() {
        let channel = |(at, peer): (usize, Option<&str>)| {
            let mut channel =
                ChannelSnapshot::new(ChannelKey::new(&at.to_string()), Msat::ONE, Msat::ONE, Msat::ZERO);
            channel.peer = peer.map(PeerId::new);
            channel
        };
        let peers = [Some("a"), None, Some("b"), Some("a"), None, Some("a"), Some("b")];
        let channels: Vec<_> = peers.into_iter().enumerate().map(channel).collect();
        let groups = PeerGroups::new(&channels);
        let of: Vec<&[usize]> = (0..channels.len()).map(|at| groups.of(at)).collect();
        let (a, b): (&[usize], &[usize]) = (&[0, 3, 5], &[2, 6]);
        assert_eq!(of, [a, &[1], b, a, &[4], a, b]);
    }
}
