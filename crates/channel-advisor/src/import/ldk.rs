//! LDK: `ChannelDetails` as JSON with the field names of rust-lightning, and ldk-server's `list-channels`.
//!
//! LDK tells no balance, only what could be sent and received now: a balance without reserve and pending HTLCs. Where
//! one of the two is above zero, that side's balance is exact again, and the capacity gives the other side's.

use bitcoin::{OutPoint, Txid};
use channel_core::{FeerateKw, Msat, ShortChannelId, Side};
use serde::Deserialize;

use super::ImportError;
use super::draft::{Draft, check_full, confirmed_height};
use super::features::Features;
use super::notes::Notes;
use super::rows::{Entry, Source};
use super::scalar::{Row, Scalar};
use crate::snapshot::{
    ChannelKey, ChannelSnapshot, CommitmentKind, HtlcDirection, HtlcSnapshot, PeerId, Policy,
};

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Listed<'a> {
    channel_id: Scalar<'a>,
    counterparty: Counterparty<'a>,
    counterparty_node_id: Scalar<'a>,
    funding_txo: Option<Funding<'a>>,
    channel_type: Features,
    short_channel_id: Scalar<'a>,
    #[serde(alias = "channel_value_sats")]
    channel_value_satoshis: Scalar<'a>,
    unspendable_punishment_reserve: Scalar<'a>,
    counterparty_unspendable_punishment_reserve: Scalar<'a>,
    feerate_sat_per_1000_weight: Scalar<'a>,
    outbound_capacity_msat: Scalar<'a>,
    next_outbound_htlc_limit_msat: Scalar<'a>,
    next_outbound_htlc_minimum_msat: Scalar<'a>,
    inbound_capacity_msat: Scalar<'a>,
    force_close_spend_delay: Scalar<'a>,
    is_outbound: Scalar<'a>,
    is_channel_ready: Scalar<'a>,
    is_usable: Scalar<'a>,
    #[serde(alias = "is_public")]
    is_announced: Scalar<'a>,
    #[serde(alias = "channel_config")]
    config: Option<Config<'a>>,
    counterparty_forwarding_info_fee_base_msat: Scalar<'a>,
    counterparty_forwarding_info_fee_proportional_millionths: Scalar<'a>,
    counterparty_outbound_htlc_minimum_msat: Scalar<'a>,
    counterparty_outbound_htlc_maximum_msat: Scalar<'a>,
    channel_shutdown_state: Scalar<'a>,
    pending_inbound_htlcs: Option<Vec<Entry<Htlc<'a>>>>,
    pending_outbound_htlcs: Option<Vec<Entry<Htlc<'a>>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Counterparty<'a> {
    node_id: Scalar<'a>,
    features: Features,
    unspendable_punishment_reserve: Scalar<'a>,
    forwarding_info: Option<Forwarding<'a>>,
    outbound_htlc_minimum_msat: Scalar<'a>,
    outbound_htlc_maximum_msat: Scalar<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Forwarding<'a> {
    fee_base_msat: Scalar<'a>,
    fee_proportional_millionths: Scalar<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Funding<'a> {
    txid: Scalar<'a>,
    #[serde(alias = "index")]
    vout: Scalar<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Config<'a> {
    forwarding_fee_base_msat: Scalar<'a>,
    forwarding_fee_proportional_millionths: Scalar<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Htlc<'a> {
    amount_msat: Scalar<'a>,
    cltv_expiry: Scalar<'a>,
    is_dust: Scalar<'a>,
}

