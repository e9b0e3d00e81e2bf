//! Out as a PSBT, through bytes, signed by others from what it tells, and back as a transaction.

use bitcoin::{Psbt, Witness};
use bitcoinconsensus::{Utxo, VERIFY_ALL_PRE_TAPROOT, VERIFY_TAPROOT, verify_with_flags};
use channel_core::CommitmentFormat::{SegwitAnchors, SegwitV3, TaprootV2, TaprootV3};
use channel_tx::psbt::{
    ImportedInput, MissingWitness, MusigInput, MusigOutput, MusigParticipants, OutputHint, combine, decode,
    export, import,
};
use channel_tx::spend::{InputHint, UnsignedTransaction};
use channel_tx::weight::WalletScript;

use crate::cases::{
    both_sign, child, close, funding, nonces_of_both, opening, origin, party_signs, splice, wallet_signs,
};

pub(crate) fn through_bytes(psbt: &Psbt) -> Psbt {
    let read = decode(&psbt.serialize()).unwrap();
    assert_eq!(&read, psbt);
    read
}

/// The witness of each input, in bytes.
fn sizes(transaction: &bitcoin::Transaction) -> Vec<Vec<usize>> {
    let elements = |witness: &Witness| witness.iter().map(<[u8]>::len).collect();
    transaction.input.iter().map(|input| elements(&input.witness)).collect()
}

/// Bitcoin Core's consensus code accepts every input that is ours to judge.
fn assert_spends(signed: &bitcoin::Transaction, unsigned: &UnsignedTransaction) {
    let prevouts = unsigned.prevouts();
    let spent: Vec<Utxo> = prevouts
        .iter()
        .map(|output| Utxo {
            script_pubkey: output.script_pubkey.as_bytes().as_ptr(),
            script_pubkey_len: u32::try_from(output.script_pubkey.len()).unwrap(),
            value: i64::try_from(output.value.to_sat()).unwrap(),
        })
        .collect();
    let bytes = bitcoin::consensus::serialize(signed);
    for (index, (output, input)) in prevouts.iter().zip(&unsigned.inputs).enumerate() {
        if matches!(input.hint, InputHint::Foreign) {
            continue;
        }
        let flags = VERIFY_ALL_PRE_TAPROOT | VERIFY_TAPROOT;
        let script = output.script_pubkey.as_bytes();
        let judged = verify_with_flags(script, output.value.to_sat(), &bytes, Some(&spent), index, flags);
        assert_eq!(judged, Ok(()), "input {index}");
    }
}

pub(crate) fn assert_same_but_for_witnesses(signed: &bitcoin::Transaction, unsigned: &UnsignedTransaction) {
    let mut stripped = signed.clone();
    stripped.input.iter_mut().for_each(|input| input.witness = Witness::new());
    assert_eq!(stripped, unsigned.transaction);
    assert_eq!(signed.compute_txid(), unsigned.txid());
    assert_spends(signed, unsigned);
}

#[test]
fn an_opening_is_signed_by_a_wallet_that_knows_the_psbt_alone() {
    for format in [TaprootV3, TaprootV2, SegwitV3, SegwitAnchors] {
        let unsigned = opening(format);
        let (script, origin) = (funding(format, 11), origin(7));
        let change = OutputHint::Wallet { script: WalletScript::P2tr, origin: &origin };
        let outputs = [OutputHint::Funding(&script), change];
        let mut psbt = through_bytes(&export(&unsigned, &outputs).unwrap());
        assert_eq!(psbt.outputs[0].tap_internal_key, Some(origin.key.x_only_public_key().0));
        assert_eq!(psbt.outputs[0].tap_key_origins.len(), 1);
        if let Some(key) = script.aggregate() {
            let participants = MusigParticipants::of_funding(key);
            let fields = MusigOutput::read(&psbt.outputs[1]).unwrap();
            assert_eq!(fields.participants(&participants.aggregate()), Some(&participants));
            assert_eq!(psbt.outputs[1].tap_internal_key, Some(key.internal_key()));
        } else {
            let script = psbt.outputs[1].witness_script.as_ref().unwrap();
            assert_eq!(script.to_p2wsh(), unsigned.transaction.output[1].script_pubkey);
        }

        let before = import(&psbt, &unsigned).unwrap();
        assert_eq!(before.finalise(), Err(MissingWitness { index: 0 }));
        wallet_signs(&mut psbt);
        let imported = import(&through_bytes(&psbt), &unsigned).unwrap();
        assert_eq!(imported.inputs(), [ImportedInput::Coin, ImportedInput::Coin]);
        let signed = imported.finalise().unwrap();
        assert_same_but_for_witnesses(&signed, &unsigned);
        let sizes = sizes(&signed);
        assert!((70..=72).contains(&sizes[0][0]) && sizes[0][1] == 33, "{sizes:?}");
        assert_eq!(sizes[1], [64]);
    }
}

