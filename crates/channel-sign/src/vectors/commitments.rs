//! The four sets of commitments: built from a spec by either party, signed by both, compared as bytes.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use bitcoin::consensus::encode::serialize_hex;
use bitcoin::hashes::Hash;
use bitcoin::hex::DisplayHex;
use bitcoin::{TapSighash, Transaction, Witness};
use channel_core::Side;
use channel_tx::commitment::{Commitment, HtlcTransaction};
use channel_tx::funding::FundingScript;
use channel_tx::keys::AggregateKey;
use channel_tx::script::SighashScope;
use serde_json::Value;

use super::fixture::{Channel, Signers, bytes, list, octets, preimage, spec, text, transaction};
use super::key::VectorKey;
use super::oracle;
use crate::musig::{Cosigner, SecretNonce};
use crate::vector_report::VectorReport;

#[test]
fn simple_taproot() {
    assert_set(
        &Channel::read(include_str!("../../tests/vectors/commitments_simple_taproot.json")),
        "simple_taproot_commitments",
        "simple_taproot_htlc_transactions",
    );
}

#[test]
fn taproot_zero_fee() {
    assert_set(
        &Channel::read(include_str!("../../tests/vectors/commitments_taproot_zero_fee.json")),
        "taproot_zero_fee_commitments",
        "taproot_zero_fee_htlc_transactions",
    );
}

#[test]
fn segwit_zero_fee() {
    assert_set(
        &Channel::read(include_str!("../../tests/vectors/commitments_segwit_zero_fee.json")),
        "segwit_zero_fee_commitments",
        "segwit_zero_fee_htlc_transactions",
    );
}

#[test]
fn anchors() {
    assert_set(
        &Channel::read(include_str!("../../tests/vectors/commitments_anchors.json")),
        "anchors_commitments",
        "anchors_htlc_transactions",
    );
}

/// Builds and signs every case of a set. A commitment passes when both parties build the vector's bytes and its
/// signatures are the vector's; an HTLC transaction when the fully signed bytes are the vector's.
fn assert_set(channel: &Channel, commitments: &'static str, htlc_transactions: &'static str) {
    channel.assert_funding_transaction();
    channel.assert_derived_keys();
    let (local, remote) = (channel.signers("local"), channel.signers("remote"));
    let mut commitment_report = VectorReport::new(commitments);
    let mut htlc_report = VectorReport::new(htlc_transactions);
    for case in channel.cases() {
        let label = text(&case["label"]);
        let [ours, theirs] = Side::ALL.map(|owner| build(channel, case, owner));
        let signed = transaction(&case["signed_commitment"]);
        let stripped = serialize_hex(&without_witness(signed));
        let built = serialize_hex(ours.transaction()) == stripped
            && serialize_hex(theirs.transaction()) == stripped
            && ours.sighash() == theirs.sighash();
        let complete = signed_commitment(channel, case, &ours, &local.funding, &remote.funding)
            .is_some_and(|made| made == text(&case["signed_commitment"]));
        commitment_report.product(label, built && complete);
        if let Some(aggregate) = channel.builder(case, Side::Local).funding().aggregate() {
            let parties = [&local.funding, &remote.funding];
            let signature = oracle::signature(case, aggregate, ours.sighash(), parties);
            let witness = &transaction(&case["signed_commitment"]).input[0].witness;
            commitment_report.oracle(label, *witness == Witness::from_slice(&[signature]));
        }

        let expected = list(&case["htlc_transactions"]);
        let made: Vec<HtlcTransaction<'_>> = ours.htlc_transactions().collect();
        assert_eq!(made.len(), expected.len(), "{label}: HTLC outputs");
        for (made, expected) in made.iter().zip(expected) {
            let label = format!("{label}_{}", made.output_index());
            htlc_report.product(&label, htlc_passes(case, made, expected, &local, &remote));
        }
    }
    commitment_report.assert_all_passed();
    htlc_report.assert_all_passed();
}

