//! One party's nonce: the secret half, which signs once, and the public half, which goes to the peer.

use core::{fmt, mem};

use bitcoin::XOnlyPublicKey;
use secp256k1::{PublicKey, ffi, musig};
use thiserror::Error;

/// The field prime of secp256k1: coordinates are below it.
pub(super) const FIELD: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xfc, 0x2f,
];

/// The secret nonce of one party for one session: round one of MuSig2.
///
/// It cannot be copied, printed, compared, stored or made again, and signing consumes it. It knows the key it was made
/// for, and the aggregate if that was known, and refuses others. Its memory is overwritten when it is dropped and when
/// it is used, as far as a compiler lets memory be overwritten: values that were moved may leave traces.
///
/// ```compile_fail,E0277
/// fn needs<T: Clone>() {}
/// needs::<channel_sign::musig::SecretNonce>();
/// ```
/// ```compile_fail,E0277
/// fn needs<T: core::fmt::Debug>() {}
/// needs::<channel_sign::musig::SecretNonce>();
/// ```
/// ```compile_fail,E0277
/// fn needs<T: serde::Serialize>() {}
/// needs::<channel_sign::musig::SecretNonce>();
/// ```
/// ```compile_fail,E0382
/// # use channel_sign::{bitcoin::TapSighash, musig::{Cosigner, PublicNonce, SecretNonce}};
/// fn reused(nonce: SecretNonce, key: &Cosigner, peer: &PublicNonce, [first, second]: [TapSighash; 2]) {
///     let _ = nonce.join(key, peer, &first);
///     let _ = nonce.join(key, peer, &second);
/// }
/// ```
#[must_use = "a nonce that is not used is lost"]
pub struct SecretNonce {
    secret: musig::SecretNonce,
    public: PublicNonce,
    owner: PublicKey,
    aggregate: Option<XOnlyPublicKey>,
}

impl SecretNonce {
    pub(super) const fn new(
        (secret, public): (musig::SecretNonce, musig::PublicNonce),
        owner: PublicKey,
        aggregate: Option<XOnlyPublicKey>,
    ) -> Self {
        Self { secret, public: PublicNonce(public), owner, aggregate }
    }

    /// The half that goes to the peer.
    pub const fn public_nonce(&self) -> &PublicNonce {
        &self.public
    }

    pub(super) const fn owner(&self) -> &PublicKey {
        &self.owner
    }

    /// The output key this nonce is bound to; `None` if it was made before the peer's key was known.
    pub(super) const fn aggregate(&self) -> Option<&XOnlyPublicKey> {
        self.aggregate.as_ref()
    }

    /// The nonce of BIP 327's 97 bytes (two scalars, the public key), for replaying official vectors. `None` if one of
    /// the three is out of range. The library takes its own layout only: a magic number, the scalars big-endian, and the
    /// coordinates of the key in the byte order of the machine, little-endian.
    #[cfg(test)]
    pub(crate) fn from_bip327(bytes: &[u8; 97]) -> Option<Self> {
        let (scalars, key) = bytes.split_at(64);
        let owner = PublicKey::from_byte_array_compressed(key.try_into().ok()?).ok()?;
        let mut public = [0; PublicNonce::SIZE];
        for (scalar, point) in scalars.chunks(32).zip(public.chunks_mut(33)) {
            let scalar = secp256k1::SecretKey::from_secret_bytes(scalar.try_into().ok()?).ok()?;
            point.copy_from_slice(&scalar.public_key().serialize());
        }
        let mut inner = [0; ffi::MUSIG_SECNONCE_SIZE];
        inner[..4].copy_from_slice(&[0x22, 0x0e, 0xdc, 0xf1]);
        inner[4..68].copy_from_slice(scalars);
        for (coordinate, stored) in
            owner.serialize_uncompressed()[1..].chunks(32).zip(inner[68..].chunks_mut(32))
        {
            stored.copy_from_slice(coordinate);
            stored.reverse();
        }
        let secret = musig::SecretNonce::dangerous_from_bytes(inner);
        Some(Self { secret, public: PublicNonce::from_byte_array(&public).ok()?, owner, aggregate: None })
    }

