//! The spend matrix through Bitcoin Core's consensus code: every square is there, every case is judged as expected, and
//! every input weighs what `channel_tx::weight` says.

use std::collections::{BTreeMap, BTreeSet};

use bitcoin::consensus::serialize;
use bitcoin::{OutPoint, Transaction, TxOut, Witness};
use bitcoinconsensus::{Error, Utxo, VERIFY_ALL_PRE_TAPROOT, VERIFY_TAPROOT, verify_with_flags};
use channel_testkit::spend_matrix::{
    Expected, Flaw, Output, Path, SpendCase, Spot, Verdict, judge, spend_cases,
};
use channel_tx::weight::SpendPath;

/// The longest ECDSA signature of a channel script, DER and sighash byte, by which BOLT 3 reckons.
const ECDSA_RECKONED: usize = 73;
/// The longest signature of a P2WPKH spend, of low S.
const ECDSA_LOW_S: usize = 72;

/// All rules in force since Taproot, of which the library knows all.
fn verify(case: &SpendCase) -> Result<Verdict, Error> {
    verify_input(&case.transaction, case.input_index, &case.spent_outputs)
}

fn verify_input(transaction: &Transaction, input: usize, spent: &[TxOut]) -> Result<Verdict, Error> {
    let utxo = |output: &TxOut| Utxo {
        script_pubkey: output.script_pubkey.as_bytes().as_ptr(),
        script_pubkey_len: u32::try_from(output.script_pubkey.len()).expect("a script of some bytes"),
        value: output.value.to_sat().cast_signed(),
    };
    let utxos: Vec<Utxo> = spent.iter().map(utxo).collect();
    let output = &spent[input];
    let verified = verify_with_flags(
        output.script_pubkey.as_bytes(),
        output.value.to_sat(),
        &serialize(transaction),
        Some(&utxos),
        input,
        VERIFY_ALL_PRE_TAPROOT | VERIFY_TAPROOT,
    );
    match verified {
        Ok(()) => Ok(Verdict::Accepted),
        Err(Error::ERR_SCRIPT) => Ok(Verdict::Refused),
        Err(error) => Err(error),
    }
}

fn accepted() -> impl Iterator<Item = SpendCase> {
    spend_cases().into_iter().filter(|case| case.expected == Expected::Accepted)
}

#[test]
fn every_case_is_judged_as_expected() {
    let cases = spend_cases();
    let mut counts: BTreeMap<Expected, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for case in &cases {
        *counts.entry(case.expected).or_default() += 1;
        if let Err(error) = judge(case, verify) {
            wrong.push(format!("{case}: {error:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    for (expected, count) in counts {
        println!("{count:5} {expected:?}");
    }
}

#[test]
fn no_square_is_missing_and_none_is_spent_in_an_unknown_way() {
    let present: BTreeSet<Spot> = accepted().map(|case| case.spot.kind()).collect();
    let expected: BTreeSet<Spot> = Spot::all().into_iter().collect();
    let missing: Vec<String> = expected.difference(&present).map(ToString::to_string).collect();
    let unknown: Vec<String> = present.difference(&expected).map(ToString::to_string).collect();
    assert_eq!((missing, unknown), (Vec::new(), Vec::new()));
}

#[test]
fn every_square_has_all_the_refusals_it_needs_and_no_other() {
    let mut squares: BTreeMap<Spot, (SpendCase, BTreeSet<Flaw>)> = BTreeMap::new();
    for case in spend_cases() {
        let (_, flaws) = squares.entry(case.spot).or_insert_with(|| (case.clone(), BTreeSet::new()));
        if let Expected::Refused(flaw) = case.expected {
            flaws.insert(flaw);
        }
    }
    for (spot, (case, flaws)) in squares {
        assert_eq!(flaws, Flaw::required(spot, case.owner_delay), "{spot}");
    }
}

#[test]
fn every_output_of_every_commitment_is_spent() {
    let cases: Vec<SpendCase> = accepted().collect();
    let spent: BTreeSet<OutPoint> =
        cases.iter().map(|case| case.transaction.input[0].previous_output).collect();
    for funding in cases.iter().filter(|case| case.spot.output == Output::Funding) {
        let txid = funding.transaction.compute_txid();
        for (vout, _) in (0..).zip(&funding.transaction.output) {
            assert!(spent.contains(&OutPoint { txid, vout }), "{}: output {vout}", funding.spot);
        }
    }
}

#[test]
fn no_single_byte_of_a_witness_can_change() {
    for case in accepted() {
        let elements = case.transaction.input[0].witness.to_vec();
        for (element, index) in
            elements.iter().enumerate().flat_map(|(at, bytes)| (0..bytes.len()).map(move |index| (at, index)))
        {
            let mut changed = case.clone();
            let mut elements = elements.clone();
            elements[element][index] ^= 1;
            changed.transaction.input[0].witness = Witness::from_slice(&elements);
            assert_eq!(verify(&changed), Ok(Verdict::Refused), "{case}: byte {index} of element {element}");
        }
    }
}

/// Taproot signatures have one length, so the prediction is exact. It reckons an ECDSA signature at its longest; made
/// with low S its DER is 70 or 71 bytes, now and then less, and the input is lighter by just that.
#[test]
fn every_input_weighs_what_was_predicted() {
    for case in accepted() {
        let predicted = case.spot.path.input(case.spot.format).unwrap().weight().to_wu();
        let witness = &case.transaction.input[0].witness;
        let built = 4 * 41 + u64::try_from(witness.size()).unwrap();
        let slack = u64::try_from(ecdsa_slack(&case)).unwrap();
        assert_eq!(built + slack, predicted, "{}", case.spot);
        assert!(slack <= 4, "{}: {slack} WU", case.spot);
        assert!(slack == 0 || !case.spot.format.is_taproot(), "{}: {slack} WU", case.spot);
    }
}

/// How much shorter the ECDSA signatures of a witness are than reckoned.
fn ecdsa_slack(case: &SpendCase) -> usize {
    let is_p2wpkh = case.spot.path == Path::Channel(SpendPath::ToRemote)
        && case.spent_outputs[0].script_pubkey.is_p2wpkh();
    let reckoned = if is_p2wpkh { ECDSA_LOW_S } else { ECDSA_RECKONED };
    let is_ecdsa = |element: &&[u8]| element.first() == Some(&0x30) && (68..=73).contains(&element.len());
    case.transaction.input[0].witness.iter().filter(is_ecdsa).map(|element| reckoned - element.len()).sum()
}
