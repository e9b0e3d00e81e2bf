//! An unsigned transaction as a PSBT, with what wallets and hardware signers want to know about its inputs and outputs.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;

use bitcoin::hashes::Hash;
use bitcoin::key::{CompressedPublicKey, TweakedPublicKey};
use bitcoin::psbt::{Input, Output, PsbtSighashType};
use bitcoin::secp256k1::PublicKey;
use bitcoin::sighash::{EcdsaSighashType, TapSighashType};
use bitcoin::taproot::{ControlBlock, LeafVersion};
use bitcoin::{Psbt, Script, ScriptBuf, TapLeafHash, TapNodeHash, TapTweakHash, XOnlyPublicKey};
use thiserror::Error;

use super::{MusigInput, MusigOutput, MusigParticipants};
use crate::funding::FundingScript;
use crate::keys::Point;
use crate::script::{ScriptBytes, Unlock, pay_to_anchor};
use crate::spend::{Coin, InputHint, KeyOrigin, SecondLevelSpend, UnsignedTransaction};
use crate::weight::WalletScript;

/// What every signature commits to: all of the transaction.
pub(super) const ECDSA_SIGHASH: EcdsaSighashType = EcdsaSighashType::All;
/// The same for Taproot inputs.
pub(super) const TAPROOT_SIGHASH: TapSighashType = TapSighashType::Default;

/// What the caller knows about an output; the output is found by its script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutputHint<'a> {
    /// The funding output of a channel.
    Funding(&'a FundingScript),
    /// Change, or a payout, that goes to the caller's wallet. Native segwit kinds only.
    Wallet {
        /// The kind of its script.
        script: WalletScript,
        /// Its key; of a Taproot output the internal key.
        origin: &'a KeyOrigin,
    },
}

/// A transaction cannot be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExportError {
    /// There is not one input with its previous output for each input of the transaction.
    #[error("{described} inputs are described, and the transaction has {inputs}")]
    InputCount {
        /// Inputs of the transaction.
        inputs: usize,
        /// Inputs described.
        described: usize,
    },
    /// The transaction has script sigs or witnesses already.
    #[error("the transaction is partly signed already")]
    AlreadySigned,
    /// Signing this input would change the transaction id: it is not native segwit.
    #[error(
        "input {index}: not a native segwit output, so the transaction id is not known before it is signed"
    )]
    NotSegwit {
        /// Counted from zero.
        index: usize,
    },
    /// The hint of an input does not give the script of the output it spends.
    #[error("input {index}: the hint belongs to another script")]
    InputHint {
        /// Counted from zero.
        index: usize,
    },
    /// No output has the script of this hint.
    #[error("output hint {hint}: no output pays to its script")]
    OutputHint {
        /// The hint, counted from zero.
        hint: usize,
    },
}

