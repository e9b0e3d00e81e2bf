//! `eclair-cli relaystats` and `audit`.

use channel_core::Msat;
use serde::Deserialize;

use crate::import::ImportError;
use crate::import::draft::{Draft, ForwardPage, PaymentPart};
use crate::import::names::Names;
use crate::import::rows::Source;
use crate::import::scalar::{Row, Scalar};
use crate::snapshot::{ChannelKey, Forward, PeerFlow, PeerId};

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Stats<'a> {
    remote_node_id: Scalar<'a>,
    incoming_payment_count: Scalar<'a>,
    total_amount_in: Scalar<'a>,
    outgoing_payment_count: Scalar<'a>,
    total_amount_out: Scalar<'a>,
    relay_fee_earned: Scalar<'a>,
    on_chain_fee_paid: Scalar<'a>,
    from: Time<'a>,
    to: Time<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Time<'a> {
    iso: Scalar<'a>,
    unix: Scalar<'a>,
}

impl Time<'_> {
    /// The time to the millisecond where it is printed so, else in whole seconds.
    fn nanoseconds(&self) -> Option<i64> {
        let precise = self.iso.text().and_then(|iso| iso.parse::<jiff::Timestamp>().ok());
        let precise = precise.and_then(|time| i64::try_from(time.as_nanosecond()).ok());
        precise.or_else(|| self.unix.seconds_as_ns())
    }
}

/// Reads totals a peer.
pub(in crate::import) fn relay_stats(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let rows = source.rows::<Stats<'_>>("relaystats")?;
    let mut flows = Vec::with_capacity(rows.len());
    for (row, stats) in rows.iter() {
        let peer = PeerId::new(row.required("remoteNodeId", stats.remote_node_id.text())?);
        let from = row.required("from.unix", stats.from.unix.signed())?;
        let to = row.required("to.unix", stats.to.unix.signed())?;
        let mut flow = PeerFlow::empty(peer, from..=to);
        flow.count_in = row.unsigned("incomingPaymentCount", &stats.incoming_payment_count)?.unwrap_or(0);
        flow.count_out = row.unsigned("outgoingPaymentCount", &stats.outgoing_payment_count)?.unwrap_or(0);
        flow.amount_in = row.msat("totalAmountIn", &stats.total_amount_in)?.unwrap_or_default();
        flow.amount_out = row.msat("totalAmountOut", &stats.total_amount_out)?.unwrap_or_default();
        flow.fee_earned = row.msat("relayFeeEarned", &stats.relay_fee_earned)?.unwrap_or_default();
        // On-chain fees are the one amount here in satoshi.
        flow.on_chain_fee_paid =
            row.sat_as_msat("onChainFeePaid", &stats.on_chain_fee_paid)?.unwrap_or_default();
        flows.push(flow);
    }
    draft.peer_flows = Some(flows);
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Audit<'a> {
    sent: Option<Vec<Sent<'a>>>,
    relayed: Option<Vec<Relayed<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Sent<'a> {
    payment_hash: Scalar<'a>,
    recipient_node_id: Scalar<'a>,
    parts: Option<Vec<Part<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Relayed<'a> {
    r#type: Scalar<'a>,
    incoming: Option<Vec<Part<'a>>>,
    outgoing: Option<Vec<Part<'a>>>,
    // Before 0.14 a forward of one part had its fields at the top.
    from_channel_id: Scalar<'a>,
    to_channel_id: Scalar<'a>,
    amount_in: Scalar<'a>,
    amount_out: Scalar<'a>,
    timestamp: Time<'a>,
    settled_at: Time<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Part<'a> {
    channel_id: Scalar<'a>,
    amount: Scalar<'a>,
    amount_with_fees: Scalar<'a>,
    fees: Scalar<'a>,
    received_at: Time<'a>,
    settled_at: Time<'a>,
    // Before 0.14 a part that was sent told these, and `amount` without the fees.
    to_channel_id: Scalar<'a>,
    fees_paid: Scalar<'a>,
    timestamp: Time<'a>,
}

