//! What unlocks an output along one path, but for signatures and preimage.

use alloc::vec::Vec;
use core::borrow::Borrow;

use arrayvec::ArrayVec;
use bitcoin::hashes::Hash;
use bitcoin::secp256k1::PublicKey;
use bitcoin::sighash::{EcdsaSighashType, Prevouts, SighashCache, TapSighashType, TaprootError};
use bitcoin::taproot::ControlBlock;
use bitcoin::{ScriptBuf, TapLeafHash, TapNodeHash, Transaction, TxOut, Witness, XOnlyPublicKey};
use thiserror::Error;

use super::ScriptBytes;

/// The bytes of a control block with at most one sibling hash.
pub type ControlBlockBytes = ArrayVec<u8, 65>;

/// What a spender reveals, but for signatures and preimage.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unlock {
    /// The Taproot key path. The signer tweaks its key with `merkle_root` (BIP 341).
    KeyPath {
        /// The key before the tweak.
        internal_key: XOnlyPublicKey,
        /// The root of the tree below, if there is one.
        merkle_root: Option<TapNodeHash>,
    },
    /// A Taproot leaf.
    Leaf {
        /// Its script.
        script: ScriptBytes,
        /// Its hash, which signatures commit to.
        leaf_hash: TapLeafHash,
        /// What proves that the output commits to it.
        control_block: ControlBlockBytes,
    },
    /// A witness script (P2WSH).
    WitnessScript(ScriptBytes),
    /// A public key (P2WPKH).
    Wpkh(PublicKey),
    /// Nothing at all (P2A).
    Nothing,
}

/// What the signature of an input commits to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SighashScope {
    /// All inputs and outputs: `SIGHASH_DEFAULT` with Taproot, `SIGHASH_ALL` before.
    All,
    /// This input and the output of its index, so that inputs and outputs can be added to pay a fee:
    /// `SIGHASH_SINGLE | SIGHASH_ANYONECANPAY`.
    SingleAnyoneCanPay,
}

impl SighashScope {
    const fn taproot(self) -> TapSighashType {
        match self {
            Self::All => TapSighashType::Default,
            Self::SingleAnyoneCanPay => TapSighashType::SinglePlusAnyoneCanPay,
        }
    }

    const fn ecdsa(self) -> EcdsaSighashType {
        match self {
            Self::All => EcdsaSighashType::All,
            Self::SingleAnyoneCanPay => EcdsaSighashType::SinglePlusAnyoneCanPay,
        }
    }
}

/// No digest can be made to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DigestError {
    /// There is no such input, or not one previous output for each.
    #[error("input {index} of {inputs}, with {prevouts} previous outputs: there must be one for each input")]
    Inputs {
        /// The input asked for.
        index: usize,
        /// How many there are.
        inputs: usize,
        /// How many previous outputs were given.
        prevouts: usize,
    },
    /// `SIGHASH_SINGLE` without an output of that index.
    #[error("input {index} commits to output {index}, which does not exist")]
    NoSingleOutput {
        /// The input.
        index: usize,
    },
    /// A P2A output takes no signature.
    #[error("input {index} is an anchor that anyone can spend; it takes no signature")]
    NothingToSign {
        /// The input.
        index: usize,
    },
}

/// What a signature on a tapscript leaf commits to (BIP 342).
pub(crate) fn leaf_digest<T: Borrow<Transaction>>(
    cache: &mut SighashCache<T>,
    index: usize,
    prevouts: &Prevouts<'_, TxOut>,
    leaf: TapLeafHash,
    scope: SighashScope,
) -> Result<[u8; 32], TaprootError> {
    let digest = cache.taproot_script_spend_signature_hash(index, prevouts, leaf, scope.taproot())?;
    Ok(digest.to_byte_array())
}

impl Unlock {
    /// True when signatures are BIP 340's: 64 bytes, and one more with a sighash type other than the default.
    pub const fn is_taproot(&self) -> bool {
        matches!(self, Self::KeyPath { .. } | Self::Leaf { .. })
    }

