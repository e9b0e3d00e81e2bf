//! How much a side may splice out (BOLT 2, "Channel Splicing").

use bitcoin::Amount;

use super::{ChannelParams, SpliceOutRefusal};
use crate::commitment::CommitmentSpec;
use crate::quantity::Side;

impl ChannelParams {
    /// Checks whether `side` may take `amount` out of the channel, its share of the splice fee included. It keeps the
    /// reserve of the smaller channel and, if it is the opener, fee and anchors of both commitments.
    ///
    /// # Errors
    /// [`SpliceOutRefusal`] with what must stay.
    pub fn check_splice_out(
        &self,
        spec: &CommitmentSpec,
        side: Side,
        amount: Amount,
    ) -> Result<(), SpliceOutRefusal> {
        let balance = spec.balance(side).to_sat_floor();
        let costs = self.costs_of(spec, side);
        let capacity = self.terms.capacity.checked_sub(amount).unwrap_or(Amount::ZERO);
        let reserve = Self::reserve_for(capacity, self.terms.trim);
        let stays = |keep: Amount| {
            let rest = balance.checked_sub(amount).and_then(|rest| rest.checked_sub(keep));
            rest.is_some_and(|rest| rest >= reserve)
        };
        if stays(costs) {
            Ok(())
        } else if stays(Amount::ZERO) {
            Err(SpliceOutRefusal::OpenerCosts { balance, reserve, costs })
        } else {
            Err(SpliceOutRefusal::Reserve { balance, reserve })
        }
    }

    /// The most `side` may take out of the channel, its share of the splice fee included, in sat.
    ///
    /// With balance b (less the opener's costs), capacity c, and the larger trim limit d, the reserve after taking out
    /// w is max(d, ⌊(c − w)/100⌋), so that both w ≤ b − d and 99 w < 100 b − c + 100 must hold: the smaller of the two
    /// bounds is the answer.
    ///
    /// # Errors
    /// [`SpliceOutRefusal`] of 1 sat when nothing can be taken out.
    pub fn next_splice_out_maximum(
        &self,
        spec: &CommitmentSpec,
        side: Side,
    ) -> Result<Amount, SpliceOutRefusal> {
        let sat = |amount: Amount| i128::from(amount.to_sat());
        let balance = sat(spec.balance(side).to_sat_floor()) - sat(self.costs_of(spec, side));
        let above_trim = balance - sat(self.terms.trim.local.max(self.terms.trim.remote).to_amount());
        let above_percent = (100 * balance - sat(self.terms.capacity) + 99).div_euclid(99);
        match u64::try_from(above_trim.min(above_percent)) {
            Ok(maximum) if maximum > 0 => Ok(Amount::from_sat(maximum)),
            _ => Err(self
                .check_splice_out(spec, side, Amount::ONE_SAT)
                .expect_err("one satoshi is above the maximum")),
        }
    }
}
