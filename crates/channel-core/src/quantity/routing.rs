//! The fee a forwarding node charges (BOLT 7).

use super::Msat;

/// A base fee and a proportional part: base + amount × ppm / 1,000,000, rounded down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct RoutingFee {
    /// The part that does not depend on the amount, in msat.
    #[cfg_attr(feature = "serde", serde(rename = "base_msat"))]
    pub base: Msat,
    /// Millionths of the amount.
    pub ppm: u32,
}

impl RoutingFee {
    /// The fee of forwarding `amount`; the largest amount when it leaves 64 bits.
    #[must_use]
    pub const fn of(self, amount: Msat) -> Msat {
        self.base.saturating_add(amount.ppm(self.ppm as u64))
    }

    /// The largest amount that fits into `room` together with its fee; `None` when not even 1 msat does.
    pub fn largest_amount_within(self, room: Msat) -> Option<Msat> {
        const MILLION: u128 = 1_000_000;
        let room = u128::from(room.checked_sub(self.base)?.to_msat());
        // a + ⌊a ppm / M⌋ ≤ room exactly if a (M + ppm) < (room + 1) M.
        let amount = ((room + 1) * MILLION - 1) / (MILLION + u128::from(self.ppm));
        u64::try_from(amount).ok().filter(|amount| *amount > 0).map(Msat::from_msat)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a6_the_largest_amount_before_a_ppm_fee_is_exact_at_the_ends() {
        let fee = |base, ppm| RoutingFee { base: Msat::from_msat(base), ppm };
        assert_eq!(fee(0, 0).largest_amount_within(Msat::MAX), Some(Msat::MAX));
        assert_eq!(fee(1, 0).largest_amount_within(Msat::ZERO), None);
        assert_eq!(fee(5, 0).largest_amount_within(Msat::from_msat(5)), None);
        assert_eq!(fee(0, 1_000_000).largest_amount_within(Msat::from_msat(3)), Some(Msat::ONE));
        assert_eq!(fee(7, 2).of(Msat::from_msat(1_499_999)), Msat::from_msat(9));
    }

    proptest! {
        #[test]
        fn a6_one_msat_more_before_the_fee_does_not_fit(
            room in prop_oneof![0..5_000_000u64, any::<u64>()],
            base in 0..2000u64,
            ppm in prop_oneof![Just(0), Just(1), Just(500_000), any::<u32>()],
        ) {
            let fee = RoutingFee { base: Msat::from_msat(base), ppm };
            let fits = |amount: u128| {
                amount + u128::from(base) + amount * u128::from(ppm) / 1_000_000 <= u128::from(room)
            };
            match fee.largest_amount_within(Msat::from_msat(room)) {
                Some(amount) => {
                    let amount = u128::from(amount.to_msat());
                    prop_assert!(fits(amount) && !fits(amount + 1));
                }
                None => prop_assert!(!fits(1)),
            }
        }
    }
}
