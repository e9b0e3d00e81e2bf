//! Real scripts, witnesses and transactions, built with `bitcoin`'s script and Taproot builders from the opcodes of
//! the specifications. Only keys, hashes and signatures are dummies, of the right length.

use bitcoin::absolute::LockTime;
use bitcoin::opcodes::all::{
    OP_CHECKMULTISIG, OP_CHECKSIG, OP_CHECKSIGVERIFY, OP_CLTV, OP_CSV, OP_DROP, OP_ELSE, OP_ENDIF, OP_EQUAL,
    OP_EQUALVERIFY, OP_HASH160, OP_IF, OP_IFDUP, OP_NOTIF, OP_SIZE, OP_SWAP, OP_VERIFY,
};
use bitcoin::opcodes::{Opcode, all::OP_DUP};
use bitcoin::script::Builder;
use bitcoin::secp256k1::Secp256k1;
use bitcoin::taproot::{LeafVersion, TaprootBuilder, TaprootSpendInfo};
use bitcoin::transaction::Version;
use bitcoin::{
    Amount, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, WScriptHash, Witness, XOnlyPublicKey,
};
use channel_core::{CltvExpiry, CommitmentFormat, CsvDelay};
use channel_tx::weight::{AnchorPath, SpendPath, WalletScript};

pub(crate) const ECDSA: [u8; 73] = [0x30; 73];
const ECDSA_LOW_S: [u8; 72] = [0x30; 72];
const SCHNORR: [u8; 64] = [0x51; 64];
const SCHNORR_WITH_SIGHASH: [u8; 65] = [0x83; 65];
const PREIMAGE: [u8; 32] = [0x42; 32];
const KEY: [u8; 33] = [0x02; 33];
const X_ONLY: [u8; 32] = [0x02; 32];
const HASH: [u8; 20] = [0x14; 20];

/// An input as it stands in a transaction.
#[derive(Debug, Clone)]
pub(crate) struct Spend {
    script_sig: ScriptBuf,
    pub(crate) witness: Witness,
}

impl Spend {
    fn native(elements: &[&[u8]]) -> Self {
        Self { script_sig: ScriptBuf::new(), witness: Witness::from_slice(elements) }
    }
}

/// A transaction of the given inputs and output scripts.
pub(crate) fn transaction(spends: Vec<Spend>, outputs: Vec<ScriptBuf>) -> Transaction {
    let input = spends.into_iter().map(|spend| TxIn {
        previous_output: OutPoint::null(),
        script_sig: spend.script_sig,
        sequence: Sequence::MAX,
        witness: spend.witness,
    });
    let output = outputs.into_iter().map(|script_pubkey| TxOut { value: Amount::ONE_BTC, script_pubkey });
    Transaction {
        version: Version::TWO,
        lock_time: LockTime::ZERO,
        input: input.collect(),
        output: output.collect(),
    }
}

/// A script from its opcodes.
fn opcodes(builder: Builder, codes: &[Opcode]) -> Builder {
    codes.iter().fold(builder, |builder, code| builder.push_opcode(*code))
}

fn tree(leaves: &[ScriptBuf]) -> TaprootSpendInfo {
    let generator = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    let internal: XOnlyPublicKey = generator.parse().unwrap();
    let depth = u8::try_from(leaves.len() / 2).unwrap();
    leaves
        .iter()
        .fold(TaprootBuilder::new(), |builder, leaf| builder.add_leaf(depth, leaf.clone()).unwrap())
        .finalize(&Secp256k1::verification_only(), internal)
        .unwrap()
}

pub(crate) fn p2tr(leaves: &[ScriptBuf]) -> ScriptBuf {
    ScriptBuf::new_p2tr_tweaked(tree(leaves).output_key())
}

/// A script path spend of `leaves[index]`: what satisfies it, the leaf, the control block.
fn leaf_spend(satisfaction: &[&[u8]], leaves: &[ScriptBuf], index: usize) -> Spend {
    let leaf = leaves[index].clone();
    let control = tree(leaves).control_block(&(leaf.clone(), LeafVersion::TapScript)).unwrap().serialize();
    let mut elements = satisfaction.to_vec();
    elements.push(leaf.as_bytes());
    elements.push(&control);
    Spend::native(&elements)
}

fn script_spend(satisfaction: &[&[u8]], script: &ScriptBuf) -> Spend {
    let mut elements = satisfaction.to_vec();
    elements.push(script.as_bytes());
    Spend::native(&elements)
}

