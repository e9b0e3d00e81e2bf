//! Profit per channel, such that profits add up to what the node earned.

use channel_core::SignedMsat;

use super::tally::Tally;
use crate::economic::rate::signed;

const WHOLE: u128 = 1_000_000;

/// π = (1 − λ) · `fee_out` + λ · `fee_in` − rebalance cost for every channel.
///
/// Each channel's fees are rounded to whole msat so that their sum stays exact: what rounding down leaves over goes,
/// one msat each, to the channels with the largest remainders (the first of equals). So no channel is off by a msat or
/// more, and with every channel listed Σπ is the node's fees minus its rebalances.
///
/// Totals a peer (`only_totals`) do not tell where fees came in, so there the whole fee stays with the channel it left
/// through.
pub(super) fn split(tallies: &[Tally], split_ppm: u32, only_totals: bool) -> Vec<SignedMsat> {
    let lambda = if only_totals { 0 } else { u128::from(split_ppm).min(WHOLE) };
    let exact = |tally: &Tally| {
        u128::from(tally.fee_out.to_msat()) * (WHOLE - lambda) + u128::from(tally.fee_in.to_msat()) * lambda
    };
    let mut shares: Vec<u128> = tallies.iter().map(|tally| exact(tally) / WHOLE).collect();
    let mut remainders: Vec<(usize, u128)> = tallies
        .iter()
        .map(|tally| exact(tally) % WHOLE)
        .enumerate()
        .filter(|(_, remainder)| *remainder > 0)
        .collect();
    let left_over: u128 = remainders.iter().map(|(_, remainder)| remainder).sum::<u128>() / WHOLE;
    let left_over = usize::try_from(left_over).unwrap_or(usize::MAX).min(remainders.len());
    if left_over > 0 {
        let order = |a: &(usize, u128), b: &(usize, u128)| b.1.cmp(&a.1).then(a.0.cmp(&b.0));
        remainders.select_nth_unstable_by(left_over - 1, order);
        for (at, _) in &remainders[..left_over] {
            shares[*at] += 1;
        }
    }
    let profit = |(tally, share): (&Tally, u128)| {
        let cost = tally.rebalance_cost.map_or(0, |cost| i128::from(cost.to_msat()));
        signed(i128::try_from(share).unwrap_or(i128::MAX) - cost)
    };
    tallies.iter().zip(shares).map(profit).collect()
}

#[cfg(test)]
mod tests {
    use channel_core::Msat;
    use proptest::prelude::*;

    use super::*;

    fn tally(fee_out: u64, fee_in: u64, cost: Option<u64>) -> Tally {
        let msat = Msat::from_msat;
        Tally {
            fee_out: msat(fee_out),
            fee_in: msat(fee_in),
            rebalance_cost: cost.map(msat),
            ..Tally::default()
        }
    }

    fn msats(profits: &[SignedMsat]) -> Vec<i64> {
        profits.iter().map(|profit| profit.to_msat()).collect()
    }

    #[test]
    fn a_fee_is_split_between_the_two_channels_of_a_forward() {
        // One forward of 1,001 msat from the second channel out through the first: 500.5 each; the first of equal
        // remainders gets the odd msat.
        let tallies = [tally(1001, 0, None), tally(0, 1001, None)];
        assert_eq!(msats(&split(&tallies, 500_000, false)), [501, 500]);
        assert_eq!(msats(&split(&tallies, 0, false)), [1001, 0]);
        assert_eq!(msats(&split(&tallies, 1_000_000, false)), [0, 1001]);
        assert_eq!(msats(&split(&tallies, 500_000, true)), [1001, 0]);
    }

    #[test]
    fn rebalances_cost_their_target() {
        let tallies = [tally(1000, 0, Some(700)), tally(0, 1000, Some(0))];
        assert_eq!(msats(&split(&tallies, 500_000, false)), [-200, 500]);
    }

    proptest! {
        #[test]
        fn profits_add_up_to_the_fees_of_the_node(
            forwards in prop::collection::vec((0_usize..7, 0_usize..7, 0_u64..5_000_000), 0..60),
            lambda in 0_u32..=1_000_000,
        ) {
            let mut tallies = vec![Tally::default(); 7];
            for (incoming, outgoing, fee) in &forwards {
                let fee = Msat::from_msat(*fee);
                tallies[*incoming].fee_in = tallies[*incoming].fee_in.saturating_add(fee);
                tallies[*outgoing].fee_out = tallies[*outgoing].fee_out.saturating_add(fee);
            }
            let total: u64 = forwards.iter().map(|forward| forward.2).sum();
            let profits = split(&tallies, lambda, false);
            prop_assert_eq!(msats(&profits).iter().sum::<i64>().unsigned_abs(), total);
            for (tally, profit) in tallies.iter().zip(&profits) {
                let exact = u128::from(tally.fee_out.to_msat()) * (WHOLE - u128::from(lambda))
                    + u128::from(tally.fee_in.to_msat()) * u128::from(lambda);
                let profit = u128::from(profit.to_msat().unsigned_abs()) * WHOLE;
                prop_assert!(profit.abs_diff(exact) < WHOLE);
            }
        }

        #[test]
        fn extremes_do_not_panic(fees in prop::collection::vec(any::<(u64, u64, Option<u64>)>(), 0..9), lambda: u32) {
            let tallies: Vec<_> = fees.iter().map(|(out, inward, cost)| tally(*out, *inward, *cost)).collect();
            prop_assert_eq!(split(&tallies, lambda, false).len(), tallies.len());
        }
    }
}
