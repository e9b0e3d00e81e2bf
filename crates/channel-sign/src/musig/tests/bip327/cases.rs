//! The eight files, case by case.

use alloc::vec::Vec;

use bitcoin::secp256k1::PublicKey;
use channel_tx::keys::AggregateKey;

use super::oracle::Oracle;
use super::product::Product;
use super::schema::{self, Operation};
use super::{Hex, Library, Refusal};
use crate::vector_report::VectorReport;

macro_rules! fixture {
    ($name:literal) => {
        schema::cases(include_str!(concat!("../../../../tests/vectors/", $name, ".json")))
    };
}

/// Notes a case in both columns; in the product's only when the product can be asked.
fn note(
    report: &mut VectorReport,
    label: &str,
    message: Option<&Hex>,
    product: impl Fn() -> bool,
    oracle: bool,
) {
    if message.is_none_or(|message| message.0.len() == 32) {
        report.product(label, product());
    }
    report.oracle(label, oracle);
}

/// What a case expects: a value, or a refusal, and never both.
fn expected<T>(value: Option<T>, refused: Option<Refusal>) -> Result<T, Refusal> {
    match (value, refused) {
        (Some(value), None) => Ok(value),
        (None, Some(refusal)) => Err(refusal),
        _ => panic!("a case expects either a value or a refusal"),
    }
}

#[test]
fn key_sort() {
    let mut report = VectorReport::new("bip327_key_sort");
    let cases: Vec<schema::KeySort> = fixture!("bip327_key_sort");
    for case in &cases {
        let product = || Product::sort(&case.public_keys) == case.sorted && pairs_are_sorted(&case.sorted);
        let oracle = Oracle::sort(&case.public_keys) == case.sorted;
        note(&mut report, &case.label, None, product, oracle);
    }
    report.assert_all_passed();
}

/// A funding output has two keys: any two of the sorted ones are in this order there, however they are given.
fn pairs_are_sorted(sorted: &[Hex]) -> bool {
    let keys: Vec<PublicKey> = sorted.iter().filter_map(|key| PublicKey::from_slice(&key.0).ok()).collect();
    let pairs =
        keys.iter().enumerate().flat_map(|(at, first)| keys[at..].iter().map(move |next| (*first, *next)));
    let mut different =
        pairs.filter(|(first, next)| first.x_only_public_key().0 != next.x_only_public_key().0);
    different.all(|(first, next)| {
        let aggregate = AggregateKey::new(&next, &first).unwrap();
        *aggregate.sorted_keys() == [first, next]
    })
}

#[test]
fn key_agg() {
    let mut report = VectorReport::new("bip327_key_agg");
    let cases: Vec<schema::KeyAgg> = fixture!("bip327_key_agg");
    for case in cases {
        let expected = expected(case.aggregate_key, case.refused);
        let product = || Product::aggregate_key(&case.public_keys, &case.tweaks) == expected;
        let oracle = Oracle::aggregate_key(&case.public_keys, &case.tweaks) == expected;
        note(&mut report, &case.label, None, product, oracle);
    }
    report.assert_all_passed();
}

#[test]
fn nonce_gen() {
    let mut report = VectorReport::new("bip327_nonce_gen");
    let cases: Vec<schema::NonceGen> = fixture!("bip327_nonce_gen");
    for case in &cases {
        let public = super::super::super::SecretNonce::from_bip327(&case.secret_nonce.array())
            .map(|nonce| nonce.public_nonce().to_byte_array().into());
        let product = || {
            Product::generate_nonce(&case.inputs) == case.secret_nonce
                && public.as_ref() == Some(&case.public_nonce)
        };
        let secret = Oracle::generate_nonce(&case.inputs);
        let public = musig2::SecNonce::from_bytes(&secret.0).unwrap().public_nonce();
        let oracle = secret == case.secret_nonce && Hex::from(public.serialize()) == case.public_nonce;
        note(&mut report, &case.label, case.inputs.message.as_ref(), product, oracle);
    }
    report.assert_all_passed();
}

