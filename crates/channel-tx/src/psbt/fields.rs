//! The MuSig2 fields of one input and of one output, read from and written to the maps that `bitcoin` keeps unknown
//! fields in.

use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::vec::Vec;

use bitcoin::psbt::raw::Key;
use bitcoin::psbt::{Input, Output};
use bitcoin::secp256k1::PublicKey;
use thiserror::Error;

use super::{Cosigner, FieldError, MusigField, MusigParticipants, PartialSignature, PublicNonce};

type RawFields = BTreeMap<Key, Vec<u8>>;

/// Two PSBTs hold different values under one key. Neither may win silently: a partial signature is right for one set
/// of nonces only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{field}: two different values for one key")]
pub struct FieldConflict {
    /// The field that differs.
    pub field: MusigField,
}

/// The MuSig2 fields of an input.
///
/// Equal values may be inserted twice; another value under the same key is a [`FieldConflict`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MusigInput {
    participants: BTreeMap<PublicKey, MusigParticipants>,
    nonces: BTreeMap<Cosigner, PublicNonce>,
    partial_signatures: BTreeMap<Cosigner, PartialSignature>,
}

impl MusigInput {
    /// Reads every MuSig2 field of an input.
    ///
    /// # Errors
    /// The first [`FieldError`], in the order of the keys.
    pub fn read(input: &Input) -> Result<Self, FieldError> {
        let field = MusigField::InputParticipants;
        Ok(Self {
            participants: read_participants(&input.unknown, field)?,
            nonces: read_rounds(&input.unknown, MusigField::PublicNonce, PublicNonce::from_value)?,
            partial_signatures: read_rounds(
                &input.unknown,
                MusigField::PartialSignature,
                PartialSignature::from_value,
            )?,
        })
    }

    /// Writes these fields and no other MuSig2 fields: what the input held of them is replaced.
    pub fn write(&self, input: &mut Input) {
        write_participants(&mut input.unknown, MusigField::InputParticipants, &self.participants);
        let nonces = self.nonces.iter().map(|(by, nonce)| (*by, nonce.0.to_vec()));
        write_rounds(&mut input.unknown, MusigField::PublicNonce, nonces);
        let signatures = self.partial_signatures.iter().map(|(by, signature)| (*by, signature.0.to_vec()));
        write_rounds(&mut input.unknown, MusigField::PartialSignature, signatures);
    }

    /// Takes over what the other has (BIP 174, combiner).
    ///
    /// # Errors
    /// [`FieldConflict`] when both hold different values under one key; nothing is taken over then.
    pub fn merge(&mut self, other: Self) -> Result<(), FieldConflict> {
        let mut merged = self.clone();
        for participants in other.participants.into_values() {
            merged.insert_participants(participants)?;
        }
        for (by, nonce) in other.nonces {
            merged.insert_nonce(by, nonce)?;
        }
        for (by, signature) in other.partial_signatures {
            merged.insert_partial_signature(by, signature)?;
        }
        *self = merged;
        Ok(())
    }

    /// Names the participants of an aggregate key.
    ///
    /// # Errors
    /// [`FieldConflict`] when the key is known with other participants or another order.
    pub fn insert_participants(&mut self, participants: MusigParticipants) -> Result<(), FieldConflict> {
        insert(&mut self.participants, MusigField::InputParticipants, participants.aggregate(), participants)
    }

    /// Adds the public nonce of a participant.
    ///
    /// # Errors
    /// [`FieldConflict`] when this participant has given another nonce.
    pub fn insert_nonce(&mut self, by: Cosigner, nonce: PublicNonce) -> Result<(), FieldConflict> {
        insert(&mut self.nonces, MusigField::PublicNonce, by, nonce)
    }

    /// Adds the partial signature of a participant.
    ///
    /// # Errors
    /// [`FieldConflict`] when this participant has given another one.
    pub fn insert_partial_signature(
        &mut self,
        by: Cosigner,
        signature: PartialSignature,
    ) -> Result<(), FieldConflict> {
        insert(&mut self.partial_signatures, MusigField::PartialSignature, by, signature)
    }

    /// The participants of an aggregate key.
    pub fn participants(&self, aggregate: &PublicKey) -> Option<&MusigParticipants> {
        self.participants.get(aggregate)
    }

    /// The public nonce of a participant.
    pub fn nonce(&self, by: &Cosigner) -> Option<PublicNonce> {
        self.nonces.get(by).copied()
    }

    /// The partial signature of a participant.
    pub fn partial_signature(&self, by: &Cosigner) -> Option<PartialSignature> {
        self.partial_signatures.get(by).copied()
    }

    /// Every aggregate key, in the order of the keys.
    pub fn aggregates(&self) -> impl Iterator<Item = &MusigParticipants> {
        self.participants.values()
    }

