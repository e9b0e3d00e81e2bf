//! What a circular route costs: from the graph where there is one, else the stated assumption.

use channel_core::Msat;

use super::Context;
use super::rebalance::RoutePrice;
use crate::economic::evidence::LastHop;
use crate::economic::route::{Route, RouteFinder};
use crate::plan::RouteSummary;
use crate::snapshot::{Graph, Knowledge, NodeIndex};

/// A route, priced.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// Its price.
    pub(crate) price: RoutePrice,
    /// The same for the plan, with the path.
    pub(crate) summary: RouteSummary,
    /// Whether the fee of the last hop is known.
    pub(crate) last_hop_known: Knowledge,
}

/// Finds routes towards one target after another; without a graph every route is the assumed one.
#[derive(Debug)]
pub(crate) struct Router<'a> {
    graph: Option<(&'a Graph, RouteFinder)>,
}

impl<'a> Router<'a> {
    /// A router over the snapshot's graph, or over the assumption.
    pub(crate) fn new(context: &Context<'a>) -> Self {
        let us = |graph: &Graph| {
            let id = context.snapshot.node.id.as_ref()?.to_bytes()?;
            graph.node(&id)
        };
        let options = context.options;
        let graph = context.snapshot.graph.as_ref().map(|graph| {
            let finder = RouteFinder::new(graph, us(graph));
            (graph, finder.with_max_hops(options.max_hops).with_risk_ppm(options.route_risk_ppm))
        });
        Self { graph }
    }

    /// The routes from each source to us, in through the channel at `target`, for `amount`; in the order of `sources`.
    pub(crate) fn towards(
        &mut self,
        context: &Context<'_>,
        target: usize,
        amount: Msat,
        sources: &[usize],
    ) -> Vec<Option<Found>> {
        let evidence = context.channel(target);
        let Some((graph, finder)) = &mut self.graph else {
            let private = evidence.channel.private == Some(true);
            return sources.iter().map(|_| Some(assumed(context, evidence.last_hop, private))).collect();
        };
        let Some(peer) = node_of(graph, context, target) else { return vec![None; sources.len()] };
        let last = evidence.last_hop.unwrap_or(LastHop { base: Msat::ZERO, ppm: 0, disabled: false });
        let routes = finder.routes_to(peer, last, amount);
        let found = |source: &usize| {
            let route = routes.route(node_of(graph, context, *source)?)?;
            Some(found(context, *source, target, &route, amount))
        };
        sources.iter().map(found).collect()
    }

    /// Why a search found nothing.
    pub(crate) const fn no_route_text(&self) -> &'static str {
        match self.graph {
            Some(_) => "the graph holds no usable route from any channel with coins to spare",
            None => "no other channel has coins to spare for it",
        }
    }
}

fn node_of(graph: &Graph, context: &Context<'_>, at: usize) -> Option<NodeIndex> {
    graph.node(&context.channel(at).channel.peer.as_ref()?.to_bytes()?)
}

fn found(context: &Context<'_>, source: usize, target: usize, route: &Route, amount: Msat) -> Found {
    let own = |at: usize| context.channel(at).channel.key.to_string();
    let between = route.scids.iter().map(ToString::to_string);
    let fee_ppm = route.fee_ppm(amount);
    Found {
        price: RoutePrice { fee_ppm, success_ppm: route.success_ppm },
        summary: RouteSummary {
            origin: "graph".into(),
            fee_ppm,
            success_ppm: route.success_ppm,
            hops: Some(route.hops),
            path: std::iter::once(own(source)).chain(between).chain([own(target)]).collect(),
        },
        last_hop_known: context.channel(target).last_hop.is_some().into(),
    }
}

/// The stated price, or what the last hop alone asks where that is known to be more.
fn assumed(context: &Context<'_>, last_hop: Option<LastHop>, private: bool) -> Found {
    let fee_ppm = context.options.assumed_route_ppm.max(last_hop.map_or(0, |hop| hop.ppm));
    let success_ppm = context.options.assumed_success_ppm;
    Found {
        price: RoutePrice { fee_ppm, success_ppm },
        summary: RouteSummary {
            origin: "assumed".into(),
            fee_ppm,
            success_ppm,
            hops: None,
            path: Vec::new(),
        },
        last_hop_known: if private && last_hop.is_none() { Knowledge::Unknown } else { Knowledge::Yes },
    }
}
