//! The signer of a channel, and the funding outputs it signs for.

#[cfg(test)]
mod vectors;

use alloc::collections::BTreeMap;

use bitcoin::OutPoint;
use bitcoin::hashes::{Hash, HashEngine, sha256t_hash_newtype};
use bitcoin::secp256k1::PublicKey;
use channel_core::{CommitmentNumber, PerSide, Side};
use channel_tx::commitment::CommitmentBuilder;
use channel_tx::funding::FundingScript;

use super::record::{Digest, FundingRecord, Standing};
use super::{OpenRefusal, SignerPolicy, SigningRecord};
use crate::Entropy;
use crate::SigningKey;
use crate::keys::{ChannelSecrets, FundingIndex, NotASecretKey, from_bitcoin};
use crate::musig::{Cosigner, NonceError, NonceRole, NonceSource, SecretNonce};

sha256t_hash_newtype! {
    struct ChannelTag = hash_str("taproot-channels/signed-channel");
    /// What all funding outputs of a channel have in common: who opened it, and the peer's keys but for the funding key.
    struct ChannelHash(_);
}

/// How ECDSA nonces are chosen in segwit formats. Schnorr signatures always have 64 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum EcdsaGrinding {
    /// RFC 6979, again and again with a counter until the signature takes 71 bytes at most: what the weights assume.
    #[default]
    LowR,
    /// RFC 6979 once, as the official vectors of BOLT 3 are made.
    None,
}

/// Signs for one channel, within its policy. One value for each channel and process: a second one would not know what
/// the first one signed.
pub struct ChannelSigner {
    pub(super) secrets: ChannelSecrets,
    pub(super) policy: SignerPolicy,
    pub(super) record: SigningRecord,
    pub(super) fundings: BTreeMap<OutPoint, ActiveFunding>,
    pub(super) grinding: EcdsaGrinding,
    points: [Option<(CommitmentNumber, PublicKey)>; 2],
}

/// A funding output, with our key to it.
pub(super) struct ActiveFunding {
    pub(super) builder: CommitmentBuilder,
    pub(super) key: FundingKey,
}

/// Our key to a funding output.
#[expect(clippy::large_enum_variant, reason = "one for each funding output")]
pub(super) enum FundingKey {
    MuSig2(Cosigner),
    TwoOfTwo { key: SigningKey, peer: secp256k1::PublicKey },
}

impl ChannelSigner {
    /// The signer of the channel with these secrets, with what it signed before: [`SigningRecord::default`] for a new
    /// channel, the stored one otherwise.
    pub fn new(secrets: ChannelSecrets, policy: SignerPolicy, record: SigningRecord) -> Self {
        let (fundings, points) = (BTreeMap::new(), [None; 2]);
        Self { secrets, policy, record, fundings, grinding: EcdsaGrinding::default(), points }
    }

    /// The same with another choice of ECDSA nonces.
    #[must_use]
    pub const fn with_grinding(mut self, grinding: EcdsaGrinding) -> Self {
        self.grinding = grinding;
        self
    }

    /// What was signed and revealed: part of the channel's snapshot, to be durable before a signature is sent.
    pub const fn record(&self) -> &SigningRecord {
        &self.record
    }

    /// The public side of the secrets.
    pub const fn secrets(&self) -> &ChannelSecrets {
        &self.secrets
    }

    /// Takes on a funding output of the channel: the first one, or one of a splice. `builder` is as this side sees it,
    /// `index` says which funding key of ours is in it.
    ///
    /// # Errors
    /// [`OpenRefusal`] when the keys or delays are not what they should be. Nothing is changed then.
    pub fn add_funding(
        &mut self,
        index: FundingIndex,
        builder: CommitmentBuilder,
    ) -> Result<(), OpenRefusal> {
        let delays = PerSide::from_fn(|side| builder.to_self_delay(side));
        self.policy.check_delays(delays)?;
        if builder.basepoints().local != self.secrets.basepoints(index)? {
            return Err(OpenRefusal::ForeignKeys);
        }
        let funding = builder.outpoint();
        let channel = channel_hash(&builder);
        self.check_known(funding, &builder, channel)?;
        let key = self.secrets.funding_key(index)?;
        let key = match builder.funding() {
            FundingScript::MuSig2(aggregate) => FundingKey::MuSig2(Cosigner::new(key, aggregate.clone())?),
            FundingScript::TwoOfTwo { .. } => {
                let peer = from_bitcoin(&builder.basepoints().remote.funding);
                FundingKey::TwoOfTwo { key, peer }
            }
        };
        self.record.channel = Some(channel);
        let id = builder.id().to_byte_array();
        let record = self.record.fundings.entry(funding).or_insert(FundingRecord::new(id));
        record.standing = Standing::Active;
        self.fundings.insert(funding, ActiveFunding { builder, key });
        Ok(())
    }

