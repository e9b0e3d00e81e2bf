//! Secret keys that are erased when dropped.
//!
//! The curve library's own secret types can be copied and stay in memory. These wrappers cannot be copied, print nothing
//! of the secret and overwrite it when dropped. Copies that the compiler leaves on the stack while a value is moved are
//! beyond what safe code can erase.

use core::fmt;

use bitcoin::secp256k1::PublicKey;
use secp256k1::{Scalar, SecretKey};
use thiserror::Error;

use super::to_bitcoin;
use crate::SigningKey;

/// Bytes, or the sum of keys, are not a secret key: zero, or not below the group order. It happens by chance once in
/// 2^128 times; in practice somebody chose the value so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the value is not a secret key of the curve")]
pub struct NotASecretKey;

/// A secret key.
pub(crate) struct KeySecret(SecretKey);

impl KeySecret {
    pub(crate) fn from_bytes(bytes: &[u8; 32]) -> Result<Self, NotASecretKey> {
        SecretKey::from_secret_bytes(*bytes).map(Self).map_err(|_| NotASecretKey)
    }

    pub(crate) fn public_key(&self) -> PublicKey {
        to_bitcoin(&self.0.public_key())
    }

    /// The form that signs; costs one multiplication for the public key.
    pub(crate) fn signing_key(&self) -> SigningKey {
        SigningKey::from_keypair(self.0.keypair())
    }

    /// `self + tweak`, for a tweak that is no secret.
    pub(super) fn add_tweak(&self, tweak: [u8; 32]) -> Result<Self, NotASecretKey> {
        let tweak = Scalar::from_be_bytes(tweak).map_err(|_| NotASecretKey)?;
        self.0.add_tweak(&tweak).map(Self).map_err(|_| NotASecretKey)
    }

    /// `self * tweak`, for a tweak that is no secret.
    pub(super) fn mul_tweak(&self, tweak: [u8; 32]) -> Result<Self, NotASecretKey> {
        let tweak = Scalar::from_be_bytes(tweak).map_err(|_| NotASecretKey)?;
        self.0.mul_tweak(&tweak).map(Self).map_err(|_| NotASecretKey)
    }

    /// `self + other`.
    pub(super) fn add(&self, other: &Self) -> Result<Self, NotASecretKey> {
        let mut scalar = Scalar::from(other.0);
        let sum = self.0.add_tweak(&scalar).map(Self).map_err(|_| NotASecretKey);
        scalar.non_secure_erase();
        sum
    }

    #[cfg(test)]
    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_secret_bytes()
    }
}

impl Drop for KeySecret {
    fn drop(&mut self) {
        // The library's name warns of copies made elsewhere; the write itself is volatile and fenced.
        self.0.non_secure_erase();
    }
}

impl fmt::Debug for KeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySecret").finish_non_exhaustive()
    }
}

/// The secret of a basepoint with the point itself, which goes into every tweak.
pub(crate) struct Basepoint {
    pub(super) secret: KeySecret,
    pub(super) point: PublicKey,
}

impl Basepoint {
    pub(crate) fn new(secret: KeySecret) -> Self {
        let point = secret.public_key();
        Self { secret, point }
    }
}

impl fmt::Debug for Basepoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Basepoint").field(&self.point).finish()
    }
}
