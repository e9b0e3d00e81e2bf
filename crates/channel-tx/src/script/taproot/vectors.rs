//! The eleven script trees of the simple taproot vectors, compared as bytes: the funding output, and every output of
//! the commitment and of its second level, seen from both parties.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use bitcoin::hashes::{Hash, sha256};
use bitcoin::hex::{DisplayHex, FromHex};
use bitcoin::secp256k1::PublicKey;
use bitcoin::{Amount, OutPoint};
use channel_core::commitment::CommitmentTerms;
use channel_core::dust::TrimLimit;
use channel_core::{CltvExpiry, CommitmentFormat, CsvDelay, PaymentHash, PerSide, Side};
use serde_json::{Value, json};

use super::{LeafRole, TaprootOutput, UNSPENDABLE_KEY};
use crate::commitment::CommitmentBuilder;
use crate::keys::{Basepoints, CommitmentKeys, HtlcKeys};
use crate::script::OutputScript;
use crate::vector_report::VectorReport;
use crate::weight::script::TaprootScripts;

const FIXTURE: &str = include_str!("../../../tests/vectors/scripts_simple_taproot.json");

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn basepoints(side: &Value) -> Basepoints {
    // A basepoint the vectors leave out is not on the owner's commitment; any key stands in for it.
    let key = |name: &str| {
        let public = &side[name]["public"];
        let public = if public.is_null() { &side["payment_basepoint"]["public"] } else { public };
        text(public).parse::<PublicKey>().unwrap()
    };
    Basepoints {
        funding: key("funding"),
        revocation: key("revocation_basepoint"),
        payment: key("payment_basepoint"),
        delayed_payment: key("delayed_basepoint"),
        htlc: key("htlc_basepoint"),
    }
}

/// The commitment of the vectors' local party, as one of the two parties builds it.
struct View {
    owner: Side,
    builder: CommitmentBuilder,
    keys: CommitmentKeys,
    hash: PaymentHash,
    expiry: CltvExpiry,
}

impl View {
    /// The owner's view for [`Side::Local`], the other party's for [`Side::Remote`].
    fn new(fixture: &Value, owner: Side) -> Self {
        let channel = &fixture["channel"];
        let named = |side| basepoints(&channel[if side == owner { "local" } else { "remote" }]);
        let blocks = u16::try_from(channel["to_self_delay"].as_u64().unwrap()).unwrap();
        let terms = CommitmentTerms {
            format: CommitmentFormat::TaprootV2,
            opener: owner,
            capacity: Amount::from_sat(channel["funding"]["value_sat"].as_u64().unwrap()),
            trim: PerSide::from_fn(|_| TrimLimit::observed(Amount::from_sat(354))),
        };
        let delay = CsvDelay::new(blocks).unwrap();
        let builder = CommitmentBuilder::new(
            terms,
            OutPoint::null(),
            PerSide::from_fn(named),
            PerSide::from_fn(|_| delay),
        )
        .unwrap();
        let point: PublicKey = text(&channel["per_commitment"]["point"]).parse().unwrap();
        let preimage = Vec::<u8>::from_hex(text(&fixture["htlc"]["preimage"])).unwrap();
        let height = u32::try_from(fixture["htlc"]["cltv_expiry"].as_u64().unwrap()).unwrap();
        Self {
            owner,
            keys: builder.keys(owner, &point).unwrap(),
            builder,
            hash: PaymentHash::from_bytes(sha256::Hash::hash(&preimage).to_byte_array()),
            expiry: CltvExpiry::new(height).unwrap(),
        }
    }

    fn offered(&self) -> TaprootOutput {
        let keys = self.keys.htlc_keys().unwrap();
        TaprootOutput::offered_htlc(TaprootScripts::V2, self.keys.revocation, &keys, self.hash).unwrap()
    }

    /// The vectors' HTLC goes from the local party to the remote one throughout: who accepted it is the remote party,
    /// whose HTLC key is the accepter's, though the revocation key stays the one of the local commitment.
    fn accepted(&self) -> TaprootOutput {
        let (keys, revocation) = (self.keys.htlc_keys().unwrap(), self.keys.revocation);
        let keys = HtlcKeys { local: keys.remote, remote: keys.local };
        TaprootOutput::accepted_htlc(TaprootScripts::V2, revocation, &keys, self.hash, self.expiry).unwrap()
    }

