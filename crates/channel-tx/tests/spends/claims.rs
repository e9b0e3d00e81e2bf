//! What a party claims of an unrevoked commitment, when, and in which transactions.

use std::collections::BTreeMap;

use bitcoin::{Amount, ScriptBuf};
use channel_core::{CommitmentFormat, FeerateKw, PaymentHash, Side};
use channel_tx::claim::{
    ChannelRole, Claim, ClaimFacts, ClaimPath, Claims, Competition, Confirmation, LeftOut, PINNABLE_WITHIN,
    Pressure, Standing, SweepError, SweepTerms, Unclaimable,
};
use channel_tx::commitment::OutputRole;
use channel_tx::weight::WalletScript;

use super::channel::{Channel, DELAYS, FORMATS, htlc, htlcs, payment_hash, preimage, wallet_script};
use super::consensus::verify;
use super::signing::signed;

const CONFIRMED: u32 = 799_000;

fn preimages() -> BTreeMap<PaymentHash, [u8; 32]> {
    // That of 3 is wrong.
    let mut known: BTreeMap<_, _> = [1, 2].map(|byte| (payment_hash(byte), preimage(byte))).into();
    known.insert(payment_hash(3), preimage(4));
    known
}

fn facts(height: u32, known: &BTreeMap<PaymentHash, [u8; 32]>) -> ClaimFacts<'_> {
    let confirmation = Confirmation::Height(CONFIRMED);
    ClaimFacts { height, confirmation, standing: Standing::Valid, preimages: known }
}

pub(crate) fn terms(feerate: u32, height: u32) -> SweepTerms {
    let feerate = FeerateKw::from_sat_per_kw(feerate);
    SweepTerms { destination: wallet_script(WalletScript::P2tr), feerate, height }
}

fn by_path(claims: &Claims, path: ClaimPath) -> Vec<&Claim> {
    claims.claims.iter().filter(|claim| claim.spend.path == path).collect()
}

#[test]
fn the_peers_commitment_pays_balance_preimages_and_timeouts() {
    for format in FORMATS {
        let channel = Channel::new(format);
        let outputs = channel.commitment(Side::Remote, &htlcs(), 253).channel_outputs();
        let claims = Claims::of(&outputs, Side::Local, &facts(CONFIRMED, &preimages()));
        let [balance] = by_path(&claims, ClaimPath::Balance)[..] else { panic!("one balance") };
        assert_eq!((balance.earliest, balance.competition), (Some(CONFIRMED + 1), Competition::Nobody));
        let timeouts = by_path(&claims, ClaimPath::Timeout);
        let mut earliest: Vec<_> = timeouts.iter().filter_map(|claim| claim.earliest).collect();
        earliest.sort_unstable();
        assert_eq!(earliest, [800_001, 800_001, 800_011], "a lock time of n allows block n + 1");
        assert!(timeouts.iter().all(|claim| claim.competition == Competition::Now));
        let with_preimage = by_path(&claims, ClaimPath::Preimage);
        assert_eq!(with_preimage.len(), 2, "two equal htlcs are two claims");
        assert_ne!(with_preimage[0].outpoint, with_preimage[1].outpoint);
        for claim in with_preimage {
            assert_eq!(claim.competition, Competition::From(800_021));
            assert_eq!(claim.earliest, Some(CONFIRMED + 1));
        }
        let unknown = claims.unclaimable.iter().filter(|(_, why)| *why == Unclaimable::PreimageUnknown);
        assert_eq!(unknown.count(), 1);
        assert_eq!(claims.second_level, []);
    }
}

#[test]
fn the_own_commitment_pays_after_the_delay_and_by_its_second_level() {
    for format in FORMATS {
        let channel = Channel::new(format);
        let outputs = channel.commitment(Side::Local, &htlcs(), 253).channel_outputs();
        let claims = Claims::of(&outputs, Side::Local, &facts(CONFIRMED, &preimages()));
        let [delayed] = &claims.claims[..] else { panic!("to_local alone") };
        assert_eq!(delayed.earliest, Some(CONFIRMED + u32::from(DELAYS.local)));
        assert_eq!(delayed.competition, Competition::Nobody);
        assert_eq!(claims.second_level.len(), 5);
        for claim in &claims.second_level {
            let ours = claim.htlc.htlc.offered_by == Side::Local;
            let expiry = claim.htlc.htlc.cltv_expiry.to_height();
            assert_eq!(claim.preimage.is_none(), ours);
            assert_eq!(claim.earliest, Some(if ours { expiry + 1 } else { CONFIRMED + 1 }));
            let competition = if ours { Competition::Now } else { Competition::From(expiry + 1) };
            assert_eq!(claim.competition, competition);
        }
        let not_ours = claims.unclaimable.iter().filter(|(_, why)| *why == Unclaimable::NotOurs).count();
        assert_eq!(not_ours, 1, "to_remote");
    }
}

