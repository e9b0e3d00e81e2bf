//! One channel of the ledger: its fundings, balances and HTLCs.

use bitcoin::{Amount, OutPoint};

use super::PayError;
use crate::commitment::{CommitmentError, CommitmentOutputs, CommitmentSpec, SpecUpdate};
use crate::dust::DustExposure;
use crate::limits::{ChannelParams, PayableSet, PaymentRefusal, msat};
use crate::quantity::{ChannelId, HtlcId, Msat, PerSide, Side};

/// A channel as the ledger keeps it. It changes only through [`DustFreeChannelManager`](super::DustFreeChannelManager)
/// and [`SplicingManager`](super::SplicingManager).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerChannel {
    pub(super) id: ChannelId,
    pub(super) status: ChannelStatus,
    pub(super) current: Funding,
    /// While a splice is not locked: the funding before it, whose commitments are still valid.
    pub(super) previous: Option<Funding>,
    pub(super) next_htlc: PerSide<HtlcId>,
}

/// Whether a channel can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum ChannelStatus {
    /// It pays and splices.
    Active,
    /// It does neither: the peer is away, or the channel is closing.
    Inactive,
}

/// A funding output and the state of the commitments that spend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Funding {
    pub(super) outpoint: OutPoint,
    pub(super) params: ChannelParams,
    pub(super) spec: CommitmentSpec,
}

/// How value moves from one side to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// By an agreed change of balances.
    Direct,
    /// By an HTLC.
    Htlc,
}

impl Funding {
    fn allowed(&self, route: Route, side: Side) -> Result<PayableSet, PaymentRefusal> {
        match route {
            Route::Direct => self.params.transferable(&self.spec, side),
            Route::Htlc => self.params.payable(&self.spec, side),
        }
    }

    fn check(&self, route: Route, side: Side, amount: Msat) -> Result<(), PaymentRefusal> {
        match route {
            Route::Direct => self.params.check_transfer(&self.spec, side, amount),
            Route::Htlc => self.params.check_offer(&self.spec, side, amount),
        }
    }

    pub(super) fn outputs(&self, owner: Side) -> Result<CommitmentOutputs, CommitmentError> {
        CommitmentOutputs::of(&self.params.terms, &self.spec, owner)
    }

    /// This funding after `updates`, if both of its commitments can be built then.
    fn after(&self, updates: &[SpecUpdate]) -> Result<Self, PayError> {
        let spec = self.spec.apply_all(updates.iter().copied())?;
        let next = Self { outpoint: self.outpoint, params: self.params, spec };
        for owner in Side::ALL {
            next.outputs(owner)?;
        }
        Ok(next)
    }

    /// The smallest balance of `side` that has an output on both commitments, in msat: the larger trim limit, and for
    /// the opener fee and anchors too.
    pub(super) fn smallest_kept_balance(&self, side: Side) -> Msat {
        let terms = &self.params.terms;
        let kept = |owner| {
            let costs = if side == terms.opener {
                terms.opener_costs(self.spec.feerate(), terms.untrimmed_htlcs(&self.spec, owner))
            } else {
                Amount::ZERO
            };
            msat(terms.trim.of(owner).to_amount()).saturating_add(msat(costs))
        };
        kept(Side::Local).max(kept(Side::Remote))
    }
}

impl LedgerChannel {
    /// The id, which splices do not change.
    pub const fn id(&self) -> ChannelId {
        self.id
    }

    /// Whether the channel can be used.
    pub const fn status(&self) -> ChannelStatus {
        self.status
    }

    /// The newest funding output.
    pub const fn funding(&self) -> OutPoint {
        self.current.outpoint
    }

    /// The value of the newest funding output, in sat.
    pub const fn capacity(&self) -> Amount {
        self.current.params.terms.capacity
    }

    /// The balance of `side` in the newest commitments, in msat.
    pub const fn balance(&self, side: Side) -> Msat {
        self.current.spec.balance(side)
    }

    /// Both balances, in msat.
    pub fn balances(&self) -> PerSide<Msat> {
        PerSide::from_fn(|side| self.balance(side))
    }

    /// The terms and limits of the newest funding.
    pub const fn params(&self) -> &ChannelParams {
        &self.current.params
    }

    /// Balances, feerate and HTLCs of the newest funding.
    pub const fn spec(&self) -> &CommitmentSpec {
        &self.current.spec
    }

    /// The funding before a splice that is not locked yet: its commitments are valid too, and payments must fit both.
    pub fn pending_splice_of(&self) -> Option<OutPoint> {
        self.previous.as_ref().map(|funding| funding.outpoint)
    }

    /// The outputs of the commitment of `owner` for the newest funding.
    ///
    /// # Errors
    /// [`CommitmentError`] when it cannot be built, which no operation of the ledger leads to.
    pub fn outputs(&self, owner: Side) -> Result<CommitmentOutputs, CommitmentError> {
        self.current.outputs(owner)
    }

    /// The HTLCs without output on each commitment, at the buffered feerate; with a splice pending, of the newest one.
    pub fn dust_exposure(&self) -> DustExposure {
        self.current.params.dust_exposure(&self.current.spec)
    }

    /// The amounts `side` can pay directly.
    ///
    /// # Errors
    /// The reason when there are none.
    pub fn transferable(&self, side: Side) -> Result<PayableSet, PaymentRefusal> {
        self.allowed(Route::Direct, side)
    }

    /// The amounts `side` can pay with an HTLC.
    ///
    /// # Errors
    /// The reason when there are none.
    pub fn payable(&self, side: Side) -> Result<PayableSet, PaymentRefusal> {
        self.allowed(Route::Htlc, side)
    }

    /// The newest splice is final: commitments of the funding before it are void. True if there was one.
    pub fn lock_splice(&mut self) -> bool {
        self.previous.take().is_some()
    }

    pub(super) fn fundings(&self) -> impl Iterator<Item = &Funding> {
        core::iter::once(&self.current).chain(&self.previous)
    }

    /// The amounts that every valid funding allows.
    pub(super) fn allowed(&self, route: Route, side: Side) -> Result<PayableSet, PaymentRefusal> {
        let current = self.current.allowed(route, side)?;
        let Some(previous) = &self.previous else { return Ok(current) };
        let before = previous.allowed(route, side)?;
        match before.intersection(&current) {
            Some(both) => Ok(both),
            // What one funding allows the other refuses: either refusal is a reason.
            None => Err(previous.check(route, side, current.min()).expect_err("the sets share no amount")),
        }
    }

    /// Checks an amount against every valid funding.
    pub(super) fn check(&self, route: Route, side: Side, amount: Msat) -> Result<(), PaymentRefusal> {
        self.fundings().try_for_each(|funding| funding.check(route, side, amount))
    }

    /// Applies updates to every valid funding, or to none.
    pub(super) fn apply(&mut self, updates: &[SpecUpdate]) -> Result<(), PayError> {
        let current = self.current.after(updates)?;
        let previous = self.previous.as_ref().map(|funding| funding.after(updates)).transpose()?;
        (self.current, self.previous) = (current, previous);
        Ok(())
    }
}
