//! The ledger row by row: what the first program of this kind did wrong (A1 to A13) and what is right instead.

use bitcoin::hashes::Hash;
use bitcoin::{Amount, OutPoint, SignedAmount, Txid};
use channel_core::bitcoin;
use channel_core::dust::{ScriptType, TrimLimit};
use channel_core::ledger::{
    ChannelStatus, ContributionError, CreateError, DustFreeChannelManager, Feasibility, LedgerPolicy,
    MinimumBalance, NewChannel, NewHtlc, PayError, Payment, RecoveryMethod, SpliceAction, SpliceError,
    SpliceRequest, SplicingManager, WalletInputs,
};
use channel_core::limits::{NearestPayable, PaymentRefusal, SpliceOutRefusal};
use channel_core::{
    ChannelId, CltvExpiry, CommitmentFormat, FeerateKw, HtlcId, Msat, PaymentHash, PerSide, Side,
};

fn sat(value: u64) -> Amount {
    Amount::from_sat(value)
}

fn msat(sat: u64) -> Msat {
    Msat::from_sat(sat).expect("a small amount")
}

fn outpoint(byte: u8, vout: u32) -> OutPoint {
    OutPoint { txid: Txid::from_byte_array([byte; 32]), vout }
}

fn new_channel(byte: u8, capacity: u64, local: u64) -> NewChannel {
    NewChannel {
        funding: outpoint(byte, 0),
        opener: Side::Local,
        capacity: sat(capacity),
        local_balance: msat(local),
    }
}

/// A ledger with one channel, opened by the local side.
fn ledger(capacity: u64, local: u64) -> (DustFreeChannelManager, ChannelId) {
    ledger_of(LedgerPolicy::default(), capacity, local)
}

fn ledger_of(policy: LedgerPolicy, capacity: u64, local: u64) -> (DustFreeChannelManager, ChannelId) {
    let mut ledger = DustFreeChannelManager::new(policy);
    let id = ledger.create(new_channel(1, capacity, local)).expect("a legal channel").id();
    (ledger, id)
}

fn balances(ledger: &DustFreeChannelManager, id: ChannelId) -> (u64, u64) {
    let channel = ledger.channel(id).expect("known");
    (channel.balance(Side::Local).to_msat(), channel.balance(Side::Remote).to_msat())
}

fn direct(from: Side, sat: u64) -> Payment {
    Payment::direct(from, msat(sat))
}

/// An HTLC of the local side.
fn htlc(amount: Msat) -> NewHtlc {
    let cltv_expiry = CltvExpiry::new(800_000).expect("a height");
    NewHtlc { from: Side::Local, amount, payment_hash: PaymentHash::from_bytes([0; 32]), cltv_expiry }
}

#[test]
fn a1_the_channel_id_is_funding_txid_xor_index_and_unique() {
    let mut ledger = DustFreeChannelManager::default();
    let mut new = new_channel(0xab, 50_000, 25_000);
    new.funding.vout = 0x0102;
    let id = ledger.create(new).unwrap().id();
    let mut expected = [0xab; 32];
    expected[30] ^= 1;
    expected[31] ^= 2;
    assert_eq!(id.to_bytes(), expected);
    assert_eq!(ledger.create(new), Err(CreateError::Duplicate { id }));
    assert_eq!(ledger.channels().count(), 1);
    new.funding.vout = 1;
    assert_ne!(ledger.create(new).unwrap().id(), id);
    new.funding.vout = 65_536;
    assert!(matches!(ledger.create(new), Err(CreateError::FundingIndex(_))));
}

#[test]
fn a2_initial_balances_are_refused_or_kept_never_moved() {
    let mut ledger = DustFreeChannelManager::default();
    let above = ledger.create(new_channel(1, 50_000, 60_000));
    assert_eq!(above, Err(CreateError::AboveCapacity { balance: msat(60_000), capacity: sat(50_000) }));
    // An opener with 100 sat cannot keep its reserve; an accepter may hold any amount.
    let poor = ledger.create(new_channel(1, 50_000, 100));
    let (balance, minimum) = (msat(100), msat(546));
    assert_eq!(poor, Err(CreateError::BelowMinimum { side: Side::Local, balance, minimum }));
    let accepter = NewChannel { opener: Side::Remote, ..new_channel(1, 50_000, 100) };
    assert_eq!(
        ledger.create(accepter).unwrap().balances(),
        PerSide { local: msat(100), remote: msat(49_900) }
    );
}

