//! Commitments: signing the peer's, completing our own, revealing what revokes the old one.

use alloc::vec::Vec;

use bitcoin::hashes::{Hash, HashEngine, sha256};
use bitcoin::secp256k1::{PublicKey, ecdsa};
use bitcoin::{TapSighash, Transaction, Witness};
use channel_core::{CommitmentNumber, Msat, Side};
use channel_tx::commitment::Commitment;
use channel_tx::funding::FundingScript;
use channel_tx::script::SighashScope;

use super::ecdsa as sign_ecdsa;
use super::funding::{ActiveFunding, FundingKey};
use super::record::{Digest, SignedCommitment};
use super::{ChannelSigner, CommitmentRefusal, CompletionRefusal, CountersignRefusal, RevealRefusal};
use crate::keys::from_bitcoin;
use crate::musig::{NonceRole, NonceSource, PartialSignatureWithNonce, PublicNonce, SecretNonce};
use crate::shachain::{InsertSecretError, PerCommitmentSecret};
use crate::{Entropy, SigningKey};

/// What goes to the owner of a commitment: signatures on it and on its HTLC transactions (`commitment_signed`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Countersignature {
    /// On the commitment.
    pub commitment: CommitmentSignature,
    /// On the HTLC transactions, in the order of the outputs: 64 bytes of BIP 340, or compact ECDSA.
    pub htlcs: Vec<[u8; 64]>,
}

/// The countersigner's signature on a commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitmentSignature {
    /// Half of a MuSig2 signature (`partial_signature_with_nonce`).
    Partial(PartialSignatureWithNonce),
    /// One of two ECDSA signatures (`signature`).
    Ecdsa(ecdsa::Signature),
}

/// The nonces with which the peer's commitment is signed.
#[expect(
    clippy::large_enum_variant,
    reason = "passed once and taken apart; a secret nonce is not to be put on the heap"
)]
pub enum SigningNonces<'a> {
    /// Taproot: the peer's verification nonce, and ours made now.
    Fresh {
        /// The peer's `next_local_nonce`.
        peer: &'a PublicNonce,
        /// Where ours comes from.
        source: &'a mut NonceSource,
        /// 32 fresh bytes.
        entropy: &'a Entropy,
    },
    /// Taproot: the peer's verification nonce, and one of ours made ahead for [`NonceRole::Signing`].
    Ahead {
        /// The peer's `next_local_nonce`.
        peer: &'a PublicNonce,
        /// Ours.
        nonce: SecretNonce,
    },
    /// Segwit formats have none.
    None,
}

/// A commitment of ours that both parties signed. It is to be stored, then the one before may be revoked; after a
/// restart it is published from there and never signed again.
#[derive(Debug, Clone)]
pub struct CompletedCommitment {
    /// The commitment.
    pub commitment: Commitment,
    /// Its transaction, with its witness.
    pub transaction: Transaction,
    /// The peer's signatures on its HTLC transactions, in the order of the outputs.
    pub htlc_signatures: Vec<[u8; 64]>,
}

impl ChannelSigner {
    /// Signs the peer's commitment and its HTLC transactions.
    ///
    /// Signing the same commitment again is allowed, after a reconnection with the peer's new nonce; another one of
    /// the same number never is.
    ///
    /// # Errors
    /// [`CountersignRefusal`]; the record is unchanged then.
    pub fn countersign(
        &mut self,
        commitment: &Commitment,
        nonces: SigningNonces<'_>,
    ) -> Result<Countersignature, CountersignRefusal> {
        let funding = self.known(commitment, Side::Remote)?;
        let outpoint = commitment.funding_outpoint();
        let unknown = CommitmentRefusal::UnknownFunding { funding: outpoint };
        let (number, point) = (commitment.number(), commitment.keys().per_commitment_point());
        let digests = htlc_digests(commitment);
        let digest = whole_digest(commitment, &digests);
        let record = self.record.fundings.get(&outpoint).ok_or(unknown)?;
        self.record.check_countersign(record, (number, digest), &point)?;
        let signature = self.sign_commitment(funding, commitment, nonces)?;
        let htlcs = self.sign_htlcs(commitment, &point, &digests)?;
        let record = self.record.fundings.get_mut(&outpoint).ok_or(unknown)?;
        record.countersigned = Some(SignedCommitment::new(commitment, digest));
        self.record.peer_points.insert(number, point);
        Ok(Countersignature { commitment: signature, htlcs })
    }

    fn sign_commitment(
        &self,
        funding: &ActiveFunding,
        commitment: &Commitment,
        nonces: SigningNonces<'_>,
    ) -> Result<CommitmentSignature, CountersignRefusal> {
        let digest = commitment.sighash();
        let message = TapSighash::from_byte_array(digest);
        let session = match (&funding.key, nonces) {
            (FundingKey::MuSig2(cosigner), SigningNonces::Fresh { peer, source, entropy }) => {
                source.sign_last(cosigner, peer, &message, NonceRole::Signing, entropy)?
            }
            (FundingKey::MuSig2(cosigner), SigningNonces::Ahead { peer, nonce }) => {
                nonce.join(cosigner, peer, &message)?.sign()
            }
            (FundingKey::TwoOfTwo { key, .. }, SigningNonces::None) => {
                return Ok(CommitmentSignature::Ecdsa(sign_ecdsa::sign(key, digest, self.grinding)));
            }
            _ => return Err(CountersignRefusal::Nonces),
        };
        Ok(CommitmentSignature::Partial(session.partial_signature_with_nonce()))
    }

