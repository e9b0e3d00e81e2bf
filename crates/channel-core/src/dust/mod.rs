//! Dust, which is three different things and therefore three types.
//!
//! - [`RelayDust`]: the value under which nodes do not relay an output of a script type.
//! - [`TrimLimit`]: the `dust_limit_satoshis` one side negotiated; a commitment leaves out what lies under it.
//! - [`EconomicDust`]: the value under which spending an output along an [`ExitPath`] costs more than it returns.
//!
//! No function takes a bare number for any of the three. [`DustExposure`] sums what a commitment trims, and
//! [`DustProfile`] names the thresholds an operator may choose for advice.

mod economic;
mod exposure;
mod profile;
mod relay;
mod trim;

pub use economic::{EconomicDust, ExitPath};
pub use exposure::{DustExposure, buffered_feerate};
pub use profile::{DustProfile, ParseDustProfileError};
pub use relay::{RelayDust, ScriptType};
pub use trim::{TrimLimit, TrimLimitError};
