//! `eclair-cli channels`: the richest listing of the four, with both dust limits and the peer's features.

use std::fmt;

use bitcoin::{Amount, OutPoint};
use channel_core::{FeerateKw, Msat, Side};
use serde::Deserialize;

use super::short_id;
use crate::import::ImportError;
use crate::import::draft::{Draft, Keys, check_full, confirmed_height};
use crate::import::features::{DUAL_FUND, Features};
use crate::import::notes::Notes;
use crate::import::rows::{Entry, Source};
use crate::import::scalar::{Row, Scalar};
use crate::snapshot::{
    ChannelKey, ChannelSnapshot, CommitmentKind, HtlcDirection, HtlcSnapshot, Knowledge, PeerId, Policy,
};

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Listed<'a> {
    node_id: Scalar<'a>,
    channel_id: Scalar<'a>,
    state: Scalar<'a>,
    data: Data<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Data<'a> {
    r#type: Scalar<'a>,
    commitments: Commitments<'a>,
    aliases: Aliases<'a>,
    channel_update: Option<Update<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Commitments<'a> {
    /// Called `params` before 0.13, with the limits of both sides inside.
    #[serde(alias = "params")]
    channel_params: Terms<'a>,
    active: Option<Vec<Active<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Terms<'a> {
    channel_features: Features,
    local_params: Party<'a>,
    remote_params: Party<'a>,
    channel_flags: Flags<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Party<'a> {
    node_id: Scalar<'a>,
    /// Beside the opener since wallets may pay for channels that their provider opens.
    pays_commit_tx_fees: Scalar<'a>,
    is_channel_opener: Scalar<'a>,
    is_initiator: Scalar<'a>,
    init_features: Features,
    #[serde(rename = "initialRequestedChannelReserve_opt", alias = "requestedChannelReserve_opt")]
    requested_reserve: Scalar<'a>,
    dust_limit: Scalar<'a>,
    max_htlc_value_in_flight_msat: Scalar<'a>,
    max_accepted_htlcs: Scalar<'a>,
    to_self_delay: Scalar<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Flags<'a> {
    announce_channel: Scalar<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Active<'a> {
    funding_tx_index: Scalar<'a>,
    funding_input: Scalar<'a>,
    funding_amount: Scalar<'a>,
    funding_tx: FundingTx<'a>,
    local_funding: Funding<'a>,
    commitment_format: Scalar<'a>,
    local_commit_params: CommitParams<'a>,
    remote_commit_params: CommitParams<'a>,
    local_commit: Commit<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct FundingTx<'a> {
    out_point: Scalar<'a>,
    amount_satoshis: Scalar<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Funding<'a> {
    short_channel_id: Scalar<'a>,
}

/// The parameters of one side's commitment: its dust limit and delay, and what the *other* side may offer to it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct CommitParams<'a> {
    dust_limit: Scalar<'a>,
    max_htlc_value_in_flight: Scalar<'a>,
    max_accepted_htlcs: Scalar<'a>,
    to_self_delay: Scalar<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Commit<'a> {
    spec: Spec<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Spec<'a> {
    htlcs: Option<Vec<Entry<Htlc<'a>>>>,
    #[serde(alias = "feeratePerKw")]
    commit_tx_feerate: Scalar<'a>,
    to_local: Scalar<'a>,
    to_remote: Scalar<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Htlc<'a> {
    direction: Scalar<'a>,
    amount_msat: Scalar<'a>,
    cltv_expiry: Scalar<'a>,
    /// Before 0.5 the update stood inside.
    add: Add<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Add<'a> {
    amount_msat: Scalar<'a>,
    cltv_expiry: Scalar<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Aliases<'a> {
    local_alias: Scalar<'a>,
    remote_alias: Scalar<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Update<'a> {
    pub(super) short_channel_id: Scalar<'a>,
    pub(super) channel_flags: UpdateFlags<'a>,
    htlc_minimum_msat: Scalar<'a>,
    htlc_maximum_msat: Scalar<'a>,
    fee_base_msat: Scalar<'a>,
    fee_proportional_millionths: Scalar<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct UpdateFlags<'a> {
    is_enabled: Scalar<'a>,
    pub(super) is_node1: Scalar<'a>,
}

