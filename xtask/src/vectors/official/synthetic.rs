//! BIP328: extended keys made from aggregate keys.

use serde::Deserialize;
use serde_json::{Value, json};

use super::hex::Hex;
use super::{OfficialError, Sources, labelled};

pub(super) const FILE: &str = "bip-0328/vectors.json";
const LABELS: [&str; 3] = ["two_keys", "three_keys", "four_keys"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    aggregate_pubkey: Hex<33>,
    keys: Vec<Hex<33>>,
    xpub: String,
}

pub(super) fn derive(sources: &Sources) -> Result<Value, OfficialError> {
    let cases: Vec<Case> = sources.json(FILE)?;
    let cases: Vec<Value> = labelled(FILE, &LABELS, &cases)?
        .map(|(label, case)| {
            json!({
                "label": label,
                "public_keys": case.keys,
                "aggregate_key": case.aggregate_pubkey,
                "extended_key": case.xpub,
            })
        })
        .collect();
    Ok(json!({ "cases": cases }))
}
