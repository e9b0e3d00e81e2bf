//! The splice of the guide, built.

use bitcoin::hashes::Hash;
use bitcoin::secp256k1::Secp256k1;
use bitcoin::{Amount, OutPoint, ScriptBuf, SignedAmount, TxOut, Txid};
use channel_core::commitment::CommitmentSpec;
use channel_core::{CommitmentFormat, FeerateKw, Msat, PerSide, Side};
use channel_tx::bitcoin;
use channel_tx::funding::{Contribution, replacement_feerate};
use channel_tx::spend::Coin;
use channel_tx::splice::Splice;
use channel_tx::weight::WalletScript;

use crate::amounts::grouped;
use crate::channel::{CAPACITY, builder, key};
use crate::page::Page;

fn p2tr(byte: u8) -> ScriptBuf {
    ScriptBuf::new_p2tr(&Secp256k1::verification_only(), key(byte).x_only_public_key().0, None)
}

#[test]
fn the_splice_with_two_contributors_has_this_account() {
    let builder = builder(CommitmentFormat::TaprootV3);
    let balance = |sat: u64| Msat::from_msat(sat * 1000);
    let balances = PerSide { local: balance(600_000), remote: balance(CAPACITY - 600_000) };
    let spec = CommitmentSpec::new(balances, FeerateKw::ZERO).unwrap();
    let coin = Coin {
        outpoint: OutPoint { txid: Txid::from_byte_array([5; 32]), vout: 1 },
        txout: TxOut { value: Amount::from_sat(500_000), script_pubkey: p2tr(50) },
        script: WalletScript::P2tr,
        origin: None,
    };
    let payout = TxOut { value: Amount::from_sat(100_000), script_pubkey: p2tr(51) };
    let contributions = vec![
        Contribution::exact(Side::Local, vec![coin], SignedAmount::from_sat(300_000), p2tr(52)),
        Contribution::pay_out(Side::Remote, vec![payout.clone()]),
    ];
    let keys = PerSide { local: key(30), remote: key(31) };
    let feerate = FeerateKw::from_sat_per_vb(5).unwrap();
    let made = Splice::new(&builder, &spec, keys, contributions, feerate).build().unwrap();
    let transaction = &made.transaction;
    let [ours, theirs] = transaction.contributed.as_slice() else { panic!("two contributors") };
    let change = &transaction.unsigned.transaction.output[usize::try_from(ours.change.unwrap()).unwrap()];
    let fee = |side: Side| transaction.fees().of(side).total().unwrap().to_sat();
    let changed = |side: Side| transaction.contribution(side).to_sat();
    let text = |number: u64| grouped(number);
    let expected = [
        ("weight it pays for, WU", [text(ours.weight.to_wu()), text(theirs.weight.to_wu())]),
        ("fee", [text(fee(Side::Local)), text(fee(Side::Remote))]),
        ("coins", [text(500_000), text(0)]),
        ("outputs of its own", [text(change.value.to_sat()), text(payout.value.to_sat())]),
        ("balance changes by", [Side::Local, Side::Remote].map(|side| signed(changed(side)))),
    ];
    let page = Page::read();
    let rows = page.rows("account, sat");
    assert_eq!(rows.len(), expected.len());
    for ((name, cells), row) in expected.iter().zip(&rows) {
        assert_eq!((row[0].as_str(), &row[1..]), (*name, &cells[..]));
    }
    assert!(page.says(&format!("The new capacity is {} sat", grouped(transaction.capacity.to_sat()))));
    assert_eq!(transaction.unsigned.transaction.version.0, 2);
}

/// 25/24 of the old feerate or 25 sat/kW more, whichever is higher.
#[test]
fn a_replacement_has_this_feerate() {
    assert!(Page::read().says("the higher of 25/24 of its feerate and 25 sat/kW more"));
    let next = |kw| replacement_feerate(FeerateKw::from_sat_per_kw(kw)).map(FeerateKw::to_sat_per_kw);
    assert_eq!([next(240), next(2400)], [Some(265), Some(2500)]);
}

fn signed(number: i64) -> String {
    let sign = if number < 0 { "−" } else { "" };
    format!("{sign}{}", grouped(number.unsigned_abs()))
}