    /// A funding output that is known has the terms it had, and all have the same peer and opener. The record knows both,
    /// so this holds after a restart as well.
    fn check_known(
        &self,
        funding: OutPoint,
        builder: &CommitmentBuilder,
        channel: Digest,
    ) -> Result<(), OpenRefusal> {
        let known = self.record.fundings.get(&funding);
        if known.is_some_and(|known| known.builder != builder.id().to_byte_array()) {
            return Err(OpenRefusal::FundingKnown { funding });
        }
        if self.record.channel.is_some_and(|known| known != channel) {
            return Err(OpenRefusal::OtherChannel { funding });
        }
        Ok(())
    }

    /// Gives up a funding output that was spent for good, by a splice that both sides locked, or one that can no longer
    /// confirm. Nothing is signed for it any more, and no secret waits for it.
    ///
    /// Whether that is so only the chain knows: a funding output that can still confirm, or is not spent for good, must
    /// stay. What was signed on it stays known until its commitments are revoked, so that giving it up and taking it on
    /// again makes no room for a second message.
    pub fn remove_funding(&mut self, funding: OutPoint) {
        self.fundings.remove(&funding);
        if let Some(record) = self.record.fundings.get_mut(&funding) {
            record.standing = Standing::Removed;
        }
        self.record.forget();
    }

    /// The funding outputs that are signed for.
    pub fn fundings(&self) -> impl Iterator<Item = OutPoint> {
        self.fundings.keys().copied()
    }

    /// The `per_commitment_point` of our commitment `number`. The last two asked for are remembered.
    ///
    /// # Errors
    /// [`NotASecretKey`] when the secret is none, which happens by chance once in 2^128 times.
    pub fn per_commitment_point(&mut self, number: CommitmentNumber) -> Result<PublicKey, NotASecretKey> {
        if let Some((_, point)) = self.points.iter().flatten().find(|(known, _)| *known == number) {
            return Ok(*point);
        }
        let point = self.secrets.per_commitment_point(number)?;
        self.points = [Some((number, point)), self.points[0]];
        Ok(point)
    }

    /// A nonce of ours for our next commitment on `funding`, whose public half is sent ahead. `None` for a funding
    /// output that is not known or not MuSig2's.
    ///
    /// # Errors
    /// [`NonceError`] when the source is exhausted.
    pub fn verification_nonce(
        &self,
        funding: OutPoint,
        source: &mut NonceSource,
        entropy: &Entropy,
    ) -> Result<Option<SecretNonce>, NonceError> {
        self.nonce(funding, NonceRole::Verification, source, entropy)
    }

    /// A nonce of ours for any use on `funding`, made ahead.
    ///
    /// # Errors
    /// [`NonceError`] when the source is exhausted.
    pub fn nonce(
        &self,
        funding: OutPoint,
        role: NonceRole,
        source: &mut NonceSource,
        entropy: &Entropy,
    ) -> Result<Option<SecretNonce>, NonceError> {
        let Some(ActiveFunding { key: FundingKey::MuSig2(cosigner), .. }) = self.fundings.get(&funding)
        else {
            return Ok(None);
        };
        source.ahead(cosigner.key(), Some(cosigner.aggregate()), role, entropy).map(Some)
    }
}

fn channel_hash(builder: &CommitmentBuilder) -> Digest {
    let remote = &builder.basepoints().remote;
    let mut engine = ChannelHash::engine();
    engine.input(&[u8::from(builder.terms().opener == Side::Local)]);
    for key in [&remote.revocation, &remote.payment, &remote.delayed_payment, &remote.htlc] {
        engine.input(&key.serialize());
    }
    ChannelHash::from_engine(engine).to_byte_array()
}

impl core::fmt::Debug for ChannelSigner {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ChannelSigner")
            .field("secrets", &self.secrets)
            .field("policy", &self.policy)
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}
