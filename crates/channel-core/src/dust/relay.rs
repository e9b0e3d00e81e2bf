//! Relay dust: the value under which Bitcoin Core does not relay an output, computed from its serialised size.
//!
//! An output is dust when it is worth less than the fee of creating and spending it at the dust relay feerate
//! (Bitcoin Core, `GetDustThreshold`). The spending input is taken as 148 bytes, or 67 for witness programs.

use bitcoin::{Amount, Script};

use crate::quantity::FeerateKw;

/// The script types with a relay dust limit of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum ScriptType {
    /// Pay to public key hash.
    P2pkh,
    /// Pay to script hash.
    P2sh,
    /// Pay to witness public key hash (segwit v0).
    P2wpkh,
    /// Pay to witness script hash (segwit v0).
    P2wsh,
    /// Pay to Taproot (segwit v1).
    P2tr,
    /// Pay to anchor (BIP 433).
    P2a,
    /// A witness program nothing is known of, at its longest: 40 bytes.
    UnknownSegwit,
    /// Data that nobody can spend.
    OpReturn,
}

impl ScriptType {
    /// Every type.
    pub const ALL: [Self; 8] = [
        Self::P2pkh,
        Self::P2sh,
        Self::P2wpkh,
        Self::P2wsh,
        Self::P2tr,
        Self::P2a,
        Self::UnknownSegwit,
        Self::OpReturn,
    ];

    /// The type of a script, or `None` for one of no standard type (bare keys, bare multisig).
    pub fn of(script: &Script) -> Option<Self> {
        Some(match script {
            s if s.is_p2pkh() => Self::P2pkh,
            s if s.is_p2sh() => Self::P2sh,
            s if s.is_p2wpkh() => Self::P2wpkh,
            s if s.is_p2wsh() => Self::P2wsh,
            s if s.is_p2tr() => Self::P2tr,
            s if s.as_bytes() == P2A_SCRIPT => Self::P2a,
            s if s.is_witness_program() => Self::UnknownSegwit,
            s if s.is_op_return() => Self::OpReturn,
            _ => return None,
        })
    }

    /// The length of the script in bytes, summed from its parts; unknown programs count as 40 bytes, data as none.
    pub const fn script_len(self) -> usize {
        match self {
            // DUP HASH160 <20> EQUALVERIFY CHECKSIG
            Self::P2pkh => 1 + 1 + (1 + 20) + 1 + 1,
            // HASH160 <20> EQUAL
            Self::P2sh => 1 + (1 + 20) + 1,
            // version and program
            Self::P2wpkh => 1 + (1 + 20),
            Self::P2wsh | Self::P2tr => 1 + (1 + 32),
            Self::P2a => P2A_SCRIPT.len(),
            Self::UnknownSegwit => 1 + (1 + 40),
            Self::OpReturn => 1,
        }
    }

    const fn is_witness_program(self) -> bool {
        !matches!(self, Self::P2pkh | Self::P2sh | Self::OpReturn)
    }
}

/// The witness program of BIP 433: version 1, the two bytes `4e73`.
const P2A_SCRIPT: &[u8] = &[0x51, 0x02, 0x4e, 0x73];

/// The smallest value of an output that nodes relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelayDust(Amount);

impl RelayDust {
    /// Bitcoin Core's default dust relay feerate: 3 sat/vB, that is 750 sat/kW.
    pub const DEFAULT_FEERATE: FeerateKw = FeerateKw::from_sat_per_kw(750);

    /// The relay dust of a script type at a dust relay feerate.
    pub const fn of(script: ScriptType, feerate: FeerateKw) -> Self {
        if matches!(script, ScriptType::OpReturn) {
            return Self(Amount::ZERO);
        }
        Self(threshold(script.script_len(), script.is_witness_program(), feerate))
    }

    /// The relay dust of this very script, whatever its type, at a dust relay feerate.
    pub fn of_script(script: &Script, feerate: FeerateKw) -> Self {
        if script.is_op_return() {
            return Self(Amount::ZERO);
        }
        Self(threshold(script.len(), script.is_witness_program(), feerate))
    }

    /// The smallest value that is relayed, in sat.
    pub const fn to_amount(self) -> Amount {
        self.0
    }

    /// True when an output of `value` would not be relayed. The threshold itself is not dust.
    pub fn is_dust(self, value: Amount) -> bool {
        value < self.0
    }
}

