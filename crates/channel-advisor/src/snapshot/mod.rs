//! The one canonical picture of a node that every importer reaches and every profile reads.
//!
//! A listing that does not tell a fact leaves `None`; nothing is guessed here. What a later step assumes in its place
//! is written down as an [`Assumption`].

mod channel;
mod flow;
mod graph;
mod node;

pub use channel::{
    ChannelKey, ChannelSnapshot, CommitmentKind, HtlcDirection, HtlcSnapshot, Knowledge, Policy,
};
pub use flow::{Forward, ForwardHistory, PeerFlow, SelfPayment, Truncation};
pub use graph::{EdgeDirection, EdgePolicy, Graph, GraphBuilder, NodeIndex};
pub use node::{Implementation, NodeInfo, PeerId, PeerInfo, WalletCoins};

use std::collections::BTreeMap;

use channel_core::FeerateKw;
use schemars::JsonSchema;
use serde::Serialize;

/// Everything known about one node at one time.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Snapshot {
    /// Which implementation the channel listing came from.
    pub implementation: Implementation,
    /// The node itself, as far as a listing tells.
    pub node: NodeInfo,
    /// The channels, in the order of the listing. Keys are unique (the importer refuses repeated ones).
    pub channels: Vec<ChannelSnapshot>,
    /// What is known of peers beside their channels, by node id.
    pub peers: BTreeMap<PeerId, PeerInfo>,
    /// Settled forwards. `None`: no listing of forwards was given, so flow is unknown (not zero).
    pub forwards: Option<ForwardHistory>,
    /// Payments from the node to itself (circular rebalances). `None`: no listing of payments was given.
    pub self_payments: Option<Vec<SelfPayment>>,
    /// The public graph. `None`: none was given.
    pub graph: Option<Graph>,
    /// The feerate the node's own estimator gives for an on-chain action of no hurry.
    pub feerate: Option<FeerateKw>,
    /// The node's own confirmed coins. `None`: unknown.
    pub wallet: Option<WalletCoins>,
    /// What the importers had to assume or leave out, in the order met.
    pub assumptions: Vec<Assumption>,
}

/// Something a plan rests on that no input stated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
pub struct Assumption {
    /// Stable, machine-readable name in snake case, such as `peer_dust_limit_unknown`.
    pub code: String,
    /// One sentence for people.
    pub text: String,
    /// How many channels it touches; `None` when it is about the node or the plan as a whole.
    pub channels: Option<u32>,
}

impl Assumption {
    /// An assumption about the node or the plan as a whole.
    pub fn new(code: &str, text: impl Into<String>) -> Self {
        Self { code: code.to_owned(), text: text.into(), channels: None }
    }

    /// An assumption about `channels` channels.
    pub fn about(code: &str, text: impl Into<String>, channels: usize) -> Self {
        Self {
            code: code.to_owned(),
            text: text.into(),
            channels: Some(u32::try_from(channels).unwrap_or(u32::MAX)),
        }
    }
}
