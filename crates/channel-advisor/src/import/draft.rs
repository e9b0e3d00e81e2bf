//! What the documents told so far, before it is joined.

use std::collections::{BTreeMap, HashSet};

use channel_core::{FeerateKw, Msat, ShortChannelId};

use super::notes::Notes;
use super::rows::{Rows, Source};
use super::scalar::Row;
use super::{ChannelProblem, DocumentKind, ImportError, cln, eclair, ldk, lnd, table};
use crate::snapshot::{
    ChannelKey, ChannelSnapshot, Forward, GraphBuilder, Knowledge, NodeInfo, PeerFlow, PeerId, PeerInfo,
    Policy, Truncation, WalletCoins,
};

/// Everything collected, not yet joined.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) channels: Vec<ChannelSnapshot>,
    pub(super) node: NodeInfo,
    pub(super) peers: BTreeMap<PeerId, PeerInfo>,
    /// What nodes announce to the network; what a peer told us itself is newer.
    pub(super) announced: BTreeMap<PeerId, (Option<String>, Knowledge)>,
    pub(super) forwards: Vec<ForwardPage>,
    pub(super) peer_flows: Option<Vec<PeerFlow>>,
    pub(super) payments: Option<Vec<Vec<PaymentPart>>>,
    /// Our own fees, by the channel's name in the listing.
    pub(super) own_policies: Vec<(ChannelKey, Policy)>,
    pub(super) updates: Vec<Update>,
    pub(super) balances: Vec<Balance>,
    pub(super) aliases: Vec<(ChannelKey, u64)>,
    pub(super) graph: GraphBuilder,
    pub(super) graph_given: bool,
    pub(super) feerate: Option<FeerateKw>,
    pub(super) wallet: Option<WalletCoins>,
    pub(super) notes: Notes,
}

impl Draft {
    /// Adds the channels of a listing that are open, each as `read` reads it.
    ///
    /// # Errors
    /// That of the first channel that cannot be read or is listed twice.
    pub(super) fn admit<T>(
        &mut self,
        rows: &Rows<'_, T>,
        is_open: impl Fn(&T, &mut Notes) -> bool,
        read: impl Fn(&Row<'_>, &T, &mut Notes) -> Result<ChannelSnapshot, ImportError>,
    ) -> Result<(), ImportError> {
        let mut keys = Keys::default();
        self.channels.reserve(rows.len());
        for (row, channel) in rows.iter() {
            if is_open(channel, &mut self.notes) {
                let snapshot = read(&row, channel, &mut self.notes)?;
                keys.admit(&row, &snapshot.key)?;
                self.channels.push(snapshot);
            }
        }
        Ok(())
    }
}

/// A page of settled forwards, with each forward's own number where the listing has one.
#[derive(Debug, Default)]
pub(super) struct ForwardPage {
    pub(super) events: Vec<(Forward, Option<u64>)>,
    pub(super) truncation: Option<Truncation>,
}

/// A settled payment, or one part of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct PaymentPart {
    pub(super) time_ns: i64,
    pub(super) outgoing: Option<ChannelKey>,
    pub(super) incoming: Option<ChannelKey>,
    pub(super) destination: Option<PeerId>,
    /// How many channels it went through, as far as told.
    pub(super) hops: usize,
    pub(super) amount: Msat,
    pub(super) fee: Msat,
    /// The payment's hash or number, so that pages can be told apart.
    pub(super) label: Box<str>,
}

/// A channel update without node ids (Eclair's `allupdates`).
#[derive(Debug, Clone)]
pub(super) struct Update {
    pub(super) scid: u64,
    /// Whether the node with the smaller id sent it.
    pub(super) by_first_node: bool,
    pub(super) policy: Policy,
}

/// What a node reckons it can send and receive (Eclair's `channelbalances`).
#[derive(Debug, Clone)]
pub(super) struct Balance {
    pub(super) scids: Vec<u64>,
    pub(super) spendable: Option<Msat>,
    pub(super) receivable: Option<Msat>,
}

