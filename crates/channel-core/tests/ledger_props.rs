//! The ledger under random use: value is conserved, commitments can always be built, and refusals are exact.

mod common;

use bitcoin::hashes::Hash;
use bitcoin::{Amount, OutPoint, Txid};
use channel_core::bitcoin;
use channel_core::dust::{ScriptType, TrimLimit};
use channel_core::ledger::{
    DustFreeChannelManager, LedgerChannel, LedgerPolicy, NewChannel, NewHtlc, PayError, Payment,
    SpliceAction, SpliceRecord, SpliceRequest, SplicingManager, WalletInputs,
};
use channel_core::{CltvExpiry, FeerateKw, HtlcId, Msat, PaymentHash, PerSide, Side};
use proptest::prelude::*;

use common::{format, near_limit_msat, near_limit_sat, side, trim_sat};

/// Something a user of the ledger may try.
#[derive(Debug, Clone)]
enum Step {
    Pay(Payment),
    Offer(Side, Msat),
    Fulfill(Side, HtlcId),
    Fail(Side, HtlcId),
    Splice(Side, PerSide<SpliceAction>, FeerateKw),
    Lock,
}

fn action() -> impl Strategy<Value = SpliceAction> {
    let amount = || {
        prop_oneof![4 => near_limit_sat(), 1 => Just(2_100_000_000_000_000), 1 => Just(u64::MAX)]
            .prop_map(Amount::from_sat)
    };
    let destination = prop::sample::select(ScriptType::ALL.to_vec());
    prop_oneof![
        Just(SpliceAction::Nothing),
        (amount(), amount(), 0..4u8).prop_map(|(amount, total, count)| SpliceAction::In {
            amount,
            inputs: WalletInputs { count, total }
        }),
        (amount(), destination).prop_map(|(amount, destination)| SpliceAction::Out { amount, destination }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let amount = || near_limit_msat().prop_map(Msat::from_msat);
    let id = || (0..4u64).prop_map(HtlcId::new);
    let feerate = prop_oneof![0..3000u32, Just(u32::MAX)].prop_map(FeerateKw::from_sat_per_kw);
    prop_oneof![
        4 => (side(), amount()).prop_map(|(from, amount)| Step::Pay(Payment::direct(from, amount))),
        2 => (side(), amount(), amount()).prop_map(|(from, amount, fee)| Step::Pay(Payment::forwarded(from, amount, fee))),
        4 => (side(), amount()).prop_map(|(from, amount)| Step::Offer(from, amount)),
        2 => (side(), id()).prop_map(|(by, id)| Step::Fulfill(by, id)),
        2 => (side(), id()).prop_map(|(by, id)| Step::Fail(by, id)),
        3 => (side(), action(), action(), feerate)
            .prop_map(|(side, local, remote, feerate)| Step::Splice(side, PerSide { local, remote }, feerate)),
        1 => Just(Step::Lock),
    ]
}

fn outpoint(index: u32) -> OutPoint {
    OutPoint { txid: Txid::from_byte_array([3; 32]), vout: index }
}

fn policy() -> impl Strategy<Value = LedgerPolicy> {
    (format(), trim_sat(), trim_sat(), prop_oneof![Just(253u32), 0..5000u32]).prop_map(
        |(format, local, remote, kw)| {
            let limit = |sat| TrimLimit::observed(Amount::from_sat(sat));
            LedgerPolicy {
                trim: PerSide { local: limit(local), remote: limit(remote) },
                feerate: FeerateKw::from_sat_per_kw(kw),
                ..LedgerPolicy::new(format, limit(local))
            }
        },
    )
}

/// What must hold in every state.
fn check_state(channel: &LedgerChannel) {
    let capacity = channel.capacity().to_sat();
    assert_eq!(channel.spec().total().to_msat(), capacity * 1000, "value is conserved");
    for owner in Side::ALL {
        let outputs = channel.outputs(owner).expect("commitments can be built");
        assert_eq!(outputs.fee.shortfall, Amount::ZERO, "the opener pays in full");
        let limit = channel.params().terms.trim.of(owner);
        let htlcs = outputs.htlcs.iter().map(|htlc| htlc.value);
        let kept = outputs.to_local.into_iter().chain(outputs.to_remote).chain(htlcs);
        assert!(kept.into_iter().all(|value| !limit.trims_output(value)), "no output under its limit");
        let sum: u64 = outputs.values().map(Amount::to_sat).sum();
        assert_eq!(sum + outputs.fee.total().to_sat(), capacity, "outputs and fee are the capacity");
    }
    for side in Side::ALL {
        assert!(
            channel.payable(side).is_ok_and(|set| set.min() >= Msat::ONE) || channel.payable(side).is_err()
        );
    }
}

/// On the chain nothing is lost either: old capacity and coins are new capacity, outputs and fees.
fn check_splice(record: &SpliceRecord) {
    let [local, remote] = [record.parts.local, record.parts.remote];
    let inputs = record.old_capacity.to_sat() + local.inputs.to_sat() + remote.inputs.to_sat();
    let outputs = record.new_capacity.to_sat() + local.output.to_sat() + remote.output.to_sat();
    assert_eq!(inputs, outputs + local.fee.to_sat() + remote.fee.to_sat());
}

/// A refusal names amounts that would have been accepted, and none lies nearer.
fn check_refusal(channel: &LedgerChannel, error: PayError, from: Side, payable: impl Fn(Msat) -> bool) {
    let PayError::Refused { amount, nearest, .. } = error else { return };
    for (bound, towards) in [(nearest.below, 1i8), (nearest.above, -1)] {
        let Some(bound) = bound else { continue };
        assert!(payable(bound), "{bound} from {from:?} in {:?}", channel.balances());
        if bound != amount {
            let next =
                if towards > 0 { bound.saturating_add(Msat::ONE) } else { bound.saturating_sub(Msat::ONE) };
            assert!(!payable(next), "{next} is payable and nearer");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_operation_conserves_value_or_changes_nothing(
        policy in policy(),
        opener in side(),
        (capacity, local) in prop_oneof![
            (10_000..80_000u64).prop_flat_map(|capacity| (Just(capacity), 0..=capacity * 1000)),
            (10_000..80_000u64).prop_map(|capacity| (capacity, capacity * 1000)),
        ],
        steps in prop::collection::vec(step(), 1..25),
    ) {
        let mut ledger = DustFreeChannelManager::new(policy);
        let new = NewChannel {
            funding: outpoint(0),
            opener,
            capacity: Amount::from_sat(capacity),
            local_balance: Msat::from_msat(local),
        };
        let Ok(id) = ledger.create(new).map(LedgerChannel::id) else { return Ok(()) };
        let mut splicer = SplicingManager::new();
        for (step, index) in steps.into_iter().zip(1..) {
            let before = ledger.channel(id).expect("known").clone();
            let channel = ledger.channel_mut(id).expect("known");
            let changed = match step {
                Step::Splice(initiator, actions, feerate) => {
                    let request = SpliceRequest { initiator, actions, feerate, new_funding: outpoint(index) };
                    splicer.splice(channel, &request).inspect(check_splice).is_ok()
                }
                Step::Lock => channel.lock_splice(),
                Step::Pay(payment) => {
                    let result = ledger.pay(id, payment);
                    if let (Err(error), true) = (result, payment.moved() == payment.amount()) {
                        check_refusal(&before, error, payment.from(), |amount| {
                            let again = match payment.fee() {
                                None => Payment::direct(payment.from(), amount),
                                Some(_) => Payment::forwarded(payment.from(), amount, Msat::ZERO),
                            };
                            ledger.clone().pay(id, again).is_ok()
                        });
                    }
                    result.is_ok()
                }
                Step::Offer(from, amount) => {
                    let htlc = |amount| NewHtlc {
                        from,
                        amount,
                        payment_hash: PaymentHash::from_bytes([1; 32]),
                        cltv_expiry: CltvExpiry::new(800_000).expect("a height"),
                    };
                    let result = ledger.offer(id, htlc(amount));
                    if let Err(error) = result {
                        check_refusal(&before, error, from, |amount| ledger.clone().offer(id, htlc(amount)).is_ok());
                    }
                    result.is_ok()
                }
                Step::Fulfill(by, htlc) => ledger.fulfill(id, by, htlc).is_ok(),
                Step::Fail(by, htlc) => ledger.fail(id, by, htlc).is_ok(),
            };
            let after = ledger.channel(id).expect("known");
            prop_assert_eq!(changed, *after != before);
            check_state(after);
        }
    }

    #[test]
    fn the_splice_out_maximum_of_a_channel_is_exact(
        policy in policy(),
        local in 0..=1_000_000u64,
        destination in prop::sample::select(ScriptType::ALL.to_vec()),
        kw in 0..3000u32,
    ) {
        let mut ledger = DustFreeChannelManager::new(policy);
        let new = NewChannel {
            funding: outpoint(0),
            opener: Side::Remote,
            capacity: Amount::from_sat(1_000_000),
            local_balance: Msat::from_sat(local).expect("a small amount"),
        };
        let Ok(id) = ledger.create(new).map(LedgerChannel::id) else { return Ok(()) };
        let channel = ledger.channel(id).expect("known");
        let feerate = FeerateKw::from_sat_per_kw(kw);
        let fits = |sat: u64| {
            let action = SpliceAction::Out { amount: Amount::from_sat(sat), destination };
            let request = SpliceRequest::by(Side::Local, action, feerate, outpoint(1));
            SplicingManager::new().splice(&mut channel.clone(), &request).is_ok()
        };
        match SplicingManager::maximum(channel, Side::Local, destination, feerate) {
            Ok(max) => prop_assert!(fits(max.to_sat()) && !fits(max.to_sat() + 1)),
            Err(_) => prop_assert!((0..2000).chain([local / 2, local]).all(|sat| !fits(sat))),
        }
    }
}
