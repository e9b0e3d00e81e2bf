//! Taproot outputs of a channel: which key is inside, which leaves hang below (BOLT simple taproot channels for V2, its
//! zero-fee variant for V3).
//!
//! | output | internal key | leaves of V2 | leaves of V3 |
//! |---|---|---|---|
//! | `to_local` | V2: unspendable, V3: revocation | delay, revoke | delay |
//! | `to_remote` | V2: unspendable, V3: remote | one block | none |
//! | keyed anchor | V2: delayed or remote | sixteen blocks | |
//! | offered HTLC | revocation | timeout, success | timeout, success |
//! | accepted HTLC | revocation | timeout, success | timeout, success |
//! | second level | revocation | delay | delay |

#[cfg(test)]
mod vectors;
#[cfg(test)]
mod wallet_vectors;

use arrayvec::ArrayVec;
use bitcoin::hashes::{Hash, HashEngine, hash160, ripemd160};
use bitcoin::key::TweakedPublicKey;
use bitcoin::opcodes::all::{
    OP_CHECKSIG, OP_CHECKSIGVERIFY, OP_CLTV, OP_CSV, OP_DROP, OP_EQUAL, OP_EQUALVERIFY, OP_HASH160, OP_SIZE,
    OP_VERIFY,
};
use bitcoin::taproot::LeafVersion;
use bitcoin::{ScriptBuf, TapLeafHash, TapNodeHash, TapTweakHash, WitnessVersion, XOnlyPublicKey};
use channel_core::htlc::HtlcDirection;
use channel_core::{CltvExpiry, CsvDelay, PaymentHash};

use super::unlock::{ControlBlockBytes, Unlock};
use super::{ScriptBytes, witness_program};
use crate::keys::point::OutputParity;
use crate::keys::{CommitmentKeys, HtlcKeys, KeyError, Point};
use crate::weight::script::TaprootScripts;

/// The key nobody has, uncompressed: the internal key of outputs that may only be spent by a leaf. Its seed phrase is
/// "Lightning Simple Taproot" (BOLT simple taproot channels).
pub const UNSPENDABLE_KEY: [u8; 33] = [
    0x02, 0xdc, 0xa0, 0x94, 0x75, 0x11, 0x09, 0xd0, 0xbd, 0x05, 0x5d, 0x03, 0x56, 0x58, 0x74, 0xe8, 0x27,
    0x6d, 0xd5, 0x3e, 0x92, 0x6b, 0x44, 0xe3, 0xbd, 0x1b, 0xb6, 0xbf, 0x4b, 0xc1, 0x30, 0xa2, 0x79,
];

/// What a leaf is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeafRole {
    /// The owner's, after `to_self_delay`.
    Delay,
    /// The other party's, with the revocation key (`to_local` of V2).
    Revoke,
    /// The other party's balance, after one block (`to_remote` of V2).
    ToRemote,
    /// Anyone's, after sixteen blocks (anchors of V2).
    Anchor,
    /// An HTLC that timed out.
    Timeout,
    /// An HTLC whose preimage is known.
    Success,
}

/// One leaf of an output, always of leaf version 0xc0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// What it is for.
    pub role: LeafRole,
    /// Its script.
    pub script: ScriptBytes,
}

impl Leaf {
    const fn new(role: LeafRole, script: ScriptBytes) -> Self {
        Self { role, script }
    }

    /// `tagged_hash("TapLeaf", 0xc0 || compact_size(script) || script)` (BIP 341).
    pub fn hash(&self) -> TapLeafHash {
        TapLeafHash::from_script(self.script.as_script(), LeafVersion::TapScript)
    }
}

/// A Taproot output: internal key, up to two leaves, output key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaprootOutput {
    internal: Point,
    leaves: ArrayVec<Leaf, 2>,
    output: [u8; 32],
    parity: OutputParity,
}

impl TaprootOutput {
    fn new<const N: usize>(internal: Point, leaves: [Leaf; N]) -> Result<Self, KeyError> {
        let leaves: ArrayVec<Leaf, 2> = leaves.into_iter().collect();
        let (output, parity) = internal.tap_tweak(tap_tweak(&internal, merkle_root(&leaves)))?;
        Ok(Self { internal, leaves, output, parity })
    }

    /// An output whose key was computed before.
    pub(crate) fn known<const N: usize>(
        internal: Point,
        leaves: [Leaf; N],
        output: [u8; 32],
        parity: OutputParity,
    ) -> Self {
        Self { internal, leaves: leaves.into_iter().collect(), output, parity }
    }