#[test]
fn claims_wait_for_the_confirmation_of_the_commitment() {
    for format in FORMATS {
        let channel = Channel::new(format);
        for owner in Side::ALL {
            let outputs = channel.commitment(owner, &htlcs(), 253).channel_outputs();
            let known = preimages();
            let unconfirmed =
                ClaimFacts { confirmation: Confirmation::Unconfirmed, ..facts(900_000, &known) };
            let claims = Claims::of(&outputs, Side::Local, &unconfirmed);
            assert!(!claims.claims.is_empty());
            assert!(claims.claims.iter().all(|claim| claim.earliest.is_none()));
            assert!(claims.second_level.iter().all(|claim| claim.earliest.is_none()));
            let plan = terms(253, 900_000).plan(&claims.claims);
            assert!(plan.sweeps.is_empty());
            assert!(plan.left_out.iter().all(|(_, why)| *why == LeftOut::Unconfirmed));
            let refused = terms(253, 900_000).build(&claims.claims.iter().collect::<Vec<_>>());
            assert!(matches!(refused, Err(SweepError::NotReady { .. })));
        }
    }
}

#[test]
fn sweeps_keep_pinnable_claims_apart_and_take_the_highest_lock_time() {
    for format in FORMATS {
        let channel = Channel::new(format);
        let outputs = channel.commitment(Side::Remote, &htlcs(), 253).channel_outputs();
        let height = 800_010;
        let claims = Claims::of(&outputs, Side::Local, &facts(height, &preimages())).claims;
        let plan = terms(253, height).plan(&claims);
        assert!(plan.left_out.is_empty(), "{:?}", plan.left_out);
        let [urgent, soon, safe] = &plan.sweeps[..] else { panic!("{format}: {} sweeps", plan.sweeps.len()) };
        let pressures = [urgent, soon, safe].map(|sweep| sweep.pressure);
        assert_eq!(pressures, [Pressure::Now, Pressure::Soon, Pressure::None]);
        let inputs = [urgent, soon, safe].map(|sweep| sweep.transaction.transaction.input.len());
        assert_eq!(inputs, [3, 2, 1], "timeouts, preimages that expire within twelve blocks, the balance");
        assert_eq!(soon.deadline, Some(800_020));
        assert_eq!(urgent.transaction.transaction.lock_time.to_consensus_u32(), 800_010);
        assert_eq!((urgent.deadline, safe.deadline), (Some(height + 1), None));
        for sweep in &plan.sweeps {
            let unsigned = &sweep.transaction;
            assert_eq!(unsigned.transaction.version.0, if format.is_zero_fee() { 3 } else { 2 });
            let secrets = &channel.secrets;
            let transaction =
                signed(unsigned, &secrets.local, &secrets.remote, &secrets.remote.per_commitment);
            assert_eq!(verify(&transaction, &unsigned.prevouts()), Ok(()), "{format}");
            let (paid, fee) = (unsigned.output_value().unwrap(), unsigned.fee.total().unwrap());
            assert_eq!(unsigned.input_value(), paid.checked_add(fee));
            assert_eq!(fee, FeerateKw::FLOOR.fee_ceil(sweep.weight.weight()));
            if format.is_taproot() {
                assert_eq!(transaction.weight(), sweep.weight.weight());
            }
        }
    }
}

#[test]
fn an_expiry_ahead_is_not_waited_for_by_the_others() {
    let channel = Channel::new(CommitmentFormat::TaprootV3);
    let outputs = channel.commitment(Side::Remote, &htlcs(), 0).channel_outputs();
    let known = preimages();
    for (height, lock_time, early) in
        [(799_999, 0, 3), (800_000, 800_000, 1), (800_009, 800_000, 1), (800_010, 800_010, 0)]
    {
        let claims = Claims::of(&outputs, Side::Local, &facts(height, &known)).claims;
        let plan = terms(253, height).plan(&claims);
        let highest =
            plan.sweeps.iter().map(|sweep| sweep.transaction.transaction.lock_time.to_consensus_u32());
        assert_eq!(highest.max(), Some(lock_time), "{height}");
        let too_early = plan.left_out.iter().filter(|(_, why)| matches!(why, LeftOut::TooEarly { .. }));
        assert_eq!(too_early.count(), early, "{height}");
    }
}

