//! The fixtures' shape.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt::Write as _;
use std::format;

use serde::{Deserialize, Deserializer, de};

/// Bytes, which fixtures have as lowercase hex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Hex(pub(in super::super) Vec<u8>);

impl Hex {
    pub(in super::super) fn array<const N: usize>(&self) -> [u8; N] {
        self.0.as_slice().try_into().unwrap_or_else(|_| panic!("{} bytes, not {N}", self.0.len()))
    }
}

impl<T: AsRef<[u8]>> From<T> for Hex {
    fn from(bytes: T) -> Self {
        Self(bytes.as_ref().to_vec())
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.as_bytes().chunks(2);
        let bytes = digits.map(|pair| {
            let pair = core::str::from_utf8(pair).map_err(|error| error.to_string())?;
            u8::from_str_radix(pair, 16).map_err(|error| error.to_string())
        });
        let bytes: Vec<u8> = bytes.collect::<Result<_, String>>().map_err(de::Error::custom)?;
        let mut written = String::new();
        for byte in &bytes {
            write!(written, "{byte:02x}").unwrap();
        }
        if written == text { Ok(Self(bytes)) } else { Err(de::Error::custom(format!("not hex: {text}"))) }
    }
}

/// Why something is refused, and whose contribution is to blame.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(in super::super) struct Refusal {
    reason: String,
    signer: Option<usize>,
}

impl Refusal {
    pub(super) fn new(reason: &str) -> Self {
        Self { reason: reason.to_string(), signer: None }
    }

    pub(super) fn of(reason: &str, signer: usize) -> Self {
        Self { reason: reason.to_string(), signer: Some(signer) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum TweakKind {
    Plain,
    XOnly,
}

#[derive(Debug, Clone, Deserialize)]
pub(in super::super) struct Tweak {
    pub(super) kind: TweakKind,
    pub(super) value: Hex,
}

/// BIP 327's session context, but for the aggregate nonce.
#[derive(Debug, Deserialize)]
pub(in super::super) struct Session {
    pub(super) public_keys: Vec<Hex>,
    #[serde(default)]
    pub(super) tweaks: Vec<Tweak>,
    pub(super) message: Hex,
}

#[derive(Deserialize)]
pub(super) struct KeySort {
    pub(super) label: String,
    pub(super) public_keys: Vec<Hex>,
    pub(super) sorted: Vec<Hex>,
}

#[derive(Deserialize)]
pub(super) struct KeyAgg {
    pub(super) label: String,
    pub(super) public_keys: Vec<Hex>,
    pub(super) tweaks: Vec<Tweak>,
    pub(super) aggregate_key: Option<Hex>,
    pub(super) refused: Option<Refusal>,
}

#[derive(Deserialize)]
pub(super) struct NonceGen {
    pub(super) label: String,
    #[serde(flatten)]
    pub(super) inputs: super::NonceInputs,
    pub(super) secret_nonce: Hex,
    pub(super) public_nonce: Hex,
}

#[derive(Deserialize)]
pub(super) struct NonceAgg {
    pub(super) label: String,
    pub(super) public_nonces: Vec<Hex>,
    pub(super) aggregate_nonce: Option<Hex>,
    pub(super) refused: Option<Refusal>,
}

/// Of `sign_verify` and `tweak`.
#[derive(Deserialize)]
pub(super) struct Signing {
    pub(super) label: String,
    #[serde(default)]
    pub(super) operation: Operation,
    #[serde(flatten)]
    pub(super) session: Session,
    pub(super) aggregate_nonce: Option<Hex>,
    pub(super) public_nonces: Option<Vec<Hex>>,
    pub(super) secret_key: Option<Hex>,
    pub(super) secret_nonce: Option<Hex>,
    pub(super) signer: Option<usize>,
    pub(super) partial_signature: Option<Hex>,
    pub(super) valid: Option<bool>,
    pub(super) refused: Option<Refusal>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Operation {
    #[default]
    Sign,
    Verify,
}

#[derive(Deserialize)]
pub(super) struct Deterministic {
    pub(super) label: String,
    #[serde(flatten)]
    pub(super) session: Session,
    pub(super) aggregate_of_other_nonces: Hex,
    pub(super) secret_key: Hex,
    pub(super) entropy: Option<Hex>,
    pub(super) public_nonce: Option<Hex>,
    pub(super) partial_signature: Option<Hex>,
    pub(super) refused: Option<Refusal>,
}

#[derive(Deserialize)]
pub(super) struct SigAgg {
    pub(super) label: String,
    #[serde(flatten)]
    pub(super) session: Session,
    pub(super) aggregate_nonce: Hex,
    pub(super) public_nonces: Vec<Hex>,
    pub(super) partial_signatures: Vec<Hex>,
    pub(super) signature: Option<Hex>,
    pub(super) refused: Option<Refusal>,
}

/// The cases of a fixture.
pub(super) fn cases<T: de::DeserializeOwned>(fixture: &str) -> Vec<T> {
    #[derive(Deserialize)]
    struct Fixture<T> {
        cases: Vec<T>,
    }
    serde_json::from_str::<Fixture<T>>(fixture).expect("a fixture of ours is well-formed").cases
}
