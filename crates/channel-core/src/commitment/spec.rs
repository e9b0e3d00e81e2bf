//! What a commitment says: two balances, a feerate and the HTLCs in flight; changed only by a pure reducer.

use alloc::collections::BTreeMap;

use super::SpecError;
use crate::htlc::Htlc;
use crate::quantity::{AmountOverflow, FeerateKw, HtlcId, Msat, PerSide, Side};

/// Balances, feerate and HTLCs, before anything is trimmed. Updates keep the total value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "super::spec::snapshot::SpecV1", into = "super::spec::snapshot::SpecV1")
)]
pub struct CommitmentSpec {
    balances: PerSide<Msat>,
    feerate: FeerateKw,
    htlcs: BTreeMap<(Side, HtlcId), Htlc>,
}

/// One change of a spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SpecUpdate {
    /// An HTLC is offered: its amount leaves the offerer's balance.
    Add(Htlc),
    /// An HTLC is claimed: its amount goes to the side it was offered to.
    Fulfill {
        /// Who offered it.
        offered_by: Side,
        /// Its id.
        id: HtlcId,
    },
    /// An HTLC is given up: its amount returns to its offerer.
    Fail {
        /// Who offered it.
        offered_by: Side,
        /// Its id.
        id: HtlcId,
    },
    /// The opener changes the feerate.
    Feerate(FeerateKw),
    /// A direct change of balances, agreed by both sides, without an HTLC.
    Transfer {
        /// Who pays.
        from: Side,
        /// What it pays.
        amount: Msat,
    },
}

impl CommitmentSpec {
    /// A spec without HTLCs.
    ///
    /// # Errors
    /// [`AmountOverflow`] when the balances do not add up in 64 bits.
    pub fn new(balances: PerSide<Msat>, feerate: FeerateKw) -> Result<Self, AmountOverflow> {
        balances.local.checked_add(balances.remote).ok_or(AmountOverflow)?;
        Ok(Self { balances, feerate, htlcs: BTreeMap::new() })
    }

    /// A spec with HTLCs in flight, as a store or a node's listing shows it: their amounts have left the balances.
    ///
    /// # Errors
    /// [`SpecError::Overflow`] when it all does not add up in 64 bits, [`SpecError::DuplicateHtlc`] and
    /// [`SpecError::ZeroAmount`] for HTLCs that no update could have added.
    pub fn with_htlcs(
        balances: PerSide<Msat>,
        feerate: FeerateKw,
        htlcs: impl IntoIterator<Item = Htlc>,
    ) -> Result<Self, SpecError> {
        let mut spec = Self::new(balances, feerate).map_err(|_| SpecError::Overflow)?;
        let mut total = spec.total();
        for htlc in htlcs {
            if htlc.amount.is_zero() {
                return Err(SpecError::ZeroAmount);
            }
            total = total.checked_add(htlc.amount).ok_or(SpecError::Overflow)?;
            if spec.htlcs.insert((htlc.offered_by, htlc.id), htlc).is_some() {
                return Err(SpecError::DuplicateHtlc { offered_by: htlc.offered_by, id: htlc.id });
            }
        }
        Ok(spec)
    }

