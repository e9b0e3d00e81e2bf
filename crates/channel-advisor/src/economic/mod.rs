//! The economic profile: integers in millisatoshi, every figure traceable to its evidence.

mod evidence;
mod options;

pub use evidence::{ChannelFlow, Evidence, FleetEvidence, LastHop};
pub use options::{Options, PastAction};
