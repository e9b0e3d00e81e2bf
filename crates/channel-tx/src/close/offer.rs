//! Which variants a closer may offer, and which the closee picks (BOLT 2, `closing_complete`).

use alloc::vec::Vec;

use bitcoin::Amount;
use bitcoin::absolute::LockTime;
use channel_core::{PerSide, Side};

use super::{CloseError, CloseVariant, ClosingChannel, ClosingTransaction, ShutdownScript};

/// What `closing_complete` proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseProposal {
    /// Who proposes, and pays the fee.
    pub closer: Side,
    /// The scripts of both, from their last `shutdown` or `closing_complete`.
    pub scripts: PerSide<ShutdownScript>,
    /// `fee_satoshis`: what the closer pays out of its balance, in sat.
    pub fee: Amount,
    /// The lock time of the transaction.
    pub lock_time: LockTime,
}

/// The least a party wants an output for, in sat: less costs more to spend than it is worth. Dust is never kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorthKeeping(Amount);

impl WorthKeeping {
    /// Everything that can be relayed.
    pub const ALL: Self = Self(Amount::ZERO);

    /// Outputs from `least` on.
    pub const fn from(least: Amount) -> Self {
        Self(least)
    }

    fn covers(self, value: Amount) -> bool {
        value >= self.0
    }
}

impl ClosingChannel {
    /// The variants the closer signs, by the rules for the sender of `closing_complete`; never none.
    ///
    /// With the smaller balance it may leave itself out, and does when its output is dust or not `worth` keeping: that is
    /// then all it offers, since a closee that is given both outputs has to take both. With the larger it offers to leave
    /// the closee out, and must do no more than that when the closee's output is dust. No variant with an
    /// output of dust is offered.
    ///
    /// # Errors
    /// [`CloseError::Fee`] when the closer cannot pay it, [`CloseError::NothingToOffer`] when no variant is left.
    pub fn offers(
        &self,
        proposal: &CloseProposal,
        worth: WorthKeeping,
    ) -> Result<Vec<ClosingTransaction>, CloseError> {
        self.check_fee(proposal)?;
        let own = self.output_value(proposal, proposal.closer);
        let uneconomic = !worth.covers(own) && !proposal.scripts.of(proposal.closer).is_op_return();
        let gives_up = (uneconomic || self.is_dust(proposal, proposal.closer))
            && self.allows(proposal, CloseVariant::CloseeOutputOnly);
        let wanted = |variant: CloseVariant| match variant {
            CloseVariant::CloserOutputOnly => true,
            CloseVariant::CloseeOutputOnly => gives_up,
            // A closee that is given both has to take both.
            CloseVariant::CloserAndCloseeOutputs => !gives_up,
        };
        let offered = CloseVariant::ALL
            .into_iter()
            .filter(|variant| wanted(*variant) && self.allows(proposal, *variant))
            .map(|variant| self.build(proposal, variant))
            .collect::<Vec<_>>();
        if offered.is_empty() { Err(CloseError::NothingToOffer) } else { Ok(offered) }
    }

    /// Every variant that the rules allow at these balances, whether or not anybody wants it.
    ///
    /// # Errors
    /// [`CloseError::Fee`] when the closer cannot pay it.
    pub fn variants(&self, proposal: &CloseProposal) -> Result<Vec<ClosingTransaction>, CloseError> {
        self.check_fee(proposal)?;
        let allowed = CloseVariant::ALL.into_iter().filter(|variant| self.allows(proposal, *variant));
        Ok(allowed.map(|variant| self.build(proposal, variant)).collect())
    }

    /// One variant: the closer's, when `closing_sig` names the one the closee picked.
    ///
    /// # Errors
    /// [`CloseError::Variant`] when it is not allowed.
    pub fn variant(
        &self,
        proposal: &CloseProposal,
        variant: CloseVariant,
    ) -> Result<ClosingTransaction, CloseError> {
        self.check_fee(proposal)?;
        if !self.allows(proposal, variant) {
            return Err(CloseError::Variant { variant });
        }
        Ok(self.build(proposal, variant))
    }

    /// The variant the closee picks of those the closer `signed`, by the rules for the receiver of `closing_complete`. Its
    /// output goes to `script`, the one it has sent last, and to no other.
    ///
    /// It leaves its own output out when that is dust, or not `worth` keeping and the rules let it; else it takes both
    /// outputs, or its own alone where the closer gave up its own.
    ///
    /// # Errors
    /// [`CloseError::OtherScript`] for another script, [`CloseError::NotOffered`] when the variant to be picked is not signed, [`CloseError::Variant`] when the closer may
    /// not offer it, [`CloseError::Fee`] when it cannot pay the fee.
    pub fn pick(
        &self,
        proposal: &CloseProposal,
        script: &ShutdownScript,
        signed: &[CloseVariant],
        worth: WorthKeeping,
    ) -> Result<ClosingTransaction, CloseError> {
        let closee = proposal.closer.other();
        if proposal.scripts.of(closee) != script {
            return Err(CloseError::OtherScript { closee });
        }
        self.check_fee(proposal)?;
        let own = self.output_value(proposal, closee);
        let uneconomic = !worth.covers(own) && !proposal.scripts.of(closee).is_op_return();
        // A closer with the smaller balance may not sign away ours.
        let uneconomic = uneconomic && self.allows(proposal, CloseVariant::CloserOutputOnly);
        let variant = if self.is_dust(proposal, closee) || uneconomic {
            CloseVariant::CloserOutputOnly
        } else if signed.contains(&CloseVariant::CloserAndCloseeOutputs) {
            CloseVariant::CloserAndCloseeOutputs
        } else {
            CloseVariant::CloseeOutputOnly
        };
        if !signed.contains(&variant) {
            return Err(CloseError::NotOffered { variant });
        }
        self.variant(proposal, variant)
    }

    /// Whether the closer may offer `variant`: who has the larger balance cannot leave itself out, who has the smaller
    /// cannot leave the other out; and every output there is can be relayed.
    fn allows(&self, proposal: &CloseProposal, variant: CloseVariant) -> bool {
        let closer = proposal.closer;
        let lesser = self.balance(closer) < self.balance(closer.other());
        let by_balance = match variant {
            CloseVariant::CloserOutputOnly => !lesser,
            CloseVariant::CloseeOutputOnly => lesser,
            CloseVariant::CloserAndCloseeOutputs => true,
        };
        let relayed = |side: Side, there: bool| !there || !self.is_dust(proposal, side);
        by_balance && relayed(closer, variant.pays_closer()) && relayed(closer.other(), variant.pays_closee())
    }
}
