//! The MuSig2 fields at their limits: lengths one off, points off the curve, participants out of order, conflicts.

use bitcoin::Psbt;
use bitcoin::hashes::Hash;
use bitcoin::psbt::raw::Key;
use bitcoin::psbt::{Input, Output};
use bitcoin::secp256k1::{PublicKey, Secp256k1, SecretKey, constants};
use bitcoin::{OutPoint, ScriptBuf, Sequence, TapLeafHash, Transaction, TxIn, TxOut, Witness};
use channel_tx::keys::AggregateKey;
use channel_tx::psbt::{
    CombineError, Cosigner, FieldConflict, FieldError, MusigField, MusigInput, MusigOutput,
    MusigParticipants, NoParticipants, PartialSignature, PublicNonce, combine, decode,
};

fn key(byte: u8) -> PublicKey {
    SecretKey::from_slice(&[byte; 32]).unwrap().public_key(&Secp256k1::new())
}

fn nonce(byte: u8) -> PublicNonce {
    let both = [key(byte).serialize(), key(byte + 1).serialize()].concat();
    PublicNonce::from_byte_array(both.try_into().unwrap()).unwrap()
}

fn cosigner(leaf: Option<TapLeafHash>) -> Cosigner {
    Cosigner { participant: key(1), key: key(9), leaf }
}

fn filled() -> MusigInput {
    let mut fields = MusigInput::default();
    fields.insert_participants(MusigParticipants::new(vec![key(1), key(2)]).unwrap()).unwrap();
    for leaf in [None, Some(TapLeafHash::from_byte_array([7; 32]))] {
        fields.insert_nonce(cosigner(leaf), nonce(3)).unwrap();
        let signature = PartialSignature::from_byte_array([5; 32]).unwrap();
        fields.insert_partial_signature(cosigner(leaf), signature).unwrap();
    }
    fields
}

fn written() -> Input {
    let mut input = Input::default();
    filled().write(&mut input);
    input
}

fn unsigned(count: usize) -> Psbt {
    let input = TxIn {
        previous_output: OutPoint::null(),
        script_sig: ScriptBuf::new(),
        sequence: Sequence::MAX,
        witness: Witness::new(),
    };
    let output = TxOut { value: bitcoin::Amount::from_sat(1), script_pubkey: ScriptBuf::new() };
    Psbt::from_unsigned_tx(Transaction {
        version: bitcoin::transaction::Version::TWO,
        lock_time: bitcoin::absolute::LockTime::ZERO,
        input: vec![input; count],
        output: vec![output],
    })
    .unwrap()
}

/// Every field with its first key changed by one function and its value by another.
fn with_changed(field: MusigField, change: impl Fn(&mut Vec<u8>, &mut Vec<u8>)) -> Input {
    let mut input = written();
    let of_field = |key: &&Key| key.type_value == field.key_type();
    let raw = input.unknown.keys().find(of_field).cloned().unwrap();
    let mut value = input.unknown.remove(&raw).unwrap();
    let mut changed = raw;
    change(&mut changed.key, &mut value);
    input.unknown.insert(changed, value);
    input
}

#[test]
fn what_is_written_is_read_back() {
    assert_eq!(MusigInput::read(&written()), Ok(filled()));
    let mut output = Output::default();
    let mut fields = MusigOutput::default();
    fields.insert_participants(MusigParticipants::new(vec![key(4), key(4), key(2)]).unwrap()).unwrap();
    fields.write(&mut output);
    assert_eq!(MusigOutput::read(&output), Ok(fields));
}

#[test]
fn writing_replaces_musig_fields_and_leaves_others() {
    let mut input = written();
    let other = Key { type_value: 0x7f, key: vec![1] };
    input.unknown.insert(other.clone(), vec![2]);
    MusigInput::default().write(&mut input);
    assert_eq!(input.unknown.keys().collect::<Vec<_>>(), [&other]);
    assert_eq!(MusigInput::read(&input), Ok(MusigInput::default()));
}

