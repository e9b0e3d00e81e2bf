//! The economic profile: integers in millisatoshi, every figure traceable to its evidence.

mod balance;
mod dust;
mod evidence;
mod figures;
mod flow;
mod gather;
mod health;
mod neighbours;
mod options;
pub mod route;
#[cfg(test)]
mod samples;
mod terms;
mod window;

pub use evidence::{ChannelFlow, Evidence, FleetEvidence, LastHop};
pub use gather::gather;
pub use options::{Options, PastAction};