/// The fee of output and spending input, rounded up to whole satoshi as Core rounds fees.
const fn threshold(script_len: usize, witness_program: bool, feerate: FeerateKw) -> Amount {
    // Value, length of the script (one byte below 253, else three or five), script.
    let length_of_length = match script_len {
        0..=252 => 1,
        253..=65_535 => 3,
        _ => 5,
    };
    let output = 8 + length_of_length + script_len as u64;
    // Outpoint, script length, sequence, and 107 bytes of signature and key, a quarter of them in a witness.
    let input = 32 + 4 + 1 + (if witness_program { 107 / 4 } else { 107 }) + 4;
    feerate.fee_ceil(bitcoin::Weight::from_wu((output + input) * 4))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use bitcoin::{FeeRate, ScriptBuf};

    use super::*;

    fn script(kind: ScriptType) -> ScriptBuf {
        let (front, body, back): (&[u8], usize, &[u8]) = match kind {
            ScriptType::P2pkh => (&[0x76, 0xa9, 20], 20, &[0x88, 0xac]),
            ScriptType::P2sh => (&[0xa9, 20], 20, &[0x87]),
            ScriptType::P2wpkh => (&[0x00, 20], 20, &[]),
            ScriptType::P2wsh => (&[0x00, 32], 32, &[]),
            ScriptType::P2tr => (&[0x51, 32], 32, &[]),
            ScriptType::P2a => (&[0x51, 0x02, 0x4e, 0x73], 0, &[]),
            ScriptType::UnknownSegwit => (&[0x60, 40], 40, &[]),
            ScriptType::OpReturn => (&[0x6a], 0, &[]),
        };
        let mut bytes: Vec<u8> = front.to_vec();
        bytes.extend(core::iter::repeat_n(7, body));
        bytes.extend_from_slice(back);
        ScriptBuf::from_bytes(bytes)
    }

    #[test]
    fn the_thresholds_at_three_sat_per_vb_are_those_of_bitcoin_core() {
        let sats = [546, 540, 294, 330, 330, 240, 354, 0];
        for (kind, sat) in ScriptType::ALL.into_iter().zip(sats) {
            let dust = RelayDust::of(kind, RelayDust::DEFAULT_FEERATE);
            assert_eq!(dust.to_amount(), Amount::from_sat(sat), "{kind:?}");
            assert!(!dust.is_dust(Amount::from_sat(sat)), "equality is kept, {kind:?}");
            assert_eq!(sat > 0, sat > 0 && dust.is_dust(Amount::from_sat(sat - 1)), "{kind:?}");
        }
    }

    #[test]
    fn scripts_agree_with_their_type_and_with_rust_bitcoin() {
        for kind in ScriptType::ALL {
            let script = script(kind);
            assert_eq!(ScriptType::of(&script), Some(kind));
            assert_eq!(script.len(), kind.script_len(), "{kind:?}");
            for sat_per_vb in [1, 3, 7, 100] {
                let ours = FeerateKw::from_sat_per_vb(sat_per_vb).unwrap();
                let theirs = FeeRate::from_sat_per_vb(u64::from(sat_per_vb)).unwrap();
                let dust = RelayDust::of_script(&script, ours);
                assert_eq!(dust.to_amount(), script.minimal_non_dust_custom(theirs), "{kind:?}");
                assert_eq!(dust, RelayDust::of(kind, ours), "{kind:?}");
            }
            assert_eq!(
                RelayDust::of_script(&script, RelayDust::DEFAULT_FEERATE).to_amount(),
                script.minimal_non_dust()
            );
        }
    }

    #[test]
    fn scripts_of_no_type_have_a_limit_of_their_own_size() {
        for len in [0, 35, 252, 253, 300, 70_000] {
            let script = ScriptBuf::from_bytes([0xac].repeat(len));
            assert_eq!(ScriptType::of(&script), None);
            assert_eq!(
                RelayDust::of_script(&script, RelayDust::DEFAULT_FEERATE).to_amount(),
                script.minimal_non_dust(),
                "{len}"
            );
        }
    }

    #[test]
    fn fractions_of_a_satoshi_round_up() {
        // 67 + 31 bytes at 253 sat/kW: 98 x 4 x 253 / 1000 = 99.176.
        let dust = RelayDust::of(ScriptType::P2wpkh, FeerateKw::FLOOR);
        assert_eq!(dust.to_amount().to_sat(), 100);
    }
}
