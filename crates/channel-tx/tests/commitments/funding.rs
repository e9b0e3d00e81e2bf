//! The funding output is the same whoever computes it.

use bitcoin::opcodes::all::{OP_CHECKMULTISIG, OP_PUSHNUM_2};
use bitcoin::script::Builder;
use channel_core::CommitmentFormat;
use channel_tx::funding::{FundingError, FundingScript};
use channel_tx::keys::KeyError;

use crate::channel::{FORMATS, key};

#[test]
fn the_order_of_the_parties_does_not_matter() {
    for format in FORMATS {
        for (first, second) in [(key(1), key(2)), (key(3), key(9)), (key(4), key(7))] {
            let script = FundingScript::new(format, &first, &second).unwrap();
            assert_eq!(script, FundingScript::new(format, &second, &first).unwrap());
            let mut sorted = [first, second];
            sorted.sort_by_key(bitcoin::secp256k1::PublicKey::serialize);
            assert_eq!(*script.sorted_keys(), sorted, "{format}");
        }
    }
}

#[test]
fn a_2_of_2_has_its_keys_in_the_order_of_their_bytes() {
    let script = FundingScript::new(CommitmentFormat::SegwitV3, &key(2), &key(1)).unwrap();
    let [low, high] = *script.sorted_keys();
    assert!(low.serialize() < high.serialize());
    let expected = Builder::new()
        .push_opcode(OP_PUSHNUM_2)
        .push_slice(low.serialize())
        .push_slice(high.serialize())
        .push_opcode(OP_PUSHNUM_2)
        .push_opcode(OP_CHECKMULTISIG)
        .into_script();
    assert_eq!(script.unlock().script(), Some(expected.clone()));
    assert_eq!(script.script_pubkey(), expected.to_p2wsh());
    // For people it prints as scripts do.
    let FundingScript::TwoOfTwo { script, .. } = script else { panic!("a segwit format") };
    assert_eq!(format!("{script:?}"), format!("{:?}", expected.as_script()));
}

#[test]
fn one_key_for_both_is_refused() {
    for format in FORMATS {
        for other in [key(5), key(5).negate(&bitcoin::secp256k1::Secp256k1::new())] {
            let refused = FundingScript::new(format, &key(5), &other).unwrap_err();
            assert_eq!(refused, FundingError::Keys(KeyError::SameFundingKey), "{format}");
        }
    }
}