#[test]
fn a2_a_minimum_of_twice_the_limit_refuses_instead_of_clamping() {
    let policy = LedgerPolicy { minimum_balance: MinimumBalance::TwiceTrimLimit, ..LedgerPolicy::default() };
    let mut ledger = DustFreeChannelManager::new(policy);
    for (local, side, balance) in [(1091, Side::Local, 1091), (48_909, Side::Remote, 1091)] {
        assert_eq!(
            ledger.create(new_channel(1, 50_000, local)),
            Err(CreateError::BelowMinimum { side, balance: msat(balance), minimum: msat(1092) })
        );
    }
    let id = ledger.create(new_channel(1, 50_000, 1092)).unwrap().id();
    assert_eq!(balances(&ledger, id), (1_092_000, 48_908_000));
}

#[test]
fn a3_small_capacities_are_refused_with_the_range() {
    let mut ledger = DustFreeChannelManager::default();
    for capacity in [0, 500, 1091, 1637, 2183, 9_999, 100_000_001, 2_100_000_000_000_000] {
        let (min, max) = (sat(10_000), sat(100_000_000));
        assert_eq!(
            ledger.create(new_channel(1, capacity, 0)),
            Err(CreateError::Capacity { min, max, capacity: sat(capacity) })
        );
    }
    for (byte, capacity) in [(1, 10_000), (2, 100_000_000)] {
        assert!(ledger.create(new_channel(byte, capacity, capacity)).is_ok());
    }
    // Beyond the supply no policy reaches.
    let policy = LedgerPolicy { max_channel_value: Amount::MAX, ..LedgerPolicy::default() };
    let mut greedy = DustFreeChannelManager::new(policy);
    assert!(greedy.create(new_channel(1, 2_100_000_000_000_000, 2_100_000_000_000_000)).is_ok());
    assert!(matches!(
        greedy.create(NewChannel { capacity: Amount::MAX, ..new_channel(2, 0, 0) }),
        Err(CreateError::Capacity { .. })
    ));
}

#[test]
fn a3_the_minimum_of_both_sides_needs_four_times_the_limit() {
    let minimum_balance = MinimumBalance::TwiceTrimLimit;
    let policy = LedgerPolicy { minimum_balance, funding_threshold: Amount::ZERO, ..LedgerPolicy::default() };
    for (capacity, satisfiable) in [(0, false), (1091, false), (2183, false), (2184, true), (2185, true)] {
        let found = (0..=capacity)
            .any(|local| DustFreeChannelManager::new(policy).create(new_channel(1, capacity, local)).is_ok());
        assert_eq!(found, satisfiable, "{capacity}");
    }
}

#[test]
fn a3_the_opener_starts_with_reserve_fee_and_anchors() {
    let trim = TrimLimit::observed(sat(546));
    let policy = LedgerPolicy {
        feerate: FeerateKw::from_sat_per_kw(1000),
        ..LedgerPolicy::new(CommitmentFormat::TaprootV2, trim)
    };
    let mut ledger = DustFreeChannelManager::new(policy);
    let minimum = 546 + 660 + 968;
    assert!(matches!(
        ledger.create(new_channel(1, 50_000, minimum - 1)),
        Err(CreateError::BelowMinimum { side: Side::Local, minimum: needed, .. }) if needed == msat(minimum)
    ));
    assert!(ledger.create(new_channel(1, 50_000, minimum)).is_ok());
    // A channel whose reserve is all it holds would start with nobody able to pay.
    let tiny = LedgerPolicy { funding_threshold: Amount::ZERO, ..LedgerPolicy::default() };
    assert!(DustFreeChannelManager::new(tiny).create(new_channel(1, 546, 546)).is_err());
    assert!(DustFreeChannelManager::new(tiny).create(new_channel(1, 547, 547)).is_ok());
}

#[test]
fn a4_no_payment_loses_value_and_fees_stay_in_the_channel() {
    let (mut ledger, id) = ledger(50_000, 25_000);
    for payment in [direct(Side::Local, 10_000), direct(Side::Remote, 5_000), direct(Side::Local, 200)] {
        ledger.pay(id, payment).unwrap();
    }
    assert_eq!(balances(&ledger, id), (19_800_000, 30_200_000));
    let receipt = ledger.pay(id, Payment::forwarded(Side::Local, msat(1000), Msat::from_msat(1500))).unwrap();
    assert_eq!(receipt.payment.moved(), Msat::from_msat(1_001_500));
    assert_eq!(balances(&ledger, id), (18_798_500, 31_201_500));
    assert_eq!(ledger.total(), msat(50_000));
}

