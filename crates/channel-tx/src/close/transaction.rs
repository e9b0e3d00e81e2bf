//! One variant of a closing transaction.

use core::fmt;

use bitcoin::{Amount, Txid, Weight};

use super::CloseProposal;
use crate::funding::{RelayStep, ReplacementError, check_replacement, fee_after};
use crate::script::DigestError;
use crate::spend::UnsignedTransaction;

/// Which outputs a closing transaction has (BOLT 2, the signatures of `closing_complete`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CloseVariant {
    /// `closer_output_only`: the closee gives its output up.
    CloserOutputOnly,
    /// `closee_output_only`: the closer gives its output up.
    CloseeOutputOnly,
    /// `closer_and_closee_outputs`: both.
    CloserAndCloseeOutputs,
}

impl CloseVariant {
    /// Every variant, in the order of their numbers in BOLT 2.
    pub const ALL: [Self; 3] = [Self::CloserOutputOnly, Self::CloseeOutputOnly, Self::CloserAndCloseeOutputs];

    pub(super) const fn pays_closer(self) -> bool {
        !matches!(self, Self::CloseeOutputOnly)
    }

    pub(super) const fn pays_closee(self) -> bool {
        !matches!(self, Self::CloserOutputOnly)
    }
}

impl fmt::Display for CloseVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::CloserOutputOnly => "closer_output_only",
            Self::CloseeOutputOnly => "closee_output_only",
            Self::CloserAndCloseeOutputs => "closer_and_closee_outputs",
        })
    }
}

/// A closing transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosingTransaction {
    /// Which outputs it has.
    pub variant: CloseVariant,
    /// What it was proposed as.
    pub proposal: CloseProposal,
    /// The transaction. What both sign is the digest of its one input.
    pub unsigned: UnsignedTransaction,
    /// What it will weigh, signed: exactly with a MuSig2 key, at most with two ECDSA signatures.
    pub weight: Weight,
}

impl ClosingTransaction {
    /// What both parties sign: the BIP 341 key path digest, or the BIP 143 digest with `SIGHASH_ALL`.
    ///
    /// # Errors
    /// None that occurs: the one input has its previous output.
    pub fn sighash(&self) -> Result<[u8; 32], DigestError> {
        self.unsigned.digest(0)
    }

    /// Its id.
    pub fn txid(&self) -> Txid {
        self.unsigned.txid()
    }

    /// The lowest `fee_satoshis` with which the same variant replaces this one on every node (BIP 125, rules 3 and
    /// 4, with [`INCREMENTAL_RELAY`](crate::policy::INCREMENTAL_RELAY)), in sat.
    pub fn replacement_fee(&self) -> Amount {
        fee_after(self.proposal.fee, self.weight, RelayStep::AnyNode)
    }

    /// Checks that every node takes this transaction in place of `previous`, whoever proposed either.
    ///
    /// # Errors
    /// [`ReplacementError`] when it does not pay enough more, or spends another output.
    pub fn check_replaces(&self, previous: &Self) -> Result<(), ReplacementError> {
        check_replacement(&previous.unsigned, &self.unsigned, self.weight, RelayStep::AnyNode)
    }
}
