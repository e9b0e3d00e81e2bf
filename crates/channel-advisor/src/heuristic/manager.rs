//! The channels under management and the seed's functions on them.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    Action, ChannelHealth, ChannelNotFound, ChannelRecommendation, DustAllocation, HeuristicChannel,
    HeuristicError, ManagementPlan, SortOrder,
};
use crate::snapshot::{ChannelKey, Snapshot};

/// The seed's `LightningChannelManager`.
#[derive(Debug, Clone, Default)]
pub struct HeuristicManager {
    channels: Vec<HeuristicChannel>,
    /// Where each id stands in `channels`.
    places: HashMap<ChannelKey, usize>,
}

impl HeuristicManager {
    /// A manager without channels.
    pub fn new() -> Self {
        Self::default()
    }

    /// The channels of a list of records, see [`HeuristicChannel::from_row`].
    ///
    /// # Errors
    /// [`HeuristicError`] for the first record that is refused.
    pub fn from_rows(records: &[Value]) -> Result<Self, HeuristicError> {
        let mut manager = Self::new();
        for (row, record) in records.iter().enumerate() {
            manager.add_channel_state(HeuristicChannel::from_row(row, record)?)?;
        }
        Ok(manager)
    }

    /// The channels of an imported listing, see [`HeuristicChannel::from_snapshot`].
    ///
    /// # Errors
    /// [`HeuristicError::AmountTooLarge`] for amounts beyond [`HeuristicChannel::MAX_AMOUNT`].
    pub fn from_snapshot(snapshot: &Snapshot) -> Result<Self, HeuristicError> {
        let mut manager = Self::new();
        for channel in &snapshot.channels {
            manager.add_channel_state(HeuristicChannel::from_snapshot(channel))?;
        }
        Ok(manager)
    }

    /// Adds a channel. A repeated id keeps its first place and takes the new values.
    ///
    /// # Errors
    /// [`HeuristicError::AmountTooLarge`] for an amount beyond [`HeuristicChannel::MAX_AMOUNT`].
    pub fn add_channel_state(&mut self, channel: HeuristicChannel) -> Result<(), HeuristicError> {
        channel.check()?;
        let next = self.channels.len();
        let place = *self.places.entry(channel.id.clone()).or_insert(next);
        match self.channels.get_mut(place) {
            Some(known) => *known = channel,
            None => self.channels.push(channel),
        }
        Ok(())
    }

    /// The channels, in order.
    pub fn channels(&self) -> &[HeuristicChannel] {
        &self.channels
    }

    /// Health of one channel.
    ///
    /// # Errors
    /// [`ChannelNotFound`] for an unknown id (the seed: an object with `error`).
    pub fn analyze_channel_health(&self, id: &str) -> Result<ChannelHealth, ChannelNotFound> {
        self.channel(id).map(ChannelHealth::of)
    }

    /// The rebalance of one channel, if it is imbalanced.
    ///
    /// # Errors
    /// [`ChannelNotFound`] for an unknown id (the seed: an empty list).
    pub fn generate_rebalancing_recommendations(&self, id: &str) -> Result<Vec<Action>, ChannelNotFound> {
        let channel = self.channel(id)?;
        Ok(Action::rebalance(channel, &ChannelHealth::of(channel)).into_iter().collect())
    }

    /// The splices of one channel: against dust, and to grow when it is underutilised.
    ///
    /// # Errors
    /// [`ChannelNotFound`] for an unknown id (the seed: an empty list).
    pub fn generate_splicing_recommendations(&self, id: &str) -> Result<Vec<Action>, ChannelNotFound> {
        let channel = self.channel(id)?;
        Ok(Action::splices(channel, &ChannelHealth::of(channel)).collect())
    }

    /// The dust strategies of one channel.
    ///
    /// # Errors
    /// [`ChannelNotFound`] for an unknown id (the seed: an object with `error`).
    pub fn optimize_dust_allocation(&self, id: &str) -> Result<DustAllocation, ChannelNotFound> {
        self.channel(id).map(DustAllocation::of)
    }

    /// Health, actions and priority of one channel.
    ///
    /// # Errors
    /// [`ChannelNotFound`] for an unknown id (the seed: `ValueError`).
    pub fn generate_channel_recommendations(
        &self,
        id: &str,
    ) -> Result<ChannelRecommendation, ChannelNotFound> {
        self.channel(id).map(ChannelRecommendation::of)
    }

    /// The plan for all channels. `now` is printed as it is.
    pub fn create_management_plan(&self, now: &str, order: SortOrder) -> ManagementPlan {
        ManagementPlan::of(&self.channels, now, order)
    }

    fn channel(&self, id: &str) -> Result<&HeuristicChannel, ChannelNotFound> {
        self.places.get(id).and_then(|place| self.channels.get(*place)).ok_or(ChannelNotFound)
    }
}