#[test]
fn a4_the_commitment_fee_comes_from_the_openers_output_not_from_its_balance() {
    let trim = TrimLimit::observed(sat(546));
    let (ledger, id) = ledger_of(LedgerPolicy::new(CommitmentFormat::TaprootV2, trim), 50_000, 25_000);
    let channel = ledger.channel(id).unwrap();
    assert_eq!(channel.balance(Side::Local), msat(25_000));
    let outputs = channel.outputs(Side::Remote).unwrap();
    assert_eq!(outputs.balance_output(Side::Local), Some(sat(25_000 - 660 - 244)));
    assert_eq!(outputs.balance_output(Side::Remote), Some(sat(25_000)));
}

#[test]
fn a5_first_payment_into_single_funded_channel_is_legal() {
    let (mut ledger, id) = ledger(50_000, 50_000);
    let receipt = ledger.pay(id, direct(Side::Local, 100)).unwrap();
    assert_eq!(receipt.trimmed, PerSide { local: false, remote: true });
    let receipt = ledger.pay(id, direct(Side::Local, 445)).unwrap();
    assert!(receipt.trimmed.remote, "545 sat have no output");
    let receipt = ledger.pay(id, direct(Side::Local, 1)).unwrap();
    assert!(!receipt.trimmed.remote, "546 sat have one");
    assert_eq!(balances(&ledger, id), (49_454_000, 546_000));
}

#[test]
fn a5_the_payer_keeps_its_reserve_the_payee_needs_none() {
    let (mut ledger, id) = ledger(100_000, 100_000);
    assert!(ledger.pay(id, direct(Side::Local, 99_000)).is_ok());
    let refused = ledger.pay(id, Payment::direct(Side::Local, Msat::ONE));
    let (balance, required) = (msat(1000), msat(1000));
    let reason = PaymentRefusal::Unaffordable { side: Side::Local, balance, required };
    assert_eq!(
        refused,
        Err(PayError::Refused { amount: Msat::ONE, reason, nearest: NearestPayable::default() })
    );
}

#[test]
fn a6_refusals_carry_the_nearest_payable_amounts() {
    let (mut ledger, id) = ledger(50_000, 25_000);
    let Err(PayError::Refused { amount, nearest, .. }) = ledger.pay(id, direct(Side::Local, 30_000)) else {
        panic!("30000 sat are more than the reserve leaves");
    };
    assert_eq!((amount, nearest), (msat(30_000), NearestPayable { below: Some(msat(24_454)), above: None }));
    assert!(ledger.pay(id, Payment::direct(Side::Local, nearest.below.unwrap())).is_ok());
    let Err(PayError::Refused { nearest, .. }) = ledger.pay(id, direct(Side::Remote, 0)) else {
        panic!("nothing is no payment");
    };
    assert_eq!(nearest, NearestPayable { below: None, above: Some(Msat::ONE) });
}

#[test]
fn a6_a_gap_between_trimmed_and_kept_htlcs_is_reported_on_both_sides() {
    let policy = LedgerPolicy { max_dust_exposure: msat(300), ..LedgerPolicy::default() };
    let (mut ledger, id) = ledger_of(policy, 50_000, 25_000);
    let refused = ledger.pay(id, Payment::forwarded(Side::Local, msat(400), Msat::ZERO));
    let nearest = NearestPayable { below: Some(msat(300)), above: Some(msat(546)) };
    let reason = PaymentRefusal::DustExposure { commitment: Side::Local, left: msat(300) };
    assert_eq!(refused, Err(PayError::Refused { amount: msat(400), reason, nearest }));
    for amount in [300, 546] {
        assert!(ledger.pay(id, Payment::forwarded(Side::Local, msat(amount), Msat::ZERO)).is_ok());
    }
    // A direct payment has no HTLC and so no exposure.
    assert!(ledger.pay(id, direct(Side::Local, 400)).is_ok());
}

#[test]
fn a7_nothing_and_more_than_everything_are_refused() {
    let (mut ledger, id) = ledger(50_000, 25_000);
    let before = ledger.clone();
    for payment in [
        Payment::direct(Side::Local, Msat::ZERO),
        Payment::forwarded(Side::Local, Msat::ZERO, Msat::ONE),
        Payment::direct(Side::Remote, Msat::MAX),
        Payment::forwarded(Side::Remote, Msat::MAX, Msat::MAX),
        Payment::direct(Side::Local, Msat::MAX_MONEY),
    ] {
        assert!(matches!(ledger.pay(id, payment), Err(PayError::Refused { .. })), "{payment:?}");
    }
    assert_eq!(ledger, before);
}

