//! The secrets of both parties, and the keys of one commitment made from them: by secret-key arithmetic (BOLT 3, "Key
//! Derivation"), so that nothing here rests on the public-key derivation it checks.

use bitcoin::hashes::{Hash, HashEngine, sha256};
use bitcoin::secp256k1::{PublicKey, Scalar, Secp256k1, SecretKey};
use channel_tx::keys::Basepoints;

/// What one party keeps to itself. Fixed: a matrix that differs from run to run proves less.
#[derive(Debug, Clone, Copy)]
pub(super) struct Secrets {
    pub(super) funding: SecretKey,
    pub(super) revocation: SecretKey,
    pub(super) payment: SecretKey,
    pub(super) delayed_payment: SecretKey,
    pub(super) htlc: SecretKey,
    /// Of the commitment in question; revealed when it is revoked.
    pub(super) per_commitment: SecretKey,
}

impl Secrets {
    /// The secrets of the party with this name.
    pub(super) fn of(party: &str) -> Self {
        Self {
            funding: secret(&[party, "funding"]),
            revocation: secret(&[party, "revocation"]),
            payment: secret(&[party, "payment"]),
            delayed_payment: secret(&[party, "delayed payment"]),
            htlc: secret(&[party, "htlc"]),
            per_commitment: secret(&[party, "per commitment"]),
        }
    }

    pub(super) fn basepoints(&self) -> Basepoints {
        Basepoints {
            funding: public(&self.funding),
            revocation: public(&self.revocation),
            payment: public(&self.payment),
            delayed_payment: public(&self.delayed_payment),
            htlc: public(&self.htlc),
        }
    }

    /// The point of the commitment in question.
    pub(super) fn point(&self) -> PublicKey {
        public(&self.per_commitment)
    }
}

/// The secret keys behind one commitment. "Local" is its owner, as BOLT 3 has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct CommitmentSecrets {
    pub(super) local_funding: SecretKey,
    pub(super) remote_funding: SecretKey,
    pub(super) local_delayed: SecretKey,
    pub(super) local_htlc: SecretKey,
    pub(super) remote_htlc: SecretKey,
    pub(super) remote_payment: SecretKey,
    /// Known to the other party once it has the owner's per-commitment secret.
    pub(super) revocation: SecretKey,
}

impl CommitmentSecrets {
    pub(super) fn new(owner: &Secrets, other: &Secrets) -> Self {
        let point = owner.point();
        Self {
            local_funding: owner.funding,
            remote_funding: other.funding,
            local_delayed: derived(&owner.delayed_payment, &point),
            local_htlc: derived(&owner.htlc, &point),
            remote_htlc: derived(&other.htlc, &point),
            remote_payment: other.payment,
            revocation: revocation(&other.revocation, &owner.per_commitment),
        }
    }
}

/// A secret key from words.
pub(super) fn secret(words: &[&str]) -> SecretKey {
    let digest = sha256::Hash::hash(words.join("/").as_bytes());
    SecretKey::from_slice(digest.as_ref()).expect("a hash is below the group order but for 1 in 2^128")
}

pub(super) fn public(secret: &SecretKey) -> PublicKey {
    secret.public_key(&Secp256k1::signing_only())
}

/// `basepoint secret + SHA256(point || basepoint)`.
fn derived(secret: &SecretKey, point: &PublicKey) -> SecretKey {
    secret.add_tweak(&hashed(point, &public(secret))).expect("the sum is zero once in 2^128")
}

/// `basepoint secret * SHA256(basepoint || point) + per-commitment secret * SHA256(point || basepoint)`.
fn revocation(base: &SecretKey, per_commitment: &SecretKey) -> SecretKey {
    let (basepoint, point) = (public(base), public(per_commitment));
    let theirs = per_commitment.mul_tweak(&hashed(&point, &basepoint)).expect("a hash is no zero");
    let ours = base.mul_tweak(&hashed(&basepoint, &point)).expect("a hash is no zero");
    ours.add_tweak(&Scalar::from(theirs)).expect("the sum is zero once in 2^128")
}

fn hashed(first: &PublicKey, second: &PublicKey) -> Scalar {
    let mut engine = sha256::Hash::engine();
    engine.input(&first.serialize());
    engine.input(&second.serialize());
    let digest = sha256::Hash::from_engine(engine).to_byte_array();
    Scalar::from_be_bytes(digest).expect("a hash is below the group order but for 1 in 2^128")
}
