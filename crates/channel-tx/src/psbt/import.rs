//! A PSBT that comes back, wholly or partly signed, held against the transaction it was made of.

use alloc::vec::Vec;

use bitcoin::psbt::Input;
use bitcoin::secp256k1::{ecdsa, schnorr};
use bitcoin::{Amount, OutPoint, Psbt, Script, Transaction, TxOut, Witness};
use thiserror::Error;

use super::export::{ECDSA_SIGHASH, ExportError, export};
use super::signatures::Signer;
use super::{FieldError, MusigField, PartialSignature, PublicNonce};
use crate::spend::{InputHint, UnsignedTransaction};

/// What came back, by input. Every signature in it is valid for the transaction that was exported; public nonces and
/// partial signatures are well-formed and from the parties of the channel, which is all that can be said before the
/// session is put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    transaction: Transaction,
    inputs: Vec<ImportedInput>,
    witnesses: Vec<Option<Witness>>,
}

/// What one input came back with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportedInput {
    /// A MuSig2 funding output.
    MuSig2(MusigRounds),
    /// A 2-of-2 funding output: signatures in the order of the keys in its script, which is their lexicographic order.
    TwoOfTwo([Option<ecdsa::Signature>; 2]),
    /// A coin of the caller's wallet; its witness is there when it is signed.
    Coin,
    /// An output of a commitment or of its second level. Its signature comes from the channel's signer: what the PSBT
    /// says about it is not looked at.
    Channel,
    /// An anchor that anyone can spend, which needs none.
    Anchor,
    /// A coin of somebody else. Its witness is taken as it came, **unchecked**: only its script can judge it.
    Foreign,
}

/// The two rounds of signing a funding output, in the lexicographic order of the funding keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MusigRounds {
    /// Public nonces.
    pub nonces: [Option<PublicNonce>; 2],
    /// Partial signatures, not verified.
    pub partial_signatures: [Option<PartialSignature>; 2],
    /// The completed signature, verified.
    pub signature: Option<schnorr::Signature>,
}

/// The input at this index is not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("input {index} is not signed")]
pub struct MissingWitness {
    /// Counted from zero.
    pub index: usize,
}

/// A PSBT is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The transaction it is compared with could not have been exported.
    #[error("not exported from here: {0}")]
    Unsigned(#[from] ExportError),
    /// It is about another transaction.
    #[error("another transaction: {0}")]
    Transaction(#[from] TransactionMismatch),
    /// A field of an input is refused.
    #[error("input {index}, {field}: {reason}")]
    Input {
        /// Counted from zero.
        index: usize,
        /// The field.
        field: InputField,
        /// Why.
        reason: FieldRefusal,
    },
}

/// What differs between the transaction of a PSBT and the one that was exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TransactionMismatch {
    /// Version or lock time.
    #[error("version or lock time changed")]
    Header,
    /// The number of inputs or outputs.
    #[error("{inputs} inputs and {outputs} outputs")]
    Count {
        /// Inputs found.
        inputs: usize,
        /// Outputs found.
        outputs: usize,
    },
    /// Outpoint or sequence of an input.
    #[error("input {index} spends {found}, or has another sequence")]
    Input {
        /// Counted from zero.
        index: usize,
        /// The outpoint found.
        found: OutPoint,
    },
    /// The value of an output.
    #[error("output {index} pays {found}")]
    OutputValue {
        /// Counted from zero.
        index: usize,
        /// The value found, in sat.
        found: Amount,
    },
    /// The script of an output.
    #[error("output {index} pays to another script")]
    OutputScript {
        /// Counted from zero.
        index: usize,
    },
}

/// A field of a PSBT input (BIP 174, BIP 371, BIP 373).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InputField {
    /// `PSBT_IN_NON_WITNESS_UTXO`.
    NonWitnessUtxo,
    /// `PSBT_IN_WITNESS_UTXO`.
    WitnessUtxo,
    /// `PSBT_IN_PARTIAL_SIG`.
    PartialSig,
    /// `PSBT_IN_SIGHASH_TYPE`.
    SighashType,
    /// `PSBT_IN_REDEEM_SCRIPT`.
    RedeemScript,
    /// `PSBT_IN_WITNESS_SCRIPT`.
    WitnessScript,
    /// `PSBT_IN_FINAL_SCRIPTSIG`.
    FinalScriptSig,
    /// `PSBT_IN_FINAL_SCRIPTWITNESS`.
    FinalScriptWitness,
    /// `PSBT_IN_TAP_KEY_SIG`.
    TapKeySig,
    /// `PSBT_IN_TAP_INTERNAL_KEY`.
    TapInternalKey,
    /// `PSBT_IN_TAP_MERKLE_ROOT`.
    TapMerkleRoot,
    /// A MuSig2 field.
    Musig(MusigField),
}

