//! The keys on one commitment.

use bitcoin::secp256k1::PublicKey;

use super::{Basepoints, KeyError, Point, derive};

/// The keys on the commitment of one side. "Local" is its owner, "remote" the other party, as BOLT 3 has it.
///
/// The two HTLC keys are derived when first needed: most commitments carry no HTLC, and each costs a multiplication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitmentKeys {
    pub(crate) per_commitment_point: Point,
    pub(crate) local_delayed: Point,
    pub(crate) revocation: Point,
    pub(crate) remote_payment: Point,
    pub(crate) local_funding: Point,
    pub(crate) remote_funding: Point,
    htlc_basepoints: (Point, Point),
}

/// The keys of both HTLC scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HtlcKeys {
    pub(crate) local: Point,
    pub(crate) remote: Point,
}

impl CommitmentKeys {
    /// The keys of the commitment that belongs to the party with the basepoints `owner`, at its
    /// `per_commitment_point`.
    ///
    /// # Errors
    /// [`KeyError::InvalidTweak`] when a sum is not a key.
    pub fn derive(
        owner: &Basepoints,
        countersigner: &Basepoints,
        per_commitment_point: &PublicKey,
    ) -> Result<Self, KeyError> {
        let point = Point::new(per_commitment_point);
        Ok(Self {
            per_commitment_point: point,
            local_delayed: derive::public_key(&Point::new(&owner.delayed_payment), &point)?,
            revocation: derive::revocation_key(&Point::new(&countersigner.revocation), &point)?,
            remote_payment: Point::new(&countersigner.payment),
            local_funding: Point::new(&owner.funding),
            remote_funding: Point::new(&countersigner.funding),
            htlc_basepoints: (Point::new(&owner.htlc), Point::new(&countersigner.htlc)),
        })
    }

    /// The `per_commitment_point` these keys belong to.
    pub fn per_commitment_point(&self) -> PublicKey {
        self.per_commitment_point.to_public_key()
    }

    /// `local_delayedpubkey`: the owner's, of `to_local` and second-level outputs.
    pub fn local_delayed(&self) -> PublicKey {
        self.local_delayed.to_public_key()
    }

    /// `revocationpubkey`: known to the other party once the commitment is revoked.
    pub fn revocation(&self) -> PublicKey {
        self.revocation.to_public_key()
    }

    /// `remotepubkey`: the other party's static payment key.
    pub fn remote_payment(&self) -> PublicKey {
        self.remote_payment.to_public_key()
    }

    /// `local_htlcpubkey` and `remote_htlcpubkey`.
    ///
    /// # Errors
    /// [`KeyError::InvalidTweak`] when a sum is not a key.
    pub fn htlc(&self) -> Result<(PublicKey, PublicKey), KeyError> {
        self.htlc_keys().map(|keys| (keys.local.to_public_key(), keys.remote.to_public_key()))
    }

    pub(crate) fn htlc_keys(&self) -> Result<HtlcKeys, KeyError> {
        let (local, remote) = &self.htlc_basepoints;
        Ok(HtlcKeys {
            local: derive::public_key(local, &self.per_commitment_point)?,
            remote: derive::public_key(remote, &self.per_commitment_point)?,
        })
    }
}
