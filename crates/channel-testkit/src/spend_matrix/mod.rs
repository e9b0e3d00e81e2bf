//! The spend matrix: every path of every output of every format, spent by transactions that must be accepted, and by
//! transactions with one flaw that must be refused.
//!
//! The outputs, and the transactions both parties agree on, are the product's. Scripts, keys and signatures that unlock
//! them are made here once more, from secrets and specifications, with other code: what the two do not agree on, the
//! verifier refuses. [`judge`] takes the verifier as a function, so that the matrix links none.

#[cfg(test)]
mod agreement;
mod case;
mod channel;
mod flaw;
mod keys;
mod plan;
mod plans;
mod scripts;
mod signing;
mod spot;

pub use case::{Expected, Misjudged, SpendCase, Verdict, judge, spend_cases};
pub use flaw::{Flaw, Rule};
pub use plan::Signatory;
pub use spot::{Arrangement, Output, Path, Spot};
