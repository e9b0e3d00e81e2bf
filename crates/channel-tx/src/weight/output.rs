//! The weight of one output, by script type.

use bitcoin::{Script, Weight};
use channel_core::CommitmentFormat;

use super::script::{ScriptFamily, SegwitScripts};
use super::size::{compact_size, push};

/// The value of an output, in bytes.
const VALUE: u64 = 8;

/// The type of an output script, which fixes the output's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutputKind {
    /// `DUP HASH160 <hash> EQUALVERIFY CHECKSIG`: 25 bytes of script, 136 WU.
    P2pkh,
    /// `HASH160 <hash> EQUAL`: 23 bytes of script, 128 WU.
    P2sh,
    /// `0 <20 bytes>`: 22 bytes of script, 124 WU.
    P2wpkh,
    /// `0 <32 bytes>`: 34 bytes of script, 172 WU.
    P2wsh,
    /// `1 <32 bytes>`: 34 bytes of script, 172 WU.
    P2tr,
    /// `1 <4e73>` (BIP 433): 4 bytes of script, 52 WU.
    P2a,
    /// `RETURN <data>`, the data in one push.
    OpReturn {
        /// Bytes of data.
        data_len: u64,
    },
    /// Any other script, such as a shutdown script of a later segwit version.
    Other {
        /// Bytes of script.
        script_len: u64,
    },
}

impl OutputKind {
    /// The funding output of a channel: P2TR of the MuSig2 key, or P2WSH of the 2-of-2.
    pub const fn funding(format: CommitmentFormat) -> Self {
        if format.is_taproot() { Self::P2tr } else { Self::P2wsh }
    }

    /// `to_local`, HTLC, keyed anchor and second-level outputs: P2TR or P2WSH, 172 WU in every format.
    pub const fn script_path(format: CommitmentFormat) -> Self {
        Self::funding(format)
    }

    /// `to_remote`: P2TR, P2WSH with `option_anchors`, else P2WPKH of the payment key.
    pub const fn to_remote(format: CommitmentFormat) -> Self {
        match ScriptFamily::of(format) {
            ScriptFamily::Segwit(SegwitScripts::Plain) => Self::P2wpkh,
            ScriptFamily::Segwit(SegwitScripts::Anchors) => Self::P2wsh,
            ScriptFamily::Taproot(_) => Self::P2tr,
        }
    }

    /// Bytes of the script.
    pub const fn script_len(self) -> u64 {
        match self {
            Self::P2pkh => 25,
            Self::P2sh => 23,
            Self::P2wpkh => 22,
            Self::P2wsh | Self::P2tr => 34,
            Self::P2a => 4,
            Self::OpReturn { data_len } => push(data_len).saturating_add(1),
            Self::Other { script_len } => script_len,
        }
    }

    /// Bytes of the output: 8 of value, the script and its length. 43 for P2TR.
    pub const fn size(self) -> u64 {
        let script = self.script_len();
        script.saturating_add(compact_size(script)).saturating_add(VALUE)
    }

    /// The weight of the output: 4 times its size.
    pub const fn weight(self) -> Weight {
        Weight::from_wu(self.size().saturating_mul(4))
    }
}

impl From<&Script> for OutputKind {
    /// The type of a script. Data carriers count as [`OutputKind::Other`] of the same length.
    fn from(script: &Script) -> Self {
        match script {
            s if s.is_p2pkh() => Self::P2pkh,
            s if s.is_p2sh() => Self::P2sh,
            s if s.is_p2wpkh() => Self::P2wpkh,
            s if s.is_p2wsh() => Self::P2wsh,
            s if s.is_p2tr() => Self::P2tr,
            s if s.as_bytes() == [0x51, 0x02, 0x4e, 0x73] => Self::P2a,
            s => Self::Other { script_len: u64::try_from(s.len()).unwrap_or(u64::MAX) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_weights_are_the_known_ones() {
        for (kind, wu) in [
            (OutputKind::P2pkh, 136),
            (OutputKind::P2sh, 128),
            (OutputKind::P2wpkh, 124),
            (OutputKind::P2wsh, 172),
            (OutputKind::P2tr, 172),
            (OutputKind::P2a, 52),
            (OutputKind::OpReturn { data_len: 80 }, 368),
            (OutputKind::Other { script_len: 42 }, 204),
        ] {
            assert_eq!(kind.weight().to_wu(), wu, "{kind:?}");
        }
    }

    #[test]
    fn absurd_lengths_saturate() {
        assert_eq!(OutputKind::Other { script_len: u64::MAX }.weight(), Weight::MAX);
        assert_eq!(OutputKind::OpReturn { data_len: u64::MAX }.weight(), Weight::MAX);
    }

    #[test]
    fn the_htlc_output_is_the_one_fees_count() {
        for format in CommitmentFormat::ALL {
            assert_eq!(OutputKind::script_path(format).weight(), format.htlc_output_weight(), "{format:?}");
        }
    }
}
