//! `lightning-cli listpeerchannels` and `setchannel`.

use bitcoin::{OutPoint, Txid};
use channel_core::{FeerateKw, Msat, ShortChannelId, Side};
use serde::Deserialize;

use crate::import::ImportError;
use crate::import::draft::{Draft, check_full, confirmed_height};
use crate::import::features::Features;
use crate::import::notes::Notes;
use crate::import::rows::{Entry, Source};
use crate::import::scalar::{Row, Scalar};
use crate::snapshot::{
    ChannelKey, ChannelSnapshot, CommitmentKind, HtlcDirection, HtlcSnapshot, PeerId, Policy,
};

/// Versions between the two notations print an amount under both its names.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Listed<'a> {
    peer_id: Scalar<'a>,
    peer_connected: Scalar<'a>,
    state: Scalar<'a>,
    channel_type: Features,
    features: Features,
    updates: Option<Updates<'a>>,
    feerate: Option<Feerate<'a>>,
    last_tx_fee_msat: Scalar<'a>,
    short_channel_id: Scalar<'a>,
    channel_id: Scalar<'a>,
    funding_txid: Scalar<'a>,
    funding_outnum: Scalar<'a>,
    inflight: Option<Vec<Entry<Inflight>>>,
    opener: Scalar<'a>,
    private: Scalar<'a>,
    to_us_msat: Scalar<'a>,
    msatoshi_to_us: Scalar<'a>,
    total_msat: Scalar<'a>,
    msatoshi_total: Scalar<'a>,
    fee_base_msat: Scalar<'a>,
    fee_proportional_millionths: Scalar<'a>,
    dust_limit_msat: Scalar<'a>,
    dust_limit_satoshis: Scalar<'a>,
    their_max_htlc_value_in_flight_msat: Scalar<'a>,
    our_max_htlc_value_in_flight_msat: Scalar<'a>,
    their_reserve_msat: Scalar<'a>,
    our_reserve_msat: Scalar<'a>,
    spendable_msat: Scalar<'a>,
    spendable_msatoshi: Scalar<'a>,
    receivable_msat: Scalar<'a>,
    receivable_msatoshi: Scalar<'a>,
    minimum_htlc_out_msat: Scalar<'a>,
    maximum_htlc_out_msat: Scalar<'a>,
    our_to_self_delay: Scalar<'a>,
    state_changes: Option<Vec<StateChange<'a>>>,
    in_fulfilled_msat: Scalar<'a>,
    in_msatoshi_fulfilled: Scalar<'a>,
    out_fulfilled_msat: Scalar<'a>,
    out_msatoshi_fulfilled: Scalar<'a>,
    htlcs: Option<Vec<Entry<Htlc<'a>>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Updates<'a> {
    local: Option<Update<'a>>,
    remote: Option<Update<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Update<'a> {
    htlc_minimum_msat: Scalar<'a>,
    htlc_maximum_msat: Scalar<'a>,
    fee_base_msat: Scalar<'a>,
    fee_proportional_millionths: Scalar<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Feerate<'a> {
    perkw: Scalar<'a>,
}

/// A funding transaction that is not confirmed yet; only its being there matters.
#[derive(Debug, Deserialize)]
struct Inflight {}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct StateChange<'a> {
    timestamp: Scalar<'a>,
    new_state: Scalar<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Htlc<'a> {
    direction: Scalar<'a>,
    amount_msat: Scalar<'a>,
    msatoshi: Scalar<'a>,
    expiry: Scalar<'a>,
    local_trimmed: Scalar<'a>,
}

