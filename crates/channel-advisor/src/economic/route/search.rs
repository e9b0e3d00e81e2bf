//! Dijkstra from the end over the whole network, without a limit of hops.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::network::Network;

/// What is sought: from which node backwards, with what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Query {
    /// The last peer.
    pub(super) target: u32,
    /// What is to arrive at the end, msat.
    pub(super) payment: u64,
    /// What must reach the target: payment and last hop fee.
    pub(super) at_target: u64,
    /// Price of a halving of the chance, msat.
    pub(super) price_of_halving: u64,
}

/// No edge: the target itself.
pub(super) const NO_EDGE: u32 = u32::MAX;

/// The best known way from a node to the target.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Way {
    /// The query this entry belongs to; entries of older queries count as absent.
    stamp: u32,
    /// The edge to take first.
    pub(super) edge: u32,
    /// The node it leads to.
    pub(super) next: u32,
    /// Edges to the target.
    pub(super) hops: u32,
    /// Fees on the payment and risk, msat.
    cost: u64,
    /// What must arrive at the node.
    pub(super) amount: u64,
}

/// Ways of all nodes. Its memory is kept from query to query.
#[derive(Debug, Clone, Default)]
pub(super) struct Search {
    ways: Vec<Way>,
    stamp: u32,
    /// Cost and node, packed so that one comparison orders them.
    heap: BinaryHeap<Reverse<u128>>,
}

impl Search {
    pub(super) fn new(nodes: usize) -> Self {
        Self { ways: vec![Way::default(); nodes], stamp: 0, heap: BinaryHeap::new() }
    }

    /// The way from a node, after [`Self::run`]; `None` when there is none.
    pub(super) fn way(&self, node: u32) -> Option<&Way> {
        self.ways.get(node as usize).filter(|way| way.stamp == self.stamp)
    }

    /// Finds the cheapest way from every node, or stops once that of `goal` is settled.
    pub(super) fn run(&mut self, network: &Network, query: &Query, goal: Option<u32>) {
        self.renew();
        let start = Way {
            stamp: self.stamp,
            edge: NO_EDGE,
            next: query.target,
            hops: 0,
            cost: 0,
            amount: query.at_target,
        };
        self.ways[query.target as usize] = start;
        self.heap.push(Reverse(pack(0, query.target)));
        while let Some(Reverse(packed)) = self.heap.pop() {
            let (cost, node) = unpack(packed);
            let way = self.ways[node as usize];
            if cost > way.cost {
                continue;
            }
            if goal == Some(node) {
                return;
            }
            self.relax(network, query, node, &way);
        }
    }

    fn relax(&mut self, network: &Network, query: &Query, node: u32, way: &Way) {
        let (first, edges) = network.row(node);
        for (edge, at) in edges.iter().zip(first..) {
            if !edge.carries(way.amount, query.payment) {
                continue;
            }
            let known = &mut self.ways[edge.from as usize];
            let is_new = known.stamp != self.stamp;
            // Most edges fail on the fee alone, before the logarithm is taken.
            let cost = way.cost.saturating_add(edge.fee(query.payment));
            if !is_new && cost >= known.cost {
                continue;
            }
            let cost = cost.saturating_add(edge.risk(query.payment, query.price_of_halving));
            if !is_new && cost >= known.cost {
                continue;
            }
            let amount = way.amount.saturating_add(edge.fee(way.amount));
            *known = Way { stamp: self.stamp, edge: at, next: node, hops: way.hops + 1, cost, amount };
            self.heap.push(Reverse(pack(cost, edge.from)));
        }
    }

    /// Makes all entries absent without touching them.
    fn renew(&mut self) {
        self.heap.clear();
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            self.ways.fill(Way::default());
            self.stamp = 1;
        }
    }
}

const fn pack(cost: u64, node: u32) -> u128 {
    (cost as u128) << 32 | node as u128
}

#[expect(clippy::cast_possible_truncation, reason = "each half is what was packed into it")]
const fn unpack(packed: u128) -> (u64, u32) {
    ((packed >> 32) as u64, packed as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_wrap_around_without_reviving_old_ways() {
        let mut search = Search::new(1);
        search.stamp = u32::MAX;
        search.ways[0].stamp = u32::MAX;
        assert!(search.way(0).is_some());
        search.renew();
        assert!(search.way(0).is_none());
        assert_eq!(search.stamp, 1);
    }

    #[test]
    fn packing_keeps_cost_and_node() {
        for (cost, node) in [(0, 0), (u64::MAX, u32::MAX), (7, 1)] {
            assert_eq!(unpack(pack(cost, node)), (cost, node));
        }
        assert!(pack(1, 0) > pack(0, u32::MAX));
    }
}
