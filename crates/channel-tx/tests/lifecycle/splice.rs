//! Splicing.

use bitcoin::{Amount, SignedAmount};
use channel_core::commitment::CommitmentSpec;
use channel_core::htlc::Htlc;
use channel_core::{
    CltvExpiry, CommitmentFormat, FeerateKw, HtlcId, Msat, PaymentHash, PerSide, Side, SignedMsat,
};
use channel_tx::commitment::CommitmentBuilder;
use channel_tx::funding::{
    Contribution, ContributionError, FrameError, Order, OutputError, ReplacementError, SerialId, SerialIds,
    Share, SharedSerialIds,
};
use channel_tx::spend::InputHint;
use channel_tx::splice::{ReserveStatus, Splice, SpliceCandidate, SpliceError};
use channel_tx::weight::{OutputKind, WalletScript, funding};

use crate::channel::{
    FORMATS, assert_sound, builder, coin, feerate, funding_keys, outpoint, output, p2tr, point, sat, script,
    spec,
};

const CAPACITY: u64 = 1_000_000;

fn balances() -> CommitmentSpec {
    spec(600_000_400, 399_999_600)
}

fn splice<'a>(
    channel: &'a CommitmentBuilder,
    spec: &'a CommitmentSpec,
    contributions: Vec<Contribution>,
) -> Splice<'a> {
    Splice::new(channel, spec, funding_keys(50), contributions, feerate(1000))
}

fn splice_in(side: Side, byte: u8, value: u64, amount: i64) -> Contribution {
    let coins = vec![coin(byte, value, WalletScript::P2tr)];
    Contribution::exact(side, coins, SignedAmount::from_sat(amount), p2tr(byte + 20))
}

/// What holds of every candidate: one input is shared, one output funds, balances follow the contributions, and both
/// commitments can be built on it.
fn assert_candidate(splice: &Splice<'_>, made: &SpliceCandidate) {
    let transaction = &made.transaction;
    assert_sound(&transaction.unsigned, transaction.weight);
    let old = splice.channel.outpoint();
    let inputs = &transaction.unsigned.transaction.input;
    assert_eq!(inputs.iter().filter(|input| input.previous_output == old).count(), 1);
    let funded = &transaction.unsigned.inputs;
    assert_eq!(funded.iter().filter(|input| matches!(input.hint, InputHint::Funding(_))).count(), 1);
    let script = transaction.funding.script_pubkey();
    let outputs = &transaction.unsigned.transaction.output;
    assert_eq!(outputs.iter().filter(|output| output.script_pubkey == script).count(), 1);
    assert_eq!(&outputs[transaction.outpoint.vout as usize], made.builder.funding_txout());
    assert_eq!(made.builder.outpoint(), transaction.outpoint);
    assert_eq!(made.builder.terms().capacity, transaction.capacity);
    assert_eq!(Msat::try_from(transaction.capacity), Ok(made.spec.total()));
    let fees = transaction.fees();
    let total = fees.local.total().unwrap().checked_add(fees.remote.total().unwrap());
    assert_eq!(transaction.unsigned.fee.total(), total);
    for side in Side::ALL {
        let change = transaction.contribution(side).to_sat() * 1000;
        let before = SignedMsat::from(splice.spec.balance(side));
        let after = SignedMsat::from(made.spec.balance(side));
        assert_eq!(after.saturating_sub(before), SignedMsat::from_msat(change), "{side}");
    }
    let states = PerSide { local: point(Side::Local, 7), remote: point(Side::Remote, 7) };
    let both = made.builder.both(&states, &PerSide { local: &made.spec, remote: &made.spec }).unwrap();
    assert_eq!(both.local.funding_outpoint(), transaction.outpoint);
    assert_eq!(both.remote.funding_outpoint(), transaction.outpoint);
}

