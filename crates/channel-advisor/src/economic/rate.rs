//! Rates and spans: parts per million of an amount, volumes over a horizon, shares of an amount that will move.
//!
//! Everything is computed in 128 bits. Earnings, gained or forgone, are rounded down, fees up.

use channel_core::{Msat, SignedMsat};

const PPM: i128 = 1_000_000;

/// `amount · ppm / 1,000,000`, rounded up: a fee to pay.
pub(crate) fn cost_at(amount: Msat, ppm: u32) -> Msat {
    let wide = u128::from(amount.to_msat()) * u128::from(ppm);
    Msat::from_msat(u64::try_from(wide.div_ceil(1_000_000)).unwrap_or(u64::MAX))
}

/// A volume seen in `seconds`, scaled to `days`, rounded down.
pub(crate) fn over_days(volume: Msat, seconds: u64, days: u32) -> Msat {
    volume.mul_div_floor(u64::from(days) * 86_400, seconds.max(1))
}

/// What `amount` yields in `days` at a rate of ppm a year, rounded down.
pub(crate) fn yield_over(amount: Msat, ppm_per_year: u32, days: u32) -> Msat {
    let wide = u128::from(amount.to_msat()) * u128::from(ppm_per_year) * u128::from(days) / 365_000_000;
    Msat::from_msat(u64::try_from(wide).unwrap_or(u64::MAX))
}

/// A daily flow over `days`.
pub(crate) fn daily_over(per_day: SignedMsat, days: u32) -> SignedMsat {
    SignedMsat::from_msat(per_day.to_msat().saturating_mul(i64::from(days)))
}

/// `part / whole` in ppm, held in 0..=1,000,000; zero when `whole` is zero.
pub(crate) fn share_ppm(part: i128, whole: i128) -> u32 {
    if whole <= 0 {
        return 0;
    }
    let share = part.max(0).saturating_mul(PPM) / whole;
    u32::try_from(share.min(PPM)).unwrap_or(1_000_000)
}

/// The fee that `amount` costs in ppm, rounded up; `None` for a zero amount.
pub(crate) fn ppm_of(fee: Msat, amount: Msat) -> Option<u32> {
    if amount.is_zero() {
        return None;
    }
    let ppm = (u128::from(fee.to_msat()) * 1_000_000).div_ceil(u128::from(amount.to_msat()));
    u32::try_from(ppm).ok()
}

/// A 128-bit sum in the signed type, held at its ends.
pub(crate) fn signed(value: i128) -> SignedMsat {
    SignedMsat::from_msat(clamped(value))
}

/// A wide figure held at the ends of 64 bits.
pub(crate) fn clamped(wide: i128) -> i64 {
    i64::try_from(wide).unwrap_or(if wide < 0 { i64::MIN } else { i64::MAX })
}

/// A 128-bit amount in the unsigned type, zero when negative, held at the top.
pub(crate) fn unsigned(value: i128) -> Msat {
    Msat::from_msat(u64::try_from(value.max(0)).unwrap_or(u64::MAX))
}

/// The amount in 128 bits, for sums of products.
pub(crate) const fn wide(amount: Msat) -> i128 {
    amount.to_msat() as i128
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_round_up_and_benefits_down() {
        assert_eq!(cost_at(Msat::from_msat(1), 1), Msat::from_msat(1));
        assert_eq!(Msat::from_msat(1).ppm(1), Msat::ZERO);
        assert_eq!(over_days(Msat::from_msat(100), 7 * 86_400, 30).to_msat(), 428);
        assert_eq!(over_days(Msat::from_msat(100), 0, 1).to_msat(), 8_640_000);
        // 5 % a year of 1,000 sat in 73 days: a fifth of 50 sat.
        assert_eq!(yield_over(Msat::from_msat(1_000_000), 50_000, 73).to_msat(), 10_000);
        assert_eq!(yield_over(Msat::MAX, u32::MAX, u32::MAX), Msat::MAX);
    }

    #[test]
    fn shares_stay_between_nothing_and_all() {
        assert_eq!(share_ppm(-5, 10), 0);
        assert_eq!(share_ppm(5, 10), 500_000);
        assert_eq!(share_ppm(50, 10), 1_000_000);
        assert_eq!(share_ppm(5, 0), 0);
        assert_eq!(share_ppm(i128::MAX, 1), 1_000_000);
    }

    #[test]
    fn ends_of_the_range_hold() {
        assert_eq!(signed(i128::MIN).to_msat(), i64::MIN);
        assert_eq!(unsigned(-1), Msat::ZERO);
        assert_eq!(unsigned(i128::MAX), Msat::MAX);
        assert_eq!(ppm_of(Msat::from_msat(1), Msat::from_msat(3)), Some(333_334));
        assert_eq!(ppm_of(Msat::from_msat(1), Msat::ZERO), None);
        assert_eq!(daily_over(SignedMsat::from_msat(i64::MAX), 2).to_msat(), i64::MAX);
    }
}
