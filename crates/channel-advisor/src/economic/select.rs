//! From priced remedies to a plan: conflict-free, within budget and coins, in order of net benefit.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use channel_core::{Msat, SignedMsat};

use super::evidence::FleetEvidence;
use super::rate::over_days;
use super::remedy::{Context, sat};
use crate::plan::{Action, FeasibilityStatus, Reason, RemedyKind};
use crate::snapshot::ChannelKey;

/// An action and the positions of its channels, the one it is for first.
#[derive(Debug, Clone)]
pub(crate) struct Offer<'a> {
    pub(crate) channels: Vec<usize>,
    pub(crate) action: &'a Action,
}

/// What was chosen, and why the rest was not.
#[derive(Debug, Default)]
pub(crate) struct Selection<'a> {
    /// In order of net benefit.
    pub(crate) chosen: Vec<Offer<'a>>,
    /// Worth it if peer or node support it.
    pub(crate) if_supported: Vec<&'a Action>,
    /// For channels that lost a worthwhile action: why.
    pub(crate) lost: BTreeMap<usize, Reason>,
}

/// Selects among all priced remedies.
pub(crate) fn select<'a>(context: &Context<'_>, remedies: impl Iterator<Item = &'a Action>) -> Selection<'a> {
    let mut selection = Selection::default();
    let mut worthwhile = Vec::new();
    let risk = next_to_nothing(context);
    for action in remedies.filter(|action| worth(action, risk)) {
        match action.feasibility.status {
            FeasibilityStatus::Yes => worthwhile.push(action),
            FeasibilityStatus::Unknown if hangs_on_splicing(action) => selection.if_supported.push(action),
            FeasibilityStatus::Unknown | FeasibilityStatus::No => {}
        }
    }
    let mut worthwhile = offers(context, worthwhile);
    selection.if_supported.sort_by(|a, b| order(a).cmp(&order(b)));
    let groups = group_net(&worthwhile);
    worthwhile.sort_by_key(|offer| {
        let net = match offer.action.kind {
            RemedyKind::Rebalance => groups.get(&offer.channels[0]).copied(),
            _ => offer.action.net_msat,
        };
        (Reverse(net), offer.action.id.as_str())
    });
    let mut taken = Taken::default();
    for offer in worthwhile {
        if let Some(reason) = taken.refuses(context, &offer) {
            selection.lost.entry(offer.channels[0]).or_insert(reason);
        } else {
            taken.take(context, &offer);
            selection.chosen.push(offer);
        }
    }
    selection.chosen.sort_by(|a, b| order(a.action).cmp(&order(b.action)));
    proven_profit_first(context.fleet, &mut selection.chosen);
    selection
}

/// The actions with the positions of their channels.
fn offers<'a>(context: &Context<'_>, actions: Vec<&'a Action>) -> Vec<Offer<'a>> {
    let channels = context.snapshot.channels.iter().enumerate();
    let positions: HashMap<&ChannelKey, usize> = channels.map(|(at, channel)| (&channel.key, at)).collect();
    let offer = |action: &'a Action| {
        let channels = action.channels.iter().filter_map(|key| positions.get(key).copied()).collect();
        Offer { channels, action }
    };
    actions.into_iter().map(offer).collect()
}

/// Whether only an untold splice feature stands in an action's way.
fn hangs_on_splicing(action: &Action) -> bool {
    action.feasibility.reason.as_ref().is_some_and(|reason| reason.code == "peer_splice_unknown")
}

/// By net benefit, unknown ones last, ties by id.
fn order(action: &Action) -> (Reverse<Option<SignedMsat>>, &str) {
    (Reverse(action.net_msat), &action.id)
}

const fn is_rebalance(offer: &Offer<'_>) -> bool {
    matches!(offer.action.kind, RemedyKind::Rebalance)
}

const fn opens(offer: &Offer<'_>) -> bool {
    matches!(offer.action.kind, RemedyKind::Open | RemedyKind::CloseReopen)
}

/// Worth doing: it nets something; or, where no benefit can be told, it risks no more than `next_to_nothing`.
fn worth(action: &Action, next_to_nothing: Msat) -> bool {
    let free_advice = matches!(action.kind, RemedyKind::SetFee | RemedyKind::RaiseLimits);
    action.net_msat.map_or(free_advice && action.cost_msat <= next_to_nothing, SignedMsat::is_positive)
}