    /// The output that a label of the vectors names.
    fn output(&self, label: &str) -> TaprootOutput {
        let anchors = || self.builder.keyed_anchors(self.owner, &self.keys).unwrap().unwrap();
        let script = match label {
            "to_local" => self.builder.to_local(self.owner, &self.keys).unwrap(),
            "to_remote" => self.builder.to_remote(self.owner).clone(),
            "local_anchor" => anchors().0,
            "remote_anchor" => anchors().1,
            "second_level_success" | "second_level_timeout" => {
                self.builder.second_level(self.owner, &self.keys).unwrap()
            }
            "offered_htlc_on_local_commitment" | "offered_htlc_on_remote_commitment" => {
                OutputScript::Taproot(self.offered())
            }
            "accepted_htlc_on_local_commitment" | "accepted_htlc_on_remote_commitment" => {
                OutputScript::Taproot(self.accepted())
            }
            other => panic!("the vectors name an unknown output {other}"),
        };
        match script {
            OutputScript::Taproot(output) => output,
            other => panic!("{label} is {other:?}"),
        }
    }
}

const fn name_of(role: LeafRole) -> &'static str {
    match role {
        LeafRole::Delay | LeafRole::ToRemote => "delay",
        LeafRole::Revoke => "revocation",
        LeafRole::Anchor => "anyone",
        LeafRole::Timeout => "timeout",
        LeafRole::Success => "success",
    }
}

/// Everything the vectors say of a tree, as we have it.
fn described(label: &str, output: &TaprootOutput) -> Value {
    let mut leaves: Vec<Value> = output
        .leaves()
        .iter()
        .map(|leaf| {
            json!({
                "name": name_of(leaf.role),
                "script": leaf.script.as_bytes().to_lower_hex_string(),
                "hash": leaf.hash().to_byte_array().to_lower_hex_string(),
            })
        })
        .collect();
    // The tree sorts its leaves by hash; the vectors list them by name.
    leaves.sort_by_key(|leaf| String::from(text(&leaf["name"])));
    json!({
        "label": label,
        "leaves": leaves,
        "merkle_root": output.merkle_root().unwrap().to_byte_array().to_lower_hex_string(),
        "internal_key": output.internal.serialize().to_lower_hex_string(),
        "output_key": with_parity(output).to_lower_hex_string(),
        "script_pubkey": output.script_pubkey().to_bytes().to_lower_hex_string(),
    })
}

/// The output key in 33 bytes: the vectors give its parity as a prefix, control blocks as a bit.
fn with_parity(output: &TaprootOutput) -> Vec<u8> {
    let mut key = vec![2 + output.parity().to_u8()];
    key.extend_from_slice(&output.output_key().serialize());
    key
}

fn funding(view: &View) -> Value {
    let script = view.builder.funding();
    json!({
        "label": "funding",
        "leaves": [],
        "output_key": script.aggregate().unwrap().output_key().serialize().to_lower_hex_string(),
        "script_pubkey": script.script_pubkey().to_bytes().to_lower_hex_string(),
    })
}

#[test]
fn every_tree_is_the_same_for_both_parties() {
    let fixture: Value = serde_json::from_str(FIXTURE).unwrap();
    assert_eq!(UNSPENDABLE_KEY.to_lower_hex_string(), text(&fixture["unspendable_key"]));
    let views = Side::ALL.map(|owner| View::new(&fixture, owner));
    let mut report = VectorReport::new("scripts_simple_taproot");
    for tree in fixture["trees"].as_array().unwrap() {
        let label = text(&tree["label"]);
        let passed = views.iter().all(|view| match label {
            "funding" => funding(view) == *tree,
            _ => described(label, &view.output(label)) == *tree,
        });
        report.product(label, passed);
    }
    report.assert_all_passed();
}

#[test]
fn the_keys_on_the_commitment_are_those_of_the_vectors() {
    let fixture: Value = serde_json::from_str(FIXTURE).unwrap();
    let derived = &fixture["channel"]["derived"];
    for view in Side::ALL.map(|owner| View::new(&fixture, owner)) {
        let (local_htlc, remote_htlc) = view.keys.htlc().unwrap();
        let keys = [
            ("local_delayed", view.keys.local_delayed()),
            ("revocation", view.keys.revocation()),
            ("remote_payment", view.keys.remote_payment()),
            ("local_htlc", local_htlc),
            ("remote_htlc", remote_htlc),
        ];
        for (name, key) in keys {
            assert_eq!(key.serialize().to_lower_hex_string(), text(&derived[name]["public"]), "{name}");
        }
    }
}
