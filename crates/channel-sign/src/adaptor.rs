//! Single-key adaptor signatures on BIP 340: a signature that becomes valid with a secret, and gives the secret away to
//! whoever sees it become valid. For tapscript leaves: swaps, and payments locked to a point.
//!
//! With secret `t`, point `T = t·G`, key `P = d·G` (`d` negated if need be, so that `P` has an even y), message `m`:
//!
//! ```text
//! R = k·G + T          e = H(x(R) ‖ x(P) ‖ m)          g = 1 if R has an even y, else -1
//! presign    s' = g·k + e·d
//! verify     s'·G = g·(R - T) + e·P
//! adapt      s  = s' + g·t            (x(R), s) is the signature
//! extract    t  = g·(s - s')
//! ```
//!
//! A [`Presignature`] is bytes of the peer; [`Presignature::verify`] makes it a [`VerifiedPresignature`], and only that
//! can be adapted or be used to extract a secret. So what comes out of [`VerifiedPresignature::adapt`] is a valid
//! signature.
//!
//! Only the signature that was adapted from a presignature gives the secret away. Whoever made several for one message
//! tries each of them, and keeps them until the output is spent; and a leaf that the other party could satisfy without the
//! presignature gives nothing away, so its script asks for the presigner's key and for no other way around it.

use core::fmt;

use bitcoin::hashes::{Hash, HashEngine, sha256t_hash_newtype};
use bitcoin::secp256k1::schnorr;
use bitcoin::{TapSighash, XOnlyPublicKey};
use secp256k1::{Parity, PublicKey, Scalar, SecretKey, constants};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::musig::{NonceError, NonceSource, RoleTag};
use crate::{Entropy, SigningKey};

sha256t_hash_newtype! {
    struct AuxTag = hash_str("taproot-channels/adaptor/aux");
    /// Masks the secret key before it is hashed.
    struct AuxHash(_);

    struct NonceTag = hash_str("taproot-channels/adaptor/nonce");
    /// The secret nonce of a presignature.
    struct NonceHash(_);

    struct ChallengeTag = hash_str("BIP0340/challenge");
    /// `e` of BIP 340.
    struct ChallengeHash(_);
}

/// The secret `t`. Not `Debug`; erased when dropped.
pub struct AdaptorSecret(SecretKey);

impl AdaptorSecret {
    /// The secret of these 32 bytes, big-endian.
    ///
    /// # Errors
    /// [`AdaptorValueError::Secret`] when the number is zero or not below the group order.
    pub fn from_byte_array(bytes: [u8; 32]) -> Result<Self, AdaptorValueError> {
        SecretKey::from_secret_bytes(bytes).map(Self).map_err(|_| AdaptorValueError::Secret)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_secret_bytes()
    }

    /// `T = t·G`.
    pub fn point(&self) -> AdaptorPoint {
        AdaptorPoint(self.0.public_key())
    }
}

impl Drop for AdaptorSecret {
    fn drop(&mut self) {
        self.0.non_secure_erase();
    }
}

/// The point `T`, which is never the point at infinity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AdaptorPoint(PublicKey);

impl AdaptorPoint {
    /// Reads the 33 bytes of a compressed point.
    ///
    /// # Errors
    /// [`AdaptorValueError::Point`] when they are none.
    pub fn from_byte_array(bytes: [u8; 33]) -> Result<Self, AdaptorValueError> {
        PublicKey::from_byte_array_compressed(bytes).map(Self).map_err(|_| AdaptorValueError::Point)
    }

    /// The 33 bytes.
    pub fn to_byte_array(&self) -> [u8; 33] {
        self.0.serialize()
    }
}

/// A signature that lacks the secret: `R` and `s'`, 65 bytes on the wire. Nothing is known of it but its form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Presignature {
    nonce: PublicKey,
    s: [u8; 32],
}

impl Presignature {
    /// Length in bytes on the wire.
    pub const SIZE: usize = 65;

    /// Reads `R`, compressed, then `s'`.
    ///
    /// # Errors
    /// [`AdaptorValueError`] when `R` is no point, or `s'` is not below the group order.
    pub fn from_byte_array(bytes: &[u8; Self::SIZE]) -> Result<Self, AdaptorValueError> {
        let (nonce, s) = bytes.split_first_chunk::<33>().expect("65 bytes have 33");
        let nonce = PublicKey::from_byte_array_compressed(*nonce).map_err(|_| AdaptorValueError::Point)?;
        let s: [u8; 32] = s.try_into().expect("32 bytes remain");
        Scalar::from_be_bytes(s).map_err(|_| AdaptorValueError::Scalar)?;
        Ok(Self { nonce, s })
    }

    /// The 65 bytes.
    pub fn to_byte_array(&self) -> [u8; Self::SIZE] {
        let mut bytes = [0; Self::SIZE];
        let (nonce, s) = bytes.split_at_mut(33);
        nonce.copy_from_slice(&self.nonce.serialize());
        s.copy_from_slice(&self.s);
        bytes
    }

