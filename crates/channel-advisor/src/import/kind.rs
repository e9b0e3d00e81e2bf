//! Which documents can be imported, and what each of them is called.

use std::fmt;

use crate::snapshot::Implementation;

/// What a document is, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DocumentKind {
    /// `lncli listchannels`.
    LndListChannels,
    /// `lncli fwdinghistory`.
    LndForwardingHistory,
    /// `lncli feereport`.
    LndFeeReport,
    /// `lncli describegraph`.
    LndDescribeGraph,
    /// `lncli listpayments`.
    LndListPayments,
    /// `lncli getinfo`.
    LndGetInfo,
    /// `lncli listpeers`.
    LndListPeers,
    /// `lncli pendingchannels`; recognised and left out.
    LndPendingChannels,
    /// `lncli walletbalance`.
    LndWalletBalance,
    /// `lightning-cli listpeerchannels`.
    ClnListPeerChannels,
    /// `lightning-cli listforwards`.
    ClnListForwards,
    /// `lightning-cli listchannels`: the graph.
    ClnListChannels,
    /// `lightning-cli listfunds`.
    ClnListFunds,
    /// `lightning-cli listnodes`.
    ClnListNodes,
    /// `lightning-cli listpays`.
    ClnListPays,
    /// `lightning-cli feerates perkw`, or `perkb`.
    ClnFeerates,
    /// `lightning-cli getinfo`.
    ClnGetInfo,
    /// `lightning-cli listpeers`.
    ClnListPeers,
    /// `lightning-cli bkpr-channelsapy`; recognised and left out, since it tells no span.
    ClnChannelsApy,
    /// `lightning-cli setchannel`.
    ClnSetChannel,
    /// `eclair-cli channels`, or one channel of it.
    EclairChannels,
    /// `eclair-cli relaystats`.
    EclairRelayStats,
    /// `eclair-cli channelbalances` or `usablebalances`.
    EclairChannelBalances,
    /// `eclair-cli nodes`.
    EclairNodes,
    /// `eclair-cli allupdates`.
    EclairAllUpdates,
    /// `eclair-cli audit`.
    EclairAudit,
    /// `eclair-cli onchainbalance`.
    EclairOnChainBalance,
    /// `eclair-cli getinfo`.
    EclairGetInfo,
    /// LDK's `ChannelDetails` as JSON, or ldk-server's `list-channels`.
    LdkChannels,
    /// ldk-server's `list-forwarded-payments`; recognised and left out, since it tells no times.
    LdkForwards,
    /// A table of channels.
    Table,
}

/// A role that a flag forces a document into. Without one, the content alone decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// The listing of channels.
    Channels,
    /// Settled forwards (`--forwards`).
    Forwards,
    /// The node's own fees (`--fees`).
    Fees,
    /// The public graph (`--graph`); may come from another implementation than the channels.
    Graph,
    /// Payments made (`--payments`).
    Payments,
    /// The wallet's coins (`--funds`).
    Funds,
    /// What peers announce (`--features`).
    Features,
}

impl DocumentKind {
    /// Whose command prints it.
    pub const fn implementation(self) -> Implementation {
        match self {
            Self::LndListChannels
            | Self::LndForwardingHistory
            | Self::LndFeeReport
            | Self::LndDescribeGraph
            | Self::LndListPayments
            | Self::LndGetInfo
            | Self::LndListPeers
            | Self::LndPendingChannels
            | Self::LndWalletBalance => Implementation::Lnd,
            Self::ClnListPeerChannels
            | Self::ClnListForwards
            | Self::ClnListChannels
            | Self::ClnListFunds
            | Self::ClnListNodes
            | Self::ClnListPays
            | Self::ClnFeerates
            | Self::ClnGetInfo
            | Self::ClnListPeers
            | Self::ClnChannelsApy
            | Self::ClnSetChannel => Implementation::Cln,
            Self::EclairChannels
            | Self::EclairRelayStats
            | Self::EclairChannelBalances
            | Self::EclairNodes
            | Self::EclairAllUpdates
            | Self::EclairAudit
            | Self::EclairOnChainBalance
            | Self::EclairGetInfo => Implementation::Eclair,
            Self::LdkChannels | Self::LdkForwards => Implementation::Ldk,
            Self::Table => Implementation::Table,
        }
    }

    /// Whether it lists the node's own channels, so that exactly one is needed.
    pub const fn lists_channels(self) -> bool {
        matches!(
            self,
            Self::LndListChannels
                | Self::ClnListPeerChannels
                | Self::EclairChannels
                | Self::LdkChannels
                | Self::Table
        )
    }

    /// Whether it is the public graph, of which one is enough.
    pub const fn is_graph(self) -> bool {
        matches!(self, Self::LndDescribeGraph | Self::ClnListChannels)
    }

