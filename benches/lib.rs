//! Holds the criterion benches of the workspace, one folder a crate; its own code draws their inputs, leaves out what
//! was not asked for, and compares what was measured.

mod draw;
mod filter;
mod ratio;

pub use draw::Draw;
pub use filter::wanted;
pub use ratio::{Ratio, print_ratios};