    /// Makes a presignature with a fresh nonce.
    ///
    /// The nonce is BIP 340's, with the point and a draw of the source in it: the draw never repeats within one source,
    /// and should it repeat between two, the nonce still differs for another key, point or message.
    ///
    /// # Errors
    /// [`PresignError`] when the source is exhausted, or by chance, once in 2^128 times.
    pub fn sign(
        key: &SigningKey,
        message: &TapSighash,
        point: &AdaptorPoint,
        nonces: &mut NonceSource,
        entropy: &Entropy,
    ) -> Result<VerifiedPresignature, PresignError> {
        let aux = nonces.draw(RoleTag::ADAPTOR, None, entropy)?;
        let (public, parity) = key.keypair().x_only_public_key();
        let secret = Erased(negate_if(key.keypair().secret_key(), parity));
        let bytes = nonce(&secret.0, &aux, point, &public, message);
        let k = Erased(SecretKey::from_secret_bytes(*bytes).map_err(|_| PresignError::Unlucky)?);
        presign(&secret, &k, message, point, &public)
    }

    /// Checks that the secret of `point` makes this a signature of `key` over `message`.
    ///
    /// # Errors
    /// [`PresignatureError`] when it does not, or when `R` is the point itself.
    pub fn verify(
        self,
        key: &XOnlyPublicKey,
        message: &TapSighash,
        point: &AdaptorPoint,
    ) -> Result<VerifiedPresignature, PresignatureError> {
        let public = secp256k1::XOnlyPublicKey::from_byte_array(key.serialize());
        let public = public.expect("a public key of one library is one of the other");
        let (x, parity) = self.nonce.x_only_public_key();
        let own = self.nonce.combine(&point.0.negate()).map_err(|_| PresignatureError::NonceIsPoint)?;
        let own = if parity == Parity::Odd { own.negate() } else { own };
        // s'·G - e·P must be g·(R - T); infinity is none, so a failure of the arithmetic is a wrong presignature.
        let wrong = |_| PresignatureError::Incorrect;
        let e = challenge(&x.to_byte_array(), &public, message);
        let challenged = public.public_key(Parity::Even).negate().mul_tweak(&e).map_err(wrong)?;
        let expected = challenged.add_exp_tweak(&self.scalar()).map_err(wrong)?;
        if expected != own {
            return Err(PresignatureError::Incorrect);
        }
        Ok(VerifiedPresignature { presignature: self, point: *point })
    }

    fn scalar(&self) -> Scalar {
        Scalar::from_be_bytes(self.s).expect("checked when it was made")
    }
}

impl fmt::Debug for Presignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Presignature({}, ", self.nonce)?;
        self.s.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

/// A presignature that was verified, or made, for a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedPresignature {
    presignature: Presignature,
    point: AdaptorPoint,
}

impl VerifiedPresignature {
    /// What goes to the peer.
    pub const fn presignature(&self) -> &Presignature {
        &self.presignature
    }

    /// The point it was verified for.
    pub const fn point(&self) -> &AdaptorPoint {
        &self.point
    }

    /// Makes it a signature with the secret of its point.
    ///
    /// # Errors
    /// [`AdaptError::OtherSecret`] when the secret is that of another point.
    pub fn adapt(&self, secret: &AdaptorSecret) -> Result<schnorr::Signature, AdaptError> {
        if secret.point() != self.point {
            return Err(AdaptError::OtherSecret);
        }
        let (x, parity) = self.presignature.nonce.x_only_public_key();
        let added = Erased(negate_if(secret.0, parity));
        let signed = added.0.add_tweak(&self.presignature.scalar());
        let s = signed.map_err(|_| AdaptError::Degenerate)?;
        let mut bytes = [0; 64];
        let (left, right) = bytes.split_at_mut(32);
        left.copy_from_slice(&x.to_byte_array());
        right.copy_from_slice(&s.to_secret_bytes());
        Ok(schnorr::Signature::from_slice(&bytes).expect("64 bytes"))
    }

    /// The secret, from the signature that somebody adapted.
    ///
    /// # Errors
    /// [`ExtractError::Unrelated`] when the signature was not made from this presignature.
    pub fn extract(&self, signature: &schnorr::Signature) -> Result<AdaptorSecret, ExtractError> {
        let (x, parity) = self.presignature.nonce.x_only_public_key();
        let bytes = signature.serialize();
        let (left, right) = bytes.split_at(32);
        if left != x.to_byte_array() {
            return Err(ExtractError::Unrelated);
        }
        let right: [u8; 32] = right.try_into().expect("32 bytes remain");
        let difference = Erased(subtract(right, self.presignature.s).ok_or(ExtractError::Unrelated)?);
        let secret = AdaptorSecret(negate_if(difference.0, parity));
        if secret.point() == self.point { Ok(secret) } else { Err(ExtractError::Unrelated) }
    }
}

/// A number that gives a secret away, erased on every way out.
struct Erased(SecretKey);