impl Draft {
    /// Reads one document of a known kind.
    pub(super) fn read(&mut self, kind: DocumentKind, source: &Source<'_>) -> Result<(), ImportError> {
        use DocumentKind as K;
        match kind {
            K::LndListChannels => lnd::channels(self, source),
            K::LndForwardingHistory => lnd::forwards(self, source),
            K::LndFeeReport => lnd::fees(self, source),
            K::LndDescribeGraph => lnd::graph(self, source),
            K::LndListPayments => lnd::payments(self, source),
            K::LndGetInfo => lnd::info(self, source),
            K::LndListPeers => lnd::peers(self, source),
            K::LndPendingChannels => lnd::pending(self, source),
            K::LndWalletBalance => lnd::wallet(self, source),
            K::ClnListPeerChannels => cln::channels(self, source),
            K::ClnListForwards => cln::forwards(self, source),
            K::ClnListChannels => cln::graph(self, source),
            K::ClnListFunds => cln::funds(self, source),
            K::ClnListNodes => cln::nodes(self, source),
            K::ClnListPays => cln::pays(self, source),
            K::ClnFeerates => cln::feerates(self, source),
            K::ClnGetInfo => cln::info(self, source),
            K::ClnListPeers => cln::peers(self, source),
            K::ClnChannelsApy => cln::apy(self, source),
            K::ClnSetChannel => cln::set_channel(self, source),
            K::EclairChannels => eclair::channels(self, source),
            K::EclairRelayStats => eclair::relay_stats(self, source),
            K::EclairChannelBalances => eclair::balances(self, source),
            K::EclairNodes => eclair::nodes(self, source),
            K::EclairAllUpdates => eclair::updates(self, source),
            K::EclairAudit => eclair::audit(self, source),
            K::EclairOnChainBalance => eclair::wallet(self, source),
            K::EclairGetInfo => eclair::info(self, source),
            K::LdkChannels => ldk::channels(self, source),
            K::LdkForwards => ldk::forwards(self, source),
            K::Table => table::channels(self, source),
        }
    }

    /// Adds what is known of a peer; a fact already known is not overwritten by "unknown".
    pub(super) fn peer(&mut self, id: PeerId, alias: Option<&str>, splices: Knowledge) {
        let peer = self.peers.entry(id).or_default();
        if let Some(alias) = alias {
            peer.alias = Some(alias.to_owned());
        }
        if splices != Knowledge::Unknown {
            peer.splices = splices;
        }
    }
}

/// The ids of a listing's channels, to refuse repeated ones.
#[derive(Debug, Default)]
pub(super) struct Keys(HashSet<ChannelKey>);

impl Keys {
    /// # Errors
    /// [`ChannelProblem::Duplicate`] when the id was there before.
    pub(super) fn admit(&mut self, row: &Row<'_>, key: &ChannelKey) -> Result<(), ImportError> {
        if self.0.insert(key.clone()) {
            Ok(())
        } else {
            Err(channel_error(row, key, ChannelProblem::Duplicate))
        }
    }
}

/// Refuses balances beyond the capacity.
///
/// # Errors
/// [`ChannelProblem::Overfull`].
pub(super) fn check_full(
    row: &Row<'_>,
    key: &ChannelKey,
    capacity: Msat,
    local: Msat,
    remote: Msat,
) -> Result<(), ImportError> {
    match local.checked_add(remote) {
        Some(sum) if sum <= capacity => Ok(()),
        _ => {
            let problem = ChannelProblem::Overfull {
                local_msat: local.to_msat(),
                remote_msat: remote.to_msat(),
                capacity_msat: capacity.to_msat(),
            };
            Err(channel_error(row, key, problem))
        }
    }
}

fn channel_error(row: &Row<'_>, key: &ChannelKey, problem: ChannelProblem) -> ImportError {
    ImportError::Channel {
        document: row.document.into(),
        path: row.place.to_string().into(),
        channel: key.clone(),
        problem,
    }
}

/// The block of a confirmed short id. Aliases stand beyond block 16,000,000 (LND) or are drawn at random.
pub(super) fn confirmed_height(scid: ShortChannelId) -> Option<u32> {
    const FIRST_ALIAS_BLOCK: u32 = 16_000_000;
    Some(scid.block_height()).filter(|height| (1..FIRST_ALIAS_BLOCK).contains(height))
}
