//! The scripts of every output, written once more from the specifications (BOLT 3, simple taproot channels and its
//! zero-fee variant), with `bitcoin`'s builders. What the product puts on the chain has to be unlocked by these.

use bitcoin::hashes::{Hash, hash160, ripemd160};
use bitcoin::key::Secp256k1;
use bitcoin::opcodes::all::{
    OP_CHECKMULTISIG, OP_CHECKSIG, OP_CHECKSIGVERIFY, OP_CLTV, OP_CSV, OP_DROP, OP_DUP, OP_ELSE, OP_ENDIF,
    OP_EQUAL, OP_EQUALVERIFY, OP_HASH160, OP_IF, OP_IFDUP, OP_NOTIF, OP_SIZE, OP_SWAP, OP_VERIFY,
};
use bitcoin::script::Builder;
use bitcoin::secp256k1::{PublicKey, SecretKey};
use bitcoin::taproot::{LeafVersion, TaprootBuilder};
use bitcoin::{ScriptBuf, TapNodeHash, XOnlyPublicKey};
use channel_core::{CommitmentFormat, CsvDelay, PaymentHash};

use super::keys::public;

/// The key nobody has the secret of, under which V2 hangs leaves only ("Lightning Simple Taproot").
const UNSPENDABLE: &str = "dca094751109d0bd055d03565874e8276dd53e926b44e3bd1bb6bf4bc130a279";

/// The public keys of one commitment's scripts.
#[derive(Debug, Clone)]
pub(super) struct ScriptKeys {
    pub(super) format: CommitmentFormat,
    pub(super) local_funding: PublicKey,
    pub(super) remote_funding: PublicKey,
    pub(super) local_delayed: PublicKey,
    pub(super) local_htlc: PublicKey,
    pub(super) remote_htlc: PublicKey,
    pub(super) remote_payment: PublicKey,
    pub(super) revocation: PublicKey,
}

/// An output with a Taproot tree: its internal key and its leaves.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    internal: XOnlyPublicKey,
    leaves: Vec<ScriptBuf>,
}

impl Tree {
    fn new(internal: XOnlyPublicKey, leaves: Vec<ScriptBuf>) -> Self {
        Self { internal, leaves }
    }

    /// What the secret of the internal key is tweaked with.
    pub(super) fn merkle_root(&self) -> Option<TapNodeHash> {
        self.spend_info().merkle_root()
    }

    /// A leaf and its control block.
    pub(super) fn leaf(&self, index: usize) -> (ScriptBuf, Vec<u8>) {
        let script = self.leaves[index].clone();
        let control = self.spend_info().control_block(&(script.clone(), LeafVersion::TapScript));
        (script, control.expect("the leaf is of this tree").serialize())
    }

    fn spend_info(&self) -> bitcoin::taproot::TaprootSpendInfo {
        let depth = u8::from(self.leaves.len() > 1);
        let add = |builder: TaprootBuilder, leaf: &ScriptBuf| {
            builder.add_leaf(depth, leaf.clone()).expect("two leaves at most, at one depth")
        };
        let builder = self.leaves.iter().fold(TaprootBuilder::new(), add);
        builder.finalize(&Secp256k1::verification_only(), self.internal).expect("the tree is complete")
    }
}

impl ScriptKeys {
    fn is_v2(&self) -> bool {
        self.format == CommitmentFormat::TaprootV2
    }

    /// BOLT 3, "Funding Transaction Output".
    pub(super) fn funding(&self) -> ScriptBuf {
        let mut keys = [self.local_funding.serialize(), self.remote_funding.serialize()];
        keys.sort_unstable();
        let script = Builder::new().push_int(2).push_slice(keys[0]).push_slice(keys[1]);
        script.push_int(2).push_opcode(OP_CHECKMULTISIG).into_script()
    }

    /// BOLT 3, "to_local Output"; the output of both HTLC transactions is the same.
    pub(super) fn delayed(&self, delay: CsvDelay) -> ScriptBuf {
        Builder::new()
            .push_opcode(OP_IF)
            .push_slice(self.revocation.serialize())
            .push_opcode(OP_ELSE)
            .push_int(i64::from(delay.to_blocks()))
            .push_opcode(OP_CSV)
            .push_opcode(OP_DROP)
            .push_slice(self.local_delayed.serialize())
            .push_opcode(OP_ENDIF)
            .push_opcode(OP_CHECKSIG)
            .into_script()
    }

