//! Funding transactions of outside wallets.

use bitcoin::{Amount, EcdsaSighashType, OutPoint, Psbt, ScriptBuf, TapSighashType, Witness};
use channel_core::CommitmentFormat::{SegwitAnchors, TaprootV3};
use channel_tx::psbt::{
    OutsideFunding, OutsideFundingError, OutsideInputRefusal, check_outside_funding, export,
};

use crate::cases::{funding, opening, origin, pays, wallet_script, wallet_signs};

const CAPACITY: Amount = Amount::from_sat(1_000_000);

fn outside() -> Psbt {
    export(&opening(TaprootV3), &[]).unwrap()
}

fn check(psbt: &Psbt) -> Result<OutsideFunding, OutsideFundingError> {
    check_outside_funding(psbt, &funding(TaprootV3, 11), CAPACITY)
}

fn refusal(change: impl FnOnce(&mut Psbt)) -> OutsideFundingError {
    let mut psbt = outside();
    wallet_signs(&mut psbt);
    change(&mut psbt);
    check(&psbt).unwrap_err()
}

fn input_refusal(change: impl FnOnce(&mut Psbt)) -> (usize, OutsideInputRefusal) {
    match refusal(change) {
        OutsideFundingError::Input { index, refusal } => (index, refusal),
        other => panic!("{other}"),
    }
}

#[test]
fn a_right_funding_transaction_is_accepted_before_and_after_it_is_signed() {
    for format in [TaprootV3, SegwitAnchors] {
        let unsigned = opening(format);
        let mut psbt = export(&unsigned, &[]).unwrap();
        let expected = OutsideFunding {
            outpoint: OutPoint { txid: unsigned.txid(), vout: 1 },
            fee: Amount::from_sat(600_000 + 500_000 - 1_000_000 - 99_000),
        };
        assert_eq!(check_outside_funding(&psbt, &funding(format, 11), CAPACITY), Ok(expected));
        wallet_signs(&mut psbt);
        assert_eq!(check_outside_funding(&psbt, &funding(format, 11), CAPACITY), Ok(expected));
    }
}

#[test]
fn the_funding_output_is_there_once_with_the_agreed_amount() {
    let nobody = refusal(|psbt| psbt.unsigned_tx.output[1].script_pubkey = ScriptBuf::new());
    assert_eq!(nobody, OutsideFundingError::NotPaid);
    let twice = refusal(|psbt| psbt.unsigned_tx.output.push(pays(1, funding(TaprootV3, 11).script_pubkey())));
    assert_eq!(twice, OutsideFundingError::PaidTwice { first: 1, second: 2 });
    for sat in [999_999, 1_000_001] {
        let found = Amount::from_sat(sat);
        let other = refusal(|psbt| psbt.unsigned_tx.output[1].value = found);
        assert_eq!(other, OutsideFundingError::Amount { index: 1, found, expected: CAPACITY });
    }
}

#[test]
fn the_inputs_pay_for_the_outputs() {
    let fee = Amount::from_sat(1_000);
    let mut psbt = outside();
    psbt.unsigned_tx.output[0].value += fee;
    assert_eq!(check(&psbt).unwrap().fee, Amount::ZERO);
    psbt.unsigned_tx.output[0].value += Amount::from_sat(1);
    assert_eq!(check(&psbt), Err(OutsideFundingError::Overspent));
    psbt.unsigned_tx.output[0].value = Amount::MAX;
    assert_eq!(check(&psbt), Err(OutsideFundingError::Overspent));
}

#[test]
fn inputs_that_would_change_the_transaction_id_are_refused() {
    use OutsideInputRefusal::{Duplicate, NotSegwit, Sighash};
    let key_hash = |psbt: &mut Psbt| {
        let script = wallet_script(channel_tx::weight::WalletScript::P2pkh, &origin(1));
        psbt.inputs[0].witness_utxo.as_mut().unwrap().script_pubkey = script;
    };
    assert_eq!(input_refusal(key_hash), (0, NotSegwit));
    let nested = |psbt: &mut Psbt| {
        let script = wallet_script(channel_tx::weight::WalletScript::P2shP2wpkh, &origin(2));
        psbt.inputs[1].witness_utxo.as_mut().unwrap().script_pubkey = script;
    };
    assert_eq!(input_refusal(nested), (1, NotSegwit));
    let script_sig = |psbt: &mut Psbt| psbt.inputs[1].final_script_sig = Some(ScriptBuf::from_bytes(vec![0]));
    assert_eq!(input_refusal(script_sig), (1, NotSegwit));
    let anyone = EcdsaSighashType::AllPlusAnyoneCanPay;
    assert_eq!(input_refusal(|psbt| psbt.inputs[0].sighash_type = Some(anyone.into())), (0, Sighash));
    let signed = |psbt: &mut Psbt| {
        psbt.inputs[1].tap_key_sig.as_mut().unwrap().sighash_type = TapSighashType::Single;
    };
    assert_eq!(input_refusal(signed), (1, Sighash));
    let ecdsa = |psbt: &mut Psbt| {
        psbt.inputs[0].partial_sigs.values_mut().for_each(|signature| signature.sighash_type = anyone);
    };
    assert_eq!(input_refusal(ecdsa), (0, Sighash));
    let twice = |psbt: &mut Psbt| {
        psbt.unsigned_tx.input[1].previous_output = psbt.unsigned_tx.input[0].previous_output;
    };
    assert_eq!(input_refusal(twice), (1, Duplicate));
}