/// Reads the channels that are open.
pub(super) fn channels(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    draft.admit(&source.rows::<Listed<'_>>("channels")?, is_open, read)
}

fn is_open(channel: &Listed<'_>, notes: &mut Notes) -> bool {
    let closing = channel
        .channel_shutdown_state
        .text()
        .is_some_and(|state| !state.replace('_', "").eq_ignore_ascii_case("notshuttingdown"));
    if closing {
        notes.channel("closing_left_out", || "channels that are closing or closed are left out".to_owned());
    } else if channel.is_channel_ready.flag() == Some(false) {
        notes.channel("opening_left_out", || "channels that are not open yet are left out".to_owned());
    } else {
        return true;
    }
    false
}

/// The figures from which balances are found, in msat.
#[derive(Debug, Clone, Copy, Default)]
struct Figures {
    capacity: Msat,
    outbound: Msat,
    inbound: Msat,
    reserve_local: Msat,
    reserve_remote: Msat,
    /// Pending HTLCs; `None` where the listing does not show them.
    pending: Option<Msat>,
}

impl Figures {
    /// Both balances without pending HTLCs, and whether they are exact.
    fn balances(&self) -> (Msat, Msat, bool) {
        let free = self.capacity.saturating_sub(self.pending.unwrap_or(Msat::ZERO));
        let local = self.outbound.saturating_add(self.reserve_local).min(free);
        let remote = self.inbound.saturating_add(self.reserve_remote).min(free.saturating_sub(local));
        let listed = self.pending.is_some();
        match (self.outbound.is_zero(), self.inbound.is_zero()) {
            (false, _) if listed => (local, free.saturating_sub(local), true),
            (true, false) if listed => {
                let remote = self.inbound.saturating_add(self.reserve_remote).min(free);
                (free.saturating_sub(remote), remote, true)
            }
            // Below its reserve a side shows zero, however much it holds: what the other side does not have is ours.
            (true, false) => {
                let remote = self.inbound.saturating_add(self.reserve_remote).min(free);
                (local.min(free.saturating_sub(remote)), remote, false)
            }
            _ => (local, remote, false),
        }
    }
}

fn read(row: &Row<'_>, channel: &Listed<'_>, notes: &mut Notes) -> Result<ChannelSnapshot, ImportError> {
    let key = ChannelKey::new(row.required("channel_id", channel.channel_id.text())?);
    let capacity = row.sat_as_msat("channel_value_satoshis", &channel.channel_value_satoshis)?;
    let capacity = row.required("channel_value_satoshis", capacity)?;
    let reserve_local =
        row.sat_as_msat("unspendable_punishment_reserve", &channel.unspendable_punishment_reserve)?;
    let reserve_remote = reserve_remote(row, channel)?;
    let htlcs = pending(row, channel, notes)?;
    let outbound = row.msat("outbound_capacity_msat", &channel.outbound_capacity_msat)?;
    let inbound = row.msat("inbound_capacity_msat", &channel.inbound_capacity_msat)?;
    let figures = Figures {
        capacity,
        outbound: row.required("outbound_capacity_msat", outbound)?,
        inbound: row.required("inbound_capacity_msat", inbound)?,
        reserve_local: reserve_local.unwrap_or_default(),
        reserve_remote: reserve_remote.unwrap_or_default(),
        pending: htlcs.as_ref().map(|htlcs| htlcs.iter().map(|htlc| htlc.amount).sum()),
    };
    check_full(row, &key, capacity, figures.outbound, figures.inbound)?;
    let (local, remote, exact) = figures.balances();
    notes.channel("balances_are_capacities", || {
        "LDK tells what can be sent and received, not balances; they are found from it and the reserves"
            .to_owned()
    });
    if !exact {
        notes.channel("balances_are_estimates", || {
            "a side at its reserve or HTLCs not listed: these balances are estimates".to_owned()
        });
    }
    let mut snapshot = ChannelSnapshot::new(key, capacity, local, remote);
    (snapshot.local_reported, snapshot.remote_reported) = (figures.outbound, figures.inbound);
    snapshot.htlcs = htlcs;
    snapshot.reserve_local = reserve_local.map(Msat::to_sat_floor);
    snapshot.reserve_remote = reserve_remote.map(Msat::to_sat_floor);
    snapshot.receivable = Some(figures.inbound);
    identify(&mut snapshot, row, channel)?;
    policies(&mut snapshot, row, channel)?;
    note_unknowns(&snapshot, notes);
    Ok(snapshot)
}

fn note_unknowns(snapshot: &ChannelSnapshot, notes: &mut Notes) {
    notes.channel("own_dust_limit_unknown", || {
        "the listing does not show the dust limit of our own commitment".to_owned()
    });
    notes.channel("peer_dust_limit_unknown", || {
        "the listing does not show the dust limit of the peer's commitment".to_owned()
    });
    if snapshot.commitment == CommitmentKind::Unknown {
        notes.channel("commitment_type_unknown", || {
            "the listing does not name the commitment type".to_owned()
        });
    }
}

fn reserve_remote(row: &Row<'_>, channel: &Listed<'_>) -> Result<Option<Msat>, ImportError> {
    let nested = row.sat_as_msat(
        "counterparty.unspendable_punishment_reserve",
        &channel.counterparty.unspendable_punishment_reserve,
    )?;
    match nested {
        Some(reserve) => Ok(Some(reserve)),
        None => row.sat_as_msat(
            "counterparty_unspendable_punishment_reserve",
            &channel.counterparty_unspendable_punishment_reserve,
        ),
    }
}

fn pending(
    row: &Row<'_>,
    channel: &Listed<'_>,
    notes: &mut Notes,
) -> Result<Option<Vec<HtlcSnapshot>>, ImportError> {
    let sides = [
        ("pending_inbound_htlcs", &channel.pending_inbound_htlcs, HtlcDirection::Incoming),
        ("pending_outbound_htlcs", &channel.pending_outbound_htlcs, HtlcDirection::Outgoing),
    ];
    let mut htlcs = Vec::new();
    for (field, entries, direction) in sides {
        let Some(entries) = entries else {
            notes.channel("htlcs_not_listed", || "the listing does not show pending HTLCs".to_owned());
            return Ok(None);
        };
        for (index, entry) in entries.iter().enumerate() {
            let amount = match entry {
                Entry::Read(htlc) => {
                    row.msat(format_args!("{field}[{index}].amount_msat"), &htlc.amount_msat)?
                }
                Entry::Unreadable => None,
            };
            if let (Entry::Read(htlc), Some(amount)) = (entry, amount) {
                let expiry = row.narrow(format_args!("{field}[{index}].cltv_expiry"), &htlc.cltv_expiry)?;
                let trimmed_local = htlc.is_dust.flag();
                htlcs.push(HtlcSnapshot { expiry, trimmed_local, ..HtlcSnapshot::new(direction, amount) });
            } else {
                notes.channel("htlc_entry_unreadable", || {
                    format!("{}.{field} has entries that are no HTLCs; they are left out", row.place)
                });
            }
        }
    }
    Ok(Some(htlcs))
}

fn identify(snapshot: &mut ChannelSnapshot, row: &Row<'_>, channel: &Listed<'_>) -> Result<(), ImportError> {
    let scid = row.unsigned("short_channel_id", &channel.short_channel_id)?;
    snapshot.scid = scid.filter(|scid| *scid != 0).map(ShortChannelId::from_u64);
    snapshot.opened_height = snapshot.scid.and_then(confirmed_height);
    if let Some(funding) = &channel.funding_txo {
        let txid = funding.txid.text().and_then(|text| text.parse::<Txid>().ok());
        let vout = row.narrow::<u32>("funding_txo.vout", &funding.vout)?;
        snapshot.funding = txid.zip(vout).map(|(txid, vout)| OutPoint { txid, vout });
    }
    let peer = channel.counterparty.node_id.text().or(channel.counterparty_node_id.text());
    snapshot.peer = peer.map(PeerId::new);
    snapshot.peer_splices = channel.counterparty.features.splices();
    snapshot.opener = channel.is_outbound.flag().map(|ours| if ours { Side::Local } else { Side::Remote });
    snapshot.commitment = channel.channel_type.commitment();
    snapshot.feerate = row
        .narrow("feerate_sat_per_1000_weight", &channel.feerate_sat_per_1000_weight)?
        .map(FeerateKw::from_sat_per_kw);
    snapshot.to_self_delay = row.narrow("force_close_spend_delay", &channel.force_close_spend_delay)?;
    snapshot.active = channel.is_usable.flag();
    snapshot.private = channel.is_announced.flag().map(|announced| !announced);
    snapshot.spendable = row.msat("next_outbound_htlc_limit_msat", &channel.next_outbound_htlc_limit_msat)?;
    Ok(())
}

fn policies(snapshot: &mut ChannelSnapshot, row: &Row<'_>, channel: &Listed<'_>) -> Result<(), ImportError> {
    if let Some(config) = &channel.config {
        let base = row.msat("config.forwarding_fee_base_msat", &config.forwarding_fee_base_msat)?;
        let ppm = row.narrow(
            "config.forwarding_fee_proportional_millionths",
            &config.forwarding_fee_proportional_millionths,
        )?;
        let minimum =
            row.msat("next_outbound_htlc_minimum_msat", &channel.next_outbound_htlc_minimum_msat)?;
        snapshot.policy_local =
            base.zip(ppm).map(|(base, ppm)| Policy { htlc_minimum: minimum, ..Policy::new(base, ppm) });
    }
    let none = Forwarding::default();
    let nested = channel.counterparty.forwarding_info.as_ref().unwrap_or(&none);
    let base = match row.msat("counterparty.forwarding_info.fee_base_msat", &nested.fee_base_msat)? {
        Some(base) => Some(base),
        None => row.msat(
            "counterparty_forwarding_info_fee_base_msat",
            &channel.counterparty_forwarding_info_fee_base_msat,
        )?,
    };
    let ppm = match row.narrow(
        "counterparty.forwarding_info.fee_proportional_millionths",
        &nested.fee_proportional_millionths,
    )? {
        Some(ppm) => Some(ppm),
        None => row.narrow(
            "counterparty_forwarding_info_fee_proportional_millionths",
            &channel.counterparty_forwarding_info_fee_proportional_millionths,
        )?,
    };
    snapshot.policy_remote = base.zip(ppm).map(|(base, ppm)| Policy::new(base, ppm));
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Forwarded<'a> {
    #[serde(rename = "prev_channel_id")]
    _incoming: Scalar<'a>,
}

/// ldk-server's forwarded payments carry no time, so no rate can be told from them; they are only mentioned.
pub(super) fn forwards(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    source.rows::<Forwarded<'_>>("forwarded_payments")?;
    draft.notes.general(
        "forwards_without_time",
        "LDK's forwarded payments carry no time, so no flow can be told from them",
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn balances_are_found_again_from_what_can_be_sent(
            capacity in 1_000_u64..1_000_000_000,
            share in 0_u64..=1000,
            pending in prop::collection::vec(0_u64..50_000, 0..4),
            reserves in (0_u64..20_000, 0_u64..20_000),
        ) {
            let held: u64 = pending.iter().sum();
            prop_assume!(held < capacity);
            let local = (capacity - held) * share / 1000;
            let remote = capacity - held - local;
            let figures = Figures {
                capacity: Msat::from_msat(capacity),
                outbound: Msat::from_msat(local.saturating_sub(reserves.0)),
                inbound: Msat::from_msat(remote.saturating_sub(reserves.1)),
                reserve_local: Msat::from_msat(reserves.0),
                reserve_remote: Msat::from_msat(reserves.1),
                pending: Some(Msat::from_msat(held)),
            };
            let (found_local, found_remote, exact) = figures.balances();
            prop_assert!(found_local.to_msat() + found_remote.to_msat() + held <= capacity);
            if exact {
                prop_assert_eq!((found_local.to_msat(), found_remote.to_msat()), (local, remote));
            }
            let unlisted = Figures { pending: None, ..figures };
            let (found_local, found_remote, exact) = unlisted.balances();
            prop_assert!(!exact);
            prop_assert!(found_local.to_msat() + found_remote.to_msat() <= capacity);
        }
    }
}
