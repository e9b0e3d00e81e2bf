//! The graph as the search reads it: usable directions in compact rows, grouped by destination.

use channel_core::ShortChannelId;

use super::logarithm::{log2, risk_price};
use crate::snapshot::{Graph, NodeIndex};

/// One direction of a channel that may carry payments.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    /// The forwarding node.
    pub(super) from: u32,
    pub(super) ppm: u32,
    pub(super) base: u64,
    /// Smallest amount it carries.
    least: u64,
    /// Largest amount it carries: the smaller of the HTLC limit and the capacity.
    most: u64,
    capacity: u64,
    log2_capacity: u64,
}

impl Edge {
    /// The fee for forwarding `amount` (BOLT 7).
    pub(super) fn fee(&self, amount: u64) -> u64 {
        let proportional = if let Some(product) = amount.checked_mul(u64::from(self.ppm)) {
            product / 1_000_000
        } else {
            let wide = u128::from(amount) * u128::from(self.ppm) / 1_000_000;
            u64::try_from(wide).unwrap_or(u64::MAX)
        };
        self.base.saturating_add(proportional)
    }

    /// Whether it can carry `amount`, and the payment with any chance at all.
    pub(super) const fn carries(&self, amount: u64, payment: u64) -> bool {
        self.least <= amount && amount <= self.most && payment < self.capacity
    }

    /// The price of the risk that the direction lacks `payment`, with p = (capacity − payment) / capacity.
    pub(super) fn risk(&self, payment: u64, price_of_halving: u64) -> u64 {
        risk_price(self.log2_capacity, self.capacity.saturating_sub(payment), price_of_halving)
    }

    /// `chance` times (capacity − payment) / capacity.
    pub(super) fn chance(&self, chance: u64, payment: u64) -> u64 {
        let rest = u128::from(self.capacity.saturating_sub(payment));
        let product = u128::from(chance) * rest / u128::from(self.capacity.max(1));
        u64::try_from(product).unwrap_or(chance)
    }
}

/// All usable directions, except those of our own node.
#[derive(Debug, Clone)]
pub(super) struct Network {
    starts: Vec<u32>,
    edges: Vec<Edge>,
    scids: Vec<u64>,
}

impl Network {
    pub(super) fn of(graph: &Graph, us: Option<NodeIndex>) -> Self {
        let nodes = graph.node_count();
        let mut network = Self { starts: vec![0; nodes + 1], edges: Vec::new(), scids: Vec::new() };
        network.edges.reserve(graph.direction_count());
        network.scids.reserve(graph.direction_count());
        // Directions are grouped by destination already, so rows only need counting.
        for edge in graph.directions() {
            let ours = us.is_some_and(|us| us == edge.from || us == edge.to);
            if edge.policy.disabled || ours || edge.from == edge.to {
                continue;
            }
            network.starts[edge.to.as_usize() + 1] += 1;
            network.scids.push(edge.scid);
            network.edges.push(Edge {
                from: index(edge.from),
                ppm: edge.policy.ppm,
                base: edge.policy.base.to_msat(),
                least: edge.policy.htlc_minimum.to_msat(),
                most: edge.policy.htlc_maximum.min(edge.capacity).to_msat(),
                capacity: edge.capacity.to_msat(),
                log2_capacity: log2(edge.capacity.to_msat()),
            });
        }
        for at in 1..network.starts.len() {
            network.starts[at] += network.starts[at - 1];
        }
        network
    }

    pub(super) fn nodes(&self) -> usize {
        self.starts.len() - 1
    }

    pub(super) fn edge(&self, at: u32) -> &Edge {
        &self.edges[at as usize]
    }

    /// The directions that arrive at a node, as a slice, and the position of the first.
    pub(super) fn row(&self, node: u32) -> (u32, &[Edge]) {
        let (start, end) = (self.starts[node as usize], self.starts[node as usize + 1]);
        (start, &self.edges[start as usize..end as usize])
    }

    pub(super) fn scid(&self, at: u32) -> ShortChannelId {
        ShortChannelId::from_u64(self.scids[at as usize])
    }
}

/// The node's position in 32 bits, which every graph's positions have.
pub(super) fn index(node: NodeIndex) -> u32 {
    u32::try_from(node.as_usize()).unwrap_or(u32::MAX)
}
