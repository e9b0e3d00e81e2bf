//! The graph as the search reads it: usable directions grouped by destination, priced for one payment at a time.

use channel_core::ShortChannelId;

use super::logarithm::{log2, price_of_halving, risk_price};
use crate::snapshot::{Graph, NodeIndex};

/// One direction of a channel that may carry payments.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    /// The forwarding node.
    from: u32,
    /// The node it forwards to.
    pub(super) to: u32,
    base: u64,
    ppm: u32,
    /// Smallest amount it carries.
    least: u64,
    /// Largest amount it carries: the smaller of the HTLC limit and the capacity.
    most: u64,
    capacity: u64,
    log2_capacity: u64,
    scid: u64,
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

    /// Whether it can carry `amount`.
    pub(super) const fn carries(&self, amount: u64) -> bool {
        self.least <= amount && amount <= self.most
    }

    /// `chance` times (capacity − payment) / capacity.
    pub(super) fn chance(&self, chance: u64, payment: u64) -> u64 {
        let rest = u128::from(self.capacity.saturating_sub(payment));
        let product = u128::from(chance) * rest / u128::from(self.capacity.max(1));
        u64::try_from(product).unwrap_or(chance)
    }

    /// The channel.
    pub(super) const fn scid(&self) -> ShortChannelId {
        ShortChannelId::from_u64(self.scid)
    }

    /// Fee on the payment and the price of the risk that the direction lacks it, with p = (capacity − payment) /
    /// capacity. `None` when it cannot carry it.
    fn cost(&self, payment: u64, halving: u64) -> Option<u64> {
        let rest = self.capacity.checked_sub(payment).filter(|rest| *rest > 0 && payment <= self.most)?;
        let risk = risk_price(self.log2_capacity, rest, halving);
        Some(self.fee(payment).saturating_add(risk))
    }
}

/// All usable directions, except those of our own node.
#[derive(Debug, Clone)]
pub(super) struct Network {
    starts: Vec<u32>,
    edges: Vec<Edge>,
}

impl Network {
    pub(super) fn of(graph: &Graph, us: Option<NodeIndex>) -> Self {
        let mut starts = vec![0; graph.node_count() + 1];
        let mut edges = Vec::with_capacity(graph.direction_count());
        // Directions are grouped by destination already, so rows only need counting.
        for edge in graph.directions() {
            let ours = us.is_some_and(|us| us == edge.from || us == edge.to);
            if edge.policy.disabled || ours || edge.from == edge.to {
                continue;
            }
            starts[edge.to.as_usize() + 1] += 1;
            edges.push(Edge {
                from: index(edge.from),
                to: index(edge.to),
                base: edge.policy.base.to_msat(),
                ppm: edge.policy.ppm,
                least: edge.policy.htlc_minimum.to_msat(),
                most: edge.policy.htlc_maximum.min(edge.capacity).to_msat(),
                capacity: edge.capacity.to_msat(),
                log2_capacity: log2(edge.capacity.to_msat()),
                scid: edge.scid,
            });
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        Self { starts, edges }
    }

    pub(super) const fn nodes(&self) -> usize {
        self.starts.len() - 1
    }

    pub(super) fn edge(&self, at: u32) -> &Edge {
        &self.edges[at as usize]
    }
}

/// The node's position in 32 bits, which every graph's positions have.
pub(super) fn index(node: NodeIndex) -> u32 {
    u32::try_from(node.as_usize()).unwrap_or(u32::MAX)
}

/// A direction at its price.
#[derive(Debug, Clone, Copy)]
pub(super) struct PricedEdge {
    /// Fee on the payment and risk, msat.
    pub(super) cost: u64,
    /// The forwarding node.
    pub(super) from: u32,
    /// Its position in the network.
    pub(super) edge: u32,
}

/// The directions that can carry one payment, with the cost of each. The cost depends on nothing else, so it is taken
/// once per payment and serves all targets.
#[derive(Debug, Clone, Default)]
pub(super) struct Prices {
    /// The payment and the price of risk these prices are for.
    of: Option<(u64, u32)>,
    starts: Vec<u32>,
    edges: Vec<PricedEdge>,
}

impl Prices {
    /// Prices the network for `payment`, unless it is priced so already.
    pub(super) fn update(&mut self, network: &Network, payment: u64, risk_ppm: u32) {
        if self.of == Some((payment, risk_ppm)) {
            return;
        }
        self.of = Some((payment, risk_ppm));
        let halving = price_of_halving(payment, risk_ppm);
        self.starts.clear();
        self.edges.clear();
        let mut at = 0_u32;
        for end in &network.starts {
            for (edge, position) in network.edges[at as usize..*end as usize].iter().zip(at..) {
                if let Some(cost) = edge.cost(payment, halving) {
                    self.edges.push(PricedEdge { cost, from: edge.from, edge: position });
                }
            }
            at = *end;
            self.starts.push(u32::try_from(self.edges.len()).unwrap_or(u32::MAX));
        }
    }

    /// The directions that arrive at a node.
    pub(super) fn arriving(&self, node: u32) -> &[PricedEdge] {
        let at = node as usize;
        &self.edges[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}
