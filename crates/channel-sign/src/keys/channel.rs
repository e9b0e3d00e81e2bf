//! All secrets of one channel.

use core::fmt;

use bitcoin::secp256k1::PublicKey;
use channel_core::CommitmentNumber;
use channel_tx::keys::Basepoints;

use super::{Basepoint, FundingIndex, KeySecret, NotASecretKey};
use crate::SigningKey;
use crate::seed::{Expander, Purpose};
use crate::shachain::{PerCommitmentSecret, ShachainSeed};

/// The secrets of one channel, made by [`MasterKey::channel`](crate::seed::MasterKey::channel).
///
/// Public keys come out, secrets do not. They are erased from memory when the value is dropped; it cannot be cloned,
/// printed or stored: it is derived again from the seed.
///
/// ```compile_fail,E0277
/// fn needs_clone<T: Clone>() {}
/// needs_clone::<channel_sign::keys::ChannelSecrets>();
/// ```
///
/// ```compile_fail,E0616
/// # fn leak(secrets: &channel_sign::keys::ChannelSecrets) {
/// let secret = &secrets.payment;
/// # }
/// ```
pub struct ChannelSecrets {
    expander: Expander,
    revocation: Basepoint,
    payment: Basepoint,
    delayed_payment: Basepoint,
    htlc: Basepoint,
    state: Basepoint,
    shachain: ShachainSeed,
}

impl ChannelSecrets {
    pub(crate) fn new(expander: Expander) -> Result<Self, NotASecretKey> {
        let basepoint = |purpose| expander.key(purpose, 0).map(Basepoint::new);
        Ok(Self {
            revocation: basepoint(Purpose::RevocationBasepoint)?,
            payment: basepoint(Purpose::PaymentBasepoint)?,
            delayed_payment: basepoint(Purpose::DelayedPaymentBasepoint)?,
            htlc: basepoint(Purpose::HtlcBasepoint)?,
            state: basepoint(Purpose::StateSigning)?,
            shachain: ShachainSeed::new(expander.bytes(Purpose::PerCommitmentSeed, 0, 0)),
            expander,
        })
    }

    /// What is sent to the other party when the channel is opened, with the funding key of one funding transaction.
    ///
    /// # Errors
    /// [`NotASecretKey`] when no funding key can be derived, which happens by chance less than once in 2^128 times.
    pub fn basepoints(&self, funding: FundingIndex) -> Result<Basepoints, NotASecretKey> {
        Ok(Basepoints {
            funding: self.funding_public_key(funding)?,
            revocation: self.revocation.point,
            payment: self.payment.point,
            delayed_payment: self.delayed_payment.point,
            htlc: self.htlc.point,
        })
    }

    /// The funding key of one funding transaction.
    ///
    /// # Errors
    /// As [`basepoints`](Self::basepoints).
    pub fn funding_public_key(&self, funding: FundingIndex) -> Result<PublicKey, NotASecretKey> {
        self.funding_secret(funding).map(|secret| secret.public_key())
    }

    /// The key that signs state digests.
    pub fn state_public_key(&self) -> PublicKey {
        self.state.point
    }

    /// The `per_commitment_point` of our commitment `number`.
    ///
    /// # Errors
    /// [`NotASecretKey`] when the secret is not one of the curve, which happens by chance once in 2^128 times.
    pub fn per_commitment_point(&self, number: CommitmentNumber) -> Result<PublicKey, NotASecretKey> {
        self.shachain.point(number)
    }

    /// The same with the HTLC basepoint of an official vector.
    #[cfg(test)]
    pub(crate) fn with_htlc_basepoint(mut self, secret: KeySecret) -> Self {
        self.htlc = Basepoint::new(secret);
        self
    }

    fn funding_secret(&self, funding: FundingIndex) -> Result<KeySecret, NotASecretKey> {
        self.expander.key(Purpose::Funding, funding.to_u32())
    }
}

/// What the signer works with. None of it leaves the crate.
impl ChannelSecrets {
    /// The key of one funding output.
    pub(crate) fn funding_key(&self, funding: FundingIndex) -> Result<SigningKey, NotASecretKey> {
        self.funding_secret(funding).map(|secret| secret.signing_key())
    }

    /// The static key of our `to_remote` on the other party's commitments.
    pub(crate) fn payment_key(&self) -> SigningKey {
        self.payment.secret.signing_key()
    }

    /// The key of `to_local` and second-level outputs on our commitment.
    pub(crate) fn delayed_payment_key(
        &self,
        per_commitment_point: &PublicKey,
    ) -> Result<SigningKey, NotASecretKey> {
        self.delayed_payment.at_point(per_commitment_point).map(|secret| secret.signing_key())
    }

    /// Our key of the HTLC outputs on the commitment with this point, ours or the other party's.
    pub(crate) fn htlc_key(&self, per_commitment_point: &PublicKey) -> Result<SigningKey, NotASecretKey> {
        self.htlc.at_point(per_commitment_point).map(|secret| secret.signing_key())
    }

    /// The key that takes every output of a commitment the other party has revoked.
    pub(crate) fn revocation_key(&self, revealed: &PerCommitmentSecret) -> Result<SigningKey, NotASecretKey> {
        self.revocation.at_revealed(revealed).map(|secret| secret.signing_key())
    }

    /// The key that signs state digests.
    pub(crate) fn state_key(&self) -> SigningKey {
        self.state.secret.signing_key()
    }

    /// Our secret of the commitment `number`. Revealing it before the commitment is replaced loses the channel.
    pub(crate) fn per_commitment_secret(&self, number: CommitmentNumber) -> PerCommitmentSecret {
        self.shachain.secret(number)
    }
}

impl fmt::Debug for ChannelSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChannelSecrets")
            .field("revocation", &self.revocation.point)
            .field("payment", &self.payment.point)
            .field("delayed_payment", &self.delayed_payment.point)
            .field("htlc", &self.htlc.point)
            .field("state", &self.state.point)
            .finish_non_exhaustive()
    }
}
