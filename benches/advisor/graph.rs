//! The graph: its import beside the JSON parser on the same bytes, and one route of a circular payment beside
//! petgraph's Dijkstra on the same directions at the same prices.
//!
//! Import's elements are bytes. A route's elements are routes: each iteration finds one for every pair.

mod document;

use std::borrow::Cow;
use std::hint::black_box;

use benches::{Draw, wanted};
use channel_advisor::channel_core::Msat;
use channel_advisor::economic::LastHop;
use channel_advisor::economic::route::RouteFinder;
use channel_advisor::snapshot::{EdgeDirection, Graph, NodeIndex};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use petgraph::algo::dijkstra;
use petgraph::graph::{DiGraph, NodeIndex as Place};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The fields of a graph that matter, as the parser can lend them: the least a reader can do with it.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    nodes: Vec<Node<'a>>,
    #[serde(borrow)]
    edges: Vec<Edge<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only the reading is measured")]
struct Node<'a> {
    pub_key: &'a str,
    #[serde(borrow)]
    alias: Cow<'a, str>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only the reading is measured")]
struct Edge<'a> {
    channel_id: &'a str,
    node1_pub: &'a str,
    node2_pub: &'a str,
    capacity: &'a str,
    #[serde(borrow)]
    node1_policy: Option<Terms<'a>>,
    #[serde(borrow)]
    node2_policy: Option<Terms<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only the reading is measured")]
struct Terms<'a> {
    min_htlc: &'a str,
    fee_base_msat: &'a str,
    fee_rate_milli_msat: &'a str,
    disabled: bool,
    max_htlc_msat: &'a str,
}

fn import(criterion: &mut Criterion) {
    if !wanted("graph") {
        return;
    }
    let (origin, document) = document::graph();
    let mut group = criterion.benchmark_group(format!("graph/import, {origin}"));
    group.sample_size(10).throughput(Throughput::Bytes(document.len() as u64));
    group.bench_function("floor: parser, skipping all", |bencher| {
        bencher.iter(|| serde_json::from_slice::<IgnoredAny>(&document).expect("the graph is JSON"));
    });
    group.bench_function("parser, fields lent", |bencher| {
        bencher.iter(|| {
            let fields: Fields<'_> = serde_json::from_slice(&document).expect("the graph has its fields");
            black_box(fields.nodes.len() + fields.edges.len())
        });
    });
    group.bench_function("import", |bencher| {
        bencher.iter_with_large_drop(|| document::import(&document));
    });
    group.finish();
}

const AMOUNT_MSAT: u64 = 200_000_000;
/// The price of a direction that cannot be used: dearer than any route.
const UNUSABLE: u64 = 1 << 50;
const PAIRS: usize = 16;
const FREE: LastHop = LastHop::new(Msat::ZERO, 0);

fn route(criterion: &mut Criterion) {
    if !wanted("graph") {
        return;
    }
    let (origin, document) = document::graph();
    let graph = document::import(&document).graph.expect("a graph was given");
    let directions = graph.directions();
    let priced = reversed(&graph, |at| price(&directions[at as usize]));
    let all = reversed(&graph, Some);
    let mut finder = RouteFinder::new(&graph, None);
    let pairs = pairs(&graph, &mut finder);
    let mut group = criterion.benchmark_group(format!("graph/route, {origin}"));
    group.sample_size(20).throughput(Throughput::Elements(pairs.len() as u64));
    group.bench_function("floor: petgraph, Dijkstra", |bencher| {
        bencher.iter(|| {
            for (source, target) in &pairs {
                black_box(dijkstra(&priced, place(*target), Some(place(*source)), |edge| *edge.weight()));
            }
        });
    });
    group.bench_function("floor: petgraph, Dijkstra, pricing on the way", |bencher| {
        bencher.iter(|| {
            for (source, target) in &pairs {
                let price = |at| price(&directions[at as usize]).unwrap_or(UNUSABLE);
                black_box(dijkstra(&all, place(*target), Some(place(*source)), |edge| price(*edge.weight())));
            }
        });
    });
    group.bench_function("route, amount priced before", |bencher| {
        bencher.iter(|| find(&mut finder, &pairs, |_| AMOUNT_MSAT));
    });
    group.bench_function("route, amount new each time", |bencher| {
        bencher.iter(|| find(&mut finder, &pairs, |number| AMOUNT_MSAT + number as u64 % 2));
    });
    group.finish();
}

fn find(finder: &mut RouteFinder, pairs: &[(NodeIndex, NodeIndex)], amount: impl Fn(usize) -> u64) {
    for (number, (source, target)) in pairs.iter().enumerate() {
        let amount = Msat::from_msat(amount(number));
        black_box(finder.find(*source, *target, FREE, amount));
    }
}

/// Pairs of well-connected nodes between which there is a route.
fn pairs(graph: &Graph, finder: &mut RouteFinder) -> Vec<(NodeIndex, NodeIndex)> {
    let mut nodes: Vec<NodeIndex> = graph.directions().iter().map(|edge| edge.to).collect();
    nodes.dedup();
    nodes.retain(|node| graph.arriving(*node).len() >= 20);
    let mut draw = Draw::new(3);
    let mut any = || draw.one_of(&nodes);
    std::iter::from_fn(|| Some((any(), any())))
        .filter(|(source, target)| {
            finder.find(*source, *target, FREE, Msat::from_msat(AMOUNT_MSAT)).is_some()
        })
        .take(PAIRS)
        .collect()
}

/// The directions from target to source, as the search goes, each with what `weight` gives for its place; those
/// without a weight are left out.
fn reversed<W>(graph: &Graph, weight: impl Fn(u32) -> Option<W>) -> DiGraph<(), W, u32> {
    let mut reversed = DiGraph::with_capacity(graph.node_count(), graph.direction_count());
    for _ in 0..graph.node_count() {
        reversed.add_node(());
    }
    for (at, edge) in (0..).zip(graph.directions()) {
        if let Some(weight) = weight(at) {
            reversed.add_edge(place(edge.to), place(edge.from), weight);
        }
    }
    reversed
}

/// Fee and 300 ppm of the payment per unit of −ln of the chance, in msat.
#[expect(clippy::cast_precision_loss, reason = "a yardstick's prices need not be exact")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
fn price(edge: &EdgeDirection) -> Option<u64> {
    let (capacity, policy) = (edge.capacity.to_msat(), &edge.policy);
    let fits = AMOUNT_MSAT <= policy.htlc_maximum.to_msat() && AMOUNT_MSAT >= policy.htlc_minimum.to_msat();
    let usable = fits && !policy.disabled && capacity > AMOUNT_MSAT;
    usable.then(|| {
        let chance = (capacity - AMOUNT_MSAT) as f64 / capacity as f64;
        let risk = AMOUNT_MSAT as f64 * 300e-6 * -chance.ln();
        policy.fee(Msat::from_msat(AMOUNT_MSAT)).to_msat() + risk as u64
    })
}

fn place(node: NodeIndex) -> Place<u32> {
    Place::new(node.as_usize())
}

criterion_group!(benches, import, route);
criterion_main!(benches);
