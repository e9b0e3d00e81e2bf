//! What the graph and the listings know about the two ends of a channel: fees, splicing, standing, age.

use std::collections::{HashMap, HashSet};

use super::LastHop;
use crate::snapshot::{ChannelSnapshot, EdgePolicy, Graph, Knowledge, NodeIndex, PeerId, Policy, Snapshot};

/// Blocks a day, at ten minutes a block.
const BLOCKS_PER_DAY: u32 = 144;

/// Our own edges of the public graph, found in one pass.
pub(super) struct Neighbours<'a> {
    snapshot: &'a Snapshot,
    /// Towards us: the peer's policy by short channel id.
    towards_us: HashMap<u64, (NodeIndex, EdgePolicy)>,
    /// From us: our own policy by short channel id.
    from_us: HashMap<u64, EdgePolicy>,
    /// The cheapest edge towards us of each peer, leaving out those whose short id another channel of ours has.
    unclaimed: HashMap<NodeIndex, EdgePolicy>,
}

impl<'a> Neighbours<'a> {
    /// Looks our edges up in the graph; none without a graph or without our node id.
    pub(super) fn of(snapshot: &'a Snapshot) -> Self {
        let mut neighbours =
            Self { snapshot, towards_us: HashMap::new(), from_us: HashMap::new(), unclaimed: HashMap::new() };
        let graph = snapshot.graph.as_ref();
        let us = snapshot.node.id.as_ref().and_then(|id| node_of(graph?, id));
        if let Some((graph, us)) = graph.zip(us) {
            neighbours.read(graph, us);
        }
        neighbours
    }

    fn read(&mut self, graph: &Graph, us: NodeIndex) {
        for edge in graph.directions() {
            if edge.to == us {
                self.towards_us.insert(edge.scid, (edge.from, edge.policy));
            } else if edge.from == us {
                self.from_us.insert(edge.scid, edge.policy);
            }
        }
        let listed: HashSet<u64> =
            self.snapshot.channels.iter().filter_map(|channel| Some(channel.scid?.to_u64())).collect();
        for edge in graph.arriving(us).iter().filter(|edge| !listed.contains(&edge.scid)) {
            let price = |policy: &EdgePolicy| policy.fee(super::flow::ASSUMED_FORWARD);
            let cheapest = self.unclaimed.entry(edge.from).or_insert(edge.policy);
            if price(&edge.policy) < price(cheapest) {
                *cheapest = edge.policy;
            }
        }
    }

    /// What the peer asks for the last hop towards us: as its own listing says, else by the graph's edge with the same
    /// short id, else the cheapest of the pair's edges that no other channel of ours claims. A private channel has no
    /// edge of its own, and its peer's public ones do not speak for it.
    pub(super) fn last_hop(&self, channel: &ChannelSnapshot) -> Option<LastHop> {
        if let Some(policy) = &channel.policy_remote {
            let disabled = policy.disabled.unwrap_or(false);
            return Some(LastHop { base: policy.base, ppm: policy.ppm, disabled });
        }
        if channel.private == Some(true) {
            return None;
        }
        let peer = self.peer_node(channel)?;
        let own = channel.scid.and_then(|scid| self.towards_us.get(&scid.to_u64()));
        let own = own.filter(|(from, _)| *from == peer).map(|(_, policy)| policy);
        let policy = own.or_else(|| self.unclaimed.get(&peer))?;
        Some(LastHop { base: policy.base, ppm: policy.ppm, disabled: policy.disabled })
    }

    /// Our own policy: as listed, else as the graph has it.
    pub(super) fn own_policy(&self, channel: &ChannelSnapshot) -> Option<Policy> {
        channel.policy_local.or_else(|| {
            let edge = self.from_us.get(&channel.scid?.to_u64())?;
            let mut policy = Policy::new(edge.base, edge.ppm);
            policy.htlc_minimum = Some(edge.htlc_minimum);
            policy.htlc_maximum = Some(edge.htlc_maximum);
            policy.disabled = Some(edge.disabled);
            Some(policy)
        })
    }

