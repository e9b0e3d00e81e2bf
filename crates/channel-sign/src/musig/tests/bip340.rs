//! The official vectors of BIP 340, in the product's library and in the oracle: the signatures that sessions end in.

use alloc::string::String;
use alloc::vec::Vec;

use musig2::secp::{Point, Scalar};
use secp256k1::{Keypair, XOnlyPublicKey, schnorr};
use serde::Deserialize;

use super::bip327::Hex;
use crate::vector_report::VectorReport;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    label: String,
    secret_key: Option<Hex>,
    auxiliary: Option<Hex>,
    public_key: Hex,
    message: Hex,
    signature: Hex,
    valid: bool,
}

#[test]
fn bip340() {
    let mut report = VectorReport::new("bip340");
    let fixture: Fixture = serde_json::from_str(include_str!("../../../tests/vectors/bip340.json")).unwrap();
    for case in &fixture.cases {
        report.product(&case.label, product(case));
        report.oracle(&case.label, oracle(case));
    }
    report.assert_all_passed();
}

fn product(case: &Case) -> bool {
    let signs = case.secret_key.as_ref().is_none_or(|secret| {
        let keypair = Keypair::from_secret_bytes(secret.array()).unwrap();
        let auxiliary = case.auxiliary.as_ref().unwrap().array();
        let signature = schnorr::sign_with_aux_rand(&case.message.0, &keypair, &auxiliary);
        keypair.x_only_public_key().0.to_byte_array() == case.public_key.array()
            && signature.to_byte_array() == case.signature.array()
    });
    let verifies = XOnlyPublicKey::from_byte_array(case.public_key.array()).is_ok_and(|key| {
        let signature = schnorr::Signature::from_byte_array(case.signature.array());
        schnorr::verify(&signature, &case.message.0, &key).is_ok()
    });
    signs && verifies == case.valid
}

fn oracle(case: &Case) -> bool {
    let signs = case.secret_key.as_ref().is_none_or(|secret| {
        let secret = Scalar::from_slice(&secret.0).unwrap();
        let auxiliary: [u8; 32] = case.auxiliary.as_ref().unwrap().array();
        let signature: musig2::CompactSignature = musig2::sign_solo(secret, &case.message.0, auxiliary);
        signature.serialize() == case.signature.array()
    });
    let verifies = Point::lift_x(case.public_key.array())
        .is_ok_and(|key| musig2::verify_single(key, case.signature.0.as_slice(), &case.message.0).is_ok());
    signs && verifies == case.valid
}