#[test]
fn a_wallet_may_finalise_its_inputs() {
    let unsigned = opening(TaprootV3);
    let mut psbt = export(&unsigned, &[]).unwrap();
    wallet_signs(&mut psbt);
    let signed = import(&psbt, &unsigned).unwrap().finalise().unwrap();
    for (input, signed) in psbt.inputs.iter_mut().zip(&signed.input) {
        (input.tap_key_sig, input.sighash_type) = (None, None);
        input.partial_sigs.clear();
        input.final_script_witness = Some(signed.witness.clone());
    }
    let imported = import(&through_bytes(&psbt), &unsigned).unwrap();
    assert_eq!(imported.finalise().unwrap(), signed);
}

#[test]
fn both_rounds_of_a_musig2_session_cross_in_psbts() {
    for format in [TaprootV3, TaprootV2] {
        for (unsigned, index) in [(close(format), 0), (splice(format), 1)] {
            let script = funding(format, 11);
            let key = script.aggregate().unwrap();
            let mut psbt = through_bytes(&export(&unsigned, &[]).unwrap());
            let participants = MusigParticipants::of_funding(key);
            let fields = MusigInput::read(&psbt.inputs[index]).unwrap();
            assert_eq!(fields.participants(&participants.aggregate()), Some(&participants));
            assert_eq!(psbt.inputs[index].tap_internal_key, Some(key.internal_key()));

            let secrets = nonces_of_both(&mut psbt, index, &script, 11);
            let imported = import(&through_bytes(&psbt), &unsigned).unwrap();
            let ImportedInput::MuSig2(rounds) = &imported.inputs()[index] else { panic!("no session") };
            assert!(rounds.nonces.iter().all(Option::is_some));
            assert_eq!((rounds.partial_signatures, rounds.signature), ([None; 2], None));

            let signature = both_sign(&mut psbt, &unsigned, index, 11, secrets);
            let imported = import(&through_bytes(&psbt), &unsigned).unwrap();
            let ImportedInput::MuSig2(rounds) = &imported.inputs()[index] else { panic!("no session") };
            assert!(rounds.partial_signatures.iter().all(Option::is_some));
            assert_eq!(imported.witness(index), None);

            let sighash_type = bitcoin::TapSighashType::Default;
            psbt.inputs[index].tap_key_sig = Some(bitcoin::taproot::Signature { signature, sighash_type });
            let imported = import(&through_bytes(&psbt), &unsigned).unwrap();
            let ImportedInput::MuSig2(rounds) = &imported.inputs()[index] else { panic!("no session") };
            assert_eq!(rounds.signature, Some(signature));
            assert_eq!(imported.witness(index).unwrap().to_vec(), [signature.serialize().to_vec()]);
            if index == 0 {
                assert_same_but_for_witnesses(&imported.finalise().unwrap(), &unsigned);
            }
        }
    }
}

