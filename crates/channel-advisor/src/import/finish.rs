//! Joins what the documents told: policies, aliases and features find their channels, pages become one history.

use std::collections::{HashMap, HashSet};

use channel_core::Msat;

use super::draft::{Draft, ForwardPage, PaymentPart, Update};
use super::notes::Notes;
use super::pages;
use crate::snapshot::{
    ChannelKey, EdgePolicy, ForwardHistory, Graph, Implementation, Knowledge, NodeIndex, PeerFlow, PeerId,
    Policy, SelfPayment, Snapshot,
};

impl Draft {
    /// The snapshot of everything read.
    pub(super) fn finish(mut self, implementation: Implementation) -> Snapshot {
        self.join_own_policies();
        let graph = self.graph_given.then(|| self.build_graph());
        if let Some(graph) = &graph {
            self.join_graph(graph);
        }
        self.join_updates();
        self.join_balances();
        self.join_peers();
        let self_payments = self.payments.take().map(|pages| self.self_payments(pages));
        Snapshot {
            implementation,
            node: self.node,
            channels: self.channels,
            peers: self.peers,
            forwards: history(self.forwards, self.peer_flows),
            self_payments,
            graph,
            feerate: self.feerate,
            wallet: self.wallet,
            assumptions: self.notes.into_assumptions(),
        }
    }

    /// The graph, with what nodes announced in another document.
    fn build_graph(&mut self) -> Graph {
        let mut graph = std::mem::take(&mut self.graph);
        for (id, (alias, splices)) in &self.announced {
            if let Some(bytes) = id.to_bytes() {
                let node = graph.node(bytes);
                graph.describe(node, alias.as_deref(), *splices);
            }
        }
        graph.build()
    }

    fn join_own_policies(&mut self) {
        let mut policies: HashMap<ChannelKey, Policy> = self.own_policies.drain(..).collect();
        for channel in &mut self.channels {
            let told = policies.remove(&channel.key);
            if let Some(mut policy) = told {
                if let Some(listed) = &channel.policy_local {
                    complete(&mut policy, listed);
                }
                channel.policy_local = Some(policy);
            }
        }
    }

    /// Finds our channels in the graph: by short id, else by the pair of nodes where that pair has one channel. Also
    /// finds our own node, as the other end of our channels, where no document told it.
    fn join_graph(&mut self, graph: &Graph) {
        let places = self.places();
        let mut own = OwnNode::default();
        let mut found = vec![false; self.channels.len()];
        for direction in graph.directions() {
            let Some(&at) = places.get(&direction.scid) else { continue };
            let channel = &mut self.channels[at];
            let Some(peer) = channel.peer.as_ref().and_then(|peer| graph.node(&peer.to_bytes()?)) else {
                continue;
            };
            if direction.from == peer {
                own.see(direction.to);
                join_policy(&mut channel.policy_remote, &direction.policy);
            } else if direction.to == peer {
                own.see(direction.from);
                join_policy(&mut channel.policy_local, &direction.policy);
            } else {
                continue;
            }
            found[at] = true;
        }
        let told = self.node.id.as_ref().and_then(|id| graph.node(&id.to_bytes()?));
        self.describe_peers(graph);
        let Some(own) = told.or_else(|| own.node()) else { return };
        if self.node.id.is_none() {
            self.node.id = graph.id(own).map(|id| PeerId::new(&hex(id)));
        }
        if self.node.alias.is_none() {
            self.node.alias = graph.alias(own).map(str::to_owned);
        }
        if self.node.splices == Knowledge::Unknown {
            self.node.splices = graph.splices(own);
        }
        self.join_pairs(graph, own, &found);
    }

