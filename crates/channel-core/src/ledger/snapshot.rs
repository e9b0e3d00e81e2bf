//! The stored forms of the ledger and of the splice history, version 1. What is loaded is checked like what is made.

use alloc::vec::Vec;

use bitcoin::OutPoint;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::channel::Funding;
use super::{
    ChannelStatus, DustFreeChannelManager, LedgerChannel, LedgerPolicy, SpliceRecord, SplicingManager,
};
use crate::commitment::{CommitmentError, CommitmentSpec};
use crate::limits::{ChannelParams, ParamsError};
use crate::quantity::{ChannelId, HtlcId, PerSide, Side};
use crate::snapshot::Version;

/// A stored ledger contradicts itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum LoadError {
    /// A channel stands twice.
    #[error("channel {id} stands twice")]
    Duplicate { id: ChannelId },
    /// An HTLC id is still to be given, although an HTLC has it.
    #[error("channel {id} would give an htlc id twice")]
    HtlcId { id: ChannelId },
    /// While a splice is not locked both fundings hold the same HTLCs.
    #[error("channel {id} holds other htlcs before and after its splice")]
    SpliceHtlcs { id: ChannelId },
    /// Its commitments cannot be built.
    #[error("channel {id}: {reason}")]
    Commitment { id: ChannelId, reason: CommitmentError },
    /// Its parameters cannot govern a channel.
    #[error("channel {id}: {reason}")]
    Params { id: ChannelId, reason: ParamsError },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LedgerV1 {
    version: Version<1>,
    policy: LedgerPolicy,
    channels: Vec<ChannelV1>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelV1 {
    channel_id: ChannelId,
    status: ChannelStatus,
    funding: FundingV1,
    splicing_from: Option<FundingV1>,
    next_htlc_id: PerSide<HtlcId>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FundingV1 {
    outpoint: OutPoint,
    params: ChannelParams,
    state: CommitmentSpec,
}

impl From<Funding> for FundingV1 {
    fn from(Funding { outpoint, params, spec }: Funding) -> Self {
        Self { outpoint, params, state: spec }
    }
}

impl From<FundingV1> for Funding {
    fn from(FundingV1 { outpoint, params, state }: FundingV1) -> Self {
        Self { outpoint, params, spec: state }
    }
}

impl From<DustFreeChannelManager> for LedgerV1 {
    fn from(ledger: DustFreeChannelManager) -> Self {
        let channels = ledger.channels.into_values().map(|channel| ChannelV1 {
            channel_id: channel.id,
            status: channel.status,
            funding: channel.current.into(),
            splicing_from: channel.previous.map(Into::into),
            next_htlc_id: channel.next_htlc,
        });
        Self { version: Version, policy: ledger.policy, channels: channels.collect() }
    }
}

impl TryFrom<LedgerV1> for DustFreeChannelManager {
    type Error = LoadError;

    fn try_from(stored: LedgerV1) -> Result<Self, LoadError> {
        let mut ledger = Self::new(stored.policy);
        for stored in stored.channels {
            let id = stored.channel_id;
            let channel = LedgerChannel {
                id,
                status: stored.status,
                current: stored.funding.into(),
                previous: stored.splicing_from.map(Into::into),
                next_htlc: stored.next_htlc_id,
            };
            check(&channel)?;
            if ledger.channels.insert(id, channel).is_some() {
                return Err(LoadError::Duplicate { id });
            }
        }
        Ok(ledger)
    }
}

fn check(channel: &LedgerChannel) -> Result<(), LoadError> {
    let id = channel.id;
    for funding in channel.fundings() {
        funding.params.validate().map_err(|reason| LoadError::Params { id, reason })?;
        for owner in Side::ALL {
            funding.outputs(owner).map_err(|reason| LoadError::Commitment { id, reason })?;
        }
        let mut htlcs = funding.spec.htlcs();
        if htlcs.any(|htlc| htlc.id >= *channel.next_htlc.of(htlc.offered_by)) {
            return Err(LoadError::HtlcId { id });
        }
    }
    let differs = |previous: &Funding| !previous.spec.htlcs().eq(channel.current.spec.htlcs());
    if channel.previous.as_ref().is_some_and(differs) {
        return Err(LoadError::SpliceHtlcs { id });
    }
    Ok(())
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HistoryV1 {
    version: Version<1>,
    splices: Vec<SpliceRecord>,
}

impl From<SplicingManager> for HistoryV1 {
    fn from(manager: SplicingManager) -> Self {
        Self { version: Version, splices: manager.history }
    }
}

impl From<HistoryV1> for SplicingManager {
    fn from(stored: HistoryV1) -> Self {
        Self { history: stored.splices }
    }
}
