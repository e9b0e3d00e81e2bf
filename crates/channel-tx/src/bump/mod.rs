//! Raising the fee of a commitment: a child spends its anchor and pays for both.
//!
//! ```text
//!             coins ─┐
//! commitment ─ anchor ┴► child ─► change
//! ```
//!
//! With the zero-fee formats the commitment pays nothing and its P2A anchor can be dust: both are relayed only as a
//! [`Package`] (BIP 431). With keyed anchors the commitment pays some fee of its own, and each party has an anchor.

mod child;
mod package;

pub use child::{ChildError, ChildTerms, FeeChild, Replaced};
pub use package::{Package, PackageError, PackageFee, PackagePart};
