//! The order of inputs and outputs.

use bitcoin::SignedAmount;
use channel_core::{CommitmentFormat, Side};
use channel_tx::funding::{
    Contribution, ContributionError, FrameError, OpenError, Opening, Order, SerialId, SerialIds,
    SharedSerialIds,
};
use channel_tx::weight::WalletScript;

use crate::channel::{coin, feerate, funding_keys, outpoint, p2tr};

fn ids<const N: usize>(numbers: [u64; N]) -> Vec<SerialId> {
    numbers.into_iter().map(SerialId::new).collect()
}

fn opening() -> Opening {
    let part = |side, byte| {
        let coins = vec![coin(byte, 500_000, WalletScript::P2tr), coin(byte + 1, 1000, WalletScript::P2tr)];
        Contribution::exact(side, coins, SignedAmount::from_sat(400_000), p2tr(byte + 10))
    };
    let parts = vec![part(Side::Local, 62), part(Side::Remote, 60)];
    Opening::alone(CommitmentFormat::TaprootV3, funding_keys(40), parts, feerate(500))
}

fn serial(ours: SerialIds, theirs: SerialIds) -> Opening {
    let shared = SharedSerialIds { input: None, funding_output: SerialId::new(10) };
    Opening { order: Order::Serial { shared, contributions: vec![ours, theirs] }, ..opening() }
}

fn good() -> (SerialIds, SerialIds) {
    let change = |id| Some(SerialId::new(id));
    (
        SerialIds { inputs: ids([4, 0]), outputs: Vec::new(), change: change(2) },
        SerialIds { inputs: ids([1, 7]), outputs: Vec::new(), change: change(11) },
    )
}

#[test]
fn without_ids_bytes_decide() {
    let made = opening().build().unwrap();
    let inputs: Vec<_> = made.unsigned.transaction.input.iter().map(|input| input.previous_output).collect();
    assert_eq!(inputs, [60, 61, 62, 63].map(outpoint));
    let outputs = &made.unsigned.transaction.output;
    assert!(outputs.is_sorted_by_key(|output| (output.value, output.script_pubkey.clone())));
    for (part, change) in made.contributed.iter().zip([72, 70]) {
        assert_eq!(outputs[part.change.unwrap() as usize].script_pubkey, p2tr(change));
    }
    for (input, unsigned) in made.unsigned.transaction.input.iter().zip(&made.unsigned.inputs) {
        let byte = input.previous_output.txid.as_ref() as &[u8];
        assert_eq!(unsigned.prevout.script_pubkey, p2tr(byte[0]));
    }
}

#[test]
fn txids_are_compared_as_they_are_displayed() {
    let mut opening = opening();
    let high = "00000000000000000000000000000000000000000000000000000000000000ff";
    let low = "ff00000000000000000000000000000000000000000000000000000000000000";
    for (input, txid) in opening.contributions[0].inputs.iter_mut().zip([low, high]) {
        let channel_tx::funding::FundingInput::Wallet(coin) = input else { panic!("a coin") };
        coin.outpoint.txid = txid.parse().unwrap();
    }
    let made = opening.build().unwrap();
    let input = &made.unsigned.transaction.input;
    assert_eq!(input[0].previous_output.txid.to_string(), high);
    assert_eq!(input[3].previous_output.txid.to_string(), low);
}

#[test]
fn ids_decide_where_they_were_exchanged() {
    let (ours, theirs) = good();
    let made = serial(ours, theirs).build().unwrap();
    let inputs: Vec<_> = made.unsigned.transaction.input.iter().map(|input| input.previous_output).collect();
    assert_eq!(inputs, [63, 60, 62, 61].map(outpoint));
    let scripts: Vec<_> = made.unsigned.transaction.output.iter().map(|out| &out.script_pubkey).collect();
    assert_eq!(scripts, [&p2tr(72), &made.funding.script_pubkey(), &p2tr(70)]);
    assert_eq!(made.outpoint.vout, 1);
    assert_eq!(made.contributed[1].change, Some(2));
}

#[test]
fn ids_that_do_not_fit_are_refused() {
    let (ours, theirs) = good();
    let refused = |ours: SerialIds, theirs: SerialIds, side| {
        let expected = ContributionError::Frame(FrameError::SerialIds { side });
        assert_eq!(serial(ours, theirs).build(), Err(OpenError::Contribution(expected)));
    };
    let with = |ids_of: &SerialIds, inputs| SerialIds { inputs, ..ids_of.clone() };
    refused(with(&ours, ids([4])), theirs.clone(), Side::Local);
    refused(with(&ours, ids([4, 4])), theirs.clone(), Side::Local);
    refused(with(&ours, ids([4, 3])), theirs.clone(), Side::Local);
    refused(ours.clone(), with(&theirs, ids([1, 6])), Side::Remote);
    refused(SerialIds { change: Some(SerialId::new(10)), ..ours.clone() }, theirs.clone(), Side::Local);
    refused(SerialIds { change: None, ..ours.clone() }, theirs.clone(), Side::Local);
    refused(SerialIds { outputs: ids([20]), ..ours.clone() }, theirs.clone(), Side::Local);
    let mut missing = serial(ours.clone(), theirs.clone());
    let shared = SharedSerialIds { input: None, funding_output: SerialId::new(10) };
    missing.order = Order::Serial { shared, contributions: vec![ours.clone()] };
    assert!(missing.build().is_err());
    let shared = SharedSerialIds { input: Some(SerialId::new(12)), funding_output: SerialId::new(10) };
    missing.order = Order::Serial { shared, contributions: vec![ours, theirs] };
    let refused = OpenError::Contribution(FrameError::SerialIds { side: Side::Local }.into());
    assert_eq!(missing.build(), Err(refused.clone()), "an opening shares no input");
    let (ours, theirs) = good();
    let shared = SharedSerialIds { input: None, funding_output: SerialId::new(13) };
    missing.order = Order::Serial { shared, contributions: vec![ours, theirs] };
    assert_eq!(missing.build(), Err(refused), "the initiator adds the funding output");
}
