//! The invented fleet as LND's commands print it: 64-bit numbers as strings.

use serde_json::{Value, json};

use super::HEIGHT;
use super::fleet::{Channel, Fleet, Htlc};
use super::traffic::Forward;

/// `lncli getinfo`.
pub(super) fn info(fleet: &Fleet) -> Value {
    json!({
        "version": "0.20.0-beta",
        "identity_pubkey": fleet.node_id,
        "alias": "Example Node",
        "num_active_channels": fleet.channels.iter().filter(|channel| channel.active).count(),
        "block_height": HEIGHT,
        "synced_to_chain": true,
        "synced_to_graph": true,
    })
}

/// `lncli listchannels`.
pub(super) fn channels(fleet: &Fleet) -> Value {
    json!({ "channels": fleet.channels.iter().map(channel).collect::<Vec<_>>() })
}

fn channel(channel: &Channel) -> Value {
    let htlcs: u64 = channel.htlcs.iter().map(|htlc| htlc.amount_sat).sum();
    let untrimmed: u64 = channel.untrimmed().map(|htlc| htlc.amount_sat).sum();
    let weight = channel.commitment.weight(channel.untrimmed().count() as u64);
    let anchors = channel.commitment.anchors_sat();
    let weight_fee = channel.fee_per_kw * weight / 1000;
    let burden = weight_fee + anchors;
    let local = channel.local_msat / 1000;
    let remote = channel.capacity_sat - local - htlcs;
    // LND prints the opener's balance net of fee and anchors, and as fee whatever no output holds.
    let (local, remote) = if channel.initiator { (local - burden, remote) } else { (local, remote - burden) };
    let commit_fee = channel.capacity_sat - local - remote - anchors - untrimmed;
    let reserve = channel.reserve_sat().to_string();
    let constraints = |dust_limit: u64| {
        json!({
            "csv_delay": 144,
            "chan_reserve_sat": reserve,
            "dust_limit_sat": dust_limit.to_string(),
            "max_pending_amt_msat": (channel.capacity_sat * 990).to_string(),
            "min_htlc_msat": "1",
            "max_accepted_htlcs": 483,
        })
    };
    json!({
        "active": channel.active,
        "remote_pubkey": channel.peer,
        "channel_point": format!("{}:{}", channel.funding_txid, channel.scid & 0xffff),
        "chan_id": channel.scid.to_string(),
        "capacity": channel.capacity_sat.to_string(),
        "local_balance": local.to_string(),
        "remote_balance": remote.to_string(),
        "commit_fee": commit_fee.to_string(),
        "commit_weight": weight.to_string(),
        "fee_per_kw": channel.fee_per_kw.to_string(),
        "unsettled_balance": htlcs.to_string(),
        "total_satoshis_sent": (channel.sent_msat / 1000).to_string(),
        "total_satoshis_received": (channel.received_msat / 1000).to_string(),
        "num_updates": channel.updates.to_string(),
        "pending_htlcs": channel.htlcs.iter().enumerate().map(htlc).collect::<Vec<_>>(),
        "private": channel.private,
        "initiator": channel.initiator,
        "chan_status_flags": "ChanStatusDefault",
        "commitment_type": channel.commitment.name(),
        "lifetime": "2592000",
        "uptime": if channel.active { "2553120" } else { "604800" },
        "local_chan_reserve_sat": reserve,
        "remote_chan_reserve_sat": reserve,
        "local_constraints": constraints(channel.dust_limit_sat),
        "remote_constraints": constraints(354),
        "zero_conf": false,
        "peer_alias": channel.alias,
    })
}

fn htlc((index, htlc): (usize, &Htlc)) -> Value {
    json!({
        "incoming": htlc.incoming,
        "amount": htlc.amount_sat.to_string(),
        "hash_lock": htlc.hash,
        "expiration_height": htlc.expiry,
        "htlc_index": index.to_string(),
        "forwarding_channel": "0",
        "forwarding_htlc_index": "0",
        "locked_in": true,
    })
}

/// `lncli fwdinghistory`.
pub(super) fn forwards(forwards: &[Forward]) -> Value {
    let event = |forward: &Forward| {
        let fee = forward.amount_in - forward.amount_out;
        json!({
            "timestamp": (forward.time_ns / 1_000_000_000).to_string(),
            "timestamp_ns": forward.time_ns.to_string(),
            "chan_id_in": forward.scid_in.to_string(),
            "chan_id_out": forward.scid_out.to_string(),
            "amt_in": (forward.amount_in / 1000).to_string(),
            "amt_out": (forward.amount_out / 1000).to_string(),
            "fee": (fee / 1000).to_string(),
            "fee_msat": fee.to_string(),
            "amt_in_msat": forward.amount_in.to_string(),
            "amt_out_msat": forward.amount_out.to_string(),
        })
    };
    json!({
        "forwarding_events": forwards.iter().map(event).collect::<Vec<_>>(),
        "last_offset_index": forwards.len(),
    })
}

/// `lncli feereport`.
pub(super) fn fees(fleet: &Fleet) -> Value {
    let fee = |channel: &Channel| {
        json!({
            "chan_id": channel.scid.to_string(),
            "channel_point": format!("{}:{}", channel.funding_txid, channel.scid & 0xffff),
            "base_fee_msat": channel.base_msat.to_string(),
            "fee_per_mil": channel.ppm.to_string(),
            "inbound_base_fee_msat": 0,
            "inbound_fee_per_mil": 0,
        })
    };
    json!({ "channel_fees": fleet.channels.iter().map(fee).collect::<Vec<_>>() })
}
