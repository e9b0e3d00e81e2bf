//! A PSBT that comes back changed is refused, with the input and the field.

use bitcoin::hashes::Hash;
use bitcoin::{
    Amount, EcdsaSighashType, OutPoint, Psbt, ScriptBuf, Sequence, TapNodeHash, TapSighashType, Transaction,
    Witness,
};
use channel_core::CommitmentFormat::{SegwitAnchors, TaprootV3};
use channel_tx::psbt::{
    Cosigner, ExportError, FieldError, FieldRefusal, ImportError, InputField, MusigField, MusigInput,
    OutputHint, PublicNonce, TransactionMismatch, export, import,
};
use channel_tx::spend::{InputHint, UnsignedTransaction};
use channel_tx::weight::WalletScript;

use crate::cases::{
    close, coin, foreign, funding, key, nonces_of_both, opening, origin, outpoint, party_signs, pays, splice,
    unsigned, wallet_script, wallet_signs,
};

fn refusal(unsigned: &UnsignedTransaction, change: impl FnOnce(&mut Psbt)) -> ImportError {
    let mut psbt = export(unsigned, &[]).unwrap();
    wallet_signs(&mut psbt);
    change(&mut psbt);
    import(&psbt, unsigned).unwrap_err()
}

fn input(index: usize, field: InputField, reason: FieldRefusal) -> ImportError {
    ImportError::Input { index, field, reason }
}

fn mismatch(change: impl FnOnce(&mut Transaction)) -> TransactionMismatch {
    match refusal(&opening(TaprootV3), |psbt| change(&mut psbt.unsigned_tx)) {
        ImportError::Transaction(mismatch) => mismatch,
        other => panic!("{other}"),
    }
}

#[test]
fn another_transaction_is_refused_for_what_differs() {
    use TransactionMismatch::{Count, Header, Input, OutputScript, OutputValue};
    assert_eq!(mismatch(|tx| tx.version.0 = 3), Header);
    assert_eq!(mismatch(|tx| tx.lock_time = bitcoin::absolute::LockTime::from_consensus(1)), Header);
    assert_eq!(mismatch(|tx| drop(tx.input.pop())), Count { inputs: 1, outputs: 2 });
    assert_eq!(mismatch(|tx| tx.output.push(pays(1, ScriptBuf::new()))), Count { inputs: 2, outputs: 3 });
    let found = outpoint(9);
    assert_eq!(mismatch(|tx| tx.input[1].previous_output = found), Input { index: 1, found });
    let found = outpoint(102);
    assert_eq!(mismatch(|tx| tx.input[1].sequence = Sequence::MAX), Input { index: 1, found });
    let found = Amount::from_sat(999_999);
    assert_eq!(mismatch(|tx| tx.output[1].value = found), OutputValue { index: 1, found });
    assert_eq!(mismatch(|tx| tx.output[0].script_pubkey = ScriptBuf::new()), OutputScript { index: 0 });
    let short = refusal(&opening(TaprootV3), |psbt| drop(psbt.inputs.pop()));
    assert_eq!(short, ImportError::Transaction(Count { inputs: 1, outputs: 2 }));
}

#[test]
fn other_previous_outputs_are_refused() {
    let unsigned = opening(TaprootV3);
    let differs = |index, field| input(index, field, FieldRefusal::Differs);
    let value = refusal(&unsigned, |psbt| {
        psbt.inputs[1].witness_utxo.as_mut().unwrap().value += Amount::from_sat(1);
    });
    assert_eq!(value, differs(1, InputField::WitnessUtxo));
    let script = refusal(&unsigned, |psbt| {
        psbt.inputs[0].witness_utxo.as_mut().unwrap().script_pubkey = ScriptBuf::new();
    });
    assert_eq!(script, differs(0, InputField::WitnessUtxo));
    let previous = refusal(&unsigned, |psbt| {
        psbt.inputs[0].non_witness_utxo = Some(opening(TaprootV3).transaction);
    });
    assert_eq!(previous, differs(0, InputField::NonWitnessUtxo));
}

#[test]
fn the_previous_transaction_may_come_along_when_it_is_the_right_one() {
    let previous = opening(TaprootV3);
    let mut unsigned = close(TaprootV3);
    unsigned.transaction.input[0].previous_output = OutPoint { txid: previous.txid(), vout: 1 };
    let mut psbt = export(&unsigned, &[]).unwrap();
    psbt.inputs[0].non_witness_utxo = Some(previous.transaction.clone());
    assert!(import(&psbt, &unsigned).is_ok());
    // The right transaction, but another output of it.
    unsigned.transaction.input[0].previous_output.vout = 0;
    psbt.unsigned_tx = unsigned.transaction.clone();
    let refused = import(&psbt, &unsigned).unwrap_err();
    assert_eq!(refused, input(0, InputField::NonWitnessUtxo, FieldRefusal::Differs));
}

