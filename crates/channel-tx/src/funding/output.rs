//! The output that holds a channel: a MuSig2 key, or a 2-of-2 witness script.

use bitcoin::ScriptBuf;
use bitcoin::secp256k1::PublicKey;
use channel_core::CommitmentFormat;

use crate::format::{FormatRules, Scripts, UnsupportedFormat};
use crate::keys::{AggregateKey, KeyError, Point};
use crate::script::{ScriptBytes, Unlock, segwit};
use thiserror::Error;

/// A funding output cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FundingError {
    /// The funding keys do not go together.
    #[error("funding keys: {0}")]
    Keys(#[from] KeyError),
    /// The format is not built here.
    #[error(transparent)]
    Format(#[from] UnsupportedFormat),
}

/// The script of a funding output. Only both parties together can spend it, in either form.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "one for each channel")]
pub enum FundingScript {
    /// A MuSig2 key without a script path.
    MuSig2(AggregateKey),
    /// `2 <a> <b> 2 CHECKMULTISIG`, the keys in lexicographic order (BOLT 3).
    TwoOfTwo {
        /// The witness script.
        script: ScriptBytes,
        /// The keys in the order of the script, which is the order of their signatures.
        sorted: [PublicKey; 2],
    },
}

impl FundingScript {
    /// The funding script of two parties' funding keys, in whichever order they come.
    ///
    /// # Errors
    /// [`FundingError`] when both keys are the same or the format is not built here.
    pub fn new(
        format: CommitmentFormat,
        first: &PublicKey,
        second: &PublicKey,
    ) -> Result<Self, FundingError> {
        let rules = FormatRules::of(format)?;
        if let Scripts::Taproot(_) = rules.scripts {
            return Ok(Self::MuSig2(AggregateKey::new(first, second)?));
        }
        if first.x_only_public_key().0 == second.x_only_public_key().0 {
            return Err(KeyError::SameFundingKey.into());
        }
        let script = segwit::funding(&Point::new(first), &Point::new(second));
        let ordered = first.serialize() <= second.serialize();
        let sorted = if ordered { [*first, *second] } else { [*second, *first] };
        Ok(Self::TwoOfTwo { script, sorted })
    }

    /// What stands on the chain.
    pub fn script_pubkey(&self) -> ScriptBuf {
        match self {
            Self::MuSig2(key) => key.script_pubkey(),
            Self::TwoOfTwo { script, .. } => script.as_script().to_p2wsh(),
        }
    }

    /// The two funding keys in lexicographic order.
    pub const fn sorted_keys(&self) -> &[PublicKey; 2] {
        match self {
            Self::MuSig2(key) => key.sorted_keys(),
            Self::TwoOfTwo { sorted, .. } => sorted,
        }
    }

    /// What unlocks it: the key path, or the witness script.
    pub fn unlock(&self) -> Unlock {
        match self {
            Self::MuSig2(key) => Unlock::KeyPath { internal_key: key.internal_key(), merkle_root: None },
            Self::TwoOfTwo { script, .. } => Unlock::WitnessScript(script.clone()),
        }
    }

    /// The MuSig2 key, `None` for a 2-of-2.
    pub const fn aggregate(&self) -> Option<&AggregateKey> {
        match self {
            Self::MuSig2(key) => Some(key),
            Self::TwoOfTwo { .. } => None,
        }
    }
}