#[test]
fn nonce_agg() {
    let mut report = VectorReport::new("bip327_nonce_agg");
    let cases: Vec<schema::NonceAgg> = fixture!("bip327_nonce_agg");
    for case in cases {
        let expected = expected(case.aggregate_nonce, case.refused);
        let product = || Product::aggregate_nonces(&case.public_nonces) == expected;
        let oracle = Oracle::aggregate_nonces(&case.public_nonces) == expected;
        note(&mut report, &case.label, None, product, oracle);
    }
    report.assert_all_passed();
}

#[test]
fn sign_verify() {
    signing("bip327_sign_verify", &fixture!("bip327_sign_verify"));
}

#[test]
fn tweak() {
    signing("bip327_tweak", &fixture!("bip327_tweak"));
}

fn signing(set: &'static str, cases: &[schema::Signing]) {
    let mut report = VectorReport::new(set);
    for case in cases {
        let product = || signing_passes::<Product>(case);
        note(&mut report, &case.label, Some(&case.session.message), product, signing_passes::<Oracle>(case));
    }
    report.assert_all_passed();
}

fn signing_passes<L: Library>(case: &schema::Signing) -> bool {
    let passed = match case.operation {
        Operation::Sign => signs::<L>(case),
        Operation::Verify => {
            let nonces = case.public_nonces.as_ref().unwrap();
            let (signer, signature) = (case.signer.unwrap(), case.partial_signature.as_ref().unwrap());
            let expected = expected(case.valid, case.refused.clone());
            L::verify(&case.session, nonces, signer, signature) == expected
        }
    };
    if !passed {
        std::println!("{}: {}", L::NAME, case.label);
    }
    passed
}

/// What is signed also verifies, and its nonces add up to the aggregate nonce given.
fn signs<L: Library>(case: &schema::Signing) -> bool {
    let (nonce, secret) = (case.aggregate_nonce.as_ref().unwrap(), case.secret_key.as_ref().unwrap());
    let signed = L::sign(&case.session, nonce, secret, case.secret_nonce.as_ref().unwrap());
    let as_expected = signed == expected(case.partial_signature.clone(), case.refused.clone());
    let Ok(signature) = signed else { return as_expected };
    let nonces = case.public_nonces.as_ref().unwrap();
    as_expected
        && L::aggregate_nonces(nonces).as_ref() == Ok(nonce)
        && L::verify(&case.session, nonces, case.signer.unwrap(), &signature) == Ok(true)
}

#[test]
fn det_sign() {
    let mut report = VectorReport::new("bip327_det_sign");
    let cases: Vec<schema::Deterministic> = fixture!("bip327_det_sign");
    for case in &cases {
        let product = || deterministic_passes::<Product>(case);
        let oracle = deterministic_passes::<Oracle>(case);
        note(&mut report, &case.label, Some(&case.session.message), product, oracle);
    }
    report.assert_all_passed();
}

fn deterministic_passes<L: Library>(case: &schema::Deterministic) -> bool {
    let value = case.public_nonce.clone().zip(case.partial_signature.clone());
    let (others, entropy) = (&case.aggregate_of_other_nonces, case.entropy.as_ref());
    let signed = L::sign_deterministically(&case.session, others, &case.secret_key, entropy);
    signed == expected(value, case.refused.clone())
}

#[test]
fn sig_agg() {
    let mut report = VectorReport::new("bip327_sig_agg");
    let cases: Vec<schema::SigAgg> = fixture!("bip327_sig_agg");
    for case in &cases {
        let product = || aggregation_passes::<Product>(case);
        let oracle = aggregation_passes::<Oracle>(case);
        note(&mut report, &case.label, Some(&case.session.message), product, oracle);
    }
    report.assert_all_passed();
}

fn aggregation_passes<L: Library>(case: &schema::SigAgg) -> bool {
    let signature = L::aggregate(&case.session, &case.aggregate_nonce, &case.partial_signatures);
    let expected = expected(case.signature.clone(), case.refused.clone());
    signature == expected && L::aggregate_nonces(&case.public_nonces).as_ref() == Ok(&case.aggregate_nonce)
}
