//! Test support that more than one crate needs. Unpublished, above every other crate: it may use them all, and only
//! the benches and the package that runs Bitcoin Core's kernel use it.
//!
//! - [`spend_matrix`]: every way to spend every output of every commitment format, and what must be refused.

pub mod spend_matrix;
