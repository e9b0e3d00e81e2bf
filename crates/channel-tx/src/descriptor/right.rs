//! Who can spend an output, by which path, from when.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bitcoin::Sequence;
use bitcoin::absolute::LockTime;

use super::Participant;

/// Somebody who can sign.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signer {
    /// A party of the channel.
    Participant(Participant),
    /// Whoever holds this key, as the descriptor writes it.
    Holder(String),
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Participant(participant) => participant.fmt(f),
            Self::Holder(key) => write!(f, "the holder of {key}"),
        }
    }
}

/// A way to spend.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FundingPath {
    /// The internal key of a Taproot output (BIP 341).
    KeyPath,
    /// A leaf of the script tree.
    Leaf {
        /// Its place among the leaves, from 0, as the descriptor writes them.
        index: usize,
        /// Its depth in the tree; a lone leaf has 0.
        depth: u8,
        /// What it says, as miniscript.
        miniscript: String,
    },
    /// The one script of an output that is not Taproot.
    Script,
}

impl fmt::Display for FundingPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyPath => f.write_str("the key path"),
            Self::Leaf { index, .. } => write!(f, "leaf {index}"),
            Self::Script => f.write_str("the script"),
        }
    }
}

/// Whether a preimage is wanted beside signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Preimage {
    /// No.
    NotNeeded,
    /// At least one.
    Needed,
}

/// One way to spend the output: who signs, by which path, under which locks. None of the signers can be left out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SpendRight {
    /// Who has to sign; nobody, if anybody can spend.
    pub signers: Vec<Signer>,
    /// By which path.
    pub path: FundingPath,
    /// The lowest nLockTime that does.
    pub after: Option<LockTime>,
    /// The lowest nSequence that does, counted from the confirmation of the output (BIP 68).
    pub older: Option<Sequence>,
    /// Whether a preimage is needed.
    pub preimage: Preimage,
}

impl SpendRight {
    /// Whether one signer can do it alone, or nobody is needed.
    pub const fn is_single(&self) -> bool {
        self.signers.len() < 2
    }

    /// Whether `self` is at least as easy as `other` on the same path: no signer, lock or preimage more.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.path == other.path
            && self.signers.iter().all(|signer| other.signers.contains(signer))
            && absolute_within(self.after, other.after)
            && relative_within(self.older, other.older)
            && (self.preimage == Preimage::NotNeeded || other.preimage == Preimage::Needed)
    }
}

/// Whether an nLockTime that does for `high` does for `low`.
fn absolute_within(low: Option<LockTime>, high: Option<LockTime>) -> bool {
    match (low, high) {
        (None, _) => true,
        (Some(low), Some(high)) => low.is_implied_by(high),
        (Some(_), None) => false,
    }
}

/// Whether an nSequence that does for `high` does for `low`.
fn relative_within(low: Option<Sequence>, high: Option<Sequence>) -> bool {
    match (low, high) {
        (None, _) => true,
        (Some(low), Some(high)) => super::lock::is_open(low, high),
        (Some(_), None) => false,
    }
}

impl fmt::Display for SpendRight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.signers.as_slice() {
            [] => f.write_str("anybody can spend")?,
            [one] => write!(f, "{one} can spend alone")?,
            [first, rest @ ..] => {
                write!(f, "{first}")?;
                for signer in rest {
                    write!(f, " and {signer}")?;
                }
                f.write_str(" can spend together")?;
            }
        }
        write!(f, " by {}", self.path)?;
        match (self.after, self.older) {
            (None, None) => f.write_str(", at any time")?,
            (after, older) => {
                if let Some(after) = after {
                    f.write_str(match after {
                        LockTime::Blocks(_) => ", once the chain is at height ",
                        LockTime::Seconds(_) => ", once median time past is at ",
                    })?;
                    write!(f, "{}", after.to_consensus_u32())?;
                }
                if let Some(older) = older {
                    write!(f, ", {}", super::lock::Age(older))?;
                }
            }
        }
        match self.preimage {
            Preimage::NotNeeded => Ok(()),
            Preimage::Needed => f.write_str(", with a preimage"),
        }
    }
}
