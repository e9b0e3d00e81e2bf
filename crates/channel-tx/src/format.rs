//! What the transactions of each commitment format look like, as data in one place.

use bitcoin::Sequence;
use bitcoin::transaction::Version;
use channel_core::CommitmentFormat;
use thiserror::Error;

use crate::script::SighashScope;
use crate::weight::script::{ScriptFamily, SegwitScripts, TaprootScripts};

/// The facts about a format that its transactions are built by.
///
/// | | `SegwitAnchors` | `SegwitV3` | `TaprootV2` | `TaprootV3` |
/// |---|---|---|---|---|
/// | version | 2 | 3 | 2 | 3 |
/// | funding | 2-of-2 | 2-of-2 | MuSig2 | MuSig2 |
/// | anchors | keyed, 330 sat | P2A, 0 to 240 sat | keyed, 330 sat | P2A, 0 to 240 sat |
/// | sequence of second levels | 1 | 0 | 1 | 0 |
/// | sequence of claims without a delay of their own | 1 | any | 1 | any |
/// | countersignature of second levels | single, anyone can pay | same | same | same |
/// | fee | by feerate | none | by feerate | none |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct FormatRules {
    /// The format.
    pub format: CommitmentFormat,
    /// The version of commitments and of what spends them before they confirm: 3 is TRUC (BIP 431).
    pub version: Version,
    /// The sequence of the input of an HTLC transaction.
    pub second_level_sequence: Sequence,
    /// The sequence of an input that spends the peer's commitment: one block where scripts ask for it, else just
    /// replaceable.
    pub claim_sequence: Sequence,
    /// What the other party's signature on an HTLC transaction commits to.
    pub countersigner_scope: SighashScope,
    pub(crate) scripts: Scripts,
}

/// The scripts of the formats that can be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Scripts {
    Segwit(SegwitScripts),
    Taproot(TaprootScripts),
}

/// Transactions of this format are not built here: a channel of that kind can be priced, but not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "commitments of format {format} are not built; open the channel as taproot_v3, taproot_v2, segwit_v3 or segwit_anchors"
)]
#[non_exhaustive]
pub struct UnsupportedFormat {
    /// The format asked for.
    pub format: CommitmentFormat,
}

impl FormatRules {
    /// The rules of `format`.
    ///
    /// # Errors
    /// [`UnsupportedFormat`] for formats without anchors.
    pub const fn of(format: CommitmentFormat) -> Result<Self, UnsupportedFormat> {
        let scripts = match (ScriptFamily::of(format), format.is_zero_fee()) {
            (ScriptFamily::Taproot(scripts), _) => Scripts::Taproot(scripts),
            (ScriptFamily::Segwit(SegwitScripts::Plain), false) => return Err(UnsupportedFormat { format }),
            (ScriptFamily::Segwit(scripts), _) => Scripts::Segwit(scripts),
        };
        let one_block = Sequence(1);
        let (version, second_level_sequence, claim_sequence) = if format.is_zero_fee() {
            (Version(3), Sequence::ZERO, Sequence::ENABLE_RBF_NO_LOCKTIME)
        } else {
            (Version::TWO, one_block, one_block)
        };
        let countersigner_scope = SighashScope::SingleAnyoneCanPay;
        Ok(Self { format, version, second_level_sequence, claim_sequence, countersigner_scope, scripts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_fee_formats_are_truc() {
        for format in CommitmentFormat::ALL {
            match FormatRules::of(format) {
                Ok(rules) => assert_eq!(rules.version.0 == 3, format.is_zero_fee(), "{format}"),
                Err(refused) => assert_eq!(refused.format, CommitmentFormat::StaticRemoteKey),
            }
        }
    }
}