    /// The same spec as the other party sees it: who is local and who is remote is exchanged.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        let htlcs = self.htlcs.values().map(|htlc| {
            let offered_by = htlc.offered_by.other();
            ((offered_by, htlc.id), Htlc { offered_by, ..*htlc })
        });
        Self {
            balances: PerSide { local: self.balances.remote, remote: self.balances.local },
            feerate: self.feerate,
            htlcs: htlcs.collect(),
        }
    }

    /// The balance of `side`, without its HTLCs.
    pub const fn balance(&self, side: Side) -> Msat {
        *self.balances.of(side)
    }

    /// The feerate of the commitment.
    pub const fn feerate(&self) -> FeerateKw {
        self.feerate
    }

    /// Every HTLC: ours, then the peer's, each in the order of their ids.
    pub fn htlcs(&self) -> impl Iterator<Item = &Htlc> {
        self.htlcs.values()
    }

    /// One HTLC.
    pub fn htlc(&self, offered_by: Side, id: HtlcId) -> Option<&Htlc> {
        self.htlcs.get(&(offered_by, id))
    }

    /// Balances and HTLCs together. No update changes it but by a bug.
    pub fn total(&self) -> Msat {
        let in_flight = self.htlcs.values().map(|htlc| htlc.amount);
        [self.balances.local, self.balances.remote].into_iter().chain(in_flight).sum()
    }

    /// The spec as the owner of a commitment sees it.
    pub const fn view(&self, owner: Side) -> OwnerView<'_> {
        OwnerView { spec: self, owner }
    }

    /// The spec after one update; this one is left as it is.
    ///
    /// # Errors
    /// [`SpecError`] when the update names an unknown or existing HTLC, moves nothing, or more than there is.
    pub fn apply(&self, update: SpecUpdate) -> Result<Self, SpecError> {
        self.apply_all([update])
    }

    /// The spec after several updates in order: all of them, or none.
    ///
    /// # Errors
    /// As [`Self::apply`], for the first update that does not fit.
    pub fn apply_all(&self, updates: impl IntoIterator<Item = SpecUpdate>) -> Result<Self, SpecError> {
        updates.into_iter().try_fold(self.clone(), Self::step)
    }

    fn step(mut self, update: SpecUpdate) -> Result<Self, SpecError> {
        match update {
            SpecUpdate::Add(htlc) => self.add(htlc)?,
            SpecUpdate::Fulfill { offered_by, id } => self.remove(offered_by, id, offered_by.other())?,
            SpecUpdate::Fail { offered_by, id } => self.remove(offered_by, id, offered_by)?,
            SpecUpdate::Feerate(feerate) => self.feerate = feerate,
            SpecUpdate::Transfer { from, amount } => {
                self.debit(from, amount)?;
                self.credit(from.other(), amount);
            }
        }
        Ok(self)
    }

    fn add(&mut self, htlc: Htlc) -> Result<(), SpecError> {
        let key = (htlc.offered_by, htlc.id);
        if self.htlcs.contains_key(&key) {
            return Err(SpecError::DuplicateHtlc { offered_by: htlc.offered_by, id: htlc.id });
        }
        self.debit(htlc.offered_by, htlc.amount)?;
        self.htlcs.insert(key, htlc);
        Ok(())
    }

    fn remove(&mut self, offered_by: Side, id: HtlcId, payee: Side) -> Result<(), SpecError> {
        let htlc = self.htlcs.remove(&(offered_by, id)).ok_or(SpecError::UnknownHtlc { offered_by, id })?;
        self.credit(payee, htlc.amount);
        Ok(())
    }

    fn debit(&mut self, side: Side, amount: Msat) -> Result<(), SpecError> {
        if amount.is_zero() {
            return Err(SpecError::ZeroAmount);
        }
        let balance = self.balances.of_mut(side);
        *balance = balance.checked_sub(amount).ok_or(SpecError::InsufficientBalance {
            side,
            balance: *balance,
            amount,
        })?;
        Ok(())
    }

    fn credit(&mut self, side: Side, amount: Msat) {
        let balance = self.balances.of_mut(side);
        *balance = balance.checked_add(amount).expect("the total fits into 64 bits and updates keep it");
    }
}

/// A [`CommitmentSpec`] from the point of view of one commitment's owner: "local" is the owner here, as in BOLT 3.
#[derive(Debug, Clone, Copy)]
pub struct OwnerView<'a> {
    spec: &'a CommitmentSpec,
    owner: Side,
}

impl<'a> OwnerView<'a> {
    /// Whose commitment it is.
    pub const fn owner(&self) -> Side {
        self.owner
    }

    /// The owner's balance, before fee and anchors.
    pub const fn to_local(&self) -> Msat {
        self.spec.balance(self.owner)
    }

    /// The other side's balance, before fee and anchors.
    pub const fn to_remote(&self) -> Msat {
        self.spec.balance(self.owner.other())
    }

    /// The HTLCs the owner offered.
    pub fn offered(&self) -> impl Iterator<Item = &'a Htlc> + use<'a> {
        let owner = self.owner;
        self.spec.htlcs().filter(move |htlc| htlc.offered_by == owner)
    }

    /// The HTLCs the owner accepted.
    pub fn accepted(&self) -> impl Iterator<Item = &'a Htlc> + use<'a> {
        let owner = self.owner;
        self.spec.htlcs().filter(move |htlc| htlc.offered_by != owner)
    }
}

/// The serialised form, version 1.
#[cfg(feature = "serde")]
mod snapshot {
    use alloc::vec::Vec;

    use serde::{Deserialize, Serialize};

    use super::{CommitmentSpec, Htlc, Msat, PerSide, SpecError};
    use crate::quantity::FeerateKw;
    use crate::snapshot::{SnapshotError, Version};

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct SpecV1 {
        version: Version<1>,
        balances_msat: PerSide<Msat>,
        feerate_per_kw: FeerateKw,
        htlcs: Vec<Htlc>,
    }

