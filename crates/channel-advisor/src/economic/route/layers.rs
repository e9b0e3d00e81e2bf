//! Cheapest ways by number of hops: the label-correcting search of Bellman and Ford, one layer per hop.
//!
//! Layer h holds the cheapest way of at most h edges from every node to the target. A round looks only at the nodes that
//! the round before made cheaper. After as many rounds as a route may have edges, the ways are the cheapest within the
//! limit, and no heap is needed. On the public graph almost half of the cheapest ways of any length break the limit, so
//! a search without one would have to be repeated.

use super::network::{Network, Prices};

/// What is sought: from which node backwards, with what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Query {
    /// The last peer.
    pub(super) target: u32,
    /// What must reach it: payment and last hop fee.
    pub(super) at_target: u64,
    /// Most edges between the two peers.
    pub(super) max_edges: u8,
    /// The only source of interest, if there is one: nothing dearer than its way is pursued.
    pub(super) goal: Option<u32>,
}

/// No edge: the node was not improved in that layer.
const NO_EDGE: u32 = u32::MAX;
/// Not reached.
const UNREACHED: u64 = u64::MAX;

/// A node improved in the last round, with its figures as of that round.
#[derive(Debug, Clone, Copy)]
struct Improved {
    node: u32,
    cost: u64,
    amount: u64,
}

/// The best way known from a node.
#[derive(Debug, Clone, Copy)]
struct Best {
    /// Sum of the edges' costs, msat.
    cost: u64,
    /// What must arrive at the node.
    amount: u64,
    /// The round that improved it last.
    round: u8,
}

const NOTHING: Best = Best { cost: UNREACHED, amount: 0, round: 0 };

/// The search's memory, kept from query to query.
#[derive(Debug, Clone, Default)]
pub(super) struct Layers {
    best: Vec<Best>,
    /// By layer and node: the edge that improved it, [`NO_EDGE`] if none did.
    first_edges: Vec<u32>,
    frontier: Vec<Improved>,
    improved: Vec<u32>,
}

impl Layers {
    /// Finds the cheapest ways.
    pub(super) fn run(&mut self, network: &Network, prices: &Prices, query: &Query) {
        let nodes = network.nodes();
        self.best.clear();
        self.best.resize(nodes, NOTHING);
        self.first_edges.clear();
        self.first_edges.resize(nodes * usize::from(query.max_edges), NO_EDGE);
        self.frontier.clear();
        self.best[query.target as usize] = Best { cost: 0, amount: query.at_target, round: 0 };
        self.frontier.push(Improved { node: query.target, cost: 0, amount: query.at_target });
        for round in 1..=query.max_edges {
            let first = nodes * usize::from(round - 1);
            self.round(network, prices, query.goal, round, first);
            if self.frontier.is_empty() {
                return;
            }
        }
    }

    /// One more edge in front of every way of the last round. `first` is where the layer's edges begin.
    fn round(&mut self, network: &Network, prices: &Prices, goal: Option<u32>, round: u8, first: usize) {
        let layer = &mut self.first_edges[first..first + self.best.len()];
        for from in &self.frontier {
            let bound = goal.map_or(UNREACHED, |goal| self.best[goal as usize].cost);
            for edge in prices.arriving(from.node) {
                let cost = from.cost.saturating_add(edge.cost);
                let best = &mut self.best[edge.from as usize];
                if cost >= best.cost || cost >= bound {
                    continue;
                }
                let listed = network.edge(edge.edge);
                if !listed.carries(from.amount) {
                    continue;
                }
                if best.round != round {
                    self.improved.push(edge.from);
                }
                let amount = from.amount.saturating_add(listed.fee(from.amount));
                *best = Best { cost, amount, round };
                layer[edge.from as usize] = edge.edge;
            }
        }
        self.frontier.clear();
        for node in self.improved.drain(..) {
            let best = self.best[node as usize];
            self.frontier.push(Improved { node, cost: best.cost, amount: best.amount });
        }
    }

    /// What must arrive at `source`, and the edges from it to the target. `None` when the target cannot be reached, or
    /// when it is the source itself.
    pub(super) fn way(&self, network: &Network, source: u32) -> Option<(u64, Vec<u32>)> {
        let best = self.best.get(source as usize).filter(|best| best.round > 0)?;
        let mut edges = Vec::with_capacity(usize::from(best.round));
        let (mut node, mut layers) = (source, best.round);
        while let Some((layer, edge)) = self.last_edge(node, layers) {
            edges.push(edge);
            node = network.edge(edge).to;
            layers = layer;
        }
        Some((best.amount, edges))
    }

    /// The edge that improved a node last within the first `layers` layers, and the layers before that one.
    fn last_edge(&self, node: u32, layers: u8) -> Option<(u8, u32)> {
        let edge = |layer: u8| self.first_edges[usize::from(layer) * self.best.len() + node as usize];
        (0..layers).rev().map(|layer| (layer, edge(layer))).find(|(_, edge)| *edge != NO_EDGE)
    }
}
