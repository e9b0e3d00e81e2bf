//! The pass over one block of rows: small enough for the first cache, straight enough for the compiler to use the
//! processor's lanes.

use super::super::SortOrder;
use super::super::action::SPLICE_DUST_SAT;
use super::super::health::{self, BAD_SCORE, BALANCE_RATIO, BUSY_SHARE, DUST_SHARE, GOOD_SCORE, IDLE_SHARE};
use super::super::number::whole;
use super::super::recommendation::NOTABLE_POTENTIAL;
use super::mark::{Mark, bit};

/// Rows of a block. At most 2^11, so that a block's sums of amounts below 2^53 fit 64 bits.
pub(super) const BLOCK: usize = 1024;
/// Rows judged side by side.
const LANES: usize = 16;

/// Marks handled side by side.
const BYTES: usize = 16;

/// The columns of one block, all of one length, at most [`BLOCK`].
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    pub(super) local: &'a [u64],
    pub(super) remote: &'a [u64],
    pub(super) capacity: &'a [u64],
    pub(super) local_dust: &'a [u64],
    pub(super) remote_dust: &'a [u64],
}

/// What a block adds up to, in sat and channels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct BlockSums {
    pub(super) dust: u64,
    pub(super) capacity: u64,
    pub(super) actions: usize,
    pub(super) healthy: usize,
    /// Healthy or needing attention.
    pub(super) above_bad: usize,
    /// The highest rank of any action in the block, 0 without one.
    pub(super) best_rank: u8,
}

/// The verdict on one row.
#[derive(Clone, Copy)]
struct Verdict {
    score: f64,
    potential: f64,
    mark: u64,
}

impl Block<'_> {
    /// Judges every row into `scores` and `marks`, and adds the dust potentials to `potentials` row by row.
    pub(super) fn judge(&self, scores: &mut [f64], marks: &mut [Mark], potentials: &mut f64) {
        let (local, local_rest) = self.local.as_chunks::<LANES>();
        let (remote, remote_rest) = self.remote.as_chunks::<LANES>();
        let (capacity, capacity_rest) = self.capacity.as_chunks::<LANES>();
        let (ours, ours_rest) = self.local_dust.as_chunks::<LANES>();
        let (theirs, theirs_rest) = self.remote_dust.as_chunks::<LANES>();
        let (score, score_rest) = scores.as_chunks_mut::<LANES>();
        let (mark, mark_rest) = marks.as_chunks_mut::<LANES>();
        let inputs = local.iter().zip(remote).zip(capacity).zip(ours).zip(theirs);
        let mut sum = *potentials;
        for (((((local, remote), capacity), ours), theirs), (score, mark)) in
            inputs.zip(score.iter_mut().zip(mark))
        {
            let mut bits = [0; LANES];
            let mut potential = [0.0; LANES];
            for lane in 0..LANES {
                let verdict = judge(local[lane], remote[lane], capacity[lane], ours[lane], theirs[lane]);
                score[lane] = verdict.score;
                potential[lane] = verdict.potential;
                bits[lane] = verdict.mark;
            }
            for lane in 0..LANES {
                mark[lane] = narrow(bits[lane]);
            }
            // One after the other: the seed's sum runs from left to right.
            for potential in potential {
                sum += potential;
            }
        }
        for (row, (score, mark)) in score_rest.iter_mut().zip(mark_rest).enumerate() {
            let (ours, theirs) = (ours_rest[row], theirs_rest[row]);
            let verdict = judge(local_rest[row], remote_rest[row], capacity_rest[row], ours, theirs);
            *score = verdict.score;
            *mark = narrow(verdict.mark);
            sum += verdict.potential;
        }
        *potentials = sum;
    }

    /// Adds up the block.
    pub(super) fn sums(&self, scores: &[f64], marks: &[Mark], order: SortOrder) -> BlockSums {
        let best_rank = match order {
            SortOrder::ImplementationThenAction => best(marks, SortOrder::ImplementationThenAction),
            SortOrder::ActionThenImplementation => best(marks, SortOrder::ActionThenImplementation),
        };
        BlockSums {
            dust: total(self.local_dust).wrapping_add(total(self.remote_dust)),
            capacity: total(self.capacity),
            actions: usize::from(action_count(marks)),
            healthy: above(scores, GOOD_SCORE),
            above_bad: above(scores, BAD_SCORE),
            best_rank,
        }
    }
}

