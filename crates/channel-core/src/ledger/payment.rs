//! Payments over a channel of the ledger, and HTLCs that stay in flight.

use super::channel::Route;
use super::{ChannelStatus, LedgerChannel, PayError};
use crate::commitment::{SpecError, SpecUpdate};
use crate::htlc::Htlc;
use crate::limits::{NearestPayable, PaymentRefusal};
use crate::quantity::{ChannelId, CltvExpiry, HtlcId, Msat, PaymentHash, PerSide, Side};

/// A payment from one side to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Payment {
    from: Side,
    amount: Msat,
    fee: Option<Msat>,
}

impl Payment {
    /// A direct payment: balances change by agreement, and there is no fee.
    pub const fn direct(from: Side, amount: Msat) -> Self {
        Self { from, amount, fee: None }
    }

    /// A payment that the payee forwards, for `fee`: amount and fee both move to the payee's side and stay in the channel.
    /// It passes as an HTLC, so the rules for HTLCs apply to their sum.
    pub const fn forwarded(from: Side, amount: Msat, fee: Msat) -> Self {
        Self { from, amount, fee: Some(fee) }
    }

    /// Who pays.
    pub const fn from(&self) -> Side {
        self.from
    }

    /// The amount without the fee, in msat.
    pub const fn amount(&self) -> Msat {
        self.amount
    }

    /// The fee of a forwarded payment, in msat; `None` for a direct one.
    pub const fn fee(&self) -> Option<Msat> {
        self.fee
    }

    /// What moves within the channel: amount and fee, in msat.
    #[must_use]
    pub fn moved(&self) -> Msat {
        self.amount.saturating_add(self.fee.unwrap_or(Msat::ZERO))
    }
}

/// What a payment did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PaymentReceipt {
    /// The channel.
    pub channel: ChannelId,
    /// The payment.
    pub payment: Payment,
    /// The balances afterwards, in msat.
    pub balances: PerSide<Msat>,
    /// Whether each side now holds a balance without an output on one of the commitments. That is legal: the value goes
    /// to fees (or the shared anchor) if the channel is closed by force while it lasts.
    pub trimmed: PerSide<bool>,
    /// The HTLCs without output on the commitment of each side, in msat.
    pub dust_exposure: PerSide<Msat>,
}

/// An HTLC to be offered; the ledger gives it its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NewHtlc {
    /// Who offers it.
    pub from: Side,
    /// What it pays, in msat.
    pub amount: Msat,
    /// The hash that locks it.
    pub payment_hash: PaymentHash,
    /// The height at which it times out.
    pub cltv_expiry: CltvExpiry,
}

impl LedgerChannel {
    pub(super) fn pay(&mut self, payment: Payment) -> Result<PaymentReceipt, PayError> {
        self.check_active()?;
        let (from, amount) = (payment.from, payment.moved());
        let route = if payment.fee.is_some() { Route::Htlc } else { Route::Direct };
        if payment.amount.is_zero() {
            return Err(self.refused(
                route,
                from,
                amount,
                PaymentRefusal::BelowMinimum { minimum: Msat::ONE },
            ));
        }
        self.check(route, from, amount).map_err(|reason| self.refused(route, from, amount, reason))?;
        self.apply(&[SpecUpdate::Transfer { from, amount }])?;
        let dust = |side| {
            let balance = self.balance(side);
            !balance.is_zero() && balance < self.current.smallest_kept_balance(side)
        };
        let exposure = self.dust_exposure();
        Ok(PaymentReceipt {
            channel: self.id,
            payment,
            balances: self.balances(),
            trimmed: PerSide::from_fn(dust),
            dust_exposure: PerSide::from_fn(|owner| exposure.on(owner)),
        })
    }

    pub(super) fn offer(&mut self, new: NewHtlc) -> Result<HtlcId, PayError> {
        self.check_active()?;
        let NewHtlc { from, amount, payment_hash, cltv_expiry } = new;
        let refusal = self.check(Route::Htlc, from, amount);
        refusal.map_err(|reason| self.refused(Route::Htlc, from, amount, reason))?;
        let id = *self.next_htlc.of(from);
        let next = id.next().ok_or(SpecError::DuplicateHtlc { offered_by: from, id })?;
        self.apply(&[SpecUpdate::Add(Htlc { id, offered_by: from, amount, payment_hash, cltv_expiry })])?;
        *self.next_htlc.of_mut(from) = next;
        Ok(id)
    }

    /// Claims or returns an HTLC; that needs no active channel, since the chain can force it.
    pub(super) fn settle(&mut self, update: SpecUpdate) -> Result<(), PayError> {
        self.apply(&[update])
    }

    fn refused(&self, route: Route, from: Side, amount: Msat, reason: PaymentRefusal) -> PayError {
        let nearest = self.allowed(route, from).map_or(NearestPayable::default(), |set| set.nearest(amount));
        PayError::Refused { amount, reason, nearest }
    }

    fn check_active(&self) -> Result<(), PayError> {
        match self.status {
            ChannelStatus::Active => Ok(()),
            ChannelStatus::Inactive => Err(PayError::NotActive { id: self.id }),
        }
    }
}