    fn sign_htlcs(
        &self,
        commitment: &Commitment,
        point: &PublicKey,
        digests: &[[u8; 32]],
    ) -> Result<Vec<[u8; 64]>, CountersignRefusal> {
        if digests.is_empty() {
            return Ok(Vec::new());
        }
        // The commitment has the public key, so there is a secret one.
        let key = self.secrets.htlc_key(point).map_err(|_| CommitmentRefusal::OtherChannel)?;
        let taproot = commitment.rules().format.is_taproot();
        let sign = |digest: &[u8; 32]| {
            if taproot {
                key.keypair().sign_schnorr_no_aux_rand(digest).to_byte_array()
            } else {
                sign_ecdsa::sign(&key, *digest, self.grinding).serialize_compact()
            }
        };
        Ok(digests.iter().map(sign).collect())
    }

    /// Completes our commitment with the peer's signatures: verifies those on the HTLC transactions, then the one on
    /// the commitment, and puts the witness together. `nonce` is ours, whose public half the peer had; segwit formats
    /// have none. It is burnt in any case.
    ///
    /// # Errors
    /// [`CompletionRefusal`]; the record is unchanged then, and the peer's message is to be answered by failing the
    /// channel unless the refusal is about our own request.
    pub fn complete(
        &mut self,
        commitment: Commitment,
        nonce: Option<SecretNonce>,
        peer: Countersignature,
    ) -> Result<CompletedCommitment, CompletionRefusal> {
        let (outpoint, number) = (commitment.funding_outpoint(), commitment.number());
        let point =
            self.per_commitment_point(number).map_err(|_| CommitmentRefusal::WrongPoint { number })?;
        let funding = self.known(&commitment, Side::Local)?;
        if commitment.keys().per_commitment_point() != point {
            return Err(CommitmentRefusal::WrongPoint { number }.into());
        }
        let unknown = CommitmentRefusal::UnknownFunding { funding: outpoint };
        let digests = htlc_digests(&commitment);
        let digest = whole_digest(&commitment, &digests);
        let record = self.record.fundings.get(&outpoint).ok_or(unknown)?;
        self.record.check_complete(record, number, digest)?;
        verify_htlcs(&commitment, &digests, &peer.htlcs)?;
        let witness = self.completed_witness(funding, &commitment, nonce, peer.commitment)?;
        let mut transaction = commitment.transaction().clone();
        if let Some(input) = transaction.input.first_mut() {
            input.witness = witness;
        }
        let record = self.record.fundings.get_mut(&outpoint).ok_or(unknown)?;
        record.completed = Some(SignedCommitment::new(&commitment, digest));
        Ok(CompletedCommitment { commitment, transaction, htlc_signatures: peer.htlcs })
    }

    fn completed_witness(
        &self,
        funding: &ActiveFunding,
        commitment: &Commitment,
        nonce: Option<SecretNonce>,
        peer: CommitmentSignature,
    ) -> Result<Witness, CompletionRefusal> {
        let (number, digest) = (commitment.number(), commitment.sighash());
        match (&funding.key, nonce, peer) {
            (FundingKey::MuSig2(cosigner), Some(nonce), CommitmentSignature::Partial(peer)) => {
                let message = TapSighash::from_byte_array(digest);
                let signature = nonce
                    .complete(cosigner, &peer, &message)
                    .map_err(|fault| CompletionRefusal::Signature { number, fault })?;
                Ok(Witness::from_slice(&[signature.serialize()]))
            }
            (FundingKey::TwoOfTwo { key, peer: peer_key }, None, CommitmentSignature::Ecdsa(theirs)) => {
                if !sign_ecdsa::verify(peer_key, digest, &theirs) {
                    return Err(CompletionRefusal::EcdsaSignature { number });
                }
                let ours = sign_ecdsa::sign(key, digest, self.grinding);
                Ok(two_of_two_witness(funding.builder.funding(), key, ours, theirs))
            }
            _ => Err(CompletionRefusal::SignatureKind),
        }
    }

    /// Our secret of commitment `number`, which revokes it: only when its successor is complete on every funding
    /// output. From then on nothing of that number is signed or completed.
    ///
    /// The completed successor must be durable before the secret is sent.
    ///
    /// # Errors
    /// [`RevealRefusal`].
    pub fn reveal(&mut self, number: CommitmentNumber) -> Result<PerCommitmentSecret, RevealRefusal> {
        self.record.check_reveal(number)?;
        self.record.reveal(number);
        Ok(self.secrets.per_commitment_secret(number))
    }

