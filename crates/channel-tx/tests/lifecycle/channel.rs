//! Channels and coins to test with, and what must hold of every transaction.

use bitcoin::hashes::Hash;
use bitcoin::secp256k1::{PublicKey, Secp256k1, SecretKey};
use bitcoin::{
    Amount, OutPoint, ScriptBuf, Sequence, Transaction, TxOut, Txid, WPubkeyHash, Weight, Witness,
};
use channel_core::commitment::{CommitmentSpec, CommitmentTerms};
use channel_core::dust::{RelayDust, TrimLimit};
use channel_core::{CommitmentFormat, CommitmentNumber, CsvDelay, FeerateKw, Msat, PerSide, Side};
use channel_tx::commitment::{CommitmentBuilder, CommitmentPoint};
use channel_tx::funding::FundingScript;
use channel_tx::keys::Basepoints;
use channel_tx::spend::{Coin, InputHint, UnsignedTransaction};
use channel_tx::weight::WalletScript;

/// The formats that can be built.
pub(crate) const FORMATS: [CommitmentFormat; 4] = [
    CommitmentFormat::TaprootV3,
    CommitmentFormat::TaprootV2,
    CommitmentFormat::SegwitV3,
    CommitmentFormat::SegwitAnchors,
];

pub(crate) fn sat(value: u64) -> Amount {
    Amount::from_sat(value)
}

pub(crate) fn feerate(kw: u32) -> FeerateKw {
    FeerateKw::from_sat_per_kw(kw)
}

pub(crate) fn key(byte: u8) -> PublicKey {
    SecretKey::from_slice(&[byte; 32]).unwrap().public_key(&Secp256k1::new())
}

pub(crate) fn funding_keys(byte: u8) -> PerSide<PublicKey> {
    PerSide { local: key(byte), remote: key(byte + 1) }
}

fn basepoints(byte: u8) -> Basepoints {
    Basepoints {
        funding: key(byte),
        revocation: key(byte + 1),
        payment: key(byte + 2),
        delayed_payment: key(byte + 3),
        htlc: key(byte + 4),
    }
}

pub(crate) fn outpoint(byte: u8) -> OutPoint {
    OutPoint { txid: Txid::from_byte_array([byte; 32]), vout: u32::from(byte % 3) }
}

/// A channel of this capacity that we opened, with trim limits of 354 and 546 sat.
pub(crate) fn builder(format: CommitmentFormat, capacity: u64) -> CommitmentBuilder {
    let limit = |value| TrimLimit::observed(sat(value));
    let terms = CommitmentTerms {
        format,
        opener: Side::Local,
        capacity: sat(capacity),
        trim: PerSide { local: limit(354), remote: limit(546) },
    };
    let delay = |blocks| CsvDelay::new(blocks).unwrap();
    let points = PerSide { local: basepoints(10), remote: basepoints(20) };
    CommitmentBuilder::new(terms, outpoint(1), points, PerSide { local: delay(144), remote: delay(720) })
        .unwrap()
}

pub(crate) fn spec(local: u64, remote: u64) -> CommitmentSpec {
    let balances = PerSide { local: Msat::from_msat(local), remote: Msat::from_msat(remote) };
    CommitmentSpec::new(balances, FeerateKw::ZERO).unwrap()
}

/// The point of a commitment: another for each side and number.
pub(crate) fn point(owner: Side, number: u64) -> CommitmentPoint {
    let base = if owner == Side::Local { 100 } else { 150 };
    let byte = u8::try_from(number % 50).unwrap() + base;
    CommitmentPoint { number: CommitmentNumber::new(number).unwrap(), point: key(byte) }
}

pub(crate) fn script(kind: WalletScript, byte: u8) -> ScriptBuf {
    match kind {
        WalletScript::P2wpkh => ScriptBuf::new_p2wpkh(&WPubkeyHash::from_byte_array([byte; 20])),
        WalletScript::P2tr => {
            let (internal, _) = key(byte).x_only_public_key();
            ScriptBuf::new_p2tr(&Secp256k1::verification_only(), internal, None)
        }
        WalletScript::P2pkh => ScriptBuf::new_p2pkh(&bitcoin::PubkeyHash::from_byte_array([byte; 20])),
        WalletScript::P2shP2wpkh => ScriptBuf::new_p2sh(&bitcoin::ScriptHash::from_byte_array([byte; 20])),
    }
}

pub(crate) fn p2tr(byte: u8) -> ScriptBuf {
    script(WalletScript::P2tr, byte)
}

pub(crate) fn coin(byte: u8, value: u64, kind: WalletScript) -> Coin {
    let txout = TxOut { value: sat(value), script_pubkey: script(kind, byte) };
    Coin { outpoint: outpoint(byte), txout, script: kind, origin: None }
}

pub(crate) fn output(value: u64, byte: u8) -> TxOut {
    TxOut { value: sat(value), script_pubkey: p2tr(byte) }
}

/// The transaction with witnesses of the right length: ECDSA signatures of the longest.
fn signed(unsigned: &UnsignedTransaction) -> Transaction {
    let mut transaction = unsigned.transaction.clone();
    for (input, hint) in transaction.input.iter_mut().zip(&unsigned.inputs) {
        input.witness = match &hint.hint {
            InputHint::Funding(script @ FundingScript::MuSig2(_)) => script.unlock().witness([&[1; 64][..]]),
            InputHint::Funding(script) => script.unlock().witness([&[][..], &[1; 73], &[1; 73]]),
            _ if hint.prevout.script_pubkey.is_p2tr() => Witness::from_slice(&[[1; 64]]),
            _ => Witness::from_slice(&[&[1; 72][..], &[1; 33]]),
        };
    }
    transaction
}

/// What holds of every transaction: it weighs what was foretold, its value is conserved, no output is dust, and its id
/// cannot change.
pub(crate) fn assert_sound(unsigned: &UnsignedTransaction, weight: Weight) {
    let transaction = &unsigned.transaction;
    assert_eq!(signed(unsigned).weight(), weight);
    assert_eq!(unsigned.inputs.len(), transaction.input.len());
    let out = unsigned.output_value().unwrap();
    assert_eq!(unsigned.input_value(), out.checked_add(unsigned.fee.total().unwrap()));
    for output in &transaction.output {
        let dust = RelayDust::of_script(&output.script_pubkey, RelayDust::DEFAULT_FEERATE);
        assert!(!dust.is_dust(output.value), "{output:?}");
    }
    for input in &transaction.input {
        assert!(input.script_sig.is_empty());
        assert_eq!(input.sequence, Sequence(0xffff_fffd));
    }
    assert_eq!(transaction.version.0, 2);
}