    /// Channels whose short id the graph does not know take the policies of the only channel between the two nodes.
    fn join_pairs(&mut self, graph: &Graph, own: NodeIndex, found: &[bool]) {
        let mut per_peer: HashMap<PeerId, usize> = HashMap::new();
        for channel in &self.channels {
            if let Some(peer) = &channel.peer {
                *per_peer.entry(peer.clone()).or_default() += 1;
            }
        }
        for (channel, found) in self.channels.iter_mut().zip(found) {
            let lone = channel.peer.as_ref().filter(|peer| per_peer.get(*peer) == Some(&1));
            let public = channel.private != Some(true);
            let Some(peer) = lone.and_then(|peer| graph.node(&peer.to_bytes()?)) else { continue };
            if *found || !public {
                continue;
            }
            if let Some(policy) = only(graph, peer, own) {
                join_policy(&mut channel.policy_remote, policy);
            }
            if let Some(policy) = only(graph, own, peer) {
                join_policy(&mut channel.policy_local, policy);
            }
        }
    }

    /// Takes aliases and features of our peers from the graph.
    fn describe_peers(&mut self, graph: &Graph) {
        let ids: Vec<PeerId> = self.channels.iter().filter_map(|channel| channel.peer.clone()).collect();
        for id in ids {
            let Some(node) = id.to_bytes().and_then(|bytes| graph.node(&bytes)) else { continue };
            let peer = self.peers.entry(id).or_default();
            if peer.alias.is_none() {
                peer.alias = graph.alias(node).map(str::to_owned);
            }
            if peer.splices == Knowledge::Unknown {
                peer.splices = graph.splices(node);
            }
        }
    }

    /// Every short id or alias by which a document may name one of our channels.
    fn places(&self) -> HashMap<u64, usize> {
        let mut places = HashMap::with_capacity(self.channels.len() + self.aliases.len());
        let by_key: HashMap<&ChannelKey, usize> =
            self.channels.iter().enumerate().map(|(at, channel)| (&channel.key, at)).collect();
        for (key, alias) in &self.aliases {
            if let Some(at) = by_key.get(key) {
                places.insert(*alias, *at);
            }
        }
        for (at, channel) in self.channels.iter().enumerate() {
            if let Some(scid) = channel.scid {
                places.insert(scid.to_u64(), at);
            }
        }
        places
    }

    fn join_updates(&mut self) {
        if self.updates.is_empty() {
            return;
        }
        let places = self.places();
        let own = self.node.id.clone();
        let mut strange = false;
        for Update { scid, by_first_node, policy } in std::mem::take(&mut self.updates) {
            let Some(&at) = places.get(&scid) else { continue };
            let channel = &mut self.channels[at];
            let (Some(own), Some(peer)) = (&own, &channel.peer) else {
                strange = true;
                continue;
            };
            let ours = by_first_node == (own < peer);
            let side = if ours { &mut channel.policy_local } else { &mut channel.policy_remote };
            match side {
                Some(known) => complete(known, &policy),
                None => *side = Some(policy),
            }
        }
        if strange {
            self.notes.general(
                "update_sender_unknown",
                "channel updates do not name their sender, and our own node id is not known; they are left out",
            );
        }
    }

    fn join_balances(&mut self) {
        if self.balances.is_empty() {
            return;
        }
        let places = self.places();
        for balance in std::mem::take(&mut self.balances) {
            if let Some(&at) = balance.scids.iter().find_map(|scid| places.get(scid)) {
                self.channels[at].spendable = balance.spendable;
                self.channels[at].receivable = balance.receivable;
            }
        }
    }

    fn join_peers(&mut self) {
        if let Some((alias, splices)) = self.node.id.as_ref().and_then(|id| self.announced.get(id)) {
            self.node.alias = self.node.alias.take().or_else(|| alias.clone());
            if self.node.splices == Knowledge::Unknown {
                self.node.splices = *splices;
            }
        }
        for channel in &mut self.channels {
            let Some(id) = &channel.peer else { continue };
            let known = self.peers.entry(id.clone()).or_default();
            if let Some((alias, splices)) = self.announced.get(id) {
                known.alias = known.alias.take().or_else(|| alias.clone());
                if known.splices == Knowledge::Unknown {
                    known.splices = *splices;
                }
            }
            if channel.peer_alias.is_some() {
                known.alias.clone_from(&channel.peer_alias);
            } else {
                channel.peer_alias.clone_from(&known.alias);
            }
            if channel.peer_splices == Knowledge::Unknown {
                channel.peer_splices = known.splices;
            } else {
                known.splices = channel.peer_splices;
            }
        }
    }

