//! What was signed and revealed: remembered, so that nothing is signed later that conflicts with it.
//!
//! It holds nothing secret of ours. It belongs into the channel's snapshot and must be durable before a signature leaves;
//! a signer that starts from an old record would sign what it must not, which is why a restored channel signs nothing
//! until the peer proved its heights.

use alloc::collections::BTreeMap;

use bitcoin::OutPoint;
use bitcoin::secp256k1::PublicKey;
use channel_core::{CommitmentNumber, Msat};

use super::{CompletionRefusal, CountersignRefusal, RevealRefusal, StateRefusal};
use crate::shachain::{InsertSecretError, PerCommitmentSecret, RevealedSecrets};

/// The digest of what a signature commits to.
pub(super) type Digest = [u8; 32];

/// What a signer has done in one channel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SigningRecord {
    /// What all funding outputs of the channel have in common.
    pub(super) channel: Option<Digest>,
    pub(super) fundings: BTreeMap<OutPoint, FundingRecord>,
    /// Our secrets of all numbers below are revealed.
    pub(super) revealed: u64,
    /// The secrets the peer revealed.
    pub(super) peer_secrets: RevealedSecrets,
    /// The points of the peer's commitments that were signed and are not revoked: two at most.
    pub(super) peer_points: BTreeMap<CommitmentNumber, PublicKey>,
    /// The last state digest signed.
    pub(super) state: Option<(u64, Digest)>,
    pub(super) phase: Phase,
}

/// Whether a close was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Phase {
    #[default]
    Open,
    /// A close was signed, at the balances there were: nothing may change them any more.
    Closing,
}

/// What was signed on one funding output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FundingRecord {
    /// Which builder its commitments are of.
    pub(super) builder: Digest,
    pub(super) standing: Standing,
    /// The newest commitment of the peer that we signed.
    pub(super) countersigned: Option<SignedCommitment>,
    /// The newest commitment of our own that is completely signed.
    pub(super) completed: Option<SignedCommitment>,
}

/// Whether a funding output is signed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Active,
    /// Given up by the caller, and remembered as long as a commitment of its newest numbers could be signed anew.
    Removed,
}

/// A commitment that was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SignedCommitment {
    pub(super) number: CommitmentNumber,
    /// Of the commitment and its HTLC transactions.
    pub(super) digest: Digest,
    /// What is ours.
    pub(super) ours: Msat,
    /// What is in HTLCs.
    pub(super) in_flight: Msat,
}

impl FundingRecord {
    pub(super) const fn new(builder: Digest) -> Self {
        Self { builder, standing: Standing::Active, countersigned: None, completed: None }
    }

    /// What both sides agree on: the balance in the newest commitments of both, or of the one there is.
    ///
    /// # Errors
    /// [`Unsettled`] when they differ: an update is under way.
    pub(super) fn settled(&self) -> Result<Option<SignedCommitment>, Unsettled> {
        match (self.completed, self.countersigned) {
            (Some(own), Some(peers)) if (own.ours, own.in_flight) != (peers.ours, peers.in_flight) => {
                Err(Unsettled)
            }
            (own, peers) => Ok(own.or(peers)),
        }
    }
}

/// The newest commitments of both sides differ.
pub(super) struct Unsettled;

impl SigningRecord {
    /// The number below which our commitments are revoked.
    pub const fn revealed(&self) -> u64 {
        self.revealed
    }

    /// The number below which the peer's commitments are revoked.
    pub fn peer_revealed(&self) -> u64 {
        self.peer_secrets.next().map_or(CommitmentNumber::MAX.to_u64() + 1, CommitmentNumber::to_u64)
    }

    /// The secrets the peer revealed, for penalties.
    pub const fn peer_secrets(&self) -> &RevealedSecrets {
        &self.peer_secrets
    }

    /// May the peer's commitment of this number, with this digest and point, be signed? One message for each (funding
    /// output, number), one point for each number, never one that is revoked, never more than one ahead of what is
    /// revoked, nothing new after a close.
    pub(super) fn check_countersign(
        &self,
        funding: &FundingRecord,
        (number, digest): (CommitmentNumber, Digest),
        point: &PublicKey,
    ) -> Result<(), CountersignRefusal> {
        let (wanted, revoked_below) = (number.to_u64(), self.peer_revealed());
        if wanted < revoked_below {
            return Err(CountersignRefusal::Revoked { number });
        }
        if wanted > revoked_below + 1 {
            return Err(CountersignRefusal::TooFarAhead { number, revoked_below });
        }
        let signed = funding.countersigned;
        match signed {
            Some(SignedCommitment { number: signed, .. }) if number < signed => {
                return Err(CountersignRefusal::Behind { number, signed });
            }
            Some(signed) if number == signed.number && digest != signed.digest => {
                return Err(CountersignRefusal::SecondMessage { number });
            }
            _ => {}
        }
        if self.phase == Phase::Closing && signed.is_none_or(|signed| number != signed.number) {
            return Err(CountersignRefusal::Closing { number });
        }
        match self.peer_points.get(&number) {
            Some(known) if known != point => Err(CountersignRefusal::OtherPoint { number }),
            _ => Ok(()),
        }
    }

