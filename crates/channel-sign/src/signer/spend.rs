//! Transactions that one key of a channel alone signs: claims, penalties and fee bumps.

use alloc::vec::Vec;

use bitcoin::hashes::Hash;
use bitcoin::secp256k1::PublicKey;
use bitcoin::{Amount, ScriptBuf, TapTweakHash, Witness};
use channel_core::{CommitmentNumber, Side};
use channel_tx::script::{Unlock, keyed_anchor_script};
use channel_tx::spend::{
    ChannelKey, ChannelSpend, InputHint, KeyHint, SecondLevelSpend, UnsignedTransaction,
};
use secp256k1::{Keypair, Scalar};

use super::ecdsa as sign_ecdsa;
use super::funding::{ActiveFunding, FundingKey};
use super::{ChannelSigner, SpendKind, SpendRefusal};
use crate::SigningKey;

/// The witness of one input that a key of the channel signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpendSignature {
    /// The input.
    pub index: usize,
    /// Its witness.
    pub witness: Witness,
}

impl ChannelSigner {
    /// Signs every input that a key of this channel alone can spend: claims, penalties and the keyed anchor of a fee
    /// bump. Coins of the wallet and anchors for everybody are left to others.
    ///
    /// All outputs must be our own scripts. What is on a commitment of ours is claimed while that is valid only: once it is
    /// revoked, the peer may take it at any time, and should. `revoked` is the number of the peer's commitment that a
    /// penalty punishes; `preimage` finds what claims an HTLC, by the index of the input.
    ///
    /// # Errors
    /// [`SpendRefusal`].
    pub fn sign_claims(
        &self,
        unsigned: &UnsignedTransaction,
        revoked: Option<CommitmentNumber>,
        preimage: impl Fn(usize) -> Option<[u8; 32]>,
    ) -> Result<Vec<SpendSignature>, SpendRefusal> {
        self.checked_fee(unsigned)?;
        let all = unsigned.output_value().ok_or(SpendRefusal::Amounts)?;
        self.check_returns(unsigned, all, Amount::ZERO, SpendKind::Claim)?;
        let (mut keys, mut signatures) = (ClaimKeys::new(self, revoked), Vec::new());
        for ((index, input), digest) in unsigned.inputs.iter().enumerate().zip(unsigned.digests()) {
            if let InputHint::Channel(spend) = &input.hint {
                let digest = digest.map_err(|_| SpendRefusal::NotOurs { index })?;
                let key = keys.of(index, spend)?;
                let witness = self.sign_claim(index, spend, key, &digest, preimage(index))?;
                signatures.push(SpendSignature { index, witness });
            }
        }
        Ok(signatures)
    }

    fn sign_claim(
        &self,
        index: usize,
        spend: &ChannelSpend,
        key: &SigningKey,
        digest: &[u8; 32],
        preimage: Option<[u8; 32]>,
    ) -> Result<Witness, SpendRefusal> {
        let signature = match &spend.unlock {
            Unlock::KeyPath { merkle_root, .. } => {
                let mut tweaked =
                    tweaked_keypair(key, *merkle_root).ok_or(SpendRefusal::NotOurs { index })?;
                let signature = tweaked.sign_schnorr_no_aux_rand(digest).to_byte_array();
                tweaked.non_secure_erase();
                signature.to_vec()
            }
            Unlock::Leaf { .. } => key.keypair().sign_schnorr_no_aux_rand(digest).to_byte_array().to_vec(),
            _ => sign_ecdsa::sign(key, *digest, self.grinding).serialize_der().to_vec(),
        };
        spend.witness(&signature, preimage.as_ref()).map_err(|_| SpendRefusal::PreimageMissing { index })
    }

