//! Which amounts a side may pay directly, by a change of balances that both sides sign.

use super::{ChannelParams, PayableRange, PayableSet, PaymentRefusal};
use crate::commitment::CommitmentSpec;
use crate::quantity::{Msat, Side};

impl ChannelParams {
    /// Checks whether `from` may pay `amount` without an HTLC: the payer keeps its reserve and, if it is the opener, fee
    /// and anchors of both commitments as they are. The payee may hold any amount, also one that is trimmed.
    ///
    /// # Errors
    /// [`PaymentRefusal::BelowMinimum`] for nothing, [`PaymentRefusal::Unaffordable`] for too much.
    pub fn check_transfer(
        &self,
        spec: &CommitmentSpec,
        from: Side,
        amount: Msat,
    ) -> Result<(), PaymentRefusal> {
        if amount.is_zero() {
            return Err(PaymentRefusal::BelowMinimum { minimum: Msat::ONE });
        }
        let (max, refusal) = self.transfer_limit(spec, from);
        if amount > max { Err(refusal) } else { Ok(()) }
    }

    /// Every amount that [`Self::check_transfer`] accepts.
    ///
    /// # Errors
    /// When there is none: [`PaymentRefusal::Unaffordable`].
    pub fn transferable(&self, spec: &CommitmentSpec, from: Side) -> Result<PayableSet, PaymentRefusal> {
        let (max, refusal) = self.transfer_limit(spec, from);
        let range = (!max.is_zero()).then_some(PayableRange { min: Msat::ONE, max });
        PayableSet::from_ascending(range).ok_or(refusal)
    }

    fn transfer_limit(&self, spec: &CommitmentSpec, side: Side) -> (Msat, PaymentRefusal) {
        let balance = spec.balance(side);
        let required = self.required(side, self.costs_of(spec, side));
        (balance.saturating_sub(required), PaymentRefusal::Unaffordable { side, balance, required })
    }
}
