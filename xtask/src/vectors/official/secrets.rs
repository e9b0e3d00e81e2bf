//! BOLT 3: per-commitment secrets and the keys derived with them.

use serde::Deserialize;
use serde_json::{Value, json};

use super::hex::Hex;
use super::{OfficialError, Sources, labelled};

pub(super) const SHACHAIN: &str = "bolts/bolt3-shachain.json";
pub(super) const KEY_DERIVATION: &str = "bolts/bolt3-key-derivation.json";
const GENERATION_LABELS: [&str; 5] =
    ["zero_seed_first", "ones_seed_first", "alternating_bits", "alternating_bits_inverse", "last_but_one"];
const STORAGE_LABELS: [&str; 9] = [
    "correct",
    "first_wrong",
    "second_wrong_and_first_from_it",
    "third_wrong",
    "fourth_wrong_and_three_from_it",
    "fifth_wrong",
    "sixth_wrong_and_fifth_from_it",
    "seventh_wrong",
    "eighth_wrong",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shachain {
    #[serde(rename = "source")]
    _source: String,
    generation: Vec<Generation>,
    storage: Vec<Storage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Generation {
    #[serde(rename = "name")]
    _name: String,
    seed: Hex<32>,
    #[serde(rename = "I")]
    index: u64,
    output: Hex<32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Storage {
    #[serde(rename = "name")]
    _name: String,
    inserts: Vec<Insert>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Insert {
    #[serde(rename = "I")]
    index: u64,
    secret: Hex<32>,
    accepted: bool,
}

pub(super) fn shachain(sources: &Sources) -> Result<Value, OfficialError> {
    let read: Shachain = sources.json(SHACHAIN)?;
    let generation: Vec<Value> = labelled(SHACHAIN, &GENERATION_LABELS, &read.generation)?
        .map(|(label, case)| {
            json!({ "label": label, "seed": case.seed, "index": case.index, "secret": case.output })
        })
        .collect();
    let storage: Vec<Value> = labelled(SHACHAIN, &STORAGE_LABELS, &read.storage)?
        .map(|(label, case)| json!({ "label": label, "inserts": inserts(&case.inserts) }))
        .collect();
    Ok(json!({ "generation": generation, "storage": storage }))
}

fn inserts(inserts: &[Insert]) -> Vec<Value> {
    inserts
        .iter()
        .map(|one| json!({ "index": one.index, "secret": one.secret, "accepted": one.accepted }))
        .collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyDerivation {
    #[serde(rename = "source")]
    _source: String,
    base_secret: Hex<32>,
    per_commitment_secret: Hex<32>,
    base_point: Hex<33>,
    per_commitment_point: Hex<33>,
    localpubkey: Hex<33>,
    localprivkey: Hex<32>,
    revocationpubkey: Hex<33>,
    revocationprivkey: Hex<32>,
}

pub(super) fn key_derivation(sources: &Sources) -> Result<Value, OfficialError> {
    let read: KeyDerivation = sources.json(KEY_DERIVATION)?;
    Ok(json!({
        "basepoint": { "public": read.base_point, "secret": read.base_secret },
        "per_commitment": { "point": read.per_commitment_point, "secret": read.per_commitment_secret },
        "derived_key": { "public": read.localpubkey, "secret": read.localprivkey },
        "revocation_key": { "public": read.revocationpubkey, "secret": read.revocationprivkey },
    }))
}