    /// Takes in the peer's secret of its commitment `number`, which was `announced` as this point: the one that
    /// commitment was signed with, if it was.
    ///
    /// # Errors
    /// [`InsertSecretError`]; the peer breaks the protocol then, and nothing is changed.
    pub fn accept_revocation(
        &mut self,
        number: CommitmentNumber,
        secret: &PerCommitmentSecret,
        announced: &PublicKey,
    ) -> Result<(), InsertSecretError> {
        self.record.accept_revocation(number, secret, announced)
    }

    /// The funding output of a commitment that belongs to this channel and to `owner`.
    pub(super) fn known(
        &self,
        commitment: &Commitment,
        owner: Side,
    ) -> Result<&ActiveFunding, CommitmentRefusal> {
        let outpoint = commitment.funding_outpoint();
        let funding =
            self.fundings.get(&outpoint).ok_or(CommitmentRefusal::UnknownFunding { funding: outpoint })?;
        if commitment.owner() != owner {
            return Err(CommitmentRefusal::WrongOwner { owner: commitment.owner() });
        }
        if !funding.builder.built(commitment) {
            return Err(CommitmentRefusal::OtherChannel);
        }
        let feerate = self.policy.max_commitment_feerate;
        let max = commitment.rules().format.commitment_fee(feerate, commitment.htlc_count());
        let fee = commitment.fee().weight_fee;
        if fee > max {
            return Err(CommitmentRefusal::Fee { fee, max });
        }
        Ok(funding)
    }
}

impl SignedCommitment {
    fn new(commitment: &Commitment, digest: Digest) -> Self {
        let (ours, theirs) = (commitment.balance(Side::Local), commitment.balance(Side::Remote));
        let capacity = Msat::try_from(commitment.funding_txout().value).unwrap_or(Msat::MAX);
        let in_flight = capacity.saturating_sub(ours).saturating_sub(theirs);
        Self { number: commitment.number(), digest, ours, in_flight }
    }
}

fn htlc_digests(commitment: &Commitment) -> Vec<[u8; 32]> {
    let mut digests = Vec::with_capacity(commitment.htlc_count());
    commitment.for_each_htlc_digest(|digest| digests.push(digest));
    digests
}

/// Of all that is signed with a commitment. The commitment alone would not do: the expiry of an HTLC its owner offered is
/// in no output, only in the lock time of the HTLC transaction.
fn whole_digest(commitment: &Commitment, htlcs: &[[u8; 32]]) -> Digest {
    if htlcs.is_empty() {
        return commitment.sighash();
    }
    let mut engine = sha256::Hash::engine();
    engine.input(&commitment.sighash());
    for digest in htlcs {
        engine.input(digest);
    }
    sha256::Hash::from_engine(engine).to_byte_array()
}

/// Verifies the peer's signatures on the HTLC transactions of our commitment.
fn verify_htlcs(
    commitment: &Commitment,
    digests: &[[u8; 32]],
    signatures: &[[u8; 64]],
) -> Result<(), CompletionRefusal> {
    let (number, expected) = (commitment.number(), digests.len());
    if signatures.len() != expected {
        let received = signatures.len();
        return Err(CompletionRefusal::HtlcSignatureCount { number, expected, received });
    }
    if expected == 0 {
        return Ok(());
    }
    let Ok((_, remote)) = commitment.keys().htlc() else {
        return Err(CompletionRefusal::Commitment(CommitmentRefusal::OtherChannel));
    };
    let (key, taproot) = (from_bitcoin(&remote), commitment.rules().format.is_taproot());
    let (x_only, _) = key.x_only_public_key();
    let mut pairs = digests.iter().zip(signatures);
    match pairs.position(|(digest, signature)| !valid(&key, &x_only, taproot, *digest, signature)) {
        Some(place) => {
            let mut outputs = commitment.htlc_transactions().map(|htlc| htlc.output_index());
            let output = outputs.nth(place).unwrap_or(place);
            Err(CompletionRefusal::HtlcSignature { number, output })
        }
        None => Ok(()),
    }
}

fn valid(
    key: &secp256k1::PublicKey,
    x_only: &secp256k1::XOnlyPublicKey,
    taproot: bool,
    digest: [u8; 32],
    signature: &[u8; 64],
) -> bool {
    if taproot {
        return secp256k1::schnorr::Signature::from_byte_array(*signature).verify(&digest, x_only).is_ok();
    }
    ecdsa::Signature::from_compact(signature)
        .is_ok_and(|signature| sign_ecdsa::verify(key, digest, &signature))
}

/// `<empty> <sig> <sig> <script>`, the signatures in the order of the keys (BOLT 3).
pub(super) fn two_of_two_witness(
    funding: &FundingScript,
    key: &SigningKey,
    ours: ecdsa::Signature,
    theirs: ecdsa::Signature,
) -> Witness {
    let unlock = funding.unlock();
    let encode =
        |signature: ecdsa::Signature| unlock.encode_signature(&signature.serialize_der(), SighashScope::All);
    let (ours, theirs) = (encode(ours), encode(theirs));
    let [first, _] = funding.sorted_keys();
    let ordered = if first == key.public_key() { [&ours, &theirs] } else { [&theirs, &ours] };
    unlock.witness([&[][..], ordered[0], ordered[1]])
}