/// Reads the channels that are open.
pub(in crate::import) fn channels(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    draft.admit(&source.rows::<Listed<'_>>("channels")?, is_open, read)
}

/// Whether the channel can carry payments now or after a splice; says which ones are left out.
fn is_open(channel: &Listed<'_>, notes: &mut Notes) -> bool {
    match channel.state.text() {
        None | Some("CHANNELD_NORMAL" | "CHANNELD_AWAITING_SPLICE") => true,
        Some(state) => {
            let opening = state.starts_with("OPENINGD")
                || state.starts_with("DUALOPEND")
                || state == "CHANNELD_AWAITING_LOCKIN";
            if opening {
                notes
                    .channel("opening_left_out", || "channels that are not open yet are left out".to_owned());
            } else {
                notes.channel("closing_left_out", || {
                    "channels that are closing or closed are left out".to_owned()
                });
            }
            false
        }
    }
}

fn read(row: &Row<'_>, channel: &Listed<'_>, notes: &mut Notes) -> Result<ChannelSnapshot, ImportError> {
    let scid = channel.short_channel_id.text();
    let key = ChannelKey::new(row.required("short_channel_id", scid.or(channel.channel_id.text()))?);
    let capacity =
        row.required("total_msat", row.msat("total_msat", channel.total_msat.or(&channel.msatoshi_total))?)?;
    let ours =
        row.required("to_us_msat", row.msat("to_us_msat", channel.to_us_msat.or(&channel.msatoshi_to_us))?)?;
    check_full(row, &key, capacity, ours, Msat::ZERO)?;
    let theirs = capacity.saturating_sub(ours);
    let htlcs = pending(row, channel, notes)?;
    let (local, remote) = apart(&key, ours, theirs, htlcs.as_deref().unwrap_or_default(), notes);
    let mut snapshot = ChannelSnapshot::new(key, capacity, local, remote);
    (snapshot.local_reported, snapshot.remote_reported) = (ours, theirs);
    snapshot.htlcs = htlcs;
    identify(&mut snapshot, row, channel)?;
    limits(&mut snapshot, row, channel, notes)?;
    policies(&mut snapshot, row, channel)?;
    Ok(snapshot)
}

/// `to_us_msat` changes only when an HTLC is settled: it still holds the HTLCs we offered, and what is left of the
/// capacity those the peer offered. So each side's own balance is found by taking them out.
fn apart(
    key: &ChannelKey,
    ours: Msat,
    theirs: Msat,
    htlcs: &[HtlcSnapshot],
    notes: &mut Notes,
) -> (Msat, Msat) {
    let offered =
        |direction| htlcs.iter().filter(|htlc| htlc.direction == direction).map(|htlc| htlc.amount).sum();
    let (outgoing, incoming) = (offered(HtlcDirection::Outgoing), offered(HtlcDirection::Incoming));
    if outgoing > ours || incoming > theirs {
        notes.channel("listing_identity_broken", || {
            format!("channel {key}: its pending HTLCs exceed the balance of the side that offered them")
        });
    }
    (ours.saturating_sub(outgoing), theirs.saturating_sub(incoming))
}

fn pending(
    row: &Row<'_>,
    channel: &Listed<'_>,
    notes: &mut Notes,
) -> Result<Option<Vec<HtlcSnapshot>>, ImportError> {
    let Some(entries) = &channel.htlcs else {
        notes.channel("htlcs_not_listed", || "the listing does not show pending HTLCs".to_owned());
        return Ok(None);
    };
    let mut htlcs = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let read = match entry {
            Entry::Read(htlc) => read_htlc(row, index, htlc)?,
            Entry::Unreadable => None,
        };
        match read {
            Some(htlc) => htlcs.push(htlc),
            None => notes.channel("htlc_entry_unreadable", || {
                format!("{}.htlcs has entries that are no HTLCs; they are left out", row.place)
            }),
        }
    }
    Ok(Some(htlcs))
}