    /// Signs the inputs of a transaction that resolves HTLCs of our own commitment by their second level. The peer's
    /// signatures are those of the [`CompletedCommitment`](super::CompletedCommitment), found by the index of the input.
    ///
    /// Every HTLC must arrive undiminished at the second-level output of its index, all else at our own scripts. What is
    /// on a revoked commitment is not claimed.
    ///
    /// # Errors
    /// [`SpendRefusal`].
    pub fn sign_second_level(
        &self,
        unsigned: &UnsignedTransaction,
        countersignature: impl Fn(usize) -> Option<[u8; 64]>,
    ) -> Result<Vec<SpendSignature>, SpendRefusal> {
        self.checked_fee(unsigned)?;
        let (mut kept, mut signatures) = (Amount::ZERO, Vec::new());
        let mut keys = ClaimKeys::new(self, None);
        for ((index, input), digest) in unsigned.inputs.iter().enumerate().zip(unsigned.digests()) {
            let InputHint::SecondLevel(spend) = &input.hint else { continue };
            self.check_own(index, &spend.key.per_commitment_point)?;
            let output = unsigned.transaction.output.get(index).ok_or(SpendRefusal::Amounts)?;
            if output.value != input.prevout.value || !self.is_second_level(&output.script_pubkey, spend) {
                return Err(SpendRefusal::SecondLevel { index });
            }
            kept = kept.checked_add(output.value).ok_or(SpendRefusal::Amounts)?;
            let missing = SpendRefusal::CountersignatureMissing { index };
            let theirs = countersignature(index).ok_or(missing)?;
            let key = keys.derived(index, &spend.key)?;
            let digest = digest.map_err(|_| SpendRefusal::NotOurs { index })?;
            let witness = self.second_level_witness(spend, key, digest, &theirs).ok_or(missing)?;
            signatures.push(SpendSignature { index, witness });
        }
        let all = unsigned.output_value().ok_or(SpendRefusal::Amounts)?;
        self.check_returns(unsigned, all, kept, SpendKind::Claim)?;
        Ok(signatures)
    }

    /// The script is that of the second level of our commitments with this point.
    fn is_second_level(&self, script: &ScriptBuf, spend: &SecondLevelSpend) -> bool {
        self.fundings.values().any(|ActiveFunding { builder, .. }| {
            let keys = builder.keys(Side::Local, &spend.key.per_commitment_point);
            let made = keys.and_then(|keys| builder.second_level(Side::Local, &keys));
            made.is_ok_and(|made| made.script_pubkey() == *script)
        })
    }

    /// The secret behind a hint, but for funding keys, which are kept.
    fn derived_key(
        &self,
        index: usize,
        hint: &KeyHint,
        revoked: Option<CommitmentNumber>,
    ) -> Result<SigningKey, SpendRefusal> {
        let point = &hint.per_commitment_point;
        let foreign = |_| SpendRefusal::NotOurs { index };
        match hint.key {
            ChannelKey::Payment => Ok(self.secrets.payment_key()),
            ChannelKey::DelayedPayment => {
                self.check_own(index, point)?;
                self.secrets.delayed_payment_key(point).map_err(foreign)
            }
            ChannelKey::Htlc => self.secrets.htlc_key(point).map_err(foreign),
            ChannelKey::Revocation => self.revocation_key(index, point, revoked),
            ChannelKey::Funding => Err(SpendRefusal::NotOurs { index }),
        }
    }

    /// The point is that of a commitment of ours that is not revoked: the newest, or the one after it.
    fn check_own(&self, index: usize, point: &PublicKey) -> Result<(), SpendRefusal> {
        let valid = [self.record.revealed, self.record.revealed + 1];
        let mut numbers = valid.into_iter().filter_map(|number| CommitmentNumber::new(number).ok());
        let ours = numbers.any(|number| self.secrets.per_commitment_point(number).as_ref() == Ok(point));
        if ours { Ok(()) } else { Err(SpendRefusal::OwnRevoked { index }) }
    }

