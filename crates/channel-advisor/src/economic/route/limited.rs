//! The same search with a limit of hops, for the few nodes whose cheapest way is too long.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::network::Network;
use super::search::{NO_EDGE, Query};

/// A way from a node: one of several, none both cheaper and shorter than another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label {
    node: u32,
    pub(super) edge: u32,
    /// The label of the next node on the way.
    pub(super) next: u32,
    pub(super) hops: u32,
    cost: u64,
    pub(super) amount: u64,
}

/// Not reached yet.
const NONE: u32 = u32::MAX;

/// Label-setting over (cost, hops). Labels leave the heap by cost, so a label that is not shorter than one settled
/// before at its node can be dropped, and the first one settled at a node is the cheapest within the limit.
#[derive(Debug, Clone, Default)]
pub(super) struct LimitedSearch {
    labels: Vec<Label>,
    heap: BinaryHeap<Reverse<(u64, u32, u32)>>,
    /// By node: the first label settled, and the fewest hops of any settled.
    settled: Vec<(u32, u32)>,
}

impl LimitedSearch {
    /// Finds the cheapest way of at most `max_edges` edges from every node.
    pub(super) fn run(&mut self, network: &Network, query: &Query, max_edges: u32) {
        self.labels.clear();
        self.heap.clear();
        self.settled.clear();
        self.settled.resize(network.nodes(), (NONE, u32::MAX));
        self.push(Label {
            node: query.target,
            edge: NO_EDGE,
            next: NONE,
            hops: 0,
            cost: 0,
            amount: query.at_target,
        });
        while let Some(Reverse((_, hops, at))) = self.heap.pop() {
            let label = self.labels[at as usize];
            let (first, fewest) = &mut self.settled[label.node as usize];
            if hops >= *fewest {
                continue;
            }
            *fewest = hops;
            if *first == NONE {
                *first = at;
            }
            if hops < max_edges {
                self.relax(network, query, at, &label);
            }
        }
    }

    /// The cheapest way from a node.
    pub(super) fn way(&self, node: u32) -> Option<&Label> {
        let (first, _) = self.settled.get(node as usize)?;
        self.label(*first)
    }

    /// A label by its number.
    pub(super) fn label(&self, at: u32) -> Option<&Label> {
        self.labels.get(at as usize)
    }

    fn relax(&mut self, network: &Network, query: &Query, at: u32, label: &Label) {
        let (first, edges) = network.row(label.node);
        for (edge, position) in edges.iter().zip(first..) {
            let hops = label.hops + 1;
            let (_, fewest) = self.settled[edge.from as usize];
            if hops >= fewest || !edge.carries(label.amount, query.payment) {
                continue;
            }
            let fee = edge.fee(query.payment);
            let risk = edge.risk(query.payment, query.price_of_halving);
            self.push(Label {
                node: edge.from,
                edge: position,
                next: at,
                hops,
                cost: label.cost.saturating_add(fee).saturating_add(risk),
                amount: label.amount.saturating_add(edge.fee(label.amount)),
            });
        }
    }

    /// Keeps a label. Past 2^32 of them, which no graph in memory reaches, new ones are dropped.
    fn push(&mut self, label: Label) {
        if let Some(at) = u32::try_from(self.labels.len()).ok().filter(|at| *at != NONE) {
            self.heap.push(Reverse((label.cost, label.hops, at)));
            self.labels.push(label);
        }
    }
}