    /// Whether this node and the peer can both splice. An announced feature of our own wins over what the
    /// implementation is known for; of the peer the channel's listing is asked first, then the list of peers, then the
    /// graph.
    pub(super) fn can_splice(&self, channel: &ChannelSnapshot) -> Knowledge {
        let ours = first_known([self.snapshot.node.splices, self.snapshot.implementation.splices()]);
        let listed = channel.peer.as_ref().and_then(|peer| self.snapshot.peers.get(peer));
        let graph = self.snapshot.graph.as_ref();
        let announced = graph.zip(self.peer_node(channel)).map(|(graph, peer)| graph.splices(peer));
        let theirs = first_known([
            channel.peer_splices,
            listed.map_or(Knowledge::Unknown, |peer| peer.splices),
            announced.unwrap_or_default(),
        ]);
        match (ours, theirs) {
            (Knowledge::No, _) | (_, Knowledge::No) => Knowledge::No,
            (Knowledge::Yes, Knowledge::Yes) => Knowledge::Yes,
            _ => Knowledge::Unknown,
        }
    }

    fn peer_node(&self, channel: &ChannelSnapshot) -> Option<NodeIndex> {
        node_of(self.snapshot.graph.as_ref()?, channel.peer.as_ref()?)
    }
}

fn node_of(graph: &Graph, id: &PeerId) -> Option<NodeIndex> {
    graph.node(&id.to_bytes()?)
}

fn first_known<const N: usize>(answers: [Knowledge; N]) -> Knowledge {
    answers.into_iter().find(|answer| *answer != Knowledge::Unknown).unwrap_or_default()
}

/// Whether a channel can be used now: active, our direction not switched off, no splice pending.
pub(super) fn usable(channel: &ChannelSnapshot) -> Knowledge {
    let switched_off = channel.policy_local.is_some_and(|policy| policy.disabled == Some(true));
    if switched_off || channel.pending_splice == Some(true) {
        return Knowledge::No;
    }
    Knowledge::from(channel.active)
}

/// Age in days: from the funding block and the tip at ten minutes a block, else from the time of opening. LND's
/// `lifetime` is how long it watched the peer and plays no part.
pub(super) fn age_days(channel: &ChannelSnapshot, tip: Option<u32>, now: jiff::Timestamp) -> Option<u32> {
    let by_height =
        tip.zip(channel.opened_height).map(|(tip, opened)| tip.saturating_sub(opened) / BLOCKS_PER_DAY);
    by_height.or_else(|| {
        let seconds = now.as_second().saturating_sub(channel.opened_at?).max(0);
        u32::try_from(seconds / 86_400).ok()
    })
}

#[cfg(test)]
mod tests {
    use channel_core::{Msat, ShortChannelId};
    use jiff::Timestamp;

    use super::*;
    use crate::snapshot::{ChannelKey, GraphBuilder, Implementation, PeerInfo};

    const US: [u8; 33] = [2; 33];
    const PEER: [u8; 33] = [3; 33];

    fn id(bytes: [u8; 33]) -> PeerId {
        use std::fmt::Write;
        let mut text = String::new();
        for byte in bytes {
            write!(text, "{byte:02x}").unwrap();
        }
        PeerId::new(&text)
    }

    fn edge(ppm: u32) -> EdgePolicy {
        EdgePolicy::new(Msat::ZERO, ppm, Msat::ZERO, Msat::MAX, false)
    }

    /// Two listed channels with the peer (scids 1 and 2) and one edge that no listed channel claims (scid 9).
    fn snapshot() -> Snapshot {
        let mut builder = GraphBuilder::with_capacity(2, 4);
        let (us, peer) = (builder.node(US), builder.node(PEER));
        builder.describe(peer, None, Knowledge::Yes);
        for (scid, ppm) in [(1, 100), (2, 50), (9, 700)] {
            builder.direction(peer, us, scid, Msat::MAX, edge(ppm));
        }
        builder.direction(us, peer, 1, Msat::MAX, edge(11));
        let channel = |scid: u64| {
            let amount = Msat::from_msat(1000);
            let mut channel =
                ChannelSnapshot::new(ChannelKey::new(&scid.to_string()), amount, amount, Msat::ZERO);
            channel.scid = Some(ShortChannelId::from_u64(scid));
            channel.peer = Some(id(PEER));
            channel
        };
        let mut snapshot = Snapshot { implementation: Implementation::Cln, ..Snapshot::default() };
        snapshot.channels = vec![channel(1), channel(2), channel(3)];
        snapshot.node.id = Some(id(US));
        snapshot.graph = Some(builder.build());
        snapshot
    }