impl Update<'_> {
    /// The policy, when the update has one; `field` is its path in the row, with a dot at its end.
    pub(super) fn policy(&self, row: &Row<'_>, field: &str) -> Result<Option<Policy>, ImportError> {
        let base = row.msat(format_args!("{field}feeBaseMsat"), &self.fee_base_msat)?;
        let ppm =
            row.narrow(format_args!("{field}feeProportionalMillionths"), &self.fee_proportional_millionths)?;
        let minimum = row.msat(format_args!("{field}htlcMinimumMsat"), &self.htlc_minimum_msat)?;
        let maximum = row.msat_limit(format_args!("{field}htlcMaximumMsat"), &self.htlc_maximum_msat)?;
        let enabled = self.channel_flags.is_enabled.flag();
        Ok(base.zip(ppm).map(|(base, ppm)| Policy {
            htlc_minimum: minimum,
            htlc_maximum: maximum,
            disabled: enabled.map(|enabled| !enabled),
            ..Policy::new(base, ppm)
        }))
    }
}

/// Reads the channels that are open.
pub(in crate::import) fn channels(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let rows = source.rows::<Listed<'_>>("channels")?;
    let mut keys = Keys::default();
    for (row, channel) in rows.iter() {
        if !is_open(channel, &mut draft.notes) {
            continue;
        }
        let snapshot = read(&row, channel, &mut draft.notes)?;
        keys.admit(&row, &snapshot.key)?;
        let local = &channel.data.commitments.channel_params.local_params;
        if draft.node.id.is_none() {
            draft.node.id = local.node_id.text().map(PeerId::new);
        }
        if draft.node.splices == Knowledge::Unknown {
            draft.node.splices = local.init_features.splices();
        }
        let aliases = &channel.data.aliases;
        let aliases = [&aliases.local_alias, &aliases.remote_alias].into_iter().filter_map(Scalar::text);
        draft.aliases.extend(aliases.filter_map(short_id).map(|alias| (snapshot.key.clone(), alias)));
        draft.channels.push(snapshot);
    }
    Ok(())
}

/// Whether the channel can carry payments once the peer is there; says which ones are left out.
fn is_open(channel: &Listed<'_>, notes: &mut Notes) -> bool {
    let data = channel.data.r#type.text().unwrap_or("DATA_NORMAL");
    let state = channel.state.text().unwrap_or("NORMAL");
    if data == "DATA_NORMAL" && matches!(state, "NORMAL" | "OFFLINE" | "SYNCING") {
        return true;
    }
    if data.starts_with("DATA_WAIT") || state.starts_with("WAIT") {
        notes.channel("opening_left_out", || "channels that are not open yet are left out".to_owned());
    } else {
        notes.channel("closing_left_out", || "channels that are closing or closed are left out".to_owned());
    }
    false
}

fn read(row: &Row<'_>, channel: &Listed<'_>, notes: &mut Notes) -> Result<ChannelSnapshot, ImportError> {
    const SPEC: &str = "data.commitments.active[0].localCommit.spec";
    let key = ChannelKey::new(row.required("channelId", channel.channel_id.text())?);
    // The newest commitment comes first. While a splice waits to confirm, older ones stay active beside it.
    let active = channel.data.commitments.active.as_deref().unwrap_or_default();
    let commitment = row.required("data.commitments.active", active.first())?;
    let spec = &commitment.local_commit.spec;
    let local = row.msat(format_args!("{SPEC}.toLocal"), &spec.to_local)?;
    let local = row.required(format_args!("{SPEC}.toLocal"), local)?;
    let remote = row.msat(format_args!("{SPEC}.toRemote"), &spec.to_remote)?;
    let remote = row.required(format_args!("{SPEC}.toRemote"), remote)?;
    let htlcs = pending(row, SPEC, spec, notes)?;
    let pending: Msat = htlcs.iter().flatten().map(|htlc| htlc.amount).sum();
    let amount =
        match row.sat_as_msat("data.commitments.active[0].fundingAmount", &commitment.funding_amount)? {
            Some(amount) => Some(amount),
            None => row.sat_as_msat(
                "data.commitments.active[0].fundingTx.amountSatoshis",
                &commitment.funding_tx.amount_satoshis,
            )?,
        };
    let sum = local.saturating_add(remote).saturating_add(pending);
    let capacity = amount.unwrap_or(sum);
    check_full(row, &key, capacity, local, remote)?;
    if sum != capacity {
        notes.channel("listing_identity_broken", || {
            format!("channel {key}: balances and HTLCs come to {sum}, the capacity is {capacity}")
        });
    }
    let mut snapshot = ChannelSnapshot::new(key, capacity, local, remote);
    snapshot.htlcs = htlcs;
    snapshot.feerate = row
        .narrow(format_args!("{SPEC}.commitTxFeerate"), &spec.commit_tx_feerate)?
        .map(FeerateKw::from_sat_per_kw);
    snapshot.pending_splice = Some(active.len() > 1);
    identify(&mut snapshot, row, channel, commitment)?;
    limits(&mut snapshot, row, &channel.data.commitments.channel_params, commitment)?;
    if snapshot.commitment == CommitmentKind::Unknown {
        notes.channel("commitment_type_unknown", || {
            "the listing does not name the commitment type".to_owned()
        });
    }
    Ok(snapshot)
}