#[test]
fn coins_are_spliced_in() {
    for format in FORMATS {
        let (channel, spec) = (builder(format, CAPACITY), balances());
        for kind in [WalletScript::P2tr, WalletScript::P2wpkh] {
            let part = Contribution::exact(
                Side::Local,
                vec![coin(60, 500_000, kind)],
                SignedAmount::from_sat(250_000),
                script(kind, 70),
            );
            let splice = splice(&channel, &spec, vec![part]);
            let made = splice.build().unwrap();
            assert_candidate(&splice, &made);
            assert_eq!(made.transaction.capacity, sat(1_250_000));
            let expected = funding::splice_in(format, &[kind], Some(kind.output()));
            assert_eq!(made.transaction.weight, expected.weight());
            let fee = feerate(1000).fee_ceil(expected.weight());
            assert_eq!(made.transaction.unsigned.fee.total(), Some(fee));
            assert_eq!(made.transaction.fees().remote.total(), Some(Amount::ZERO));
            assert_eq!(made.spec.balance(Side::Local), Msat::from_msat(850_000_400));
            assert_eq!(made.spec.balance(Side::Remote), Msat::from_msat(399_999_600));
        }
    }
}

#[test]
fn money_is_spliced_out_of_the_balance_with_the_fee() {
    for format in FORMATS {
        let (channel, spec) = (builder(format, CAPACITY), balances());
        let splice =
            splice(&channel, &spec, vec![Contribution::pay_out(Side::Local, vec![output(200_000, 70)])]);
        let made = splice.build().unwrap();
        assert_candidate(&splice, &made);
        let expected = funding::splice_out(format, OutputKind::P2tr);
        assert_eq!(made.transaction.weight, expected.weight());
        let fee = feerate(1000).fee_ceil(expected.weight()).to_sat();
        assert_eq!(made.transaction.capacity, sat(800_000 - fee));
        let taken = -200_000 - i64::try_from(fee).unwrap();
        assert_eq!(made.transaction.contribution(Side::Local).to_sat(), taken);
    }
}

#[test]
fn several_on_each_side_bring_and_take() {
    let (channel, spec) = (builder(CommitmentFormat::TaprootV3, CAPACITY), balances());
    let parts = vec![
        splice_in(Side::Remote, 60, 300_000, 200_000),
        splice_in(Side::Local, 61, 300_000, 250_000),
        Contribution::pay_out(Side::Remote, vec![output(50_000, 72)]),
        Contribution {
            outputs: vec![output(20_000, 73), output(30_000, 74)],
            ..splice_in(Side::Local, 62, 40_000, -15_000)
        },
    ];
    let mut splice = splice(&channel, &spec, parts);
    for (initiator, payer) in [(Side::Local, 1), (Side::Remote, 0)] {
        splice.initiator = initiator;
        let made = splice.build().unwrap();
        assert_candidate(&splice, &made);
        // Frame 42, shared input 230 and funding output 172 WU.
        let own = [230 + 172, 230 + 172, 172, 230 + 3 * 172];
        for (index, (part, own)) in made.transaction.contributed.iter().zip(own).enumerate() {
            let weight = if index == payer { own + 42 + 230 + 172 } else { own };
            assert_eq!(part.weight.to_wu(), weight, "{index}");
            assert_eq!(part.fee.total(), Some(feerate(1000).fee_ceil(part.weight)), "{index}");
        }
        let amounts: Vec<_> = made.transaction.contributed.iter().map(|part| part.amount.to_sat()).collect();
        assert_eq!(amounts, [200_000, 250_000, -50_172, -15_000]);
        assert_eq!(made.transaction.capacity, sat(1_000_000 + 200_000 + 250_000 - 50_172 - 15_000));
        // 40,000 and 15,000 of the balance, less 50,000 paid and 746 of fee.
        let change = made.transaction.contributed[3].change.unwrap() as usize;
        assert_eq!(made.transaction.unsigned.transaction.output[change].value, sat(55_000 - 50_000 - 746));
    }
}