#[test]
fn finished_witnesses_are_looked_into_where_their_shape_is_known() {
    for (index, signature, accepted) in [
        (0, [vec![1; 70], vec![0x01]].concat(), true),
        (0, [vec![1; 70], vec![0x81]].concat(), false),
        (1, vec![1; 64], true),
        (1, [vec![1; 64], vec![0x01]].concat(), true),
        (1, [vec![1; 64], vec![0x83]].concat(), false),
    ] {
        let mut psbt = outside();
        let elements = if index == 0 { vec![signature, vec![2; 33]] } else { vec![signature] };
        psbt.inputs[index].final_script_witness = Some(Witness::from_slice(&elements));
        assert_eq!(check(&psbt).is_ok(), accepted, "{elements:?}");
    }
}

#[test]
fn an_annex_or_a_script_hides_no_signature() {
    let schnorr = |sighash: u8| [vec![1; 64], vec![sighash]].concat();
    let der = |sighash: u8| {
        let secret = bitcoin::secp256k1::SecretKey::from_slice(&[5; 32]).unwrap();
        let message = bitcoin::secp256k1::Message::from_digest([6; 32]);
        let mut bytes = crate::cases::secp().sign_ecdsa(&message, &secret).serialize_der().to_vec();
        bytes.push(sighash);
        bytes
    };
    let (annex, script, control) = (vec![0x50, 1], vec![0xac; 65], vec![0xc0; 33]);
    for (elements, accepted) in [
        (vec![schnorr(0x01), annex.clone()], true),
        (vec![schnorr(0x82), annex.clone()], false),
        (vec![vec![1; 64], annex.clone()], true),
        (vec![schnorr(0x01), script.clone(), control.clone()], true),
        (vec![schnorr(0x01), schnorr(0x03), script.clone(), control.clone()], false),
        (vec![schnorr(0x82), script.clone(), control.clone(), annex], false),
    ] {
        let mut psbt = outside();
        psbt.inputs[1].final_script_witness = Some(Witness::from_slice(&elements));
        assert_eq!(check(&psbt).is_ok(), accepted, "{elements:?}");
    }
    for (elements, accepted) in [
        (vec![vec![], der(0x01), der(0x01), vec![0x52]], true),
        (vec![vec![], der(0x01), der(0x82), vec![0x52]], false),
        (vec![vec![7; 32], der(0x00), vec![0x52]], false),
        (vec![der(0x82)], true),
    ] {
        let mut psbt = outside();
        let script = ScriptBuf::from_bytes(vec![0x52]).to_p2wsh();
        psbt.inputs[0].witness_utxo.as_mut().unwrap().script_pubkey = script;
        psbt.inputs[0].final_script_witness = Some(Witness::from_slice(&elements));
        assert_eq!(check(&psbt).is_ok(), accepted, "{elements:?}");
    }
}

#[test]
fn what_an_input_spends_must_be_known_and_not_contradict_itself() {
    use OutsideInputRefusal::{ContradictoryPrevout, UnknownPrevout};
    assert_eq!(input_refusal(|psbt| psbt.inputs[1].witness_utxo = None), (1, UnknownPrevout));
    assert_eq!(input_refusal(|psbt| drop(psbt.inputs.pop())), (1, UnknownPrevout));
    let other = |psbt: &mut Psbt| psbt.inputs[0].non_witness_utxo = Some(opening(TaprootV3).transaction);
    assert_eq!(input_refusal(other), (0, ContradictoryPrevout));

    // The previous transaction is right, and then the stated output is not.
    let previous = opening(SegwitAnchors).transaction;
    let mut psbt = outside();
    psbt.unsigned_tx.input[1].previous_output = OutPoint { txid: previous.compute_txid(), vout: 0 };
    psbt.inputs[1].witness_utxo = None;
    psbt.inputs[1].non_witness_utxo = Some(previous.clone());
    assert_eq!(check(&psbt), Err(OutsideFundingError::Overspent));
    psbt.inputs[1].witness_utxo = Some(previous.output[1].clone());
    let index = 1;
    assert_eq!(check(&psbt), Err(OutsideFundingError::Input { index, refusal: ContradictoryPrevout }));
    psbt.unsigned_tx.input[1].previous_output.vout = 7;
    assert_eq!(check(&psbt), Err(OutsideFundingError::Input { index, refusal: ContradictoryPrevout }));
}

#[test]
fn refusals_say_what_to_do() {
    let unknown = refusal(|psbt| psbt.inputs[1].witness_utxo = None).to_string();
    assert!(unknown.starts_with("input 1: ") && unknown.contains("PSBT_IN_WITNESS_UTXO"), "{unknown}");
}
