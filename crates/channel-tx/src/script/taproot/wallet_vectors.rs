//! BIP 341's outputs: leaf hashes, roots, tweaks, output keys and control blocks.
//!
//! Trees that no channel has (another leaf version, three leaves) are put together by `bitcoin`; their output key is
//! still tweaked here.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use bitcoin::hashes::Hash;
use bitcoin::hex::{DisplayHex, FromHex};
use bitcoin::taproot::{LeafVersion, TaprootBuilder, TaprootSpendInfo};
use bitcoin::{Address, KnownHrp, ScriptBuf, TapLeafHash, TapNodeHash, XOnlyPublicKey};
use serde_json::Value;

use super::{Leaf, LeafRole, TaprootOutput, tap_tweak};
use crate::keys::Point;
use crate::script::{ScriptBytes, Unlock};
use crate::vector_report::VectorReport;

const FIXTURE: &str = include_str!("../../../tests/vectors/bip341_outputs.json");

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn octets(value: &Value) -> Vec<u8> {
    Vec::from_hex(text(value)).unwrap()
}

fn leaves(case: &Value) -> &[Value] {
    case["leaves"].as_array().unwrap()
}

fn version(leaf: &Value) -> u8 {
    u8::try_from(leaf["version"].as_u64().unwrap()).unwrap()
}

/// The internal key, which the vectors give by its x coordinate.
fn internal_key(case: &Value) -> XOnlyPublicKey {
    text(&case["internal_key"]).parse().unwrap()
}

/// Root, tweak, output key, script and address.
fn key_passes(case: &Value) -> bool {
    let internal = internal_key(case);
    let point = Point::new(&internal.public_key(bitcoin::key::Parity::Even));
    let root = case["merkle_root"].is_string().then(|| octets(&case["merkle_root"]));
    let root = root.map(|root| TapNodeHash::from_slice(&root).unwrap());
    let tweak = tap_tweak(&point, root);
    let (output, _) = point.tap_tweak(tweak).unwrap();
    let secp = bitcoin::secp256k1::Secp256k1::verification_only();
    let address = Address::p2tr(&secp, internal, root, KnownHrp::Mainnet);
    tweak.to_byte_array().to_lower_hex_string() == text(&case["tweak"])
        && output.to_lower_hex_string() == text(&case["output_key"])
        && address.script_pubkey().to_hex_string() == text(&case["script_pubkey"])
        && address.to_string() == text(&case["address"])
}

/// The tree as `bitcoin` puts it together, for every case.
fn tree_passes(case: &Value) -> bool {
    let builder = leaves(case).iter().fold(TaprootBuilder::new(), |builder, leaf| {
        let depth = u8::try_from(leaf["depth"].as_u64().unwrap()).unwrap();
        let script = ScriptBuf::from_bytes(octets(&leaf["script"]));
        builder.add_leaf_with_ver(depth, script, LeafVersion::from_consensus(version(leaf)).unwrap()).unwrap()
    });
    let secp = bitcoin::secp256k1::Secp256k1::verification_only();
    let info = builder.finalize(&secp, internal_key(case)).unwrap();
    let root = info.merkle_root().map(|root| root.to_byte_array().to_lower_hex_string());
    root.as_deref() == case["merkle_root"].as_str()
        && leaves(case).iter().all(|leaf| leaf_passes(&info, leaf))
}

fn leaf_passes(info: &TaprootSpendInfo, leaf: &Value) -> bool {
    let version = LeafVersion::from_consensus(version(leaf)).unwrap();
    let script = ScriptBuf::from_bytes(octets(&leaf["script"]));
    let hash = TapLeafHash::from_script(&script, version);
    let control = info.control_block(&(script, version)).unwrap().serialize();
    hash.to_byte_array().to_lower_hex_string() == text(&leaf["hash"])
        && control.to_lower_hex_string() == text(&leaf["control_block"])
}

/// The tree as channels have theirs: at most two leaves of the one version.
fn own_tree_passes(case: &Value) -> Option<bool> {
    const ROLES: [LeafRole; 2] = [LeafRole::Timeout, LeafRole::Success];
    let given = leaves(case);
    if given.len() > 2 || given.iter().any(|leaf| version(leaf) != LeafVersion::TapScript.to_consensus()) {
        return None;
    }
    let internal = Point::new(&internal_key(case).public_key(bitcoin::key::Parity::Even));
    let made: Vec<Leaf> = given
        .iter()
        .zip(ROLES)
        .map(|(leaf, role)| Leaf::new(role, ScriptBytes::from_slice(&octets(&leaf["script"]))))
        .collect();
    let output = match <[Leaf; 2]>::try_from(made) {
        Ok(two) => TaprootOutput::new(internal, two),
        Err(fewer) => match <[Leaf; 1]>::try_from(fewer) {
            Ok(one) => TaprootOutput::new(internal, one),
            Err(_) => TaprootOutput::new(internal, []),
        },
    }
    .unwrap();
    let controls = output.leaves().iter().zip(given).all(|(leaf, given)| {
        let Some(Unlock::Leaf { control_block, leaf_hash, .. }) = output.leaf_path(leaf.role) else {
            return false;
        };
        control_block.to_lower_hex_string() == text(&given["control_block"])
            && leaf_hash.to_byte_array().to_lower_hex_string() == text(&given["hash"])
    });
    Some(controls && output.script_pubkey().to_hex_string() == text(&case["script_pubkey"]))
}

#[test]
fn outputs_of_the_wallet_vectors() {
    let fixture: Value = serde_json::from_str(FIXTURE).unwrap();
    let mut report = VectorReport::new("bip341_outputs");
    let mut own = Vec::<String>::new();
    for case in fixture["cases"].as_array().unwrap() {
        let label = text(&case["label"]);
        let as_channels_do = own_tree_passes(case);
        own.extend(as_channels_do.map(|_| label.into()));
        let passed = key_passes(case) && tree_passes(case) && as_channels_do.unwrap_or(true);
        report.product(label, passed);
    }
    assert_eq!(own, ["no_script", "one_leaf", "one_leaf_other_key", "two_leaves"]);
    report.assert_all_passed();
}