/// Reads relayed payments as forwards, and sent ones as payments.
pub(in crate::import) fn audit(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let audit: Audit<'_> = source.value()?;
    let mut names = Names::default();
    let mut events = Vec::new();
    for (index, relayed) in audit.relayed.iter().flatten().enumerate() {
        let row = Row::entry(source.name, "relayed", index);
        events.extend(forwards(&row, relayed, &mut names)?.into_iter().map(|event| (event, None)));
    }
    draft.forwards.push(ForwardPage { events, truncation: None });
    let mut page = Vec::new();
    for (index, sent) in audit.sent.iter().flatten().enumerate() {
        let row = Row::entry(source.name, "sent", index);
        for (at, part) in sent.parts.iter().flatten().enumerate() {
            page.extend(payment(&row, at, sent, part, &mut names)?);
        }
    }
    draft.payments.get_or_insert_default().push(page);
    Ok(())
}

/// One side of a relayed payment: a channel, what went through it, and when.
struct Leg {
    key: ChannelKey,
    amount: Msat,
    time_ns: Option<i64>,
}

fn legs(row: &Row<'_>, side: &str, parts: &[Part<'_>], names: &mut Names) -> Result<Vec<Leg>, ImportError> {
    let mut legs = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        let amount = row.msat(format_args!("{side}[{index}].amount"), &part.amount)?;
        if let Some((key, amount)) = names.key(&part.channel_id).zip(amount) {
            let time_ns = part.settled_at.nanoseconds().or_else(|| part.received_at.nanoseconds());
            legs.push(Leg { key, amount, time_ns });
        }
    }
    Ok(legs)
}

fn forwards(row: &Row<'_>, relayed: &Relayed<'_>, names: &mut Names) -> Result<Vec<Forward>, ImportError> {
    let mut incoming = legs(row, "incoming", relayed.incoming.as_deref().unwrap_or_default(), names)?;
    let mut outgoing = legs(row, "outgoing", relayed.outgoing.as_deref().unwrap_or_default(), names)?;
    if incoming.is_empty() && outgoing.is_empty() {
        let time_ns = relayed.settled_at.nanoseconds().or_else(|| relayed.timestamp.nanoseconds());
        let amount_in = row.msat("amountIn", &relayed.amount_in)?;
        let amount_out = row.msat("amountOut", &relayed.amount_out)?;
        let leg = |key: Option<ChannelKey>, amount: Option<Msat>| {
            key.zip(amount).map(|(key, amount)| Leg { key, amount, time_ns })
        };
        incoming.extend(leg(names.key(&relayed.from_channel_id), amount_in));
        outgoing.extend(leg(names.key(&relayed.to_channel_id), amount_out));
    }
    let time = outgoing.iter().chain(&incoming).filter_map(|leg| leg.time_ns).max();
    let Some(time_ns) = time else { return Ok(Vec::new()) };
    Ok(pair(&incoming, &outgoing, time_ns))
}

/// A payment of several parts, as pairs of one incoming and one outgoing channel. What came in is dealt out to the
/// outgoing parts in order and in proportion, so that the sums of both sides stay exact.
fn pair(incoming: &[Leg], outgoing: &[Leg], time_ns: i64) -> Vec<Forward> {
    let sum = |legs: &[Leg]| legs.iter().map(|leg| leg.amount).sum::<Msat>();
    let (total_in, total_out) = (sum(incoming), sum(outgoing));
    let mut forwards = Vec::new();
    // Both sides are laid along one line as long as what came in; a pair is where two stretches overlap.
    let mut entered = Msat::ZERO;
    for from in incoming {
        let end = entered.saturating_add(from.amount);
        let (mut left, mut left_in) = (Msat::ZERO, Msat::ZERO);
        for to in outgoing {
            left = left.saturating_add(to.amount);
            let next_in = total_in.mul_div_floor(left.to_msat(), total_out.to_msat());
            let (low, high) = (entered.max(left_in), end.min(next_in));
            if high > low {
                let out = |at: Msat| total_out.mul_div_floor(at.to_msat(), total_in.to_msat());
                let amount_in = high.saturating_sub(low);
                let amount_out = out(high).saturating_sub(out(low));
                let fee = amount_in.saturating_sub(amount_out);
                forwards.push(Forward::new(
                    time_ns,
                    from.key.clone(),
                    to.key.clone(),
                    amount_in,
                    amount_out,
                    fee,
                ));
            }
            left_in = next_in;
        }
        entered = end;
    }
    forwards
}

