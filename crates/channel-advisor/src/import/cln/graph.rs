//! `lightning-cli listchannels` and `listnodes`: the public graph.

use channel_core::{Msat, ShortChannelId};
use serde::Deserialize;

use crate::import::ImportError;
use crate::import::draft::Draft;
use crate::import::features::Features;
use crate::import::rows::Source;
use crate::import::scalar::Scalar;
use crate::snapshot::{EdgePolicy, PeerId};

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Direction<'a> {
    source: Scalar<'a>,
    destination: Scalar<'a>,
    short_channel_id: Scalar<'a>,
    amount_msat: Scalar<'a>,
    amount_msatoshi: Scalar<'a>,
    satoshis: Scalar<'a>,
    active: Scalar<'a>,
    base_fee_millisatoshi: Scalar<'a>,
    fee_per_millionth: Scalar<'a>,
    htlc_minimum_msat: Scalar<'a>,
    htlc_maximum_msat: Scalar<'a>,
}

/// Reads the graph: one row a direction.
pub(in crate::import) fn graph(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let rows = source.rows::<Direction<'_>>("channels")?;
    draft.graph_given = true;
    for (row, direction) in rows.iter() {
        let key = |value: &Scalar<'_>| value.text().and_then(|id| PeerId::new(id).to_bytes());
        let scid = direction.short_channel_id.text().and_then(|id| id.parse::<ShortChannelId>().ok());
        let (Some(from), Some(to), Some(scid)) = (key(&direction.source), key(&direction.destination), scid)
        else {
            draft.notes.general(
                "graph_rows_left_out",
                format!("{}: rows without short id or whole public keys are left out", source.name),
            );
            continue;
        };
        let base = row.msat("base_fee_millisatoshi", &direction.base_fee_millisatoshi)?.unwrap_or_default();
        let ppm = row.narrow("fee_per_millionth", &direction.fee_per_millionth)?.unwrap_or_default();
        let minimum = row.msat("htlc_minimum_msat", &direction.htlc_minimum_msat)?.unwrap_or_default();
        let maximum = row.msat_limit("htlc_maximum_msat", &direction.htlc_maximum_msat)?.unwrap_or(Msat::MAX);
        let capacity = match row.msat("amount_msat", direction.amount_msat.or(&direction.amount_msatoshi))? {
            Some(capacity) => capacity,
            None => row.sat_as_msat("satoshis", &direction.satoshis)?.unwrap_or(maximum),
        };
        let disabled = direction.active.flag() == Some(false);
        let (from, to) = (draft.graph.node(from), draft.graph.node(to));
        let policy = EdgePolicy::new(base, ppm, minimum, maximum, disabled);
        draft.graph.direction(from, to, scid.to_u64(), capacity, policy);
    }
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Node<'a> {
    nodeid: Scalar<'a>,
    alias: Scalar<'a>,
    features: Features,
}

/// Reads aliases and features, for the graph and for our peers.
pub(in crate::import) fn nodes(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let rows = source.rows::<Node<'_>>("nodes")?;
    for (_, node) in rows.iter() {
        let Some(id) = node.nodeid.text().map(PeerId::new) else { continue };
        let splices = node.features.splices();
        draft.announced.insert(id, (node.alias.text().map(str::to_owned), splices));
    }
    Ok(())
}
