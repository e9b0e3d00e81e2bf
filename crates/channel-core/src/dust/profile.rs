//! Named advisory thresholds: how small an amount an operator wants to hear about.

use core::fmt;
use core::str::FromStr;

use bitcoin::Amount;
use thiserror::Error;

/// A threshold for advice. It changes reports only: what a commitment trims is decided by the [`TrimLimit`].
///
/// [`TrimLimit`]: super::TrimLimit
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum DustProfile {
    /// 294 sat: the relay dust of P2WPKH, the smallest output a wallet makes.
    Minimal,
    /// 546 sat: the relay dust of P2PKH, the number most wallets use.
    #[default]
    Standard,
    /// 1000 sat: some room for feerates to rise.
    Conservative,
}

impl DustProfile {
    /// Every profile, the smallest first.
    pub const ALL: [Self; 3] = [Self::Minimal, Self::Standard, Self::Conservative];

    /// Amounts below this are reported as dust.
    pub const fn threshold(self) -> Amount {
        match self {
            Self::Minimal => Amount::from_sat(294),
            Self::Standard => Amount::from_sat(546),
            Self::Conservative => Amount::from_sat(1000),
        }
    }

    /// True when `value` is to be reported: above zero and below the threshold.
    pub fn reports(self, value: Amount) -> bool {
        value > Amount::ZERO && value < self.threshold()
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Minimal => "minimal",
            Self::Standard => "standard",
            Self::Conservative => "conservative",
        }
    }
}

impl fmt::Display for DustProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for DustProfile {
    type Err = ParseDustProfileError;

    /// Reads `minimal`, `standard` or `conservative`.
    fn from_str(text: &str) -> Result<Self, ParseDustProfileError> {
        Self::ALL.into_iter().find(|profile| profile.name() == text).ok_or(ParseDustProfileError)
    }
}

/// A text names no dust profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("dust profile must be minimal, standard or conservative")]
#[non_exhaustive]
pub struct ParseDustProfileError;

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;
    use crate::dust::{RelayDust, ScriptType};

    #[test]
    fn profiles_have_their_thresholds_and_names() {
        let relay = |script| RelayDust::of(script, RelayDust::DEFAULT_FEERATE).to_amount();
        assert_eq!(DustProfile::Minimal.threshold(), relay(ScriptType::P2wpkh));
        assert_eq!(DustProfile::Standard.threshold(), relay(ScriptType::P2pkh));
        assert_eq!(DustProfile::Conservative.threshold(), Amount::from_sat(1000));
        for profile in DustProfile::ALL {
            assert_eq!(profile.to_string().parse(), Ok(profile));
            let limit = profile.threshold();
            assert!(profile.reports(limit - Amount::ONE_SAT) && !profile.reports(limit));
            assert!(!profile.reports(Amount::ZERO));
        }
        assert_eq!("Standard".parse::<DustProfile>(), Err(ParseDustProfileError));
    }
}
