//! Which feerates the opener may set (BOLT 2, "Updating Fees").

use super::{ChannelParams, FeerateRefusal};
use crate::commitment::{CommitmentSpec, SpecUpdate};
use crate::quantity::{FeerateKw, Side};

impl ChannelParams {
    /// Checks whether the opener may set `feerate`: it must pay for both commitments above its reserve, and no
    /// commitment may trim more than the exposure allows.
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
        if balance < required {
            return Err(FeerateRefusal::Unaffordable { balance, required });
        }
        let exposure = self.dust_exposure(&next);
        match Side::ALL.into_iter().find(|owner| exposure.on(*owner) > self.max_dust_exposure) {
            Some(commitment) => {
                Err(FeerateRefusal::DustExposure { commitment, exposure: exposure.on(commitment) })
            }
            None => Ok(()),
        }
    }
}