    /// The funding key whose keyed anchor this is. It signs for no other script: a 2-of-2 takes both parties.
    fn anchor_key(&self, unlock: &Unlock) -> Option<&SigningKey> {
        let Unlock::WitnessScript(script) = unlock else { return None };
        let keys = self.fundings.values().filter_map(|active| match &active.key {
            FundingKey::TwoOfTwo { key, .. } => Some(key),
            FundingKey::MuSig2(_) => None,
        });
        keys.into_iter().find(|key| keyed_anchor_script(key.public_key()) == *script)
    }

    fn revocation_key(
        &self,
        index: usize,
        point: &PublicKey,
        revoked: Option<CommitmentNumber>,
    ) -> Result<SigningKey, SpendRefusal> {
        let secret = revoked
            .and_then(|number| self.record.peer_secrets.secret(number))
            .ok_or(SpendRefusal::NotRevoked { index })?;
        if secret.point().as_ref() != Ok(point) {
            return Err(SpendRefusal::NotRevoked { index });
        }
        self.secrets.revocation_key(&secret).map_err(|_| SpendRefusal::NotOurs { index })
    }

    /// The fee of a transaction, within the bound.
    pub(super) fn checked_fee(&self, unsigned: &UnsignedTransaction) -> Result<Amount, SpendRefusal> {
        let inputs = unsigned.input_value().ok_or(SpendRefusal::Amounts)?;
        let outputs = unsigned.output_value().ok_or(SpendRefusal::Amounts)?;
        let fee = inputs.checked_sub(outputs).ok_or(SpendRefusal::Amounts)?;
        let max = self.policy.max_fee;
        if fee > max { Err(SpendRefusal::Fee { fee, max }) } else { Ok(fee) }
    }

    /// Enough comes back: to our own scripts, with what is `kept` in the channel.
    pub(super) fn check_returns(
        &self,
        unsigned: &UnsignedTransaction,
        expected: Amount,
        kept: Amount,
        kind: SpendKind,
    ) -> Result<(), SpendRefusal> {
        let outputs = unsigned.transaction.output.iter();
        let returned = outputs
            .filter(|output| self.policy.owns(&output.script_pubkey))
            .try_fold(kept, |sum, output| sum.checked_add(output.value))
            .ok_or(SpendRefusal::Amounts)?;
        if returned < expected {
            Err(SpendRefusal::ForeignScript { kind, expected, returned })
        } else {
            Ok(())
        }
    }
}

/// The keys of one transaction's inputs, each derived once: a penalty has hundreds of inputs and two keys.
struct ClaimKeys<'a> {
    signer: &'a ChannelSigner,
    revoked: Option<CommitmentNumber>,
    derived: Vec<(KeyHint, SigningKey)>,
}

impl<'a> ClaimKeys<'a> {
    const fn new(signer: &'a ChannelSigner, revoked: Option<CommitmentNumber>) -> Self {
        Self { signer, revoked, derived: Vec::new() }
    }

    fn of(&mut self, index: usize, spend: &ChannelSpend) -> Result<&SigningKey, SpendRefusal> {
        if spend.key.key == ChannelKey::Funding {
            return self.signer.anchor_key(&spend.unlock).ok_or(SpendRefusal::NotOurs { index });
        }
        self.derived(index, &spend.key)
    }

    fn derived(&mut self, index: usize, hint: &KeyHint) -> Result<&SigningKey, SpendRefusal> {
        let known = self.derived.iter().position(|(other, _)| other == hint);
        let place = known.unwrap_or(self.derived.len());
        if known.is_none() {
            let key = self.signer.derived_key(index, hint, self.revoked)?;
            self.derived.push((*hint, key));
        }
        Ok(&self.derived[place].1)
    }
}

/// The key of a Taproot output with this tree (BIP 341).
pub(crate) fn tweaked_keypair(key: &SigningKey, root: Option<bitcoin::TapNodeHash>) -> Option<Keypair> {
    let (internal, _) = key.public_key().x_only_public_key();
    let tweak = TapTweakHash::from_key_and_tweak(internal, root).to_byte_array();
    key.keypair().add_xonly_tweak(&Scalar::from_be_bytes(tweak).ok()?).ok()
}