    /// Whether several documents of the kind add up: pages of one listing, or answers about single channels.
    pub const fn pages(self) -> bool {
        matches!(
            self,
            Self::LndForwardingHistory
                | Self::LndListPayments
                | Self::ClnListForwards
                | Self::ClnListPays
                | Self::ClnListNodes
                | Self::ClnListPeers
                | Self::ClnSetChannel
                | Self::ClnChannelsApy
                | Self::EclairAudit
                | Self::EclairNodes
                | Self::EclairAllUpdates
                | Self::EclairChannelBalances
                | Self::LdkForwards
                | Self::LndPendingChannels
        )
    }
}

impl Role {
    /// Whether a document of that kind can play the role.
    pub const fn takes(self, kind: DocumentKind) -> bool {
        use DocumentKind as K;
        match self {
            Self::Channels => kind.lists_channels(),
            Self::Forwards => matches!(
                kind,
                K::LndForwardingHistory
                    | K::ClnListForwards
                    | K::EclairAudit
                    | K::EclairRelayStats
                    | K::LdkForwards
            ),
            Self::Fees => matches!(kind, K::LndFeeReport | K::ClnSetChannel | K::EclairAllUpdates),
            Self::Graph => matches!(kind, K::LndDescribeGraph | K::ClnListChannels | K::EclairAllUpdates),
            Self::Payments => matches!(kind, K::LndListPayments | K::ClnListPays | K::EclairAudit),
            Self::Funds => {
                matches!(kind, K::ClnListFunds | K::LndWalletBalance | K::EclairOnChainBalance)
            }
            Self::Features => matches!(
                kind,
                K::ClnListPeers | K::ClnListNodes | K::EclairNodes | K::LndListPeers | K::LndDescribeGraph
            ),
        }
    }

    /// The kind this role means where the content is an empty list and does not tell.
    pub(super) const fn kind_of(self, implementation: Implementation) -> Option<DocumentKind> {
        use DocumentKind as K;
        use Implementation as I;
        match (self, implementation) {
            (Self::Channels, I::Lnd) => Some(K::LndListChannels),
            (Self::Channels, I::Cln) => Some(K::ClnListPeerChannels),
            (Self::Channels, I::Eclair) => Some(K::EclairChannels),
            (Self::Channels, I::Ldk) => Some(K::LdkChannels),
            (Self::Channels, I::Table) => Some(K::Table),
            (Self::Forwards, I::Eclair) => Some(K::EclairRelayStats),
            (Self::Fees | Self::Graph, I::Eclair) => Some(K::EclairAllUpdates),
            (Self::Graph, I::Cln) => Some(K::ClnListChannels),
            (Self::Features, I::Eclair) => Some(K::EclairNodes),
            _ => None,
        }
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LndListChannels => "LND's listchannels",
            Self::LndForwardingHistory => "LND's fwdinghistory",
            Self::LndFeeReport => "LND's feereport",
            Self::LndDescribeGraph => "LND's describegraph",
            Self::LndListPayments => "LND's listpayments",
            Self::LndGetInfo => "LND's getinfo",
            Self::LndListPeers => "LND's listpeers",
            Self::LndPendingChannels => "LND's pendingchannels",
            Self::LndWalletBalance => "LND's walletbalance",
            Self::ClnListPeerChannels => "Core Lightning's listpeerchannels",
            Self::ClnListForwards => "Core Lightning's listforwards",
            Self::ClnListChannels => "Core Lightning's listchannels",
            Self::ClnListFunds => "Core Lightning's listfunds",
            Self::ClnListNodes => "Core Lightning's listnodes",
            Self::ClnListPays => "Core Lightning's listpays",
            Self::ClnFeerates => "Core Lightning's feerates",
            Self::ClnGetInfo => "Core Lightning's getinfo",
            Self::ClnListPeers => "Core Lightning's listpeers",
            Self::ClnChannelsApy => "Core Lightning's bkpr-channelsapy",
            Self::ClnSetChannel => "Core Lightning's setchannel",
            Self::EclairChannels => "Eclair's channels",
            Self::EclairRelayStats => "Eclair's relaystats",
            Self::EclairChannelBalances => "Eclair's channelbalances",
            Self::EclairNodes => "Eclair's nodes",
            Self::EclairAllUpdates => "Eclair's allupdates",
            Self::EclairAudit => "Eclair's audit",
            Self::EclairOnChainBalance => "Eclair's onchainbalance",
            Self::EclairGetInfo => "Eclair's getinfo",
            Self::LdkChannels => "LDK's channel details",
            Self::LdkForwards => "LDK's forwarded payments",
            Self::Table => "a table of channels",
        })
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Channels => "the listing of channels",
            Self::Forwards => "forwards",
            Self::Fees => "fees",
            Self::Graph => "the graph",
            Self::Payments => "payments",
            Self::Funds => "funds",
            Self::Features => "features",
        })
    }
}
