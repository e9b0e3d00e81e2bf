//! Commitments: what one says ([`CommitmentSpec`]), and which outputs and fee follow from it ([`CommitmentOutputs`]).
//!
//! The spec holds every HTLC, dust included. Outputs are derived later, per owner, because each side trims by its own
//! limit. No output is left out of the account: outputs and the named parts of the fee add up to the capacity.

mod error;
mod exit;
mod fee;
mod outputs;
mod spec;

pub use error::{CommitmentError, SpecError};
pub use fee::FeeBreakdown;
pub use outputs::{Anchors, CommitmentOutputs, HtlcOutput};
pub use spec::{CommitmentSpec, OwnerView, SpecUpdate};

use bitcoin::Amount;

use crate::dust::TrimLimit;
use crate::quantity::{CommitmentFormat, FeerateKw, PerSide, Side};

/// What the commitments of a channel have in common from one state to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct CommitmentTerms {
    /// How transactions are built.
    pub format: CommitmentFormat,
    /// The side that opened the channel: it pays commitment fees and anchors.
    pub opener: Side,
    /// The value of the funding output, in sat.
    #[cfg_attr(feature = "serde", serde(rename = "capacity_sat", with = "bitcoin::amount::serde::as_sat"))]
    pub capacity: Amount,
    /// The trim limit of each side, for its own commitment, in sat.
    #[cfg_attr(feature = "serde", serde(rename = "dust_limit_sat"))]
    pub trim: PerSide<TrimLimit>,
}

impl CommitmentTerms {
    /// The number of HTLC outputs on the commitment of `owner`.
    pub fn untrimmed_htlcs(&self, spec: &CommitmentSpec, owner: Side) -> usize {
        let limit = self.trim.of(owner);
        spec.htlcs()
            .filter(|htlc| !limit.trims_htlc(htlc.amount, self.format, htlc.direction(owner), spec.feerate()))
            .count()
    }

    /// The fee and anchors the opener pays for a commitment with this many HTLC outputs, in sat.
    pub fn opener_costs(&self, feerate: FeerateKw, untrimmed_htlcs: usize) -> Amount {
        let fee = self.format.commitment_fee(feerate, untrimmed_htlcs);
        fee.checked_add(self.format.anchors_total()).unwrap_or(Amount::MAX)
    }
}
