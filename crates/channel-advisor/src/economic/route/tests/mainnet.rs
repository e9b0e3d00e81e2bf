//! Routes on the sample of the public graph, against a plain search.

use super::*;
use crate::economic::samples;
use crate::snapshot::EdgeDirection;

#[test]
fn routes_of_the_public_graph_agree_with_a_plain_search() {
    let Some(graph) = samples::mainnet() else { return };
    let us = samples::node40().and_then(|snapshot| graph.node(&snapshot.node.id?.to_bytes()?)).unwrap();
    let amount = Msat::from_msat(200_000_000);
    let mut peers: Vec<NodeIndex> = graph.arriving(us).iter().map(|edge| edge.from).collect();
    peers.dedup();
    let peers = &peers[..peers.len().min(12)];
    let mut finder = RouteFinder::new(graph, Some(us));
    let mut found = 0;
    for target in peers {
        let costs = cheapest_by_rounds(graph, us, *target, amount.to_msat(), 6);
        let routes = finder.routes_to(*target, FREE, amount);
        for source in peers.iter().filter(|source| *source != target) {
            let route = routes.route(*source);
            let cost = route.as_ref().map(|route| route_cost(graph, *source, &route.scids, amount.to_msat()));
            assert_eq!(cost, costs[source.as_usize()], "{source:?} to {target:?}");
            if let Some(route) = route {
                assert!(route.hops <= 8 && !route.scids.is_empty());
                found += 1;
            }
        }
    }
    assert!(found > 50, "{found} routes");
}

/// The stated cost of a direction, `None` when it cannot be used. Limits near the payment are left to the fees.
fn stated_cost(edge: &EdgeDirection, amount: u64) -> Option<u64> {
    let rest = edge.capacity.to_msat().checked_sub(amount).filter(|rest| *rest > 0)?;
    let fits = amount <= edge.policy.htlc_maximum.to_msat() && !edge.policy.disabled;
    let halving = logarithm::price_of_halving(amount, 300);
    let risk = logarithm::risk_price(logarithm::log2(edge.capacity.to_msat()), rest, halving);
    fits.then(|| edge.policy.fee(Msat::from_msat(amount)).to_msat() + risk)
}

/// Bellman and Ford without any cleverness: every round looks at every direction.
fn cheapest_by_rounds(
    graph: &Graph,
    us: NodeIndex,
    target: NodeIndex,
    amount: u64,
    rounds: usize,
) -> Vec<Option<u64>> {
    let mut costs = vec![None; graph.node_count()];
    costs[target.as_usize()] = Some(0);
    for _ in 0..rounds {
        let before = costs.clone();
        for edge in graph.directions().iter().filter(|edge| edge.from != us && edge.to != us) {
            let through = before[edge.to.as_usize()].zip(stated_cost(edge, amount));
            if let Some(cost) = through.map(|(rest, cost)| rest + cost) {
                let best = &mut costs[edge.from.as_usize()];
                *best = Some(best.map_or(cost, |best: u64| best.min(cost)));
            }
        }
    }
    costs
}

fn route_cost(graph: &Graph, source: NodeIndex, scids: &[ShortChannelId], amount: u64) -> u64 {
    let mut at = source;
    let mut cost = 0;
    for scid in scids {
        let edge =
            graph.directions().iter().find(|edge| edge.scid == scid.to_u64() && edge.from == at).unwrap();
        cost += stated_cost(edge, amount).unwrap();
        at = edge.to;
    }
    cost
}
