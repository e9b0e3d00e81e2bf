//! What a circular route costs: from the graph where there is one, else the stated assumption.

use channel_core::Msat;

use super::Context;
use super::rebalance::RoutePrice;
use crate::economic::evidence::LastHop;
use crate::economic::rate::ppm_of;
use crate::economic::route::RouteFinder;
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

/// Finds routes towards one target after another.
#[derive(Debug)]
pub(crate) struct Router<'a> {
    graph: Option<(&'a Graph, RouteFinder<'a>)>,
    /// The target of the current search and its amount; `None` when its peer is not in the graph.
    current: Option<(usize, Msat)>,
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
            (graph, RouteFinder::new(graph, us(graph), options.route_risk_ppm, options.max_hops))
        });
        Self { graph, current: None }
    }

    /// Searches from every node to us, in through the channel at `target`, for `amount`.
    pub(crate) fn towards(&mut self, context: &Context<'_>, target: usize, amount: Msat) {
        self.current = None;
        let Some((graph, finder)) = &mut self.graph else {
            self.current = Some((target, amount));
            return;
        };
        let evidence = context.channel(target);
        let last = evidence.last_hop.unwrap_or(LastHop { base: Msat::ZERO, ppm: 0, disabled: false });
        if let Some(peer) = node_of(graph, context, target).filter(|_| !last.disabled) {
            finder.search(peer, last, amount);
            self.current = Some((target, amount));
        }
    }

    /// The route of the current search that leaves through the channel at `source`.
    pub(crate) fn from(&self, context: &Context<'_>, source: usize) -> Option<Found> {
        let (target, amount) = self.current?;
        let evidence = context.channel(target);
        let private = evidence.channel.private == Some(true);
        let Some((graph, finder)) = &self.graph else {
            return Some(assumed(context, evidence.last_hop, private));
        };
        let route = finder.route(node_of(graph, context, source)?)?;
        let fee_ppm = ppm_of(route.fee, amount)?;
        let own = |at: usize| context.channel(at).channel.key.to_string();
        let mut path = vec![own(source)];
        path.extend(route.scids.iter().map(ToString::to_string));
        path.push(own(target));
        Some(Found {
            price: RoutePrice { fee_ppm, success_ppm: route.success_ppm },
            summary: RouteSummary {
                origin: "graph".to_owned(),
                fee_ppm,
                success_ppm: route.success_ppm,
                hops: u8::try_from(path.len()).ok(),
                path,
            },
            last_hop_known: evidence.last_hop.is_some().into(),
        })
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

/// The stated price, or what the last hop alone asks where that is known to be more.
fn assumed(context: &Context<'_>, last_hop: Option<LastHop>, private: bool) -> Found {
    let fee_ppm = context.options.assumed_route_ppm.max(last_hop.map_or(0, |hop| hop.ppm));
    let success_ppm = context.options.assumed_success_ppm;
    Found {
        price: RoutePrice { fee_ppm, success_ppm },
        summary: RouteSummary {
            origin: "assumed".to_owned(),
            fee_ppm,
            success_ppm,
            hops: None,
            path: Vec::new(),
        },
        last_hop_known: if private && last_hop.is_none() { Knowledge::Unknown } else { Knowledge::Yes },
    }
}
