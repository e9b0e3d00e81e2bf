//! The public graph in compressed columns, built once and then only read.

use std::collections::HashMap;

use channel_core::Msat;

use super::Knowledge;

/// A node of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeIndex(u32);

impl NodeIndex {
    /// Its position among the nodes.
    pub const fn as_usize(self) -> usize {
        self.0 as usize
    }
}

/// What one direction of a channel asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct EdgePolicy {
    /// Fixed part of the fee.
    pub base: Msat,
    /// Proportional part of the fee, ppm.
    pub ppm: u32,
    /// Smallest HTLC.
    pub htlc_minimum: Msat,
    /// Largest HTLC; [`Msat::MAX`] when not told.
    pub htlc_maximum: Msat,
    /// Switched off.
    pub disabled: bool,
}

impl EdgePolicy {
    /// A usable policy.
    pub const fn new(base: Msat, ppm: u32, htlc_minimum: Msat, htlc_maximum: Msat, disabled: bool) -> Self {
        Self { base, ppm, htlc_minimum, htlc_maximum, disabled }
    }

    /// The fee for forwarding `amount` (BOLT 7).
    pub fn fee(&self, amount: Msat) -> Msat {
        self.base.saturating_add(amount.ppm(u64::from(self.ppm)))
    }
}

/// One direction of a channel: from a node to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct EdgeDirection {
    /// The forwarding node, which earns the fee.
    pub from: NodeIndex,
    /// The node it forwards to.
    pub to: NodeIndex,
    /// The channel's short id in 64-bit form.
    pub scid: u64,
    /// The channel's capacity; unknown capacities are taken from `htlc_maximum` by the importer.
    pub capacity: Msat,
    /// What the forwarding node asks for.
    pub policy: EdgePolicy,
}

/// The graph. Directions are grouped by their *destination*, since routes are searched from the end.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    ids: Vec<[u8; 33]>,
    aliases: Vec<Option<Box<str>>>,
    splices: Vec<Knowledge>,
    index: HashMap<[u8; 33], u32>,
    /// `starts[n]..starts[n + 1]` are the directions that arrive at node `n`.
    starts: Vec<u32>,
    directions: Vec<EdgeDirection>,
}

impl Graph {
    /// Number of nodes.
    pub fn node_count(&self) -> usize {
        self.ids.len()
    }

    /// Number of channel directions with a policy.
    pub fn direction_count(&self) -> usize {
        self.directions.len()
    }

    /// The node with this key.
    pub fn node(&self, id: &[u8; 33]) -> Option<NodeIndex> {
        self.index.get(id).copied().map(NodeIndex)
    }

    /// The key of a node of this graph.
    pub fn id(&self, node: NodeIndex) -> Option<&[u8; 33]> {
        self.ids.get(node.as_usize())
    }

    /// The alias of a node of this graph.
    pub fn alias(&self, node: NodeIndex) -> Option<&str> {
        self.aliases.get(node.as_usize())?.as_deref()
    }

    /// Whether a node announces splicing (feature 62/63); unknown when it announced no features at all.
    pub fn splices(&self, node: NodeIndex) -> Knowledge {
        self.splices.get(node.as_usize()).copied().unwrap_or_default()
    }

    /// The directions that arrive at a node.
    pub fn arriving(&self, node: NodeIndex) -> &[EdgeDirection] {
        let at = node.as_usize();
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(start), Some(end)) => &self.directions[*start as usize..*end as usize],
            _ => &[],
        }
    }

    /// All directions, grouped by destination.
    pub fn directions(&self) -> &[EdgeDirection] {
        &self.directions
    }
}

/// Collects nodes and directions and groups them at the end.
#[derive(Debug, Clone, Default)]
pub struct GraphBuilder {
    graph: Graph,
}

impl GraphBuilder {
    /// An empty builder with room for that many nodes and directions.
    pub fn with_capacity(nodes: usize, directions: usize) -> Self {
        let graph = Graph {
            ids: Vec::with_capacity(nodes),
            aliases: Vec::with_capacity(nodes),
            splices: Vec::with_capacity(nodes),
            index: HashMap::with_capacity(nodes),
            starts: Vec::new(),
            directions: Vec::with_capacity(directions),
        };
        Self { graph }
    }

    /// The node with this key, added when new.
    ///
    /// # Panics
    /// Never in practice: only past 2^32 nodes.
    pub fn node(&mut self, id: [u8; 33]) -> NodeIndex {
        let graph = &mut self.graph;
        let next = u32::try_from(graph.ids.len()).expect("a graph of 2^32 nodes does not fit into memory");
        let index = *graph.index.entry(id).or_insert(next);
        if index == next {
            graph.ids.push(id);
            graph.aliases.push(None);
            graph.splices.push(Knowledge::Unknown);
        }
        NodeIndex(index)
    }

    /// Adds what a node announced.
    pub fn describe(&mut self, node: NodeIndex, alias: Option<&str>, splices: Knowledge) {
        let at = node.as_usize();
        if let Some(alias) = alias.filter(|alias| !alias.is_empty()) {
            self.graph.aliases[at] = Some(alias.into());
        }
        if splices != Knowledge::Unknown {
            self.graph.splices[at] = splices;
        }
    }

    /// Adds one direction of a channel.
    pub fn direction(
        &mut self,
        from: NodeIndex,
        to: NodeIndex,
        scid: u64,
        capacity: Msat,
        policy: EdgePolicy,
    ) {
        self.graph.directions.push(EdgeDirection { from, to, scid, capacity, policy });
    }

    /// Groups the directions by destination; within a node the order of insertion is kept.
    pub fn build(self) -> Graph {
        let mut graph = self.graph;
        let mut starts = vec![0_u32; graph.ids.len() + 1];
        for direction in &graph.directions {
            starts[direction.to.as_usize() + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        // The counts give every direction its place, so one pass puts all of them there.
        let mut next = starts.clone();
        let mut grouped = graph.directions.clone();
        for direction in graph.directions {
            let place = &mut next[direction.to.as_usize()];
            grouped[*place as usize] = direction;
            *place += 1;
        }
        graph.directions = grouped;
        graph.starts = starts;
        graph
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_grouped_by_destination_in_order_of_insertion() {
        let mut builder = GraphBuilder::with_capacity(3, 3);
        let [a, b, c] = [1, 2, 3].map(|n| builder.node([n; 33]));
        assert_eq!(builder.node([2; 33]), b);
        let policy = EdgePolicy::new(Msat::ZERO, 1, Msat::ZERO, Msat::MAX, false);
        builder.direction(a, c, 1, Msat::MAX, policy);
        builder.direction(a, b, 2, Msat::MAX, policy);
        builder.direction(b, c, 3, Msat::MAX, policy);
        builder.describe(a, Some("alice"), Knowledge::Yes);
        let graph = builder.build();
        assert_eq!(graph.arriving(c).iter().map(|d| d.scid).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(graph.arriving(b).len(), 1);
        assert!(graph.arriving(a).is_empty());
        assert_eq!(
            (graph.alias(a), graph.splices(a), graph.splices(b)),
            (Some("alice"), Knowledge::Yes, Knowledge::Unknown)
        );
        assert_eq!(graph.node(&[9; 33]), None);
    }
}
