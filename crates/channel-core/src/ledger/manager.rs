//! The ledger of all channels.

use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;

use bitcoin::Amount;

use super::channel::Funding;
use super::{
    ChannelStatus, CreateError, DustReport, LedgerChannel, LedgerError, LedgerPolicy, MinimumBalance,
    NewChannel, NewHtlc, OptimisationReport, PayError, Payment, PaymentReceipt, RecoveryOptions,
};
use crate::commitment::{CommitmentSpec, CommitmentTerms, SpecUpdate};
use crate::limits::{ChannelParams, msat};
use crate::quantity::{ChannelId, FeerateKw, HtlcId, Msat, PerSide, Side};

/// Creates channels, moves value over them, and says where dust is, what it costs and how to be rid of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "super::snapshot::LedgerV1", into = "super::snapshot::LedgerV1")
)]
pub struct DustFreeChannelManager {
    pub(super) policy: LedgerPolicy,
    pub(super) channels: BTreeMap<ChannelId, LedgerChannel>,
}

impl DustFreeChannelManager {
    /// An empty ledger with this policy for new channels.
    pub const fn new(policy: LedgerPolicy) -> Self {
        Self { policy, channels: BTreeMap::new() }
    }

    /// The policy for new channels.
    pub const fn policy(&self) -> &LedgerPolicy {
        &self.policy
    }

    /// Every channel, in the order of the ids.
    pub fn channels(&self) -> impl Iterator<Item = &LedgerChannel> {
        self.channels.values()
    }

    /// One channel.
    pub fn channel(&self, id: ChannelId) -> Option<&LedgerChannel> {
        self.channels.get(&id)
    }

    /// One channel, for [`SplicingManager`](super::SplicingManager).
    pub fn channel_mut(&mut self, id: ChannelId) -> Option<&mut LedgerChannel> {
        self.channels.get_mut(&id)
    }

    /// Creates a channel. Its id is the funding txid XOR the output index (BOLT 2); balances are taken as given, never
    /// adjusted.
    ///
    /// # Errors
    /// [`CreateError`] when the channel exists, its capacity is outside the policy, or a side starts with too little:
    /// the opener needs its reserve, fee and anchors, and the policy may ask more.
    pub fn create(&mut self, new: NewChannel) -> Result<&LedgerChannel, CreateError> {
        let id = ChannelId::from_funding(new.funding)?;
        let funding = self.funding_of(new)?;
        let htlc = HtlcId::new(0);
        match self.channels.entry(id) {
            Entry::Occupied(_) => Err(CreateError::Duplicate { id }),
            Entry::Vacant(entry) => Ok(entry.insert(LedgerChannel {
                id,
                status: ChannelStatus::Active,
                current: funding,
                previous: None,
                next_htlc: PerSide { local: htlc, remote: htlc },
            })),
        }
    }

    fn funding_of(&self, new: NewChannel) -> Result<Funding, CreateError> {
        let policy = &self.policy;
        let (min, max) = (policy.funding_threshold, policy.max_channel_value.min(Amount::MAX_MONEY));
        if new.capacity < min || new.capacity > max {
            return Err(CreateError::Capacity { min, max, capacity: new.capacity });
        }
        let above = CreateError::AboveCapacity { balance: new.local_balance, capacity: new.capacity };
        let remote = msat(new.capacity).checked_sub(new.local_balance).ok_or(above)?;
        let mut params = ChannelParams::new(CommitmentTerms {
            format: policy.format,
            opener: new.opener,
            capacity: new.capacity,
            trim: policy.trim,
        });
        params.max_dust_exposure = policy.max_dust_exposure;
        let spec =
            CommitmentSpec::new(PerSide { local: new.local_balance, remote }, policy.commitment_feerate())
                .expect("the balances add up to the capacity");
        for side in Side::ALL {
            let (balance, minimum) = (spec.balance(side), self.minimum_balance(&params, &spec, side));
            if balance < minimum {
                return Err(CreateError::BelowMinimum { side, balance, minimum });
            }
        }
        Ok(Funding { outpoint: new.funding, params, spec })
    }

