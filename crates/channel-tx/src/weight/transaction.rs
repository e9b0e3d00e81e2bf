//! The weight of a whole transaction, built up input by input and output by output.

use bitcoin::Weight;

use super::input::InputWeight;
use super::output::OutputKind;
use super::size::compact_size;

/// Version and lock time, in bytes.
const VERSION_AND_LOCK_TIME: u64 = 8;
/// Marker and flag of BIP 144, in WU.
const SEGWIT_MARKER: u64 = 2;

/// The running weight of a transaction. Compact sizes of the input and output counts, the segwit marker and the empty
/// witnesses of a mixed transaction are accounted for.
///
/// Sums saturate: a count no transaction can have gives [`Weight::MAX`], never a small weight.
///
/// ```
/// use channel_tx::weight::{OutputKind, TransactionWeight, WalletScript};
///
/// let send = TransactionWeight::EMPTY.input(WalletScript::P2tr.input()).output(OutputKind::P2tr);
/// assert_eq!(send.weight().to_wu(), 444);
/// assert_eq!(send.vbytes(), 111);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use]
pub struct TransactionWeight {
    inputs: u64,
    input_bytes: u64,
    witness: u64,
    segwit: bool,
    outputs: u64,
    output_bytes: u64,
}

impl TransactionWeight {
    /// No inputs and no outputs yet. A real transaction has at least one of each.
    pub const EMPTY: Self =
        Self { inputs: 0, input_bytes: 0, witness: 0, segwit: false, outputs: 0, output_bytes: 0 };

    /// With one more input.
    pub const fn input(self, input: InputWeight) -> Self {
        self.inputs(1, input)
    }

    /// With `count` more inputs of one kind.
    pub const fn inputs(self, count: u64, input: InputWeight) -> Self {
        let stripped = input.stripped_size().saturating_mul(count);
        let witness = input.witness().to_wu().saturating_mul(count);
        Self {
            inputs: self.inputs.saturating_add(count),
            input_bytes: self.input_bytes.saturating_add(stripped),
            witness: self.witness.saturating_add(witness),
            segwit: self.segwit || (count > 0 && !input.has_empty_witness()),
            ..self
        }
    }

    /// With one more output.
    pub const fn output(self, kind: OutputKind) -> Self {
        self.outputs(1, kind)
    }

    /// With `count` more outputs of one kind.
    pub const fn outputs(self, count: u64, kind: OutputKind) -> Self {
        Self {
            outputs: self.outputs.saturating_add(count),
            output_bytes: self.output_bytes.saturating_add(kind.size().saturating_mul(count)),
            ..self
        }
    }

    /// With every input of `inputs`.
    pub fn with_inputs(self, inputs: impl IntoIterator<Item = InputWeight>) -> Self {
        inputs.into_iter().fold(self, Self::input)
    }

    /// With every output of `kinds`: a slice, or an `Option` where an output may be left out.
    pub fn with_outputs(self, kinds: impl IntoIterator<Item = OutputKind>) -> Self {
        kinds.into_iter().fold(self, Self::output)
    }

    /// Number of inputs.
    pub const fn input_count(self) -> u64 {
        self.inputs
    }

    /// Number of outputs.
    pub const fn output_count(self) -> u64 {
        self.outputs
    }

    /// Bytes without marker, flag and witnesses.
    pub const fn stripped_size(self) -> u64 {
        VERSION_AND_LOCK_TIME
            .saturating_add(compact_size(self.inputs))
            .saturating_add(self.input_bytes)
            .saturating_add(compact_size(self.outputs))
            .saturating_add(self.output_bytes)
    }

    /// Marker, flag and witnesses: zero when every witness is empty.
    pub const fn witness(self) -> Weight {
        if self.segwit { Weight::from_wu(self.witness.saturating_add(SEGWIT_MARKER)) } else { Weight::ZERO }
    }

    /// The weight (BIP 141).
    pub const fn weight(self) -> Weight {
        Weight::from_wu(self.stripped_size().saturating_mul(4).saturating_add(self.witness().to_wu()))
    }

    /// The size in virtual bytes: a quarter of the weight, rounded up (BIP 141).
    pub const fn vbytes(self) -> u64 {
        // `Weight::to_vbytes_ceil` overflows at the saturated end.
        self.weight().to_wu().div_ceil(4)
    }
}

#[cfg(test)]
mod tests {
    use super::super::WalletScript;
    use super::*;

    #[test]
    fn one_input_brings_42_wu_of_overhead() {
        let bare = TransactionWeight::EMPTY.input(WalletScript::P2tr.input());
        assert_eq!(bare.weight().to_wu() - WalletScript::P2tr.input().weight().to_wu(), 42);
    }

    #[test]
    fn no_witness_means_no_marker_and_no_counts() {
        let legacy = TransactionWeight::EMPTY.input(WalletScript::P2pkh.input()).output(OutputKind::P2pkh);
        assert_eq!(legacy.weight().to_wu(), 4 * (10 + 148 + 34));
        assert_eq!(legacy.witness(), Weight::ZERO);
        let mixed = legacy.input(WalletScript::P2tr.input());
        assert_eq!(mixed.witness().to_wu(), 2 + 1 + 66);
    }

    #[test]
    fn absurd_counts_saturate() {
        let huge = TransactionWeight::EMPTY
            .inputs(u64::MAX, WalletScript::P2tr.input())
            .input(WalletScript::P2pkh.input())
            .outputs(u64::MAX, OutputKind::P2tr);
        assert_eq!(huge.weight(), Weight::MAX);
        assert_eq!(huge.vbytes(), 1 << 62);
        assert_eq!(huge.input_count(), u64::MAX);
        assert_eq!(huge.inputs(0, WalletScript::P2tr.input()), huge);
    }
}
