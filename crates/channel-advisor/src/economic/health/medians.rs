//! What a usual channel of the fleet earns.

use channel_core::{Msat, SignedMsat};

use crate::economic::ChannelFlow;
use crate::economic::rate::clamped;
use crate::economic::window::DAY_S;
use crate::snapshot::Knowledge;

/// Medians over the channels that are not known to be unusable; `None` with fewer than two of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::economic) struct FleetMedians {
    /// Realised rate of those that forwarded out, ppm.
    pub(in crate::economic) rate_ppm: Option<u32>,
    /// Profit in the window.
    pub(in crate::economic) profit: Option<SignedMsat>,
    /// Profit per capacity and year, ppm.
    pub(in crate::economic) return_ppm_per_year: Option<i64>,
}

impl FleetMedians {
    /// The medians of channels, each with its flow, capacity and whether it can be used.
    pub(in crate::economic) fn of<'a>(
        channels: impl Iterator<Item = (&'a ChannelFlow, Msat, Knowledge)>,
        window_seconds: u64,
    ) -> Self {
        let (mut rates, mut profits, mut returns) = (Vec::new(), Vec::new(), Vec::new());
        for (flow, capacity, usable) in channels {
            if usable == Knowledge::No {
                continue;
            }
            if flow.count_out > 0 {
                rates.push(i64::from(flow.rate_ppm));
            }
            profits.push(flow.profit.to_msat());
            returns.push(return_ppm_per_year(flow.profit, capacity, window_seconds));
        }
        Self {
            rate_ppm: median(&mut rates).and_then(|rate| u32::try_from(rate).ok()),
            profit: median(&mut profits).map(SignedMsat::from_msat),
            return_ppm_per_year: median(&mut returns),
        }
    }
}

/// ρ = π · 365 days / (T · capacity) in ppm; zero without capacity.
pub(in crate::economic) fn return_ppm_per_year(
    profit: SignedMsat,
    capacity: Msat,
    window_seconds: u64,
) -> i64 {
    let yearly = i128::from(profit.to_msat()) * 1_000_000 * i128::from(365 * DAY_S);
    let held = i128::from(capacity.to_msat()) * i128::from(window_seconds);
    clamped(yearly.checked_div(held).unwrap_or(0))
}

/// The median of at least two figures; between two middle ones their mean, rounded down.
fn median(figures: &mut [i64]) -> Option<i64> {
    if figures.len() < 2 {
        return None;
    }
    let even = figures.len().is_multiple_of(2);
    let middle = figures.len() / 2;
    let (below, upper, _) = figures.select_nth_unstable(middle);
    let lower = below.iter().max().copied().filter(|_| even).unwrap_or(*upper);
    Some(clamped((i128::from(lower) + i128::from(*upper)).div_euclid(2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_needs_two() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [5]), None);
        assert_eq!(median(&mut [5, -2]), Some(1));
        assert_eq!(median(&mut [9, 1, 4]), Some(4));
        assert_eq!(median(&mut [i64::MAX, i64::MAX]), Some(i64::MAX));
    }

    #[test]
    fn the_return_is_yearly_per_capacity() {
        // 1,000 sat in 36.5 days on 1,000,000 sat: 10,000 a year, 1 %.
        let year =
            return_ppm_per_year(SignedMsat::from_msat(1_000_000), Msat::from_msat(1_000_000_000), 3_153_600);
        assert_eq!(year, 10_000);
        assert_eq!(return_ppm_per_year(SignedMsat::from_msat(5), Msat::ZERO, 1), 0);
        assert_eq!(return_ppm_per_year(SignedMsat::from_msat(i64::MIN), Msat::ONE, 1), i64::MIN);
    }
}
