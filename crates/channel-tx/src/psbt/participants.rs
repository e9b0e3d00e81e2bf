//! Who takes part in a MuSig2 key, and the key they aggregate to.

use alloc::vec::Vec;

use bitcoin::secp256k1::PublicKey;
use secp256k1::musig::KeyAggCache;
use thiserror::Error;

use super::{FieldError, MusigField};
use crate::keys::{AggregateKey, Point};

/// The length of a compressed key.
pub(super) const KEY_LENGTH: usize = 33;

/// The participants of a MuSig2 key in the order they are aggregated in, and that key (BIP 327, `KeyAgg`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MusigParticipants {
    aggregate: PublicKey,
    keys: Vec<PublicKey>,
}

/// A MuSig2 key needs one participant at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a MuSig2 key without participants")]
pub struct NoParticipants;

impl MusigParticipants {
    /// Aggregates the keys in the order given. Keys that a wallet sorts are to be sorted before.
    ///
    /// # Errors
    /// [`NoParticipants`] when there is none.
    pub fn new(keys: Vec<PublicKey>) -> Result<Self, NoParticipants> {
        if keys.is_empty() {
            return Err(NoParticipants);
        }
        let points: Vec<Point> = keys.iter().map(Point::new).collect();
        let points: Vec<&secp256k1::PublicKey> = points.iter().map(Point::as_inner).collect();
        let aggregate = Point::from(KeyAggCache::new(&points).agg_pk_full()).to_public_key();
        Ok(Self { aggregate, keys })
    }

    /// The two parties of a funding output.
    pub fn of_funding(key: &AggregateKey) -> Self {
        Self::new(key.sorted_keys().to_vec()).expect("a funding key has two participants")
    }

    /// The plain aggregate, before any tweak, with the parity of its y coordinate.
    pub const fn aggregate(&self) -> PublicKey {
        self.aggregate
    }

    /// The participants in the order of aggregation.
    pub fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// Whether this key is one of the participants.
    pub fn contains(&self, key: &PublicKey) -> bool {
        self.keys.contains(key)
    }

    pub(super) fn from_field(field: MusigField, key: &[u8], value: &[u8]) -> Result<Self, FieldError> {
        if key.len() != KEY_LENGTH {
            return Err(FieldError::KeyLength { field, length: key.len() });
        }
        let (keys, rest) = value.as_chunks::<KEY_LENGTH>();
        if keys.is_empty() || !rest.is_empty() {
            return Err(FieldError::ValueLength { field, length: value.len() });
        }
        let named = point(field, key)?;
        let keys = keys.iter().map(|key| point(field, key)).collect::<Result<Vec<_>, _>>()?;
        let participants = Self::new(keys).expect("the value holds one key at least");
        if participants.aggregate == named {
            Ok(participants)
        } else {
            Err(FieldError::WrongAggregate { field, named })
        }
    }

    pub(super) fn to_value(&self) -> Vec<u8> {
        self.keys.iter().flat_map(PublicKey::serialize).collect()
    }
}

/// Reads the 33 bytes of a compressed point.
pub(super) fn point(field: MusigField, bytes: &[u8]) -> Result<PublicKey, FieldError> {
    PublicKey::from_slice(bytes).map_err(|_| FieldError::InvalidPoint { field })
}
