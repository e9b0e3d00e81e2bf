//! What a party can claim of a commitment: from when on, until when, and who else could.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use bitcoin::hashes::{Hash, sha256};
use bitcoin::{OutPoint, TxOut};
use channel_core::htlc::HtlcDirection;
use channel_core::{CltvExpiry, PaymentHash, Side};

use super::output::{ChannelOutput, ChannelRole, ClaimPath, OutputSpend};
use crate::commitment::OutputRole;
use crate::format::FormatRules;

/// A claim counts as pinnable from this many blocks before somebody else can spend the output: a claim that stays
/// unconfirmed so long would share its fate with theirs.
pub const PINNABLE_WITHIN: u32 = 12;

/// Where a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Confirmation {
    /// Not in a block.
    Unconfirmed,
    /// In the block of this height.
    Height(u32),
}

/// Whether the owner of a commitment may publish it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It has not been revoked.
    Valid,
    /// It has been: everything on it is the other party's.
    Revoked,
}

/// What a party knows when it claims.
#[derive(Debug, Clone, Copy)]
pub struct ClaimFacts<'a> {
    /// The height of the chain.
    pub height: u32,
    /// Where the transaction is that holds the outputs.
    pub confirmation: Confirmation,
    /// Whether the commitment has been revoked.
    pub standing: Standing,
    /// The preimages the party knows. One that does not hash to its key is taken as unknown.
    pub preimages: &'a BTreeMap<PaymentHash, [u8; 32]>,
}

/// An output a party can spend alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The output.
    pub outpoint: OutPoint,
    /// What stands on the chain.
    pub txout: TxOut,
    /// What it is.
    pub role: ChannelRole,
    /// How it is spent; preimages are in their place.
    pub spend: OutputSpend,
    /// The rules of its format.
    pub rules: FormatRules,
    /// Where the transaction is that holds it.
    pub confirmation: Confirmation,
    /// The first block that can hold the claim, by its locks; `None` while the claim waits for the confirmation of
    /// what it spends.
    pub earliest: Option<u32>,
    /// Who else can spend the output.
    pub competition: Competition,
}

/// Who else can spend an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Competition {
    /// Nobody, ever.
    Nobody,
    /// The other party, in blocks from this height on.
    From(u32),
    /// The other party, already.
    Now,
}

/// How much haste a claim is in. Claims of different pressure are never in one transaction: whoever delays or replaces
/// one of its inputs would delay the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pressure {
    /// Unpinnable: only the claimant can ever spend these outputs.
    None,
    /// The other party can spend them later, in more than [`PINNABLE_WITHIN`] blocks.
    Later,
    /// Pinnable: the other party can spend them, or will be able to soon.
    Now,
}

/// An HTLC of the claimant's own commitment, which its second-level transaction resolves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondLevelClaim {
    /// The output of the commitment.
    pub outpoint: OutPoint,
    /// The HTLC; its direction tells HTLC-timeout from HTLC-success.
    pub htlc: channel_core::commitment::HtlcOutput,
    /// The preimage, for HTLC-success.
    pub preimage: Option<[u8; 32]>,
    /// The first block that can hold the transaction; `None` while it waits for the confirmation of the commitment.
    pub earliest: Option<u32>,
    /// Who else can spend the output.
    pub competition: Competition,
}

/// Why an output is not claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unclaimable {
    /// It is the other party's.
    NotOurs,
    /// Its preimage is not known; without it the offerer takes it back after the expiry.
    PreimageUnknown,
    /// It is an anchor, which somebody else can spend under a claim that rests on it; it serves to raise a fee.
    Anchor,
}

/// Everything about a set of outputs, from the view of one party.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claims {
    /// What it can spend alone.
    pub claims: Vec<Claim>,
    /// What its second-level transactions resolve.
    pub second_level: Vec<SecondLevelClaim>,
    /// The rest.
    pub unclaimable: Vec<(OutPoint, Unclaimable)>,
}

impl Competition {
    /// The last block in which nobody else can take the output; `None` when nobody else ever can. At `height` an
    /// output others can take already is claimed in the next block or too late.
    pub const fn deadline(self, height: u32) -> Option<u32> {
        match self {
            Self::Nobody => None,
            Self::From(block) => Some(block.saturating_sub(1)),
            Self::Now => Some(height.saturating_add(1)),
        }
    }