    pub(crate) fn to_local(
        scripts: TaprootScripts,
        keys: &CommitmentKeys,
        delay: CsvDelay,
    ) -> Result<Self, KeyError> {
        match scripts {
            TaprootScripts::V2 => {
                Self::new(unspendable_key(), [revoke_leaf(keys), delay_leaf(&keys.local_delayed, delay)])
            }
            TaprootScripts::V3 => Self::second_level(keys, delay),
        }
    }

    pub(crate) fn second_level(keys: &CommitmentKeys, delay: CsvDelay) -> Result<Self, KeyError> {
        Self::new(keys.revocation, [delay_leaf(&keys.local_delayed, delay)])
    }

    pub(crate) fn to_remote(scripts: TaprootScripts, remote: Point) -> Result<Self, KeyError> {
        match scripts {
            TaprootScripts::V2 => {
                let script =
                    ScriptBytes::new().push(&remote.x_only()).op(OP_CHECKSIGVERIFY).number(1).op(OP_CSV);
                Self::new(unspendable_key(), [Leaf::new(LeafRole::ToRemote, script)])
            }
            TaprootScripts::V3 => Self::new(remote, []),
        }
    }

    pub(crate) fn keyed_anchor(key: Point) -> Result<Self, KeyError> {
        Self::new(key, [Leaf::new(LeafRole::Anchor, ScriptBytes::new().number(16).op(OP_CSV))])
    }

    pub(crate) fn offered_htlc(
        scripts: TaprootScripts,
        revocation: Point,
        keys: &HtlcKeys,
        hash: PaymentHash,
    ) -> Result<Self, KeyError> {
        Self::new(revocation, offered_leaves(scripts, keys, hash))
    }

    pub(crate) fn accepted_htlc(
        scripts: TaprootScripts,
        revocation: Point,
        keys: &HtlcKeys,
        hash: PaymentHash,
        expiry: CltvExpiry,
    ) -> Result<Self, KeyError> {
        Self::new(revocation, accepted_leaves(scripts, keys, hash, expiry))
    }

    /// The internal key, by its x coordinate.
    pub fn internal_key(&self) -> XOnlyPublicKey {
        self.internal.to_x_only_public_key()
    }

    /// The leaves.
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// The root of the tree, `None` without leaves.
    pub fn merkle_root(&self) -> Option<TapNodeHash> {
        merkle_root(&self.leaves)
    }

    /// The key of the output, tweaked.
    pub fn output_key(&self) -> TweakedPublicKey {
        let key = XOnlyPublicKey::from_slice(&self.output).expect("the sum of two points is a point");
        TweakedPublicKey::dangerous_assume_tweaked(key)
    }

    /// `OP_1 <output key>`.
    pub fn script_pubkey(&self) -> ScriptBuf {
        witness_program(WitnessVersion::V1, &self.output)
    }

    pub(crate) const fn parity(&self) -> OutputParity {
        self.parity
    }

    /// What unlocks the output by its key.
    pub fn key_path(&self) -> Unlock {
        Unlock::KeyPath { internal_key: self.internal_key(), merkle_root: self.merkle_root() }
    }

    /// What unlocks the output by the leaf with this role, `None` if it has no such leaf.
    pub fn leaf_path(&self, role: LeafRole) -> Option<Unlock> {
        leaf_unlock(&self.internal, &self.leaves, self.parity, role)
    }
}

/// The unlocking of a leaf, without computing the output key again.
pub(crate) fn leaf_unlock(
    internal: &Point,
    leaves: &[Leaf],
    parity: OutputParity,
    role: LeafRole,
) -> Option<Unlock> {
    let leaf = leaves.iter().find(|leaf| leaf.role == role)?;
    let mut control_block = ControlBlockBytes::new();
    control_block.push(LeafVersion::TapScript.to_consensus() | parity.to_u8());
    control_block.try_extend_from_slice(&internal.x_only()).expect("33 of 65 bytes");
    for sibling in leaves.iter().filter(|leaf| leaf.role != role) {
        control_block.try_extend_from_slice(sibling.hash().as_ref()).expect("65 of 65 bytes");
    }
    Some(Unlock::Leaf { script: leaf.script.clone(), leaf_hash: leaf.hash(), control_block })
}

fn merkle_root(leaves: &[Leaf]) -> Option<TapNodeHash> {
    let mut hashes = leaves.iter().map(|leaf| TapNodeHash::from(leaf.hash()));
    let first = hashes.next()?;
    Some(match hashes.next() {
        Some(second) => TapNodeHash::from_node_hashes(first, second),
        None => first,
    })
}

/// `tagged_hash("TapTweak", internal key || root)` (BIP 341).
fn tap_tweak(internal: &Point, root: Option<TapNodeHash>) -> TapTweakHash {
    let mut engine = TapTweakHash::engine();
    engine.input(&internal.x_only());
    if let Some(root) = root {
        engine.input(root.as_ref());
    }
    TapTweakHash::from_engine(engine)
}