fn payment(
    row: &Row<'_>,
    index: usize,
    sent: &Sent<'_>,
    part: &Part<'_>,
    names: &mut Names,
) -> Result<Option<PaymentPart>, ImportError> {
    let with_fees = row.msat(format_args!("parts[{index}].amountWithFees"), &part.amount_with_fees)?;
    let fee = row.msat(format_args!("parts[{index}].fees"), part.fees.or(&part.fees_paid))?;
    let fee = fee.unwrap_or_default();
    let amount = match with_fees {
        Some(with_fees) => Some(with_fees.saturating_sub(fee)),
        None => row.msat(format_args!("parts[{index}].amount"), &part.amount)?,
    };
    let time_ns = part.settled_at.nanoseconds().or_else(|| part.timestamp.nanoseconds());
    let (Some(amount), Some(time_ns)) = (amount, time_ns) else { return Ok(None) };
    Ok(Some(PaymentPart {
        time_ns,
        outgoing: names.key(part.channel_id.or(&part.to_channel_id)),
        incoming: None,
        destination: sent.recipient_node_id.text().map(PeerId::new),
        hops: 0,
        amount,
        fee,
        label: sent.payment_hash.text().unwrap_or_default().into(),
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn leg(name: &str, msat: u64) -> Leg {
        Leg { key: ChannelKey::new(name), amount: Msat::from_msat(msat), time_ns: None }
    }

    #[test]
    fn one_part_is_one_forward() {
        let forwards = pair(&[leg("a", 12_003_400)], &[leg("b", 12_000_000)], 7);
        assert_eq!(forwards.len(), 1);
        assert_eq!(forwards[0].fee, Msat::from_msat(3400));
        assert_eq!((forwards[0].incoming.as_str(), forwards[0].outgoing.as_str()), ("a", "b"));
    }

    #[test]
    fn a_payment_that_went_out_in_nothing_gives_no_forward() {
        assert!(pair(&[leg("a", 5)], &[leg("b", 0)], 0).is_empty());
        assert!(pair(&[leg("a", 5)], &[], 0).is_empty());
        assert!(pair(&[], &[leg("b", 5)], 0).is_empty());
    }

    proptest! {
        #[test]
        fn the_sums_of_both_sides_stay_exact(
            incoming in prop::collection::vec(1_u64..1_000_000_000, 1..5),
            outgoing in prop::collection::vec(1_u64..1_000_000_000, 1..5),
        ) {
            let make = |amounts: &[u64], side: &str| -> Vec<Leg> {
                amounts.iter().enumerate().map(|(n, amount)| leg(&format!("{side}{n}"), *amount)).collect()
            };
            let forwards = pair(&make(&incoming, "in"), &make(&outgoing, "out"), 0);
            let total = |pick: fn(&Forward) -> Msat| forwards.iter().map(pick).sum::<Msat>().to_msat();
            prop_assert_eq!(total(|f| f.amount_in), incoming.iter().sum::<u64>());
            prop_assert_eq!(total(|f| f.amount_out), outgoing.iter().sum::<u64>());
            for (n, amount) in incoming.iter().enumerate() {
                let name = format!("in{n}");
                let through: u64 = forwards.iter().filter(|f| f.incoming.as_str() == name)
                    .map(|f| f.amount_in.to_msat()).sum();
                prop_assert_eq!(through, *amount);
            }
        }
    }
}