    /// What `side` must start with: what the policy asks, and the opener also its reserve, fee and anchors. BOLT 2 wants
    /// one side above its reserve as well; where neither is, 1 msat more is asked of the opener.
    fn minimum_balance(&self, params: &ChannelParams, spec: &CommitmentSpec, side: Side) -> Msat {
        let terms = &params.terms;
        let smallest = terms.trim.local.max(terms.trim.remote).to_amount();
        let by_policy = match self.policy.minimum_balance {
            MinimumBalance::None => Msat::ZERO,
            MinimumBalance::TwiceTrimLimit => msat(smallest).saturating_add(msat(smallest)),
        };
        if side != terms.opener {
            return by_policy;
        }
        let reserve = msat(params.limits.of(side).channel_reserve);
        let costs = msat(terms.opener_costs(spec.feerate(), 0));
        let above_reserve = Side::ALL.into_iter().any(|side| spec.balance(side) > reserve);
        let extra = if above_reserve { Msat::ZERO } else { Msat::ONE };
        by_policy.max(reserve.saturating_add(costs).saturating_add(extra))
    }

    /// Makes a payment.
    ///
    /// # Errors
    /// [`PayError`]; a refused amount comes with the reason and the payable amounts next to it.
    pub fn pay(&mut self, id: ChannelId, payment: Payment) -> Result<PaymentReceipt, PayError> {
        self.payer(id)?.pay(payment)
    }

    /// Offers an HTLC, which stays in flight until it is settled or failed.
    ///
    /// # Errors
    /// As [`Self::pay`].
    pub fn offer(&mut self, id: ChannelId, htlc: NewHtlc) -> Result<HtlcId, PayError> {
        self.payer(id)?.offer(htlc)
    }

    /// Pays an HTLC out to the side it was offered to.
    ///
    /// # Errors
    /// [`PayError::UnknownChannel`] or [`PayError::Htlc`] when there is no such channel or HTLC.
    pub fn fulfill(&mut self, id: ChannelId, offered_by: Side, htlc: HtlcId) -> Result<(), PayError> {
        self.payer(id)?.settle(SpecUpdate::Fulfill { offered_by, id: htlc })
    }

    /// Returns an HTLC to its offerer.
    ///
    /// # Errors
    /// As [`Self::fulfill`].
    pub fn fail(&mut self, id: ChannelId, offered_by: Side, htlc: HtlcId) -> Result<(), PayError> {
        self.payer(id)?.settle(SpecUpdate::Fail { offered_by, id: htlc })
    }

    /// Sets whether a channel can be used.
    ///
    /// # Errors
    /// [`LedgerError::UnknownChannel`].
    pub fn set_status(&mut self, id: ChannelId, status: ChannelStatus) -> Result<(), LedgerError> {
        let channel = self.channels.get_mut(&id).ok_or(LedgerError::UnknownChannel { id })?;
        channel.status = status;
        Ok(())
    }

    /// What is trimmed from a channel, and what would lift each balance above its limit.
    ///
    /// # Errors
    /// [`LedgerError::UnknownChannel`].
    pub fn dust_report(&self, id: ChannelId) -> Result<DustReport, LedgerError> {
        Ok(DustReport::of(self.known(id)?)?)
    }

    /// The ways to recover the dust of a channel, priced at this on-chain feerate; none when there is no dust.
    ///
    /// # Errors
    /// [`LedgerError::UnknownChannel`].
    pub fn recovery_options(
        &self,
        id: ChannelId,
        feerate: FeerateKw,
    ) -> Result<RecoveryOptions, LedgerError> {
        Ok(RecoveryOptions::of(self.known(id)?, feerate))
    }

    /// Looks over every channel: imbalance, dust and the best way out of it at this on-chain feerate.
    ///
    /// # Errors
    /// [`LedgerError::Commitment`] when the commitments of a channel cannot be built.
    pub fn optimise(&self, feerate: FeerateKw) -> Result<OptimisationReport, LedgerError> {
        Ok(OptimisationReport::of(self.channels.values(), feerate)?)
    }

    /// Everything all channels hold, in msat.
    pub fn total(&self) -> Msat {
        self.channels.values().map(|channel| channel.spec().total()).sum()
    }

    fn payer(&mut self, id: ChannelId) -> Result<&mut LedgerChannel, PayError> {
        self.channels.get_mut(&id).ok_or(PayError::UnknownChannel { id })
    }

    fn known(&self, id: ChannelId) -> Result<&LedgerChannel, LedgerError> {
        self.channels.get(&id).ok_or(LedgerError::UnknownChannel { id })
    }
}
