//! The gates and generators of the workspace: `cargo xtask ci | test | tidy | layers | vectors`.

fn main() {}
