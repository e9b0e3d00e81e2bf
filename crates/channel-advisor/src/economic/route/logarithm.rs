//! −ln of a probability in fixed point: a table and straight lines between its entries, so that every machine gets the
//! same figure.

/// Bits of the table's argument.
const TABLE_BITS: u32 = 10;
/// Bits behind the point.
const POINT: u32 = 32;
/// ln 2 with 32 bits behind the point.
const LN_2: u64 = 2_977_044_472;
/// log2(1 + i / 1024) for i in 0..=1024, 32 bits behind the point.
static TABLE: [u64; (1 << TABLE_BITS) + 1] = table();

/// log2 of a number, 32 bits behind the point; of zero as of one. Between table entries it follows a straight line,
/// which is at most 1.8e-7 too low, and it never falls as the number grows.
pub(super) fn log2(number: u64) -> u64 {
    let number = number.max(1);
    let zeros = number.leading_zeros();
    // The leading one moves to the top; what follows it is the argument of the table and the rest.
    let fraction = (number << zeros) << 1;
    let at = (fraction >> (64 - TABLE_BITS)) as usize;
    let rest = (fraction << TABLE_BITS) >> 32;
    let step = TABLE[at + 1] - TABLE[at];
    (u64::from(63 - zeros) << POINT) + TABLE[at] + ((step * rest) >> 32)
}

/// The price of one halving of the probability: `amount · price_ppm · ln 2`, in msat.
pub(super) fn price_of_halving(amount_msat: u64, price_ppm: u32) -> u64 {
    let per_unit = u128::from(amount_msat) * u128::from(price_ppm) / 1_000_000;
    u64::try_from((per_unit * u128::from(LN_2)) >> POINT).unwrap_or(u64::MAX)
}

/// The price of a hop whose probability is `rest / whole`, from their logarithms; rounded down to msat.
pub(super) fn risk_price(log2_whole: u64, rest: u64, price_of_halving: u64) -> u64 {
    let halvings = log2_whole.saturating_sub(log2(rest));
    u64::try_from((u128::from(halvings) * u128::from(price_of_halving)) >> POINT).unwrap_or(u64::MAX)
}

/// By squaring: each squaring of a number in [1, 2) yields one bit of its logarithm.
const fn table() -> [u64; (1 << TABLE_BITS) + 1] {
    const ONE: u128 = 1 << 62;
    let mut table = [0; (1 << TABLE_BITS) + 1];
    let mut at = 0;
    while at < 1 << TABLE_BITS {
        let mut number = ONE + ((at as u128) << (62 - TABLE_BITS));
        let mut log = 0;
        let mut bit = 0;
        while bit < POINT {
            number = (number * number) >> 62;
            log <<= 1;
            if number >= 2 * ONE {
                number >>= 1;
                log |= 1;
            }
            bit += 1;
        }
        table[at] = log;
        at += 1;
    }
    table[1 << TABLE_BITS] = 1 << POINT;
    table
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "floats are the yardstick here")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn float(log: u64) -> f64 {
        log as f64 / (1_u64 << POINT) as f64
    }

    #[test]
    fn powers_of_two_are_exact() {
        for bits in 0..64_u32 {
            assert_eq!(log2(1 << bits), u64::from(bits) << POINT);
        }
        assert_eq!(log2(0), 0);
        assert!((float(log2(u64::MAX)) - 64.0).abs() < 1e-6);
    }

    #[test]
    fn risk_is_the_amount_times_the_price_times_minus_ln() {
        // 1,000,000 sat at 300 ppm through twice that capacity: 300 sat x ln 2 = 207.944 sat.
        let price = price_of_halving(1_000_000_000, 300);
        assert_eq!(price, 207_944);
        assert_eq!(risk_price(log2(2_000_000_000), 1_000_000_000, price), 207_944);
        assert_eq!(risk_price(log2(7), 7, price), 0);
        assert_eq!(price_of_halving(u64::MAX, u32::MAX), u64::MAX);
    }

    proptest! {
        #[test]
        fn the_logarithm_is_close_and_never_falls(number in 1_u64.., more: u32) {
            let exact = (number as f64).log2();
            prop_assert!((float(log2(number)) - exact).abs() < 3e-7);
            prop_assert!(log2(number) <= log2(number.saturating_add(u64::from(more))));
        }
    }
}