#[test]
fn key_data_one_byte_off_is_refused() {
    use MusigField::{InputParticipants, PartialSignature, PublicNonce};
    for (field, length) in [(InputParticipants, 33), (PublicNonce, 66), (PartialSignature, 66)] {
        let shorter = with_changed(field, |key, _| key.truncate(key.len() - 1));
        assert_eq!(MusigInput::read(&shorter), Err(FieldError::KeyLength { field, length: length - 1 }));
        let longer = with_changed(field, |key, _| key.push(0));
        assert_eq!(MusigInput::read(&longer), Err(FieldError::KeyLength { field, length: length + 1 }));
        let empty = with_changed(field, |key, _| key.clear());
        assert_eq!(MusigInput::read(&empty), Err(FieldError::KeyLength { field, length: 0 }));
    }
    for extra in [31, 33] {
        let leaf = with_changed(PublicNonce, |key, _| key.extend(vec![0; extra]));
        let length = 66 + extra;
        assert_eq!(MusigInput::read(&leaf), Err(FieldError::KeyLength { field: PublicNonce, length }));
    }
}

#[test]
fn values_one_byte_off_are_refused() {
    use MusigField::{InputParticipants, PartialSignature, PublicNonce};
    for (field, length) in [(InputParticipants, 66), (PublicNonce, 66), (PartialSignature, 32)] {
        let shorter = with_changed(field, |_, value| value.truncate(value.len() - 1));
        assert_eq!(MusigInput::read(&shorter), Err(FieldError::ValueLength { field, length: length - 1 }));
        let longer = with_changed(field, |_, value| value.push(0));
        assert_eq!(MusigInput::read(&longer), Err(FieldError::ValueLength { field, length: length + 1 }));
        let empty = with_changed(field, |_, value| value.clear());
        assert_eq!(MusigInput::read(&empty), Err(FieldError::ValueLength { field, length: 0 }));
    }
}

#[test]
fn points_off_the_curve_are_refused() {
    use MusigField::{InputParticipants, PartialSignature, PublicNonce};
    // x = 5 is on no point of the curve.
    let mut off = [0; 33];
    (off[0], off[32]) = (2, 5);
    assert!(PublicKey::from_slice(&off).is_err());
    for (field, starts) in
        [(InputParticipants, vec![0]), (PublicNonce, vec![0, 33]), (PartialSignature, vec![0, 33])]
    {
        for start in starts {
            let input = with_changed(field, |key, _| key[start..start + 33].copy_from_slice(&off));
            assert_eq!(MusigInput::read(&input), Err(FieldError::InvalidPoint { field }));
        }
    }
    for field in [InputParticipants, PublicNonce] {
        for start in [0, 33] {
            let input = with_changed(field, |_, value| value[start..start + 33].copy_from_slice(&off));
            assert_eq!(MusigInput::read(&input), Err(FieldError::InvalidPoint { field }));
        }
    }
    // Infinity stands in aggregate nonces only.
    let input = with_changed(PublicNonce, |_, value| value[33..].fill(0));
    assert_eq!(MusigInput::read(&input), Err(FieldError::InvalidPoint { field: PublicNonce }));
}

#[test]
fn partial_signatures_end_below_the_group_order() {
    let mut last = constants::CURVE_ORDER;
    assert_eq!(PartialSignature::from_byte_array(last), Err(FieldError::InvalidScalar));
    last[31] -= 1;
    assert_eq!(PartialSignature::from_byte_array(last).unwrap().to_byte_array(), last);
    let input = with_changed(MusigField::PartialSignature, |_, value| {
        value.copy_from_slice(&constants::CURVE_ORDER);
    });
    assert_eq!(MusigInput::read(&input), Err(FieldError::InvalidScalar));
}

#[test]
fn participants_must_aggregate_to_the_key_they_stand_under() {
    let field = MusigField::InputParticipants;
    let named = MusigParticipants::new(vec![key(1), key(2)]).unwrap().aggregate();
    let swapped = with_changed(field, |_, value| value.rotate_left(33));
    assert_eq!(MusigInput::read(&swapped), Err(FieldError::WrongAggregate { field, named }));
    // The same x coordinate is not enough.
    let negated = named.negate(&Secp256k1::new());
    let parity = with_changed(field, |key, _| key[0] ^= 1);
    assert_eq!(MusigInput::read(&parity), Err(FieldError::WrongAggregate { field, named: negated }));
    let one_more = with_changed(field, |_, value| value.extend(key(3).serialize()));
    assert_eq!(MusigInput::read(&one_more), Err(FieldError::WrongAggregate { field, named }));
    assert_eq!(MusigParticipants::new(Vec::new()), Err(NoParticipants));
}

