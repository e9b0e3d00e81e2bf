//! Whatever the bytes are, reading them ends in a value or an error; what is accepted is written back as it was.

use std::sync::LazyLock;

use bitcoin::psbt::raw::Key;
use bitcoin::psbt::{Input, Output};
use channel_core::CommitmentFormat::{SegwitAnchors, TaprootV3};
use channel_tx::psbt::{MusigInput, MusigOutput, check_outside_funding, decode, export, import};
use channel_tx::spend::UnsignedTransaction;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::cases::{close, funding, nonces_of_both, opening, party_signs, splice, wallet_signs};
use crate::vectors::valid_psbts;

/// Key and value lengths around those the fields have, so that more than the length check is reached.
fn field_bytes() -> impl Strategy<Value = Vec<u8>> {
    let length = prop_oneof![0..140_usize, Just(32), Just(33), Just(66), Just(98), Just(99)];
    let leading = prop_oneof![Just(2_u8), Just(3), any::<u8>()];
    (length, leading, any::<u64>()).prop_map(|(length, leading, seed)| {
        let mut state = seed;
        (0..length)
            .map(|at| {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                if at % 33 == 0 { leading } else { state.to_be_bytes()[0] }
            })
            .collect()
    })
}

static VALID: LazyLock<Vec<Vec<u8>>> = LazyLock::new(valid_psbts);

/// Transactions with their PSBTs, partly signed.
static PARTLY_SIGNED: LazyLock<Vec<(UnsignedTransaction, Vec<u8>)>> = LazyLock::new(|| {
    let cases = [opening(TaprootV3), splice(TaprootV3), close(TaprootV3), splice(SegwitAnchors)];
    let signed = cases.into_iter().enumerate().map(|(case, unsigned)| {
        let mut psbt = export(&unsigned, &[]).unwrap();
        wallet_signs(&mut psbt);
        match case {
            1 => {
                let _unused = nonces_of_both(&mut psbt, 1, &funding(TaprootV3, 11), 11);
            }
            3 => party_signs(&mut psbt, &unsigned, 1, 11),
            _ => {}
        }
        (unsigned, psbt.serialize())
    });
    signed.collect()
});

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..512)) {
        let with_magic = [b"psbt\xff".as_slice(), &bytes].concat();
        for bytes in [bytes, with_magic] {
            if let Ok(psbt) = decode(&bytes) {
                prop_assert!(psbt.inputs.iter().all(|input| MusigInput::read(input).is_ok()));
            }
        }
    }

    #[test]
    fn mutated_psbts_never_panic(
        case in any::<prop::sample::Index>(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = case.get(&VALID).clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(psbt) = decode(&bytes) {
            prop_assert_eq!(decode(&psbt.serialize()).unwrap(), psbt);
        }
    }

    #[test]
    fn fields_are_refused_or_come_back_as_they_were(
        fields in vec((0x1a_u8..=0x1c, field_bytes(), field_bytes()), 1..4),
    ) {
        let (mut input, mut output) = (Input::default(), Output::default());
        for (type_value, key, value) in fields {
            output.unknown.insert(Key { type_value: 8, key: key.clone() }, value.clone());
            input.unknown.insert(Key { type_value, key }, value);
        }
        if let Ok(fields) = MusigInput::read(&input) {
            let mut written = Input::default();
            fields.write(&mut written);
            prop_assert_eq!(written, input);
        }
        if let Ok(fields) = MusigOutput::read(&output) {
            let mut written = Output::default();
            fields.write(&mut written);
            prop_assert_eq!(written, output);
        }
    }

    #[test]
    fn what_is_imported_is_the_transaction_that_was_exported(
        case in any::<prop::sample::Index>(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let (unsigned, bytes) = case.get(&PARTLY_SIGNED);
        let mut bytes = bytes.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(psbt) = decode(&bytes) {
            if let Ok(imported) = import(&psbt, unsigned) {
                prop_assert_eq!(imported.inputs().len(), unsigned.inputs.len());
                prop_assert_eq!(&psbt.unsigned_tx, &unsigned.transaction);
                if let Ok(signed) = imported.finalise() {
                    prop_assert_eq!(signed.compute_txid(), unsigned.txid());
                }
            }
            if let Ok(outside) = check_outside_funding(
                &psbt,
                &funding(TaprootV3, 11),
                bitcoin::Amount::from_sat(1_000_000),
            ) {
                prop_assert_eq!(outside.outpoint.txid, psbt.unsigned_tx.compute_txid());
            }
        }
    }
}