fn pending(
    row: &Row<'_>,
    path: &str,
    spec: &Spec<'_>,
    notes: &mut Notes,
) -> Result<Option<Vec<HtlcSnapshot>>, ImportError> {
    let Some(entries) = &spec.htlcs else {
        notes.channel("htlcs_not_listed", || "the listing does not show pending HTLCs".to_owned());
        return Ok(None);
    };
    let mut htlcs = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let read = match entry {
            Entry::Read(htlc) => read_htlc(row, format_args!("{path}.htlcs[{index}]"), htlc)?,
            Entry::Unreadable => None,
        };
        match read {
            Some(htlc) => htlcs.push(htlc),
            None => notes.channel("htlc_entry_unreadable", || {
                format!("{}.{path}.htlcs has entries that are no HTLCs; they are left out", row.place)
            }),
        }
    }
    Ok(Some(htlcs))
}

fn read_htlc(
    row: &Row<'_>,
    path: fmt::Arguments<'_>,
    htlc: &Htlc<'_>,
) -> Result<Option<HtlcSnapshot>, ImportError> {
    let direction = match htlc.direction.text() {
        Some("IN") => HtlcDirection::Incoming,
        Some("OUT") => HtlcDirection::Outgoing,
        _ => return Ok(None),
    };
    let amount = match row.msat(format_args!("{path}.amountMsat"), &htlc.amount_msat)? {
        Some(amount) => Some(amount),
        None => row.msat(format_args!("{path}.add.amountMsat"), &htlc.add.amount_msat)?,
    };
    let expiry = match row.narrow(format_args!("{path}.cltvExpiry"), &htlc.cltv_expiry)? {
        Some(expiry) => Some(expiry),
        None => row.narrow(format_args!("{path}.add.cltvExpiry"), &htlc.add.cltv_expiry)?,
    };
    Ok(amount.map(|amount| HtlcSnapshot { expiry, ..HtlcSnapshot::new(direction, amount) }))
}

fn identify(
    snapshot: &mut ChannelSnapshot,
    row: &Row<'_>,
    channel: &Listed<'_>,
    commitment: &Active<'_>,
) -> Result<(), ImportError> {
    let params = &channel.data.commitments.channel_params;
    // A splice that waits to confirm has no short id yet: the channel is still known by the older funding's.
    let fundings = channel.data.commitments.active.iter().flatten().map(|active| &active.local_funding);
    snapshot.scid =
        fundings.filter_map(|funding| funding.short_channel_id.text()).find_map(|id| id.parse().ok());
    snapshot.opened_height = snapshot.scid.and_then(confirmed_height);
    let funding = commitment.funding_input.text().or(commitment.funding_tx.out_point.text());
    snapshot.funding = funding.and_then(|point| point.parse::<OutPoint>().ok());
    snapshot.peer = channel.node_id.text().map(PeerId::new);
    snapshot.peer_splices = params.remote_params.init_features.splices();
    let local = &params.local_params;
    // What counts here is who pays; that is the opener wherever nothing else is told.
    let pays = local.pays_commit_tx_fees.or(&local.is_channel_opener).or(&local.is_initiator);
    snapshot.opener = pays.flag().map(|ours| if ours { Side::Local } else { Side::Remote });
    snapshot.commitment = match commitment.commitment_format.text() {
        Some("anchor_outputs") => CommitmentKind::Anchors,
        Some("simple_taproot" | "phoenix_simple_taproot" | "simple_taproot_phoenix") => {
            CommitmentKind::Taproot
        }
        Some("zero_fee_commitments" | "zero_fee_commitment") => CommitmentKind::ZeroFee,
        Some("legacy" | "default") => CommitmentKind::StaticRemoteKey,
        _ => params.channel_features.commitment(),
    };
    snapshot.private = params.channel_flags.announce_channel.flag().map(|announced| !announced);
    snapshot.active = channel.state.text().map(|state| state == "NORMAL");
    if let Some(update) = &channel.data.channel_update {
        snapshot.policy_local = update.policy(row, "data.channelUpdate.")?;
    }
    Ok(())
}

