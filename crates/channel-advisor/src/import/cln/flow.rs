//! `lightning-cli listforwards`, `listpays` and `bkpr-channelsapy`.

use channel_core::Msat;
use serde::Deserialize;

use crate::import::ImportError;
use crate::import::draft::{Draft, ForwardPage, PaymentPart};
use crate::import::names::Names;
use crate::import::rows::Source;
use crate::import::scalar::Scalar;
use crate::snapshot::{Forward, PeerId};

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Event<'a> {
    in_channel: Scalar<'a>,
    in_htlc_id: Scalar<'a>,
    out_channel: Scalar<'a>,
    in_msat: Scalar<'a>,
    in_msatoshi: Scalar<'a>,
    out_msat: Scalar<'a>,
    out_msatoshi: Scalar<'a>,
    fee_msat: Scalar<'a>,
    fee: Scalar<'a>,
    status: Scalar<'a>,
    received_time: Scalar<'a>,
    resolved_time: Scalar<'a>,
}

/// Reads forwards and keeps the settled ones.
pub(in crate::import) fn forwards(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let rows = source.rows::<Event<'_>>("forwards")?;
    let mut names = Names::default();
    let mut events = Vec::with_capacity(rows.len());
    for (row, event) in rows.iter() {
        if event.status.text() != Some("settled") {
            continue;
        }
        let (Some(incoming), Some(outgoing)) = (names.key(&event.in_channel), names.key(&event.out_channel))
        else {
            draft.notes.general(
                "forward_without_channel",
                format!("{}: forwards without channel ids are left out", source.name),
            );
            continue;
        };
        let amount_in =
            row.required("in_msat", row.msat("in_msat", event.in_msat.or(&event.in_msatoshi))?)?;
        let amount_out =
            row.required("out_msat", row.msat("out_msat", event.out_msat.or(&event.out_msatoshi))?)?;
        let fee = row
            .msat("fee_msat", event.fee_msat.or(&event.fee))?
            .unwrap_or(amount_in.saturating_sub(amount_out));
        let time = event.resolved_time.seconds_as_ns().or_else(|| event.received_time.seconds_as_ns());
        let time_ns = row.required("resolved_time", time)?;
        let number = row.unsigned("in_htlc_id", &event.in_htlc_id)?;
        events.push((Forward::new(time_ns, incoming, outgoing, amount_in, amount_out, fee), number));
    }
    draft.forwards.push(ForwardPage { events, truncation: None });
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Pay<'a> {
    payment_hash: Scalar<'a>,
    status: Scalar<'a>,
    destination: Scalar<'a>,
    created_at: Scalar<'a>,
    completed_at: Scalar<'a>,
    amount_msat: Scalar<'a>,
    msatoshi: Scalar<'a>,
    amount_sent_msat: Scalar<'a>,
    msatoshi_sent: Scalar<'a>,
}

/// Reads completed payments. They name no channels: a payment to ourselves shows its cost, not its path.
pub(in crate::import) fn pays(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let rows = source.rows::<Pay<'_>>("pays")?;
    let mut page = Vec::new();
    for (row, pay) in rows.iter() {
        if pay.status.text().is_some_and(|status| status != "complete") {
            continue;
        }
        let amount = row.msat("amount_msat", pay.amount_msat.or(&pay.msatoshi))?;
        let sent = row.msat("amount_sent_msat", pay.amount_sent_msat.or(&pay.msatoshi_sent))?;
        let time = pay.completed_at.seconds_as_ns().or_else(|| pay.created_at.seconds_as_ns());
        let (Some(amount), Some(sent), Some(time_ns)) = (amount, sent, time) else {
            draft.notes.general(
                "payment_without_amount",
                format!("{}: payments without amounts are left out", source.name),
            );
            continue;
        };
        page.push(PaymentPart {
            time_ns,
            outgoing: None,
            incoming: None,
            destination: pay.destination.text().map(PeerId::new),
            hops: 0,
            amount,
            fee: sent.checked_sub(amount).unwrap_or(Msat::ZERO),
            label: pay.payment_hash.text().unwrap_or_default().into(),
        });
    }
    draft.payments.get_or_insert_default().push(page);
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Account<'a> {
    #[serde(rename = "account")]
    _account: Scalar<'a>,
}

/// The bookkeeper's yields are totals without a span, from which no flow can be told; they are only mentioned.
pub(in crate::import) fn apy(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    source.rows::<Account<'_>>("channels_apy")?;
    draft.notes.general(
        "apy_totals_left_out",
        "bkpr-channelsapy gives totals without a span; add listforwards for the flow",
    );
    Ok(())
}