/// The transaction as a PSBT of version 0.
///
/// Every input carries the output it spends and the sighash type asked for. Taproot inputs carry their internal key,
/// the root of their tree and the leaf to be spent (BIP 371); a MuSig2 funding output, spent or made, names both
/// parties (BIP 373); a 2-of-2 carries its script; a coin carries the origin of its key. Foreign coins carry nothing
/// but the output, anchors need no signature.
///
/// # Errors
/// [`ExportError`].
pub fn export(unsigned: &UnsignedTransaction, outputs: &[OutputHint<'_>]) -> Result<Psbt, ExportError> {
    let (inputs, described) = (unsigned.transaction.input.len(), unsigned.inputs.len());
    if inputs != described {
        return Err(ExportError::InputCount { inputs, described });
    }
    let transaction = unsigned.transaction.clone();
    let mut psbt = Psbt::from_unsigned_tx(transaction).map_err(|_| ExportError::AlreadySigned)?;
    for (index, (input, described)) in psbt.inputs.iter_mut().zip(&unsigned.inputs).enumerate() {
        if !described.prevout.script_pubkey.is_witness_program() {
            return Err(ExportError::NotSegwit { index });
        }
        input.witness_utxo = Some(described.prevout.clone());
        let script = describe_input(input, &described.hint).map_err(|refused| refused.at(index))?;
        if script.is_some_and(|script| script != described.prevout.script_pubkey) {
            return Err(ExportError::InputHint { index });
        }
    }
    for (hint, known) in outputs.iter().copied().enumerate() {
        describe_output(&mut psbt, known).ok_or(ExportError::OutputHint { hint })?;
    }
    Ok(psbt)
}

/// The script of a wallet's key; `None` where it is not native segwit or the key cannot be tweaked.
fn wallet_script(script: WalletScript, key: &PublicKey) -> Option<ScriptBuf> {
    match script {
        WalletScript::P2wpkh => Some(ScriptBuf::new_p2wpkh(&CompressedPublicKey(*key).wpubkey_hash())),
        WalletScript::P2tr => taproot_script(key.x_only_public_key().0, None),
        WalletScript::P2pkh | WalletScript::P2shP2wpkh => None,
    }
}

/// Why an input cannot be described, before its index is known.
enum Refused {
    NotSegwit,
    Hint,
}

impl Refused {
    const fn at(self, index: usize) -> ExportError {
        match self {
            Self::NotSegwit => ExportError::NotSegwit { index },
            Self::Hint => ExportError::InputHint { index },
        }
    }
}

/// Fills in what the hint tells, and returns the script it tells of, where it does.
fn describe_input(input: &mut Input, hint: &InputHint) -> Result<Option<ScriptBuf>, Refused> {
    match hint {
        InputHint::Funding(funding) => {
            describe_funding(input, funding);
            Ok(Some(funding.script_pubkey()))
        }
        InputHint::Channel(spend) => describe_unlock(input, &spend.unlock).map(Some).ok_or(Refused::Hint),
        InputHint::SecondLevel(SecondLevelSpend { unlock, .. }) | InputHint::OpenAnchor(unlock) => {
            describe_unlock(input, unlock).map(Some).ok_or(Refused::Hint)
        }
        InputHint::Coin(coin) => describe_coin(input, coin),
        InputHint::Anchor => Ok(Some(pay_to_anchor())),
        InputHint::Foreign => Ok(None),
    }
}

fn describe_funding(input: &mut Input, funding: &FundingScript) {
    match funding {
        FundingScript::MuSig2(key) => {
            input.tap_internal_key = Some(key.internal_key());
            input.sighash_type = Some(TAPROOT_SIGHASH.into());
            let mut musig = MusigInput::default();
            musig
                .insert_participants(MusigParticipants::of_funding(key))
                .expect("the fields are empty, so nothing conflicts");
            musig.write(input);
        }
        FundingScript::TwoOfTwo { script, .. } => describe_witness_script(input, script),
    }
}

fn describe_witness_script(input: &mut Input, script: &ScriptBytes) {
    input.witness_script = Some(script.as_script().to_owned());
    input.sighash_type = Some(ECDSA_SIGHASH.into());
}

/// The script that this unlocks, `None` when its parts are malformed.
fn describe_unlock(input: &mut Input, unlock: &Unlock) -> Option<ScriptBuf> {
    match unlock {
        Unlock::KeyPath { internal_key, merkle_root } => {
            input.tap_internal_key = Some(*internal_key);
            input.tap_merkle_root = *merkle_root;
            input.sighash_type = Some(TAPROOT_SIGHASH.into());
            taproot_script(*internal_key, *merkle_root)
        }
        Unlock::Leaf { script, leaf_hash, .. } => {
            let control_block = unlock.control_block()?;
            let root = merkle_root(*leaf_hash, &control_block);
            input.tap_internal_key = Some(control_block.internal_key);
            input.tap_merkle_root = Some(root);
            input.sighash_type = Some(TAPROOT_SIGHASH.into());
            let output = taproot_script(control_block.internal_key, Some(root));
            let leaf = (script.as_script().to_owned(), LeafVersion::TapScript);
            input.tap_scripts.insert(control_block, leaf);
            output
        }
        Unlock::WitnessScript(script) => {
            describe_witness_script(input, script);
            Some(script.as_script().to_p2wsh())
        }
        Unlock::Wpkh(key) => {
            input.sighash_type = Some(ECDSA_SIGHASH.into());
            wallet_script(WalletScript::P2wpkh, key)
        }
        Unlock::Nothing => Some(pay_to_anchor()),
    }
}

fn describe_coin(input: &mut Input, coin: &Coin) -> Result<Option<ScriptBuf>, Refused> {
    let sighash: PsbtSighashType = match coin.script {
        WalletScript::P2wpkh => ECDSA_SIGHASH.into(),
        WalletScript::P2tr => TAPROOT_SIGHASH.into(),
        WalletScript::P2pkh | WalletScript::P2shP2wpkh => return Err(Refused::NotSegwit),
    };
    input.sighash_type = Some(sighash);
    let Some(KeyOrigin { key, source }) = &coin.origin else {
        return if is_of_kind(&coin.txout.script_pubkey, coin.script) {
            Ok(None)
        } else {
            Err(Refused::Hint)
        };
    };
    if coin.script == WalletScript::P2tr {
        let internal = key.x_only_public_key().0;
        input.tap_internal_key = Some(internal);
        input.tap_key_origins.insert(internal, (Vec::new(), source.clone()));
    } else {
        input.bip32_derivation.insert(*key, source.clone());
    }
    wallet_script(coin.script, key).map(Some).ok_or(Refused::Hint)
}

/// Whether an output script is of this native segwit kind.
fn is_of_kind(script: &Script, kind: WalletScript) -> bool {
    match kind {
        WalletScript::P2wpkh => script.is_p2wpkh(),
        WalletScript::P2tr => script.is_p2tr(),
        WalletScript::P2pkh | WalletScript::P2shP2wpkh => false,
    }
}

/// Describes every output with the script of the hint; `None` when there is none.
fn describe_output(psbt: &mut Psbt, hint: OutputHint<'_>) -> Option<()> {
    let script = match hint {
        OutputHint::Funding(funding) => funding.script_pubkey(),
        OutputHint::Wallet { script, origin } => wallet_script(script, &origin.key)?,
    };
    let outputs = psbt.unsigned_tx.output.iter().zip(&mut psbt.outputs);
    let mut found = None;
    for (_, output) in outputs.filter(|(paid, _)| paid.script_pubkey == script) {
        found = Some(());
        match hint {
            OutputHint::Funding(funding) => describe_new_funding(output, funding),
            OutputHint::Wallet { script: WalletScript::P2tr, origin } => {
                let internal = origin.key.x_only_public_key().0;
                output.tap_internal_key = Some(internal);
                let source = (Vec::new(), origin.source.clone());
                output.tap_key_origins.insert(internal, source);
            }
            OutputHint::Wallet { origin, .. } => {
                output.bip32_derivation.insert(origin.key, origin.source.clone());
            }
        }
    }
    found
}

fn describe_new_funding(output: &mut Output, funding: &FundingScript) {
    match funding {
        FundingScript::MuSig2(key) => {
            output.tap_internal_key = Some(key.internal_key());
            let mut musig = MusigOutput::default();
            musig
                .insert_participants(MusigParticipants::of_funding(key))
                .expect("the fields are empty, so nothing conflicts");
            musig.write(output);
        }
        FundingScript::TwoOfTwo { script, .. } => {
            output.witness_script = Some(script.as_script().to_owned());
        }
    }
}

/// `OP_1 <output key>` above this internal key.
fn taproot_script(internal: XOnlyPublicKey, root: Option<TapNodeHash>) -> Option<ScriptBuf> {
    let key = internal.public_key(bitcoin::secp256k1::Parity::Even);
    let tweak = TapTweakHash::from_key_and_tweak(internal, root);
    let (output, _) = Point::new(&key).tap_tweak(tweak).ok()?;
    let output = XOnlyPublicKey::from_slice(&output).ok()?;
    Some(ScriptBuf::new_p2tr_tweaked(TweakedPublicKey::dangerous_assume_tweaked(output)))
}

fn merkle_root(leaf: TapLeafHash, control_block: &ControlBlock) -> TapNodeHash {
    let leaf = TapNodeHash::from_byte_array(leaf.to_byte_array());
    control_block
        .merkle_branch
        .iter()
        .fold(leaf, |node, sibling| TapNodeHash::from_node_hashes(node, *sibling))
}

#[cfg(test)]
mod tests {
    use bitcoin::secp256k1::{Secp256k1, SecretKey};
    use channel_core::CsvDelay;

    use super::*;
    use crate::keys::{Basepoints, CommitmentKeys};
    use crate::script::{LeafRole, TaprootOutput};
    use crate::weight::script::TaprootScripts;

    fn key(byte: u8) -> PublicKey {
        SecretKey::from_slice(&[byte; 32]).unwrap().public_key(&Secp256k1::new())
    }

    fn basepoints(byte: u8) -> Basepoints {
        let [funding, revocation, payment, delayed_payment, htlc] = [0, 1, 2, 3, 4].map(|at| key(byte + at));
        Basepoints { funding, revocation, payment, delayed_payment, htlc }
    }

    #[test]
    fn a_leaf_comes_with_its_control_block_and_the_root_it_leads_to() {
        let keys = CommitmentKeys::derive(&basepoints(10), &basepoints(20), &key(30)).unwrap();
        let delay = CsvDelay::new(144).unwrap();
        let output = TaprootOutput::to_local(TaprootScripts::V2, &keys, delay).unwrap();
        for role in [LeafRole::Delay, LeafRole::Revoke] {
            let unlock = output.leaf_path(role).unwrap();
            let mut input = Input::default();
            assert_eq!(describe_unlock(&mut input, &unlock), Some(output.script_pubkey()));
            assert_eq!(input.tap_merkle_root, output.merkle_root());
            let (control_block, (script, version)) = input.tap_scripts.first_key_value().unwrap();
            assert_eq!((Some(script), *version), (unlock.script().as_ref(), LeafVersion::TapScript));
            let root_key = control_block.internal_key;
            assert_eq!(Some(root_key), input.tap_internal_key);
            let program = &output.script_pubkey().as_bytes()[2..].to_vec();
            let committed = XOnlyPublicKey::from_slice(program).unwrap();
            assert!(control_block.verify_taproot_commitment(&Secp256k1::new(), committed, script));
        }
        let mut input = Input::default();
        let key_path = Unlock::KeyPath { internal_key: key(1).x_only_public_key().0, merkle_root: None };
        assert_ne!(describe_unlock(&mut input, &key_path), Some(output.script_pubkey()));
        assert_eq!(input.sighash_type, Some(TAPROOT_SIGHASH.into()));
    }

    #[test]
    fn witness_scripts_and_plain_keys_are_signed_for_everything() {
        let funding = crate::script::segwit::funding(&Point::new(&key(1)), &Point::new(&key(2)));
        let mut input = Input::default();
        let script = describe_unlock(&mut input, &Unlock::WitnessScript(funding.clone()));
        assert_eq!(script, Some(funding.as_script().to_p2wsh()));
        assert_eq!(input.witness_script.as_deref(), Some(funding.as_script()));
        assert_eq!(input.sighash_type, Some(ECDSA_SIGHASH.into()));
        let mut input = Input::default();
        let script = describe_unlock(&mut input, &Unlock::Wpkh(key(3))).unwrap();
        assert!(script.is_p2wpkh());
        assert_eq!(input.sighash_type, Some(ECDSA_SIGHASH.into()));
        let mut input = Input::default();
        assert_eq!(describe_unlock(&mut input, &Unlock::Nothing), Some(pay_to_anchor()));
        assert_eq!(input, Input::default());
    }
}