fn delay_leaf(delay: CsvDelay) -> ScriptBuf {
    Builder::new()
        .push_slice(X_ONLY)
        .push_opcode(OP_CHECKSIGVERIFY)
        .push_int(i64::from(delay.to_blocks()))
        .push_opcode(OP_CSV)
        .into_script()
}

fn revoke_leaf() -> ScriptBuf {
    let delayed = Builder::new().push_slice(X_ONLY).push_opcode(OP_DROP);
    delayed.push_slice(X_ONLY).push_opcode(OP_CHECKSIG).into_script()
}

fn one_block(builder: Builder) -> Builder {
    builder.push_int(1).push_opcode(OP_CSV)
}

fn preimage_check(builder: Builder, last: Opcode) -> Builder {
    let size = builder.push_opcode(OP_SIZE).push_int(32).push_opcode(OP_EQUALVERIFY);
    size.push_opcode(OP_HASH160).push_slice(HASH).push_opcode(last)
}

fn both_keys(builder: Builder) -> Builder {
    let first = builder.push_slice(X_ONLY).push_opcode(OP_CHECKSIGVERIFY);
    first.push_slice(X_ONLY).push_opcode(OP_CHECKSIG)
}

fn one_key(builder: Builder) -> Builder {
    builder.push_slice(X_ONLY).push_opcode(OP_CHECKSIGVERIFY)
}

/// The leaves of `to_local`.
pub(crate) fn to_local_leaves(format: CommitmentFormat, delay: CsvDelay) -> Vec<ScriptBuf> {
    match format {
        CommitmentFormat::TaprootV2 => vec![delay_leaf(delay), revoke_leaf()],
        _ => vec![delay_leaf(delay)],
    }
}

/// The leaves of an offered HTLC: timeout, success.
pub(crate) fn offered_leaves(format: CommitmentFormat) -> Vec<ScriptBuf> {
    let success = match format {
        CommitmentFormat::TaprootV2 => one_block(one_key(preimage_check(Builder::new(), OP_EQUALVERIFY))),
        _ => preimage_check(one_key(Builder::new()), OP_EQUAL),
    };
    vec![both_keys(Builder::new()).into_script(), success.into_script()]
}

/// The leaves of an accepted HTLC: timeout, success.
fn accepted_leaves(format: CommitmentFormat, expiry: CltvExpiry) -> Vec<ScriptBuf> {
    let key = one_key(Builder::new());
    let timeout = match format {
        CommitmentFormat::TaprootV2 => one_block(key).push_opcode(OP_VERIFY),
        _ => key,
    };
    let timeout = timeout.push_int(i64::from(expiry.to_height())).push_opcode(OP_CLTV);
    let success = both_keys(preimage_check(Builder::new(), OP_EQUALVERIFY));
    vec![timeout.into_script(), success.into_script()]
}

fn anchor_leaves() -> Vec<ScriptBuf> {
    vec![Builder::new().push_int(16).push_opcode(OP_CSV).into_script()]
}

fn funding_script() -> ScriptBuf {
    let keys = Builder::new().push_int(2).push_slice(KEY).push_slice(KEY);
    keys.push_int(2).push_opcode(OP_CHECKMULTISIG).into_script()
}

fn to_local_script(delay: CsvDelay) -> ScriptBuf {
    let revoke = Builder::new().push_opcode(OP_IF).push_slice(KEY).push_opcode(OP_ELSE);
    let wait = opcodes(revoke.push_int(i64::from(delay.to_blocks())), &[OP_CSV, OP_DROP]);
    opcodes(wait.push_slice(KEY), &[OP_ENDIF, OP_CHECKSIG]).into_script()
}

fn to_remote_script() -> ScriptBuf {
    one_block(Builder::new().push_slice(KEY).push_opcode(OP_CHECKSIGVERIFY)).into_script()
}

fn anchor_script() -> ScriptBuf {
    let key = opcodes(Builder::new().push_slice(KEY), &[OP_CHECKSIG, OP_IFDUP, OP_NOTIF]);
    opcodes(key.push_int(16), &[OP_CSV, OP_ENDIF]).into_script()
}

fn htlc_head() -> Builder {
    let revoked = opcodes(Builder::new(), &[OP_DUP, OP_HASH160]).push_slice(HASH);
    let other = opcodes(revoked, &[OP_EQUAL, OP_IF, OP_CHECKSIG, OP_ELSE]).push_slice(KEY);
    opcodes(other, &[OP_SWAP, OP_SIZE]).push_int(32).push_opcode(OP_EQUAL)
}