/// 1 % of what the fleet earns over the horizon.
fn next_to_nothing(context: &Context<'_>) -> Msat {
    let flows = context.fleet.channels.iter().filter_map(|evidence| evidence.flow.as_ref());
    let earned: Msat = flows.map(|flow| flow.fee_out).sum();
    Msat::from_msat(over_days(earned, context.seconds(), context.horizon()).to_msat() / 100)
}

/// Rebalances into one channel stand or fall together: each is ranked by their sum.
fn group_net(offers: &[Offer<'_>]) -> HashMap<usize, SignedMsat> {
    let mut groups: HashMap<usize, SignedMsat> = HashMap::new();
    for offer in offers.iter().filter(|offer| is_rebalance(offer)) {
        let sum = groups.entry(offer.channels[0]).or_default();
        *sum = sum.saturating_add(offer.action.net_msat.unwrap_or_default());
    }
    groups
}

/// What the chosen actions have used up.
#[derive(Debug, Default)]
struct Taken {
    acted_on: BTreeMap<usize, RemedyKind>,
    given: BTreeSet<usize>,
    /// Peers that are to get another channel, each by the first of its channels.
    opened: BTreeSet<usize>,
    fees: Msat,
    coins: Msat,
}

impl Taken {
    fn refuses(&self, context: &Context<'_>, offer: &Offer<'_>) -> Option<Reason> {
        self.conflict(context, offer).or_else(|| {
            let fees = self.fees.saturating_add(offer.action.fees_msat);
            if let Some(budget) = context.options.budget.filter(|budget| fees > *budget) {
                let text = format!("{} would exceed the budget of {}", offer.action.summary, sat(budget));
                return Some(Reason::new("over_budget", text));
            }
            let coins = self.coins.saturating_add(needs(offer.action));
            context.wallet.filter(|wallet| coins > *wallet).map(|wallet| {
                let text =
                    format!("{} would need more than the {} to spend", offer.action.summary, sat(wallet));
                Reason::new("wallet_exhausted", text)
            })
        })
    }

    /// A channel is acted on once; several rebalances may fill it together, and an idle one may give several times. A
    /// peer gets one new channel a plan, since that serves whatever its others lack.
    fn conflict(&self, context: &Context<'_>, offer: &Offer<'_>) -> Option<Reason> {
        let busy = |text: &str| Some(Reason::new("better_action_chosen", text.to_owned()));
        if is_rebalance(offer) {
            let (to, from) = (offer.channels[0], offer.channels.get(1));
            let target_busy = self.given.contains(&to)
                || self.acted_on.get(&to).is_some_and(|kind| *kind != RemedyKind::Rebalance);
            if target_busy || from.is_some_and(|from| self.acted_on.contains_key(from)) {
                return busy("a better action was chosen for this channel or its source");
            }
            return None;
        }
        if opens(offer) && self.opened.contains(&peer_of(context, offer)) {
            return busy("a new channel to its peer was chosen already");
        }
        let taken = offer.channels.iter().any(|at| self.acted_on.contains_key(at) || self.given.contains(at));
        if taken { busy("a better action was chosen for this channel") } else { None }
    }

    fn take(&mut self, context: &Context<'_>, offer: &Offer<'_>) {
        if opens(offer) {
            self.opened.insert(peer_of(context, offer));
        }
        if is_rebalance(offer) {
            self.acted_on.insert(offer.channels[0], RemedyKind::Rebalance);
            self.given.extend(&offer.channels[1..]);
        } else {
            self.acted_on.extend(offer.channels.iter().map(|at| (*at, offer.action.kind)));
        }
        self.fees = self.fees.saturating_add(offer.action.fees_msat);
        self.coins = self.coins.saturating_add(needs(offer.action));
    }
}

/// The first channel of the peer that an action is for.
fn peer_of(context: &Context<'_>, offer: &Offer<'_>) -> usize {
    context.peers.of(offer.channels[0])[0]
}

fn needs(action: &Action) -> Msat {
    action.on_chain.as_ref().map_or(Msat::ZERO, |part| part.needs_msat)
}

/// A profit that is only an upper bound never ranks first: the first action with a proven one moves ahead of it.
fn proven_profit_first(fleet: &FleetEvidence<'_>, chosen: &mut [Offer<'_>]) {
    let bound = |offer: &Offer<'_>| {
        let flow = fleet.channels[offer.channels[0]].flow.as_ref();
        flow.is_some_and(|flow| flow.profit_is_upper_bound)
    };
    let proven = chosen.iter().position(|offer| !bound(offer) && offer.action.net_msat.is_some());
    if let Some(proven) = proven.filter(|_| chosen.first().is_some_and(bound)) {
        chosen[..=proven].rotate_right(1);
    }
}
