//! What goes over the wire, and what is refused from it.

use std::string::ToString as _;

use proptest::prelude::*;

use super::super::{
    NoncePart, PartialSignature, PartialSignatureError, PartialSignatureWithNonce,
    PartialSignatureWithNonceError, PointFault, PublicNonce, PublicNonceError,
};
use super::{parties, source, verification_nonce};

fn nonce() -> [u8; 66] {
    let [alice, _] = parties([1; 32], [2; 32]);
    verification_nonce(&alice, &mut source(1)).public_nonce().to_byte_array()
}

fn order_less(difference: u8) -> [u8; 32] {
    let mut number = secp256k1::constants::CURVE_ORDER;
    number[31] -= difference;
    number
}

#[test]
fn a_malformed_nonce_is_named_by_its_half_and_its_fault() {
    let wrong = |offset: usize, bytes: &[u8]| {
        let mut nonce = nonce();
        nonce[offset..offset + bytes.len()].copy_from_slice(bytes);
        match PublicNonce::from_byte_array(&nonce).unwrap_err() {
            PublicNonceError::Point { part, fault } => (part, fault),
            other @ PublicNonceError::Length { .. } => panic!("{other}"),
        }
    };
    for (offset, part) in [(0, NoncePart::First), (33, NoncePart::Second)] {
        assert_eq!(wrong(offset, &[4]), (part, PointFault::Prefix(4)));
        assert_eq!(wrong(offset, &[0; 33]), (part, PointFault::Prefix(0)));
        let mut beyond = super::super::nonce::FIELD;
        assert_eq!(wrong(offset + 1, &beyond), (part, PointFault::BeyondField));
        // p - 1 is below the field prime and not on the curve
        beyond[31] -= 1;
        assert_eq!(wrong(offset + 1, &beyond), (part, PointFault::NotOnCurve));
    }
}

#[test]
fn lengths_are_checked() {
    for length in [0, 65, 67, 132] {
        let refused = PublicNonce::from_slice(&std::vec![2; length]).unwrap_err();
        assert_eq!(refused, PublicNonceError::Length { actual: length });
    }
    for length in [0, 31, 33] {
        let refused = PartialSignature::from_slice(&std::vec![2; length]).unwrap_err();
        assert_eq!(refused, PartialSignatureError::Length { actual: length });
    }
    for length in [0, 97, 99] {
        let refused = PartialSignatureWithNonce::from_slice(&std::vec![2; length]).unwrap_err();
        assert_eq!(refused, PartialSignatureWithNonceError::Length { actual: length });
    }
}

#[test]
fn a_partial_signature_is_below_the_group_order() {
    assert!(PartialSignature::from_byte_array(&[0; 32]).is_ok());
    assert!(PartialSignature::from_byte_array(&order_less(1)).is_ok());
    for number in [order_less(0), [0xff; 32]] {
        assert_eq!(PartialSignature::from_byte_array(&number), Err(PartialSignatureError::OutOfRange));
    }
}

#[test]
fn the_two_parts_of_a_signature_with_nonce_are_told_apart() {
    let mut bytes = [0; 98];
    bytes[32..].copy_from_slice(&nonce());
    let read = PartialSignatureWithNonce::from_slice(&bytes).unwrap();
    assert_eq!(read.to_byte_array(), bytes);
    bytes[..32].copy_from_slice(&order_less(0));
    let refused = PartialSignatureWithNonce::from_slice(&bytes).unwrap_err();
    assert_eq!(refused, PartialSignatureError::OutOfRange.into());
    bytes[..33].copy_from_slice(&[5; 33]);
    let refused = PartialSignatureWithNonce::from_slice(&bytes).unwrap_err();
    let fault = PublicNonceError::Point { part: NoncePart::First, fault: PointFault::Prefix(5) };
    assert_eq!(refused, fault.into());
    assert_eq!(
        refused.to_string(),
        "the first point of the public nonce starts with 0x05 instead of 0x02 or 0x03"
    );
}

proptest! {
    #[test]
    fn what_is_read_is_written_again(mut bytes in proptest::collection::vec(any::<u8>(), 98), odd in any::<[bool; 2]>()) {
        bytes[32] = 2 + u8::from(odd[0]);
        bytes[65] = 2 + u8::from(odd[1]);
        if let Ok(read) = PartialSignatureWithNonce::from_slice(&bytes) {
            prop_assert_eq!(read.to_byte_array().to_vec(), bytes);
        }
    }
}