    impl From<CommitmentSpec> for SpecV1 {
        fn from(spec: CommitmentSpec) -> Self {
            Self {
                version: Version,
                balances_msat: spec.balances,
                feerate_per_kw: spec.feerate,
                htlcs: spec.htlcs.into_values().collect(),
            }
        }
    }

    impl TryFrom<SpecV1> for CommitmentSpec {
        type Error = SnapshotError;

        /// A stored spec is checked like a new one: no duplicate or empty HTLC, no sum beyond 64 bits.
        fn try_from(stored: SpecV1) -> Result<Self, SnapshotError> {
            let refused = |htlc: &Htlc| SnapshotError::Htlc { offered_by: htlc.offered_by, id: htlc.id };
            if let Some(empty) = stored.htlcs.iter().find(|htlc| htlc.amount.is_zero()) {
                return Err(refused(empty));
            }
            Self::with_htlcs(stored.balances_msat, stored.feerate_per_kw, stored.htlcs).map_err(|error| {
                match error {
                    SpecError::DuplicateHtlc { offered_by, id } => SnapshotError::Htlc { offered_by, id },
                    _ => SnapshotError::Overflow,
                }
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::quantity::{CltvExpiry, PaymentHash};

    fn htlc(id: u64, offered_by: Side, msat: u64) -> Htlc {
        Htlc {
            id: HtlcId::new(id),
            offered_by,
            amount: Msat::from_msat(msat),
            payment_hash: PaymentHash::from_bytes([1; 32]),
            cltv_expiry: CltvExpiry::new(800_000).unwrap(),
        }
    }

    fn spec(local: u64, remote: u64) -> CommitmentSpec {
        let balances = PerSide { local: Msat::from_msat(local), remote: Msat::from_msat(remote) };
        CommitmentSpec::new(balances, FeerateKw::FLOOR).unwrap()
    }

    #[test]
    fn a_mirrored_spec_is_the_other_partys_view() {
        let balances = PerSide { local: Msat::from_msat(7), remote: Msat::from_msat(3) };
        let spec = CommitmentSpec::with_htlcs(balances, FeerateKw::ZERO, [htlc(4, Side::Local, 2)]).unwrap();
        let mirrored = spec.mirrored();
        assert_eq!(mirrored.balance(Side::Local), Msat::from_msat(3));
        assert_eq!(mirrored.htlcs().map(|htlc| htlc.offered_by).next(), Some(Side::Remote));
        assert_eq!(mirrored.total(), spec.total());
        assert_eq!(mirrored.mirrored(), spec);
    }

    #[test]
    fn listed_htlcs_stand_beside_the_balances() {
        let balances = PerSide { local: Msat::from_msat(700), remote: Msat::from_msat(250) };
        let listed = [htlc(0, Side::Local, 40), htlc(0, Side::Remote, 10)];
        let spec = CommitmentSpec::with_htlcs(balances, FeerateKw::ZERO, listed).unwrap();
        let before = PerSide { local: Msat::from_msat(740), remote: Msat::from_msat(260) };
        let updates = listed.map(SpecUpdate::Add);
        assert_eq!(
            Ok(&spec),
            CommitmentSpec::new(before, FeerateKw::ZERO).unwrap().apply_all(updates).as_ref()
        );
        let refused = |htlcs: &[Htlc]| {
            CommitmentSpec::with_htlcs(balances, FeerateKw::ZERO, htlcs.iter().copied()).unwrap_err()
        };
        let twice = SpecError::DuplicateHtlc { offered_by: Side::Local, id: HtlcId::new(0) };
        assert_eq!(refused(&[listed[0], listed[0]]), twice);
        assert_eq!(refused(&[htlc(0, Side::Local, 0)]), SpecError::ZeroAmount);
        assert_eq!(refused(&[htlc(0, Side::Local, u64::MAX - 949)]), SpecError::Overflow);
        assert!(
            CommitmentSpec::with_htlcs(balances, FeerateKw::ZERO, [htlc(0, Side::Local, u64::MAX - 950)])
                .is_ok()
        );
    }

    #[test]
    fn an_htlc_leaves_the_offerer_and_arrives_or_returns() {
        let before = spec(5000, 7000);
        let id = HtlcId::new(3);
        let added = before.apply(SpecUpdate::Add(htlc(3, Side::Local, 5000))).unwrap();
        assert_eq!(
            (added.balance(Side::Local), added.balance(Side::Remote)),
            (Msat::ZERO, Msat::from_msat(7000))
        );
        assert_eq!(added.view(Side::Remote).accepted().count(), 1);
        assert_eq!(added.view(Side::Local).offered().next(), added.htlc(Side::Local, id));
        let fulfilled = added.apply(SpecUpdate::Fulfill { offered_by: Side::Local, id }).unwrap();
        assert_eq!(fulfilled.view(Side::Remote).to_local(), Msat::from_msat(12_000));
        assert_eq!(added.apply(SpecUpdate::Fail { offered_by: Side::Local, id }).unwrap(), before);
    }

    #[test]
    fn updates_that_do_not_fit_are_refused_and_change_nothing() {
        let before = spec(5000, 0).apply(SpecUpdate::Add(htlc(0, Side::Local, 1))).unwrap();
        let id = HtlcId::new(0);
        for (update, error) in [
            (
                SpecUpdate::Add(htlc(0, Side::Local, 1)),
                SpecError::DuplicateHtlc { offered_by: Side::Local, id },
            ),
            (
                SpecUpdate::Add(htlc(0, Side::Remote, 1)),
                SpecError::InsufficientBalance { side: Side::Remote, balance: Msat::ZERO, amount: Msat::ONE },
            ),
            (SpecUpdate::Add(htlc(1, Side::Local, 0)), SpecError::ZeroAmount),
            (
                SpecUpdate::Fulfill { offered_by: Side::Remote, id },
                SpecError::UnknownHtlc { offered_by: Side::Remote, id },
            ),
            (
                SpecUpdate::Transfer { from: Side::Local, amount: Msat::from_msat(5000) },
                SpecError::InsufficientBalance {
                    side: Side::Local,
                    balance: Msat::from_msat(4999),
                    amount: Msat::from_msat(5000),
                },
            ),
        ] {
            assert_eq!(before.apply(update), Err(error));
        }
        assert_eq!(before.total(), Msat::from_msat(5000));
    }

    #[test]
    fn several_updates_apply_together_or_not_at_all() {
        let before = spec(5000, 0);
        let pay = SpecUpdate::Transfer { from: Side::Local, amount: Msat::from_msat(3000) };
        assert!(before.apply_all([pay, SpecUpdate::Feerate(FeerateKw::ZERO)]).is_ok());
        assert!(before.apply_all([pay, pay]).is_err());
        assert_eq!(before, spec(5000, 0));
    }

    #[test]
    fn balances_beyond_64_bits_are_refused() {
        let balances = PerSide { local: Msat::MAX, remote: Msat::ONE };
        assert_eq!(CommitmentSpec::new(balances, FeerateKw::ZERO), Err(AmountOverflow));
        let full = spec(u64::MAX, 0);
        let moved = full.apply(SpecUpdate::Transfer { from: Side::Local, amount: Msat::MAX }).unwrap();
        assert_eq!(moved.balance(Side::Remote), Msat::MAX);
    }

    fn update() -> impl Strategy<Value = SpecUpdate> {
        let side = prop_oneof![Just(Side::Local), Just(Side::Remote)];
        let amount =
            prop_oneof![Just(0), Just(1), 0..2_000_000u64, Just(2_100_000_000_000_000_000), Just(u64::MAX)];
        (0..5u8, side, 0..4u64, amount).prop_map(|(kind, side, id, msat)| match kind {
            0 | 1 => SpecUpdate::Add(htlc(id, side, msat)),
            2 => SpecUpdate::Fulfill { offered_by: side, id: HtlcId::new(id) },
            3 => SpecUpdate::Fail { offered_by: side, id: HtlcId::new(id) },
            _ => SpecUpdate::Transfer { from: side, amount: Msat::from_msat(msat) },
        })
    }

    proptest! {
        #[test]
        fn value_is_conserved_by_every_sequence_of_updates(
            local in prop_oneof![Just(0), 0..5_000_000u64, Just(2_100_000_000_000_000_000u64)],
            remote in prop_oneof![Just(0), 0..5_000_000u64, Just(2_100_000_000_000_000_000u64)],
            updates in prop::collection::vec(update(), 0..40),
        ) {
            let start = spec(local, remote);
            let mut current = start.clone();
            for update in updates {
                current = current.apply(update).unwrap_or(current);
                prop_assert_eq!(current.total(), start.total());
            }
        }
    }
}
