//! One party of a funding output: its secret key joined with the aggregate it is part of.

use bitcoin::secp256k1::PublicKey;
use channel_tx::keys::AggregateKey;
use secp256k1::musig::KeyAggCache;
use thiserror::Error;

use crate::SigningKey;
use crate::keys::from_bitcoin;

/// A funding key that was checked to be one of the two in an aggregate. All that could go wrong with keys when a session
/// is signed is checked here, once.
pub struct Cosigner {
    key: SigningKey,
    aggregate: AggregateKey,
    peer: PublicKey,
    peer_point: secp256k1::PublicKey,
}

/// A key and an aggregate do not belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CosignerError {
    /// The key is not one of the two.
    #[error("the funding key {key} is not part of the funding output")]
    NotAParty {
        /// The public key of the signer.
        key: PublicKey,
    },
}

impl Cosigner {
    /// Joins a key with the aggregate it is part of.
    ///
    /// # Errors
    /// [`CosignerError::NotAParty`] when it is not.
    pub fn new(key: SigningKey, aggregate: AggregateKey) -> Result<Self, CosignerError> {
        let own = *key.public_key();
        let peer = match *aggregate.sorted_keys() {
            [first, second] if first == own => second,
            [first, second] if second == own => first,
            _ => return Err(CosignerError::NotAParty { key: own }),
        };
        let peer_point = from_bitcoin(&peer);
        Ok(Self { key, aggregate, peer, peer_point })
    }

    /// Our key.
    pub const fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The peer's funding key.
    pub const fn peer(&self) -> &PublicKey {
        &self.peer
    }

    /// The key of the funding output.
    pub const fn aggregate(&self) -> &AggregateKey {
        &self.aggregate
    }

    pub(super) const fn cache(&self) -> &KeyAggCache {
        self.aggregate.cache()
    }

    pub(super) const fn peer_point(&self) -> secp256k1::PublicKey {
        self.peer_point
    }
}