#[test]
fn a_funding_key_names_both_parties_and_signs_for_the_output_key() {
    let funding = AggregateKey::new(&key(2), &key(1)).unwrap();
    let participants = MusigParticipants::of_funding(&funding);
    assert_eq!(participants.keys(), funding.sorted_keys());
    assert_eq!(participants.aggregate().x_only_public_key().0, funding.internal_key());
    assert!(
        participants.contains(&key(1)) && participants.contains(&key(2)) && !participants.contains(&key(3))
    );
    let cosigner = Cosigner::of_funding(&funding, key(1));
    assert_eq!(cosigner.key.x_only_public_key().0, funding.output_key());
    assert_eq!((cosigner.participant, cosigner.leaf), (key(1), None));
}

#[test]
fn a_second_value_under_one_key_is_a_conflict() {
    let mut fields = filled();
    assert_eq!(fields.insert_nonce(cosigner(None), nonce(3)), Ok(()));
    let conflict = |field| Err(FieldConflict { field });
    assert_eq!(fields.insert_nonce(cosigner(None), nonce(4)), conflict(MusigField::PublicNonce));
    let other = PartialSignature::from_byte_array([6; 32]).unwrap();
    assert_eq!(
        fields.insert_partial_signature(cosigner(None), other),
        conflict(MusigField::PartialSignature)
    );
    assert_eq!(fields, filled());
}

#[test]
fn a_merge_takes_over_everything_or_nothing() {
    let mut other = MusigInput::default();
    let theirs = Cosigner { participant: key(2), ..cosigner(None) };
    other.insert_nonce(theirs, nonce(5)).unwrap();
    let mut fields = filled();
    fields.merge(other.clone()).unwrap();
    assert_eq!(fields.nonce(&theirs), Some(nonce(5)));
    assert_eq!(fields.nonce(&cosigner(None)), Some(nonce(3)));
    assert_eq!((fields.nonces().count(), fields.partial_signatures().count()), (3, 2));

    other.insert_nonce(cosigner(None), nonce(6)).unwrap();
    let mut fields = filled();
    assert_eq!(fields.merge(other), Err(FieldConflict { field: MusigField::PublicNonce }));
    assert_eq!(fields, filled());
}

#[test]
fn combining_joins_the_rounds_and_stops_at_a_conflict() {
    let (mut ours, mut theirs) = (unsigned(2), unsigned(2));
    filled().write(&mut ours.inputs[1]);
    let mut other = MusigInput::default();
    let by = Cosigner { participant: key(2), ..cosigner(None) };
    other.insert_nonce(by, nonce(5)).unwrap();
    other.write(&mut theirs.inputs[1]);
    combine(&mut ours, theirs.clone()).unwrap();
    let joined = MusigInput::read(&ours.inputs[1]).unwrap();
    assert_eq!((joined.nonces().count(), joined.nonce(&by)), (3, Some(nonce(5))));

    other = MusigInput::default();
    other.insert_nonce(by, nonce(6)).unwrap();
    other.write(&mut theirs.inputs[1]);
    let before = ours.clone();
    let source = FieldConflict { field: MusigField::PublicNonce };
    assert_eq!(combine(&mut ours, theirs), Err(CombineError::Conflict { index: 1, source }));
    assert_eq!(ours, before);
    assert_eq!(combine(&mut ours, unsigned(1)), Err(CombineError::OtherTransaction));
}

#[test]
fn combining_survives_extended_keys_that_disagree() {
    // Paths of different lengths, neither the end of the other.
    let text = "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8";
    let xpub: bitcoin::bip32::Xpub = text.parse().unwrap();
    let (mut ours, mut theirs) = (unsigned(1), unsigned(1));
    let long: bitcoin::bip32::DerivationPath = "m/1/2/3".parse().unwrap();
    ours.xpub.insert(xpub, ([1; 4].into(), long.clone()));
    theirs.xpub.insert(xpub, ([1; 4].into(), "m/7".parse().unwrap()));
    combine(&mut ours, theirs).unwrap();
    assert_eq!(ours.xpub[&xpub].1, long);
}

#[test]
fn bytes_after_the_last_map_are_refused() {
    let mut bytes = unsigned(1).serialize();
    assert!(decode(&bytes).is_ok());
    bytes.push(0);
    assert_eq!(decode(&bytes).unwrap_err().to_string(), "1 bytes follow the partially signed transaction");
}