    /// BOLT 3, "to_remote Output" with anchors.
    pub(super) fn to_remote(&self) -> ScriptBuf {
        let key = Builder::new().push_slice(self.remote_payment.serialize());
        key.push_opcode(OP_CHECKSIGVERIFY).push_int(1).push_opcode(OP_CSV).into_script()
    }

    /// BOLT 3, "to_local_anchor and to_remote_anchor Output".
    pub(super) fn anchor(funding: &PublicKey) -> ScriptBuf {
        Builder::new()
            .push_slice(funding.serialize())
            .push_opcode(OP_CHECKSIG)
            .push_opcode(OP_IFDUP)
            .push_opcode(OP_NOTIF)
            .push_int(16)
            .push_opcode(OP_CSV)
            .push_opcode(OP_ENDIF)
            .into_script()
    }

    /// BOLT 3, "Offered HTLC Outputs".
    pub(super) fn offered(&self, hash: PaymentHash) -> ScriptBuf {
        let script = self
            .htlc_head()
            .push_opcode(OP_NOTIF)
            .push_opcode(OP_DROP)
            .push_int(2)
            .push_opcode(OP_SWAP)
            .push_slice(self.local_htlc.serialize())
            .push_int(2)
            .push_opcode(OP_CHECKMULTISIG)
            .push_opcode(OP_ELSE)
            .push_opcode(OP_HASH160)
            .push_slice(ripemd(hash))
            .push_opcode(OP_EQUALVERIFY)
            .push_opcode(OP_CHECKSIG)
            .push_opcode(OP_ENDIF);
        self.htlc_tail(script)
    }

    /// BOLT 3, "Received HTLC Outputs".
    pub(super) fn accepted(&self, hash: PaymentHash, expiry: u32) -> ScriptBuf {
        let script = self
            .htlc_head()
            .push_opcode(OP_IF)
            .push_opcode(OP_HASH160)
            .push_slice(ripemd(hash))
            .push_opcode(OP_EQUALVERIFY)
            .push_int(2)
            .push_opcode(OP_SWAP)
            .push_slice(self.local_htlc.serialize())
            .push_int(2)
            .push_opcode(OP_CHECKMULTISIG)
            .push_opcode(OP_ELSE)
            .push_opcode(OP_DROP)
            .push_int(i64::from(expiry))
            .push_opcode(OP_CLTV)
            .push_opcode(OP_DROP)
            .push_opcode(OP_CHECKSIG)
            .push_opcode(OP_ENDIF);
        self.htlc_tail(script)
    }

    fn htlc_head(&self) -> Builder {
        Builder::new()
            .push_opcode(OP_DUP)
            .push_opcode(OP_HASH160)
            .push_slice(hash160::Hash::hash(&self.revocation.serialize()).to_byte_array())
            .push_opcode(OP_EQUAL)
            .push_opcode(OP_IF)
            .push_opcode(OP_CHECKSIG)
            .push_opcode(OP_ELSE)
            .push_slice(self.remote_htlc.serialize())
            .push_opcode(OP_SWAP)
            .push_opcode(OP_SIZE)
            .push_int(32)
            .push_opcode(OP_EQUAL)
    }

    fn htlc_tail(&self, script: Builder) -> ScriptBuf {
        let script = if self.format == CommitmentFormat::SegwitAnchors {
            script.push_int(1).push_opcode(OP_CSV).push_opcode(OP_DROP)
        } else {
            script
        };
        script.push_opcode(OP_ENDIF).into_script()
    }

    /// `to_local`: in V2 revocation is a leaf beside the delay, in V3 it is the key.
    pub(super) fn to_local_tree(&self, delay: CsvDelay) -> Tree {
        if !self.is_v2() {
            return self.second_level_tree(delay);
        }
        let revoke = Builder::new()
            .push_slice(x(&self.local_delayed))
            .push_opcode(OP_DROP)
            .push_slice(x(&self.revocation))
            .push_opcode(OP_CHECKSIG);
        Tree::new(unspendable(), vec![self.delay_leaf(delay), revoke.into_script()])
    }

    /// The output of both HTLC transactions.
    pub(super) fn second_level_tree(&self, delay: CsvDelay) -> Tree {
        Tree::new(inner(&self.revocation), vec![self.delay_leaf(delay)])
    }

