//! The plain table: an object of channel id to fields, or a list of rows with `channel_id`. Missing figures take the
//! defaults of the heuristic profile: balances, capacity and dust 0, dust limit 546 sat.

use std::collections::HashSet;
use std::fmt;

use bitcoin::Amount;
use channel_core::Msat;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};

use super::draft::{Draft, Keys, check_full};
use super::rows::{Layout, Name, Source};
use super::scalar::{Place, Row, Scalar};
use super::{ChannelProblem, ImportError};
use crate::snapshot::{ChannelKey, ChannelSnapshot, Policy};

/// The dust limit of a row that names none, in satoshi.
const DEFAULT_DUST_LIMIT: Amount = Amount::from_sat(546);

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Fields<'a> {
    channel_id: Scalar<'a>,
    local_balance: Scalar<'a>,
    remote_balance: Scalar<'a>,
    capacity: Scalar<'a>,
    local_dust: Scalar<'a>,
    remote_dust: Scalar<'a>,
    dust_limit: Scalar<'a>,
    fee_rate: Scalar<'a>,
}

/// Reads the rows.
pub(super) fn channels(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    if source.layout == Layout::Keyed {
        let mut reader = Table { document: source.name, channels: &mut draft.channels, failure: None };
        let mut json = serde_json::Deserializer::from_str(source.text);
        let read = (&mut reader).deserialize(&mut json).and_then(|()| json.end());
        if let Some(error) = reader.failure {
            return Err(error);
        }
        return read.map_err(|error| source.unreadable(error));
    }
    let rows = source.rows::<Fields<'_>>("channels")?;
    let mut keys = Keys::default();
    for (row, fields) in rows.iter() {
        let key = ChannelKey::new(&row.required("channel_id", fields.channel_id.id())?);
        keys.admit(&row, &key)?;
        draft.channels.push(read(&row, key, fields)?);
    }
    Ok(())
}

fn read(row: &Row<'_>, key: ChannelKey, fields: &Fields<'_>) -> Result<ChannelSnapshot, ImportError> {
    let sat = |field, value| row.sat_as_msat(field, value).map(Option::unwrap_or_default);
    let local = sat("local_balance", &fields.local_balance)?;
    let remote = sat("remote_balance", &fields.remote_balance)?;
    let capacity = sat("capacity", &fields.capacity)?;
    check_full(row, &key, capacity, local, remote)?;
    let dust = |amount: Msat| amount.to_sat_floor();
    let dusts =
        (dust(sat("local_dust", &fields.local_dust)?), dust(sat("remote_dust", &fields.remote_dust)?));
    let limit = row.sat("dust_limit", &fields.dust_limit)?.unwrap_or(DEFAULT_DUST_LIMIT);
    let mut snapshot = ChannelSnapshot::new(key, capacity, local, remote);
    snapshot.table_dust = Some(dusts);
    (snapshot.dust_limit_local, snapshot.dust_limit_remote) = (Some(limit), Some(limit));
    // The heuristic profile never uses the fee rate; where it is a whole number it reads as parts per million.
    let ppm = fields.fee_rate.unsigned().ok().flatten().and_then(|rate| u32::try_from(rate).ok());
    snapshot.policy_local = ppm.map(|ppm| Policy::new(Msat::ZERO, ppm));
    Ok(snapshot)
}

/// Reads an object of rows key by key, so that a repeated key is seen; a map would keep the last one.
struct Table<'t> {
    document: &'t str,
    channels: &'t mut Vec<ChannelSnapshot>,
    failure: Option<ImportError>,
}

impl<'de> DeserializeSeed<'de> for &mut Table<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Table<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of channel id to fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(Name(id)) = object.next_key()? {
            let key = ChannelKey::new(&id);
            let row = Row { document: self.document, place: Place::Key(&id) };
            let fields = object.next_value::<Fields<'de>>()?;
            let read = if seen.insert(key.clone()) {
                read(&row, key, &fields)
            } else {
                Err(ImportError::Channel {
                    document: row.document.into(),
                    path: row.place.to_string().into(),
                    channel: key,
                    problem: ChannelProblem::Duplicate,
                })
            };
            match read {
                Ok(snapshot) => self.channels.push(snapshot),
                Err(error) => {
                    self.failure = Some(error);
                    return Err(A::Error::custom("a row has an impossible value"));
                }
            }
        }
        Ok(())
    }
}
