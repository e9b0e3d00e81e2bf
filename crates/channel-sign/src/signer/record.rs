//! What was signed and revealed: remembered, so that nothing is signed later that conflicts with it.
//!
//! It holds nothing secret. It belongs into the channel's snapshot and must be durable before a signature leaves; a
//! signer that starts from an old record would sign what it must not, which is why a restored channel signs nothing
//! until the peer proved its heights.

use alloc::collections::BTreeMap;

use bitcoin::OutPoint;
use channel_core::CommitmentNumber;

use super::{CompletionRefusal, CountersignRefusal, RevealRefusal, StateRefusal};
use crate::shachain::RevealedSecrets;

/// The digest of what a signature commits to.
pub(super) type Digest = [u8; 32];

/// What a signer has done in one channel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SigningRecord {
    pub(super) fundings: BTreeMap<OutPoint, FundingRecord>,
    /// Our secrets of all numbers below are revealed.
    pub(super) revealed: u64,
    /// The secrets the peer revealed.
    pub(super) peer_secrets: RevealedSecrets,
    /// The last state digest signed.
    pub(super) state: Option<(u64, Digest)>,
}

/// What was signed on one funding output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct FundingRecord {
    /// The newest commitment of the peer that we signed.
    pub(super) countersigned: Option<(CommitmentNumber, Digest)>,
    /// The newest commitment of our own that is completely signed.
    pub(super) completed: Option<(CommitmentNumber, Digest)>,
}

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

    /// May the peer's commitment of this number, with this digest, be signed? One message for each (funding output,
    /// number), never one that is revoked, never more than one ahead of what is revoked.
    pub(super) fn check_countersign(
        &self,
        funding: OutPoint,
        number: CommitmentNumber,
        digest: Digest,
    ) -> Result<(), CountersignRefusal> {
        let (wanted, revoked_below) = (number.to_u64(), self.peer_revealed());
        if wanted < revoked_below {
            return Err(CountersignRefusal::Revoked { number });
        }
        if wanted > revoked_below + 1 {
            return Err(CountersignRefusal::TooFarAhead { number, revoked_below });
        }
        match self.fundings.get(&funding).and_then(|record| record.countersigned) {
            Some((signed, _)) if number < signed => Err(CountersignRefusal::Behind { number, signed }),
            Some((signed, other)) if number == signed && digest != other => {
                Err(CountersignRefusal::SecondMessage { number })
            }
            _ => Ok(()),
        }
    }

    /// May our commitment of this number be completed? The same rules on our side.
    pub(super) fn check_complete(
        &self,
        funding: OutPoint,
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
        match self.fundings.get(&funding).and_then(|record| record.completed) {
            Some((done, _)) if number < done => Err(CompletionRefusal::Behind { number, completed: done }),
            Some((done, other)) if number == done && digest != other => {
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
        let incomplete = self
            .fundings
            .iter()
            .find(|(_, record)| record.completed.is_none_or(|(completed, _)| completed < next));
        match incomplete {
            Some((funding, _)) => Err(RevealRefusal::Early { number, funding: *funding }),
            None if self.fundings.is_empty() => Err(RevealRefusal::NoFunding { number }),
            None => Ok(()),
        }
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