    /// Every public nonce, in the order of the keys.
    pub fn nonces(&self) -> impl Iterator<Item = (&Cosigner, PublicNonce)> {
        self.nonces.iter().map(|(by, nonce)| (by, *nonce))
    }

    /// Every partial signature, in the order of the keys.
    pub fn partial_signatures(&self) -> impl Iterator<Item = (&Cosigner, PartialSignature)> {
        self.partial_signatures.iter().map(|(by, signature)| (by, *signature))
    }
}

/// The MuSig2 fields of an output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MusigOutput {
    participants: BTreeMap<PublicKey, MusigParticipants>,
}

impl MusigOutput {
    /// Reads every MuSig2 field of an output.
    ///
    /// # Errors
    /// The first [`FieldError`], in the order of the keys.
    pub fn read(output: &Output) -> Result<Self, FieldError> {
        read_participants(&output.unknown, MusigField::OutputParticipants)
            .map(|participants| Self { participants })
    }

    /// Writes these fields and no other MuSig2 fields: what the output held of them is replaced.
    pub fn write(&self, output: &mut Output) {
        write_participants(&mut output.unknown, MusigField::OutputParticipants, &self.participants);
    }

    /// Takes over what the other has (BIP 174, combiner).
    ///
    /// # Errors
    /// [`FieldConflict`] when both name different participants for one key; nothing is taken over then.
    pub fn merge(&mut self, other: Self) -> Result<(), FieldConflict> {
        let mut merged = self.clone();
        for participants in other.participants.into_values() {
            merged.insert_participants(participants)?;
        }
        *self = merged;
        Ok(())
    }

    /// Names the participants of an aggregate key.
    ///
    /// # Errors
    /// [`FieldConflict`] when the key is known with other participants or another order.
    pub fn insert_participants(&mut self, participants: MusigParticipants) -> Result<(), FieldConflict> {
        insert(&mut self.participants, MusigField::OutputParticipants, participants.aggregate(), participants)
    }

    /// The participants of an aggregate key.
    pub fn participants(&self, aggregate: &PublicKey) -> Option<&MusigParticipants> {
        self.participants.get(aggregate)
    }

    /// Every aggregate key, in the order of the keys.
    pub fn aggregates(&self) -> impl Iterator<Item = &MusigParticipants> {
        self.participants.values()
    }
}

fn insert<K: Ord, V: PartialEq>(
    fields: &mut BTreeMap<K, V>,
    field: MusigField,
    key: K,
    value: V,
) -> Result<(), FieldConflict> {
    match fields.entry(key) {
        Entry::Vacant(entry) => {
            entry.insert(value);
            Ok(())
        }
        Entry::Occupied(entry) if *entry.get() == value => Ok(()),
        Entry::Occupied(_) => Err(FieldConflict { field }),
    }
}

fn raw_fields(fields: &RawFields, field: MusigField) -> impl Iterator<Item = (&[u8], &[u8])> {
    let of_type = fields.iter().filter(move |(key, _)| key.type_value == field.key_type());
    of_type.map(|(key, value)| (key.key.as_slice(), value.as_slice()))
}

fn read_participants(
    fields: &RawFields,
    field: MusigField,
) -> Result<BTreeMap<PublicKey, MusigParticipants>, FieldError> {
    let read = |(key, value)| {
        MusigParticipants::from_field(field, key, value)
            .map(|participants| (participants.aggregate(), participants))
    };
    raw_fields(fields, field).map(read).collect()
}

fn read_rounds<T>(
    fields: &RawFields,
    field: MusigField,
    value_of: impl Fn(&[u8]) -> Result<T, FieldError>,
) -> Result<BTreeMap<Cosigner, T>, FieldError> {
    let read = |(key, value)| Ok((Cosigner::from_key(field, key)?, value_of(value)?));
    raw_fields(fields, field).map(read).collect()
}

fn write_participants(
    fields: &mut RawFields,
    field: MusigField,
    participants: &BTreeMap<PublicKey, MusigParticipants>,
) {
    let written =
        participants.iter().map(|(aggregate, keys)| (aggregate.serialize().to_vec(), keys.to_value()));
    write_raw(fields, field, written);
}

fn write_rounds(
    fields: &mut RawFields,
    field: MusigField,
    rounds: impl Iterator<Item = (Cosigner, Vec<u8>)>,
) {
    write_raw(fields, field, rounds.map(|(by, value)| (by.to_key(), value)));
}

fn write_raw(fields: &mut RawFields, field: MusigField, written: impl Iterator<Item = (Vec<u8>, Vec<u8>)>) {
    fields.retain(|key, _| key.type_value != field.key_type());
    fields.extend(written.map(|(key, value)| (Key { type_value: field.key_type(), key }, value)));
}
