//! Signatures of one input of a PSBT, each verified against the transaction before it is handed on.

use bitcoin::key::CompressedPublicKey;
use bitcoin::psbt::Input;
use bitcoin::secp256k1::{PublicKey, ecdsa, schnorr};
use bitcoin::{Script, Witness, taproot};

use super::export::{ECDSA_SIGHASH, TAPROOT_SIGHASH};
use super::import::{FieldRefusal, ImportedInput, InputField, MusigRounds, Refused, two_of_two_witness};
use super::{Cosigner, MusigField, MusigInput};
use crate::funding::FundingScript;
use crate::keys::{AggregateKey, Point};
use crate::script::ScriptBytes;
use crate::spend::UnsignedTransaction;
use crate::weight::WalletScript;

/// One input, and the transaction its signatures must be valid for.
pub(super) struct Signer<'a> {
    pub(super) input: &'a Input,
    pub(super) unsigned: &'a UnsignedTransaction,
    pub(super) index: usize,
    /// Of the output that is spent.
    pub(super) script: &'a Script,
}

impl Signer<'_> {
    pub(super) fn funding(
        &self,
        funding: &FundingScript,
    ) -> Result<(ImportedInput, Option<Witness>), Refused> {
        match funding {
            FundingScript::MuSig2(key) => {
                let rounds = self.rounds(key)?;
                let witness = rounds.signature.map(|signature| key_spend(&signature));
                Ok((ImportedInput::MuSig2(rounds), witness))
            }
            FundingScript::TwoOfTwo { script, sorted } => {
                let signatures = self.two_of_two(script, sorted)?;
                let witness = match &signatures {
                    [Some(first), Some(second)] => {
                        Some(two_of_two_witness([first, second], script.as_script()))
                    }
                    _ => None,
                };
                Ok((ImportedInput::TwoOfTwo(signatures), witness))
            }
        }
    }

    pub(super) fn coin(&self, script: WalletScript) -> Result<Option<Witness>, Refused> {
        match script {
            WalletScript::P2tr => Ok(self.key_signature()?.map(|signature| key_spend(&signature))),
            _ => self.key_hash_witness(),
        }
    }

    /// The nonces and partial signatures of both parties. One under any other key is refused, not skipped: its signer
    /// meant something else by it.
    fn rounds(&self, key: &AggregateKey) -> Result<MusigRounds, Refused> {
        let fields = MusigInput::read(self.input)
            .map_err(|error| (InputField::Musig(error.field()), FieldRefusal::Malformed(error)))?;
        let cosigners = key.sorted_keys().map(|participant| Cosigner::of_funding(key, participant));
        let unknown = |field| Err((InputField::Musig(field), FieldRefusal::UnknownSigner));
        if fields.nonces().any(|(by, _)| !cosigners.contains(by)) {
            return unknown(MusigField::PublicNonce);
        }
        if fields.partial_signatures().any(|(by, _)| !cosigners.contains(by)) {
            return unknown(MusigField::PartialSignature);
        }
        Ok(MusigRounds {
            nonces: cosigners.map(|by| fields.nonce(&by)),
            partial_signatures: cosigners.map(|by| fields.partial_signature(&by)),
            signature: self.key_signature()?,
        })
    }

    /// The signature of a Taproot key path, from the final witness where there is one.
    fn key_signature(&self) -> Result<Option<schnorr::Signature>, Refused> {
        let (field, signature) = match (self.final_witness(), self.input.tap_key_sig) {
            (Some(witness), _) => {
                let field = InputField::FinalScriptWitness;
                let element = witness.nth(0).filter(|_| witness.len() == 1);
                let signature = element.and_then(|bytes| taproot::Signature::from_slice(bytes).ok());
                (field, signature.ok_or((field, FieldRefusal::WitnessShape))?)
            }
            (None, Some(signature)) => (InputField::TapKeySig, signature),
            (None, None) => return Ok(None),
        };
        if signature.sighash_type != TAPROOT_SIGHASH {
            return Err((field, FieldRefusal::Sighash));
        }
        let valid = self.digest().is_some_and(|digest| self.is_schnorr(&signature.signature, &digest));
        if valid { Ok(Some(signature.signature)) } else { Err((field, FieldRefusal::InvalidSignature)) }
    }

    /// The witness of a P2WPKH coin.
    fn key_hash_witness(&self) -> Result<Option<Witness>, Refused> {
        let (field, signature, key) = if let Some(witness) = self.final_witness() {
            let field = InputField::FinalScriptWitness;
            let (signature, key) = key_hash_elements(witness).ok_or((field, FieldRefusal::WitnessShape))?;
            (field, signature, key)
        } else {
            let mut signatures = self.input.partial_sigs.iter();
            let Some((key, signature)) = signatures.next() else { return Ok(None) };
            let field = InputField::PartialSig;
            let key = CompressedPublicKey::try_from(*key);
            let key = key.map_err(|_| (field, FieldRefusal::UnknownSigner))?;
            if signatures.next().is_some() {
                return Err((field, FieldRefusal::UnknownSigner));
            }
            (field, *signature, key)
        };
        if bitcoin::ScriptBuf::new_p2wpkh(&key.wpubkey_hash()).as_script() != self.script {
            return Err((field, FieldRefusal::UnknownSigner));
        }
        self.check_ecdsa(field, &signature, &key.0)?;
        Ok(Some(Witness::p2wpkh(&signature, &key.0)))
    }

    /// The signatures of a 2-of-2, in the order of its keys.
    fn two_of_two(
        &self,
        script: &ScriptBytes,
        sorted: &[PublicKey; 2],
    ) -> Result<[Option<ecdsa::Signature>; 2], Refused> {
        if let Some(witness) = self.final_witness() {
            let field = InputField::FinalScriptWitness;
            let shape = (field, FieldRefusal::WitnessShape);
            let signatures = two_of_two_elements(witness, script).ok_or(shape)?;
            for (signature, key) in signatures.iter().zip(sorted) {
                self.check_ecdsa(field, signature, key)?;
            }
            return Ok(signatures.map(|signature| Some(signature.signature)));
        }
        let field = InputField::PartialSig;
        let mut signatures = [None; 2];
        for (key, signature) in &self.input.partial_sigs {
            let place = sorted.iter().position(|signer| key.compressed && *signer == key.inner);
            let place = place.ok_or((field, FieldRefusal::UnknownSigner))?;
            self.check_ecdsa(field, signature, &key.inner)?;
            signatures[place] = Some(signature.signature);
        }
        Ok(signatures)
    }

    fn final_witness(&self) -> Option<&Witness> {
        self.input.final_script_witness.as_ref().filter(|witness| !witness.is_empty())
    }

    fn digest(&self) -> Option<[u8; 32]> {
        self.unsigned.digest(self.index).ok()
    }

    fn check_ecdsa(
        &self,
        field: InputField,
        signature: &bitcoin::ecdsa::Signature,
        key: &PublicKey,
    ) -> Result<(), Refused> {
        if signature.sighash_type != ECDSA_SIGHASH {
            return Err((field, FieldRefusal::Sighash));
        }
        let valid = self.digest().is_some_and(|digest| is_ecdsa(&signature.signature, digest, key));
        if valid { Ok(()) } else { Err((field, FieldRefusal::InvalidSignature)) }
    }

    fn is_schnorr(&self, signature: &schnorr::Signature, digest: &[u8; 32]) -> bool {
        let key = self.script.as_bytes().get(2..).and_then(|key| key.try_into().ok());
        let key = key.and_then(|key: [u8; 32]| secp256k1::XOnlyPublicKey::from_byte_array(key).ok());
        let signature = secp256k1::schnorr::Signature::from_byte_array(signature.serialize());
        key.is_some_and(|key| secp256k1::schnorr::verify(&signature, digest, &key).is_ok())
    }
}