impl core::fmt::Display for InputField {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::NonWitnessUtxo => "PSBT_IN_NON_WITNESS_UTXO",
            Self::WitnessUtxo => "PSBT_IN_WITNESS_UTXO",
            Self::PartialSig => "PSBT_IN_PARTIAL_SIG",
            Self::SighashType => "PSBT_IN_SIGHASH_TYPE",
            Self::RedeemScript => "PSBT_IN_REDEEM_SCRIPT",
            Self::WitnessScript => "PSBT_IN_WITNESS_SCRIPT",
            Self::FinalScriptSig => "PSBT_IN_FINAL_SCRIPTSIG",
            Self::FinalScriptWitness => "PSBT_IN_FINAL_SCRIPTWITNESS",
            Self::TapKeySig => "PSBT_IN_TAP_KEY_SIG",
            Self::TapInternalKey => "PSBT_IN_TAP_INTERNAL_KEY",
            Self::TapMerkleRoot => "PSBT_IN_TAP_MERKLE_ROOT",
            Self::Musig(field) => field.name(),
        })
    }
}

/// Why a field of an input is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FieldRefusal {
    /// It contradicts the transaction that was exported.
    #[error("not what was exported")]
    Differs,
    /// It comes from a key that does not sign this input.
    #[error("from a key that does not sign this input")]
    UnknownSigner,
    /// The signature is wrong, or commits to another transaction.
    #[error("the signature is not valid for this input")]
    InvalidSignature,
    /// The sighash type is not the one asked for: the default for Taproot, all for segwit v0.
    #[error("not the sighash type asked for")]
    Sighash,
    /// The witness has another shape than this kind of output takes.
    #[error("not a witness for this kind of output")]
    WitnessShape,
    /// A MuSig2 field is malformed.
    #[error("{0}")]
    Malformed(FieldError),
}

/// A refusal of one field, before the index of the input is known.
pub(super) type Refused = (InputField, FieldRefusal);

impl Imported {
    /// What each input came back with, in their order.
    pub fn inputs(&self) -> &[ImportedInput] {
        &self.inputs
    }

    /// The witness of the input at `index`, once it is complete.
    pub fn witness(&self, index: usize) -> Option<&Witness> {
        self.witnesses.get(index)?.as_ref()
    }

    /// Adds the witness of an input that was signed elsewhere, as the channel's signer does for funding outputs. An
    /// index out of range is ignored.
    pub fn insert_witness(&mut self, index: usize, witness: Witness) {
        if let Some(place) = self.witnesses.get_mut(index) {
            *place = Some(witness);
        }
    }

    /// The transaction, ready to be broadcast.
    ///
    /// # Errors
    /// [`MissingWitness`] for the first input that is not signed.
    pub fn finalise(self) -> Result<Transaction, MissingWitness> {
        let mut transaction = self.transaction;
        for (index, (input, witness)) in transaction.input.iter_mut().zip(self.witnesses).enumerate() {
            input.witness = witness.ok_or(MissingWitness { index })?;
        }
        Ok(transaction)
    }
}

/// Takes signatures, nonces and partial signatures out of a PSBT that was made by [`export()`](super::export()) of this
/// transaction. Nothing else of it is used: previous outputs, scripts and keys are those of `unsigned`, and whatever
/// the PSBT says of them must agree. Fields that are not known here are ignored.
///
/// # Errors
/// [`ImportError`], naming the input and the field.
pub fn import(psbt: &Psbt, unsigned: &UnsignedTransaction) -> Result<Imported, ImportError> {
    let exported = export(unsigned, &[])?;
    compare(&psbt.unsigned_tx, &unsigned.transaction)?;
    let (inputs, outputs) = (psbt.inputs.len(), psbt.outputs.len());
    if inputs != unsigned.inputs.len() {
        return Err(TransactionMismatch::Count { inputs, outputs }.into());
    }
    let mut imported = Imported {
        transaction: unsigned.transaction.clone(),
        inputs: Vec::with_capacity(inputs),
        witnesses: Vec::with_capacity(inputs),
    };
    for (index, (input, exported)) in psbt.inputs.iter().zip(&exported.inputs).enumerate() {
        let refused = |(field, reason)| ImportError::Input { index, field, reason };
        check_prevout(input, &unsigned.transaction, index, exported).map_err(refused)?;
        let hint = &unsigned.inputs[index].hint;
        check_description(input, exported, hint).map_err(refused)?;
        let (parts, witness) = take_signatures(input, unsigned, index).map_err(refused)?;
        imported.inputs.push(parts);
        imported.witnesses.push(witness);
    }
    Ok(imported)
}