    /// The haste it makes at `height`.
    pub const fn pressure(self, height: u32) -> Pressure {
        match self {
            Self::Nobody => Pressure::None,
            Self::From(block) if block > height.saturating_add(PINNABLE_WITHIN) => Pressure::Later,
            Self::From(_) | Self::Now => Pressure::Now,
        }
    }
}

impl Claims {
    /// What `claimant` can claim of `outputs`, which are all of one transaction.
    pub fn of(outputs: &[ChannelOutput], claimant: Side, facts: &ClaimFacts<'_>) -> Self {
        let mut claims = Self::default();
        for output in outputs {
            claims.add(output, claimant, facts);
        }
        claims
    }

    /// With the claims of `other`.
    pub fn extend(&mut self, other: Self) {
        self.claims.extend(other.claims);
        self.second_level.extend(other.second_level);
        self.unclaimable.extend(other.unclaimable);
    }

    fn add(&mut self, output: &ChannelOutput, claimant: Side, facts: &ClaimFacts<'_>) {
        let outpoint = output.outpoint;
        match decide(output, claimant, facts) {
            Decision::Spend(path, preimage) => match claim(output, path, preimage, facts) {
                Some(claim) => self.claims.push(claim),
                None => self.unclaimable.push((outpoint, Unclaimable::NotOurs)),
            },
            Decision::SecondLevel(claim) => self.second_level.push(claim),
            Decision::Leave(reason) => self.unclaimable.push((outpoint, reason)),
        }
    }
}

enum Decision {
    Spend(ClaimPath, Option<[u8; 32]>),
    SecondLevel(SecondLevelClaim),
    Leave(Unclaimable),
}

fn decide(output: &ChannelOutput, claimant: Side, facts: &ClaimFacts<'_>) -> Decision {
    let own = output.owner() == claimant;
    let role = match output.role {
        ChannelRole::OnCommitment(role) => role,
        ChannelRole::SecondLevel(_) => return decide_delayed(own, facts.standing),
    };
    match role {
        OutputRole::ToLocal => decide_delayed(own, facts.standing),
        OutputRole::ToRemote if own => Decision::Leave(Unclaimable::NotOurs),
        OutputRole::ToRemote => Decision::Spend(ClaimPath::Balance, None),
        OutputRole::LocalAnchor | OutputRole::RemoteAnchor | OutputRole::SharedAnchor => {
            Decision::Leave(Unclaimable::Anchor)
        }
        OutputRole::Htlc(htlc) => {
            let preimage = known_preimage(facts, htlc.htlc.payment_hash);
            match (own, facts.standing, htlc.direction) {
                (false, Standing::Revoked, _) => Decision::Spend(ClaimPath::Revoked, None),
                (true, _, HtlcDirection::Accepted) | (false, Standing::Valid, HtlcDirection::Offered)
                    if preimage.is_none() =>
                {
                    Decision::Leave(Unclaimable::PreimageUnknown)
                }
                (false, Standing::Valid, HtlcDirection::Offered) => {
                    Decision::Spend(ClaimPath::Preimage, preimage)
                }
                (false, Standing::Valid, HtlcDirection::Accepted) => {
                    Decision::Spend(ClaimPath::Timeout, None)
                }
                (true, _, direction) => Decision::SecondLevel(SecondLevelClaim {
                    outpoint: output.outpoint,
                    htlc,
                    preimage: preimage.filter(|_| direction == HtlcDirection::Accepted),
                    earliest: second_level_earliest(output, facts),
                    competition: htlc_competition(direction, htlc.htlc.cltv_expiry),
                }),
            }
        }
    }
}

const fn decide_delayed(own: bool, standing: Standing) -> Decision {
    match (own, standing) {
        (true, _) => Decision::Spend(ClaimPath::Delayed, None),
        (false, Standing::Revoked) => Decision::Spend(ClaimPath::Revoked, None),
        (false, Standing::Valid) => Decision::Leave(Unclaimable::NotOurs),
    }
}