#[test]
fn a_splice_joins_what_both_wallets_and_both_signers_send() {
    for format in [TaprootV3, SegwitAnchors] {
        let unsigned = splice(format);
        let next = funding(format, 13);
        let outputs = [OutputHint::Funding(&next)];
        let mut ours = export(&unsigned, &outputs).unwrap();
        let mut theirs = ours.clone();
        wallet_signs(&mut ours);
        // The peer signs its own coin, which is none of ours to judge.
        let witness = Witness::from_slice(&[vec![1; 71], vec![2; 33]]);
        theirs.inputs[2].final_script_witness = Some(witness.clone());
        let script = funding(format, 11);
        if script.aggregate().is_some() {
            let secrets = nonces_of_both(&mut theirs, 1, &script, 11);
            let signature = both_sign(&mut theirs, &unsigned, 1, 11, secrets);
            let sighash_type = bitcoin::TapSighashType::Default;
            theirs.inputs[1].tap_key_sig = Some(bitcoin::taproot::Signature { signature, sighash_type });
        } else {
            party_signs(&mut ours, &unsigned, 1, 11);
            party_signs(&mut theirs, &unsigned, 1, 12);
        }
        combine(&mut ours, through_bytes(&theirs)).unwrap();
        let imported = import(&through_bytes(&ours), &unsigned).unwrap();
        assert_eq!(imported.inputs()[2], ImportedInput::Foreign);
        assert_eq!(imported.witness(2), Some(&witness));
        assert_same_but_for_witnesses(&imported.finalise().unwrap(), &unsigned);
    }
}

#[test]
fn signatures_of_a_two_of_two_stand_in_the_order_of_its_keys() {
    for format in [SegwitV3, SegwitAnchors] {
        let unsigned = close(format);
        let script = funding(format, 11);
        let mut psbt = export(&unsigned, &[]).unwrap();
        assert_eq!(psbt.inputs[0].witness_script, script.unlock().script());
        party_signs(&mut psbt, &unsigned, 0, 12);
        let half = import(&through_bytes(&psbt), &unsigned).unwrap();
        let ImportedInput::TwoOfTwo(signatures) = &half.inputs()[0] else { panic!("no 2-of-2") };
        let place = script.sorted_keys().iter().position(|key| *key == crate::cases::key(12)).unwrap();
        assert!(signatures[place].is_some() && signatures[1 - place].is_none());
        assert_eq!(half.finalise(), Err(MissingWitness { index: 0 }));

        party_signs(&mut psbt, &unsigned, 0, 11);
        let signed = import(&through_bytes(&psbt), &unsigned).unwrap().finalise().unwrap();
        assert_same_but_for_witnesses(&signed, &unsigned);
        let witness = &signed.input[0].witness;
        assert_eq!((witness.len(), witness.nth(0).unwrap().len(), witness.nth(3).unwrap().len()), (4, 0, 71));
        for (at, key) in script.sorted_keys().iter().enumerate() {
            let signature = psbt.inputs[0].partial_sigs[&bitcoin::PublicKey::new(*key)];
            assert_eq!(witness.nth(at + 1).unwrap(), signature.to_vec());
        }
        psbt.inputs[0].partial_sigs.clear();
        psbt.inputs[0].final_script_witness = Some(witness.clone());
        assert_eq!(import(&psbt, &unsigned).unwrap().finalise().unwrap(), signed);
    }
}

#[test]
fn anchors_need_no_signature_and_other_inputs_can_be_signed_elsewhere() {
    let unsigned = child();
    let mut psbt = export(&unsigned, &[]).unwrap();
    wallet_signs(&mut psbt);
    let signed = import(&psbt, &unsigned).unwrap().finalise().unwrap();
    assert_eq!(signed.input[0].witness, Witness::new());
    assert_same_but_for_witnesses(&signed, &unsigned);

    let unsigned = close(TaprootV3);
    let psbt = export(&unsigned, &[]).unwrap();
    let mut imported = import(&psbt, &unsigned).unwrap();
    let witness = Witness::from_slice(&[[7; 64]]);
    imported.insert_witness(1, Witness::new());
    assert_eq!(imported.clone().finalise(), Err(MissingWitness { index: 0 }));
    imported.insert_witness(0, witness.clone());
    assert_eq!(imported.finalise().unwrap().input[0].witness, witness);
}
