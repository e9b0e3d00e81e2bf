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
use std::rc::Rc;

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
    /// For each channel the positions of all channels with its peer, itself included.
    pub(crate) peer_channels: Vec<Rc<[usize]>>,
    /// Coins that may be spent on-chain: confirmed ones less the reserve for forced closes; `None`: unknown.
    pub(crate) wallet: Option<Msat>,
    /// Channels with coins to spare for a cross-splice and how many, the least earning first.
    pub(crate) cross_sources: Vec<(usize, Msat)>,
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
        let peer_channels = peer_channels(snapshot);
        let mut context = Self {
            snapshot,
            options,
            fleet,
            history,
            peer_channels,
            wallet,
            cross_sources: Vec::new(),
            usable,
        };
        context.cross_sources = splice::cross_sources(&context);
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

/// For each channel the positions of all channels with the same peer, itself included; only itself when the peer is
/// unknown.
fn peer_channels(snapshot: &Snapshot) -> Vec<Rc<[usize]>> {
    let mut groups: HashMap<&PeerId, Vec<usize>> = HashMap::new();
    for (at, channel) in snapshot.channels.iter().enumerate() {
        if let Some(peer) = &channel.peer {
            groups.entry(peer).or_default().push(at);
        }
    }
    let groups: HashMap<&PeerId, Rc<[usize]>> =
        groups.into_iter().map(|(peer, group)| (peer, group.into())).collect();
    let of = |(at, channel): (usize, &ChannelSnapshot)| match &channel.peer {
        Some(peer) => Rc::clone(&groups[peer]),
        None => Rc::from([at].as_slice()),
    };
    snapshot.channels.iter().enumerate().map(of).collect()
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
    if let Some(reason) = context.blocked(at) {
        for remedy in &mut remedies {
            remedy.feasibility = Feasibility::no(reason.clone());
        }
    }
    remedies.push(nothing(context, at));
    remedies
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
