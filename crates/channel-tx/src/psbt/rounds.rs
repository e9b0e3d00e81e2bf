//! What the two rounds of a MuSig2 session leave in a PSBT: public nonces, then partial signatures, each under the
//! participant that made it.

use alloc::vec::Vec;

use bitcoin::TapLeafHash;
use bitcoin::hashes::Hash;
use bitcoin::secp256k1::{PublicKey, Scalar};

use super::participants::{KEY_LENGTH, point};
use super::{FieldError, MusigField};
use crate::keys::{AggregateKey, Point};

const LEAF_LENGTH: usize = 32;

/// One participant in one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cosigner {
    /// The key of the participant.
    pub participant: PublicKey,
    /// The key that is signed for, as it stands on the chain: the Taproot output key (tweaked) or the key in the leaf,
    /// never the internal key.
    pub key: PublicKey,
    /// The leaf that is signed for; none for a key path.
    pub leaf: Option<TapLeafHash>,
}

impl Cosigner {
    /// A party of a funding output, which is always spent by its key path. Whether the participant is one of the two
    /// is for the caller to know.
    pub fn of_funding(key: &AggregateKey, participant: PublicKey) -> Self {
        let key = Point::from(key.cache().agg_pk_full()).to_public_key();
        Self { participant, key, leaf: None }
    }

    pub(super) fn from_key(field: MusigField, key: &[u8]) -> Result<Self, FieldError> {
        let length = FieldError::KeyLength { field, length: key.len() };
        let (participant, rest) = key.split_at_checked(KEY_LENGTH).ok_or(length)?;
        let (aggregate, leaf) = rest.split_at_checked(KEY_LENGTH).ok_or(length)?;
        let leaf = match leaf.len() {
            0 => None,
            LEAF_LENGTH => Some(TapLeafHash::from_slice(leaf).map_err(|_| length)?),
            _ => return Err(length),
        };
        Ok(Self { participant: point(field, participant)?, key: point(field, aggregate)?, leaf })
    }

    pub(super) fn to_key(self) -> Vec<u8> {
        let mut key = Vec::with_capacity(2 * KEY_LENGTH + LEAF_LENGTH);
        key.extend(self.participant.serialize());
        key.extend(self.key.serialize());
        key.extend(self.leaf.iter().flat_map(|leaf| leaf.to_byte_array()));
        key
    }
}

/// A public nonce: two compressed points (BIP 327).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicNonce(pub(super) [u8; Self::LENGTH]);

impl PublicNonce {
    /// Its length in bytes.
    pub const LENGTH: usize = 66;

    /// Checks that both halves are points of the curve.
    ///
    /// # Errors
    /// [`FieldError::InvalidPoint`] when one is not.
    pub fn from_byte_array(bytes: [u8; Self::LENGTH]) -> Result<Self, FieldError> {
        let (first, second) = bytes.split_at(KEY_LENGTH);
        point(MusigField::PublicNonce, first)?;
        point(MusigField::PublicNonce, second)?;
        Ok(Self(bytes))
    }

    /// The bytes as a peer or a PSBT carries them.
    pub const fn to_byte_array(self) -> [u8; Self::LENGTH] {
        self.0
    }

    pub(super) fn from_value(value: &[u8]) -> Result<Self, FieldError> {
        Self::from_byte_array(value_of(MusigField::PublicNonce, value)?)
    }
}

/// A partial signature: a scalar below the group order (BIP 327). That it is right for its session is not known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartialSignature(pub(super) [u8; Self::LENGTH]);

impl PartialSignature {
    /// Its length in bytes.
    pub const LENGTH: usize = 32;

    /// Checks that the number is below the group order.
    ///
    /// # Errors
    /// [`FieldError::InvalidScalar`] when it is not.
    pub fn from_byte_array(bytes: [u8; Self::LENGTH]) -> Result<Self, FieldError> {
        Scalar::from_be_bytes(bytes).map(|_| Self(bytes)).map_err(|_| FieldError::InvalidScalar)
    }

    /// The bytes as a peer or a PSBT carries them.
    pub const fn to_byte_array(self) -> [u8; Self::LENGTH] {
        self.0
    }

    pub(super) fn from_value(value: &[u8]) -> Result<Self, FieldError> {
        Self::from_byte_array(value_of(MusigField::PartialSignature, value)?)
    }
}

fn value_of<const LENGTH: usize>(field: MusigField, value: &[u8]) -> Result<[u8; LENGTH], FieldError> {
    value.try_into().map_err(|_| FieldError::ValueLength { field, length: value.len() })
}