#[test]
fn htlcs_move_along() {
    let htlc = Htlc {
        id: HtlcId::new(3),
        offered_by: Side::Remote,
        amount: Msat::from_msat(50_000_123),
        payment_hash: PaymentHash::from_bytes([9; 32]),
        cltv_expiry: CltvExpiry::new(900_000).unwrap(),
    };
    let balances = PerSide { local: Msat::from_msat(600_000_000), remote: Msat::from_msat(349_999_877) };
    let spec = CommitmentSpec::with_htlcs(balances, FeerateKw::ZERO, [htlc]).unwrap();
    let channel = builder(CommitmentFormat::TaprootV3, CAPACITY);
    let splice = splice(&channel, &spec, vec![splice_in(Side::Local, 60, 90_000, 50_000)]);
    let made = splice.build().unwrap();
    assert_candidate(&splice, &made);
    assert_eq!(made.spec.htlcs().collect::<Vec<_>>(), [&htlc]);
}

#[test]
fn a_splice_can_change_the_format() {
    let channel = builder(CommitmentFormat::SegwitAnchors, CAPACITY);
    let spec = CommitmentSpec::new(
        PerSide { local: Msat::from_msat(600_000_000), remote: Msat::from_msat(400_000_000) },
        feerate(2500),
    )
    .unwrap();
    let mut splice = splice(&channel, &spec, vec![Contribution::all(Side::Local, Vec::new())]);
    splice.format = CommitmentFormat::TaprootV3;
    let made = splice.build().unwrap();
    assert_candidate(&splice, &made);
    assert_eq!(made.spec.feerate(), FeerateKw::ZERO);
    let change =
        funding::SplicedChannel { from: CommitmentFormat::SegwitAnchors, to: CommitmentFormat::TaprootV3 };
    let weight = funding::splice(&[change], &[], &[]).weight();
    assert_eq!(made.transaction.weight, weight);
    // The keys are new, all others stay.
    assert_eq!(made.builder.basepoints().local.funding, funding_keys(50).local);
    assert_eq!(made.builder.basepoints().remote.payment, channel.basepoints().remote.payment);
    assert_eq!(made.builder.to_self_delay(Side::Remote), channel.to_self_delay(Side::Remote));
}

#[test]
fn the_feerate_of_commitments_stays_where_the_format_has_one() {
    let channel = builder(CommitmentFormat::TaprootV2, CAPACITY);
    let balances = PerSide { local: Msat::from_msat(600_000_000), remote: Msat::from_msat(400_000_000) };
    let spec = CommitmentSpec::new(balances, feerate(2500)).unwrap();
    let splice = splice(&channel, &spec, vec![Contribution::all(Side::Local, Vec::new())]);
    let made = splice.build().unwrap();
    assert_candidate(&splice, &made);
    assert_eq!(made.spec.feerate(), feerate(2500));
}

#[test]
fn ids_order_the_shared_input_and_the_funding_output() {
    let (channel, spec) = (builder(CommitmentFormat::TaprootV3, CAPACITY), balances());
    let mut splice = splice(&channel, &spec, vec![splice_in(Side::Local, 60, 300_000, 200_000)]);
    let id = SerialId::new;
    let build = |splice: &mut Splice<'_>, input: Option<u64>, funding_output, coin, change| {
        let shared = SharedSerialIds { input: input.map(id), funding_output: id(funding_output) };
        let own = SerialIds { inputs: vec![id(coin)], outputs: Vec::new(), change: Some(id(change)) };
        splice.order = Order::Serial { shared, contributions: vec![own] };
        splice.build()
    };
    for (input, coin, first) in [(2, 4, channel.outpoint()), (4, 2, outpoint(60))] {
        let made = build(&mut splice, Some(input), 8, coin, 6).unwrap();
        assert_candidate(&splice, &made);
        assert_eq!(made.transaction.unsigned.transaction.input[0].previous_output, first);
        assert_eq!(made.transaction.outpoint.vout, 1);
    }
    for (input, coin) in [(None, 4), (Some(3), 4), (Some(4), 4)] {
        assert!(matches!(
            build(&mut splice, input, 8, coin, 6),
            Err(SpliceError::Contribution(ContributionError::Frame(FrameError::SerialIds { .. })))
        ));
    }
}

#[test]
fn change_is_within_the_supply() {
    let (channel, spec) = (builder(CommitmentFormat::TaprootV3, CAPACITY), balances());
    for amount in [i64::MIN, -2_100_000_000_000_000] {
        let refused = splice(&channel, &spec, vec![splice_in(Side::Local, 60, 300_000, amount)]).build();
        let expected = ContributionError::AboveSupply { side: Side::Local };
        assert_eq!(refused.unwrap_err(), SpliceError::Contribution(expected));
    }
}

