//! Signed transactions the specifications publish: their weights as a table of our own, and the vectors themselves
//! where they are at hand.

use std::path::PathBuf;

use CommitmentFormat::{SegwitAnchors, SegwitV3, TaprootV2, TaprootV3};
use MainOutputs::{Both, ToLocalOnly};
use bitcoin::{Transaction, Weight, Witness};
use channel_core::{CltvExpiry, CommitmentFormat};
use channel_tx::weight::enforcement::{MainOutputs, commitment, htlc_success, htlc_timeout};
use channel_tx::weight::{OutputKind, SpendPath, TYPICAL_EXPIRY, TransactionWeight};
use serde_json::Value;

/// Format, main outputs, HTLCs, lengths of both ECDSA signatures (73 stands for the bound), weight.
type Published = (CommitmentFormat, MainOutputs, u16, [u64; 2], u64);

/// Commitments of the BOLT 3 anchor, zero-fee, simple taproot and taproot zero-fee vectors.
const COMMITMENTS: [Published; 17] = [
    (SegwitAnchors, Both, 0, [72, 72], 1114),
    (SegwitAnchors, ToLocalOnly, 0, [71, 71], 768),
    (SegwitAnchors, Both, 5, [72, 72], 1974),
    (SegwitAnchors, Both, 4, [72, 71], 1801),
    (SegwitV3, Both, 0, [72, 72], 774),
    (SegwitV3, ToLocalOnly, 0, [72, 71], 649),
    (SegwitV3, Both, 6, [72, 72], 1806),
    (SegwitV3, Both, 4, [71, 72], 1461),
    (SegwitV3, Both, 0, [71, 72], 773),
    (TaprootV2, Both, 0, [73, 73], 960),
    (TaprootV2, Both, 5, [73, 73], 1820),
    (TaprootV2, Both, 2, [73, 73], 1304),
    (TaprootV3, Both, 0, [73, 73], 668),
    (TaprootV3, ToLocalOnly, 0, [73, 73], 496),
    (TaprootV3, Both, 6, [73, 73], 1700),
    (TaprootV3, Both, 4, [73, 73], 1356),
    (TaprootV3, Both, 3, [73, 73], 1184),
];

#[test]
fn published_commitments_weigh_the_prediction_less_their_short_signatures() {
    for (format, main, htlcs, signatures, weight) in COMMITMENTS {
        let short: u64 = signatures.iter().map(|len| 73 - len).sum();
        let predicted = commitment(format, main, htlcs).weight().to_wu();
        assert_eq!(predicted - short, weight, "{format:?} {main:?} {htlcs}");
    }
}

/// The bytes by which the ECDSA signatures of a witness fall short of 73. Schnorr signatures have 64 or 65 bytes.
fn short(witness: &Witness) -> u64 {
    let is_ecdsa = |element: &&[u8]| (68..=73).contains(&element.len()) && element[0] == 0x30;
    witness.iter().filter(is_ecdsa).map(|signature| 73 - signature.len() as u64).sum()
}

fn assert_published(predicted: TransactionWeight, real: &Transaction) {
    let weight = Weight::from_wu(predicted.weight().to_wu() - short(&real.input[0].witness));
    assert_eq!(weight, real.weight(), "{}", real.compute_txid());
}

fn check_commitment(format: CommitmentFormat, real: &Transaction) {
    let kinds = real.output.iter().map(|output| OutputKind::from(output.script_pubkey.as_script()));
    let funding = SpendPath::Funding.input(format);
    assert_published(TransactionWeight::EMPTY.input(funding).with_outputs(kinds), real);
}

fn check_htlc(format: CommitmentFormat, real: &Transaction) {
    let witness: Vec<&[u8]> = real.input[0].witness.iter().collect();
    let is_success = witness.iter().any(|element| element.len() == 32);
    let script = witness[witness.len() - 1].len();
    // The anchor vectors have heights of two bytes, the others of three.
    let expiry = if script == 141 { CltvExpiry::new(500).unwrap() } else { TYPICAL_EXPIRY };
    let predicted = if is_success { htlc_success(format, expiry) } else { htlc_timeout(format) };
    assert_published(predicted, real);
}

/// Checks every transaction in `value`, by the key it stands under, and counts them.
fn check_all(format: CommitmentFormat, key: &str, value: &Value, checked: &mut usize) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| check_all(format, key, value, checked));
        }
        Value::Array(items) => items.iter().for_each(|item| check_all(format, key, item, checked)),
        Value::String(hex) => {
            let key = key.to_ascii_lowercase().replace('_', "");
            let is_commitment = key.contains("commit") && key.contains("tx");
            let is_htlc = key.contains("resolutiontx") || key.starts_with("signedhtlc");
            if is_commitment || is_htlc {
                let real: Transaction = bitcoin::consensus::encode::deserialize_hex(hex).unwrap();
                let check = if is_htlc { check_htlc } else { check_commitment };
                check(format, &real);
                *checked += 1;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The folder with the official vectors, where there is one.
fn vectors() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("TAPROOT_CHANNELS_SHARED").map_or_else(beside, PathBuf::from);
    Some(shared.join("vectors/bolts")).filter(|folder| folder.is_dir())
}

#[test]
fn official_vectors_weigh_the_prediction() {
    // Without the vectors the table above covers the same shapes.
    let Some(folder) = vectors() else { return };
    for (file, format, transactions) in [
        ("bolt3-appendix-F-anchors-a377265.json", SegwitAnchors, 9 + 15),
        ("bolt3-zero-fee-commitments-test-b982ae7.json", SegwitV3, 11 + 16),
        ("bolt-simple-taproot-13b2110.json", TaprootV2, 3 + 7),
        ("bolt3-taproot-zero-fee-commitments-test.json", TaprootV3, 11 + 16),
    ] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        let mut checked = 0;
        check_all(format, "", &serde_json::from_str(&text).unwrap(), &mut checked);
        assert_eq!(checked, transactions, "{file}");
    }
}
