//! Transactions that move money out of a channel: closes, splices, claims, penalties and fee bumps.

use alloc::boxed::Box;
use alloc::vec::Vec;

use bitcoin::hashes::Hash;
use bitcoin::secp256k1::{PublicKey, ecdsa};
use bitcoin::{Amount, OutPoint, ScriptBuf, TapSighash, TapTweakHash, Witness};
use channel_core::CommitmentNumber;
use channel_tx::funding::FundingScript;
use channel_tx::script::Unlock;
use channel_tx::spend::{ChannelKey, ChannelSpend, InputHint, UnsignedTransaction};
use secp256k1::{Keypair, Scalar};

use super::ecdsa as sign_ecdsa;
use super::funding::FundingKey;
use super::{ChannelSigner, SigningNonces, SpendKind, SpendRefusal};
use crate::SigningKey;
use crate::musig::{NonceRole, SignedSession};

/// A close or a splice: what spends a funding output with both parties' signatures.
#[derive(Debug, Clone, Copy)]
pub struct FundingSpend<'a> {
    /// The transaction.
    pub unsigned: &'a UnsignedTransaction,
    /// The funding output it spends.
    pub funding: OutPoint,
    /// What it is.
    pub kind: SpendKind,
    /// What must come back to our own scripts or to funding outputs of this channel at least, in sat: our balance,
    /// less the fee we agreed to pay and less what is too small for an output.
    pub returns: Amount,
    /// HTLCs in flight. A close waits until there are none.
    pub htlcs: usize,
}

/// Our half of the signature that spends a funding output.
#[derive(Debug)]
pub enum FundingCosignature {
    /// A MuSig2 session: our half goes to the peer, the peer's half completes it.
    Partial(Box<SignedSession>),
    /// One of two ECDSA signatures.
    Ecdsa(ecdsa::Signature),
}

/// The witness of one input that a key of the channel signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpendSignature {
    /// The input.
    pub index: usize,
    /// Its witness.
    pub witness: Witness,
}

impl ChannelSigner {
    /// Signs our half of a close or splice.
    ///
    /// # Errors
    /// [`SpendRefusal`].
    pub fn cosign(
        &self,
        spend: &FundingSpend<'_>,
        nonces: SigningNonces<'_>,
    ) -> Result<FundingCosignature, SpendRefusal> {
        let (funding, kind) = (spend.funding, spend.kind);
        let wrong = SpendRefusal::Funding { funding, kind };
        let active = self.fundings.get(&funding).ok_or(wrong)?;
        let index = spends_once(spend.unsigned, funding, active.builder.funding()).ok_or(wrong)?;
        if kind == SpendKind::Close && spend.htlcs > 0 {
            return Err(SpendRefusal::HtlcsPending { htlcs: spend.htlcs });
        }
        self.check_returns(spend.unsigned, spend.returns, kind)?;
        let digest = spend.unsigned.digest(index).map_err(|_| wrong)?;
        let message = TapSighash::from_byte_array(digest);
        let role = if kind == SpendKind::Splice { NonceRole::Splicing } else { NonceRole::Closing };
        match (&active.key, nonces) {
            (FundingKey::MuSig2(cosigner), SigningNonces::Fresh { peer, source, entropy }) => {
                let session = source.sign_last(cosigner, peer, &message, role, entropy);
                session
                    .map(|session| FundingCosignature::Partial(Box::new(session)))
                    .map_err(SpendRefusal::from)
            }
            (FundingKey::MuSig2(cosigner), SigningNonces::Ahead { peer, nonce }) => {
                let session = nonce.join(cosigner, peer, &message)?;
                Ok(FundingCosignature::Partial(Box::new(session.sign())))
            }
            (FundingKey::TwoOfTwo { key, .. }, SigningNonces::None) => {
                Ok(FundingCosignature::Ecdsa(sign_ecdsa::sign(key, digest, self.grinding)))
            }
            _ => Err(SpendRefusal::Nonces),
        }
    }

