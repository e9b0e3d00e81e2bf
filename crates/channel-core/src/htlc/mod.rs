//! HTLCs: what one is, and the twenty states it passes through on the two commitments.

mod state;

pub use state::{HtlcEvent, HtlcState, Membership};

use crate::quantity::{CltvExpiry, HtlcId, Msat, PaymentHash, Side};

/// A payment in flight, locked by a hash and a height (BOLT 2, `update_add_htlc`).
///
/// Dust HTLCs are HTLCs like the others: whether one has an output is decided per commitment, when it is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct Htlc {
    /// The index its offerer gave it; each side counts its own.
    pub id: HtlcId,
    /// The side that pays if the preimage is shown.
    pub offered_by: Side,
    /// The amount in flight, in msat.
    #[cfg_attr(feature = "serde", serde(rename = "amount_msat"))]
    pub amount: Msat,
    /// The hash of the preimage that claims it.
    pub payment_hash: PaymentHash,
    /// The height from which the offerer can take it back.
    pub cltv_expiry: CltvExpiry,
}

impl Htlc {
    /// What this HTLC is on the commitment that `owner` can publish.
    pub fn direction(&self, owner: Side) -> HtlcDirection {
        if self.offered_by == owner { HtlcDirection::Offered } else { HtlcDirection::Accepted }
    }
}

/// What an HTLC is to the owner of the commitment it stands on; the two have different scripts and second levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum HtlcDirection {
    /// The owner pays it; its second level is the HTLC-timeout transaction.
    Offered,
    /// The owner may claim it; its second level is the HTLC-success transaction.
    Accepted,
}

impl HtlcDirection {
    /// Both directions.
    pub const ALL: [Self; 2] = [Self::Offered, Self::Accepted];
}