    #[test]
    fn the_last_hop_is_that_of_the_channel_not_of_its_sibling() {
        let mut snapshot = snapshot();
        let ppm = |snapshot: &Snapshot, at: usize| {
            Neighbours::of(snapshot).last_hop(&snapshot.channels[at]).map(|hop| hop.ppm)
        };
        assert_eq!([0, 1, 2].map(|at| ppm(&snapshot, at)), [Some(100), Some(50), Some(700)]);
        snapshot.channels[2].private = Some(true);
        assert_eq!(ppm(&snapshot, 2), None);
        snapshot.channels[0].policy_remote = Some(Policy::new(Msat::ZERO, 8));
        assert_eq!(ppm(&snapshot, 0), Some(8));
        snapshot.node.id = None;
        assert_eq!(ppm(&snapshot, 1), None);
    }

    #[test]
    fn our_own_policy_is_found_in_the_graph() {
        let snapshot = snapshot();
        let neighbours = Neighbours::of(&snapshot);
        let ppm = |at: usize| neighbours.own_policy(&snapshot.channels[at]).map(|policy| policy.ppm);
        assert_eq!((ppm(0), ppm(1)), (Some(11), None));
    }

    #[test]
    fn both_ends_must_be_able_to_splice() {
        let mut snapshot = snapshot();
        let can = |snapshot: &Snapshot| Neighbours::of(snapshot).can_splice(&snapshot.channels[0]);
        assert_eq!(can(&snapshot), Knowledge::Yes);
        snapshot.peers.insert(id(PEER), PeerInfo { alias: None, splices: Knowledge::No });
        assert_eq!(can(&snapshot), Knowledge::No);
        snapshot.channels[0].peer_splices = Knowledge::Yes;
        assert_eq!(can(&snapshot), Knowledge::Yes);
        snapshot.implementation = Implementation::Lnd;
        assert_eq!(can(&snapshot), Knowledge::No);
        snapshot.node.splices = Knowledge::Yes;
        assert_eq!(can(&snapshot), Knowledge::Yes);
        snapshot.implementation = Implementation::Table;
        snapshot.node.splices = Knowledge::Unknown;
        assert_eq!(can(&snapshot), Knowledge::Unknown);
    }

    #[test]
    fn a_channel_is_usable_when_active_enabled_and_not_being_spliced() {
        let mut channel = snapshot().channels.remove(0);
        assert_eq!(usable(&channel), Knowledge::Unknown);
        channel.active = Some(true);
        assert_eq!(usable(&channel), Knowledge::Yes);
        channel.pending_splice = Some(true);
        assert_eq!(usable(&channel), Knowledge::No);
        channel.pending_splice = None;
        channel.policy_local = Some(Policy { disabled: Some(true), ..Policy::default() });
        assert_eq!(usable(&channel), Knowledge::No);
        channel.policy_local = None;
        channel.active = Some(false);
        assert_eq!(usable(&channel), Knowledge::No);
    }

    #[test]
    fn age_comes_from_the_chain_and_never_from_monitoring() {
        let now = Timestamp::from_second(10 * 86_400 - 1).unwrap();
        let mut channel = snapshot().channels.remove(0);
        channel.monitored_s = Some(1_000_000);
        assert_eq!(age_days(&channel, Some(1000), now), None);
        channel.opened_at = Some(0);
        assert_eq!(age_days(&channel, None, now), Some(9));
        channel.opened_height = Some(1000 - 288);
        assert_eq!(age_days(&channel, Some(1000), now), Some(2));
        assert_eq!(age_days(&channel, Some(5), now), Some(0));
    }
}