fn read_htlc(row: &Row<'_>, index: usize, htlc: &Htlc<'_>) -> Result<Option<HtlcSnapshot>, ImportError> {
    let amount = row.msat(format_args!("htlcs[{index}].amount_msat"), htlc.amount_msat.or(&htlc.msatoshi))?;
    let direction = match htlc.direction.text() {
        Some("in") => HtlcDirection::Incoming,
        Some("out") => HtlcDirection::Outgoing,
        _ => return Ok(None),
    };
    let expiry = row.narrow(format_args!("htlcs[{index}].expiry"), &htlc.expiry)?;
    // The field is printed only when it is true.
    let trimmed = htlc.local_trimmed.flag().unwrap_or(false);
    Ok(amount.map(|amount| HtlcSnapshot {
        expiry,
        trimmed_local: Some(trimmed),
        ..HtlcSnapshot::new(direction, amount)
    }))
}

fn identify(snapshot: &mut ChannelSnapshot, row: &Row<'_>, channel: &Listed<'_>) -> Result<(), ImportError> {
    snapshot.scid = channel.short_channel_id.text().and_then(|text| text.parse::<ShortChannelId>().ok());
    snapshot.opened_height = snapshot.scid.and_then(confirmed_height);
    let txid = channel.funding_txid.text().and_then(|text| text.parse::<Txid>().ok());
    let vout = row.narrow::<u32>("funding_outnum", &channel.funding_outnum)?;
    snapshot.funding = txid.zip(vout).map(|(txid, vout)| OutPoint { txid, vout });
    snapshot.peer = channel.peer_id.text().map(PeerId::new);
    snapshot.opener = match channel.opener.text() {
        Some("local") => Some(Side::Local),
        Some("remote") => Some(Side::Remote),
        _ => None,
    };
    let by_type = channel.channel_type.commitment();
    snapshot.commitment =
        if by_type == CommitmentKind::Unknown { channel.features.commitment() } else { by_type };
    snapshot.private = channel.private.flag();
    snapshot.active = channel.peer_connected.flag();
    let inflight = channel.inflight.as_ref().is_some_and(|list| !list.is_empty());
    snapshot.pending_splice = Some(channel.state.text() == Some("CHANNELD_AWAITING_SPLICE") || inflight);
    snapshot.opened_at = channel.state_changes.as_ref().and_then(|changes| opened(changes));
    snapshot.total_sent =
        row.msat("out_fulfilled_msat", channel.out_fulfilled_msat.or(&channel.out_msatoshi_fulfilled))?;
    snapshot.total_received =
        row.msat("in_fulfilled_msat", channel.in_fulfilled_msat.or(&channel.in_msatoshi_fulfilled))?;
    Ok(())
}