#[test]
fn nobody_takes_more_than_its_balance() {
    let (channel, spec) = (builder(CommitmentFormat::TaprootV3, CAPACITY), balances());
    let out = |amount| Contribution {
        side: Side::Local,
        inputs: Vec::new(),
        outputs: vec![output(500_000, 70)],
        share: Share::Stated(SignedAmount::from_sat(amount)),
    };
    assert!(splice(&channel, &spec, vec![out(-600_000)]).build().is_ok());
    let refused = splice(&channel, &spec, vec![out(-600_001)]).build().unwrap_err();
    assert_eq!(refused, SpliceError::Balance { side: Side::Local, missing: Msat::from_msat(600) });
    let refused = splice(&channel, &spec, vec![out(-500_615)]).build().unwrap_err();
    let expected = ContributionError::NotEnough { side: Side::Local, missing: sat(1) };
    assert_eq!(refused, SpliceError::Contribution(expected));
    for amount in [i64::MIN, i64::MIN + 1, -2_100_000_000_000_000] {
        assert!(matches!(
            splice(&channel, &spec, vec![out(amount)]).build(),
            Err(SpliceError::Balance { side: Side::Local, .. })
        ));
    }
}

#[test]
fn the_reserve_is_reported() {
    let channel = builder(CommitmentFormat::TaprootV3, CAPACITY);
    let spec = spec(995_000_000, 5_000_000);
    let grown = splice(&channel, &spec, vec![splice_in(Side::Local, 60, 300_000, 200_000)]).build().unwrap();
    assert_eq!(grown.reserve, sat(12_000));
    let missing = Msat::from_msat(7_000_000);
    assert_eq!(grown.reserve_status.local, ReserveStatus::Met);
    assert_eq!(grown.reserve_status.remote, ReserveStatus::Below { missing });
    // The peer may not take money out below its reserve, be it ever so little.
    let both = vec![
        splice_in(Side::Local, 60, 300_000, 200_000),
        Contribution::pay_out(Side::Remote, vec![output(330, 72)]),
    ];
    let taken = splice(&channel, &spec, both).build().unwrap();
    assert!(
        matches!(taken.reserve_status.remote, ReserveStatus::BelowWithOutput { missing } if missing > Msat::from_msat(7_000_000))
    );
    // Nor its last satoshi, from a balance that is nothing already.
    let nothing = self::spec(1_000_000_000, 0);
    let out = vec![Contribution::pay_out(Side::Remote, vec![output(330, 72)])];
    let mut theirs = splice(&channel, &nothing, out);
    theirs.initiator = Side::Remote;
    assert!(matches!(theirs.build(), Err(SpliceError::Balance { side: Side::Remote, .. })));
}

#[test]
fn candidates_replace_each_other() {
    let (channel, spec) = (builder(CommitmentFormat::TaprootV3, CAPACITY), balances());
    let first = splice(&channel, &spec, vec![splice_in(Side::Local, 60, 500_000, 250_000)]);
    let made = first.build().unwrap();
    let at = |kw, part| Splice { feerate: feerate(kw), contributions: vec![part], ..first.clone() };
    let part = || splice_in(Side::Local, 60, 500_000, 250_000);
    let refused = at(1040, part()).replace(&made).unwrap_err();
    let minimum = feerate(1041);
    assert_eq!(
        refused,
        SpliceError::Replacement(ReplacementError::Feerate { feerate: feerate(1040), minimum })
    );
    let next = at(1041, part()).replace(&made).unwrap();
    assert_candidate(&at(1041, part()), &next);
    assert_ne!(next.transaction.outpoint, made.transaction.outpoint);
    // Other coins and another amount conflict too: the input of the channel is the same.
    let other = at(1500, splice_in(Side::Local, 61, 400_000, 100_000)).replace(&made).unwrap();
    assert_eq!(other.transaction.capacity, sat(1_100_000));
}