#[test]
fn a8_each_channel_has_its_own_limits_per_side() {
    let limit = |value| TrimLimit::observed(sat(value));
    let trim = PerSide { local: limit(354), remote: limit(1000) };
    let (mut ledger, id) = ledger_of(LedgerPolicy { trim, ..LedgerPolicy::default() }, 50_000, 50_000);
    // 500 sat have an output on the local commitment only; the reserve covers the larger limit.
    let receipt = ledger.pay(id, direct(Side::Local, 500)).unwrap();
    assert!(receipt.trimmed.remote);
    let channel = ledger.channel(id).unwrap();
    assert_eq!(channel.outputs(Side::Local).unwrap().to_remote, Some(sat(500)));
    assert_eq!(channel.outputs(Side::Remote).unwrap().to_local, None);
    assert_eq!(channel.transferable(Side::Local).unwrap().max(), msat(49_500 - 1000));
}

#[test]
fn a8_inactive_and_unknown_channels_do_not_pay() {
    let (mut ledger, id) = ledger(50_000, 25_000);
    ledger.set_status(id, ChannelStatus::Inactive).unwrap();
    assert_eq!(ledger.pay(id, direct(Side::Local, 1)), Err(PayError::NotActive { id }));
    assert_eq!(ledger.offer(id, htlc(msat(1))), Err(PayError::NotActive { id }));
    ledger.set_status(id, ChannelStatus::Active).unwrap();
    assert!(ledger.pay(id, direct(Side::Local, 1)).is_ok());
    let other = ChannelId::from_bytes([9; 32]);
    assert_eq!(ledger.pay(other, direct(Side::Local, 1)), Err(PayError::UnknownChannel { id: other }));
    assert!(ledger.set_status(other, ChannelStatus::Active).is_err());
    assert!(ledger.dust_report(other).is_err());
}

#[test]
fn a9_dust_is_the_balance_and_the_shortfall_is_the_top_up() {
    for (held, dust, top_up) in
        [(0, 0, 0), (1, 1, 545_999), (545_000, 545_000, 1000), (545_999, 545_999, 1), (546_000, 0, 0)]
    {
        let (mut ledger, id) = ledger(50_000, 50_000);
        if held > 0 {
            ledger.pay(id, Payment::direct(Side::Local, Msat::from_msat(held))).unwrap();
        }
        let report = ledger.dust_report(id).unwrap();
        let remote = report.balances.remote;
        assert_eq!((remote.dust.to_msat(), remote.top_up.to_msat()), (dust, top_up), "{held}");
        assert_eq!(report.total().to_msat(), dust);
        assert_eq!(report.commitments.local.trimmed_balances.to_sat(), dust / 1000);
        assert_eq!(ledger.recovery_options(id, FeerateKw::FLOOR).unwrap().is_empty(), dust == 0);
        // What the top-up asks for is exactly enough.
        if top_up > 0 {
            ledger.pay(id, Payment::direct(Side::Local, Msat::from_msat(top_up))).unwrap();
            assert_eq!(ledger.dust_report(id).unwrap().total(), Msat::ZERO);
        }
    }
}

#[test]
fn a9_ways_out_are_priced_and_a_close_recovers_nothing() {
    let (mut ledger, id) = ledger(50_000, 50_000);
    ledger.pay(id, direct(Side::Local, 500)).unwrap();
    let options = ledger.recovery_options(id, FeerateKw::from_sat_per_kw(250)).unwrap();
    let found: Vec<_> =
        options.iter().map(|o| (o.method, o.recovers, o.cost.to_sat(), o.net.to_msat())).collect();
    // At 1 sat/vB: a splice-in of 846 WU, a close of 42 + 230 + 172 WU.
    assert_eq!(
        found,
        [
            (RecoveryMethod::SpendOffChain { amount: msat(500) }, msat(500), 0, 500_000),
            (RecoveryMethod::Receive { at_least: msat(46) }, msat(500), 0, 500_000),
            (RecoveryMethod::SpliceIn { at_least: sat(46) }, msat(500), 212, 288_000),
            (RecoveryMethod::CooperativeClose, Msat::ZERO, 111, -111_000),
        ]
    );
    // The reserve forbids spending it; receiving the rest is free.
    assert!(options.iter().all(|o| o.side == Side::Remote));
    let feasible: Vec<_> = options.iter().map(|o| o.feasibility.is_possible()).collect();
    assert_eq!(feasible, [false, true, true, true]);
    assert_eq!(options.recommended().unwrap().method, RecoveryMethod::Receive { at_least: msat(46) });
    assert_eq!(options.iter().nth(2).unwrap().feasibility, Feasibility::NeedsCoins(sat(46 + 212)));
}