/// When the channel first became usable, from the log of its states.
fn opened(changes: &[StateChange<'_>]) -> Option<i64> {
    let first = changes.iter().find(|change| change.new_state.text() == Some("CHANNELD_NORMAL"))?;
    let time: jiff::Timestamp = first.timestamp.text()?.parse().ok()?;
    Some(time.as_second())
}

fn limits(
    snapshot: &mut ChannelSnapshot,
    row: &Row<'_>,
    channel: &Listed<'_>,
    notes: &mut Notes,
) -> Result<(), ImportError> {
    let whole = |amount: Option<Msat>| amount.map(Msat::to_sat_ceil);
    if let Some(feerate) = &channel.feerate {
        snapshot.feerate = row.narrow("feerate.perkw", &feerate.perkw)?.map(FeerateKw::from_sat_per_kw);
    }
    snapshot.commit_fee = row.msat("last_tx_fee_msat", &channel.last_tx_fee_msat)?;
    snapshot.reserve_local = whole(row.msat("our_reserve_msat", &channel.our_reserve_msat)?);
    snapshot.reserve_remote = whole(row.msat("their_reserve_msat", &channel.their_reserve_msat)?);
    let dust_limit = whole(row.msat("dust_limit_msat", &channel.dust_limit_msat)?);
    let older = row.sat("dust_limit_satoshis", &channel.dust_limit_satoshis)?;
    snapshot.dust_limit_local = if dust_limit.is_some() { dust_limit } else { older };
    snapshot.max_in_flight_local =
        row.msat_limit("their_max_htlc_value_in_flight_msat", &channel.their_max_htlc_value_in_flight_msat)?;
    snapshot.max_in_flight_remote =
        row.msat_limit("our_max_htlc_value_in_flight_msat", &channel.our_max_htlc_value_in_flight_msat)?;
    snapshot.to_self_delay = row.narrow("our_to_self_delay", &channel.our_to_self_delay)?;
    snapshot.spendable =
        row.msat("spendable_msat", channel.spendable_msat.or(&channel.spendable_msatoshi))?;
    snapshot.receivable =
        row.msat("receivable_msat", channel.receivable_msat.or(&channel.receivable_msatoshi))?;
    notes.channel("peer_dust_limit_unknown", || {
        "the listing does not show the dust limit of the peer's commitment".to_owned()
    });
    if snapshot.commitment == CommitmentKind::Unknown {
        notes.channel("commitment_type_unknown", || {
            "the listing does not name the commitment type".to_owned()
        });
    }
    Ok(())
}

fn policies(snapshot: &mut ChannelSnapshot, row: &Row<'_>, channel: &Listed<'_>) -> Result<(), ImportError> {
    let none = Updates::default();
    let updates = channel.updates.as_ref().unwrap_or(&none);
    snapshot.policy_remote = match &updates.remote {
        Some(update) => policy(row, "updates.remote", update)?,
        None => None,
    };
    let local = match &updates.local {
        Some(update) => policy(row, "updates.local", update)?,
        None => None,
    };
    let base = row.msat("fee_base_msat", &channel.fee_base_msat)?;
    let ppm = row.narrow("fee_proportional_millionths", &channel.fee_proportional_millionths)?;
    let minimum = row.msat("minimum_htlc_out_msat", &channel.minimum_htlc_out_msat)?;
    let maximum = row.msat_limit("maximum_htlc_out_msat", &channel.maximum_htlc_out_msat)?;
    let plain = base.zip(ppm).map(|(base, ppm)| Policy {
        htlc_minimum: minimum,
        htlc_maximum: maximum,
        ..Policy::new(base, ppm)
    });
    snapshot.policy_local = local.or(plain);
    Ok(())
}

fn policy(row: &Row<'_>, side: &str, update: &Update<'_>) -> Result<Option<Policy>, ImportError> {
    let base = row.msat(format_args!("{side}.fee_base_msat"), &update.fee_base_msat)?;
    let ppm =
        row.narrow(format_args!("{side}.fee_proportional_millionths"), &update.fee_proportional_millionths)?;
    let minimum = row.msat(format_args!("{side}.htlc_minimum_msat"), &update.htlc_minimum_msat)?;
    let maximum = row.msat_limit(format_args!("{side}.htlc_maximum_msat"), &update.htlc_maximum_msat)?;
    Ok(base.zip(ppm).map(|(base, ppm)| Policy {
        htlc_minimum: minimum,
        htlc_maximum: maximum,
        ..Policy::new(base, ppm)
    }))
}

/// Reads the answer of `setchannel`: our own fees of a channel, newer than the listing's.
pub(in crate::import) fn set_channel(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let rows = source.rows::<Listed<'_>>("channels")?;
    for (row, channel) in rows.iter() {
        let names = [channel.short_channel_id.text(), channel.channel_id.text()];
        let base = row.msat("fee_base_msat", &channel.fee_base_msat)?;
        let ppm = row.narrow("fee_proportional_millionths", &channel.fee_proportional_millionths)?;
        let Some((base, ppm)) = base.zip(ppm) else { continue };
        let policy = Policy {
            htlc_minimum: row.msat("minimum_htlc_out_msat", &channel.minimum_htlc_out_msat)?,
            htlc_maximum: row.msat_limit("maximum_htlc_out_msat", &channel.maximum_htlc_out_msat)?,
            ..Policy::new(base, ppm)
        };
        for name in names.into_iter().flatten() {
            draft.own_policies.push((ChannelKey::new(name), policy));
        }
    }
    Ok(())
}
