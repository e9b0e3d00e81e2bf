//! The economic profile: integers in millisatoshi, every figure traceable to its evidence.

mod assemble;
mod balance;
mod dust;
mod evidence;
mod figures;
mod flow;
mod gather;
mod health;
pub mod history;
mod neighbours;
mod options;
mod rate;
mod remedy;
mod report;
pub mod route;
#[cfg(test)]
mod samples;
mod select;
mod state;
mod terms;
mod window;

pub use assemble::{PlanError, plan};
pub use evidence::{ChannelFlow, Evidence, FleetEvidence, LastHop};
pub use gather::gather;
pub use options::{Options, PastAction};