#[test]
fn a9_a_way_out_that_costs_more_than_the_dust_is_not_recommended() {
    let (mut ledger, id) = ledger(50_000, 50_000);
    ledger.pay(id, direct(Side::Local, 545)).unwrap();
    // With all the local side can pay in flight, the remote side cannot receive what it lacks.
    let all = ledger.channel(id).unwrap().payable(Side::Local).unwrap().max();
    ledger.offer(id, htlc(all)).unwrap();
    let at = |kw| ledger.recovery_options(id, FeerateKw::from_sat_per_kw(kw)).unwrap();
    assert_eq!(at(250).recommended().unwrap().method, RecoveryMethod::SpliceIn { at_least: sat(1) });
    // 846 WU at 644 sat/kW cost 545 sat, all of the dust; at 643 sat/kW 544 sat.
    assert_eq!(at(643).recommended().map(|option| option.net.to_msat()), Some(1000));
    assert_eq!(at(644).recommended(), None);
    assert_eq!(at(644).iter().count(), 4);
}

#[test]
fn a10_the_report_over_all_channels_tells_imbalance_from_dust() {
    let (mut ledger, even) = ledger(50_000, 25_000);
    let lopsided = ledger.create(new_channel(2, 100_000_000, 100_000_000)).unwrap().id();
    let dusty = ledger.create(new_channel(3, 50_000, 50_000)).unwrap().id();
    ledger.pay(dusty, direct(Side::Local, 545)).unwrap();
    let report = ledger.optimise(FeerateKw::from_sat_per_kw(250)).unwrap();
    let rows: Vec<_> =
        report.channels().iter().map(|c| (c.channel, c.imbalance_ppm, c.dust.total().to_msat())).collect();
    assert_eq!(rows, [(dusty, 978_200, 545_000), (lopsided, 1_000_000, 0), (even, 0, 0)]);
    assert_eq!(report.total_dust(), msat(545));
    assert_eq!(report.worst_trimmed(), msat(545));
    assert_eq!(report.recoverable().map(|c| c.channel).collect::<Vec<_>>(), [dusty]);
    assert_eq!(report.channels()[1].to_even.to_msat(), 50_000_000_000);
}

#[test]
fn a10_exposure_counts_htlcs_on_the_commitment_that_trims_them() {
    let limit = |value| TrimLimit::observed(sat(value));
    let trim = PerSide { local: limit(354), remote: limit(1000) };
    let (mut ledger, id) = ledger_of(LedgerPolicy { trim, ..LedgerPolicy::default() }, 50_000, 25_000);
    let first = ledger.offer(id, htlc(msat(300))).unwrap();
    let second = ledger.offer(id, htlc(msat(600))).unwrap();
    let report = ledger.dust_report(id).unwrap();
    assert_eq!(report.commitments.local.exposure, msat(300));
    assert_eq!(report.commitments.remote.exposure, msat(900));
    assert_eq!((report.worst_trimmed(), report.total()), (msat(900), Msat::ZERO));
    ledger.fulfill(id, Side::Local, first).unwrap();
    ledger.fail(id, Side::Local, second).unwrap();
    assert_eq!(balances(&ledger, id), (24_700_000, 25_300_000));
    assert!(matches!(ledger.fail(id, Side::Local, second), Err(PayError::Htlc(_))));
    assert_eq!((first, second), (HtlcId::new(0), HtlcId::new(1)));
}

fn splice_in(side: Side, amount: u64, total: u64) -> SpliceRequest {
    let inputs = WalletInputs { count: 1, total: sat(total) };
    let action = SpliceAction::In { amount: sat(amount), inputs };
    SpliceRequest::by(side, action, FeerateKw::from_sat_per_kw(250), outpoint(0xee, 0))
}

fn splice_out(side: Side, amount: u64, destination: ScriptType) -> SpliceRequest {
    let action = SpliceAction::Out { amount: sat(amount), destination };
    SpliceRequest::by(side, action, FeerateKw::from_sat_per_kw(250), outpoint(0xee, 0))
}

