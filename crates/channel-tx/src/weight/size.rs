//! The lengths that every weight is made of: compact sizes, script pushes, script numbers and witness stacks.

use bitcoin::Weight;

/// A BIP 340 signature with the default sighash, in bytes (BIP 341).
pub const SCHNORR_SIGNATURE: u64 = 64;
/// A BIP 340 signature followed by its sighash byte, in bytes (BIP 341).
pub const SCHNORR_SIGNATURE_WITH_SIGHASH: u64 = 65;
/// An ECDSA signature in a channel script, in bytes: BOLT 3 appendix A counts 73.
pub const ECDSA_SIGNATURE: u64 = 73;
/// An ECDSA signature with low S, in bytes: a DER frame of 6, R of at most 33, S of at most 32, the sighash byte.
pub const ECDSA_SIGNATURE_LOW_S: u64 = 72;
/// A compressed public key, in bytes.
pub const PUBLIC_KEY: u64 = 33;
/// A payment preimage, in bytes.
pub const PREIMAGE: u64 = 32;

/// Bytes of `value` as a compact size: 1 up to 252, then 3, 5 or 9.
pub const fn compact_size(value: u64) -> u64 {
    match value {
        0..=0xfc => 1,
        0xfd..=0xffff => 3,
        0x1_0000..=0xffff_ffff => 5,
        _ => 9,
    }
}

/// Bytes of a script push of `data` bytes: the opcode, the length where `OP_PUSHDATA1`, `2` or `4` needs one, and the
/// data.
pub const fn push(data: u64) -> u64 {
    let opcode = match data {
        0..=75 => 1,
        76..=0xff => 2,
        0x100..=0xffff => 3,
        _ => 5,
    };
    data.saturating_add(opcode)
}

/// Bytes of the minimal push of `number` in a script: one opcode for 0..=16 (`OP_0`, `OP_1` to `OP_16`), else a push
/// of the little-endian bytes, where the top bit is the sign and so costs a byte when it is taken.
pub const fn script_number(number: u32) -> u64 {
    match number {
        0..=16 => 1,
        17..=0x7f => push(1),
        0x80..=0x7fff => push(2),
        0x8000..=0x7f_ffff => push(3),
        0x80_0000..=0x7fff_ffff => push(4),
        0x8000_0000.. => push(5),
    }
}

/// The control block of a leaf at `depth` in the script tree (BIP 341): leaf version and parity, internal key, and
/// one hash per level.
pub const fn control_block(depth: u64) -> u64 {
    depth.saturating_mul(32).saturating_add(33)
}

/// A witness built up from the lengths of its elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct WitnessStack {
    elements: u64,
    bytes: u64,
}

impl WitnessStack {
    /// The empty witness: its element count alone, 1 WU.
    pub const EMPTY: Self = Self { elements: 0, bytes: 0 };

    /// The stack with one more element of `len` bytes.
    #[must_use]
    pub const fn with(self, len: u64) -> Self {
        let element = compact_size(len).saturating_add(len);
        Self { elements: self.elements.saturating_add(1), bytes: self.bytes.saturating_add(element) }
    }

    /// Number of elements.
    pub const fn elements(self) -> u64 {
        self.elements
    }

    /// The weight of the serialised stack, element count included.
    pub const fn weight(self) -> Weight {
        Weight::from_wu(compact_size(self.elements).saturating_add(self.bytes))
    }
}

#[cfg(test)]
mod tests {
    use bitcoin::consensus::Encodable;
    use bitcoin::script::Builder;
    use bitcoin::{VarInt, Witness};

    use super::*;

    #[test]
    fn compact_sizes_step_where_the_encoding_does() {
        for (value, len) in [
            (0, 1),
            (252, 1),
            (253, 3),
            (0xffff, 3),
            (0x1_0000, 5),
            (0xffff_ffff, 5),
            (0x1_0000_0000, 9),
            (u64::MAX, 9),
        ] {
            assert_eq!(compact_size(value), len, "{value}");
            assert_eq!(compact_size(value), VarInt(value).size() as u64, "{value}");
        }
    }

    #[test]
    fn script_numbers_are_as_long_as_the_script_builder_makes_them() {
        let edges = [0x7f_u32, 0x7fff, 0x7f_ffff, 0x7fff_ffff];
        let numbers = (0..=300).chain(edges.into_iter().flat_map(|edge| [edge - 1, edge, edge + 1]));
        for number in numbers.chain([144, 720, 65_535, 900_000, 499_999_999, u32::MAX]) {
            let script = Builder::new().push_int(i64::from(number)).into_script();
            assert_eq!(script_number(number), script.len() as u64, "{number}");
        }
    }

    #[test]
    fn pushes_are_as_long_as_the_script_builder_makes_them() {
        for len in [0_usize, 1, 20, 33, 75, 76, 255, 256, 520, 65_535, 65_536] {
            let data = bitcoin::script::PushBytesBuf::try_from(alloc::vec![0xab; len]).unwrap();
            let script = Builder::new().push_slice(data).into_script();
            assert_eq!(push(len as u64), script.len() as u64, "{len}");
        }
    }

    #[test]
    fn witness_stacks_weigh_what_they_serialise_to() {
        let mut witness = Witness::new();
        let mut stack = WitnessStack::EMPTY;
        for len in core::iter::once(0).chain([1, 64, 252, 253, 65_535, 65_536]).chain([3; 250]) {
            let mut encoded = alloc::vec::Vec::new();
            witness.consensus_encode(&mut encoded).unwrap();
            assert_eq!(stack.weight().to_wu(), encoded.len() as u64, "{} elements", stack.elements());
            assert_eq!(stack.elements(), witness.len() as u64);
            witness.push(alloc::vec![0; len]);
            stack = stack.with(len as u64);
        }
        assert_eq!(stack.elements(), 257);
    }

    #[test]
    fn absurd_lengths_saturate() {
        assert_eq!(WitnessStack::EMPTY.with(u64::MAX).with(u64::MAX).weight(), Weight::MAX);
    }
}