#[test]
fn scripts_and_keys_of_a_funding_output_may_be_left_out_but_not_changed() {
    let differs = |field| input(0, field, FieldRefusal::Differs);
    let taproot = close(TaprootV3);
    let internal = refusal(&taproot, |psbt| {
        psbt.inputs[0].tap_internal_key = Some(key(5).x_only_public_key().0);
    });
    assert_eq!(internal, differs(InputField::TapInternalKey));
    let root = refusal(&taproot, |psbt| {
        psbt.inputs[0].tap_merkle_root = Some(TapNodeHash::from_byte_array([1; 32]));
    });
    assert_eq!(root, differs(InputField::TapMerkleRoot));
    let script = refusal(&close(SegwitAnchors), |psbt| {
        psbt.inputs[0].witness_script = Some(ScriptBuf::new());
    });
    assert_eq!(script, differs(InputField::WitnessScript));
    let redeem = refusal(&taproot, |psbt| psbt.inputs[0].redeem_script = Some(ScriptBuf::new()));
    assert_eq!(redeem, differs(InputField::RedeemScript));
    let script_sig = refusal(&taproot, |psbt| {
        psbt.inputs[0].final_script_sig = Some(ScriptBuf::from_bytes(vec![0x51]));
    });
    assert_eq!(script_sig, differs(InputField::FinalScriptSig));

    let mut bare = export(&taproot, &[]).unwrap();
    bare.inputs[0] = bitcoin::psbt::Input::default();
    assert!(import(&bare, &taproot).is_ok());
}

#[test]
fn weaker_sighash_types_are_refused_in_the_field_and_in_the_signature() {
    let unsigned = opening(TaprootV3);
    let sighash = |index, field| input(index, field, FieldRefusal::Sighash);
    let asked = refusal(&unsigned, |psbt| {
        psbt.inputs[0].sighash_type = Some(EcdsaSighashType::AllPlusAnyoneCanPay.into());
    });
    assert_eq!(asked, sighash(0, InputField::SighashType));
    let ecdsa = refusal(&unsigned, |psbt| {
        for signature in psbt.inputs[0].partial_sigs.values_mut() {
            signature.sighash_type = EcdsaSighashType::SinglePlusAnyoneCanPay;
        }
    });
    assert_eq!(ecdsa, sighash(0, InputField::PartialSig));
    let schnorr = refusal(&unsigned, |psbt| {
        psbt.inputs[1].tap_key_sig.as_mut().unwrap().sighash_type = TapSighashType::None;
    });
    assert_eq!(schnorr, sighash(1, InputField::TapKeySig));
}

#[test]
fn wrong_signatures_and_strangers_are_refused() {
    let unsigned = opening(TaprootV3);
    let invalid = |index, field| input(index, field, FieldRefusal::InvalidSignature);
    let mut other = opening(TaprootV3);
    other.transaction.output[0].value -= Amount::from_sat(1);
    let mut signed_other = export(&other, &[]).unwrap();
    wallet_signs(&mut signed_other);
    let ecdsa = refusal(&unsigned, |psbt| {
        psbt.inputs[0].partial_sigs.clone_from(&signed_other.inputs[0].partial_sigs);
    });
    assert_eq!(ecdsa, invalid(0, InputField::PartialSig));
    let schnorr = refusal(&unsigned, |psbt| psbt.inputs[1].tap_key_sig = signed_other.inputs[1].tap_key_sig);
    assert_eq!(schnorr, invalid(1, InputField::TapKeySig));

    let stranger = |psbt: &mut Psbt| {
        let signature = *psbt.inputs[0].partial_sigs.values().next().unwrap();
        psbt.inputs[0].partial_sigs = [(bitcoin::PublicKey::new(key(5)), signature)].into();
    };
    let unknown = input(0, InputField::PartialSig, FieldRefusal::UnknownSigner);
    assert_eq!(refusal(&unsigned, stranger), unknown);
    let segwit = close(SegwitAnchors);
    let third = refusal(&segwit, |psbt| {
        party_signs(psbt, &segwit, 0, 11);
        party_signs(psbt, &segwit, 0, 13);
    });
    assert_eq!(third, unknown);
}