/// At most three actions for each of at most 2^11 rows: it cannot wrap.
fn action_count(marks: &[Mark]) -> u16 {
    marks.iter().fold(0, |count: u16, mark| count.wrapping_add(u16::from(mark.action_count())))
}

/// The sum of at most 2^11 amounts below 2^52: it cannot wrap.
fn total(column: &[u64]) -> u64 {
    column.iter().fold(0, |sum: u64, amount| sum.wrapping_add(*amount))
}

fn above(scores: &[f64], bar: f64) -> usize {
    scores.iter().fold(0, |count: usize, score| count.wrapping_add(usize::from(*score > bar)))
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "the order must be a constant in the loop")]
fn best(marks: &[Mark], order: SortOrder) -> u8 {
    let (chunks, rest) = marks.as_chunks::<BYTES>();
    let mut best = [0; BYTES];
    for chunk in chunks {
        for (best, mark) in best.iter_mut().zip(chunk) {
            *best = mark.best_rank(order).max(*best);
        }
    }
    let rest = rest.iter().map(|mark| mark.best_rank(order));
    best.into_iter().chain(rest).fold(0, u8::max)
}

/// The verdict of [`ChannelRecommendation`](super::super::ChannelRecommendation) on one row, with selects where that
/// branches. `0 / max(x, 1)` stands for the seed's `else 0`: amounts are whole, so nothing else changes.
#[inline(always)]
#[expect(clippy::inline_always, reason = "the lanes of a block are one loop or they are slow")]
fn judge(local: u64, remote: u64, capacity: u64, local_dust: u64, remote_dust: u64) -> Verdict {
    let (local, remote, capacity) = (exact(local), exact(remote), exact(capacity));
    let dust_sat = exact(local_dust) + exact(remote_dust);
    let smaller = if local < remote { local } else { remote };
    let larger = if local > remote { local } else { remote };
    let divisor = at_least_one(capacity);
    let balance = smaller / at_least_one(larger);
    let share = |amount: f64| if capacity > 0.0 { amount / divisor } else { 0.0 };
    let (dusty, used) = (share(dust_sat), share(local + remote));
    let score = health::score(balance, dusty, used);
    let doubled = dusty * 2.0;
    let potential = if doubled < 1.0 { doubled } else { 1.0 };
    let flag = |set: bool, bit: u32| u64::from(set) << bit;
    let high = score < GOOD_SCORE;
    let low = if high { score < BAD_SCORE } else { potential > NOTABLE_POTENTIAL };
    let mark = flag(dusty > DUST_SHARE, bit::HIGH_DUST)
        | flag(used > BUSY_SHARE, bit::OVERUTILIZED)
        | flag(used < IDLE_SHARE, bit::INCREASE)
        | flag(dust_sat > whole(SPLICE_DUST_SAT), bit::DUST_REMOVAL)
        | flag(balance < BALANCE_RATIO, bit::REBALANCE)
        | flag(low, bit::URGENCY_LOW)
        | flag(high, bit::URGENCY_HIGH);
    Verdict { score, potential, mark }
}

/// An amount below 2^52 as a double. Put into the low bits of 2^52 it counts its units; the processor's own
/// conversion of 64-bit integers takes one lane at a time.
#[inline]
fn exact(amount: u64) -> f64 {
    const UNIT_ONE: f64 = 4_503_599_627_370_496.0;
    f64::from_bits(amount | UNIT_ONE.to_bits()) - UNIT_ONE
}

#[inline]
fn at_least_one(amount: f64) -> f64 {
    if amount > 1.0 { amount } else { 1.0 }
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a mark has eight bits")]
const fn narrow(mark: u64) -> Mark {
    Mark::from_bits(mark as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_convert_exactly() {
        for amount in [0, 1, 546, (1 << 32) + 1, (1 << 51) + 1, (1 << 52) - 1] {
            assert_eq!(exact(amount).to_bits(), whole(amount).to_bits());
        }
    }

    #[test]
    fn the_sums_of_a_full_block_of_the_largest_amounts_fit() {
        let column = [(1 << 52) - 1; BLOCK];
        let block = Block {
            local: &column,
            remote: &column,
            capacity: &column,
            local_dust: &column,
            remote_dust: &column,
        };
        let sums = block.sums(&[1.0; BLOCK], &[Mark::default(); BLOCK], SortOrder::default());
        let each = u128::from(column[0]) * BLOCK as u128;
        assert_eq!((u128::from(sums.dust), u128::from(sums.capacity)), (2 * each, each));
        assert_eq!((sums.healthy, sums.above_bad, sums.actions), (BLOCK, BLOCK, 0));
    }
}
