//! What one pass over a fleet's columns finds.

use super::{FleetColumns, Mark};
use crate::heuristic::{
    Action, ActionKind, ChannelRecommendation, FleetSummary, HealthStatus, Number, SatTotal,
};
use crate::snapshot::ChannelKey;

/// The figures of a fleet, row by row and in all.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetAssessment {
    pub(super) scores: Vec<f64>,
    pub(super) marks: Vec<Mark>,
    pub(super) status: StatusCounts,
    pub(super) summary: FleetSummary,
    pub(super) top: Vec<TopAction>,
}

/// How many channels have which status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StatusCounts {
    /// Score over 0.7.
    pub healthy: usize,
    /// Score over 0.4, up to 0.7.
    pub attention_needed: usize,
    /// Score up to 0.4.
    pub unhealthy: usize,
}

/// One of the ten first actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopAction {
    pub(super) row: usize,
    pub(super) kind: ActionKind,
}

impl TopAction {
    /// The row of its channel.
    pub const fn row(self) -> usize {
        self.row
    }

    /// What to do.
    pub const fn kind(self) -> ActionKind {
        self.kind
    }

    /// The whole action, when the row of `columns` has it; `id` names the channel.
    pub fn action(self, columns: &FleetColumns, id: ChannelKey) -> Option<Action> {
        let advice = ChannelRecommendation::of(&columns.channel(self.row, id)?);
        advice.recommended_actions.into_iter().find(|action| action.kind == self.kind)
    }
}

impl FleetAssessment {
    /// The score of each row.
    pub fn scores(&self) -> &[f64] {
        &self.scores
    }

    /// Issues, actions and priority of each row.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// The status of a row; `None` past the end.
    pub fn status(&self, row: usize) -> Option<HealthStatus> {
        self.scores.get(row).copied().map(HealthStatus::of)
    }

    /// How many channels have which status.
    pub const fn status_counts(&self) -> StatusCounts {
        self.status
    }

    /// The fleet in six numbers.
    pub const fn summary(&self) -> &FleetSummary {
        &self.summary
    }

    /// The first ten actions.
    pub fn top_actions(&self) -> &[TopAction] {
        &self.top
    }
}

impl Default for FleetAssessment {
    /// The assessment of no channels.
    fn default() -> Self {
        Self {
            scores: Vec::new(),
            marks: Vec::new(),
            status: StatusCounts::default(),
            summary: FleetSummary {
                total_dust: SatTotal::ZERO,
                total_capacity: SatTotal::ZERO,
                dust_ratio: Number::ZERO,
                optimization_potential: Number::ZERO,
                estimated_recovery: 0.0,
                recommended_actions: 0,
            },
            top: Vec::new(),
        }
    }
}
