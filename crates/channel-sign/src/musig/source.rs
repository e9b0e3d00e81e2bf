//! Where nonces come from.

use bitcoin::TapSighash;
use bitcoin::hashes::{Hash, HashEngine, sha256t_hash_newtype};
use channel_tx::keys::AggregateKey;
use secp256k1::musig::{self, SessionSecretRand};
use thiserror::Error;
use zeroize::Zeroizing;

use super::{Cosigner, PublicNonce, SecretNonce, SignedSession};
use crate::{Entropy, SigningKey};

sha256t_hash_newtype! {
    struct NonceTag = hash_str("taproot-channels/nonce");
    /// The randomness of one session.
    struct NonceHash(_);
}

/// Makes the nonces of one signer. A signer has one source from its start to its end, whatever the number of channels.
///
/// Each nonce is BIP 327's `NonceGen` with the secret key, the aggregate key and the message as far as they are known,
/// and with a `rand'` that is a tagged hash of
/// - the **boot salt** the source was made with,
/// - the **entropy** of the call,
/// - a **counter** that never repeats within one source (at its end the source refuses),
/// - the **role** of the nonce, and
/// - for [`sign_last`](Self::sign_last), the **peer's nonce**.
///
/// # What makes nonces differ
/// Within one source the counter does, even if every call gets the same entropy. The source is not `Clone`, so no second
/// one goes on from the same point.
///
/// Between two runs of a program the counter does *not* help: it lives in memory and begins again at zero. Nor does the
/// secret key help, which is the same. There, one of these two must differ: the boot salt (so **draw it anew from the
/// operating system at each start**, and never store it), or the entropy of each call. The same holds for a process whose
/// memory was duplicated, such as a virtual machine that was resumed twice from one snapshot: both copies have one salt
/// and one counter, and only fresh entropy for each call tells them apart.
///
/// If salt, counter and entropy all repeat, then
/// - a nonce of [`sign_last`](Self::sign_last) repeats only with the same key, aggregate, message and peer's nonce, which
///   are all that the signature depends on: the signature is then the same one again, and nothing is given away. This is
///   the idea of BIP 327's `DeterministicSign`, kept as a second line;
/// - a nonce of [`ahead`](Self::ahead) repeats for whatever session comes, and two sessions **give away the secret key**.
///   No scheme without state on disk can prevent this, and state on disk can be restored from a copy as well.
pub struct NonceSource {
    boot_salt: Entropy,
    counter: Counter,
}

impl NonceSource {
    /// A source for one run of a program, from a salt that no other run has or had.
    pub const fn new(boot_salt: Entropy) -> Self {
        Self { boot_salt, counter: Counter(0) }
    }

    /// A nonce made ahead, to be sent before the peer's nonce and the message are known. The aggregate is `None` only
    /// before the peer's funding key is known, in `open_channel`.
    ///
    /// # Errors
    /// [`NonceError::Exhausted`] when the source made 2^64 - 1 nonces.
    pub fn ahead(
        &mut self,
        key: &SigningKey,
        aggregate: Option<&AggregateKey>,
        role: NonceRole,
        entropy: &Entropy,
    ) -> Result<SecretNonce, NonceError> {
        let randomness = self.draw(role.tag(), None, entropy)?;
        let pair = key.keypair();
        let nonces = musig::new_nonce_pair(
            SessionSecretRand::assume_uniformly_random(*randomness),
            aggregate.map(AggregateKey::cache),
            Some(pair.secret_key()),
            pair.public_key(),
            None,
            None,
        );
        Ok(SecretNonce::new(nonces, pair.public_key(), aggregate.map(AggregateKey::output_key)))
    }

    /// Signs when the peer's nonce and the message are known already: makes a nonce and uses it at once.
    ///
    /// # Errors
    /// [`NonceError::Exhausted`] when the source made 2^64 - 1 nonces.
    pub fn sign_last(
        &mut self,
        cosigner: &Cosigner,
        peer: &PublicNonce,
        message: &TapSighash,
        role: NonceRole,
        entropy: &Entropy,
    ) -> Result<SignedSession, NonceError> {
        let randomness = self.draw(role.tag(), Some(peer), entropy)?;
        let pair = cosigner.key().keypair();
        let nonces = musig::new_nonce_pair(
            SessionSecretRand::assume_uniformly_random(*randomness),
            Some(cosigner.cache()),
            Some(pair.secret_key()),
            pair.public_key(),
            Some(message.as_byte_array()),
            None,
        );
        let nonce = SecretNonce::new(nonces, pair.public_key(), Some(cosigner.aggregate().output_key()));
        Ok(nonce.join_checked(cosigner, peer, message).sign())
    }

    /// 32 bytes that no other draw of this source gives. To whoever does not know the salt or the entropy they are
    /// uniformly random, being a hash of them, which is what the library assumes of them.
    pub(crate) fn draw(
        &mut self,
        role: RoleTag,
        peer: Option<&PublicNonce>,
        entropy: &Entropy,
    ) -> Result<Zeroizing<[u8; 32]>, NonceError> {
        let mut engine = NonceHash::engine();
        engine.input(self.boot_salt.as_bytes());
        engine.input(entropy.as_bytes());
        engine.input(&self.counter.next()?.to_be_bytes());
        engine.input(&[role.0]);
        // The peer's nonce is last and of fixed length, so no two inputs have one encoding.
        if let Some(peer) = peer {
            engine.input(&peer.to_byte_array());
        }
        Ok(Zeroizing::new(NonceHash::from_engine(engine).to_byte_array()))
    }

    #[cfg(test)]
    pub(crate) const fn starting_at(boot_salt: Entropy, counter: u64) -> Self {
        Self { boot_salt, counter: Counter(counter) }
    }
}

/// What a nonce is for. Nonces of different roles differ even if all else repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NonceRole {
    /// Ours for our own commitment, sent ahead (`next_local_nonce`).
    Verification,
    /// Ours for the peer's commitment, sent with the partial signature.
    Signing,
    /// For a mutual close.
    Closing,
    /// For the funding input of a splice, sent ahead (`funding_nonce`).
    Splicing,
}

impl NonceRole {
    const fn tag(self) -> RoleTag {
        RoleTag(match self {
            Self::Verification => 1,
            Self::Signing => 2,
            Self::Closing => 3,
            Self::Splicing => 4,
        })
    }
}

/// The byte that keeps the uses of one source apart.
#[derive(Clone, Copy)]
pub(crate) struct RoleTag(u8);

impl RoleTag {
    /// Single-key adaptor signatures.
    pub(crate) const ADAPTOR: Self = Self(5);
}

/// A nonce cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NonceError {
    /// The counter is at its end.
    #[error("the nonce counter is exhausted; restart the signer with a new boot salt")]
    Exhausted,
}

/// The number of the next nonce.
struct Counter(u64);

impl Counter {
    fn next(&mut self) -> Result<u64, NonceError> {
        let number = self.0;
        self.0 = number.checked_add(1).ok_or(NonceError::Exhausted)?;
        Ok(number)
    }
}