    fn delay_leaf(&self, delay: CsvDelay) -> ScriptBuf {
        let key = verify(Builder::new(), &self.local_delayed);
        key.push_int(i64::from(delay.to_blocks())).push_opcode(OP_CSV).into_script()
    }

    /// `to_remote`: a leaf in V2, the key alone in V3.
    pub(super) fn to_remote_tree(&self) -> Tree {
        if !self.is_v2() {
            return Tree::new(inner(&self.remote_payment), Vec::new());
        }
        let leaf = verify(Builder::new(), &self.remote_payment).push_int(1).push_opcode(OP_CSV);
        Tree::new(unspendable(), vec![leaf.into_script()])
    }

    /// A keyed anchor: its owner's key, and a leaf for anyone after sixteen blocks.
    pub(super) fn anchor_tree(key: &PublicKey) -> Tree {
        let leaf = Builder::new().push_int(16).push_opcode(OP_CSV).into_script();
        Tree::new(inner(key), vec![leaf])
    }

    /// An offered HTLC: leaf 0 is the timeout, leaf 1 the preimage.
    pub(super) fn offered_tree(&self, hash: PaymentHash) -> Tree {
        let timeout = verify(Builder::new(), &self.local_htlc).push_slice(x(&self.remote_htlc));
        let success = if self.is_v2() {
            let checked = preimage(Builder::new(), hash).push_opcode(OP_EQUALVERIFY);
            verify(checked, &self.remote_htlc).push_int(1).push_opcode(OP_CSV)
        } else {
            preimage(verify(Builder::new(), &self.remote_htlc), hash).push_opcode(OP_EQUAL)
        };
        let leaves = vec![timeout.push_opcode(OP_CHECKSIG).into_script(), success.into_script()];
        Tree::new(inner(&self.revocation), leaves)
    }

    /// An accepted HTLC: leaf 0 is the timeout, leaf 1 the preimage.
    pub(super) fn accepted_tree(&self, hash: PaymentHash, expiry: u32) -> Tree {
        let timeout = verify(Builder::new(), &self.remote_htlc);
        let timeout = if self.is_v2() {
            timeout.push_int(1).push_opcode(OP_CSV).push_opcode(OP_VERIFY)
        } else {
            timeout
        };
        let timeout = timeout.push_int(i64::from(expiry)).push_opcode(OP_CLTV);
        let checked = preimage(Builder::new(), hash).push_opcode(OP_EQUALVERIFY);
        let success = verify(checked, &self.local_htlc).push_slice(x(&self.remote_htlc));
        let leaves = vec![timeout.into_script(), success.push_opcode(OP_CHECKSIG).into_script()];
        Tree::new(inner(&self.revocation), leaves)
    }
}

fn verify(builder: Builder, key: &PublicKey) -> Builder {
    builder.push_slice(x(key)).push_opcode(OP_CHECKSIGVERIFY)
}

/// `SIZE 32 EQUALVERIFY HASH160 <hash>`, without the comparison.
fn preimage(builder: Builder, hash: PaymentHash) -> Builder {
    let size = builder.push_opcode(OP_SIZE).push_int(32).push_opcode(OP_EQUALVERIFY);
    size.push_opcode(OP_HASH160).push_slice(ripemd(hash))
}

/// HASH160 of the preimage: RIPEMD160 of the payment hash.
fn ripemd(hash: PaymentHash) -> [u8; 20] {
    ripemd160::Hash::hash(&hash.to_bytes()).to_byte_array()
}

fn x(key: &PublicKey) -> [u8; 32] {
    inner(key).serialize()
}

fn inner(key: &PublicKey) -> XOnlyPublicKey {
    key.x_only_public_key().0
}

fn unspendable() -> XOnlyPublicKey {
    UNSPENDABLE.parse().expect("the constant is a point")
}

/// The public keys behind secrets.
pub(super) fn public_keys(format: CommitmentFormat, secrets: &super::keys::CommitmentSecrets) -> ScriptKeys {
    let key = |secret: &SecretKey| public(secret);
    ScriptKeys {
        format,
        local_funding: key(&secrets.local_funding),
        remote_funding: key(&secrets.remote_funding),
        local_delayed: key(&secrets.local_delayed),
        local_htlc: key(&secrets.local_htlc),
        remote_htlc: key(&secrets.remote_htlc),
        remote_payment: key(&secrets.remote_payment),
        revocation: key(&secrets.revocation),
    }
}