    /// The payments that came back to us: the last hop is our own node, or first and last channel are both ours.
    fn self_payments(&mut self, pages: Vec<Vec<PaymentPart>>) -> Vec<SelfPayment> {
        let keys: HashSet<&ChannelKey> = self.channels.iter().map(|channel| &channel.key).collect();
        let parts = pages::join(pages);
        let own = self.node.id.as_ref();
        let ours = |key: &Option<ChannelKey>| key.as_ref().is_some_and(|key| keys.contains(key));
        let to_us = |part: &PaymentPart| match (&part.destination, own) {
            (Some(destination), Some(own)) => destination == own,
            _ => part.hops > 1 && ours(&part.outgoing) && ours(&part.incoming),
        };
        if own.is_none() && parts.iter().any(|part| part.hops < 2 || part.incoming.is_none()) {
            note_unknown_node(&mut self.notes);
        }
        let mut payments: Vec<SelfPayment> = parts
            .into_iter()
            .filter(to_us)
            .map(|part| SelfPayment {
                outgoing: part.outgoing,
                incoming: part.incoming,
                ..SelfPayment::new(part.time_ns, part.amount, part.fee)
            })
            .collect();
        payments.sort_by_key(|payment| payment.time_ns);
        payments
    }
}

fn note_unknown_node(notes: &mut Notes) {
    notes.general(
        "own_node_unknown",
        "our own node id is not known (add getinfo), so payments to ourselves may be missed",
    );
}

/// The node at the other end of our channels, as long as all of them agree.
#[derive(Default)]
struct OwnNode {
    seen: Option<NodeIndex>,
    contradicted: bool,
}

impl OwnNode {
    fn see(&mut self, node: NodeIndex) {
        self.contradicted |= self.seen.is_some_and(|seen| seen != node);
        self.seen = Some(node);
    }

    fn node(&self) -> Option<NodeIndex> {
        self.seen.filter(|_| !self.contradicted)
    }
}

/// The policy of the only channel from one node to another.
fn only(graph: &Graph, from: NodeIndex, to: NodeIndex) -> Option<&EdgePolicy> {
    let mut between = graph.arriving(to).iter().filter(|direction| direction.from == from);
    let first = between.next()?;
    between.next().is_none().then_some(&first.policy)
}

fn join_policy(side: &mut Option<Policy>, edge: &EdgePolicy) {
    let policy = Policy {
        htlc_minimum: Some(edge.htlc_minimum),
        htlc_maximum: Some(edge.htlc_maximum).filter(|maximum| *maximum != Msat::MAX),
        disabled: Some(edge.disabled),
        ..Policy::new(edge.base, edge.ppm)
    };
    match side {
        Some(known) => complete(known, &policy),
        None => *side = Some(policy),
    }
}

/// Fills what `policy` does not tell from another statement of the same side.
fn complete(policy: &mut Policy, from: &Policy) {
    policy.inbound_base_msat = policy.inbound_base_msat.or(from.inbound_base_msat);
    policy.inbound_ppm = policy.inbound_ppm.or(from.inbound_ppm);
    policy.htlc_minimum = policy.htlc_minimum.or(from.htlc_minimum);
    policy.htlc_maximum = policy.htlc_maximum.or(from.htlc_maximum);
    policy.disabled = policy.disabled.or(from.disabled);
}

/// The forwards of all pages in order of time. A cut shows in the newest page only: earlier full pages were continued.
fn history(forwards: Vec<ForwardPage>, peers: Option<Vec<PeerFlow>>) -> Option<ForwardHistory> {
    if forwards.is_empty() && peers.is_none() {
        return None;
    }
    let newest = |page: &ForwardPage| page.events.iter().map(|(event, _)| event.time_ns).max();
    let truncation = forwards.iter().max_by_key(|page| newest(page)).and_then(|page| page.truncation);
    let joined = pages::join(forwards.into_iter().map(|page| page.events).collect());
    let mut events: Vec<_> = joined.into_iter().map(|(event, _)| event).collect();
    events.sort_by_key(|event| event.time_ns);
    Some(ForwardHistory { events, peers: peers.unwrap_or_default(), truncation })
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
