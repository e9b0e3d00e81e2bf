//! Routes on small graphs, against hand-worked figures and against every simple path.

use proptest::prelude::*;

use super::*;
use crate::snapshot::{EdgePolicy, GraphBuilder};

mod mainnet;

#[derive(Debug, Clone, Copy)]
struct TestEdge {
    from: usize,
    to: usize,
    capacity: u64,
    base: u64,
    ppm: u32,
    disabled: bool,
}

fn graph(nodes: usize, edges: &[TestEdge]) -> (Graph, Vec<NodeIndex>) {
    let mut builder = GraphBuilder::with_capacity(nodes, edges.len());
    let ids: Vec<_> = (0..nodes).map(|n| builder.node([u8::try_from(n).unwrap(); 33])).collect();
    for (edge, scid) in edges.iter().zip(0..) {
        let policy =
            EdgePolicy::new(Msat::from_msat(edge.base), edge.ppm, Msat::ZERO, Msat::MAX, edge.disabled);
        builder.direction(ids[edge.from], ids[edge.to], scid, Msat::from_msat(edge.capacity), policy);
    }
    (builder.build(), ids)
}

const fn edge(from: usize, to: usize, capacity: u64, base: u64, ppm: u32) -> TestEdge {
    TestEdge { from, to, capacity, base, ppm, disabled: false }
}

const FREE: LastHop = LastHop { base: Msat::ZERO, ppm: 0, disabled: false };
const WIDE: u64 = 1_000_000_000_000_000;

fn scids(route: &Route) -> Vec<u64> {
    route.scids.iter().map(|scid| scid.to_u64()).collect()
}

#[test]
fn fees_add_up_from_the_end() {
    let (graph, ids) = graph(3, &[edge(0, 1, WIDE, 1000, 100), edge(1, 2, WIDE, 0, 1000)]);
    let mut finder = RouteFinder::new(&graph, None);
    let last_hop = LastHop { base: Msat::from_msat(500), ppm: 10, disabled: false };
    let amount = Msat::from_msat(100_000_000);
    let tree = finder.routes_to(ids[2], last_hop, amount);
    let route = tree.route(ids[0]).unwrap();
    // Last hop 1,500; then 0.1 % of 100,001,500 = 100,001; then 1,000 + 0.01 % of 100,101,501 = 11,010.
    assert_eq!(route.fee, Msat::from_msat(1500 + 100_001 + 11_010));
    assert_eq!((route.hops, scids(&route)), (4, vec![0, 1]));
    assert_eq!(route.fee_ppm(amount), 1126);
    assert_eq!(tree.route(ids[1]).unwrap().hops, 3);
    assert_eq!(tree.route(ids[2]), None);
}

#[test]
fn risk_decides_between_cheap_and_wide_channels() {
    // 100,000 sat through 200,000 sat: p = 1/2, risk 300 ppm x ln 2 = 207 ppm; through 10,000,000 sat: 3 ppm.
    let amount = Msat::from_msat(100_000_000);
    let edges = [edge(0, 1, 200_000_000, 0, 10), edge(0, 1, 10_000_000_000, 0, 200)];
    let (graph, ids) = graph(2, &edges);
    let mut finder = RouteFinder::new(&graph, None);
    let route = finder.find(ids[0], ids[1], FREE, amount).unwrap();
    assert_eq!((scids(&route), route.success_ppm), (vec![1], 990_000));
    let mut fearless = finder.with_risk_ppm(0);
    let route = fearless.find(ids[0], ids[1], FREE, amount).unwrap();
    assert_eq!((scids(&route), route.success_ppm), (vec![0], 500_000));
}

#[test]
fn unusable_directions_are_skipped() {
    let mut edges = [edge(0, 1, WIDE, 0, 0), edge(0, 1, 1000, 0, 1), edge(0, 1, WIDE, 0, 900)];
    edges[0].disabled = true;
    let (graph, ids) = graph(2, &edges);
    let mut finder = RouteFinder::new(&graph, None);
    assert_eq!(scids(&finder.find(ids[0], ids[1], FREE, Msat::from_msat(1000)).unwrap()), [2]);
    assert_eq!(scids(&finder.find(ids[0], ids[1], FREE, Msat::from_msat(999)).unwrap()), [1]);
    let off = LastHop { disabled: true, ..FREE };
    assert_eq!(finder.find(ids[0], ids[1], off, Msat::ONE), None);
    assert_eq!(finder.find(ids[0], ids[1], FREE, Msat::ZERO), None);
    assert_eq!(finder.find(ids[0], ids[1], FREE, Msat::MAX), None);
}

#[test]
fn htlc_limits_bind_what_is_forwarded_with_the_fees_behind() {
    let mut builder = GraphBuilder::with_capacity(2, 2);
    let [a, b] = [1, 2].map(|n| builder.node([n; 33]));
    let limits =
        |least, most| EdgePolicy::new(Msat::ZERO, 0, Msat::from_msat(least), Msat::from_msat(most), false);
    builder.direction(a, b, 1, Msat::from_msat(WIDE), limits(0, 1009));
    builder.direction(a, b, 2, Msat::from_msat(WIDE), limits(1010, 5000));
    let mut finder = RouteFinder::new(&builder.build(), None);
    let scid_at = |finder: &mut RouteFinder, base| {
        let hop = LastHop { base: Msat::from_msat(base), ..FREE };
        finder.find(a, b, hop, Msat::from_msat(1000)).map(|route| scids(&route))
    };
    assert_eq!(scid_at(&mut finder, 9), Some(vec![1]));
    assert_eq!(scid_at(&mut finder, 10), Some(vec![2]));
    assert_eq!(scid_at(&mut finder, 4001), None);
}

