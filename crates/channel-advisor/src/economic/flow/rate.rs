//! What a channel asks for and what it really earns, in ppm.

use channel_core::Msat;

use super::tally::Tally;
use crate::economic::Options;
use crate::snapshot::Policy;

/// The advertised rate with the base fee spread over a usual forward, capped: a "stop" fee earns nothing.
pub(super) fn advertised(policy: &Policy, usual_size: Msat, options: &Options) -> u32 {
    let size = u128::from(usual_size.to_msat());
    let base = (u128::from(policy.base.to_msat()) * 1_000_000).checked_div(size).unwrap_or(0);
    let rate = base.saturating_add(u128::from(policy.ppm));
    capped(rate, options)
}

/// ê = (fees + v0 · min(a, cap)) / (volume + v0): the realised rate, drawn towards the advertised one as long as little
/// volume speaks for it. `advertised_ppm` is capped already.
pub(super) fn realised(tally: &Tally, advertised_ppm: u32, options: &Options) -> u32 {
    let belief = u128::from(options.shrinkage_volume.to_msat());
    let volume = u128::from(tally.amount_out.to_msat()) + belief;
    let earned = u128::from(tally.fee_out.to_msat()) * 1_000_000 + belief * u128::from(advertised_ppm);
    match earned.checked_div(volume) {
        Some(rate) => u32::try_from(rate).unwrap_or(u32::MAX),
        None => advertised_ppm,
    }
}

/// Fees over volume of the whole fleet, capped; zero without volume.
pub(super) fn fleet_rate(tallies: &[Tally], options: &Options) -> u32 {
    let sum =
        |of: fn(&Tally) -> Msat| tallies.iter().map(|tally| u128::from(of(tally).to_msat())).sum::<u128>();
    let fees = sum(|tally| tally.fee_out) * 1_000_000;
    capped(fees.checked_div(sum(|tally| tally.amount_out)).unwrap_or(0), options)
}

fn capped(rate: u128, options: &Options) -> u32 {
    u32::try_from(rate).unwrap_or(u32::MAX).min(options.rate_cap_ppm)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn options() -> Options {
        Options::at(Timestamp::UNIX_EPOCH)
    }

    fn tally(fee_out: u64, amount_out: u64) -> Tally {
        Tally {
            fee_out: Msat::from_msat(fee_out),
            amount_out: Msat::from_msat(amount_out),
            ..Tally::default()
        }
    }

    #[test]
    fn the_base_fee_counts_at_the_usual_size_and_stop_fees_are_capped() {
        let policy = Policy::new(Msat::from_msat(1000), 499);
        // 1,000 msat on 100,000 sat are 10 ppm.
        assert_eq!(advertised(&policy, Msat::from_msat(100_000_000), &options()), 509);
        assert_eq!(advertised(&policy, Msat::from_msat(1), &options()), 2000);
        assert_eq!(advertised(&Policy::new(Msat::ZERO, 5000), Msat::from_msat(1000), &options()), 2000);
        assert_eq!(advertised(&policy, Msat::ZERO, &options()), 499);
        assert_eq!(advertised(&Policy::new(Msat::MAX, u32::MAX), Msat::ONE, &options()), 2000);
    }

    #[test]
    fn little_volume_believes_the_advertised_rate_and_much_the_realised_one() {
        // No volume: the advertised rate.
        assert_eq!(realised(&tally(0, 0), 500, &options()), 500);
        // 1,000,000 sat at 100 ppm against a belief of 1,000,000 sat at 500 ppm: half way.
        assert_eq!(realised(&tally(100_000, 1_000_000_000), 500, &options()), 300);
        // 9,000,000 sat at 100 ppm: (900 + 500) / 10 = 140.
        assert_eq!(realised(&tally(900_000, 9_000_000_000), 500, &options()), 140);
        assert_eq!(realised(&tally(u64::MAX, 1), 500, &options()), u32::MAX);
        let mut no_belief = options();
        no_belief.shrinkage_volume = Msat::ZERO;
        assert_eq!(realised(&tally(0, 0), 500, &no_belief), 500);
        assert_eq!(realised(&tally(7, 100_000), 500, &no_belief), 70);
    }

    #[test]
    fn the_fleet_rate_is_fees_over_volume() {
        assert_eq!(fleet_rate(&[tally(300, 1_000_000), tally(100, 1_000_000)], &options()), 200);
        assert_eq!(fleet_rate(&[], &options()), 0);
        assert_eq!(fleet_rate(&[tally(1, 1)], &options()), 2000);
    }
}
