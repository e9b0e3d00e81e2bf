//! The cheapest circular routes: out through one channel of ours, back through another.
//!
//! A route is us → `source` → … → `target` → us. What lies between the two peers is searched here, backwards from the
//! target, since fees add up from the end. One search per target serves every source.
//!
//! # What is minimised
//!
//! Each direction costs `base + payment · ppm` and a price of risk, 300 ppm · payment · (−ln p) with
//! p = (capacity − payment) / capacity. The sum over the directions between the peers is the route's cost, an integer in
//! msat. Fees are compared on the payment itself; fees on fees, some thousandths of a fee, are left out of the
//! comparison but not out of the [`Route::fee`] and not out of what a direction must carry. The logarithm has a fixed
//! point, so every machine finds the same route.
//!
//! # What is guaranteed
//!
//! No route within the limit of hops has a smaller cost, as long as no direction's limit lies so close to the payment
//! that fees decide whether it fits. A route skips directions that are switched off or too small, never passes our own
//! node, and its two peers differ. First the cheapest ways of any length are found; only a source whose cheapest way is
//! too long needs a second search over (cost, hops), which is exact as well.

mod limited;
mod logarithm;
mod network;
mod search;

use channel_core::{Msat, ShortChannelId};

use super::LastHop;
use crate::snapshot::{Graph, NodeIndex};
use limited::LimitedSearch;
use network::{Network, index};
use search::{NO_EDGE, Query, Search};

/// Our own first and last channel.
const OWN_HOPS: u8 = 2;
/// The chance of a route in fixed point while it is multiplied.
const CERTAIN: u64 = 1 << 60;

/// A circular route.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route {
    /// All fees, the last hop's included.
    pub fee: Msat,
    /// Chance that every channel between the two peers holds enough, ppm. Our own two channels are known and count as
    /// certain.
    pub success_ppm: u32,
    /// Number of channels, our own two included.
    pub hops: u8,
    /// The channels between the two peers, in the order the payment passes them; our own two are not in it.
    pub scids: Vec<ShortChannelId>,
}

impl Route {
    /// The fee in ppm of what arrives, rounded up.
    pub fn fee_ppm(&self, amount: Msat) -> u32 {
        let ppm = (u128::from(self.fee.to_msat()) * 1_000_000).div_ceil(u128::from(amount.to_msat().max(1)));
        u32::try_from(ppm).unwrap_or(u32::MAX)
    }
}

/// Finds routes on one graph. Its memory is kept from search to search.
#[derive(Debug, Clone)]
pub struct RouteFinder {
    network: Network,
    search: Search,
    limited: LimitedSearch,
    max_hops: u8,
    risk_ppm: u32,
}

impl RouteFinder {
    /// A finder for routes of our node, whose own channels are left out of the graph. At most 8 hops and 300 ppm of
    /// risk price unless told otherwise.
    pub fn new(graph: &Graph, us: Option<NodeIndex>) -> Self {
        let network = Network::of(graph, us);
        let search = Search::new(network.nodes());
        Self { network, search, limited: LimitedSearch::default(), max_hops: 8, risk_ppm: 300 }
    }

    /// The same with a longest route, our own two channels included.
    #[must_use]
    pub const fn with_max_hops(mut self, max_hops: u8) -> Self {
        self.max_hops = max_hops;
        self
    }

    /// The same with a price of risk, in ppm of the payment per unit of −ln p.
    #[must_use]
    pub const fn with_risk_ppm(mut self, risk_ppm: u32) -> Self {
        self.risk_ppm = risk_ppm;
        self
    }

    /// The routes of every source to `target`, over whose channel `amount` is to come back. `last_hop` is what the
    /// target asks for that.
    pub fn routes_to(&mut self, target: NodeIndex, last_hop: LastHop, amount: Msat) -> RouteTree<'_> {
        self.tree(target, last_hop, amount, None)
    }

    /// The route of one source, without the rest of the tree.
    pub fn find(
        &mut self,
        source: NodeIndex,
        target: NodeIndex,
        last_hop: LastHop,
        amount: Msat,
    ) -> Option<Route> {
        self.tree(target, last_hop, amount, Some(index(source))).route(source)
    }

    fn tree(
        &mut self,
        target: NodeIndex,
        last_hop: LastHop,
        amount: Msat,
        goal: Option<u32>,
    ) -> RouteTree<'_> {
        let fee = last_hop.base.saturating_add(amount.ppm(u64::from(last_hop.ppm)));
        let query = Query {
            target: index(target),
            payment: amount.to_msat(),
            at_target: amount.saturating_add(fee).to_msat(),
            price_of_halving: logarithm::price_of_halving(amount.to_msat(), self.risk_ppm),
        };
        let possible = !last_hop.disabled && !amount.is_zero() && target.as_usize() < self.network.nodes();
        if possible {
            self.search.run(&self.network, &query, goal);
        }
        RouteTree { finder: self, query: possible.then_some(query), limited_is_run: false }
    }
}

/// The routes to one target.
#[derive(Debug)]
pub struct RouteTree<'a> {
    finder: &'a mut RouteFinder,
    /// `None` when nothing can come back over the target.
    query: Option<Query>,
    limited_is_run: bool,
}

impl RouteTree<'_> {
    /// The cheapest route from `source`; `None` when there is none, or when it is the target itself: a peer with two
    /// channels would send the payment back through the one it left by.
    pub fn route(&mut self, source: NodeIndex) -> Option<Route> {
        let query = self.query?;
        let source = index(source);
        let max_edges = u32::from(self.finder.max_hops.checked_sub(OWN_HOPS)?);
        let way = self.finder.search.way(source).filter(|way| way.edge != NO_EDGE)?;
        let (amount, edges) = if way.hops <= max_edges {
            (way.amount, self.edges(source))
        } else {
            self.limited_edges(&query, source, max_edges)?
        };
        Some(self.describe(&query, amount, &edges))
    }

    fn edges(&self, source: u32) -> Vec<u32> {
        let mut edges = Vec::new();
        let mut node = source;
        while let Some(way) = self.finder.search.way(node).filter(|way| way.edge != NO_EDGE) {
            edges.push(way.edge);
            node = way.next;
        }
        edges
    }

    fn limited_edges(&mut self, query: &Query, source: u32, max_edges: u32) -> Option<(u64, Vec<u32>)> {
        let finder = &mut *self.finder;
        if !self.limited_is_run {
            finder.limited.run(&finder.network, query, max_edges);
            self.limited_is_run = true;
        }
        let first = finder.limited.way(source)?;
        let mut edges = Vec::new();
        let mut label = Some(first);
        while let Some(at) = label.filter(|label| label.edge != NO_EDGE) {
            edges.push(at.edge);
            label = finder.limited.label(at.next);
        }
        Some((first.amount, edges))
    }

    fn describe(&self, query: &Query, amount: u64, edges: &[u32]) -> Route {
        let network = &self.finder.network;
        let chance = edges.iter().fold(CERTAIN, |chance, at| network.edge(*at).chance(chance, query.payment));
        let success = (u128::from(chance) * 1_000_000 + u128::from(CERTAIN / 2)) / u128::from(CERTAIN);
        Route {
            fee: Msat::from_msat(amount.saturating_sub(query.payment)),
            success_ppm: u32::try_from(success).unwrap_or(1_000_000),
            hops: u8::try_from(edges.len()).unwrap_or(u8::MAX).saturating_add(OWN_HOPS),
            scids: edges.iter().map(|at| network.scid(*at)).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
