//! The bounds a signer holds every request against.

use alloc::vec::Vec;

use bitcoin::{Amount, ScriptBuf};
use channel_core::{CsvDelay, FeerateKw, PerSide, Side};

use super::OpenRefusal;

/// Bounds, set once by whoever owns the keys. They hold for all that is signed later, whatever the program asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerPolicy {
    /// The delays a side may be given for its own outputs, both ends included. The upper bound of ours says how long we
    /// may have to wait; the lower bound of the peer's says how long we have to notice a revoked commitment.
    pub to_self_delay: PerSide<DelayRange>,
    /// The highest feerate of a commitment.
    pub max_commitment_feerate: FeerateKw,
    /// The most a close, splice, claim or fee bump may pay to miners, in sat.
    pub max_fee: Amount,
    /// The scripts our money may go to when it leaves the channel: those of our own wallet.
    pub own_scripts: Vec<ScriptBuf>,
}

/// Delays in blocks, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DelayRange {
    /// The shortest.
    pub min: CsvDelay,
    /// The longest.
    pub max: CsvDelay,
}

impl DelayRange {
    /// True for a delay within the range.
    pub fn contains(self, delay: CsvDelay) -> bool {
        (self.min..=self.max).contains(&delay)
    }
}

impl SignerPolicy {
    /// Checks the delays of both sides.
    pub(super) fn check_delays(&self, delays: PerSide<CsvDelay>) -> Result<(), OpenRefusal> {
        for side in Side::ALL {
            let (delay, allowed) = (*delays.of(side), *self.to_self_delay.of(side));
            if !allowed.contains(delay) {
                return Err(OpenRefusal::Delay { side, delay, min: allowed.min, max: allowed.max });
            }
        }
        Ok(())
    }

    /// True for a script our money may go to.
    pub(super) fn owns(&self, script: &ScriptBuf) -> bool {
        self.own_scripts.contains(script)
    }
}
