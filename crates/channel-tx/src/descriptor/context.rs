//! What a descriptor is judged against: network, parties, height of the chain.

use bitcoin::Network;
use bitcoin::absolute::Height;

use super::Participants;

/// A height mainnet has long passed (the halving of April 2024): a lower bound for its tip when none is known.
const MAINNET_PASSED: u32 = 840_000;

/// What a descriptor is judged against.
///
/// What is not known is not assumed: without participants a bare key is not taken for their aggregate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DescriptorContext {
    network: Network,
    participants: Option<Participants>,
    tip: Option<Height>,
}

impl DescriptorContext {
    /// Only the network is known.
    pub const fn new(network: Network) -> Self {
        Self { network, participants: None, tip: None }
    }

    /// The two parties are known too.
    #[must_use]
    pub const fn with_participants(mut self, participants: Participants) -> Self {
        self.participants = Some(participants);
        self
    }

    /// The height of the best block is known too.
    #[must_use]
    pub const fn with_tip(mut self, tip: Height) -> Self {
        self.tip = Some(tip);
        self
    }

    /// The network addresses and extended keys are for.
    pub const fn network(&self) -> Network {
        self.network
    }

    /// The two parties, if known.
    pub const fn participants(&self) -> Option<&Participants> {
        self.participants.as_ref()
    }

    /// The height of the best block, if known.
    pub const fn tip(&self) -> Option<Height> {
        self.tip
    }

    /// Where an absolute height stands; unknown unless a tip is, or mainnet is beyond it anyway.
    pub fn standing(&self, height: Height) -> Standing {
        let height = height.to_consensus_u32();
        match (self.tip.map(Height::to_consensus_u32), self.network) {
            (Some(tip), _) if height <= tip => Standing::Past,
            (Some(tip), _) => Standing::Ahead { blocks: height - tip },
            (None, Network::Bitcoin) if height <= MAINNET_PASSED => Standing::Past,
            (None, _) => Standing::Unknown,
        }
    }
}

/// Where an absolute height stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// The chain has reached it: the lock is open.
    Past,
    /// It is still to come.
    Ahead {
        /// In this many blocks.
        blocks: u32,
    },
    /// The height of the chain is not known.
    Unknown,
}
