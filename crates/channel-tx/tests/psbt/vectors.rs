//! The vectors of BIP 373: the valid ones come back byte for byte, the invalid ones are refused for their own reason.

use bitcoin::hex::FromHex;
use bitcoin::secp256k1::PublicKey;
use channel_tx::psbt::{
    DecodeError, FieldError, MusigField, MusigInput, MusigOutput, MusigParticipants, decode,
};
use serde_json::Value;

use crate::vector_report::VectorReport;

fn fixture() -> Value {
    serde_json::from_str(include_str!("../vectors/bip373.json")).unwrap()
}

fn cases(fixture: &Value, name: &str) -> Vec<Value> {
    fixture[name].as_array().unwrap().clone()
}

fn bytes(case: &Value) -> Vec<u8> {
    Vec::from_hex(case["psbt"].as_str().unwrap()).unwrap()
}

/// Every valid PSBT.
pub(crate) fn valid_psbts() -> Vec<Vec<u8>> {
    cases(&fixture(), "valid").iter().map(bytes).collect()
}

/// How many of each field, by the stage the case stands at: of inputs aggregates, nonces and partial signatures, then
/// of outputs aggregates.
fn expected_fields(case: &Value) -> [usize; 4] {
    let receiving = case["role"].as_str().unwrap().starts_with("receiving");
    match case["stage"].as_str().unwrap() {
        "participants" if receiving => [0, 0, 0, 1],
        "participants" => [1, 0, 0, 0],
        "public_nonces" => [1, 3, 0, 0],
        "partial_signatures" => [1, 3, 3, 0],
        stage => panic!("unknown stage {stage}"),
    }
}

/// Reads the PSBT, takes its MuSig2 fields out and writes them anew.
fn rewritten(bytes: &[u8], participants: &MusigParticipants) -> Result<(Vec<u8>, [usize; 4]), DecodeError> {
    let mut psbt = decode(bytes)?;
    let mut counts = [0; 4];
    for input in &mut psbt.inputs {
        let fields = MusigInput::read(input).unwrap();
        assert!(fields.aggregates().all(|named| named == participants));
        assert!(fields.nonces().all(|(by, _)| participants.contains(&by.participant)));
        assert!(fields.partial_signatures().all(|(by, _)| fields.nonce(by).is_some()));
        counts[0] += fields.aggregates().count();
        counts[1] += fields.nonces().count();
        counts[2] += fields.partial_signatures().count();
        input.unknown.retain(|key, _| !(0x1a..=0x1c).contains(&key.type_value));
        fields.write(input);
    }
    for output in &mut psbt.outputs {
        let fields = MusigOutput::read(output).unwrap();
        assert!(fields.aggregates().all(|named| named == participants));
        counts[3] += fields.aggregates().count();
        output.unknown.retain(|key, _| key.type_value != 0x08);
        fields.write(output);
    }
    Ok((psbt.serialize(), counts))
}

/// True when the refusal is about the field, and the part of it, that the case breaks.
fn refused_for_its_reason(case: &Value, refused: &DecodeError) -> bool {
    let (DecodeError::Input { index: 0, source } | DecodeError::Output { index: 0, source }) = refused else {
        return false;
    };
    let (field, key_length, value_length) = match case["refused"]["field"].as_str().unwrap() {
        "input_participants" => (MusigField::InputParticipants, 32, 98),
        "output_participants" => (MusigField::OutputParticipants, 32, 98),
        "public_nonce" => (MusigField::PublicNonce, 65, 65),
        "partial_signature" => (MusigField::PartialSignature, 97, 31),
        field => panic!("unknown field {field}"),
    };
    let key = FieldError::KeyLength { field, length: key_length };
    let value = FieldError::ValueLength { field, length: value_length };
    let has_key_of_participant = matches!(field, MusigField::PublicNonce | MusigField::PartialSignature);
    // The published case of an output has an x-only aggregate key as well, which is met first.
    let is_of_output = field == MusigField::OutputParticipants;
    match case["refused"]["part"].as_str().unwrap() {
        "aggregate_key" => *source == key,
        "participant_key" if has_key_of_participant || is_of_output => *source == key,
        "participant_key" | "value" => *source == value,
        part => panic!("unknown part {part}"),
    }
}

#[test]
fn every_vector_of_bip_373_is_answered_as_published() {
    let fixture = fixture();
    let participants: Vec<PublicKey> = cases(&fixture, "participants")
        .iter()
        .map(|one| one["public_key"].as_str().unwrap().parse().unwrap())
        .collect();
    let participants = MusigParticipants::new(participants).unwrap();
    let aggregate: PublicKey = fixture["aggregate_key"].as_str().unwrap().parse().unwrap();
    assert_eq!(participants.aggregate(), aggregate);

    let (valid, invalid) = (cases(&fixture, "valid"), cases(&fixture, "invalid"));
    assert_eq!((valid.len(), invalid.len()), (14, 10));
    let mut report = VectorReport::new("bip373");
    for case in &valid {
        let bytes = bytes(case);
        let (written, counts) = rewritten(&bytes, &participants).unwrap();
        let same = written == bytes && counts == expected_fields(case);
        report.product(case["label"].as_str().unwrap(), same);
    }
    for case in &invalid {
        let refused = decode(&bytes(case)).is_err_and(|refused| refused_for_its_reason(case, &refused));
        report.product(case["label"].as_str().unwrap(), refused);
    }
    report.assert_all_passed();
}