fn unspendable_key() -> Point {
    let key = secp256k1::PublicKey::from_byte_array_compressed(UNSPENDABLE_KEY);
    Point::from(key.expect("the constant is a point"))
}

/// `<delayed> CHECKSIGVERIFY num(delay) CSV`.
fn delay_leaf(delayed: &Point, delay: CsvDelay) -> Leaf {
    let script = ScriptBytes::new()
        .push(&delayed.x_only())
        .op(OP_CHECKSIGVERIFY)
        .number(u32::from(delay.to_blocks()))
        .op(OP_CSV);
    Leaf::new(LeafRole::Delay, script)
}

/// `<delayed> DROP <revocation> CHECKSIG`: the delayed key is shown so that the output can be found out to be ours.
fn revoke_leaf(keys: &CommitmentKeys) -> Leaf {
    let script = ScriptBytes::new()
        .push(&keys.local_delayed.x_only())
        .op(OP_DROP)
        .push(&keys.revocation.x_only())
        .op(OP_CHECKSIG);
    Leaf::new(LeafRole::Revoke, script)
}

/// The leaves of an HTLC the owner offered.
pub(crate) fn offered_leaves(scripts: TaprootScripts, keys: &HtlcKeys, hash: PaymentHash) -> [Leaf; 2] {
    [second_level_leaf(HtlcDirection::Offered, keys, hash), offered_success_leaf(scripts, keys, hash)]
}

/// The leaves of an HTLC the owner accepted.
pub(crate) fn accepted_leaves(
    scripts: TaprootScripts,
    keys: &HtlcKeys,
    hash: PaymentHash,
    expiry: CltvExpiry,
) -> [Leaf; 2] {
    [accepted_timeout_leaf(scripts, keys, expiry), second_level_leaf(HtlcDirection::Accepted, keys, hash)]
}

/// The leaf that the second level spends, which both parties sign: the timeout of an offered HTLC, the success of an
/// accepted one.
pub(crate) fn second_level_leaf(direction: HtlcDirection, keys: &HtlcKeys, hash: PaymentHash) -> Leaf {
    let (role, script) = match direction {
        HtlcDirection::Offered => (LeafRole::Timeout, ScriptBytes::new()),
        HtlcDirection::Accepted => {
            (LeafRole::Success, preimage_of(ScriptBytes::new(), hash).op(OP_EQUALVERIFY))
        }
    };
    let script =
        script.push(&keys.local.x_only()).op(OP_CHECKSIGVERIFY).push(&keys.remote.x_only()).op(OP_CHECKSIG);
    Leaf::new(role, script)
}

/// The peer's claim of an HTLC the owner offered.
fn offered_success_leaf(scripts: TaprootScripts, keys: &HtlcKeys, hash: PaymentHash) -> Leaf {
    let remote = keys.remote.x_only();
    let script = match scripts {
        TaprootScripts::V2 => preimage_of(ScriptBytes::new(), hash)
            .op(OP_EQUALVERIFY)
            .push(&remote)
            .op(OP_CHECKSIGVERIFY)
            .number(1)
            .op(OP_CSV),
        TaprootScripts::V3 => {
            preimage_of(ScriptBytes::new().push(&remote).op(OP_CHECKSIGVERIFY), hash).op(OP_EQUAL)
        }
    };
    Leaf::new(LeafRole::Success, script)
}

/// The peer's way to take back an HTLC the owner accepted.
fn accepted_timeout_leaf(scripts: TaprootScripts, keys: &HtlcKeys, expiry: CltvExpiry) -> Leaf {
    let script = ScriptBytes::new().push(&keys.remote.x_only()).op(OP_CHECKSIGVERIFY);
    let script = match scripts {
        TaprootScripts::V2 => script.number(1).op(OP_CSV).op(OP_VERIFY),
        TaprootScripts::V3 => script,
    };
    Leaf::new(LeafRole::Timeout, script.number(expiry.to_height()).op(OP_CLTV))
}

/// `SIZE 32 EQUALVERIFY HASH160 <hash>`; the caller compares.
fn preimage_of(script: ScriptBytes, hash: PaymentHash) -> ScriptBytes {
    script.op(OP_SIZE).byte_push(32).op(OP_EQUALVERIFY).op(OP_HASH160).push(&payment_hash160(hash))
}

/// `RIPEMD160(payment_hash)`: the HASH160 of the preimage.
pub(super) fn payment_hash160(hash: PaymentHash) -> [u8; hash160::Hash::LEN] {
    ripemd160::Hash::hash(&hash.to_bytes()).to_byte_array()
}
