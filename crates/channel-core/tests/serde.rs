//! Stored forms: frozen fixtures, versions, and states that contradict themselves.
#![cfg(feature = "serde")]

use bitcoin::hashes::Hash;
use bitcoin::{Amount, OutPoint, Txid};
use channel_core::bitcoin;
use channel_core::commitment::{CommitmentSpec, SpecUpdate};
use channel_core::dust::{DustExposure, TrimLimit};
use channel_core::htlc::Htlc;
use channel_core::ledger::{
    DustFreeChannelManager, LedgerPolicy, NewChannel, NewHtlc, Payment, SpliceAction, SpliceRequest,
    SplicingManager, WalletInputs,
};
use channel_core::{CltvExpiry, CommitmentFormat, FeerateKw, HtlcId, Msat, PaymentHash, PerSide, Side};
use serde_json::{Value, json};

const SPEC: &str = include_str!("fixtures/spec.v1.json");
const LEDGER: &str = include_str!("fixtures/ledger.v1.json");
const HISTORY: &str = include_str!("fixtures/splices.v1.json");

fn spec() -> CommitmentSpec {
    let htlc = |id, offered_by, msat| Htlc {
        id: HtlcId::new(id),
        offered_by,
        amount: Msat::from_msat(msat),
        payment_hash: PaymentHash::from_bytes([0xa5; 32]),
        cltv_expiry: CltvExpiry::new(840_000).expect("a height"),
    };
    let balances = PerSide { local: Msat::from_msat(30_000_000), remote: Msat::from_msat(20_000_000) };
    CommitmentSpec::new(balances, FeerateKw::FLOOR)
        .expect("small balances")
        .apply_all([
            SpecUpdate::Add(htlc(3, Side::Local, 5_000_001)),
            SpecUpdate::Add(htlc(0, Side::Remote, 100_000)),
        ])
        .expect("both sides hold enough")
}

fn outpoint(byte: u8) -> OutPoint {
    OutPoint { txid: Txid::from_byte_array([byte; 32]), vout: 1 }
}

/// A Taproot channel with an HTLC in flight and a splice that is not locked.
fn ledger() -> (DustFreeChannelManager, SplicingManager) {
    let trim = TrimLimit::observed(Amount::from_sat(354));
    let mut ledger = DustFreeChannelManager::new(LedgerPolicy::new(CommitmentFormat::TaprootV2, trim));
    let id = ledger
        .create(NewChannel {
            funding: outpoint(0x11),
            opener: Side::Local,
            capacity: Amount::from_sat(50_000),
            local_balance: Msat::from_msat(40_000_000),
        })
        .expect("a legal channel")
        .id();
    ledger.pay(id, Payment::direct(Side::Local, Msat::from_msat(1_500))).expect("payable");
    let htlc = NewHtlc {
        from: Side::Remote,
        amount: Msat::from_msat(700_000),
        payment_hash: PaymentHash::from_bytes([0x5a; 32]),
        cltv_expiry: CltvExpiry::new(840_001).expect("a height"),
    };
    ledger.offer(id, htlc).expect("payable");
    let inputs = WalletInputs { count: 1, total: Amount::from_sat(12_000) };
    let action = SpliceAction::In { amount: Amount::from_sat(10_000), inputs };
    let request = SpliceRequest::by(Side::Remote, action, FeerateKw::from_sat_per_kw(500), outpoint(0x22));
    let mut splicer = SplicingManager::new();
    splicer.splice(ledger.channel_mut(id).expect("known"), &request).expect("paid for");
    (ledger, splicer)
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).expect("fixtures are JSON")
}

#[test]
fn version_1_is_frozen() {
    let (ledger, splicer) = ledger();
    assert_eq!(serde_json::to_value(spec()).unwrap(), value(SPEC));
    assert_eq!(serde_json::to_value(&ledger).unwrap(), value(LEDGER));
    assert_eq!(serde_json::to_value(&splicer).unwrap(), value(HISTORY));
    assert_eq!(serde_json::from_str::<CommitmentSpec>(SPEC).unwrap(), spec());
    assert_eq!(serde_json::from_str::<DustFreeChannelManager>(LEDGER).unwrap(), ledger);
    assert_eq!(serde_json::from_str::<SplicingManager>(HISTORY).unwrap(), splicer);
}

