//! The daily net outflow of a channel and how far it strays.

use channel_core::Msat;

/// Sums over the days of a window, fed in order of time: the day under way, the sum of days and of their squares.
/// Days without a forward count as zero.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct DailyNet {
    day: u64,
    net: i128,
    sum: i128,
    squares: u128,
}

impl DailyNet {
    /// Adds a net outflow of `msat` on a day, counted back from the end of the window.
    pub(super) fn add(&mut self, day: u64, msat: i128) {
        if day != self.day {
            self.close_day();
            self.day = day;
        }
        self.net = self.net.saturating_add(msat);
    }

    /// The population standard deviation over `days` days, rounded down.
    pub(super) fn deviation(&self, days: u64) -> Msat {
        let mut closed = self.clone();
        closed.close_day();
        let days = u128::from(days.max(1));
        let sum = closed.sum.unsigned_abs();
        // D·Σn² − (Σn)² keeps every digit; figures beyond 128 bits fall back to the mean of squares.
        let exact = closed.squares.checked_mul(days).zip(sum.checked_mul(sum));
        let deviation = match exact {
            Some((squares, square)) => squares.saturating_sub(square).isqrt() / days,
            None => (closed.squares / days).saturating_sub((sum / days).saturating_pow(2)).isqrt(),
        };
        Msat::from_msat(u64::try_from(deviation).unwrap_or(u64::MAX))
    }

    fn close_day(&mut self) {
        let net = self.net.unsigned_abs();
        self.squares = self.squares.saturating_add(net.saturating_mul(net));
        self.sum = self.sum.saturating_add(self.net);
        self.net = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviation_is_of_the_population_and_counts_empty_days() {
        // Days: 6, 0, 0, 2 -> mean 2, squares 16 + 4 + 4 + 0 = 24, variance 6, sigma 2.449.
        let mut daily = DailyNet::default();
        daily.add(3, 4_000);
        daily.add(3, 2_000);
        daily.add(0, 2_000);
        assert_eq!(daily.deviation(4), Msat::from_msat(2_449));
    }

    #[test]
    fn equal_days_do_not_stray_and_signs_count() {
        let mut steady = DailyNet::default();
        let mut swinging = DailyNet::default();
        for day in (0..10).rev() {
            steady.add(day, -500);
            swinging.add(day, if day % 2 == 0 { 500 } else { -500 });
        }
        assert_eq!(steady.deviation(10), Msat::ZERO);
        assert_eq!(swinging.deviation(10), Msat::from_msat(500));
    }

    #[test]
    fn extremes_are_held() {
        let mut daily = DailyNet::default();
        daily.add(1, i128::MAX);
        daily.add(0, i128::MIN);
        assert_eq!(daily.deviation(0), Msat::MAX);
        assert_eq!(DailyNet::default().deviation(7), Msat::ZERO);
    }
}