    /// May our commitment of this number be completed? The same rules on our side.
    pub(super) fn check_complete(
        &self,
        funding: &FundingRecord,
        number: CommitmentNumber,
        digest: Digest,
    ) -> Result<(), CompletionRefusal> {
        let wanted = number.to_u64();
        if wanted < self.revealed {
            return Err(CompletionRefusal::Revoked { number });
        }
        if wanted > self.revealed + 1 {
            return Err(CompletionRefusal::TooFarAhead { number, revoked_below: self.revealed });
        }
        match funding.completed {
            Some(SignedCommitment { number: completed, .. }) if number < completed => {
                Err(CompletionRefusal::Behind { number, completed })
            }
            Some(done) if number == done.number && digest != done.digest => {
                Err(CompletionRefusal::SecondMessage { number })
            }
            _ => Ok(()),
        }
    }

    /// May our secret of this number be revealed? What was revealed may be revealed again. The next one only when on
    /// every funding output the next commitment is complete, so that we are not left without a valid one.
    pub(super) fn check_reveal(&self, number: CommitmentNumber) -> Result<(), RevealRefusal> {
        let wanted = number.to_u64();
        if wanted < self.revealed {
            return Ok(());
        }
        if wanted > self.revealed {
            return Err(RevealRefusal::OutOfOrder { number, next: self.revealed });
        }
        let next = number.next().ok_or(RevealRefusal::LastCommitment { number })?;
        let mut active = self.active().peekable();
        if active.peek().is_none() {
            return Err(RevealRefusal::NoFunding { number });
        }
        match active.find(|(_, record)| record.completed.is_none_or(|completed| completed.number < next)) {
            Some((funding, _)) => Err(RevealRefusal::Early { number, funding }),
            None => Ok(()),
        }
    }

    /// Notes that our secret of this number is out.
    pub(super) fn reveal(&mut self, number: CommitmentNumber) {
        self.revealed = self.revealed.max(number.to_u64() + 1);
        self.forget();
    }

    /// Takes in the peer's secret; it must be that of the point the peer's commitment was signed with.
    pub(super) fn accept_revocation(
        &mut self,
        number: CommitmentNumber,
        secret: &PerCommitmentSecret,
        announced: &PublicKey,
    ) -> Result<(), InsertSecretError> {
        if self.peer_points.get(&number).is_some_and(|signed| signed != announced) {
            return Err(InsertSecretError::WrongPoint { number });
        }
        self.peer_secrets.accept(number, secret, announced)?;
        let revoked_below = self.peer_revealed();
        self.peer_points.retain(|number, _| number.to_u64() >= revoked_below);
        self.forget();
        Ok(())
    }

    /// Forgets a removed funding output of which no commitment can be signed again anyway.
    pub(super) fn forget(&mut self) {
        let (own, peers) = (self.revealed, self.peer_revealed());
        let revoked = |signed: Option<SignedCommitment>, below| {
            signed.is_none_or(|signed| signed.number.to_u64() < below)
        };
        self.fundings.retain(|_, funding| {
            funding.standing == Standing::Active
                || !(revoked(funding.completed, own) && revoked(funding.countersigned, peers))
        });
    }

    /// The funding outputs that are signed for.
    fn active(&self) -> impl Iterator<Item = (OutPoint, &FundingRecord)> {
        let all = self.fundings.iter().map(|(outpoint, funding)| (*outpoint, funding));
        all.filter(|(_, funding)| funding.standing == Standing::Active)
    }

    /// May this digest be signed at this sequence number? One for each, in rising order.
    pub(super) fn check_state(&self, seq: u64, digest: Digest) -> Result<(), StateRefusal> {
        match self.state {
            Some((signed, _)) if seq < signed => Err(StateRefusal::Behind { seq, signed }),
            Some((signed, other)) if seq == signed && digest != other => {
                Err(StateRefusal::SecondDigest { seq })
            }
            _ => Ok(()),
        }
    }
}
