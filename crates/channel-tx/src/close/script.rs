//! The scripts a closing transaction may pay to.

use bitcoin::{Script, ScriptBuf};

use super::ShutdownScriptError;

/// The script of a `shutdown` message, of one of the forms that `option_simple_close` allows (BOLT 2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ShutdownScript {
    script: ScriptBuf,
    kind: ShutdownKind,
}

/// The form of a shutdown script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ShutdownKind {
    /// `0 <20 bytes>`.
    P2wpkh,
    /// `0 <32 bytes>`.
    P2wsh,
    /// `1` to `16` and a push of 2 to 40 bytes, Taproot among them (`option_shutdown_anysegwit`).
    AnySegwit,
    /// `RETURN` and one push of 6 to 80 bytes: the balance goes to the miners.
    OpReturn,
}

const OP_RETURN: u8 = 0x6a;
const OP_PUSHDATA1: u8 = 0x4c;

impl ShutdownScript {
    /// Checks the form of a script.
    ///
    /// # Errors
    /// [`ShutdownScriptError`] for every other form: pay-to-pubkey-hash and pay-to-script-hash are not allowed.
    pub fn new(script: ScriptBuf) -> Result<Self, ShutdownScriptError> {
        let kind = kind_of(&script).ok_or(ShutdownScriptError { length: script.len() })?;
        Ok(Self { script, kind })
    }

    /// The script.
    pub fn as_script(&self) -> &Script {
        &self.script
    }

    /// Its form.
    pub const fn kind(&self) -> ShutdownKind {
        self.kind
    }

    /// True when an output to it is worth nothing to anybody.
    pub const fn is_op_return(&self) -> bool {
        matches!(self.kind, ShutdownKind::OpReturn)
    }
}

fn kind_of(script: &Script) -> Option<ShutdownKind> {
    match script.as_bytes() {
        [OP_RETURN, rest @ ..] => is_small_push(rest).then_some(ShutdownKind::OpReturn),
        _ if script.is_p2wpkh() => Some(ShutdownKind::P2wpkh),
        _ if script.is_p2wsh() => Some(ShutdownKind::P2wsh),
        // A program of version 0 and another length can never be spent.
        [0x51..=0x60, ..] if script.is_witness_program() => Some(ShutdownKind::AnySegwit),
        _ => None,
    }
}

/// One push of 6 to 75 bytes, or with its length in a byte of its own of 76 to 80.
fn is_small_push(bytes: &[u8]) -> bool {
    match bytes {
        [OP_PUSHDATA1, length @ 76..=80, data @ ..] | [length @ 6..=75, data @ ..] => {
            data.len() == usize::from(*length)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn kind(front: &[u8], body: usize) -> Option<ShutdownKind> {
        let bytes: Vec<u8> = front.iter().copied().chain(core::iter::repeat_n(7, body)).collect();
        let script = ScriptBuf::from_bytes(bytes);
        let made = ShutdownScript::new(script.clone());
        assert!(made.as_ref().map_or(true, |made| made.as_script() == script.as_script()));
        made.ok().map(|made| made.kind())
    }

    #[test]
    fn witness_programs_of_the_known_lengths_are_allowed() {
        assert_eq!(kind(&[0, 20], 20), Some(ShutdownKind::P2wpkh));
        assert_eq!(kind(&[0, 32], 32), Some(ShutdownKind::P2wsh));
        assert_eq!(kind(&[0, 21], 21), None);
        for version in 0x51..=0x60 {
            for (length, allowed) in [(1, false), (2, true), (32, true), (40, true), (41, false)] {
                let expected = allowed.then_some(ShutdownKind::AnySegwit);
                assert_eq!(kind(&[version, length], usize::from(length)), expected, "{version} {length}");
            }
        }
        assert_eq!(kind(&[0x61, 32], 32), None);
        assert_eq!(kind(&[0x51, 32], 31), None);
    }

    #[test]
    fn data_of_6_to_80_bytes_in_one_minimal_push_is_allowed() {
        for (length, allowed) in [(5, false), (6, true), (75, true)] {
            let expected = allowed.then_some(ShutdownKind::OpReturn);
            assert_eq!(kind(&[0x6a, length], usize::from(length)), expected, "{length}");
            assert_eq!(kind(&[0x6a, length], usize::from(length) + 1), None, "{length}");
        }
        for (length, allowed) in [(75, false), (76, true), (80, true), (81, false)] {
            let expected = allowed.then_some(ShutdownKind::OpReturn);
            assert_eq!(kind(&[0x6a, 0x4c, length], usize::from(length)), expected, "{length}");
            assert_eq!(kind(&[0x6a, 0x4c, length], usize::from(length) - 1), None, "{length}");
        }
        assert_eq!(kind(&[0x6a], 0), None);
    }

    #[test]
    fn scripts_of_before_segwit_are_refused() {
        assert_eq!(kind(&[0x76, 0xa9, 20], 22), None);
        assert_eq!(kind(&[0xa9, 20], 21), None);
        assert_eq!(ShutdownScript::new(ScriptBuf::new()), Err(ShutdownScriptError { length: 0 }));
    }
}
