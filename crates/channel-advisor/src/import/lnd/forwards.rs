//! `lncli fwdinghistory` and `lncli feereport`.

use channel_core::Msat;
use serde::Deserialize;

use super::channel_id;
use crate::import::ImportError;
use crate::import::draft::{Draft, ForwardPage};
use crate::import::names::Names;
use crate::import::rows::Source;
use crate::import::scalar::{Row, Scalar};
use crate::snapshot::{ChannelKey, Forward, Policy, Truncation};

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Event<'a> {
    timestamp: Scalar<'a>,
    timestamp_ns: Scalar<'a>,
    chan_id_in: Scalar<'a>,
    chan_id_out: Scalar<'a>,
    amt_in: Scalar<'a>,
    amt_out: Scalar<'a>,
    fee: Scalar<'a>,
    amt_in_msat: Scalar<'a>,
    amt_out_msat: Scalar<'a>,
    fee_msat: Scalar<'a>,
    incoming_htlc_id: Scalar<'a>,
}

/// Reads one page of settled forwards.
pub(in crate::import) fn forwards(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let rows = source.rows::<Event<'_>>("forwarding_events")?;
    let truncation = match rows.len() {
        100 => Some(Truncation::Default100),
        50_000 => Some(Truncation::Page50000),
        _ => None,
    };
    let mut names = Names::default();
    let mut events = Vec::with_capacity(rows.len());
    for (row, event) in rows.iter() {
        let (Some(incoming), Some(outgoing)) = (names.key(&event.chan_id_in), names.key(&event.chan_id_out))
        else {
            draft.notes.general(
                "forward_without_channel",
                format!("{}: forwards without channel ids are left out", source.name),
            );
            continue;
        };
        let amount_in = either(&row, "amt_in_msat", &event.amt_in_msat, "amt_in", &event.amt_in)?;
        let amount_out = either(&row, "amt_out_msat", &event.amt_out_msat, "amt_out", &event.amt_out)?;
        let amount_out = row.required("amt_out_msat", amount_out)?;
        let fee = either(&row, "fee_msat", &event.fee_msat, "fee", &event.fee)?;
        let fee = fee.or_else(|| amount_in?.checked_sub(amount_out));
        let fee = row.required("fee_msat", fee)?;
        let amount_in = amount_in.unwrap_or(amount_out.saturating_add(fee));
        let time_ns =
            event.timestamp_ns.signed().filter(|ns| *ns > 0).or_else(|| event.timestamp.seconds_as_ns());
        let time_ns = row.required("timestamp_ns", time_ns)?;
        let number = row.unsigned("incoming_htlc_id", &event.incoming_htlc_id)?;
        events.push((Forward::new(time_ns, incoming, outgoing, amount_in, amount_out, fee), number));
    }
    draft.forwards.push(ForwardPage { events, truncation });
    Ok(())
}

/// The exact amount where it is printed, else the one in whole satoshi.
fn either(
    row: &Row<'_>,
    msat_field: &str,
    msat: &Scalar<'_>,
    sat_field: &str,
    sat: &Scalar<'_>,
) -> Result<Option<Msat>, ImportError> {
    match row.msat(msat_field, msat)? {
        Some(amount) => Ok(Some(amount)),
        None => row.sat_as_msat(sat_field, sat),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Charged<'a> {
    chan_id: Scalar<'a>,
    scid: Scalar<'a>,
    base_fee_msat: Scalar<'a>,
    fee_per_mil: Scalar<'a>,
    inbound_base_fee_msat: Scalar<'a>,
    inbound_fee_per_mil: Scalar<'a>,
}

/// Reads the node's own fees. `fee_per_mil` is parts per million, whatever its name says.
pub(in crate::import) fn fees(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let rows = source.rows::<Charged<'_>>("channel_fees")?;
    for (row, fee) in rows.iter() {
        let key = ChannelKey::new(&row.required("chan_id", channel_id(&fee.scid, &fee.chan_id).id())?);
        let base = row.msat("base_fee_msat", &fee.base_fee_msat)?.unwrap_or(Msat::ZERO);
        let ppm = row.narrow("fee_per_mil", &fee.fee_per_mil)?;
        let Some(ppm) = ppm else { continue };
        let inbound = |value: &Scalar<'_>| value.signed().and_then(|number| i32::try_from(number).ok());
        let policy = Policy {
            inbound_base_msat: inbound(&fee.inbound_base_fee_msat),
            inbound_ppm: inbound(&fee.inbound_fee_per_mil),
            ..Policy::new(base, ppm)
        };
        draft.own_policies.push((key, policy));
    }
    Ok(())
}
