//! Scripts of a channel: Taproot leaves and trees, witness scripts, and what unlocks them.

mod bytes;
pub(crate) mod segwit;
mod taproot;
mod unlock;

pub use bytes::ScriptBytes;
pub use taproot::{Leaf, LeafRole, TaprootOutput, UNSPENDABLE_KEY};
pub(crate) use taproot::{accepted_leaves, leaf_unlock, offered_leaves, second_level_leaf};
pub(crate) use unlock::leaf_digest;
pub use unlock::{ControlBlockBytes, DigestError, SighashScope, Unlock};

use alloc::vec::Vec;

use bitcoin::hashes::Hash;
use bitcoin::key::CompressedPublicKey;
use bitcoin::opcodes::Opcode;
use bitcoin::secp256k1::PublicKey;
use bitcoin::{ScriptBuf, WitnessProgram, WitnessVersion};

use crate::keys::Point;

/// The script of one output of a channel, with all that spending it reveals.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(
    clippy::large_enum_variant,
    reason = "made once for each HTLC of a commitment, where a heap allocation each would cost"
)]
pub enum OutputScript {
    /// A Taproot output.
    Taproot(TaprootOutput),
    /// A witness script.
    Witness(ScriptBytes),
    /// A plain key (`to_remote` of `SegwitV3`).
    Wpkh(PublicKey),
    /// Pay to anchor.
    Anchor,
}

impl OutputScript {
    /// What stands on the chain.
    pub fn script_pubkey(&self) -> ScriptBuf {
        match self {
            Self::Taproot(output) => output.script_pubkey(),
            Self::Witness(script) => {
                witness_program(WitnessVersion::V0, &script.as_script().wscript_hash().to_byte_array())
            }
            Self::Wpkh(key) => ScriptBuf::new_p2wpkh(&CompressedPublicKey(*key).wpubkey_hash()),
            Self::Anchor => pay_to_anchor(),
        }
    }
}

/// The witness script of a keyed anchor in `SegwitAnchors`: `<funding> CHECKSIG IFDUP NOTIF 16 CSV ENDIF` (BOLT 3,
/// "`to_local_anchor` and `to_remote_anchor` Output").
pub fn keyed_anchor_script(funding: &PublicKey) -> ScriptBytes {
    segwit::keyed_anchor(&Point::new(funding))
}

/// `<version> <program>`, in one allocation of its length: a script builder takes two.
fn witness_program(version: WitnessVersion, program: &[u8; 32]) -> ScriptBuf {
    let mut bytes = Vec::with_capacity(2 + program.len());
    bytes.extend_from_slice(&[Opcode::from(version).to_u8(), 32]);
    bytes.extend_from_slice(program);
    ScriptBuf::from_bytes(bytes)
}

/// `OP_1 <0x4e73>` (BIP 433).
pub fn pay_to_anchor() -> ScriptBuf {
    let program = WitnessProgram::new(WitnessVersion::V1, &[0x4e, 0x73]);
    ScriptBuf::new_witness_program(&program.expect("2 bytes are a program of version 1"))
}
