//! Bytes to a PSBT, with the MuSig2 fields checked, and two PSBTs to one.

use bitcoin::Psbt;
use thiserror::Error;

use super::{FieldConflict, FieldError, MusigInput, MusigOutput};

/// The bytes are not a PSBT this crate accepts.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Not a PSBT of version 0.
    #[error("not a partially signed transaction: {0}")]
    Psbt(bitcoin::psbt::Error),
    /// Bytes follow the last map.
    #[error("{length} bytes follow the partially signed transaction")]
    TrailingBytes {
        /// How many.
        length: usize,
    },
    /// A MuSig2 field of an input is malformed.
    #[error("input {index}")]
    Input {
        /// Counted from zero.
        index: usize,
        /// What is wrong.
        source: FieldError,
    },
    /// A MuSig2 field of an output is malformed.
    #[error("output {index}")]
    Output {
        /// Counted from zero.
        index: usize,
        /// What is wrong.
        source: FieldError,
    },
}

/// Two PSBTs cannot be combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CombineError {
    /// They are about different transactions.
    #[error("the partially signed transactions are about different transactions")]
    OtherTransaction,
    /// A MuSig2 field of an input is malformed.
    #[error("input {index}")]
    Field {
        /// Counted from zero.
        index: usize,
        /// What is wrong.
        source: FieldError,
    },
    /// A MuSig2 field of an output is malformed.
    #[error("output {index}")]
    OutputField {
        /// Counted from zero.
        index: usize,
        /// What is wrong.
        source: FieldError,
    },
    /// Both hold different values for one MuSig2 key of an input.
    #[error("input {index}")]
    Conflict {
        /// Counted from zero.
        index: usize,
        /// What differs.
        source: FieldConflict,
    },
    /// Both name different participants for one MuSig2 key of an output.
    #[error("output {index}")]
    OutputConflict {
        /// Counted from zero.
        index: usize,
        /// What differs.
        source: FieldConflict,
    },
}

/// Reads a PSBT of version 0 and checks every MuSig2 field in it.
///
/// # Errors
/// [`DecodeError`], naming the input or output.
pub fn decode(mut bytes: &[u8]) -> Result<Psbt, DecodeError> {
    let psbt = Psbt::deserialize_from_reader(&mut bytes).map_err(DecodeError::Psbt)?;
    if !bytes.is_empty() {
        return Err(DecodeError::TrailingBytes { length: bytes.len() });
    }
    for (index, input) in psbt.inputs.iter().enumerate() {
        MusigInput::read(input).map_err(|source| DecodeError::Input { index, source })?;
    }
    for (index, output) in psbt.outputs.iter().enumerate() {
        MusigOutput::read(output).map_err(|source| DecodeError::Output { index, source })?;
    }
    Ok(psbt)
}

/// Takes over into `psbt` what `other` has (BIP 174, combiner). MuSig2 fields must not conflict; where
/// other fields do, either value may be kept, as the BIP leaves to the combiner.
///
/// # Errors
/// [`CombineError`]; `psbt` is unchanged then.
pub fn combine(psbt: &mut Psbt, mut other: Psbt) -> Result<(), CombineError> {
    if psbt.unsigned_tx != other.unsigned_tx {
        return Err(CombineError::OtherTransaction);
    }
    let field = |index| move |source| CombineError::Field { index, source };
    for (index, (ours, theirs)) in psbt.inputs.iter().zip(&mut other.inputs).enumerate() {
        let mut merged = MusigInput::read(ours).map_err(field(index))?;
        let read = MusigInput::read(theirs).map_err(field(index))?;
        merged.merge(read).map_err(|source| CombineError::Conflict { index, source })?;
        merged.write(theirs);
    }
    let field = |index| move |source| CombineError::OutputField { index, source };
    for (index, (ours, theirs)) in psbt.outputs.iter().zip(&mut other.outputs).enumerate() {
        let mut merged = MusigOutput::read(ours).map_err(field(index))?;
        let read = MusigOutput::read(theirs).map_err(field(index))?;
        merged.merge(read).map_err(|source| CombineError::OutputConflict { index, source })?;
        merged.write(theirs);
    }
    // The library's combiner subtracts the lengths of differing derivation paths unchecked, so it must not see them.
    let mut xpubs = core::mem::take(&mut other.xpub);
    xpubs.append(&mut psbt.xpub);
    psbt.combine(other).map_err(|_| CombineError::OtherTransaction)?;
    psbt.xpub = xpubs;
    Ok(())
}
