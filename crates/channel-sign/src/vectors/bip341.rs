//! BIP 341's wallet vectors: key-path signatures of every sighash type.

use alloc::vec::Vec;

use bitcoin::hashes::{Hash, sha256};
use bitcoin::hex::DisplayHex;
use bitcoin::sighash::{Prevouts, SighashCache, TapSighashType};
use bitcoin::{Amount, ScriptBuf, TapNodeHash, TapTweakHash, Transaction, TxOut, consensus};
use channel_tx::script::{SighashScope, Unlock};
use serde_json::Value;

use super::fixture::{bytes, list, octets, text, transaction};
use super::key::VectorKey;
use crate::vector_report::VectorReport;

/// The transaction of the vectors and what it spends.
struct Spend {
    unsigned: Transaction,
    signed: Transaction,
    prevouts: Vec<TxOut>,
}

impl Spend {
    fn read(fixture: &Value) -> Self {
        let prevouts = list(&fixture["spent_outputs"]).iter().map(|output| TxOut {
            value: Amount::from_sat(output["value_sat"].as_u64().unwrap()),
            script_pubkey: ScriptBuf::from_bytes(octets(&output["script_pubkey"])),
        });
        Self {
            unsigned: transaction(&fixture["unsigned_transaction"]),
            signed: transaction(&fixture["signed_transaction"]),
            prevouts: prevouts.collect(),
        }
    }

    /// Every step from the secret key to the witness.
    fn passes(&self, case: &Value) -> bool {
        let key = VectorKey::new(bytes(&case["secret_key"]));
        let (internal, _) = key.public().x_only_public_key();
        let root = case["merkle_root"].is_string();
        let root = root.then(|| TapNodeHash::from_byte_array(bytes(&case["merkle_root"])));
        let tweak = TapTweakHash::from_key_and_tweak(internal, root);
        let tweaked = key.tap_tweaked(root);
        let kind = u8::try_from(case["sighash_type"].as_u64().unwrap()).unwrap();
        let kind = TapSighashType::from_consensus_u8(kind).unwrap();
        let index = usize::try_from(case["index"].as_u64().unwrap()).unwrap();
        let digest = self.digest(index, kind);
        let unlock = Unlock::KeyPath { internal_key: internal, merkle_root: root };
        let mut signature = tweaked.schnorr(&digest).to_vec();
        if kind != TapSighashType::Default {
            signature.push(kind as u8);
        }
        internal.serialize() == bytes(&case["internal_key"])
            && tweak.to_byte_array() == bytes(&case["tweak"])
            && tweaked.secret() == bytes(&case["tweaked_secret_key"])
            && self.preimage(index, kind) == octets(&case["sighash_preimage"])
            && digest == bytes(&case["sighash"])
            && self.scoped_digest(&unlock, index, kind).is_none_or(|scoped| scoped == digest)
            && signature == octets(&case["witness"])
            && self.signed.input[index].witness == unlock.witness([&signature[..]])
    }

    fn digest(&self, index: usize, kind: TapSighashType) -> [u8; 32] {
        let mut cache = SighashCache::new(&self.unsigned);
        let digest = cache.taproot_key_spend_signature_hash(index, &Prevouts::All(&self.prevouts), kind);
        digest.unwrap().to_byte_array()
    }

    fn preimage(&self, index: usize, kind: TapSighashType) -> Vec<u8> {
        let mut encoded = Vec::new();
        let prevouts = Prevouts::All(&self.prevouts);
        let mut cache = SighashCache::new(&self.unsigned);
        cache.taproot_encode_signing_data_to(&mut encoded, index, &prevouts, None, None, kind).unwrap();
        encoded
    }

    /// The digest as the transactions of a channel ask for it, for the two types they use.
    fn scoped_digest(&self, unlock: &Unlock, index: usize, kind: TapSighashType) -> Option<[u8; 32]> {
        let scope = match kind {
            TapSighashType::Default => SighashScope::All,
            TapSighashType::SinglePlusAnyoneCanPay => SighashScope::SingleAnyoneCanPay,
            _ => return None,
        };
        let mut cache = SighashCache::new(&self.unsigned);
        Some(unlock.digest(&mut cache, index, &self.prevouts, scope).unwrap())
    }
}

#[test]
fn key_paths_of_the_wallet_vectors() {
    let fixture: Value =
        serde_json::from_str(include_str!("../../tests/vectors/bip341_key_path.json")).unwrap();
    let spend = Spend::read(&fixture);
    let mut report = VectorReport::new("bip341_key_path");
    for case in list(&fixture["cases"]) {
        report.product(text(&case["label"]), spend.passes(case));
    }
    report.assert_all_passed();
}

#[test]
fn midstates_of_the_wallet_vectors() {
    let fixture: Value =
        serde_json::from_str(include_str!("../../tests/vectors/bip341_key_path.json")).unwrap();
    let Spend { unsigned, prevouts, .. } = Spend::read(&fixture);
    let hash =
        |parts: Vec<Vec<u8>>| sha256::Hash::hash(&parts.concat()).to_byte_array().to_lower_hex_string();
    let inputs = &unsigned.input;
    let made = serde_json::json!({
        "amounts": hash(prevouts.iter().map(|output| consensus::serialize(&output.value)).collect()),
        "outputs": hash(unsigned.output.iter().map(consensus::serialize).collect()),
        "prevouts": hash(inputs.iter().map(|input| consensus::serialize(&input.previous_output)).collect()),
        "script_pubkeys":
            hash(prevouts.iter().map(|output| consensus::serialize(&output.script_pubkey)).collect()),
        "sequences": hash(inputs.iter().map(|input| consensus::serialize(&input.sequence)).collect()),
    });
    assert_eq!(made, fixture["midstates"]);
}
