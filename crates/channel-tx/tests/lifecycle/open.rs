//! Opening.

use bitcoin::absolute::LockTime;
use bitcoin::{Amount, ScriptBuf, SignedAmount, TxOut};
use channel_core::{CommitmentFormat, Side};
use channel_tx::funding::{
    CoinError, Contribution, ContributionError, ForeignCoin, FrameError, FundingError, FundingInput,
    FundingScript, FundingTransaction, OpenError, Opening, OutputError, ReplacementError, Share,
};
use channel_tx::spend::InputHint;
use channel_tx::weight::size::WitnessStack;
use channel_tx::weight::{InputWeight, OutputKind, WalletScript, funding};

use crate::channel::{FORMATS, assert_sound, coin, feerate, funding_keys, output, p2tr, sat, script};

fn into_channel(value: i64) -> SignedAmount {
    SignedAmount::from_sat(value)
}

fn opening(format: CommitmentFormat, contributions: Vec<Contribution>) -> Opening {
    Opening::alone(format, funding_keys(40), contributions, feerate(1250))
}

/// One Taproot coin of `value`, `amount` of it into the channel.
fn one_coin(value: u64, amount: i64) -> Opening {
    let coins = vec![coin(60, value, WalletScript::P2tr)];
    let part = Contribution::exact(Side::Local, coins, into_channel(amount), p2tr(70));
    opening(CommitmentFormat::TaprootV3, vec![part])
}