#[test]
fn other_versions_and_unknown_fields_are_refused() {
    for version in [json!(0), json!(2), json!("1"), json!(-1), Value::Null] {
        let mut stored = [value(SPEC), value(LEDGER), value(HISTORY)];
        for form in &mut stored {
            form["version"] = version.clone();
        }
        let [spec, ledger, history] = stored;
        assert!(serde_json::from_value::<CommitmentSpec>(spec).is_err(), "{version}");
        assert!(serde_json::from_value::<DustFreeChannelManager>(ledger).is_err(), "{version}");
        assert!(serde_json::from_value::<SplicingManager>(history).is_err(), "{version}");
    }
    let mut spec = value(SPEC);
    spec["surprise"] = json!(1);
    assert!(serde_json::from_value::<CommitmentSpec>(spec).is_err());
    let mut ledger = value(LEDGER);
    ledger["channels"][0]["params"] = json!({});
    assert!(serde_json::from_value::<DustFreeChannelManager>(ledger).is_err());
}

#[test]
fn a8_a_loaded_ledger_is_checked_like_a_new_one() {
    let load = |stored: Value| {
        serde_json::from_value::<DustFreeChannelManager>(stored).map_err(|error| error.to_string())
    };
    assert!(load(value(LEDGER)).is_ok());
    for (expected, pointer, wrong) in [
        ("but the channel holds", "/funding/state/balances_msat/local", json!(1)),
        ("but the channel holds", "/funding/params/terms/capacity_sat", json!(60_001)),
        ("but the channel holds", "/splicing_from/params/terms/capacity_sat", json!(1)),
        ("below the trim limit", "/funding/params/limits/local/channel_reserve_sat", json!(353)),
        ("at most 483", "/funding/params/limits/local/max_accepted_htlcs", json!(484)),
        ("htlc id twice", "/next_htlc_id/remote", json!(0)),
        ("empty or stands twice", "/funding/state/htlcs/0/amount_msat", json!(0)),
        ("before and after its splice", "/funding/state/htlcs/0/cltv_expiry", json!(1)),
        ("64 bits", "/funding/state/balances_msat", json!({ "local": u64::MAX, "remote": 1 })),
    ] {
        let mut stored = value(LEDGER);
        *stored["channels"][0].pointer_mut(pointer).expect("a field of the fixture") = wrong;
        let error = load(stored).unwrap_err();
        assert!(error.contains(expected), "{pointer}: {error}");
    }
    let mut stored = value(LEDGER);
    let copy = stored["channels"][0].clone();
    stored["channels"].as_array_mut().unwrap().push(copy);
    assert!(load(stored).unwrap_err().contains("stands twice"));
}

#[test]
fn a_spec_with_one_htlc_twice_is_refused() {
    let mut stored = value(SPEC);
    let copy = stored["htlcs"][0].clone();
    stored["htlcs"].as_array_mut().unwrap().push(copy);
    assert!(serde_json::from_value::<CommitmentSpec>(stored).is_err());
    let mut stored = value(SPEC);
    stored["htlcs"][0]["cltv_expiry"] = json!(0);
    assert!(serde_json::from_value::<CommitmentSpec>(stored).is_err());
    let mut stored = value(SPEC);
    stored["htlcs"][0]["payment_hash"] = json!("a5");
    assert!(serde_json::from_value::<CommitmentSpec>(stored).is_err());
}

#[test]
fn an_exposure_with_an_unknown_field_is_refused() {
    let mut stored = serde_json::to_value(DustExposure::default()).unwrap();
    assert!(serde_json::from_value::<DustExposure>(stored.clone()).is_ok());
    stored["surprise"] = json!(1);
    assert!(serde_json::from_value::<DustExposure>(stored).is_err());
}