    /// Takes the secret out and leaves zeros, which the library refuses to sign with.
    pub(super) fn into_secret(mut self) -> musig::SecretNonce {
        mem::replace(&mut self.secret, erased())
    }
}

impl Drop for SecretNonce {
    fn drop(&mut self) {
        self.secret.non_secure_erase();
    }
}

fn erased() -> musig::SecretNonce {
    musig::SecretNonce::dangerous_from_bytes([0; ffi::MUSIG_SECNONCE_SIZE])
}

/// The public nonce of one party: two points, 66 bytes on the wire (BIP 327).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicNonce(musig::PublicNonce);

impl PublicNonce {
    /// Length in bytes on the wire.
    pub const SIZE: usize = 66;

    /// Reads a nonce.
    ///
    /// # Errors
    /// [`PublicNonceError`] names the half that is not a point, and why.
    pub fn from_byte_array(bytes: &[u8; Self::SIZE]) -> Result<Self, PublicNonceError> {
        musig::PublicNonce::from_byte_array(bytes).map(Self).map_err(|_| diagnose(bytes))
    }

    /// Reads a nonce.
    ///
    /// # Errors
    /// [`PublicNonceError`] names the wrong length, or the half that is not a point, and why.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, PublicNonceError> {
        let array = bytes.try_into().map_err(|_| PublicNonceError::Length { actual: bytes.len() })?;
        Self::from_byte_array(array)
    }

    /// The 66 bytes.
    pub fn to_byte_array(&self) -> [u8; Self::SIZE] {
        self.0.serialize()
    }

    pub(super) const fn as_inner(&self) -> &musig::PublicNonce {
        &self.0
    }
}

impl fmt::Debug for PublicNonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicNonce({})", self.0)
    }
}

impl fmt::Display for PublicNonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Bytes are not a public nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PublicNonceError {
    /// Not 66 bytes.
    #[error("a public nonce has {} bytes, not {actual}", PublicNonce::SIZE)]
    Length {
        /// The bytes there are.
        actual: usize,
    },
    /// One of the two points is none.
    #[error("the {part} point of the public nonce {fault}")]
    Point {
        /// Which of the two.
        part: NoncePart,
        /// What is wrong with it.
        fault: PointFault,
    },
}

/// One of the two points of a public nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoncePart {
    /// Bytes 0 to 32.
    First,
    /// Bytes 33 to 65.
    Second,
}

impl fmt::Display for NoncePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "first",
            Self::Second => "second",
        })
    }
}

/// Why 33 bytes are not a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PointFault {
    /// The first byte is neither 2 nor 3.
    Prefix(u8),
    /// The x coordinate is not below the field prime.
    BeyondField,
    /// No point of the curve has this x coordinate.
    NotOnCurve,
}

impl fmt::Display for PointFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prefix(byte) => write!(f, "starts with {byte:#04x} instead of 0x02 or 0x03"),
            Self::BeyondField => f.write_str("has an x coordinate beyond the field"),
            Self::NotOnCurve => f.write_str("is not on the curve"),
        }
    }
}

/// What is wrong with bytes that the library refused. Only then is the cost of looking closer paid.
fn diagnose(bytes: &[u8; PublicNonce::SIZE]) -> PublicNonceError {
    let (first, second) = bytes.split_at(33);
    match fault(first) {
        Some(fault) => PublicNonceError::Point { part: NoncePart::First, fault },
        None => PublicNonceError::Point {
            part: NoncePart::Second,
            fault: fault(second).unwrap_or(PointFault::NotOnCurve),
        },
    }
}

fn fault(point: &[u8]) -> Option<PointFault> {
    let (&prefix, coordinate) = point.split_first()?;
    if prefix != 2 && prefix != 3 {
        return Some(PointFault::Prefix(prefix));
    }
    if coordinate >= FIELD.as_slice() {
        return Some(PointFault::BeyondField);
    }
    let point = point.try_into().ok()?;
    PublicKey::from_byte_array_compressed(point).is_err().then_some(PointFault::NotOnCurve)
}
