//! Walking a chain block by block, with the backend's answers checked.

use thiserror::Error;

use crate::{BlockRef, BlockReport, Chain, ChainError, Sighting, Step, Watched};

/// A place in the chain and what is watched from there on.
///
/// Its [`place`](Self::place) is what to store: a follower made from it later goes on exactly there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follower {
    place: BlockRef,
    /// What is looked for. A payment to a watched script adds its outpoint.
    pub watched: Watched,
}

/// Following failed; the follower stays where it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FollowError {
    /// The backend cannot answer.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The backend's block does not come next.
    #[error("{found} with parent {parent} does not follow {place}")]
    Gap {
        /// Where the follower is.
        place: BlockRef,
        /// The block that was reported.
        found: BlockRef,
        /// The parent it was reported with.
        parent: bitcoin::BlockHash,
    },
    /// The backend's fork is not below the place that was left.
    #[error("a reorganisation from {place} cannot fork at {fork}")]
    Fork {
        /// Where the follower is.
        place: BlockRef,
        /// The fork that was reported.
        fork: BlockRef,
    },
}

impl Follower {
    /// Follows from the block after `place`.
    pub fn new(place: BlockRef, watched: Watched) -> Self {
        Self { place, watched }
    }

    /// The last block that was reported, or the fork of the last reorganisation.
    pub fn place(&self) -> BlockRef {
        self.place
    }

    /// Takes one step and moves there; [`Step::AtTip`] moves nothing.
    ///
    /// # Errors
    /// [`FollowError`] when the backend cannot answer, or answers with a block that does not come next.
    pub fn step(&mut self, chain: &impl Chain) -> Result<Step, FollowError> {
        let step = chain.step(self.place, &self.watched)?;
        match &step {
            Step::Block(report) => self.advance(report)?,
            Step::Reorg { fork } if fork.height < self.place.height => self.place = *fork,
            Step::Reorg { fork } => return Err(FollowError::Fork { place: self.place, fork: *fork }),
            Step::AtTip => {}
        }
        Ok(step)
    }

    fn advance(&mut self, report: &BlockReport) -> Result<(), FollowError> {
        let next = self.place.height.checked_add(1);
        if next != Some(report.block.height) || report.parent != self.place.hash {
            return Err(FollowError::Gap { place: self.place, found: report.block, parent: report.parent });
        }
        for sighting in &report.sightings {
            if let Sighting::Paid { outpoint, .. } = sighting {
                self.watched.watch_outpoint(*outpoint);
            }
        }
        self.place = report.block;
        Ok(())
    }
}