fn is_ecdsa(signature: &ecdsa::Signature, digest: [u8; 32], key: &PublicKey) -> bool {
    let message = secp256k1::Message::from_digest(digest);
    let signature = secp256k1::ecdsa::Signature::from_compact(&signature.serialize_compact());
    signature.is_ok_and(|signature| {
        secp256k1::ecdsa::verify(&signature, message, Point::new(key).as_inner()).is_ok()
    })
}

fn key_spend(signature: &schnorr::Signature) -> Witness {
    Witness::p2tr_key_spend(&taproot::Signature { signature: *signature, sighash_type: TAPROOT_SIGHASH })
}

fn key_hash_elements(witness: &Witness) -> Option<(bitcoin::ecdsa::Signature, CompressedPublicKey)> {
    let (signature, key) = (witness.nth(0)?, witness.nth(1)?);
    let signature = bitcoin::ecdsa::Signature::from_slice(signature).ok()?;
    let key = CompressedPublicKey::from_slice(key).ok()?;
    (witness.len() == 2).then_some((signature, key))
}

fn two_of_two_elements(witness: &Witness, script: &ScriptBytes) -> Option<[bitcoin::ecdsa::Signature; 2]> {
    let first = bitcoin::ecdsa::Signature::from_slice(witness.nth(1)?).ok()?;
    let second = bitcoin::ecdsa::Signature::from_slice(witness.nth(2)?).ok()?;
    let shape = witness.len() == 4 && witness.nth(0)?.is_empty() && witness.nth(3)? == script.as_bytes();
    shape.then_some([first, second])
}