#[test]
fn a_preimage_claim_becomes_pinnable_twelve_blocks_before_the_peer_can_take_it_back() {
    let competition = Competition::From(800_021);
    assert_eq!(competition.pressure(800_021 - PINNABLE_WITHIN - 1), Pressure::Later);
    assert_eq!(competition.pressure(800_021 - PINNABLE_WITHIN), Pressure::Soon);
    assert_eq!(competition.pressure(800_019), Pressure::Soon, "the next block is ours alone");
    assert_eq!(competition.pressure(800_020), Pressure::Now);
    assert_eq!(competition.deadline(1), Some(800_020));
    assert_eq!((Competition::Nobody.deadline(1), Competition::Now.deadline(1)), (None, Some(2)));
}

/// One claim of a balance of `sat`.
fn balance(sat: u64) -> Claim {
    use channel_core::{Msat, PerSide};
    let channel = Channel::new(CommitmentFormat::TaprootV3);
    let all = super::channel::CAPACITY * 1000;
    let balances = PerSide { local: Msat::from_msat(sat * 1000), remote: Msat::from_msat(all - sat * 1000) };
    let outputs = channel.commitment_of(Side::Remote, balances, &[], 0).channel_outputs();
    let claims = Claims::of(&outputs, Side::Local, &facts(CONFIRMED, &BTreeMap::new())).claims;
    assert_eq!(claims.len(), 1);
    assert_eq!(claims[0].role, ChannelRole::OnCommitment(OutputRole::ToRemote));
    claims[0].clone()
}

#[test]
fn the_destination_is_never_paid_dust() {
    // 444 WU at 1,000 sat/kW, and 330 sat.
    for (sat, left) in [(773, Err(329)), (774, Ok(330)), (775, Ok(331))] {
        let built = terms(1000, CONFIRMED).build(&[&balance(sat)]);
        let left_over = built.map(|sweep| sweep.transaction.transaction.output[0].value.to_sat());
        let minimum = Amount::from_sat(330);
        let expected = left.map_err(|left| SweepError::Dust { left: Amount::from_sat(left), minimum });
        assert_eq!(left_over, expected, "{sat}");
    }
    let plan = terms(1000, CONFIRMED).plan(&[balance(773)]);
    let refused = SweepError::Dust { left: Amount::from_sat(329), minimum: Amount::from_sat(330) };
    assert_eq!(plan.left_out[0].1, LeftOut::Refused(refused));
}

#[test]
fn an_input_that_costs_what_it_holds_is_left_out() {
    // 230 WU at 10,000 sat/kW are 2,300 sat.
    let large = balance(1_000_000);
    for (sat, kept) in [(2299, 1), (2300, 1), (2301, 2)] {
        let mut small = balance(sat);
        small.outpoint.vout += 10;
        let plan = terms(10_000, CONFIRMED).plan(&[large.clone(), small.clone()]);
        assert_eq!(plan.sweeps[0].transaction.transaction.input.len(), kept, "{sat}");
        let cost = Amount::from_sat(2300);
        let left_out = [(small.outpoint, LeftOut::Uneconomic { cost })];
        assert_eq!(plan.left_out, &left_out[..2 - kept], "{sat}");
    }
}

#[test]
fn one_output_is_claimed_once_and_nothing_goes_to_a_data_output() {
    let claim = balance(1_000_000);
    let plan = terms(253, CONFIRMED).plan(&[claim.clone(), claim.clone()]);
    assert_eq!(plan.sweeps.len(), 1);
    assert_eq!(plan.left_out, [(claim.outpoint, LeftOut::Duplicate)]);
    assert_eq!(terms(253, CONFIRMED).build(&[&claim, &claim]), Err(SweepError::NotDistinct));
    assert_eq!(terms(253, CONFIRMED).build(&[]), Err(SweepError::NotDistinct));
    let burning = SweepTerms { destination: ScriptBuf::new_op_return([1; 4]), ..terms(253, CONFIRMED) };
    assert_eq!(burning.build(&[&claim]), Err(SweepError::Unspendable));
}

#[test]
fn equal_htlcs_of_both_directions_are_each_claimed_once() {
    let twins = [
        htlc(0, Side::Local, 50_000, 1, 800_000),
        htlc(1, Side::Local, 50_000, 1, 800_000),
        htlc(0, Side::Remote, 50_000, 1, 800_000),
        htlc(1, Side::Remote, 50_000, 1, 800_000),
    ];
    for format in FORMATS {
        let channel = Channel::new(format);
        let outputs = channel.commitment(Side::Remote, &twins, 253).channel_outputs();
        let claims = Claims::of(&outputs, Side::Local, &facts(800_000, &preimages()));
        assert_eq!(by_path(&claims, ClaimPath::Timeout).len(), 2);
        assert_eq!(by_path(&claims, ClaimPath::Preimage).len(), 2);
        let plan = terms(253, 800_000).plan(&claims.claims);
        let spent: usize = plan.sweeps.iter().map(|sweep| sweep.transaction.inputs.len()).sum();
        assert_eq!((spent, plan.left_out.len()), (5, 0), "{format}");
    }
}
