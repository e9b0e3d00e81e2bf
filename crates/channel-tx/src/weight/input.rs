//! The weight of one input, and the inputs a wallet brings.

use bitcoin::Weight;

use super::output::OutputKind;
use super::size::{ECDSA_SIGNATURE_LOW_S, PUBLIC_KEY, SCHNORR_SIGNATURE, WitnessStack, compact_size, push};

/// Outpoint (32 + 4) and sequence (4): the bytes of an input without its script sig.
const OUTPOINT_AND_SEQUENCE: u64 = 40;
/// `0 <hash160>`: the redeem script of P2SH-P2WPKH.
const P2WPKH_SCRIPT: u64 = 22;

/// What an input weighs: its stripped part, times 4, and its witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InputWeight {
    script_sig: u64,
    witness: WitnessStack,
}

impl InputWeight {
    /// An input with an empty script sig (every native segwit and Taproot spend).
    pub const fn native(witness: WitnessStack) -> Self {
        Self { script_sig: 0, witness }
    }

    /// An input with a script sig of `script_sig` bytes.
    pub const fn with_script_sig(script_sig: u64, witness: WitnessStack) -> Self {
        Self { script_sig, witness }
    }

    /// A Taproot key path spend with the default sighash: 66 WU of witness, 230 WU in all.
    pub const fn taproot_key_path() -> Self {
        Self::native(WitnessStack::EMPTY.with(SCHNORR_SIGNATURE))
    }

    /// A P2WPKH spend: 108 WU of witness, 272 WU in all (BOLT 5 counts the same for `to_remote`).
    pub const fn p2wpkh() -> Self {
        Self::native(P2WPKH_WITNESS)
    }

    /// The serialised witness in WU, with its element count: 1 for an empty witness.
    pub const fn witness(self) -> Weight {
        self.witness.weight()
    }

    /// Stripped part and witness, as in a transaction with segwit inputs.
    pub const fn weight(self) -> Weight {
        let stripped = self.stripped_size().saturating_mul(4);
        Weight::from_wu(stripped.saturating_add(self.witness().to_wu()))
    }

    /// Bytes without witness: 41 when the script sig is empty.
    pub const fn stripped_size(self) -> u64 {
        OUTPOINT_AND_SEQUENCE.saturating_add(compact_size(self.script_sig)).saturating_add(self.script_sig)
    }

    /// True when the witness has no elements, as for P2A and P2PKH.
    pub const fn has_empty_witness(self) -> bool {
        self.witness.elements() == 0
    }
}

const P2WPKH_WITNESS: WitnessStack = WitnessStack::EMPTY.with(ECDSA_SIGNATURE_LOW_S).with(PUBLIC_KEY);

/// A single-key script of a wallet: what its coins weigh to spend, and its change to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WalletScript {
    /// Pay to public key hash, before segwit.
    P2pkh,
    /// P2WPKH nested in P2SH (BIP 49).
    P2shP2wpkh,
    /// Native segwit v0 (BIP 84).
    P2wpkh,
    /// Taproot key path (BIP 86).
    P2tr,
}

impl WalletScript {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::P2pkh, Self::P2shP2wpkh, Self::P2wpkh, Self::P2tr];

    /// The input that spends a coin of this kind. Witness: P2WPKH and nested 108 WU, P2TR 66 WU; P2PKH has a script
    /// sig of 107 bytes instead.
    pub const fn input(self) -> InputWeight {
        match self {
            Self::P2pkh => {
                let script_sig = push(ECDSA_SIGNATURE_LOW_S) + push(PUBLIC_KEY);
                InputWeight::with_script_sig(script_sig, WitnessStack::EMPTY)
            }
            Self::P2shP2wpkh => InputWeight::with_script_sig(push(P2WPKH_SCRIPT), P2WPKH_WITNESS),
            Self::P2wpkh => InputWeight::p2wpkh(),
            Self::P2tr => InputWeight::taproot_key_path(),
        }
    }

    /// The output that pays to a script of this kind.
    pub const fn output(self) -> OutputKind {
        match self {
            Self::P2pkh => OutputKind::P2pkh,
            Self::P2shP2wpkh => OutputKind::P2sh,
            Self::P2wpkh => OutputKind::P2wpkh,
            Self::P2tr => OutputKind::P2tr,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wallet_witnesses_and_inputs_have_the_known_weights() {
        for (script, witness, input) in [
            (WalletScript::P2pkh, 1, 593),
            (WalletScript::P2shP2wpkh, 108, 364),
            (WalletScript::P2wpkh, 108, 272),
            (WalletScript::P2tr, 66, 230),
        ] {
            assert_eq!(script.input().witness().to_wu(), witness, "{script:?}");
            assert_eq!(script.input().weight().to_wu(), input, "{script:?}");
        }
    }

    #[test]
    fn a_long_script_sig_has_a_long_length() {
        let sizes =
            [252, 253].map(|len| InputWeight::with_script_sig(len, WitnessStack::EMPTY).stripped_size());
        assert_eq!(sizes, [293, 296]);
        assert_eq!(InputWeight::with_script_sig(u64::MAX, WitnessStack::EMPTY).weight(), Weight::MAX);
    }
}
