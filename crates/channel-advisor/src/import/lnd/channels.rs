//! `lncli listchannels`.

use bitcoin::OutPoint;
use channel_core::{FeerateKw, Msat, ShortChannelId, Side};
use serde::Deserialize;

use super::channel_id;
use super::commitment::{Printed, Reckoned};
use crate::import::draft::{Draft, check_full, confirmed_height};
use crate::import::rows::{Entry, Source};
use crate::import::scalar::{Row, Scalar};
use crate::import::{ImportError, notes::Notes};
use crate::snapshot::{ChannelKey, ChannelSnapshot, CommitmentKind, HtlcDirection, HtlcSnapshot, PeerId};

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Listed<'a> {
    active: Scalar<'a>,
    remote_pubkey: Scalar<'a>,
    channel_point: Scalar<'a>,
    chan_id: Scalar<'a>,
    scid: Scalar<'a>,
    capacity: Scalar<'a>,
    local_balance: Scalar<'a>,
    remote_balance: Scalar<'a>,
    commit_fee: Scalar<'a>,
    fee_per_kw: Scalar<'a>,
    unsettled_balance: Scalar<'a>,
    total_satoshis_sent: Scalar<'a>,
    total_satoshis_received: Scalar<'a>,
    pending_htlcs: Option<Vec<Entry<Htlc<'a>>>>,
    csv_delay: Scalar<'a>,
    private: Scalar<'a>,
    initiator: Scalar<'a>,
    local_chan_reserve_sat: Scalar<'a>,
    remote_chan_reserve_sat: Scalar<'a>,
    static_remote_key: Scalar<'a>,
    commitment_type: Scalar<'a>,
    lifetime: Scalar<'a>,
    uptime: Scalar<'a>,
    local_constraints: Option<Constraints<'a>>,
    remote_constraints: Option<Constraints<'a>>,
    zero_conf_confirmed_scid: Scalar<'a>,
    peer_alias: Scalar<'a>,
}

/// The limits of the side they are named for: what it may offer, what it must keep, its own commitment's dust limit.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Constraints<'a> {
    csv_delay: Scalar<'a>,
    chan_reserve_sat: Scalar<'a>,
    dust_limit_sat: Scalar<'a>,
    max_pending_amt_msat: Scalar<'a>,
    max_accepted_htlcs: Scalar<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Htlc<'a> {
    incoming: Scalar<'a>,
    amount: Scalar<'a>,
    expiration_height: Scalar<'a>,
}