    /// Signs every input that a key of this channel alone can spend: claims, penalties and the keyed anchor of a fee
    /// bump. Coins of the wallet and anchors for everybody are left to others.
    ///
    /// All outputs but anchors must be our own scripts. `revoked` is the number of the peer's commitment that a
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
        let fee = self.checked_fee(unsigned)?;
        let inputs = unsigned.input_value().ok_or(SpendRefusal::Amounts)?;
        let expected = inputs.checked_sub(fee).ok_or(SpendRefusal::Amounts)?;
        self.check_returns(unsigned, expected, SpendKind::Claim)?;
        let mut signatures = Vec::new();
        for (index, input) in unsigned.inputs.iter().enumerate() {
            if let InputHint::Channel(spend) = &input.hint {
                let witness = self.sign_claim(unsigned, index, spend, revoked, preimage(index))?;
                signatures.push(SpendSignature { index, witness });
            }
        }
        Ok(signatures)
    }

    fn sign_claim(
        &self,
        unsigned: &UnsignedTransaction,
        index: usize,
        spend: &ChannelSpend,
        revoked: Option<CommitmentNumber>,
        preimage: Option<[u8; 32]>,
    ) -> Result<Witness, SpendRefusal> {
        let key = self.claim_key(index, spend, revoked)?;
        let digest = unsigned.digest(index).map_err(|_| SpendRefusal::NotOurs { index })?;
        let signature = match &spend.unlock {
            Unlock::KeyPath { merkle_root, .. } => {
                let mut tweaked =
                    tweaked_keypair(&key, *merkle_root).ok_or(SpendRefusal::NotOurs { index })?;
                let signature = tweaked.sign_schnorr_no_aux_rand(&digest).to_byte_array();
                tweaked.non_secure_erase();
                signature.to_vec()
            }
            Unlock::Leaf { .. } => key.keypair().sign_schnorr_no_aux_rand(&digest).to_byte_array().to_vec(),
            _ => sign_ecdsa::sign(&key, digest, self.grinding).serialize_der().to_vec(),
        };
        spend.witness(&signature, preimage.as_ref()).map_err(|_| SpendRefusal::PreimageMissing { index })
    }

    fn claim_key(
        &self,
        index: usize,
        spend: &ChannelSpend,
        revoked: Option<CommitmentNumber>,
    ) -> Result<SigningKey, SpendRefusal> {
        let point = &spend.key.per_commitment_point;
        let foreign = |_| SpendRefusal::NotOurs { index };
        match spend.key.key {
            ChannelKey::Payment => Ok(self.secrets.payment_key()),
            ChannelKey::DelayedPayment => self.secrets.delayed_payment_key(point).map_err(foreign),
            ChannelKey::Htlc => self.secrets.htlc_key(point).map_err(foreign),
            ChannelKey::Revocation => self.revocation_key(index, point, revoked),
            ChannelKey::Funding => Err(SpendRefusal::NotOurs { index }),
        }
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
    fn checked_fee(&self, unsigned: &UnsignedTransaction) -> Result<Amount, SpendRefusal> {
        let inputs = unsigned.input_value().ok_or(SpendRefusal::Amounts)?;
        let outputs = unsigned.output_value().ok_or(SpendRefusal::Amounts)?;
        let fee = inputs.checked_sub(outputs).ok_or(SpendRefusal::Amounts)?;
        let max = self.policy.max_fee;
        if fee > max { Err(SpendRefusal::Fee { fee, max }) } else { Ok(fee) }
    }

    /// Enough comes back to our scripts, or into the channel.
    fn check_returns(
        &self,
        unsigned: &UnsignedTransaction,
        expected: Amount,
        kind: SpendKind,
    ) -> Result<(), SpendRefusal> {
        self.checked_fee(unsigned)?;
        let returned = unsigned
            .transaction
            .output
            .iter()
            .filter(|output| self.returns_to_us(&output.script_pubkey, kind))
            .try_fold(Amount::ZERO, |sum, output| sum.checked_add(output.value))
            .ok_or(SpendRefusal::Amounts)?;
        if returned < expected {
            Err(SpendRefusal::ForeignScript { kind, expected, returned })
        } else {
            Ok(())
        }
    }

    fn returns_to_us(&self, script: &ScriptBuf, kind: SpendKind) -> bool {
        let funding = kind == SpendKind::Splice
            && self.fundings.values().any(|active| active.builder.funding_txout().script_pubkey == *script);
        funding || self.policy.owns(script)
    }
}

/// The input that spends the funding output, if there is exactly one and it is what it is said to be.
fn spends_once(unsigned: &UnsignedTransaction, funding: OutPoint, script: &FundingScript) -> Option<usize> {
    if unsigned.inputs.len() != unsigned.transaction.input.len() {
        return None;
    }
    let mut places = unsigned.transaction.input.iter().enumerate();
    let (index, _) = places.find(|(_, input)| input.previous_output == funding)?;
    let unique = places.all(|(_, input)| input.previous_output != funding);
    let same = matches!(&unsigned.inputs[index].hint, InputHint::Funding(hinted) if hinted == script);
    (unique && same).then_some(index)
}

/// The key of a Taproot output with this tree (BIP 341).
pub(crate) fn tweaked_keypair(key: &SigningKey, root: Option<bitcoin::TapNodeHash>) -> Option<Keypair> {
    let (internal, _) = key.public_key().x_only_public_key();
    let tweak = TapTweakHash::from_key_and_tweak(internal, root).to_byte_array();
    key.keypair().add_xonly_tweak(&Scalar::from_be_bytes(tweak).ok()?).ok()
}
