//! Partial signatures, as they go over the wire.

use core::fmt;

use secp256k1::musig;
use thiserror::Error;

use super::{PublicNonce, PublicNonceError};

/// One party's share of a signature: a number below the group order, 32 bytes on the wire (BIP 327).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartialSignature(musig::PartialSignature);

impl PartialSignature {
    /// Length in bytes on the wire.
    pub const SIZE: usize = 32;

    /// Reads a partial signature.
    ///
    /// # Errors
    /// [`PartialSignatureError::OutOfRange`] when the number is not below the group order.
    pub fn from_byte_array(bytes: &[u8; Self::SIZE]) -> Result<Self, PartialSignatureError> {
        let signature = musig::PartialSignature::from_byte_array(bytes);
        signature.map(Self).map_err(|_| PartialSignatureError::OutOfRange)
    }

    /// Reads a partial signature.
    ///
    /// # Errors
    /// [`PartialSignatureError`] when there are not 32 bytes, or the number is not below the group order.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, PartialSignatureError> {
        let array = bytes.try_into().map_err(|_| PartialSignatureError::Length { actual: bytes.len() })?;
        Self::from_byte_array(array)
    }

    /// The 32 bytes.
    pub fn to_byte_array(&self) -> [u8; Self::SIZE] {
        self.0.serialize()
    }

    pub(super) const fn as_inner(&self) -> &musig::PartialSignature {
        &self.0
    }
}

impl From<musig::PartialSignature> for PartialSignature {
    fn from(signature: musig::PartialSignature) -> Self {
        Self(signature)
    }
}

impl fmt::Debug for PartialSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartialSignature({})", self.0)
    }
}

impl fmt::Display for PartialSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Bytes are not a partial signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PartialSignatureError {
    /// Not 32 bytes.
    #[error("a partial signature has {} bytes, not {actual}", PartialSignature::SIZE)]
    Length {
        /// The bytes there are.
        actual: usize,
    },
    /// The number is not below the group order.
    #[error("the partial signature is not below the group order")]
    OutOfRange,
}

/// A partial signature and the nonce it was made with, 98 bytes on the wire: for a peer that could not know the nonce
/// before (simple taproot channels, `partial_signature_with_nonce`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartialSignatureWithNonce {
    /// The share of the signature.
    pub signature: PartialSignature,
    /// The nonce of the party that signed.
    pub nonce: PublicNonce,
}

impl PartialSignatureWithNonce {
    /// Length in bytes on the wire.
    pub const SIZE: usize = PartialSignature::SIZE + PublicNonce::SIZE;

    /// Reads the signature, then the nonce.
    ///
    /// # Errors
    /// [`PartialSignatureWithNonceError`] says which of the two is malformed, and why.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, PartialSignatureWithNonceError> {
        if bytes.len() != Self::SIZE {
            return Err(PartialSignatureWithNonceError::Length { actual: bytes.len() });
        }
        let (signature, nonce) = bytes.split_at(PartialSignature::SIZE);
        Ok(Self {
            signature: PartialSignature::from_slice(signature)?,
            nonce: PublicNonce::from_slice(nonce)?,
        })
    }

    /// The 98 bytes: the signature, then the nonce.
    pub fn to_byte_array(&self) -> [u8; Self::SIZE] {
        let mut bytes = [0; Self::SIZE];
        let (signature, nonce) = bytes.split_at_mut(PartialSignature::SIZE);
        signature.copy_from_slice(&self.signature.to_byte_array());
        nonce.copy_from_slice(&self.nonce.to_byte_array());
        bytes
    }
}

/// Bytes are not a partial signature with a nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PartialSignatureWithNonceError {
    /// Not 98 bytes.
    #[error("a partial signature with its nonce has {} bytes, not {actual}", PartialSignatureWithNonce::SIZE)]
    Length {
        /// The bytes there are.
        actual: usize,
    },
    /// The signature is malformed.
    #[error(transparent)]
    Signature(#[from] PartialSignatureError),
    /// The nonce is malformed.
    #[error(transparent)]
    Nonce(#[from] PublicNonceError),
}
