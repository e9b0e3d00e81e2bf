//! The funding signatures of the official taproot commitments, made again from the vectors' nonces.
//!
//! The transactions are taken from the vectors here, without their witness; building them is tested elsewhere.

use alloc::string::String;
use alloc::vec::Vec;

use bitcoin::consensus::encode::deserialize;
use bitcoin::hashes::Hash;
use bitcoin::sighash::{Prevouts, SighashCache};
use bitcoin::{Amount, TapSighash, TapSighashType, Transaction, TxOut, Witness};
use channel_tx::keys::AggregateKey;
use musig2::secp::{MaybeScalar, Point, Scalar};
use musig2::{AggNonce, KeyAggContext, SecNonce};
use serde::Deserialize;

use super::super::{Cosigner, PartialSignatureWithNonce, SecretNonce};
use super::bip327::Hex;
use super::parties;
use crate::vector_report::VectorReport;

#[derive(Deserialize)]
struct Fixture {
    channel: Channel,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Channel {
    funding: Funding,
    local: Party,
    remote: Party,
}

#[derive(Deserialize)]
struct Funding {
    value_sat: u64,
}

#[derive(Deserialize)]
struct Party {
    funding: Secret,
}

#[derive(Deserialize)]
struct Secret {
    secret: Hex,
}

#[derive(Deserialize)]
struct Case {
    label: String,
    nonces: Nonces,
    remote_partial_signature: Option<Hex>,
    signed_commitment: Hex,
}

#[derive(Deserialize)]
struct Nonces {
    local: Nonce,
    remote: Nonce,
}

#[derive(Deserialize)]
struct Nonce {
    secret: Hex,
    public: Hex,
}

/// What is signed, and the signature it came to.
struct Signed {
    message: TapSighash,
    signature: Vec<u8>,
}

#[test]
fn simple_taproot() {
    replay(
        "commitments_simple_taproot_musig2",
        include_str!("../../../tests/vectors/commitments_simple_taproot.json"),
        true,
    );
}

#[test]
fn taproot_zero_fee() {
    replay(
        "commitments_taproot_zero_fee_musig2",
        include_str!("../../../tests/vectors/commitments_taproot_zero_fee.json"),
        false,
    );
}

fn replay(set: &'static str, fixture: &str, gives_shares: bool) {
    let mut report = VectorReport::new(set);
    let fixture: Fixture = serde_json::from_str(fixture).unwrap();
    let Channel { funding, local, remote } = &fixture.channel;
    let cosigners = parties(local.funding.secret.array(), remote.funding.secret.array());
    for case in &fixture.cases {
        assert_eq!(case.remote_partial_signature.is_some(), gives_shares);
        let signed = signed(case, funding, cosigners[0].aggregate());
        report.product(&case.label, product(case, &cosigners, &signed));
        report.oracle(&case.label, oracle(case, &fixture.channel, &signed));
    }
    report.assert_all_passed();
}

fn signed(case: &Case, funding: &Funding, aggregate: &AggregateKey) -> Signed {
    let mut commitment: Transaction = deserialize(&case.signed_commitment.0).unwrap();
    let witness = core::mem::replace(&mut commitment.input[0].witness, Witness::new());
    let spent =
        TxOut { value: Amount::from_sat(funding.value_sat), script_pubkey: aggregate.script_pubkey() };
    let message = SighashCache::new(&commitment)
        .taproot_key_spend_signature_hash(0, &Prevouts::All(&[spent]), TapSighashType::Default)
        .unwrap();
    assert_eq!(witness.len(), 1);
    Signed { message, signature: witness.nth(0).unwrap().to_vec() }
}

/// The remote party signs, the local one completes, and the other way round.
fn product(case: &Case, [local, remote]: &[Cosigner; 2], signed: &Signed) -> bool {
    let nonce = |nonce: &Nonce| {
        let secret = SecretNonce::from_bip327(&nonce.secret.array()).unwrap();
        assert_eq!(Hex::from(secret.public_nonce().to_byte_array()), nonce.public);
        secret
    };
    let sign = |own: &Nonce, cosigner: &Cosigner, peer: &Nonce| -> PartialSignatureWithNonce {
        let peer = *nonce(peer).public_nonce();
        let session = nonce(own).join(cosigner, &peer, &signed.message).unwrap().sign();
        session.partial_signature_with_nonce()
    };
    let Nonces { local: ours, remote: theirs } = &case.nonces;
    let from_remote = sign(theirs, remote, ours);
    let from_local = sign(ours, local, theirs);
    let completed = [
        nonce(ours).complete(local, &from_remote, &signed.message).unwrap(),
        nonce(theirs).complete(remote, &from_local, &signed.message).unwrap(),
    ];
    let share = Hex::from(from_remote.signature.to_byte_array());
    case.remote_partial_signature.as_ref().is_none_or(|expected| share == *expected)
        && completed.iter().all(|signature| signature.serialize().as_slice() == signed.signature)
}

fn oracle(case: &Case, channel: &Channel, signed: &Signed) -> bool {
    let secrets =
        [&channel.local, &channel.remote].map(|party| Scalar::from_slice(&party.funding.secret.0).unwrap());
    let nonces =
        [&case.nonces.local, &case.nonces.remote].map(|nonce| SecNonce::from_bytes(&nonce.secret.0).unwrap());
    let mut keys = secrets.map(|secret| secret.base_point_mul());
    keys.sort_by_key(Point::serialize);
    let context = KeyAggContext::new(keys).unwrap().with_unspendable_taproot_tweak().unwrap();
    let sum = AggNonce::sum(nonces.each_ref().map(SecNonce::public_nonce));
    let message = signed.message.to_byte_array();
    let shares: Vec<MaybeScalar> = secrets
        .into_iter()
        .zip(nonces)
        .map(|(secret, nonce)| musig2::sign_partial(&context, secret, nonce, &sum, message).unwrap())
        .collect();
    let expected = case.remote_partial_signature.as_ref();
    let share_passes = expected.is_none_or(|expected| Hex::from(shares[1].serialize()) == *expected);
    let signature: musig2::CompactSignature =
        musig2::aggregate_partial_signatures(&context, &sum, shares, message).unwrap();
    share_passes && signature.serialize().as_slice() == signed.signature
}
