//! The four sets of commitments: built from a spec by either party, signed by both, compared as bytes.

use alloc::format;
use alloc::vec::Vec;

use bitcoin::consensus::encode::serialize_hex;
use bitcoin::secp256k1::ecdsa;
use bitcoin::{Transaction, Witness};
use channel_core::Side;
use channel_tx::commitment::{Commitment, HtlcTransaction};
use serde_json::Value;

use super::fixture::{Channel, Party, bytes, list, octets, preimage, spec, text, transaction};
use super::oracle;
use crate::musig::SecretNonce;
use crate::signer::{
    ChannelSigner, CommitmentSignature, CompletedCommitment, Countersignature, SigningNonces,
};
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

/// Builds and signs every case of a set. A commitment passes when both parties build the vector's bytes and their
/// signers complete it to the vector's; an HTLC transaction when the fully signed bytes are the vector's.
fn assert_set(channel: &Channel, commitments: &'static str, htlc_transactions: &'static str) {
    channel.assert_funding_transaction();
    channel.assert_derived_keys();
    let (local, remote) = (channel.party("local"), channel.party("remote"));
    let mut commitment_report = VectorReport::new(commitments);
    let mut htlc_report = VectorReport::new(htlc_transactions);
    for case in channel.cases() {
        let label = text(&case["label"]);
        let expected = list(&case["htlc_transactions"]);
        let [ours, theirs] = Side::ALL.map(|owner| build(channel, case, owner));
        let stripped = serialize_hex(&without_witness(transaction(&case["signed_commitment"])));
        let built = serialize_hex(ours.transaction()) == stripped
            && serialize_hex(theirs.transaction()) == stripped
            && ours.sighash() == theirs.sighash();
        let digest = ours.sighash();
        let completed = complete(channel, case, (&local, ours), (&remote, &theirs));
        let complete = completed
            .as_ref()
            .is_some_and(|(_, made)| serialize_hex(&made.transaction) == text(&case["signed_commitment"]));
        commitment_report.product(label, built && complete);
        if let Some(aggregate) = channel.builder(case, Side::Local).funding().aggregate() {
            let signature = oracle::signature(case, aggregate, digest, [&local.funding, &remote.funding]);
            let witness = &transaction(&case["signed_commitment"]).input[0].witness;
            commitment_report.oracle(label, *witness == Witness::from_slice(&[signature]));
        }

        let Some((signer, completed)) = &completed else { continue };
        let made: Vec<_> = completed.commitment.htlc_transactions().collect();
        assert_eq!(made.len(), expected.len(), "{label}: HTLC outputs");
        for ((made, theirs), expected) in made.iter().zip(&completed.htlc_signatures).zip(expected) {
            let label = format!("{label}_{}", made.output_index());
            let given = is_given(&expected["remote_signature"], theirs, made);
            htlc_report.product(&label, given && htlc_passes(case, signer, completed, made, expected));
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

/// Our commitment, countersigned by the other party's signer and completed by ours; `None` when a nonce or a signature
/// that the vector gives alone is another.
fn complete(
    channel: &Channel,
    case: &Value,
    (local, ours): (&Party, Commitment),
    (remote, theirs): (&Party, &Commitment),
) -> Option<(ChannelSigner, CompletedCommitment)> {
    let signer = |party: &Party, owner| {
        let (funding, htlc) = (party.funding.signing_key(), party.htlc_basepoint.key_secret());
        ChannelSigner::of_vectors(funding, htlc, channel.builder(case, owner), &channel.point())
    };
    let (mut our_signer, mut their_signer) = (signer(local, Side::Local), signer(remote, Side::Remote));
    if !channel.format().is_taproot() {
        let countersignature = their_signer.countersign(theirs, SigningNonces::None).unwrap();
        let as_given = given_signature(case, &countersignature);
        let completed = our_signer.complete(ours, None, countersignature).unwrap();
        return as_given.then_some((our_signer, completed));
    }
    let (our_nonce, nonce) = (nonce(case, "local")?, nonce(case, "remote")?);
    let peer = *our_nonce.public_nonce();
    let countersignature =
        their_signer.countersign(theirs, SigningNonces::Ahead { peer: &peer, nonce }).unwrap();
    let as_given = given_signature(case, &countersignature);
    let completed = our_signer.complete(ours, Some(our_nonce), countersignature).unwrap();
    as_given.then_some((our_signer, completed))
}

/// A party's secret nonce, whose public half must be the vector's.
fn nonce(case: &Value, party: &str) -> Option<SecretNonce> {
    let given = &case["nonces"][party];
    let nonce = SecretNonce::from_bip327(&bytes(&given["secret"]))?;
    (nonce.public_nonce().to_byte_array() == bytes(&given["public"])).then_some(nonce)
}

/// True when the signature on the commitment is the vector's, or the vector does not give it alone.
fn given_signature(case: &Value, countersignature: &Countersignature) -> bool {
    match countersignature.commitment {
        CommitmentSignature::Partial(made) => {
            let given = &case["remote_partial_signature"];
            given.is_null() || made.signature.to_byte_array() == bytes(given)
        }
        CommitmentSignature::Ecdsa(made) => {
            let given = &case["remote_signature"];
            given.is_null() || made.serialize_der().to_vec() == octets(given)
        }
    }
}

/// The peer's signature, as far as the vector gives it alone.
fn is_given(given: &Value, theirs: &[u8; 64], made: &HtlcTransaction<'_>) -> bool {
    let encoded = if made.unlock().is_taproot() {
        theirs.to_vec()
    } else {
        ecdsa::Signature::from_compact(theirs).unwrap().serialize_der().to_vec()
    };
    given.is_null() || encoded == octets(given)
}

fn htlc_passes(
    case: &Value,
    signer: &ChannelSigner,
    completed: &CompletedCommitment,
    made: &HtlcTransaction<'_>,
    expected: &Value,
) -> bool {
    let success = text(&expected["resolution"]) == "success";
    let preimage = success.then(|| preimage(case, made.htlc().htlc.payment_hash));
    let signed = signer.sign_htlc(completed, made.output_index(), preimage);
    expected["output_index"] == made.output_index()
        && signed.is_ok_and(|signed| serialize_hex(&signed) == text(&expected["signed"]))
}
