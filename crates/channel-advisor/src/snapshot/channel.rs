//! One channel as every importer states it.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use bitcoin::{Amount, OutPoint};
use channel_core::{CommitmentFormat, FeerateKw, Msat, ShortChannelId, Side};
use schemars::JsonSchema;
use serde::Serialize;

use super::PeerId;

/// The name a listing gives a channel, and by which its forwards and fees refer to it: LND's `chan_id`, Core
/// Lightning's `short_channel_id` (else `channel_id`), Eclair's `channelId`, LDK's `channel_id`, a table's key.
/// Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ChannelKey(Arc<str>);

impl ChannelKey {
    /// The key with this text.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

// The derived `Eq`, `Ord` and `Hash` are those of the text, as `Borrow` asks, so maps by key answer to a text.
impl Borrow<str> for ChannelKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChannelKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Yes, no, or not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Knowledge {
    /// Told: it is so.
    Yes,
    /// Told: it is not so.
    No,
    /// Not told.
    #[default]
    Unknown,
}

impl From<bool> for Knowledge {
    fn from(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
}

impl From<Option<bool>> for Knowledge {
    fn from(value: Option<bool>) -> Self {
        value.map_or(Self::Unknown, Self::from)
    }
}

/// The commitment type a listing names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CommitmentKind {
    /// BOLT 3 before `option_static_remotekey`.
    Legacy,
    /// `option_static_remotekey`, no anchors.
    StaticRemoteKey,
    /// `option_anchors` (zero-fee HTLC transactions).
    Anchors,
    /// LND's script-enforced lease: anchors with a lease expiry.
    Lease,
    /// Simple taproot, staging or final.
    Taproot,
    /// `zero_fee_commitments` (v3, segwit v0 scripts).
    ZeroFee,
    /// Taproot with zero-fee v3 commitments.
    TaprootZeroFee,
    /// The listing does not tell, or names a type this version does not know.
    #[default]
    Unknown,
}

impl CommitmentKind {
    /// The format whose weights and trimming rules this kind follows; `None` when unknown.
    pub const fn format(self) -> Option<CommitmentFormat> {
        match self {
            Self::Legacy | Self::StaticRemoteKey => Some(CommitmentFormat::StaticRemoteKey),
            Self::Anchors | Self::Lease => Some(CommitmentFormat::SegwitAnchors),
            Self::Taproot => Some(CommitmentFormat::TaprootV2),
            Self::ZeroFee => Some(CommitmentFormat::SegwitV3),
            Self::TaprootZeroFee => Some(CommitmentFormat::TaprootV3),
            Self::Unknown => None,
        }
    }
}

/// Which way an HTLC goes, as we see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HtlcDirection {
    /// Offered by the peer to us.
    Incoming,
    /// Offered by us to the peer.
    Outgoing,
}

/// A pending HTLC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct HtlcSnapshot {
    /// Which way it goes.
    pub direction: HtlcDirection,
    /// Its amount. LND prints whole satoshi.
    pub amount: Msat,
    /// The block at which it times out.
    pub expiry: Option<u32>,
    /// Whether our own commitment trims it, when the listing says so itself.
    pub trimmed_local: Option<bool>,
}

impl HtlcSnapshot {
    /// An HTLC of which only direction and amount are known.
    pub const fn new(direction: HtlcDirection, amount: Msat) -> Self {
        Self { direction, amount, expiry: None, trimmed_local: None }
    }
}

/// What a node asks for forwarding out through one side of a channel (BOLT 7 `channel_update`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Policy {
    /// Fixed part of the outgoing fee.
    pub base: Msat,
    /// Proportional part of the outgoing fee, in parts per million.
    pub ppm: u32,
    /// Fixed part of LND's inbound fee; negative is a discount. In msat.
    pub inbound_base_msat: Option<i32>,
    /// Proportional part of LND's inbound fee in ppm; negative is a discount.
    pub inbound_ppm: Option<i32>,
    /// Smallest HTLC.
    pub htlc_minimum: Option<Msat>,
    /// Largest HTLC.
    pub htlc_maximum: Option<Msat>,
    /// Whether the direction is switched off.
    pub disabled: Option<bool>,
}

impl Policy {
    /// A policy with only the two parts of the outgoing fee.
    pub const fn new(base: Msat, ppm: u32) -> Self {
        Self {
            base,
            ppm,
            inbound_base_msat: None,
            inbound_ppm: None,
            htlc_minimum: None,
            htlc_maximum: None,
            disabled: None,
        }
    }

    /// The outgoing fee for forwarding `amount` (BOLT 7: base + amount * ppm / 1,000,000, rounded down).
    pub fn fee(&self, amount: Msat) -> Msat {
        self.base.saturating_add(amount.ppm(u64::from(self.ppm)))
    }
}