#[test]
fn a11_a_splice_in_changes_balance_capacity_funding_and_history() {
    let (mut ledger, id) = ledger(50_000, 25_000);
    let mut splicer = SplicingManager::new();
    let channel = ledger.channel_mut(id).unwrap();
    let record = splicer.splice(channel, &splice_in(Side::Local, 10_000, 20_000)).unwrap();
    assert_eq!((record.old_capacity, record.new_capacity), (sat(50_000), sat(60_000)));
    assert_eq!((channel.id(), channel.funding(), channel.capacity()), (id, outpoint(0xee, 0), sat(60_000)));
    assert_eq!(channel.balances(), PerSide { local: msat(35_000), remote: msat(25_000) });
    // Common 444 WU, a coin of 230 WU and change of 172 WU at 1 sat/vB, all paid by the coin.
    let part = record.parts.local;
    assert_eq!(
        (part.contribution, part.fee, part.output),
        (SignedAmount::from_sat(10_000), sat(212), sat(9788))
    );
    assert_eq!(record.parts.remote.contribution, SignedAmount::ZERO);
    assert_eq!(splicer.history(), [record]);
}

#[test]
fn a11_both_fundings_hold_until_the_splice_is_locked() {
    let (mut ledger, id) = ledger(50_000, 25_000);
    let mut splicer = SplicingManager::new();
    let before = ledger.channel(id).unwrap().transferable(Side::Local).unwrap();
    let channel = ledger.channel_mut(id).unwrap();
    splicer.splice(channel, &splice_in(Side::Local, 10_000, 20_000)).unwrap();
    assert_eq!(channel.pending_splice_of(), Some(outpoint(1, 0)));
    // The new funds cannot be paid yet: the old commitment does not have them.
    assert_eq!(channel.transferable(Side::Local), Ok(before));
    let again = splicer.splice(channel, &splice_in(Side::Local, 1, 20_000));
    assert_eq!(again, Err(SpliceError::Pending { id }));
    ledger.pay(id, direct(Side::Local, 24_454)).unwrap();
    assert!(ledger.pay(id, direct(Side::Local, 1)).is_err());
    let channel = ledger.channel_mut(id).unwrap();
    assert!(channel.lock_splice() && !channel.lock_splice());
    assert_eq!(channel.transferable(Side::Local).unwrap().max(), msat(10_546 - 600));
    assert_eq!(splicer.history().len(), 1);
}

#[test]
fn a11_dust_is_eliminated_only_if_it_was_dust_and_has_an_output_now() {
    for (held, added, eliminated) in
        [(0, 1000, false), (1, 545, true), (1, 544, false), (545, 1, true), (546, 1, false)]
    {
        let (mut ledger, id) = ledger(50_000, 50_000);
        if held > 0 {
            ledger.pay(id, direct(Side::Local, held)).unwrap();
        }
        let channel = ledger.channel_mut(id).unwrap();
        let record = SplicingManager::new().splice(channel, &splice_in(Side::Remote, added, 20_000)).unwrap();
        assert_eq!(record.parts.remote.dust_eliminated, eliminated, "{held} + {added}");
        assert!(!record.parts.local.dust_eliminated);
    }
}

#[test]
fn a11_coins_pay_for_contribution_fee_and_change() {
    let (ledger, id) = ledger(50_000, 25_000);
    let splice = |amount, total| {
        let mut channel = ledger.channel(id).unwrap().clone();
        SplicingManager::new().splice(&mut channel, &splice_in(Side::Local, amount, total))
    };
    // Without change: 674 WU are 168.5 sat.
    let (needed, given) = (sat(10_169), sat(10_168));
    let reason = ContributionError::Inputs { needed, given };
    assert_eq!(splice(10_000, 10_168), Err(SpliceError::Contribution { side: Side::Local, reason }));
    let exact = splice(10_000, 10_169).unwrap().parts.local;
    assert_eq!((exact.fee, exact.output), (sat(169), Amount::ZERO));
    // Change of 329 sat would not be relayed and joins the fee.
    let under = splice(10_000, 10_212 + 329).unwrap().parts.local;
    assert_eq!((under.fee, under.output), (sat(212 + 329), Amount::ZERO));
    let change = splice(10_000, 10_212 + 330).unwrap().parts.local;
    assert_eq!((change.fee, change.output), (sat(212), sat(330)));
    let reason = ContributionError::ZeroAmount;
    assert_eq!(splice(0, 1000), Err(SpliceError::Contribution { side: Side::Local, reason }));
    assert!(splice(u64::MAX, u64::MAX).is_err());
    assert!(splice(2_100_000_000_000_000, u64::MAX).is_err());
}

