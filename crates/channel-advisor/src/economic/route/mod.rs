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
//! node, and its two peers differ. The same graph and payment always give the same route.

mod layers;
mod logarithm;
mod network;

use channel_core::{Msat, ShortChannelId};

use super::LastHop;
use super::rate::ppm_of;
use crate::snapshot::{Graph, NodeIndex};
use layers::{Layers, Query};
use network::{Network, Prices, index};

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
        ppm_of(self.fee, amount.max(Msat::ONE)).unwrap_or(u32::MAX)
    }
}

/// Finds routes on one graph. Its memory is kept from search to search.
#[derive(Debug, Clone)]
pub struct RouteFinder {
    network: Network,
    prices: Prices,
    layers: Layers,
    max_hops: u8,
    risk_ppm: u32,
}

impl RouteFinder {
    /// A finder for routes of our node, whose own channels are left out of the graph. At most 8 hops and 300 ppm of
    /// risk price unless told otherwise.
    pub fn new(graph: &Graph, us: Option<NodeIndex>) -> Self {
        let network = Network::of(graph, us);
        Self { network, prices: Prices::default(), layers: Layers::default(), max_hops: 8, risk_ppm: 300 }
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
    /// target asks for that. Searches for one amount after another are fastest: directions are priced once per amount.
    pub fn routes_to(&mut self, target: NodeIndex, last_hop: LastHop, amount: Msat) -> Routes<'_> {
        self.search(target, last_hop, amount, None)
    }

    /// The route of one source, without looking further than that.
    pub fn find(
        &mut self,
        source: NodeIndex,
        target: NodeIndex,
        last_hop: LastHop,
        amount: Msat,
    ) -> Option<Route> {
        let goal = Some(source).filter(|source| source.as_usize() < self.network.nodes())?;
        self.search(target, last_hop, amount, Some(index(goal))).route(source)
    }

    fn search(
        &mut self,
        target: NodeIndex,
        last_hop: LastHop,
        amount: Msat,
        goal: Option<u32>,
    ) -> Routes<'_> {
        let query = Query {
            target: index(target),
            at_target: amount.saturating_add(last_hop.fee(amount)).to_msat(),
            max_edges: self.max_hops.saturating_sub(OWN_HOPS),
            goal,
        };
        let possible = !last_hop.disabled && !amount.is_zero() && target.as_usize() < self.network.nodes();
        if possible {
            self.prices.update(&self.network, amount.to_msat(), self.risk_ppm);
            self.layers.run(&self.network, &self.prices, &query);
        }
        Routes { network: &self.network, layers: possible.then_some(&self.layers), amount }
    }
}

/// The routes to one target.
#[derive(Debug, Clone, Copy)]
pub struct Routes<'a> {
    network: &'a Network,
    /// `None` when nothing can come back over the target.
    layers: Option<&'a Layers>,
    amount: Msat,
}

impl Routes<'_> {
    /// The cheapest route from `source`; `None` when there is none, or when it is the target itself: a peer with two
    /// channels would send the payment back through the one it left by.
    pub fn route(&self, source: NodeIndex) -> Option<Route> {
        let (arrives, edges) = self.layers?.way(self.network, index(source))?;
        let payment = self.amount.to_msat();
        let edges = edges.into_iter().map(|at| self.network.edge(at));
        let chance = edges.clone().fold(CERTAIN, |chance, edge| edge.chance(chance, payment));
        let success = (u128::from(chance) * 1_000_000 + u128::from(CERTAIN / 2)) / u128::from(CERTAIN);
        let scids: Vec<_> = edges.map(network::Edge::scid).collect();
        Some(Route {
            fee: Msat::from_msat(arrives.saturating_sub(payment)),
            success_ppm: u32::try_from(success).unwrap_or(1_000_000),
            hops: u8::try_from(scids.len()).unwrap_or(u8::MAX).saturating_add(OWN_HOPS),
            scids,
        })
    }
}

#[cfg(test)]
mod tests;