#[test]
fn finished_witnesses_of_another_shape_are_refused() {
    let shape = |index| input(index, InputField::FinalScriptWitness, FieldRefusal::WitnessShape);
    let witness = |elements: &[&[u8]]| Some(Witness::from_slice(elements));
    let unsigned = opening(TaprootV3);
    for (index, elements) in [
        (0, vec![&[1_u8; 71][..]]),
        (0, vec![&[1; 71], &[2; 33], &[]]),
        (1, vec![&[1; 63]]),
        (1, vec![&[1; 64], &[1]]),
    ] {
        let refused = refusal(&unsigned, |psbt| psbt.inputs[index].final_script_witness = witness(&elements));
        assert_eq!(refused, shape(index), "{elements:?}");
    }
    let segwit = close(SegwitAnchors);
    let refused =
        refusal(&segwit, |psbt| psbt.inputs[0].final_script_witness = witness(&[&[], &[], &[], &[]]));
    assert_eq!(refused, shape(0));
}

#[test]
fn musig2_rounds_under_other_keys_are_refused_and_not_skipped() {
    let unsigned = close(TaprootV3);
    let script = funding(TaprootV3, 11);
    let aggregate = script.aggregate().unwrap();
    let nonce =
        PublicNonce::from_byte_array([key(1).serialize(), key(2).serialize()].concat().try_into().unwrap());
    let right = Cosigner::of_funding(aggregate, key(11));
    let internal = aggregate.internal_key().public_key(bitcoin::secp256k1::Parity::Even);
    for by in [
        Cosigner { participant: key(5), ..right },
        Cosigner { key: internal, ..right },
        Cosigner { leaf: Some(bitcoin::TapLeafHash::from_byte_array([1; 32])), ..right },
    ] {
        let refused = refusal(&unsigned, |psbt| {
            let mut fields = MusigInput::read(&psbt.inputs[0]).unwrap();
            fields.insert_nonce(by, nonce.unwrap()).unwrap();
            fields.write(&mut psbt.inputs[0]);
        });
        let field = InputField::Musig(MusigField::PublicNonce);
        assert_eq!(refused, input(0, field, FieldRefusal::UnknownSigner));
    }
    let malformed = refusal(&unsigned, |psbt| {
        let _unused = nonces_of_both(psbt, 0, &script, 11);
        let nonce = psbt.inputs[0].unknown.iter_mut().find(|(key, _)| key.type_value == 0x1b).unwrap();
        nonce.1.pop();
    });
    let field = MusigField::PublicNonce;
    let reason = FieldRefusal::Malformed(FieldError::ValueLength { field, length: 65 });
    assert_eq!(malformed, input(0, InputField::Musig(field), reason));
    assert_eq!(
        malformed.to_string(),
        "input 0, PSBT_IN_MUSIG2_PUB_NONCE: PSBT_IN_MUSIG2_PUB_NONCE: value of 65 bytes"
    );
}

#[test]
fn what_cannot_be_signed_without_changing_the_id_is_not_exported() {
    for script in [WalletScript::P2pkh, WalletScript::P2shP2wpkh] {
        let old = unsigned(vec![foreign(1), coin(script, 1, 1_000)], vec![pays(900, ScriptBuf::new())]);
        assert_eq!(export(&old, &[]), Err(ExportError::NotSegwit { index: 1 }));
    }
}

#[test]
fn hints_that_belong_to_other_scripts_are_not_exported() {
    let mut wrong = splice(TaprootV3);
    wrong.inputs[1].hint = InputHint::Funding(funding(TaprootV3, 21));
    assert_eq!(export(&wrong, &[]), Err(ExportError::InputHint { index: 1 }));
    let mut wrong = opening(TaprootV3);
    let InputHint::Coin(coin) = &mut wrong.inputs[1].hint else { panic!("a coin") };
    coin.origin = Some(origin(5));
    assert_eq!(export(&wrong, &[]), Err(ExportError::InputHint { index: 1 }));
    let InputHint::Coin(coin) = &mut wrong.inputs[1].hint else { panic!("a coin") };
    (coin.origin, coin.txout.script_pubkey) = (None, wallet_script(WalletScript::P2wpkh, &origin(2)));
    assert_eq!(export(&wrong, &[]), Err(ExportError::InputHint { index: 1 }));

    let unsigned = opening(TaprootV3);
    let (paid, unpaid) = (funding(TaprootV3, 11), funding(TaprootV3, 13));
    let outputs = [OutputHint::Funding(&paid), OutputHint::Funding(&unpaid)];
    assert_eq!(export(&unsigned, &outputs), Err(ExportError::OutputHint { hint: 1 }));
    let mut short = unsigned.clone();
    short.inputs.pop();
    assert_eq!(export(&short, &[]), Err(ExportError::InputCount { inputs: 2, described: 1 }));
    let mut signed = unsigned;
    signed.transaction.input[0].witness.push([1]);
    assert_eq!(export(&signed, &[]), Err(ExportError::AlreadySigned));
    assert!(matches!(
        import(&Psbt::from_unsigned_tx(short.transaction.clone()).unwrap(), &short),
        Err(ImportError::Unsigned(_))
    ));
}
