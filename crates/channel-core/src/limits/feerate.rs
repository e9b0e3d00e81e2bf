//! Which feerates the opener may set (BOLT 2, "Updating Fees").

use super::{ChannelParams, FeerateRefusal};
use crate::commitment::{CommitmentSpec, SpecUpdate};
use crate::quantity::{FeerateKw, Side};

impl ChannelParams {
    /// Checks whether the opener may set `feerate`: it must pay for both commitments above its reserve, and no
    /// commitment may trim more than the exposure allows. Where the channel is already past a limit, a feerate that
    /// does not take it further is accepted: lowering it is the cure.
    ///
    /// # Errors
    /// [`FeerateRefusal`].
    pub fn check_feerate(&self, spec: &CommitmentSpec, feerate: FeerateKw) -> Result<(), FeerateRefusal> {
        if self.terms.format.is_zero_fee() {
            return Err(FeerateRefusal::ZeroFeeFormat);
        }
        let next = spec.apply(SpecUpdate::Feerate(feerate)).expect("a feerate moves no value");
        let opener = self.terms.opener;
        let balance = next.balance(opener);
        let required = self.required(opener, self.costs_of(&next, opener));
        if balance < required && required > self.required(opener, self.costs_of(spec, opener)) {
            return Err(FeerateRefusal::Unaffordable { balance, required });
        }
        let (exposure, today) = (self.dust_exposure(&next), self.dust_exposure(spec));
        let past = |owner: &Side| exposure.on(*owner) > today.on(*owner).max(self.max_dust_exposure);
        match Side::ALL.into_iter().find(past) {
            Some(commitment) => {
                Err(FeerateRefusal::DustExposure { commitment, exposure: exposure.on(commitment) })
            }
            None => Ok(()),
        }
    }
}
