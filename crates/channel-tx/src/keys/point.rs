//! The bridge between the two curve libraries: keys come and go as `bitcoin`'s, arithmetic is done by the newer
//! `secp256k1`, which has MuSig2.
//!
//! Points cross uncompressed: both libraries only check the curve equation then, no square root is taken.

use bitcoin::secp256k1::PublicKey;
use bitcoin::{TapTweakHash, XOnlyPublicKey};
use secp256k1::Scalar;

use super::KeyError;

/// A point of the curve, not infinity, in the form the arithmetic wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Point(secp256k1::PublicKey);

impl Point {
    pub(crate) fn new(key: &PublicKey) -> Self {
        let bytes = key.serialize_uncompressed();
        let point = secp256k1::PublicKey::from_byte_array_uncompressed(bytes);
        Self(point.expect("a public key of one library is one of the other"))
    }

    /// The key as `bitcoin` has it.
    pub(crate) fn to_public_key(self) -> PublicKey {
        let key = PublicKey::from_slice(&self.0.serialize_uncompressed());
        key.expect("a public key of one library is one of the other")
    }

    pub(crate) const fn as_inner(&self) -> &secp256k1::PublicKey {
        &self.0
    }

    /// The 33 bytes.
    pub(crate) fn serialize(&self) -> [u8; 33] {
        self.0.serialize()
    }

    /// The 32 bytes of the x coordinate, as scripts carry it.
    pub(crate) fn x_only(&self) -> [u8; 32] {
        self.0.x_only_public_key().0.to_byte_array()
    }

    pub(crate) fn to_x_only_public_key(self) -> XOnlyPublicKey {
        self.to_public_key().x_only_public_key().0
    }

    /// `self + tweak * G`.
    pub(crate) fn add_tweak(self, tweak: [u8; 32]) -> Result<Self, KeyError> {
        let scalar = Scalar::from_be_bytes(tweak).map_err(|_| KeyError::InvalidTweak)?;
        self.0.add_exp_tweak(&scalar).map(Self).map_err(|_| KeyError::InvalidTweak)
    }

    /// `tweak * self`.
    pub(crate) fn mul_tweak(self, tweak: [u8; 32]) -> Result<Self, KeyError> {
        let scalar = Scalar::from_be_bytes(tweak).map_err(|_| KeyError::InvalidTweak)?;
        self.0.mul_tweak(&scalar).map(Self).map_err(|_| KeyError::InvalidTweak)
    }

    pub(crate) fn combine(self, other: Self) -> Result<Self, KeyError> {
        self.0.combine(&other.0).map(Self).map_err(|_| KeyError::InvalidTweak)
    }

    /// The Taproot output key above this internal key: x coordinate and whether y is odd (BIP 341).
    pub(crate) fn tap_tweak(&self, tweak: TapTweakHash) -> Result<([u8; 32], OutputParity), KeyError> {
        let tweak = Scalar::from_be_bytes(bitcoin::hashes::Hash::to_byte_array(tweak));
        let tweak = tweak.map_err(|_| KeyError::InvalidTweak)?;
        let (internal, _) = self.0.x_only_public_key();
        let (output, parity) = internal.add_tweak(&tweak).map_err(|_| KeyError::InvalidTweak)?;
        Ok((output.to_byte_array(), OutputParity(parity.to_u8())))
    }
}

impl From<secp256k1::PublicKey> for Point {
    fn from(key: secp256k1::PublicKey) -> Self {
        Self(key)
    }
}

/// Whether the y coordinate of an output key is odd: 1, or even: 0. It is the lowest bit of a control block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct OutputParity(u8);

impl OutputParity {
    pub(crate) const EVEN: Self = Self(0);

    pub(crate) const fn to_u8(self) -> u8 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_cross_the_bridge_unchanged() {
        let secp = bitcoin::secp256k1::Secp256k1::new();
        for byte in 1..=20 {
            let secret = bitcoin::secp256k1::SecretKey::from_slice(&[byte; 32]).unwrap();
            let key = secret.public_key(&secp);
            let point = Point::new(&key);
            assert_eq!(point.to_public_key(), key);
            assert_eq!(point.serialize(), key.serialize());
            assert_eq!(point.x_only(), key.x_only_public_key().0.serialize());
        }
    }

    #[test]
    fn tweaks_that_leave_the_group_are_refused() {
        let secp = bitcoin::secp256k1::Secp256k1::new();
        let one = bitcoin::secp256k1::SecretKey::from_slice(&{
            let mut bytes = [0; 32];
            bytes[31] = 1;
            bytes
        });
        let point = Point::new(&one.unwrap().public_key(&secp));
        assert_eq!(point.add_tweak([0xff; 32]), Err(KeyError::InvalidTweak));
        assert_eq!(point.mul_tweak([0; 32]), Err(KeyError::InvalidTweak));
        let negated = Point::from(point.as_inner().negate());
        assert_eq!(point.combine(negated), Err(KeyError::InvalidTweak));
    }
}
