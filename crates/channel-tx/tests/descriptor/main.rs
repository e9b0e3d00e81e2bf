//! Funding descriptors: what is accepted, what is refused and why, and what the interpreter says to the same spends.
//! Tests named `k01` to `k11` are the rows of `docs/PARITY.md`.

#![expect(clippy::unwrap_used, reason = "what a test cannot construct fails the test")]

mod commitment;
mod forms;
mod keys;
mod locks;
mod meaning;
mod party;
mod property;
mod spend;
mod writing;
