//! The order of inputs and outputs.

use alloc::vec::Vec;

use bitcoin::hashes::Hash;
use bitcoin::{Amount, OutPoint, TxOut};

/// How inputs and outputs of a funding transaction are ordered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Order {
    /// By their own bytes (BIP 69): for a transaction that one party builds, and whenever no ids were exchanged.
    #[default]
    Lexicographic,
    /// By the ids both parties gave them (BOLT 2, interactive transaction construction).
    Serial {
        /// The ids of what is shared.
        shared: SharedSerialIds,
        /// The ids of each contribution, in the order of the contributions.
        contributions: Vec<SerialIds>,
    },
}

/// `serial_id`: even when the initiator added the input or output, odd otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SerialId(u64);

/// The ids of what the initiator adds for both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SharedSerialIds {
    /// Of the input that spends the funding output of before, when there is one.
    pub input: Option<SerialId>,
    /// Of the new funding output.
    pub funding_output: SerialId,
}

/// The ids of one contribution's inputs and outputs, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct SerialIds {
    /// Of its inputs.
    pub inputs: Vec<SerialId>,
    /// Of its outputs.
    pub outputs: Vec<SerialId>,
    /// Of its change, where there may be some.
    pub change: Option<SerialId>,
}

impl SerialId {
    /// The id as BOLT 2 sends it.
    pub const fn new(id: u64) -> Self {
        Self(id)
    }

    /// The number.
    pub const fn to_u64(self) -> u64 {
        self.0
    }

    pub(super) const fn is_of_initiator(self) -> bool {
        self.0.is_multiple_of(2)
    }
}

/// What inputs sort by (BIP 69): the id as it is displayed, then the index.
pub(crate) fn input_key(outpoint: &OutPoint) -> ([u8; 32], u32) {
    let mut txid = outpoint.txid.to_byte_array();
    txid.reverse();
    (txid, outpoint.vout)
}

/// What outputs sort by (BIP 69): value, then script.
pub(crate) fn output_key(output: &TxOut) -> (Amount, &[u8]) {
    (output.value, output.script_pubkey.as_bytes())
}
