//! Scripts of bounded length, on the stack: a commitment with hundreds of HTLCs is built without a heap allocation for
//! each of their scripts.

use core::fmt;
use core::ops::Deref;

use arrayvec::ArrayVec;
use bitcoin::Script;
use bitcoin::opcodes::Opcode;

/// The longest script of a channel is an accepted HTLC with anchors and a five-byte expiry, 144 bytes.
const CAPACITY: usize = 160;

/// A script of a channel.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct ScriptBytes(ArrayVec<u8, CAPACITY>);

impl ScriptBytes {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// The script.
    pub fn as_script(&self) -> &Script {
        Script::from_bytes(&self.0)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// A script that is there already.
    #[cfg(test)]
    pub(super) fn from_slice(script: &[u8]) -> Self {
        Self(script.try_into().expect("channel scripts fit the capacity"))
    }

    /// With one more opcode.
    pub(super) fn op(mut self, opcode: Opcode) -> Self {
        self.0.push(opcode.to_u8());
        self
    }

    /// With a push of at most 75 bytes.
    pub(super) fn push<const N: usize>(mut self, data: &[u8; N]) -> Self {
        const { assert!(N > 1 && N < 76) };
        self.0.push(u8::try_from(N).expect("N is below 76"));
        self.0.try_extend_from_slice(data).expect("channel scripts fit the capacity");
        self
    }

    /// With a push of the one byte `value`, above 16: `OP_SIZE` results are compared with it.
    pub(super) fn byte_push(mut self, value: u8) -> Self {
        self.0.push(1);
        self.0.push(value);
        self
    }

    /// With the minimal push of a script number above zero: an opcode up to 16, else little-endian with a clear top
    /// bit (BIP 62, rule 4).
    pub(super) fn number(mut self, number: u32) -> Self {
        if (1..=16).contains(&number) {
            self.0.push(0x50 + u8::try_from(number).expect("at most 16"));
            return self;
        }
        let significant = (32 - number.leading_zeros()).div_ceil(8);
        let sign_byte = u32::from(number.leading_zeros().is_multiple_of(8));
        let length = usize::try_from(significant + sign_byte).expect("at most 5");
        let bytes = u64::from(number).to_le_bytes();
        self.0.push(u8::try_from(length).expect("at most 5"));
        self.0.try_extend_from_slice(&bytes[..length]).expect("channel scripts fit the capacity");
        self
    }
}

impl Deref for ScriptBytes {
    type Target = Script;

    fn deref(&self) -> &Script {
        self.as_script()
    }
}

impl fmt::Debug for ScriptBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_script(), f)
    }
}

#[cfg(test)]
mod tests {
    use bitcoin::ScriptBuf;
    use bitcoin::script::Builder;

    use super::*;

    #[test]
    fn numbers_are_pushed_as_bitcoin_pushes_them() {
        for shift in 0..32 {
            for offset in [-1_i64, 0, 1] {
                let Ok(number) = u32::try_from((1_i64 << shift) + offset) else { continue };
                if number > 0 {
                    let expected: ScriptBuf = Builder::new().push_int(i64::from(number)).into_script();
                    assert_eq!(
                        ScriptBytes::new().number(number).as_script(),
                        expected.as_script(),
                        "{number}"
                    );
                }
            }
        }
    }
}