fn build(channel: &Channel, case: &Value, owner: Side) -> Commitment {
    channel.builder(case, owner).commitment(owner, &channel.point(), &spec(case, owner)).unwrap()
}

fn without_witness(mut transaction: Transaction) -> Transaction {
    for input in &mut transaction.input {
        input.witness = Witness::new();
    }
    transaction
}

/// The fully signed bytes, `None` when a signature that the vector gives alone is another.
fn signed_commitment(
    channel: &Channel,
    case: &Value,
    commitment: &Commitment,
    local: &VectorKey,
    remote: &VectorKey,
) -> Option<String> {
    let funding = channel.builder(case, Side::Local).funding().clone();
    let digest = commitment.sighash();
    let witness = match &funding {
        FundingScript::MuSig2(aggregate) => {
            let signature = musig_signature(case, aggregate, digest, local, remote)?;
            funding.unlock().witness([&signature[..]])
        }
        FundingScript::TwoOfTwo { sorted, .. } => {
            let theirs = remote.ecdsa(digest);
            if case["remote_signature"].is_string() && octets(&case["remote_signature"]) != theirs {
                return None;
            }
            let unlock = funding.unlock();
            let signatures = [(local.public(), local.ecdsa(digest)), (remote.public(), theirs)];
            let in_order = sorted.map(|key| {
                let signature = signatures.iter().find(|(signer, _)| *signer == key);
                unlock.encode_signature(&signature.expect("the key of a party").1, SighashScope::All)
            });
            unlock.witness([&[][..], &in_order[0], &in_order[1]])
        }
    };
    let mut transaction = commitment.transaction().clone();
    transaction.input[0].witness = witness;
    Some(serialize_hex(&transaction))
}

/// The completed signature, made by both parties from the vector's secret nonces; `None` when a nonce or the remote
/// party's share is not the vector's.
fn musig_signature(
    case: &Value,
    aggregate: &AggregateKey,
    digest: [u8; 32],
    local: &VectorKey,
    remote: &VectorKey,
) -> Option<[u8; 64]> {
    let message = TapSighash::from_byte_array(digest);
    let nonce = |party: &str| {
        let given = &case["nonces"][party];
        let nonce = SecretNonce::from_bip327(&bytes(&given["secret"]))?;
        (nonce.public_nonce().to_byte_array() == bytes(&given["public"])).then_some(nonce)
    };
    let (ours, theirs) = (nonce("local")?, nonce("remote")?);
    let cosigner = |key: &VectorKey| Cosigner::new(key.signing_key(), aggregate.clone()).unwrap();
    let signed = theirs.join(&cosigner(remote), ours.public_nonce(), &message).unwrap().sign();
    let given = &case["remote_partial_signature"];
    if given.is_string() && signed.partial_signature().to_byte_array() != bytes(given) {
        return None;
    }
    let completed = ours.complete(&cosigner(local), &signed.partial_signature_with_nonce(), &message);
    completed.ok().map(|signature| signature.serialize())
}

fn htlc_passes(
    case: &Value,
    made: &HtlcTransaction<'_>,
    expected: &Value,
    local: &Signers,
    remote: &Signers,
) -> bool {
    let (theirs, ours) = (made.countersigner_digest(), made.owner_digest());
    let (theirs, ours) = if made.unlock().is_taproot() {
        (remote.htlc.schnorr(&theirs).to_vec(), local.htlc.schnorr(&ours).to_vec())
    } else {
        (remote.htlc.ecdsa(theirs), local.htlc.ecdsa(ours))
    };
    let given = &expected["remote_signature"];
    let success = text(&expected["resolution"]) == "success";
    let preimage = success.then(|| preimage(case, made.htlc().htlc.payment_hash));
    let signed = made.signed(&theirs, &ours, preimage);
    expected["output_index"] == made.output_index()
        && (given.is_null() || text(given) == theirs.to_lower_hex_string())
        && signed.is_ok_and(|signed| serialize_hex(&signed) == text(&expected["signed"]))
}
