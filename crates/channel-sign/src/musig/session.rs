//! Round two: both nonces and the message are known.

use bitcoin::hashes::Hash;
use bitcoin::secp256k1::schnorr;
use bitcoin::{TapSighash, XOnlyPublicKey};
use secp256k1::musig::{self, AggregatedNonce};
use thiserror::Error;

use super::{Cosigner, PartialSignature, PartialSignatureWithNonce, PublicNonce, SecretNonce};

impl SecretNonce {
    /// Round two begins: the peer's nonce and the message (a key-path sighash) are known.
    ///
    /// # Errors
    /// [`SessionError`] when the nonce was made for another key or another funding output. The nonce is burnt.
    pub fn join<'a>(
        self,
        cosigner: &'a Cosigner,
        peer: &PublicNonce,
        message: &TapSighash,
    ) -> Result<Session<'a>, SessionError> {
        if *self.owner() != cosigner.key().keypair().public_key() {
            return Err(SessionError::OtherKey);
        }
        if self.aggregate().is_some_and(|output| *output != cosigner.aggregate().output_key()) {
            return Err(SessionError::OtherAggregate);
        }
        Ok(self.join_checked(cosigner, peer, message))
    }

    /// [`join`](Self::join) for a nonce that is known to belong to the key.
    pub(super) fn join_checked<'a>(
        self,
        cosigner: &'a Cosigner,
        peer: &PublicNonce,
        message: &TapSighash,
    ) -> Session<'a> {
        let nonces = AggregatedNonce::new(&[self.public_nonce().as_inner(), peer.as_inner()]);
        let inner = musig::Session::new(cosigner.cache(), nonces, message.as_byte_array());
        Session { nonce: self, cosigner, peer: *peer, message: *message, inner }
    }

    /// Completes a transaction of our own, such as our commitment, with what the peer sent for it: joins, signs, adds
    /// the peer's share, and verifies the result. Our share never leaves this function.
    ///
    /// # Errors
    /// [`CompletionError`]: the result is no signature and whose fault it is. The nonce is burnt in any case.
    pub fn complete(
        self,
        cosigner: &Cosigner,
        peer: &PartialSignatureWithNonce,
        message: &TapSighash,
    ) -> Result<schnorr::Signature, CompletionError> {
        self.join(cosigner, &peer.nonce, message)?.sign().complete(cosigner, &peer.signature)
    }
}

/// A session that is not signed yet.
#[must_use = "a session that is not signed loses its nonce"]
pub struct Session<'a> {
    nonce: SecretNonce,
    cosigner: &'a Cosigner,
    peer: PublicNonce,
    message: TapSighash,
    inner: musig::Session,
}

impl Session<'_> {
    /// Makes our share of the signature; the secret nonce is gone then.
    pub fn sign(self) -> SignedSession {
        let Session { nonce, cosigner, peer, message, inner } = self;
        let own_nonce = *nonce.public_nonce();
        // The library panics when nonce and key do not belong together or the nonce is erased: `join` compared the keys,
        // and only here is a nonce erased, by value.
        let own = inner.partial_sign(nonce.into_secret(), cosigner.key().keypair(), cosigner.cache());
        let output = cosigner.aggregate().output_key();
        SignedSession { session: inner, own: own.into(), own_nonce, peer, message, output }
    }
}

/// A session with our share of the signature. It holds no secret.
#[derive(Debug)]
pub struct SignedSession {
    session: musig::Session,
    own: PartialSignature,
    own_nonce: PublicNonce,
    peer: PublicNonce,
    message: TapSighash,
    output: XOnlyPublicKey,
}

impl SignedSession {
    /// Our share, for a peer that has our nonce.
    pub const fn partial_signature(&self) -> &PartialSignature {
        &self.own
    }

    /// Our share with our nonce, for a peer that does not have it.
    pub const fn partial_signature_with_nonce(&self) -> PartialSignatureWithNonce {
        PartialSignatureWithNonce { signature: self.own, nonce: self.own_nonce }
    }

    /// What is being signed.
    pub const fn message(&self) -> &TapSighash {
        &self.message
    }

    /// Adds the peer's share and verifies the completed signature under the key of the funding output (BIP 340).
    ///
    /// Verifying the result is cheaper than verifying the peer's share; only when it fails the share is looked at, to
    /// tell whose fault it is. `cosigner` is the one the session was made with.
    ///
    /// # Errors
    /// [`CompletionError::PeerPartialSignature`] when the peer's share is wrong for this session,
    /// [`CompletionError::OwnPartialSignature`] when it is right and yet the whole is not,
    /// [`SessionError::OtherAggregate`] when `cosigner` is one of another funding output.
    pub fn complete(
        self,
        cosigner: &Cosigner,
        peer: &PartialSignature,
    ) -> Result<schnorr::Signature, CompletionError> {
        let whole = self.session.partial_sig_agg(&[self.own.as_inner(), peer.as_inner()]);
        let Ok(whole) = whole.verify(&cosigner.cache().agg_pk(), self.message.as_byte_array()) else {
            return Err(self.blame(cosigner, peer));
        };
        let whole = schnorr::Signature::from_slice(whole.as_byte_array());
        Ok(whole.expect("a signature has 64 bytes in both libraries"))
    }

    #[cold]
    fn blame(&self, cosigner: &Cosigner, peer: &PartialSignature) -> CompletionError {
        if self.output != cosigner.aggregate().output_key() {
            return SessionError::OtherAggregate.into();
        }
        let (nonce, key) = (self.peer.as_inner(), cosigner.peer_point());
        if self.session.partial_verify(cosigner.cache(), peer.as_inner(), nonce, key) {
            CompletionError::OwnPartialSignature
        } else {
            CompletionError::PeerPartialSignature
        }
    }
}

/// A nonce does not fit where it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The nonce was made for another secret key.
    #[error("the nonce was made for another funding key")]
    OtherKey,
    /// The nonce was made for another funding output.
    #[error("the nonce was made for another funding output")]
    OtherAggregate,
}

/// A signature cannot be completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CompletionError {
    /// The peer's share is not valid for its key, its nonce, our nonce and the message as we have it.
    #[error("the peer's partial signature is not valid for this transaction")]
    PeerPartialSignature,
    /// The peer's share is valid and the signature is not: the fault is ours.
    #[error("our own partial signature is not valid; this is a fault of this program")]
    OwnPartialSignature,
    /// Our nonce does not fit.
    #[error(transparent)]
    Session(#[from] SessionError),
}

#[cfg(test)]
mod tests {
    use super::super::tests::{entropy, message, parties, source, verification_nonce};
    use super::super::{CompletionError, NonceRole};

    #[test]
    fn a_wrong_share_of_ours_is_not_blamed_on_the_peer() {
        let [alice, bob] = parties([1; 32], [2; 32]);
        let own = verification_nonce(&alice, &mut source(1));
        let signed =
            source(2).sign_last(&bob, own.public_nonce(), &message(7), NonceRole::Signing, &entropy(3));
        let sent = signed.unwrap().partial_signature_with_nonce();
        let mut session = own.join(&alice, &sent.nonce, &message(7)).unwrap().sign();
        session.own = sent.signature;
        let refused = session.complete(&alice, &sent.signature);
        assert_eq!(refused, Err(CompletionError::OwnPartialSignature));
    }
}
