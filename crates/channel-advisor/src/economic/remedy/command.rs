//! The command lines that would carry an action out. Text only; nothing is executed.

use channel_core::{FeerateKw, Msat};

use crate::snapshot::{ChannelSnapshot, Implementation};

/// Sets the outgoing rate, and on LND an inbound rate and the largest HTLC.
pub(crate) fn set_fee(
    implementation: Implementation,
    channel: &ChannelSnapshot,
    ppm: u32,
    inbound_ppm: Option<i32>,
    htlc_maximum: Option<Msat>,
) -> Vec<String> {
    let base = channel.policy_local.map_or(0, |policy| policy.base.to_msat());
    let maximum = htlc_maximum.map(Msat::to_msat);
    match implementation {
        Implementation::Lnd => {
            let Some(funding) = channel.funding else { return Vec::new() };
            let inbound = inbound_ppm.map_or(String::new(), |ppm| format!(" --inbound_fee_rate_ppm={ppm}"));
            let maximum = maximum.map_or(String::new(), |msat| format!(" --max_htlc_msat {msat}"));
            vec![format!(
                "lncli updatechanpolicy --base_fee_msat {base} --fee_rate_ppm {ppm} --time_lock_delta KEEP_YOURS{inbound}{maximum} \
                 --chan_point {funding}"
            )]
        }
        Implementation::Cln => {
            let maximum = maximum.map_or(String::new(), |msat| format!(" htlcmax={msat}"));
            vec![format!("lightning-cli setchannel -k id={} feebase={base} feeppm={ppm}{maximum}", channel.key)]
        }
        Implementation::Eclair => channel.peer.as_ref().map_or_else(Vec::new, |peer| {
            vec![format!(
                "eclair-cli updaterelayfee --nodeId={peer} --feeBaseMsat={base} --feeProportionalMillionths={ppm}"
            )]
        }),
        Implementation::Ldk | Implementation::Table => Vec::new(),
    }
}

/// Sends a circular payment out through `source` and back through `target`.
pub(crate) fn rebalance(
    implementation: Implementation,
    source: &ChannelSnapshot,
    target: &ChannelSnapshot,
    amount: Msat,
    max_ppm: u32,
) -> Vec<String> {
    let whole = amount.to_sat_floor().to_sat();
    match (implementation, &source.peer, &target.peer) {
        (Implementation::Lnd, Some(out), Some(into)) => vec![format!(
            "bos rebalance --out {out} --in {into} --amount {whole} --max-fee-rate {max_ppm} --max-fee {}",
            crate::economic::rate::cost_at(amount, max_ppm).to_sat_ceil().to_sat()
        )],
        (Implementation::Cln, ..) => vec![format!(
            "lightning-cli sling-once -k scid={} direction=pull amount={whole} maxppm={max_ppm} onceamount={whole} \
             candidates='[\"{}\"]'",
            target.key, source.key
        )],
        _ => Vec::new(),
    }
}

/// Adds coins to a channel.
pub(crate) fn splice_in(
    implementation: Implementation,
    channel: &ChannelSnapshot,
    amount: Msat,
) -> Vec<String> {
    let whole = amount.to_sat_floor().to_sat();
    match implementation {
        Implementation::Cln => {
            vec![format!("lightning-cli splicein -k channel={} amount={whole}", channel.key)]
        }
        Implementation::Eclair => {
            vec![format!("eclair-cli splicein --channelId={} --amountIn={whole}", channel.key)]
        }
        _ => Vec::new(),
    }
}

/// Moves coins from one channel into another in one transaction.
pub(crate) fn cross_splice(
    implementation: Implementation,
    source: &ChannelSnapshot,
    target: &ChannelSnapshot,
    amount: Msat,
) -> Vec<String> {
    if implementation != Implementation::Cln {
        return Vec::new();
    }
    let whole = amount.to_sat_floor().to_sat();
    vec![format!(
        "lightning-cli spliceout -k channel={} amount={whole} destination={}",
        source.key, target.key
    )]
}

/// Opens a channel to the peer of another.
pub(crate) fn open(
    implementation: Implementation,
    channel: &ChannelSnapshot,
    capacity: Msat,
    feerate: FeerateKw,
) -> Vec<String> {
    let Some(peer) = &channel.peer else { return Vec::new() };
    let whole = capacity.to_sat_floor().to_sat();
    let per_vb = feerate.to_sat_per_kw().div_ceil(250);
    match implementation {
        Implementation::Lnd => {
            vec![format!("lncli openchannel --node_key {peer} --local_amt {whole} --sat_per_vbyte {per_vb}")]
        }
        Implementation::Cln => vec![format!(
            "lightning-cli fundchannel -k id={peer} amount={whole} feerate={}perkw",
            feerate.to_sat_per_kw()
        )],
        Implementation::Eclair => vec![format!(
            "eclair-cli open --nodeId={peer} --fundingSatoshis={whole} --fundingFeerateSatByte={per_vb}"
        )],
        Implementation::Ldk | Implementation::Table => Vec::new(),
    }
}

/// Closes a channel cooperatively.
pub(crate) fn close(
    implementation: Implementation,
    channel: &ChannelSnapshot,
    feerate: FeerateKw,
) -> Vec<String> {
    match implementation {
        Implementation::Lnd => channel.funding.map_or_else(Vec::new, |funding| {
            vec![format!(
                "lncli closechannel --chan_point {funding} --sat_per_vbyte {}",
                feerate.to_sat_per_kw().div_ceil(250)
            )]
        }),
        Implementation::Cln => vec![format!("lightning-cli close {}", channel.key)],
        Implementation::Eclair => vec![format!("eclair-cli close --channelId={}", channel.key)],
        Implementation::Ldk | Implementation::Table => Vec::new(),
    }
}