/// One channel. Balances are *gross*: each side's claim before commitment fee and anchors, so that
/// `local + remote + Σ HTLCs = capacity`. LND prints the opener's balance net of them; its importer adds them back
/// and keeps the printed figures.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ChannelSnapshot {
    /// The listing's own name of the channel.
    pub key: ChannelKey,
    /// Where the funding output stands in the chain.
    pub scid: Option<ShortChannelId>,
    /// The funding outpoint.
    pub funding: Option<OutPoint>,
    /// The peer's node id.
    pub peer: Option<PeerId>,
    /// The peer's alias.
    pub peer_alias: Option<String>,
    /// Whether the peer can splice (feature 62/63).
    pub peer_splices: Knowledge,
    /// Funding amount.
    pub capacity: Msat,
    /// Our gross balance.
    pub local: Msat,
    /// The peer's gross balance.
    pub remote: Msat,
    /// Our balance as the listing printed it (LND: net of commitment fee and anchors when we are the opener).
    pub local_reported: Msat,
    /// The peer's balance as the listing printed it.
    pub remote_reported: Msat,
    /// Who pays the commitment fee: the opener, unless the listing (Eclair) names the other side.
    pub opener: Option<Side>,
    /// The commitment type.
    pub commitment: CommitmentKind,
    /// The commitment's feerate.
    pub feerate: Option<FeerateKw>,
    /// The commitment fee as the listing printed it (LND: capacity minus outputs, so it hides trimmed dust).
    pub commit_fee: Option<Msat>,
    /// Value that LND's `commit_fee` hides beyond the real fee and the anchors: trimmed HTLCs and main outputs below
    /// the dust limit on our commitment. `None` where the listing does not allow to tell.
    pub hidden_dust: Option<Msat>,
    /// What we must keep (`channel_reserve_satoshis` set by the peer).
    pub reserve_local: Option<Amount>,
    /// What the peer must keep.
    pub reserve_remote: Option<Amount>,
    /// The dust limit of our commitment.
    pub dust_limit_local: Option<Amount>,
    /// The dust limit of the peer's commitment.
    pub dust_limit_remote: Option<Amount>,
    /// Largest total of pending HTLCs that we may offer.
    pub max_in_flight_local: Option<Msat>,
    /// Largest total of pending HTLCs that the peer may offer.
    pub max_in_flight_remote: Option<Msat>,
    /// Largest number of HTLCs that we may offer.
    pub max_accepted_htlcs: Option<u16>,
    /// Blocks that our own balance stays locked after our own commitment confirms.
    pub to_self_delay: Option<u16>,
    /// The pending HTLCs. `None`: the listing does not show them.
    pub htlcs: Option<Vec<HtlcSnapshot>>,
    /// What we could send now, as the node itself reckons.
    pub spendable: Option<Msat>,
    /// What we could receive now, as the node itself reckons.
    pub receivable: Option<Msat>,
    /// What we ask for forwarding out through this channel.
    pub policy_local: Option<Policy>,
    /// What the peer asks for forwarding towards us.
    pub policy_remote: Option<Policy>,
    /// Whether the channel can be used now: peer connected, channel ready.
    pub active: Option<bool>,
    /// Whether the channel is unannounced.
    pub private: Option<bool>,
    /// Block of the funding transaction; from the short id where it is a confirmed one.
    pub opened_height: Option<u32>,
    /// Unix time of opening, where a listing tells it (Core Lightning's `state_changes`).
    pub opened_at: Option<i64>,
    /// Seconds the peer was online while monitored (LND).
    pub uptime_s: Option<u64>,
    /// Seconds monitored (LND's `lifetime`: not the channel's age).
    pub monitored_s: Option<u64>,
    /// Total ever sent through the channel.
    pub total_sent: Option<Msat>,
    /// Total ever received through the channel.
    pub total_received: Option<Msat>,
    /// Whether a splice is under way.
    pub pending_splice: Option<bool>,
    /// The seed table's own dust figures, which no real listing has.
    pub table_dust: Option<(Amount, Amount)>,
}

impl ChannelSnapshot {
    /// A channel of which only key, capacity and gross balances are known.
    pub fn new(key: ChannelKey, capacity: Msat, local: Msat, remote: Msat) -> Self {
        Self {
            key,
            scid: None,
            funding: None,
            peer: None,
            peer_alias: None,
            peer_splices: Knowledge::Unknown,
            capacity,
            local,
            remote,
            local_reported: local,
            remote_reported: remote,
            opener: None,
            commitment: CommitmentKind::Unknown,
            feerate: None,
            commit_fee: None,
            hidden_dust: None,
            reserve_local: None,
            reserve_remote: None,
            dust_limit_local: None,
            dust_limit_remote: None,
            max_in_flight_local: None,
            max_in_flight_remote: None,
            max_accepted_htlcs: None,
            to_self_delay: None,
            htlcs: None,
            spendable: None,
            receivable: None,
            policy_local: None,
            policy_remote: None,
            active: None,
            private: None,
            opened_height: None,
            opened_at: None,
            uptime_s: None,
            monitored_s: None,
            total_sent: None,
            total_received: None,
            pending_splice: None,
            table_dust: None,
        }
    }

    /// What people call the channel: the peer's alias, else the start of its id, else the key.
    pub fn label(&self) -> &str {
        match (&self.peer_alias, &self.peer) {
            (Some(alias), _) if !alias.trim().is_empty() => alias,
            (_, Some(peer)) => peer.as_str().get(..16).unwrap_or(peer.as_str()),
            _ => self.key.as_str(),
        }
    }
}