#[test]
fn what_is_no_splice_of_this_channel_is_refused() {
    let (channel, spec) = (builder(CommitmentFormat::TaprootV3, CAPACITY), balances());
    let other = self::spec(600_000_000, 399_999_999);
    assert!(matches!(
        splice(&channel, &other, vec![splice_in(Side::Local, 60, 300_000, 1)]).build(),
        Err(SpliceError::OtherChannel { .. })
    ));
    let build = |parts| splice(&channel, &spec, parts).build().unwrap_err();
    let nobody = FrameError::NobodyPays { initiator: Side::Local };
    let expected = |error| SpliceError::Contribution(error);
    assert_eq!(build(vec![splice_in(Side::Remote, 60, 300_000, 1)]), expected(nobody.into()));
    let mut shared = splice_in(Side::Local, 60, 300_000, 1);
    if let channel_tx::funding::FundingInput::Wallet(coin) = &mut shared.inputs[0] {
        coin.outpoint = channel.outpoint();
    }
    assert!(matches!(build(vec![shared]), SpliceError::Contribution(ContributionError::Coin { .. })));
    let script_pubkey = splice(&channel, &spec, vec![Contribution::all(Side::Local, Vec::new())])
        .build()
        .unwrap()
        .transaction
        .funding
        .script_pubkey();
    let second = bitcoin::TxOut { value: sat(1000), script_pubkey };
    let refused = build(vec![Contribution::pay_out(Side::Local, vec![second])]);
    let reason = OutputError::SecondFunding;
    assert_eq!(refused, expected(ContributionError::Output { side: Side::Local, index: 0, reason }));
    let mut same = splice(&channel, &spec, vec![splice_in(Side::Local, 60, 300_000, 1)]);
    same.funding_keys.local = same.funding_keys.remote;
    assert!(matches!(same.build(), Err(SpliceError::Channel(_))));
}

#[test]
fn the_new_capacity_can_be_funded() {
    let channel = builder(CommitmentFormat::TaprootV3, CAPACITY);
    let spec = spec(1_000_000_000, 0);
    let keep = |left: i64| Contribution {
        side: Side::Local,
        inputs: Vec::new(),
        outputs: vec![output(900_000, 70)],
        share: Share::Stated(SignedAmount::from_sat(left - 1_000_000)),
    };
    assert!(splice(&channel, &spec, vec![keep(330)]).build().is_ok());
    for left in [0, 1, 329] {
        let refused = splice(&channel, &spec, vec![keep(left)]).build().unwrap_err();
        assert_eq!(refused, SpliceError::Capacity { capacity: SignedAmount::from_sat(left) });
    }
    let rich = splice_in(Side::Local, 60, 2_100_000_000_000_000, 2_099_999_000_000_000);
    assert!(splice(&channel, &spec, vec![rich]).build().is_ok());
    let whole = Contribution::all(Side::Local, vec![coin(60, 2_100_000_000_000_000, WalletScript::P2tr)]);
    assert!(matches!(splice(&channel, &spec, vec![whole]).build(), Err(SpliceError::Capacity { .. })));
}

/// With keyed anchors a channel that is nearly emptied has no output left, or cannot pay its anchors. A shared anchor
/// takes what there is.
#[test]
fn a_channel_keeps_a_commitment_that_can_be_built() {
    for format in FORMATS {
        let channel = builder(format, CAPACITY);
        let balances = PerSide { local: Msat::from_msat(1_000_000_000), remote: Msat::ZERO };
        let spec = CommitmentSpec::new(balances, FeerateKw::ZERO).unwrap();
        let leave = |left: i64| {
            let out = Contribution {
                side: Side::Local,
                inputs: Vec::new(),
                outputs: vec![output(900_000, 70)],
                share: Share::Stated(SignedAmount::from_sat(left - 1_000_000)),
            };
            splice(&channel, &spec, vec![out]).build()
        };
        assert!(leave(2000).is_ok());
        assert_eq!(leave(400).is_ok(), format.is_zero_fee());
        assert!(format.is_zero_fee() || matches!(leave(400), Err(SpliceError::Commitment(_))));
    }
}
