//! `lncli listpayments`: where circular rebalances show.

use channel_core::Msat;
use serde::Deserialize;

use super::channel_id;
use crate::import::ImportError;
use crate::import::draft::{Draft, PaymentPart};
use crate::import::names::Names;
use crate::import::rows::Source;
use crate::import::scalar::{Row, Scalar};
use crate::snapshot::PeerId;

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Paid<'a> {
    payment_hash: Scalar<'a>,
    status: Scalar<'a>,
    creation_date: Scalar<'a>,
    creation_time_ns: Scalar<'a>,
    value: Scalar<'a>,
    value_sat: Scalar<'a>,
    value_msat: Scalar<'a>,
    fee_sat: Scalar<'a>,
    fee_msat: Scalar<'a>,
    htlcs: Option<Vec<Attempt<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Attempt<'a> {
    status: Scalar<'a>,
    resolve_time_ns: Scalar<'a>,
    route: Option<Route<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Route<'a> {
    total_fees_msat: Scalar<'a>,
    hops: Option<Vec<Hop<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Hop<'a> {
    chan_id: Scalar<'a>,
    scid: Scalar<'a>,
    pub_key: Scalar<'a>,
    amt_to_forward_msat: Scalar<'a>,
}

/// Reads one page of settled payments, part by part.
pub(in crate::import) fn payments(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let rows = source.rows::<Paid<'_>>("payments")?;
    let mut names = Names::default();
    let mut page = Vec::new();
    for (row, payment) in rows.iter() {
        if payment.status.text().is_some_and(|status| status != "SUCCEEDED") {
            continue;
        }
        let before = page.len();
        for (index, attempt) in payment.htlcs.iter().flatten().enumerate() {
            if attempt.status.text() == Some("SUCCEEDED") {
                page.extend(part(&row, index, payment, attempt, &mut names)?);
            }
        }
        if page.len() == before {
            page.extend(whole(&row, payment)?);
        }
    }
    draft.payments.get_or_insert_default().push(page);
    Ok(())
}

fn created(payment: &Paid<'_>) -> Option<i64> {
    let nanos = payment.creation_time_ns.signed().filter(|ns| *ns > 0);
    nanos.or_else(|| payment.creation_date.seconds_as_ns())
}

fn label(payment: &Paid<'_>) -> Box<str> {
    payment.payment_hash.text().unwrap_or_default().into()
}

fn part(
    row: &Row<'_>,
    index: usize,
    payment: &Paid<'_>,
    attempt: &Attempt<'_>,
    names: &mut Names,
) -> Result<Option<PaymentPart>, ImportError> {
    let Some(route) = &attempt.route else { return Ok(None) };
    let hops = route.hops.as_deref().unwrap_or_default();
    let (Some(first), Some(last)) = (hops.first(), hops.last()) else { return Ok(None) };
    let at = format_args!("htlcs[{index}].route").to_string();
    let last_index = hops.len() - 1;
    let amount =
        row.msat(format_args!("{at}.hops[{last_index}].amt_to_forward_msat"), &last.amt_to_forward_msat)?;
    let fee = row.msat(format_args!("{at}.total_fees_msat"), &route.total_fees_msat)?;
    let settled = attempt.resolve_time_ns.signed().filter(|ns| *ns > 0).or_else(|| created(payment));
    let (Some(amount), Some(time_ns)) = (amount, settled) else { return Ok(None) };
    Ok(Some(PaymentPart {
        time_ns,
        outgoing: names.key(channel_id(&first.scid, &first.chan_id)),
        incoming: names.key(channel_id(&last.scid, &last.chan_id)),
        destination: last.pub_key.text().map(PeerId::new),
        hops: hops.len(),
        amount,
        fee: fee.unwrap_or(Msat::ZERO),
        label: label(payment),
    }))
}

/// A payment without routes (old versions): it can only be recognised as ours if something else tells.
fn whole(row: &Row<'_>, payment: &Paid<'_>) -> Result<Option<PaymentPart>, ImportError> {
    let amount = match row.msat("value_msat", &payment.value_msat)? {
        Some(amount) => Some(amount),
        None => match row.sat_as_msat("value_sat", &payment.value_sat)? {
            Some(amount) => Some(amount),
            None => row.sat_as_msat("value", &payment.value)?,
        },
    };
    let fee = match row.msat("fee_msat", &payment.fee_msat)? {
        Some(fee) => Some(fee),
        None => row.sat_as_msat("fee_sat", &payment.fee_sat)?,
    };
    let (Some(amount), Some(time_ns)) = (amount, created(payment)) else { return Ok(None) };
    Ok(Some(PaymentPart {
        time_ns,
        outgoing: None,
        incoming: None,
        destination: None,
        hops: 0,
        amount,
        fee: fee.unwrap_or(Msat::ZERO),
        label: label(payment),
    }))
}