fn compare(found: &Transaction, expected: &Transaction) -> Result<(), TransactionMismatch> {
    if (found.version, found.lock_time) != (expected.version, expected.lock_time) {
        return Err(TransactionMismatch::Header);
    }
    let (inputs, outputs) = (found.input.len(), found.output.len());
    if (inputs, outputs) != (expected.input.len(), expected.output.len()) {
        return Err(TransactionMismatch::Count { inputs, outputs });
    }
    for (index, (found, expected)) in found.input.iter().zip(&expected.input).enumerate() {
        if found != expected {
            return Err(TransactionMismatch::Input { index, found: found.previous_output });
        }
    }
    for (index, (found, expected)) in found.output.iter().zip(&expected.output).enumerate() {
        if found.value != expected.value {
            return Err(TransactionMismatch::OutputValue { index, found: found.value });
        }
        if found.script_pubkey != expected.script_pubkey {
            return Err(TransactionMismatch::OutputScript { index });
        }
    }
    Ok(())
}

/// What the PSBT says about the output that is spent must be true.
fn check_prevout(
    input: &Input,
    transaction: &Transaction,
    index: usize,
    exported: &Input,
) -> Result<(), Refused> {
    if input.witness_utxo.is_some() && input.witness_utxo != exported.witness_utxo {
        return Err((InputField::WitnessUtxo, FieldRefusal::Differs));
    }
    let Some(previous) = &input.non_witness_utxo else { return Ok(()) };
    let outpoint = transaction.input[index].previous_output;
    if spent_output(previous, outpoint) == exported.witness_utxo.as_ref() {
        Ok(())
    } else {
        Err((InputField::NonWitnessUtxo, FieldRefusal::Differs))
    }
}

/// The output at `outpoint`, when this is the transaction that made it.
pub(super) fn spent_output(previous: &Transaction, outpoint: OutPoint) -> Option<&TxOut> {
    let output = previous.output.get(usize::try_from(outpoint.vout).ok()?)?;
    (previous.compute_txid() == outpoint.txid).then_some(output)
}

/// What the PSBT says about keys, scripts and sighash types must be what was exported, where we know it.
fn check_description(input: &Input, exported: &Input, hint: &InputHint) -> Result<(), Refused> {
    let differs = |field| Err((field, FieldRefusal::Differs));
    if input.redeem_script.is_some() {
        return differs(InputField::RedeemScript);
    }
    if input.final_script_sig.as_ref().is_some_and(|script| !script.is_empty()) {
        return differs(InputField::FinalScriptSig);
    }
    if exported.sighash_type.is_some()
        && contradicts(input.sighash_type.as_ref(), exported.sighash_type.as_ref())
    {
        return Err((InputField::SighashType, FieldRefusal::Sighash));
    }
    if !matches!(hint, InputHint::Funding(_) | InputHint::Channel(_) | InputHint::SecondLevel(_)) {
        return Ok(());
    }
    if contradicts(input.witness_script.as_ref(), exported.witness_script.as_ref()) {
        return differs(InputField::WitnessScript);
    }
    if contradicts(input.tap_internal_key.as_ref(), exported.tap_internal_key.as_ref()) {
        return differs(InputField::TapInternalKey);
    }
    if contradicts(input.tap_merkle_root.as_ref(), exported.tap_merkle_root.as_ref()) {
        return differs(InputField::TapMerkleRoot);
    }
    Ok(())
}

/// A field may be left out on the way back, but not changed.
fn contradicts<T: PartialEq>(found: Option<&T>, exported: Option<&T>) -> bool {
    found.is_some() && found != exported
}

fn take_signatures(
    input: &Input,
    unsigned: &UnsignedTransaction,
    index: usize,
) -> Result<(ImportedInput, Option<Witness>), Refused> {
    let described = &unsigned.inputs[index];
    let signer = Signer { input, unsigned, index, script: &described.prevout.script_pubkey };
    match &described.hint {
        InputHint::Funding(funding) => signer.funding(funding),
        InputHint::Coin(coin) => signer.coin(coin.script).map(|witness| (ImportedInput::Coin, witness)),
        InputHint::Channel(_) | InputHint::SecondLevel(_) => Ok((ImportedInput::Channel, None)),
        hint @ (InputHint::Anchor | InputHint::OpenAnchor(_)) => {
            Ok((ImportedInput::Anchor, hint.keyless_witness()))
        }
        InputHint::Foreign => {
            let witness = input.final_script_witness.clone().filter(|witness| !witness.is_empty());
            Ok((ImportedInput::Foreign, witness))
        }
    }
}

/// The witness of a 2-of-2, the signatures in the order of its keys.
pub(super) fn two_of_two_witness(signatures: [&ecdsa::Signature; 2], script: &Script) -> Witness {
    let mut witness = Witness::new();
    // `OP_CHECKMULTISIG` takes one element too many from the stack, which must be empty (BIP 147).
    witness.push([]);
    for signature in signatures {
        witness.push_ecdsa_signature(&bitcoin::ecdsa::Signature {
            signature: *signature,
            sighash_type: ECDSA_SIGHASH,
        });
    }
    witness.push(script.as_bytes());
    witness
}
