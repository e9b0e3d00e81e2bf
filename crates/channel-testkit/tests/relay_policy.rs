//! The rules of relay stand in two crates of one layer: for those who build transactions, and for those who judge them.

use channel_chain::policy as judge;
use channel_core::dust::{RelayDust, ScriptType};
use channel_tx::bitcoin::{Amount, ScriptBuf, TxOut};
use channel_tx::policy as builder;

#[test]
fn builder_and_judge_have_the_same_limits() {
    assert_eq!(builder::TRUC, judge::TRUC);
    assert_eq!(builder::MAX_TRUC_VBYTES, judge::MAX_TRUC_VBYTES);
    assert_eq!(builder::MAX_CHILD_VBYTES, judge::MAX_TRUC_CHILD_VBYTES);
    assert!(builder::INCREMENTAL_RELAY >= judge::INCREMENTAL_RELAY, "what is built is taken");
}

#[test]
fn builder_and_judge_call_the_same_outputs_dust() {
    let p2a = ScriptBuf::from_bytes(vec![0x51, 0x02, 0x4e, 0x73]);
    let limit = RelayDust::of(ScriptType::P2a, RelayDust::DEFAULT_FEERATE).to_amount().to_sat();
    for (value, is_dust) in [(0, true), (limit - 1, true), (limit, false)] {
        let output = TxOut { value: Amount::from_sat(value), script_pubkey: p2a.clone() };
        assert_eq!((builder::is_dust(&output), judge::is_dust(&output)), (is_dust, is_dust), "{value}");
    }
}
