//! The heuristic's figures for a whole fleet, column by column.
//!
//! [`HeuristicManager::create_management_plan`](super::HeuristicManager::create_management_plan) makes an object per
//! channel. A fleet of a million channels wants the scores, the issues, the sums and the ten first actions: here they
//! come from one pass over five columns of integers, bit for bit the same.
//!
//! The dust limit has no column: no figure of the plan reads it (B20).

mod assessment;
mod block;
mod mark;

pub use assessment::{FleetAssessment, StatusCounts, TopAction};
pub use mark::Mark;

use bitcoin::Amount;
use block::{BLOCK, Block};

use super::number::SatTotal;
use super::ranking::{SortOrder, TopTen};
use super::{ActionKind, FleetSummary, HeuristicChannel, HeuristicError, HeuristicManager};
use crate::snapshot::ChannelKey;

/// The amounts of a fleet in sat, one column each; every value is at most [`HeuristicChannel::MAX_AMOUNT`].
/// A channel is known by its row.
#[derive(Debug, Clone, Default)]
pub struct FleetColumns {
    local: Vec<u64>,
    remote: Vec<u64>,
    capacity: Vec<u64>,
    local_dust: Vec<u64>,
    remote_dust: Vec<u64>,
}

impl FleetColumns {
    /// No channels, with room for `channels`.
    pub fn with_capacity(channels: usize) -> Self {
        let column = || Vec::with_capacity(channels);
        Self {
            local: column(),
            remote: column(),
            capacity: column(),
            local_dust: column(),
            remote_dust: column(),
        }
    }

    /// Adds a channel as the last row. Ids are not compared: a repeated one is a second channel.
    ///
    /// # Errors
    /// [`HeuristicError::AmountTooLarge`] for an amount beyond [`HeuristicChannel::MAX_AMOUNT`].
    pub fn push(&mut self, channel: &HeuristicChannel) -> Result<(), HeuristicError> {
        channel.check()?;
        self.local.push(channel.local_balance.to_sat());
        self.remote.push(channel.remote_balance.to_sat());
        self.capacity.push(channel.capacity.to_sat());
        self.local_dust.push(channel.local_dust.to_sat());
        self.remote_dust.push(channel.remote_dust.to_sat());
        Ok(())
    }

    /// How many channels there are.
    pub const fn len(&self) -> usize {
        self.local.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.local.is_empty()
    }

    /// Judges the fleet.
    pub fn assess(&self, order: SortOrder) -> FleetAssessment {
        let mut assessment = FleetAssessment::default();
        self.assess_into(order, &mut assessment);
        assessment
    }

    /// Judges the fleet into `assessment`, whose memory is used again.
    pub fn assess_into(&self, order: SortOrder, assessment: &mut FleetAssessment) {
        let FleetAssessment { scores, marks, .. } = assessment;
        scores.resize(self.len(), 0.0);
        marks.resize(self.len(), Mark::default());
        let (mut dust, mut capacity, mut potentials) = (SatTotal::ZERO, SatTotal::ZERO, 0.0);
        let (mut actions, mut healthy, mut above_bad) = (0, 0, 0);
        let mut top = TopTen::new();
        let outputs = scores.chunks_mut(BLOCK).zip(marks.chunks_mut(BLOCK));
        for (number, (scores, marks)) in outputs.enumerate() {
            let (start, block) = (number * BLOCK, self.block(number * BLOCK, scores.len()));
            block.judge(scores, marks, &mut potentials);
            let sums = block.sums(scores, marks, order);
            dust.add_sat(sums.dust);
            capacity.add_sat(sums.capacity);
            actions += sums.actions;
            healthy += sums.healthy;
            above_bad += sums.above_bad;
            self.offer(start, marks, sums.best_rank, order, &mut top);
        }
        assessment.status = StatusCounts {
            healthy,
            attention_needed: above_bad - healthy,
            unhealthy: self.len() - above_bad,
        };
        assessment.summary = FleetSummary::of(dust, capacity, potentials, self.len(), actions);
        assessment.top = top.into_items().collect();
    }

    fn block(&self, start: usize, rows: usize) -> Block<'_> {
        let rows = start..start + rows;
        Block {
            local: &self.local[rows.clone()],
            remote: &self.remote[rows.clone()],
            capacity: &self.capacity[rows.clone()],
            local_dust: &self.local_dust[rows.clone()],
            remote_dust: &self.remote_dust[rows],
        }
    }

    /// Offers a block's actions, of which none ranks above `best`. Few blocks hold anything above the bar, and where
    /// one does the bar soon rises to its best.
    fn offer(&self, start: usize, marks: &[Mark], best: u8, order: SortOrder, top: &mut TopTen<TopAction>) {
        for (row, mark) in (start..).zip(marks) {
            if best <= top.bar() {
                break;
            }
            if mark.best_rank(order) > top.bar() {
                for kind in self.kinds(row, *mark) {
                    top.offer(order.rank(mark.implementation_priority(), kind), TopAction { row, kind });
                }
            }
        }
    }

    /// The actions of a row, by falling priority.
    fn kinds(&self, row: usize, mark: Mark) -> impl Iterator<Item = ActionKind> + use<> {
        let rebalance = if self.local[row] > self.remote[row] {
            ActionKind::RebalanceOut
        } else {
            ActionKind::RebalanceIn
        };
        [(0b100, rebalance), (0b010, ActionKind::SpliceDustRemoval), (0b001, ActionKind::SpliceIncrease)]
            .into_iter()
            .filter(move |(bit, _)| mark.actions() & bit != 0)
            .map(|(_, kind)| kind)
    }

    /// The channel of a row under a name; `None` past the end. Its dust limit is the default one, for want of a column.
    fn channel(&self, row: usize, id: ChannelKey) -> Option<HeuristicChannel> {
        let amount = |column: &[u64]| column.get(row).copied().map(Amount::from_sat);
        Some(HeuristicChannel {
            local_balance: amount(&self.local)?,
            remote_balance: amount(&self.remote)?,
            capacity: amount(&self.capacity)?,
            local_dust: amount(&self.local_dust)?,
            remote_dust: amount(&self.remote_dust)?,
            ..HeuristicChannel::new(id)
        })
    }
}

impl From<&HeuristicManager> for FleetColumns {
    fn from(manager: &HeuristicManager) -> Self {
        let mut columns = Self::with_capacity(manager.channels().len());
        for channel in manager.channels() {
            columns.push(channel).expect("a manager takes only amounts within bounds");
        }
        columns
    }
}
