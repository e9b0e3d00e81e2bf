//! Holds the criterion benches of the workspace, one folder a crate; its own code only draws their inputs.

mod draw;

pub use draw::Draw;