    /// The 32 bytes to be signed for the input at `index` (BIP 341, BIP 342, BIP 143).
    ///
    /// # Errors
    /// [`DigestError`] when `prevouts` are not one for each input, or there is nothing of that index to commit to.
    pub fn digest<T: Borrow<Transaction>>(
        &self,
        cache: &mut SighashCache<T>,
        index: usize,
        prevouts: &[TxOut],
        scope: SighashScope,
    ) -> Result<[u8; 32], DigestError> {
        let (inputs, outputs) = (cache.transaction().input.len(), cache.transaction().output.len());
        let refused = DigestError::Inputs { index, inputs, prevouts: prevouts.len() };
        if prevouts.len() != inputs {
            return Err(refused);
        }
        let prevout = prevouts.get(index).ok_or(refused)?;
        if scope == SighashScope::SingleAnyoneCanPay && index >= outputs {
            return Err(DigestError::NoSingleOutput { index });
        }
        let all = Prevouts::All(prevouts);
        match self {
            Self::KeyPath { .. } => cache
                .taproot_key_spend_signature_hash(index, &all, scope.taproot())
                .map(Hash::to_byte_array)
                .map_err(|_| refused),
            Self::Leaf { leaf_hash, .. } => {
                leaf_digest(cache, index, &all, *leaf_hash, scope).map_err(|_| refused)
            }
            Self::WitnessScript(script) => cache
                .p2wsh_signature_hash(index, script.as_script(), prevout.value, scope.ecdsa())
                .map(Hash::to_byte_array)
                .map_err(|_| refused),
            Self::Wpkh(_) => cache
                .p2wpkh_signature_hash(index, &prevout.script_pubkey, prevout.value, scope.ecdsa())
                .map(Hash::to_byte_array)
                .map_err(|_| refused),
            Self::Nothing => Err(DigestError::NothingToSign { index }),
        }
    }

    /// The witness: `stack` from the bottom, then what this path reveals.
    pub fn witness<'a>(&self, stack: impl IntoIterator<Item = &'a [u8]>) -> Witness {
        let mut witness = Witness::new();
        for element in stack {
            witness.push(element);
        }
        match self {
            Self::KeyPath { .. } | Self::Nothing => {}
            Self::Leaf { script, control_block, .. } => {
                witness.push(script.as_bytes());
                witness.push(control_block.as_slice());
            }
            Self::WitnessScript(script) => witness.push(script.as_bytes()),
            Self::Wpkh(key) => witness.push(key.serialize()),
        }
        witness
    }

    /// A signature as it stands in the witness: with its sighash type where the format has one.
    ///
    /// `signature` is 64 bytes of BIP 340, or the DER of an ECDSA signature.
    pub fn encode_signature(&self, signature: &[u8], scope: SighashScope) -> Vec<u8> {
        let mut encoded = Vec::with_capacity(signature.len() + 1);
        encoded.extend_from_slice(signature);
        match (self.is_taproot(), scope) {
            (true, SighashScope::All) => {}
            (true, SighashScope::SingleAnyoneCanPay) => encoded.push(scope.taproot() as u8),
            (false, _) => encoded.push(scope.ecdsa() as u8),
        }
        encoded
    }

    /// The control block in `bitcoin`'s form, for a PSBT; `None` but for a leaf.
    pub fn control_block(&self) -> Option<ControlBlock> {
        match self {
            Self::Leaf { control_block, .. } => ControlBlock::decode(control_block).ok(),
            _ => None,
        }
    }

    /// The revealed script, if there is one.
    pub fn script(&self) -> Option<ScriptBuf> {
        match self {
            Self::Leaf { script, .. } | Self::WitnessScript(script) => {
                Some(ScriptBuf::from_bytes(script.as_bytes().to_vec()))
            }
            _ => None,
        }
    }
}