fn refusal(opening: &Opening) -> ContributionError {
    match opening.build() {
        Err(OpenError::Contribution(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn funding_output(made: &FundingTransaction) -> &TxOut {
    &made.unsigned.transaction.output[made.outpoint.vout as usize]
}

#[test]
fn one_funder_pays_for_all_and_gets_change() {
    for format in FORMATS {
        for kind in [WalletScript::P2tr, WalletScript::P2wpkh] {
            let change = script(kind, 70);
            let part = Contribution::exact(
                Side::Local,
                vec![coin(60, 1_000_000, kind)],
                into_channel(600_000),
                change,
            );
            let opening = opening(format, vec![part]);
            let made = opening.build().unwrap();
            let expected = funding::open(format, &[kind], Some(kind.output()));
            assert_eq!(made.weight, expected.weight());
            assert_sound(&made.unsigned, made.weight);
            let keys = opening.funding_keys;
            let script = FundingScript::new(format, &keys.local, &keys.remote).unwrap();
            assert_eq!(
                funding_output(&made),
                &TxOut { value: sat(600_000), script_pubkey: script.script_pubkey() }
            );
            assert_eq!(made.outpoint.txid, made.unsigned.txid());
            let fee = feerate(1250).fee_ceil(made.weight);
            assert_eq!(made.unsigned.fee.total(), Some(fee));
            let change = made.contributed[0].change.unwrap() as usize;
            let left = 400_000 - fee.to_sat();
            assert_eq!(made.unsigned.transaction.output[change].value, sat(left));
            assert_eq!(made.contribution(Side::Local), into_channel(600_000));
            assert_eq!(made.contribution(Side::Remote), SignedAmount::ZERO);
            assert!(made.unsigned.digest(0).is_ok());
        }
    }
}

#[test]
fn change_is_kept_from_the_dust_limit_on() {
    // 616 WU with change are 770 sat, 444 WU without are 555 sat.
    let with_change = one_coin(500_000 + 770 + 330, 500_000).build().unwrap();
    assert_eq!(with_change.unsigned.transaction.output.len(), 2);
    assert_eq!(with_change.unsigned.fee.total(), Some(sat(770)));
    let dropped = one_coin(500_000 + 770 + 329, 500_000).build().unwrap();
    assert_eq!(dropped.unsigned.transaction.output.len(), 1);
    assert_eq!(dropped.weight.to_wu(), 444);
    assert_eq!(dropped.unsigned.fee.weight_fee, sat(555));
    assert_eq!(dropped.unsigned.fee.dropped_change, sat(770 + 329 - 555));
    assert_eq!(dropped.contributed[0].change, None);
    assert_sound(&dropped.unsigned, dropped.weight);
}

#[test]
fn no_change_is_made_of_nothing() {
    // A script without relay dust could carry zero; 8 + 1 + 3 bytes of output are 48 WU.
    let change = ScriptBuf::from_bytes(vec![0x6a, 1, 7]);
    for (left, outputs) in [(0, 1), (1, 2)] {
        let mut opening = one_coin(500_000 + 615 + left, 500_000);
        let share = Share::Exact { amount: into_channel(500_000), change: change.clone() };
        opening.contributions[0].share = share;
        let made = opening.build().unwrap();
        assert_eq!(made.unsigned.transaction.output.len(), outputs);
        assert_sound(&made.unsigned, made.weight);
    }
}

#[test]
fn coins_must_pay_for_share_and_fee() {
    assert!(one_coin(500_555, 500_000).build().is_ok());
    for (value, missing) in [(500_554, 1), (0, 500_555)] {
        let expected = ContributionError::NotEnough { side: Side::Local, missing: sat(missing) };
        assert_eq!(refusal(&one_coin(value, 500_000)), expected);
    }
    let everything = Contribution::all(Side::Local, vec![coin(60, 554, WalletScript::P2tr)]);
    let expected = ContributionError::NotEnough { side: Side::Local, missing: sat(1) };
    assert_eq!(refusal(&opening(CommitmentFormat::TaprootV3, vec![everything])), expected);
}

#[test]
fn whole_coins_can_go_into_the_channel() {
    let coins = vec![coin(60, 70_000, WalletScript::P2tr), coin(61, 30_000, WalletScript::P2wpkh)];
    let made =
        opening(CommitmentFormat::TaprootV2, vec![Contribution::all(Side::Local, coins)]).build().unwrap();
    let fee = feerate(1250).fee_ceil(made.weight).to_sat();
    assert_eq!(made.capacity, sat(100_000 - fee));
    assert_sound(&made.unsigned, made.weight);
}

#[test]
fn both_parties_fund_and_each_pays_for_its_own() {
    let ours = Contribution::exact(
        Side::Local,
        vec![coin(60, 1_000_000, WalletScript::P2tr)],
        into_channel(500_000),
        p2tr(70),
    );
    let foreign = coin(61, 800_000, WalletScript::P2wpkh);
    let theirs = Contribution {
        side: Side::Remote,
        inputs: vec![FundingInput::Foreign(ForeignCoin {
            outpoint: foreign.outpoint,
            txout: foreign.txout,
            weight: InputWeight::p2wpkh(),
        })],
        outputs: vec![output(299_000, 71)],
        share: Share::Stated(into_channel(500_000)),
    };
    for initiator in Side::ALL {
        let mut opening = opening(CommitmentFormat::TaprootV3, vec![ours.clone(), theirs.clone()]);
        opening.initiator = initiator;
        opening.lock_time = LockTime::from_height(900_000).unwrap();
        let made = opening.build().unwrap();
        assert_sound(&made.unsigned, made.weight);
        assert_eq!(made.capacity, sat(1_000_000));
        // The frame and the funding output are 42 and 172 WU.
        let shared = |side| if side == initiator { 42 + 172 } else { 0 };
        let [our, their] = &made.contributed[..] else { panic!("two contributions") };
        assert_eq!(our.weight.to_wu(), 230 + 172 + shared(Side::Local));
        assert_eq!(their.weight.to_wu(), 272 + 172 + shared(Side::Remote));
        let fees = made.fees();
        assert_eq!(fees.local.weight_fee, feerate(1250).fee_ceil(our.weight));
        assert_eq!(fees.local.total(), Some(fees.local.weight_fee));
        assert_eq!(fees.remote.total(), Some(sat(1000)));
        assert_eq!(fees.remote.surplus, sat(1000).checked_sub(fees.remote.weight_fee).unwrap());
        let hints = made.unsigned.inputs.iter().map(|input| matches!(input.hint, InputHint::Foreign));
        assert_eq!(hints.filter(|foreign| *foreign).count(), 1);
        assert_eq!(made.unsigned.transaction.lock_time.to_consensus_u32(), 900_000);
    }
    // A peer that pays 1 sat less than its weight costs is found out.
    let mut mean = theirs;
    mean.outputs = vec![output(300_000 - 554, 71)];
    let expected = ContributionError::NotEnough { side: Side::Remote, missing: sat(1) };
    assert_eq!(refusal(&opening(CommitmentFormat::TaprootV3, vec![ours, mean])), expected);
}

#[test]
fn coins_that_would_change_the_txid_are_refused() {
    let part = |coin| Contribution::exact(Side::Local, vec![coin], into_channel(1000), p2tr(70));
    let cases = [
        (coin(60, 90_000, WalletScript::P2pkh), CoinError::NotNativeSegwit),
        (coin(60, 90_000, WalletScript::P2shP2wpkh), CoinError::NotNativeSegwit),
        (
            channel_tx::spend::Coin { script: WalletScript::P2wpkh, ..coin(60, 90_000, WalletScript::P2tr) },
            CoinError::OtherScript,
        ),
    ];
    for (coin, expected) in cases {
        let (side, outpoint) = (Side::Local, coin.outpoint);
        let refused = refusal(&opening(CommitmentFormat::TaprootV3, vec![part(coin)]));
        assert_eq!(refused, ContributionError::Coin { side, outpoint, reason: expected });
    }
    let twice = vec![coin(60, 90_000, WalletScript::P2tr); 2];
    let part = Contribution::exact(Side::Local, twice, into_channel(1000), p2tr(70));
    let refused = refusal(&opening(CommitmentFormat::TaprootV3, vec![part]));
    assert!(matches!(refused, ContributionError::Coin { reason: CoinError::Duplicate, .. }));
    for weight in [WalletScript::P2shP2wpkh.input(), InputWeight::native(WitnessStack::EMPTY)] {
        assert_eq!(refused_weight(weight), CoinError::Weight);
    }
}

/// Why a coin of somebody else with this weight is refused.
fn refused_weight(weight: InputWeight) -> CoinError {
    let nested = coin(60, 90_000, WalletScript::P2tr);
    let input = FundingInput::Foreign(ForeignCoin { outpoint: nested.outpoint, txout: nested.txout, weight });
    let part =
        Contribution { side: Side::Local, inputs: vec![input], outputs: Vec::new(), share: Share::Rest };
    match refusal(&opening(CommitmentFormat::TaprootV3, vec![part])) {
        ContributionError::Coin { reason, .. } => reason,
        other => panic!("{other}"),
    }
}

#[test]
fn outputs_must_be_relayed_and_there_is_one_funding_output() {
    let paying = |output: TxOut| {
        let mut opening = one_coin(90_000, 1000);
        opening.contributions[0].outputs = vec![output];
        opening
    };
    assert!(paying(output(330, 71)).build().is_ok());
    let dust = OutputError::Dust { value: sat(329), minimum: sat(330) };
    let expected = |reason| ContributionError::Output { side: Side::Local, index: 0, reason };
    assert_eq!(refusal(&paying(output(329, 71))), expected(dust));
    let data = TxOut { value: Amount::ZERO, script_pubkey: ScriptBuf::from_bytes(vec![0x6a, 1, 7]) };
    assert!(paying(data).build().is_ok());
    let opening = one_coin(90_000, 1000);
    let keys = opening.funding_keys;
    let funding = FundingScript::new(opening.format, &keys.local, &keys.remote).unwrap().script_pubkey();
    let second = paying(TxOut { value: sat(1000), script_pubkey: funding });
    assert_eq!(refusal(&second), expected(OutputError::SecondFunding));
}

#[test]
fn the_capacity_is_within_bounds() {
    assert!(one_coin(90_000, 330).build().is_ok());
    let capacity = |opening: &Opening| match opening.build() {
        Err(OpenError::Capacity { capacity, minimum, maximum }) => {
            (capacity.to_sat(), minimum.to_sat(), maximum.to_sat())
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(capacity(&one_coin(90_000, 329)), (329, 330, 2_100_000_000_000_000));
    for (amount, fits) in [(19_999, false), (20_000, true), (30_000, true), (30_001, false)] {
        let mut bounded = one_coin(90_000, amount);
        bounded.capacity = sat(20_000)..=sat(30_000);
        assert_eq!(bounded.build().is_ok(), fits, "{amount}");
    }
    let whole = 2_100_000_000_000_000_u64;
    let rich = |byte| Contribution {
        side: Side::Local,
        inputs: vec![FundingInput::Wallet(coin(byte, whole, WalletScript::P2tr))],
        outputs: Vec::new(),
        share: Share::Rest,
    };
    let both = opening(CommitmentFormat::TaprootV3, vec![rich(60), rich(61)]);
    assert!(capacity(&both).0 > 2_100_000_000_000_000);
    let expected = ContributionError::AboveSupply { side: Side::Local };
    assert_eq!(refusal(&one_coin(whole + 1, 1000)), expected);
    assert_eq!(refusal(&one_coin(u64::MAX, 1000)), expected);
}

#[test]
fn keys_and_contributions_that_make_no_channel_are_refused() {
    let mut same = one_coin(90_000, 1000);
    same.funding_keys.remote = same.funding_keys.local;
    assert!(matches!(same.build(), Err(OpenError::Funding(FundingError::Keys(_)))));
    let nobody = opening(CommitmentFormat::TaprootV3, Vec::new());
    assert_eq!(refusal(&nobody), FrameError::NobodyPays { initiator: Side::Local }.into());
    let negative = Contribution {
        side: Side::Local,
        inputs: vec![FundingInput::Wallet(coin(60, 90_000, WalletScript::P2tr))],
        outputs: Vec::new(),
        share: Share::Stated(into_channel(-1)),
    };
    let expected = ContributionError::NotEnough { side: Side::Local, missing: sat(1) };
    assert_eq!(refusal(&opening(CommitmentFormat::TaprootV3, vec![negative])), expected);
}

#[test]
fn a_transaction_too_heavy_to_relay_is_refused() {
    let many = |count: u32| {
        let coins = (0..count).map(|index| {
            let mut coin = coin(60, 90_000, WalletScript::P2tr);
            coin.outpoint.vout = index;
            coin
        });
        opening(CommitmentFormat::TaprootV3, vec![Contribution::all(Side::Local, coins.collect())])
    };
    // 1738 inputs of 230 WU, 172 for the output, 34 + 2 + 12 + 4 around them.
    let made = many(1738).build().unwrap();
    assert!(made.weight.to_wu() <= 400_000);
    assert_sound(&made.unsigned, made.weight);
    assert!(
        matches!(refusal(&many(1739)), ContributionError::Frame(FrameError::TooHeavy { weight }) if weight.to_wu() > 400_000)
    );
    // Counts of 252 and 253 inputs are of one byte and of three.
    for count in [252, 253] {
        let made = many(count).build().unwrap();
        assert_sound(&made.unsigned, made.weight);
    }
    let change = many(252).contributions[0].inputs.clone();
    let outputs = (0..251).map(|_| output(330, 71)).collect();
    let share = Share::Exact { amount: into_channel(50_000), change: p2tr(70) };
    let wide = Contribution { side: Side::Local, inputs: change, outputs, share };
    let made = opening(CommitmentFormat::TaprootV3, vec![wide]).build().unwrap();
    assert_eq!(made.unsigned.transaction.output.len(), 253);
    assert_sound(&made.unsigned, made.weight);
    assert!(made.weight > funding::open(CommitmentFormat::TaprootV3, &[], Some(OutputKind::P2tr)).weight());
}

#[test]
fn a_replacement_pays_more_and_conflicts() {
    let first = one_coin(900_000, 500_000);
    let made = first.build().unwrap();
    let at = |kw| Opening { feerate: feerate(kw), ..first.clone() };
    let minimum = feerate(1302);
    assert_eq!(
        at(1301).replace(&made),
        Err(OpenError::Replacement(ReplacementError::Feerate { feerate: feerate(1301), minimum }))
    );
    let next = at(1302).replace(&made).unwrap();
    assert_eq!(next.capacity, made.capacity);
    assert_ne!(next.outpoint.txid, made.outpoint.txid);
    let mut other = at(2000);
    other.contributions[0].inputs = vec![FundingInput::Wallet(coin(61, 900_000, WalletScript::P2tr))];
    assert!(matches!(
        other.replace(&made),
        Err(OpenError::Replacement(ReplacementError::NoSharedInput { .. }))
    ));
    // Fewer inputs at a higher feerate can pay less in all, which nodes do not take.
    let mut heavy = first.clone();
    let more = (61..66).map(|byte| FundingInput::Wallet(coin(byte, 10_000, WalletScript::P2tr)));
    heavy.contributions[0].inputs.extend(more);
    let heavy = heavy.build().unwrap();
    assert!(matches!(at(1302).replace(&heavy), Err(OpenError::Replacement(ReplacementError::Fee { .. }))));
}