fn known_preimage(facts: &ClaimFacts<'_>, payment_hash: PaymentHash) -> Option<[u8; 32]> {
    let preimage = facts.preimages.get(&payment_hash)?;
    (sha256::Hash::hash(preimage).to_byte_array() == payment_hash.to_bytes()).then_some(*preimage)
}

fn claim(
    output: &ChannelOutput,
    path: ClaimPath,
    preimage: Option<[u8; 32]>,
    facts: &ClaimFacts<'_>,
) -> Option<Claim> {
    let spend = output.spend(path)?;
    let spend = match &preimage {
        Some(preimage) => spend.with_preimage(preimage),
        None => spend,
    };
    Some(Claim {
        outpoint: output.outpoint,
        txout: output.txout.clone(),
        role: output.role,
        earliest: earliest(output, &spend, facts),
        competition: competition(output, path, facts),
        rules: *output.rules(),
        confirmation: facts.confirmation,
        spend,
    })
}

/// The first block that can hold the claim. A lock time of n allows block n + 1, a delay of n the n-th block after the
/// one that holds the output.
///
/// All claims wait for the confirmation of the transaction they spend, also where no script asks for it: a TRUC
/// commitment has room for one child, the one that pays its fee, and before it confirms the other party can replace it.
/// The exception is the penalty of a second level, whose own parent is confirmed.
fn earliest(output: &ChannelOutput, spend: &OutputSpend, facts: &ClaimFacts<'_>) -> Option<u32> {
    match (facts.confirmation, output.role, spend.path) {
        (Confirmation::Height(height), ..) => {
            let delayed = height.saturating_add(u32::from(spend.delay().max(1)));
            let absolute = match spend.lock_time.to_consensus_u32() {
                0 => 0,
                lock_time => lock_time.saturating_add(1),
            };
            Some(delayed.max(absolute))
        }
        (Confirmation::Unconfirmed, ChannelRole::SecondLevel(_), ClaimPath::Revoked) => {
            Some(facts.height.saturating_add(1))
        }
        (Confirmation::Unconfirmed, ..) => None,
    }
}

fn second_level_earliest(output: &ChannelOutput, facts: &ClaimFacts<'_>) -> Option<u32> {
    let htlc = output.role.htlc()?;
    let Confirmation::Height(height) = facts.confirmation else { return None };
    let absolute = match htlc.direction {
        HtlcDirection::Offered => htlc.htlc.cltv_expiry.to_height().saturating_add(1),
        HtlcDirection::Accepted => 0,
    };
    Some(height.saturating_add(1).max(absolute))
}

fn competition(output: &ChannelOutput, path: ClaimPath, facts: &ClaimFacts<'_>) -> Competition {
    match (path, output.role) {
        (ClaimPath::Preimage | ClaimPath::Revoked, ChannelRole::OnCommitment(OutputRole::Htlc(htlc))) => {
            // To the owner: what it offered comes back after the expiry, what it accepted is its own with the preimage.
            htlc_competition(opposite(htlc.direction), htlc.htlc.cltv_expiry)
        }
        (ClaimPath::Revoked, _) => {
            let height = match facts.confirmation {
                Confirmation::Height(height) => height,
                Confirmation::Unconfirmed => facts.height.saturating_add(1),
            };
            Competition::From(height.saturating_add(u32::from(output.to_self_delay().to_blocks())))
        }
        (ClaimPath::Timeout, _) => Competition::Now,
        _ => Competition::Nobody,
    }
}

/// Who else can take an HTLC that `direction` describes from the view of the claimant: what the claimant offered can be
/// taken with the preimage at any time, what it accepted after the expiry.
pub(super) const fn htlc_competition(direction: HtlcDirection, expiry: CltvExpiry) -> Competition {
    match direction {
        HtlcDirection::Accepted => Competition::From(expiry.to_height().saturating_add(1)),
        HtlcDirection::Offered => Competition::Now,
    }
}

const fn opposite(direction: HtlcDirection) -> HtlcDirection {
    match direction {
        HtlcDirection::Offered => HtlcDirection::Accepted,
        HtlcDirection::Accepted => HtlcDirection::Offered,
    }
}
