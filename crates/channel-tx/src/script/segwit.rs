//! Witness scripts of a channel (BOLT 3): with anchors, or plain as zero-fee commitments use them.

use bitcoin::hashes::{Hash, hash160};
use bitcoin::opcodes::all::{
    OP_CHECKMULTISIG, OP_CHECKSIG, OP_CHECKSIGVERIFY, OP_CLTV, OP_CSV, OP_DROP, OP_DUP, OP_ELSE, OP_ENDIF,
    OP_EQUAL, OP_EQUALVERIFY, OP_HASH160, OP_IF, OP_IFDUP, OP_NOTIF, OP_SIZE, OP_SWAP,
};
use channel_core::{CltvExpiry, CsvDelay, PaymentHash};

use super::ScriptBytes;
use super::taproot::payment_hash160;
use crate::keys::{CommitmentKeys, HtlcKeys, Point};
use crate::weight::script::SegwitScripts;

/// `2 <a> <b> 2 CHECKMULTISIG`, the keys in lexicographic order (BOLT 3, "Funding Transaction Output").
pub(crate) fn funding(first: &Point, second: &Point) -> ScriptBytes {
    let (first, second) = (first.serialize(), second.serialize());
    let (low, high) = if first <= second { (first, second) } else { (second, first) };
    ScriptBytes::new().number(2).push(&low).push(&high).number(2).op(OP_CHECKMULTISIG)
}

/// `IF <revocation> ELSE num(delay) CSV DROP <delayed> ENDIF CHECKSIG`: `to_local` and second-level outputs.
pub(crate) fn to_local(keys: &CommitmentKeys, delay: CsvDelay) -> ScriptBytes {
    ScriptBytes::new()
        .op(OP_IF)
        .push(&keys.revocation.serialize())
        .op(OP_ELSE)
        .number(u32::from(delay.to_blocks()))
        .op(OP_CSV)
        .op(OP_DROP)
        .push(&keys.local_delayed.serialize())
        .op(OP_ENDIF)
        .op(OP_CHECKSIG)
}

/// `<remote> CHECKSIGVERIFY 1 CSV`: `to_remote` with anchors.
pub(crate) fn to_remote(remote: &Point) -> ScriptBytes {
    ScriptBytes::new().push(&remote.serialize()).op(OP_CHECKSIGVERIFY).number(1).op(OP_CSV)
}

/// `<funding> CHECKSIG IFDUP NOTIF 16 CSV ENDIF`: a keyed anchor.
pub(crate) fn keyed_anchor(funding: &Point) -> ScriptBytes {
    ScriptBytes::new()
        .push(&funding.serialize())
        .op(OP_CHECKSIG)
        .op(OP_IFDUP)
        .op(OP_NOTIF)
        .number(16)
        .op(OP_CSV)
        .op(OP_ENDIF)
}

/// An HTLC the owner offered.
pub(crate) fn offered_htlc(
    scripts: SegwitScripts,
    revocation: &Point,
    keys: &HtlcKeys,
    hash: PaymentHash,
) -> ScriptBytes {
    let script = htlc_head(revocation, keys)
        .op(OP_NOTIF)
        .op(OP_DROP)
        .number(2)
        .op(OP_SWAP)
        .push(&keys.local.serialize())
        .number(2)
        .op(OP_CHECKMULTISIG)
        .op(OP_ELSE)
        .op(OP_HASH160)
        .push(&payment_hash160(hash))
        .op(OP_EQUALVERIFY)
        .op(OP_CHECKSIG)
        .op(OP_ENDIF);
    htlc_tail(scripts, script)
}

/// An HTLC the owner accepted.
pub(crate) fn accepted_htlc(
    scripts: SegwitScripts,
    revocation: &Point,
    keys: &HtlcKeys,
    hash: PaymentHash,
    expiry: CltvExpiry,
) -> ScriptBytes {
    let script = htlc_head(revocation, keys)
        .op(OP_IF)
        .op(OP_HASH160)
        .push(&payment_hash160(hash))
        .op(OP_EQUALVERIFY)
        .number(2)
        .op(OP_SWAP)
        .push(&keys.local.serialize())
        .number(2)
        .op(OP_CHECKMULTISIG)
        .op(OP_ELSE)
        .op(OP_DROP)
        .number(expiry.to_height())
        .op(OP_CLTV)
        .op(OP_DROP)
        .op(OP_CHECKSIG)
        .op(OP_ENDIF);
    htlc_tail(scripts, script)
}

/// `DUP HASH160 <hash of revocation> EQUAL IF CHECKSIG ELSE <remote> SWAP SIZE 32 EQUAL`.
fn htlc_head(revocation: &Point, keys: &HtlcKeys) -> ScriptBytes {
    ScriptBytes::new()
        .op(OP_DUP)
        .op(OP_HASH160)
        .push(&hash160::Hash::hash(&revocation.serialize()).to_byte_array())
        .op(OP_EQUAL)
        .op(OP_IF)
        .op(OP_CHECKSIG)
        .op(OP_ELSE)
        .push(&keys.remote.serialize())
        .op(OP_SWAP)
        .op(OP_SIZE)
        .byte_push(32)
        .op(OP_EQUAL)
}

/// `1 CSV DROP` where anchors need it, and `ENDIF`.
fn htlc_tail(scripts: SegwitScripts, script: ScriptBytes) -> ScriptBytes {
    match scripts {
        SegwitScripts::Plain => script,
        SegwitScripts::Anchors => script.number(1).op(OP_CSV).op(OP_DROP),
    }
    .op(OP_ENDIF)
}