fn htlc_tail(builder: Builder, format: CommitmentFormat) -> ScriptBuf {
    let builder = match format {
        CommitmentFormat::SegwitAnchors => one_block(builder).push_opcode(OP_DROP),
        _ => builder,
    };
    builder.push_opcode(OP_ENDIF).into_script()
}

fn multisig(builder: Builder) -> Builder {
    let key = builder.push_int(2).push_opcode(OP_SWAP).push_slice(KEY);
    key.push_int(2).push_opcode(OP_CHECKMULTISIG)
}

fn offered_script(format: CommitmentFormat) -> ScriptBuf {
    let timeout = multisig(opcodes(htlc_head(), &[OP_NOTIF, OP_DROP]));
    let success = opcodes(timeout, &[OP_ELSE, OP_HASH160]).push_slice(HASH);
    htlc_tail(opcodes(success, &[OP_EQUALVERIFY, OP_CHECKSIG, OP_ENDIF]), format)
}

fn accepted_script(format: CommitmentFormat, expiry: CltvExpiry) -> ScriptBuf {
    let hash = opcodes(htlc_head(), &[OP_IF, OP_HASH160]).push_slice(HASH).push_opcode(OP_EQUALVERIFY);
    let timeout = opcodes(multisig(hash), &[OP_ELSE, OP_DROP]).push_int(i64::from(expiry.to_height()));
    htlc_tail(opcodes(timeout, &[OP_CLTV, OP_DROP, OP_CHECKSIG, OP_ENDIF]), format)
}

/// The output script a segwit or Taproot output of the channel has, from its parts in either world.
pub(crate) fn p2wsh(script: &ScriptBuf) -> ScriptBuf {
    ScriptBuf::new_p2wsh(&WScriptHash::from(script.clone()))
}

pub(crate) fn funding_output(format: CommitmentFormat) -> ScriptBuf {
    if format.is_taproot() { p2tr(&[]) } else { p2wsh(&funding_script()) }
}

pub(crate) fn to_local_output(format: CommitmentFormat, delay: CsvDelay) -> ScriptBuf {
    if format.is_taproot() { p2tr(&to_local_leaves(format, delay)) } else { p2wsh(&to_local_script(delay)) }
}

pub(crate) fn to_remote_output(format: CommitmentFormat) -> ScriptBuf {
    match format {
        CommitmentFormat::StaticRemoteKey | CommitmentFormat::SegwitV3 => wallet_output(WalletScript::P2wpkh),
        CommitmentFormat::SegwitAnchors => p2wsh(&to_remote_script()),
        _ => p2tr(&[one_block(one_key(Builder::new())).into_script()]),
    }
}

pub(crate) fn offered_output(format: CommitmentFormat) -> ScriptBuf {
    if format.is_taproot() { p2tr(&offered_leaves(format)) } else { p2wsh(&offered_script(format)) }
}

pub(crate) fn keyed_anchor_output(format: CommitmentFormat) -> ScriptBuf {
    if format.is_taproot() { p2tr(&anchor_leaves()) } else { p2wsh(&anchor_script()) }
}

pub(crate) fn p2a() -> ScriptBuf {
    ScriptBuf::from_bytes(vec![0x51, 0x02, 0x4e, 0x73])
}

/// The input a path makes.
pub(crate) fn spend(path: SpendPath, format: CommitmentFormat) -> Spend {
    if format.is_taproot() { taproot_spend(path, format) } else { segwit_spend(path, format) }
}

fn segwit_spend(path: SpendPath, format: CommitmentFormat) -> Spend {
    match path {
        SpendPath::Funding => script_spend(&[&[], &ECDSA, &ECDSA], &funding_script()),
        SpendPath::ToLocalDelayed(delay) | SpendPath::SecondLevelDelayed(delay) => {
            script_spend(&[&ECDSA, &[]], &to_local_script(delay))
        }
        SpendPath::ToLocalRevoked(delay) | SpendPath::SecondLevelRevoked(delay) => {
            script_spend(&[&ECDSA, &[1]], &to_local_script(delay))
        }
        SpendPath::ToRemote if format == CommitmentFormat::SegwitAnchors => {
            script_spend(&[&ECDSA], &to_remote_script())
        }
        SpendPath::ToRemote => Spend::native(&[&ECDSA_LOW_S, &KEY]),
        SpendPath::HtlcTimeout => script_spend(&[&[], &ECDSA, &ECDSA, &[]], &offered_script(format)),
        SpendPath::HtlcSuccess(expiry) => {
            script_spend(&[&[], &ECDSA, &ECDSA, &PREIMAGE], &accepted_script(format, expiry))
        }
        SpendPath::ClaimWithPreimage => script_spend(&[&ECDSA, &PREIMAGE], &offered_script(format)),
        SpendPath::ClaimAtTimeout(expiry) => script_spend(&[&ECDSA, &[]], &accepted_script(format, expiry)),
        SpendPath::RevokedOffered => script_spend(&[&ECDSA, &KEY], &offered_script(format)),
        SpendPath::RevokedAccepted(expiry) => script_spend(&[&ECDSA, &KEY], &accepted_script(format, expiry)),
    }
}

