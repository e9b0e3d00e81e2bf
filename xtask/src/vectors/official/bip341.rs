//! BIP341: output keys of script trees, and key-path signatures of every sighash type.

use serde::Deserialize;
use serde_json::{Value, json};

use super::hex::Hex;
use super::{OfficialError, Sources, labelled};

pub(super) const FILE: &str = "bip-0341/wallet-test-vectors.json";
const OUTPUT_LABELS: [&str; 7] = [
    "no_script",
    "one_leaf",
    "one_leaf_other_key",
    "two_leaves_one_of_another_version",
    "two_leaves",
    "three_leaves",
    "three_leaves_other_keys",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    #[serde(rename = "version")]
    _version: u32,
    #[serde(rename = "scriptPubKey")]
    outputs: Vec<Output>,
    #[serde(rename = "keyPathSpending")]
    spends: [Spend; 1],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Output {
    given: OutputGiven,
    intermediary: OutputSteps,
    expected: OutputExpected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct OutputGiven {
    internal_pubkey: Hex<32>,
    script_tree: Option<Tree>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Tree {
    Leaf(Leaf),
    Branch(Box<[Self; 2]>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Leaf {
    id: usize,
    script: Hex,
    #[serde(rename = "leafVersion")]
    version: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct OutputSteps {
    #[serde(default)]
    leaf_hashes: Vec<Hex<32>>,
    merkle_root: Option<Hex<32>>,
    tweak: Hex<32>,
    tweaked_pubkey: Hex<32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct OutputExpected {
    script_pub_key: Hex<34>,
    bip350_address: String,
    #[serde(default)]
    script_path_control_blocks: Vec<Hex>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Spend {
    given: SpendGiven,
    intermediary: Midstates,
    input_spending: Vec<Input>,
    auxiliary: Auxiliary,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SpendGiven {
    raw_unsigned_tx: Hex,
    utxos_spent: Vec<SpentOutput>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SpentOutput {
    script_pub_key: Hex,
    amount_sats: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Midstates {
    #[serde(rename = "hashAmounts")]
    amounts: Hex<32>,
    #[serde(rename = "hashOutputs")]
    outputs: Hex<32>,
    #[serde(rename = "hashPrevouts")]
    prevouts: Hex<32>,
    #[serde(rename = "hashScriptPubkeys")]
    script_pubkeys: Hex<32>,
    #[serde(rename = "hashSequences")]
    sequences: Hex<32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Auxiliary {
    fully_signed_tx: Hex,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    given: InputGiven,
    intermediary: InputSteps,
    expected: InputExpected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct InputGiven {
    txin_index: usize,
    internal_privkey: Hex<32>,
    merkle_root: Option<Hex<32>>,
    hash_type: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct InputSteps {
    internal_pubkey: Hex<32>,
    tweak: Hex<32>,
    tweaked_privkey: Hex<32>,
    sig_msg: Hex,
    #[serde(rename = "precomputedUsed")]
    _precomputed_used: Vec<String>,
    sig_hash: Hex<32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InputExpected {
    witness: [Hex; 1],
}

pub(super) fn outputs(sources: &Sources) -> Result<Value, OfficialError> {
    let read: Vectors = sources.json(FILE)?;
    let mut outputs = Vec::new();
    for (label, output) in labelled(FILE, &OUTPUT_LABELS, &read.outputs)? {
        outputs.push(json!({
            "label": label,
            "internal_key": output.given.internal_pubkey,
            "leaves": leaves(output)?,
            "merkle_root": output.intermediary.merkle_root,
            "tweak": output.intermediary.tweak,
            "output_key": output.intermediary.tweaked_pubkey,
            "script_pubkey": output.expected.script_pub_key,
            "address": output.expected.bip350_address,
        }));
    }
    Ok(json!({ "cases": outputs }))
}

/// The leaves from left to right, each with its depth: the whole tree in a list.
fn leaves(output: &Output) -> Result<Vec<Value>, OfficialError> {
    let mut found = Vec::new();
    if let Some(tree) = &output.given.script_tree {
        collect(tree, 0, &mut found);
    }
    let hashes = &output.intermediary.leaf_hashes;
    let controls = &output.expected.script_path_control_blocks;
    let in_order = found.iter().enumerate().all(|(index, (leaf, _))| leaf.id == index);
    if !in_order || found.len() != hashes.len() || found.len() != controls.len() {
        return Err(OfficialError::Unexpected { file: FILE, what: "leaves out of order or without a hash" });
    }
    let rows = found.iter().zip(hashes).zip(controls);
    Ok(rows
        .map(|(((leaf, depth), hash), control)| {
            json!({
                "depth": depth,
                "version": leaf.version,
                "script": leaf.script,
                "hash": hash,
                "control_block": control,
            })
        })
        .collect())
}

fn collect<'a>(tree: &'a Tree, depth: usize, found: &mut Vec<(&'a Leaf, usize)>) {
    match tree {
        Tree::Leaf(leaf) => found.push((leaf, depth)),
        Tree::Branch(halves) => halves.iter().for_each(|half| collect(half, depth + 1, found)),
    }
}

pub(super) fn key_path(sources: &Sources) -> Result<Value, OfficialError> {
    let read: Vectors = sources.json(FILE)?;
    let [spend] = &read.spends;
    let spent: Vec<Value> = spend
        .given
        .utxos_spent
        .iter()
        .map(|output| json!({ "value_sat": output.amount_sats, "script_pubkey": output.script_pub_key }))
        .collect();
    Ok(json!({
        "unsigned_transaction": spend.given.raw_unsigned_tx,
        "signed_transaction": spend.auxiliary.fully_signed_tx,
        "spent_outputs": spent,
        "midstates": {
            "amounts": spend.intermediary.amounts,
            "outputs": spend.intermediary.outputs,
            "prevouts": spend.intermediary.prevouts,
            "script_pubkeys": spend.intermediary.script_pubkeys,
            "sequences": spend.intermediary.sequences,
        },
        "cases": spend.input_spending.iter().map(input).collect::<Vec<Value>>(),
    }))
}

fn input(input: &Input) -> Value {
    let [signature] = &input.expected.witness;
    json!({
        "label": format!("input_{}", input.given.txin_index),
        "index": input.given.txin_index,
        "secret_key": input.given.internal_privkey,
        "internal_key": input.intermediary.internal_pubkey,
        "merkle_root": input.given.merkle_root,
        "sighash_type": input.given.hash_type,
        "tweak": input.intermediary.tweak,
        "tweaked_secret_key": input.intermediary.tweaked_privkey,
        "sighash_preimage": input.intermediary.sig_msg,
        "sighash": input.intermediary.sig_hash,
        "witness": signature,
    })
}