/// Reads the channels.
pub(in crate::import) fn channels(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    // `listchannels` lists open channels only.
    draft.admit(&source.rows::<Listed<'_>>("channels")?, |_, _| true, read)
}

fn read(row: &Row<'_>, channel: &Listed<'_>, notes: &mut Notes) -> Result<ChannelSnapshot, ImportError> {
    let id = channel_id(&channel.scid, &channel.chan_id)
        .id()
        .or_else(|| channel.channel_point.text().map(Into::into));
    let key = ChannelKey::new(&row.required("chan_id", id)?);
    let capacity = row.required("capacity", row.sat_as_msat("capacity", &channel.capacity)?)?;
    let local = row.required("local_balance", row.sat_as_msat("local_balance", &channel.local_balance)?)?;
    let remote =
        row.required("remote_balance", row.sat_as_msat("remote_balance", &channel.remote_balance)?)?;
    check_full(row, &key, capacity, local, remote)?;
    let mut snapshot = ChannelSnapshot::new(key, capacity, local, remote);
    identify(&mut snapshot, row, channel)?;
    limits(&mut snapshot, row, channel, notes)?;
    let pending = pending(row, channel, notes)?;
    snapshot.commitment = commitment_kind(channel);
    snapshot.feerate = row.narrow("fee_per_kw", &channel.fee_per_kw)?.map(FeerateKw::from_sat_per_kw);
    snapshot.commit_fee = row.sat_as_msat("commit_fee", &channel.commit_fee)?;
    snapshot.opener = channel.initiator.flag().map(|ours| if ours { Side::Local } else { Side::Remote });
    let printed = printed(&snapshot, pending.as_ref());
    apply(&mut snapshot, channel, &printed.reckon(), notes);
    snapshot.htlcs = pending.map(|pending| pending.htlcs);
    Ok(snapshot)
}

fn identify(snapshot: &mut ChannelSnapshot, row: &Row<'_>, channel: &Listed<'_>) -> Result<(), ImportError> {
    let listed =
        channel_id(&channel.scid, &channel.chan_id).unsigned().ok().flatten().map(ShortChannelId::from_u64);
    let confirmed = row
        .unsigned("zero_conf_confirmed_scid", &channel.zero_conf_confirmed_scid)?
        .filter(|scid| *scid != 0)
        .map(ShortChannelId::from_u64);
    snapshot.scid = confirmed.or(listed);
    snapshot.opened_height = snapshot.scid.and_then(confirmed_height);
    snapshot.funding = channel.channel_point.text().and_then(|point| point.parse::<OutPoint>().ok());
    snapshot.peer = channel.remote_pubkey.text().map(PeerId::new);
    snapshot.peer_alias = channel.peer_alias.text().map(str::to_owned);
    snapshot.active = channel.active.flag();
    snapshot.private = channel.private.flag();
    snapshot.uptime_s = row.unsigned("uptime", &channel.uptime)?;
    snapshot.monitored_s = row.unsigned("lifetime", &channel.lifetime)?;
    snapshot.total_sent = row.sat_as_msat("total_satoshis_sent", &channel.total_satoshis_sent)?;
    snapshot.total_received = row.sat_as_msat("total_satoshis_received", &channel.total_satoshis_received)?;
    Ok(())
}

fn limits(
    snapshot: &mut ChannelSnapshot,
    row: &Row<'_>,
    channel: &Listed<'_>,
    notes: &mut Notes,
) -> Result<(), ImportError> {
    let none = Constraints::default();
    let ours = channel.local_constraints.as_ref().unwrap_or(&none);
    let theirs = channel.remote_constraints.as_ref().unwrap_or(&none);
    let or = |first: Option<_>, second| if first.is_some() { first } else { second };
    snapshot.reserve_local = or(
        row.sat("local_constraints.chan_reserve_sat", &ours.chan_reserve_sat)?,
        row.sat("local_chan_reserve_sat", &channel.local_chan_reserve_sat)?,
    );
    snapshot.reserve_remote = or(
        row.sat("remote_constraints.chan_reserve_sat", &theirs.chan_reserve_sat)?,
        row.sat("remote_chan_reserve_sat", &channel.remote_chan_reserve_sat)?,
    );
    snapshot.dust_limit_local = row.sat("local_constraints.dust_limit_sat", &ours.dust_limit_sat)?;
    snapshot.dust_limit_remote = row.sat("remote_constraints.dust_limit_sat", &theirs.dust_limit_sat)?;
    let limit = |field, value| row.msat_limit(field, value);
    snapshot.max_in_flight_local =
        limit("local_constraints.max_pending_amt_msat", &ours.max_pending_amt_msat)?;
    snapshot.max_in_flight_remote =
        limit("remote_constraints.max_pending_amt_msat", &theirs.max_pending_amt_msat)?;
    snapshot.max_accepted_htlcs =
        row.narrow("local_constraints.max_accepted_htlcs", &ours.max_accepted_htlcs)?;
    let delay = row.narrow("local_constraints.csv_delay", &ours.csv_delay)?;
    snapshot.to_self_delay =
        if delay.is_some() { delay } else { row.narrow("csv_delay", &channel.csv_delay)? };
    if snapshot.dust_limit_local.is_none() {
        notes.channel("own_dust_limit_unknown", || {
            "the listing does not show the dust limit of our own commitment".to_owned()
        });
    }
    if snapshot.dust_limit_remote.is_none() {
        notes.channel("peer_dust_limit_unknown", || {
            "the listing does not show the dust limit of the peer's commitment".to_owned()
        });
    }
    Ok(())
}

/// The pending HTLCs of a listing that shows them.
struct Pending {
    htlcs: Vec<HtlcSnapshot>,
    /// Whether each entry could be read.
    complete: bool,
}

fn pending(row: &Row<'_>, channel: &Listed<'_>, notes: &mut Notes) -> Result<Option<Pending>, ImportError> {
    let Some(entries) = &channel.pending_htlcs else {
        // `unsettled_balance` is the sum of all pending HTLCs, so zero tells that there are none.
        if row.unsigned("unsettled_balance", &channel.unsettled_balance)? == Some(0) {
            return Ok(Some(Pending { htlcs: Vec::new(), complete: true }));
        }
        notes.channel("htlcs_not_listed", || "the listing does not show pending HTLCs".to_owned());
        return Ok(None);
    };
    let mut htlcs = Vec::with_capacity(entries.len());
    let mut complete = true;
    for (index, entry) in entries.iter().enumerate() {
        if let Entry::Read(htlc) = entry
            && let Some(htlc) = read_htlc(row, index, htlc)?
        {
            htlcs.push(htlc);
        } else {
            complete = false;
        }
    }
    if !complete {
        notes.channel("htlc_entry_unreadable", || {
            format!("{}.pending_htlcs has entries that are no HTLCs; they are left out", row.place)
        });
    }
    Ok(Some(Pending { htlcs, complete }))
}

fn read_htlc(row: &Row<'_>, index: usize, htlc: &Htlc<'_>) -> Result<Option<HtlcSnapshot>, ImportError> {
    let amount = row.sat_as_msat(format_args!("pending_htlcs[{index}].amount"), &htlc.amount)?;
    let (Some(amount), Some(incoming)) = (amount, htlc.incoming.flag()) else { return Ok(None) };
    let direction = if incoming { HtlcDirection::Incoming } else { HtlcDirection::Outgoing };
    let expiry =
        row.narrow(format_args!("pending_htlcs[{index}].expiration_height"), &htlc.expiration_height)?;
    Ok(Some(HtlcSnapshot { expiry, ..HtlcSnapshot::new(direction, amount) }))
}

/// The commitment type by name or enum number; older versions tell at most `static_remote_key`.
fn commitment_kind(channel: &Listed<'_>) -> CommitmentKind {
    let named = channel.commitment_type.id();
    match named.as_deref() {
        Some("LEGACY" | "1") => CommitmentKind::Legacy,
        Some("STATIC_REMOTE_KEY" | "2") => CommitmentKind::StaticRemoteKey,
        Some("ANCHORS" | "3") => CommitmentKind::Anchors,
        Some("SCRIPT_ENFORCED_LEASE" | "4") => CommitmentKind::Lease,
        Some(
            "SIMPLE_TAPROOT"
            | "SIMPLE_TAPROOT_OVERLAY"
            | "SIMPLE_TAPROOT_FINAL"
            | "TAPROOT"
            | "5"
            | "6"
            | "7",
        ) => CommitmentKind::Taproot,
        None if channel.static_remote_key.flag() == Some(true) => CommitmentKind::StaticRemoteKey,
        _ => CommitmentKind::Unknown,
    }
}

fn printed(snapshot: &ChannelSnapshot, pending: Option<&Pending>) -> Printed {
    let sat = |amount: Msat| amount.to_sat_floor().to_sat();
    let htlcs = pending.map_or(&[][..], |pending| &pending.htlcs);
    Printed {
        capacity: sat(snapshot.capacity),
        local: sat(snapshot.local),
        remote: sat(snapshot.remote),
        commit_fee: snapshot.commit_fee.map(sat),
        feerate: snapshot.feerate,
        opener: snapshot.opener,
        kind: snapshot.commitment,
        dust_limit: snapshot.dust_limit_local.map(bitcoin::Amount::to_sat),
        htlcs: htlcs.iter().map(|htlc| (htlc.direction, sat(htlc.amount))).collect(),
        complete: pending.is_some_and(|pending| pending.complete),
    }
}

/// Takes over what the printed figures come to, and says what had to be assumed.
fn apply(snapshot: &mut ChannelSnapshot, channel: &Listed<'_>, reckoned: &Reckoned, notes: &mut Notes) {
    let msat = |sat: u64| Msat::from_sat(sat).unwrap_or(Msat::MAX);
    snapshot.local = msat(reckoned.local);
    snapshot.remote = msat(reckoned.remote);
    snapshot.hidden_dust = reckoned.hidden_dust.map(msat);
    let key = snapshot.key.clone();
    if snapshot.commitment == CommitmentKind::Unknown {
        let format = reckoned.format;
        notes.channel("commitment_type_unknown", || match format {
            Some(_) => {
                "the listing does not name the commitment type; its anchors tell the format".to_owned()
            }
            None => "the listing does not name the commitment type".to_owned(),
        });
        snapshot.commitment = match format {
            // Without anchors it is one of the two oldest types, which have the same weights and trimming.
            Some(channel_core::CommitmentFormat::StaticRemoteKey) => CommitmentKind::Legacy,
            Some(channel_core::CommitmentFormat::SegwitAnchors) => CommitmentKind::Anchors,
            _ => CommitmentKind::Unknown,
        };
    }
    if let Some(missing) = reckoned.missing.filter(|missing| *missing != 0) {
        notes.channel("listing_identity_broken", || {
            format!(
                "channel {key}: balances, commitment fee, anchors and HTLCs miss the capacity by {missing} sat; \
                 its gross balances and hidden dust are uncertain"
            )
        });
    }
    if reckoned.unlisted_dust {
        notes.channel("hidden_dust_unlisted", || {
            format!("channel {key}: commit_fee holds more than the fee and the trimmed HTLCs listed")
        });
    }
    if channel.initiator.flag().is_none() {
        notes.channel("opener_unknown", || {
            "the listing does not tell who opened the channel, so the commitment fee is added to neither balance"
                .to_owned()
        });
    }
}