fn taproot_spend(path: SpendPath, format: CommitmentFormat) -> Spend {
    let v2 = format == CommitmentFormat::TaprootV2;
    match path {
        SpendPath::ToLocalDelayed(delay) => leaf_spend(&[&SCHNORR], &to_local_leaves(format, delay), 0),
        SpendPath::ToLocalRevoked(delay) if v2 => leaf_spend(&[&SCHNORR], &to_local_leaves(format, delay), 1),
        SpendPath::ToRemote if v2 => {
            leaf_spend(&[&SCHNORR], &[one_block(one_key(Builder::new())).into_script()], 0)
        }
        SpendPath::Funding
        | SpendPath::ToLocalRevoked(_)
        | SpendPath::ToRemote
        | SpendPath::RevokedOffered
        | SpendPath::RevokedAccepted(_)
        | SpendPath::SecondLevelRevoked(_) => Spend::native(&[&SCHNORR]),
        SpendPath::HtlcTimeout => leaf_spend(&[&SCHNORR_WITH_SIGHASH, &SCHNORR], &offered_leaves(format), 0),
        SpendPath::HtlcSuccess(expiry) => {
            leaf_spend(&[&SCHNORR_WITH_SIGHASH, &SCHNORR, &PREIMAGE], &accepted_leaves(format, expiry), 1)
        }
        SpendPath::ClaimWithPreimage => leaf_spend(&[&SCHNORR, &PREIMAGE], &offered_leaves(format), 1),
        SpendPath::ClaimAtTimeout(expiry) => leaf_spend(&[&SCHNORR], &accepted_leaves(format, expiry), 0),
        SpendPath::SecondLevelDelayed(delay) => leaf_spend(&[&SCHNORR], &[delay_leaf(delay)], 0),
    }
}

/// The input that spends an anchor, in a format that has it.
pub(crate) fn anchor_spend(path: AnchorPath, format: CommitmentFormat) -> Spend {
    match (path, format.is_taproot()) {
        (AnchorPath::PayToAnchor, _) => Spend::native(&[]),
        (AnchorPath::Keyed, true) => Spend::native(&[&SCHNORR]),
        (AnchorPath::Keyed, false) => script_spend(&[&ECDSA], &anchor_script()),
        (AnchorPath::AfterSixteenBlocks, true) => leaf_spend(&[], &anchor_leaves(), 0),
        (AnchorPath::AfterSixteenBlocks, false) => script_spend(&[&[]], &anchor_script()),
    }
}

/// The input that spends a wallet coin.
pub(crate) fn wallet_spend(script: WalletScript) -> Spend {
    match script {
        WalletScript::P2pkh => {
            let script_sig = Builder::new().push_slice(ECDSA_LOW_S).push_slice(KEY).into_script();
            Spend { script_sig, witness: Witness::new() }
        }
        WalletScript::P2shP2wpkh => {
            let mut redeem = [0x14; 22];
            redeem[0] = 0;
            let script_sig = Builder::new().push_slice(redeem).into_script();
            Spend { script_sig, ..Spend::native(&[&ECDSA_LOW_S, &KEY]) }
        }
        WalletScript::P2wpkh => Spend::native(&[&ECDSA_LOW_S, &KEY]),
        WalletScript::P2tr => Spend::native(&[&SCHNORR]),
    }
}

/// The script a wallet coin has.
pub(crate) fn wallet_output(script: WalletScript) -> ScriptBuf {
    use bitcoin::hashes::Hash;

    match script {
        WalletScript::P2pkh => ScriptBuf::new_p2pkh(&bitcoin::PubkeyHash::from_byte_array(HASH)),
        WalletScript::P2shP2wpkh => ScriptBuf::new_p2sh(&bitcoin::ScriptHash::from_byte_array(HASH)),
        WalletScript::P2wpkh => ScriptBuf::new_p2wpkh(&bitcoin::WPubkeyHash::from_byte_array(HASH)),
        WalletScript::P2tr => p2tr(&[]),
    }
}