#[test]
fn a11_a_splice_has_room_for_252_inputs() {
    let (ledger, id) = ledger(50_000, 25_000);
    let splice = |local: u8, remote: u8| {
        let mut channel = ledger.channel(id).unwrap().clone();
        let coins = |count| {
            let inputs = WalletInputs { count, total: sat(1_000_000) };
            SpliceAction::In { amount: sat(10_000), inputs }
        };
        let mut request = splice_in(Side::Local, 10_000, 1_000_000);
        request.actions = PerSide { local: coins(local), remote: coins(remote) };
        SplicingManager::new().splice(&mut channel, &request).map(|_| ())
    };
    assert_eq!(splice(150, 101), Ok(()));
    assert_eq!(splice(150, 102), Err(SpliceError::TooManyInputs { inputs: 253, max: 252 }));
    assert_eq!(splice(255, 255), Err(SpliceError::TooManyInputs { inputs: 511, max: 252 }));
}

#[test]
fn a12_the_peers_balance_does_not_limit_a_splice_out() {
    let (mut ledger, id) = ledger(1_000_000, 1_000_000);
    let channel = ledger.channel_mut(id).unwrap();
    let record =
        SplicingManager::new().splice(channel, &splice_out(Side::Local, 10_000, ScriptType::P2wpkh)).unwrap();
    // 444 + 124 WU at 1 sat/vB.
    assert_eq!(record.parts.local.contribution, SignedAmount::from_sat(-10_142));
    assert_eq!(record.new_capacity, sat(1_000_000 - 10_142));
    assert_eq!(channel.balances(), PerSide { local: msat(989_858), remote: Msat::ZERO });
}

#[test]
fn a12_a_splice_out_keeps_the_reserve_and_names_the_maximum() {
    let (mut ledger, id) = ledger(2000 + 20_000, 2000);
    let feerate = FeerateKw::from_sat_per_kw(250);
    for destination in [ScriptType::P2wpkh, ScriptType::P2tr, ScriptType::P2pkh] {
        let channel = ledger.channel_mut(id).unwrap();
        let max = SplicingManager::maximum(channel, Side::Local, destination, feerate).unwrap();
        let mut splicer = SplicingManager::new();
        let request = splice_out(Side::Local, max.to_sat() + 1, destination);
        let Err(SpliceError::Contribution {
            side: Side::Local,
            reason: ContributionError::Keeps { reason, maximum },
        }) = splicer.splice(channel, &request)
        else {
            panic!("one satoshi above the maximum must be refused");
        };
        assert_eq!(
            (reason, maximum),
            (SpliceOutRefusal::Reserve { balance: sat(2000), reserve: sat(546) }, Some(max))
        );
        assert!(splicer.history().is_empty());
        let request = splice_out(Side::Local, max.to_sat(), destination);
        assert!(splicer.splice(&mut channel.clone(), &request).is_ok());
    }
}

#[test]
fn a12_the_maximum_of_a_refusal_is_that_of_the_very_splice() {
    let (ledger, id) = ledger(1_000_000, 500_000);
    let inputs = WalletInputs { count: 2, total: sat(400_000) };
    for initiator in Side::ALL {
        for remote in [
            SpliceAction::In { amount: sat(300_000), inputs },
            SpliceAction::Out { amount: sat(300_000), destination: ScriptType::P2tr },
        ] {
            let splice = |amount| {
                let local = SpliceAction::Out { amount: sat(amount), destination: ScriptType::P2wpkh };
                let request = SpliceRequest {
                    initiator,
                    actions: PerSide { local, remote },
                    feerate: FeerateKw::from_sat_per_kw(1000),
                    new_funding: outpoint(0xee, 0),
                };
                let mut channel = ledger.channel(id).unwrap().clone();
                SplicingManager::new().splice(&mut channel, &request).map(|record| record.parts.local.output)
            };
            let Err(SpliceError::Contribution {
                side: Side::Local,
                reason: ContributionError::Keeps { maximum: Some(maximum), .. },
            }) = splice(500_000)
            else {
                panic!("the whole balance cannot leave");
            };
            assert_eq!(splice(maximum.to_sat()), Ok(maximum), "{initiator} {remote:?}");
            assert!(splice(maximum.to_sat() + 1).is_err(), "{initiator} {remote:?}");
        }
    }
}