fn limits(
    snapshot: &mut ChannelSnapshot,
    row: &Row<'_>,
    params: &Terms<'_>,
    commitment: &Active<'_>,
) -> Result<(), ImportError> {
    let (ours, theirs) = (&commitment.local_commit_params, &commitment.remote_commit_params);
    let at = |side: &str, field: &str| format!("data.commitments.active[0].{side}CommitParams.{field}");
    let old = |side: &str, field: &str| format!("data.commitments.params.{side}Params.{field}");
    let (local, remote) = (&params.local_params, &params.remote_params);
    snapshot.dust_limit_local = first(
        row.sat(at("local", "dustLimit"), &ours.dust_limit)?,
        row.sat(old("local", "dustLimit"), &local.dust_limit)?,
    );
    snapshot.dust_limit_remote = first(
        row.sat(at("remote", "dustLimit"), &theirs.dust_limit)?,
        row.sat(old("remote", "dustLimit"), &remote.dust_limit)?,
    );
    // What we may offer is limited by the peer's parameters, and the other way round.
    let in_flight = "maxHtlcValueInFlight";
    snapshot.max_in_flight_local = first(
        row.msat_limit(at("remote", in_flight), &theirs.max_htlc_value_in_flight)?,
        row.msat_limit(old("remote", "maxHtlcValueInFlightMsat"), &remote.max_htlc_value_in_flight_msat)?,
    );
    snapshot.max_in_flight_remote = first(
        row.msat_limit(at("local", in_flight), &ours.max_htlc_value_in_flight)?,
        row.msat_limit(old("local", "maxHtlcValueInFlightMsat"), &local.max_htlc_value_in_flight_msat)?,
    );
    snapshot.max_accepted_htlcs = first(
        row.narrow(at("remote", "maxAcceptedHtlcs"), &theirs.max_accepted_htlcs)?,
        row.narrow(old("remote", "maxAcceptedHtlcs"), &remote.max_accepted_htlcs)?,
    );
    // Before 0.13 each side's parameters held the delay it asked of the other.
    snapshot.to_self_delay = first(
        row.narrow(at("local", "toSelfDelay"), &ours.to_self_delay)?,
        row.narrow(old("remote", "toSelfDelay"), &remote.to_self_delay)?,
    );
    let index = row.unsigned("data.commitments.active[0].fundingTxIndex", &commitment.funding_tx_index)?;
    let one_percent = params.channel_features.has(DUAL_FUND) || index.is_some_and(|index| index > 0);
    let reserve = |asked: Option<Amount>, dust_limit: Option<Amount>| {
        if one_percent {
            let share = snapshot.capacity.to_sat_floor().to_sat() / 100;
            Some(Amount::from_sat(share).max(dust_limit?))
        } else {
            asked
        }
    };
    // BOLT 2: with dual funding and after a splice the reserve is 1 % of the capacity, at least the dust limit.
    let asked = |side: &str, party: &Party<'_>| {
        row.sat(old(side, "initialRequestedChannelReserve_opt"), &party.requested_reserve)
    };
    let reserve_local = reserve(asked("remote", remote)?, snapshot.dust_limit_remote);
    let reserve_remote = reserve(asked("local", local)?, snapshot.dust_limit_local);
    (snapshot.reserve_local, snapshot.reserve_remote) = (reserve_local, reserve_remote);
    Ok(())
}

fn first<T>(one: Option<T>, other: Option<T>) -> Option<T> {
    one.or(other)
}
