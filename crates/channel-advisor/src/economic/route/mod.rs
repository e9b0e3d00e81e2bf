//! stub
use super::evidence::LastHop;
use crate::snapshot::*;
use channel_core::*;
#[derive(Debug)]
pub struct Route {
    pub fee: Msat,
    pub success_ppm: u32,
    pub scids: Vec<ShortChannelId>,
}
#[derive(Debug)]
pub struct RouteFinder<'a>(&'a Graph);
impl<'a> RouteFinder<'a> {
    pub fn new(g: &'a Graph, _u: Option<NodeIndex>, _r: u32, _h: u8) -> Self {
        Self(g)
    }
    pub fn search(&mut self, _p: NodeIndex, _l: LastHop, _a: Msat) {}
    pub fn route(&self, _s: NodeIndex) -> Option<Route> {
        None
    }
}
