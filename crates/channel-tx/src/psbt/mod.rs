//! Partially signed transactions (BIP 174, version 0) with the Taproot fields of BIP 371 and the MuSig2 fields of
//! BIP 373.
//!
//! `bitcoin` knows the MuSig2 fields as unknown ones. [`MusigInput`] and [`MusigOutput`] read them as types, strictly:
//! a field of a wrong length, with a point off the curve, or with participants that do not aggregate to the key it
//! names is refused, never skipped.
//!
//! - [`export()`] turns an unsigned transaction into a PSBT, [`import()`] takes signatures out of it when it comes back,
//!   and trusts nothing else in it.
//! - [`check_outside_funding`] tells whether a channel can be built on a transaction of another wallet.
//! - [`decode`] and [`combine`] read one PSBT, and join two.

mod decode;
mod export;
mod fields;
mod import;
mod outside;
mod participants;
mod rounds;
mod signatures;

pub use decode::{CombineError, DecodeError, combine, decode};
pub use export::{ExportError, OutputHint, export};
pub use fields::{FieldConflict, MusigInput, MusigOutput};
pub use import::{
    FieldRefusal, ImportError, Imported, ImportedInput, InputField, MissingWitness, MusigRounds,
    TransactionMismatch, import,
};
pub use outside::{OutsideFunding, OutsideFundingError, OutsideInputRefusal, check_outside_funding};
pub use participants::{MusigParticipants, NoParticipants};
pub use rounds::{Cosigner, PartialSignature, PublicNonce};

use bitcoin::secp256k1::PublicKey;
use thiserror::Error;

/// The MuSig2 fields (BIP 373).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MusigField {
    /// `PSBT_IN_MUSIG2_PARTICIPANT_PUBKEYS`.
    InputParticipants,
    /// `PSBT_IN_MUSIG2_PUB_NONCE`.
    PublicNonce,
    /// `PSBT_IN_MUSIG2_PARTIAL_SIG`.
    PartialSignature,
    /// `PSBT_OUT_MUSIG2_PARTICIPANT_PUBKEYS`.
    OutputParticipants,
}

impl MusigField {
    /// The key type byte.
    pub const fn key_type(self) -> u8 {
        match self {
            Self::InputParticipants => 0x1a,
            Self::PublicNonce => 0x1b,
            Self::PartialSignature => 0x1c,
            Self::OutputParticipants => 0x08,
        }
    }

    /// The name as BIP 373 has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InputParticipants => "PSBT_IN_MUSIG2_PARTICIPANT_PUBKEYS",
            Self::PublicNonce => "PSBT_IN_MUSIG2_PUB_NONCE",
            Self::PartialSignature => "PSBT_IN_MUSIG2_PARTIAL_SIG",
            Self::OutputParticipants => "PSBT_OUT_MUSIG2_PARTICIPANT_PUBKEYS",
        }
    }
}

impl core::fmt::Display for MusigField {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

/// A MuSig2 field is not what BIP 373 asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FieldError {
    /// The key data is of another length: a key in it is x-only, or the leaf hash is cut off.
    #[error("{field}: key data of {length} bytes")]
    KeyLength {
        /// The field.
        field: MusigField,
        /// Bytes after the key type.
        length: usize,
    },
    /// The value is of another length.
    #[error("{field}: value of {length} bytes")]
    ValueLength {
        /// The field.
        field: MusigField,
        /// Bytes of the value.
        length: usize,
    },
    /// A key, or one half of a nonce, is not a compressed point of the curve.
    #[error("{field}: not a point of the curve")]
    InvalidPoint {
        /// The field.
        field: MusigField,
    },
    /// The partial signature is not below the group order.
    #[error("{}: not below the group order", MusigField::PartialSignature)]
    InvalidScalar,
    /// The participants, in the order given, aggregate to another key than the one named.
    #[error("{field}: the participants do not aggregate to {named}")]
    WrongAggregate {
        /// The field.
        field: MusigField,
        /// The key they are said to aggregate to.
        named: PublicKey,
    },
}

impl FieldError {
    /// The field that is malformed.
    pub const fn field(&self) -> MusigField {
        match self {
            Self::KeyLength { field, .. }
            | Self::ValueLength { field, .. }
            | Self::InvalidPoint { field }
            | Self::WrongAggregate { field, .. } => *field,
            Self::InvalidScalar => MusigField::PartialSignature,
        }
    }
}
