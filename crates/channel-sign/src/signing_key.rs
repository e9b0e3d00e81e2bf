//! A secret key in the form that signing wants.

use bitcoin::secp256k1::{PublicKey, SecretKey};
use secp256k1::Keypair;
use thiserror::Error;

use crate::keys::to_bitcoin;

/// A secret key with its public key, ready to sign. It is made once, which costs a multiplication, and then signs
/// without parsing or deriving anything again.
///
/// Where it signs alone, nothing is random: BIP 340 without auxiliary randomness, and RFC 6979 for ECDSA. The nonce is a
/// hash of key and message, so one message has one signature, no entropy can be bad or repeat, and official vectors can be
/// compared. Auxiliary randomness would add protection against an attacker who can provoke faults in the processor or
/// measure its current; the library blinds its tables after each operation on a secret against the latter.
///
/// Not `Clone`, not printable; erased when dropped, as far as a compiler lets memory be erased.
pub struct SigningKey {
    keypair: Keypair,
    public: PublicKey,
}

/// A secret key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SigningKeyError {
    /// The number is zero or not below the group order.
    #[error("the secret key is zero or not below the group order")]
    OutOfRange,
}

impl SigningKey {
    /// The key of these 32 bytes, big-endian.
    ///
    /// # Errors
    /// [`SigningKeyError::OutOfRange`] when the number is zero or not below the group order.
    pub fn from_byte_array(secret: [u8; 32]) -> Result<Self, SigningKeyError> {
        let keypair = Keypair::from_secret_bytes(secret).map_err(|_| SigningKeyError::OutOfRange)?;
        Ok(Self::from_keypair(keypair))
    }

    pub(crate) fn from_keypair(keypair: Keypair) -> Self {
        Self { keypair, public: to_bitcoin(&keypair.public_key()) }
    }

    /// The public key.
    pub const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) const fn keypair(&self) -> &Keypair {
        &self.keypair
    }
}

impl From<&SecretKey> for SigningKey {
    fn from(secret: &SecretKey) -> Self {
        let key = Self::from_byte_array(secret.secret_bytes());
        key.expect("a secret key of one library is one of the other")
    }
}

impl Drop for SigningKey {
    fn drop(&mut self) {
        self.keypair.non_secure_erase();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_of_a_secret_key_is_one_to_the_order_less_one() {
        let mut order = secp256k1::constants::CURVE_ORDER;
        assert_eq!(SigningKey::from_byte_array([0; 32]).err(), Some(SigningKeyError::OutOfRange));
        assert_eq!(SigningKey::from_byte_array(order).err(), Some(SigningKeyError::OutOfRange));
        order[31] -= 1;
        assert!(SigningKey::from_byte_array(order).is_ok());
    }

    #[test]
    fn the_public_key_is_that_of_the_other_library() {
        let secp = bitcoin::secp256k1::Secp256k1::new();
        for byte in 1..=9 {
            let secret = SecretKey::from_slice(&[byte; 32]).unwrap();
            assert_eq!(*SigningKey::from(&secret).public_key(), secret.public_key(&secp));
        }
    }
}