#[test]
fn a12_a_payout_must_be_relayed_whatever_its_type() {
    let (mut ledger, id) = ledger(50_000, 25_000);
    for (destination, minimum) in [
        (ScriptType::P2pkh, 546),
        (ScriptType::P2wpkh, 294),
        (ScriptType::P2tr, 330),
        (ScriptType::UnknownSegwit, 354),
    ] {
        let channel = ledger.channel_mut(id).unwrap();
        let mut splicer = SplicingManager::new();
        let reason = ContributionError::DestinationDust { minimum: sat(minimum) };
        assert_eq!(
            splicer.splice(channel, &splice_out(Side::Local, minimum - 1, destination)),
            Err(SpliceError::Contribution { side: Side::Local, reason })
        );
        assert!(splicer.splice(&mut channel.clone(), &splice_out(Side::Local, minimum, destination)).is_ok());
    }
    // The fee with a P2PKH payout is 145 sat: a payout of 545 sat is all there is room for, and too little.
    let feerate = FeerateKw::from_sat_per_kw(250);
    for (room, maximum) in [
        (546 + 145, Ok(sat(546))),
        (545 + 145, Err(ContributionError::DestinationDust { minimum: sat(546) })),
    ] {
        let (ledger, id) = self::ledger(50_000, 546 + room);
        let channel = ledger.channel(id).unwrap();
        assert_eq!(SplicingManager::maximum(channel, Side::Local, ScriptType::P2pkh, feerate), maximum);
    }
}

#[test]
fn a12_both_sides_may_act_in_one_splice() {
    let (mut ledger, id) = ledger(1_000_000, 500_000);
    let channel = ledger.channel_mut(id).unwrap();
    let inputs = WalletInputs { count: 2, total: sat(60_000) };
    let request = SpliceRequest {
        initiator: Side::Remote,
        actions: PerSide {
            local: SpliceAction::Out { amount: sat(100_000), destination: ScriptType::P2wpkh },
            remote: SpliceAction::In { amount: sat(50_000), inputs },
        },
        feerate: FeerateKw::from_sat_per_kw(1000),
        new_funding: outpoint(0xee, 0),
    };
    let record = SplicingManager::new().splice(channel, &request).unwrap();
    // The accepter of the splice pays for its payout alone; the initiator for the rest.
    assert_eq!(record.parts.local.contribution, SignedAmount::from_sat(-100_124));
    assert_eq!(record.parts.remote.fee, sat(444 + 460 + 172));
    assert_eq!(channel.capacity(), sat(1_000_000 - 100_124 + 50_000));
    assert_eq!(channel.balances(), PerSide { local: msat(399_876), remote: msat(550_000) });
}

#[test]
fn a13_history_is_kept_and_refusals_leave_no_trace() {
    let (mut ledger, id) = ledger(50_000, 25_000);
    let mut splicer = SplicingManager::new();
    let before = ledger.clone();
    let channel = ledger.channel_mut(id).unwrap();
    let idle = SpliceRequest::by(Side::Local, SpliceAction::Nothing, FeerateKw::FLOOR, outpoint(2, 0));
    assert_eq!(splicer.splice(channel, &idle), Err(SpliceError::Empty));
    let same = SpliceRequest { new_funding: outpoint(1, 0), ..splice_in(Side::Local, 1000, 20_000) };
    assert_eq!(splicer.splice(channel, &same), Err(SpliceError::Empty));
    assert!(splicer.splice(channel, &splice_out(Side::Local, u64::MAX, ScriptType::P2tr)).is_err());
    assert_eq!(ledger, before);
    assert!(splicer.history().is_empty());
    ledger.set_status(id, ChannelStatus::Inactive).unwrap();
    let channel = ledger.channel_mut(id).unwrap();
    assert_eq!(
        splicer.splice(channel, &splice_in(Side::Local, 1, 20_000)),
        Err(SpliceError::NotActive { id })
    );
    ledger.set_status(id, ChannelStatus::Active).unwrap();
    for round in 0..3u8 {
        let channel = ledger.channel_mut(id).unwrap();
        let request =
            SpliceRequest { new_funding: outpoint(0xe0 + round, 0), ..splice_in(Side::Local, 1000, 2000) };
        splicer.splice(channel, &request).unwrap();
        channel.lock_splice();
    }
    let capacities: Vec<u64> = splicer.history().iter().map(|record| record.new_capacity.to_sat()).collect();
    assert_eq!(capacities, [51_000, 52_000, 53_000]);
}