#[test]
fn our_own_node_is_never_in_the_middle() {
    let edges = [edge(0, 1, WIDE, 0, 1), edge(1, 2, WIDE, 0, 1), edge(0, 2, WIDE, 0, 900)];
    let (graph, ids) = graph(3, &edges);
    let amount = Msat::from_msat(1_000_000);
    let through = |us: Option<NodeIndex>| {
        RouteFinder::new(&graph, us).find(ids[0], ids[2], FREE, amount).map(|route| scids(&route))
    };
    assert_eq!(through(None), Some(vec![0, 1]));
    assert_eq!(through(Some(ids[1])), Some(vec![2]));
}

#[test]
fn a_limit_of_hops_takes_the_cheapest_way_within_it() {
    // A free chain 0 → 1 → 2 → 3 → 4, a shortcut 1 → 4 for 50 ppm and one 0 → 4 for 100 ppm.
    let mut edges: Vec<_> = (0..4).map(|n| edge(n, n + 1, WIDE, 0, 1)).collect();
    edges.extend([edge(1, 4, WIDE, 0, 50), edge(0, 4, WIDE, 0, 100)]);
    let (graph, ids) = graph(5, &edges);
    let amount = Msat::from_msat(1_000_000);
    let within = |max_hops| {
        let mut finder = RouteFinder::new(&graph, None).with_max_hops(max_hops);
        let route = finder.find(ids[0], ids[4], FREE, amount)?;
        assert!(route.hops <= max_hops);
        Some(scids(&route))
    };
    assert_eq!(within(6), Some(vec![0, 1, 2, 3]));
    assert_eq!(within(5), Some(vec![0, 4]));
    assert_eq!(within(4), Some(vec![0, 4]));
    assert_eq!(within(3), Some(vec![5]));
    assert_eq!([within(2), within(1), within(0)], [None, None, None]);
}

/// The cost of an edge as the module states it, from floats.
fn cost(edges: &[TestEdge], path: &[usize], amount: u64) -> u64 {
    let halving = logarithm::price_of_halving(amount, 300);
    path.iter()
        .map(|at| {
            let edge = edges[*at];
            let risk = logarithm::risk_price(logarithm::log2(edge.capacity), edge.capacity - amount, halving);
            edge.base + amount * u64::from(edge.ppm) / 1_000_000 + risk
        })
        .sum()
}

/// The cheapest simple path by trying all of them.
fn brute_force(edges: &[TestEdge], ends: (usize, usize), max_edges: usize, amount: u64) -> Option<u64> {
    fn extend(
        edges: &[TestEdge],
        (at, end): (usize, usize),
        left: usize,
        amount: u64,
        seen: &mut Vec<usize>,
    ) -> Option<u64> {
        if at == end {
            return Some(0);
        }
        if left == 0 {
            return None;
        }
        let mut best = None;
        for (number, edge) in edges.iter().enumerate() {
            if edge.from != at
                || edge.disabled
                || edge.capacity <= amount + 100_000
                || seen.contains(&edge.to)
            {
                continue;
            }
            seen.push(edge.to);
            let rest = extend(edges, (edge.to, end), left - 1, amount, seen);
            seen.pop();
            let whole = rest.map(|rest| rest + cost(edges, &[number], amount));
            best = best.into_iter().chain(whole).min();
        }
        best
    }
    extend(edges, ends, max_edges, amount, &mut vec![ends.0])
}

const AMOUNT: u64 = 1_000_000;

fn any_edge(nodes: usize) -> impl Strategy<Value = TestEdge> {
    // Capacities lie well away from the payment and its fees.
    let capacity = prop_oneof![Just(900_000), 1_200_000_u64..20_000_000];
    (0..nodes, 0..nodes, capacity, 0_u64..300, 0_u32..3000, prop::bool::weighted(0.1)).prop_map(
        |(from, to, capacity, base, ppm, disabled)| TestEdge { from, to, capacity, base, ppm, disabled },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn no_simple_path_within_the_limit_is_cheaper(
        edges in prop::collection::vec(any_edge(7), 0..26),
        max_hops in 2_u8..10,
    ) {
        let (graph, ids) = graph(7, &edges);
        let mut finder = RouteFinder::new(&graph, None).with_max_hops(max_hops);
        let tree = finder.routes_to(ids[6], FREE, Msat::from_msat(AMOUNT));
        for (source, id) in ids.iter().enumerate().take(6) {
            let best = brute_force(&edges, (source, 6), usize::from(max_hops) - 2, AMOUNT);
            let route = tree.route(*id);
            let found = route.as_ref().map(|route| {
                let path: Vec<_> = scids(route).into_iter().map(|scid| usize::try_from(scid).unwrap()).collect();
                assert_eq!(edges[path[0]].from, source);
                assert_eq!(edges[*path.last().unwrap()].to, 6);
                assert!(path.windows(2).all(|pair| edges[pair[0]].to == edges[pair[1]].from));
                cost(&edges, &path, AMOUNT)
            });
            prop_assert_eq!(found, best, "source {}", source);
            if let Some(route) = route {
                prop_assert!(route.hops <= max_hops && usize::from(route.hops) == route.scids.len() + 2);
            }
        }
    }

    #[test]
    fn one_search_serves_all_sources_alike(
        edges in prop::collection::vec(any_edge(6), 0..20), amount in prop_oneof![Just(1), Just(u64::MAX), any::<u64>()],
    ) {
        let (graph, ids) = graph(6, &edges);
        let mut finder = RouteFinder::new(&graph, Some(ids[0]));
        let mut other = finder.clone();
        for target in &ids {
            let tree = finder.routes_to(*target, FREE, Msat::from_msat(amount));
            for source in &ids {
                prop_assert_eq!(tree.route(*source), other.find(*source, *target, FREE, Msat::from_msat(amount)));
            }
        }
    }
}