impl Drop for Erased {
    fn drop(&mut self) {
        self.0.non_secure_erase();
    }
}

fn presign(
    secret: &Erased,
    k: &Erased,
    message: &TapSighash,
    point: &AdaptorPoint,
    public: &secp256k1::XOnlyPublicKey,
) -> Result<VerifiedPresignature, PresignError> {
    let unlucky = |_| PresignError::Unlucky;
    let nonce = k.0.public_key().combine(&point.0).map_err(unlucky)?;
    let (x, parity) = nonce.x_only_public_key();
    let e = challenge(&x.to_byte_array(), public, message);
    let challenged = Erased(secret.0.mul_tweak(&e).map_err(unlucky)?);
    let k = Erased(negate_if(k.0, parity));
    let mut addend = Scalar::from(k.0);
    let s = challenged.0.add_tweak(&addend).map_err(unlucky);
    addend.non_secure_erase();
    let s = s?;
    let presignature = Presignature { nonce, s: s.to_secret_bytes() };
    Ok(VerifiedPresignature { presignature, point: *point })
}

/// BIP 340's nonce derivation, with the point added.
fn nonce(
    secret: &SecretKey,
    aux: &[u8; 32],
    point: &AdaptorPoint,
    public: &secp256k1::XOnlyPublicKey,
    message: &TapSighash,
) -> Zeroizing<[u8; 32]> {
    let mut masked = Zeroizing::new(AuxHash::hash(aux).to_byte_array());
    masked.iter_mut().zip(secret.as_secret_bytes()).for_each(|(mask, byte)| *mask ^= byte);
    let mut engine = NonceHash::engine();
    engine.input(masked.as_slice());
    engine.input(&point.to_byte_array());
    engine.input(&public.to_byte_array());
    engine.input(message.as_byte_array());
    Zeroizing::new(NonceHash::from_engine(engine).to_byte_array())
}

fn challenge(nonce: &[u8; 32], public: &secp256k1::XOnlyPublicKey, message: &TapSighash) -> Scalar {
    let mut engine = ChallengeHash::engine();
    engine.input(nonce);
    engine.input(&public.to_byte_array());
    engine.input(message.as_byte_array());
    reduce(ChallengeHash::from_engine(engine).to_byte_array())
}

/// A 256-bit number modulo the group order, which it exceeds less than twofold.
pub(crate) fn reduce(mut number: [u8; 32]) -> Scalar {
    if number >= constants::CURVE_ORDER {
        let mut borrow = false;
        for (digit, order) in number.iter_mut().zip(constants::CURVE_ORDER).rev() {
            let (less, first) = digit.overflowing_sub(order);
            let (less, second) = less.overflowing_sub(u8::from(borrow));
            (*digit, borrow) = (less, first || second);
        }
    }
    Scalar::from_be_bytes(number).expect("less than the order after one subtraction")
}

fn negate_if(secret: SecretKey, parity: Parity) -> SecretKey {
    if parity == Parity::Odd { secret.negate() } else { secret }
}

/// `a - b` modulo the group order; `None` if it is zero or one of the two is out of range.
fn subtract(a: [u8; 32], b: [u8; 32]) -> Option<SecretKey> {
    let a = Scalar::from_be_bytes(a).ok()?;
    if b == [0; 32] {
        return SecretKey::from_secret_bytes(a.to_be_bytes()).ok();
    }
    SecretKey::from_secret_bytes(b).ok()?.negate().add_tweak(&a).ok()
}

/// Bytes are not what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AdaptorValueError {
    /// The secret is zero or not below the group order.
    #[error("the adaptor secret is zero or not below the group order")]
    Secret,
    /// The bytes are not a compressed point.
    #[error("the bytes are not a point of the curve")]
    Point,
    /// `s'` is not below the group order.
    #[error("the scalar of the presignature is not below the group order")]
    Scalar,
}

/// A presignature cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PresignError {
    /// No nonce is left.
    #[error(transparent)]
    Nonce(#[from] NonceError),
    /// A number came out as zero, which happens by chance once in 2^128 times. Another attempt draws another nonce.
    #[error("the nonce does not suit the adaptor point; sign again")]
    Unlucky,
}

/// A presignature is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PresignatureError {
    /// `R = T`: the signer's own nonce would be the point at infinity, and the secret key be exposed.
    #[error("the nonce of the presignature is the adaptor point itself")]
    NonceIsPoint,
    /// The equation does not hold.
    #[error("the presignature is not valid for this key, message and adaptor point")]
    Incorrect,
}

/// A presignature cannot be adapted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AdaptError {
    /// The secret does not belong to the point.
    #[error("the secret is not that of the adaptor point")]
    OtherSecret,
    /// The sum is zero: whoever made the presignature knew the secret and chose it so.
    #[error("the presignature and the secret add up to zero")]
    Degenerate,
}

/// No secret can be extracted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExtractError {
    /// The signature was not made from the presignature.
    #[error("the signature was not adapted from this presignature")]
    Unrelated,
}

#[cfg(test)]
mod tests;
