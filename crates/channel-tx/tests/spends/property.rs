//! Random channels: penalties take everything, no value appears or vanishes, nothing is dust, weights are exact.

use std::collections::BTreeMap;

use bitcoin::Amount;
use channel_core::htlc::Htlc;
use channel_core::{FeerateKw, Msat, PerSide, Side};
use channel_tx::bump::{ChildError, FeeChild, PackagePart};
use channel_tx::claim::{ClaimFacts, Claims, Confirmation, LeftOut, Standing, SweepError, SweepPlan};
use channel_tx::policy::{MAX_TRUC_VBYTES, dust_outputs};
use channel_tx::spend::Coin;
use channel_tx::weight::WalletScript;
use proptest::prelude::*;
use proptest::sample::select;

use super::channel::{CAPACITY, Channel, DUST, FORMATS, coin, htlc, payment_hash, preimage};
use super::claims::terms;
use super::consensus::verify;
use super::penalty::{breach, sign_penalty};
use super::signing::signed;

/// Few hashes, amounts and expiries, so that equal HTLCs are common; some are trimmed.
fn random_htlcs() -> impl Strategy<Value = Vec<Htlc>> {
    let one = (any::<bool>(), select(vec![353_u64, 354, 1000, 20_000]), 1_u8..4, 800_000_u32..800_003);
    prop::collection::vec(one, 0..12).prop_map(|all| {
        all.into_iter()
            .zip(0..)
            .map(|((local, sat, byte, expiry), id)| {
                htlc(id, if local { Side::Local } else { Side::Remote }, sat, byte, expiry)
            })
            .collect()
    })
}

/// Every sat of the claims is paid to us, to miners, or left out with its reason.
fn check_plan(plan: &SweepPlan, claimed: u64, feerate: FeerateKw) -> Result<(), TestCaseError> {
    let mut total = 0;
    for sweep in &plan.sweeps {
        let unsigned = &sweep.transaction;
        let fee = unsigned.fee.total().unwrap();
        prop_assert_eq!(unsigned.input_value().unwrap(), unsigned.output_value().unwrap() + fee);
        prop_assert_eq!(fee, feerate.fee_ceil(sweep.weight.weight()));
        prop_assert_eq!(dust_outputs(&unsigned.transaction).count(), 0);
        prop_assert!(sweep.weight.vbytes() <= MAX_TRUC_VBYTES);
        total += unsigned.input_value().unwrap().to_sat();
    }
    prop_assert!(total <= claimed);
    Ok(())
}

/// Unrevoked commitments, from both views, at any time.
fn check_claims(
    channel: &Channel,
    htlcs: &[Htlc],
    (claimant, owner): (Side, Side),
    (feerate, height): (u32, u32),
) -> Result<(), TestCaseError> {
    let commitment = channel.commitment(owner, htlcs, 253);
    let known: BTreeMap<_, _> = [1, 2].map(|byte| (payment_hash(byte), preimage(byte))).into();
    let confirmation = Confirmation::Height(799_000);
    let facts = ClaimFacts { height, confirmation, standing: Standing::Valid, preimages: &known };
    let claims = Claims::of(&commitment.channel_outputs(), claimant, &facts);
    let parts = [claims.claims.len(), claims.second_level.len(), claims.unclaimable.len()];
    prop_assert_eq!(parts.iter().sum::<usize>(), commitment.transaction().output.len());
    let claimed: Amount = claims.claims.iter().map(|claim| claim.txout.value).sum();
    let plan = terms(feerate, height).plan(&claims.claims);
    check_plan(&plan, claimed.to_sat(), FeerateKw::from_sat_per_kw(feerate))?;
    let secrets = &channel.secrets;
    for sweep in &plan.sweeps {
        let unsigned = &sweep.transaction;
        let per_commitment = &secrets.of(owner).per_commitment;
        let (own, peer) = (secrets.of(claimant), secrets.of(claimant.other()));
        let transaction = signed(unsigned, own, peer, per_commitment);
        prop_assert_eq!(verify(&transaction, &unsigned.prevouts()), Ok(()));
        prop_assert!(transaction.weight() <= sweep.weight.weight());
        prop_assert!(transaction.lock_time.to_consensus_u32() <= height);
        for input in &sweep.transaction.transaction.input {
            let claim = claims.claims.iter().find(|claim| claim.outpoint == input.previous_output).unwrap();
            prop_assert_eq!(claim.competition.pressure(height), sweep.pressure);
        }
    }
    Ok(())
}

/// The commitment, its child and the package of both.
fn check_child(channel: &Channel, peer_msat: u64, coins: &[Coin], feerate: u32) -> Result<(), TestCaseError> {
    let all = CAPACITY * 1000;
    let balances = PerSide { local: Msat::from_msat(all - peer_msat), remote: Msat::from_msat(peer_msat) };
    let commitment = channel.commitment_of(Side::Local, balances, &[], 253);
    let parent = PackagePart::of_commitment(&commitment);
    let dust: Vec<u32> = dust_outputs(parent.transaction).collect();
    let anchor = super::bump::anchor(&commitment);
    prop_assert!(dust.is_empty() || (dust == [anchor.outpoint.vout] && parent.fee == Amount::ZERO));
    let terms = super::bump::terms(&commitment, &anchor, coins, feerate);
    let child = match FeeChild::build(&terms) {
        Ok(child) => child,
        Err(ChildError::NotEnough { missing }) => {
            prop_assert!(missing > Amount::ZERO);
            return Ok(());
        }
        Err(ChildError::TooLarge { vbytes, max }) => {
            prop_assert!(vbytes > max);
            return Ok(());
        }
        Err(other) => return Err(TestCaseError::fail(other.to_string())),
    };
    let unsigned = &child.transaction;
    prop_assert_eq!(unsigned.input_value().unwrap(), unsigned.output_value().unwrap() + child.fee);
    prop_assert_eq!(unsigned.fee.total(), Some(child.fee));
    prop_assert_eq!(dust_outputs(&unsigned.transaction).count(), 0);
    let package = super::bump::package(parent, &child);
    prop_assert!(package.check(terms.feerate).is_ok());
    let secrets = &channel.secrets;
    let transaction = signed(unsigned, &secrets.local, &secrets.remote, &secrets.local.per_commitment);
    prop_assert_eq!(verify(&transaction, &unsigned.prevouts()), Ok(()));
    prop_assert!(transaction.weight() <= child.weight.weight());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn penalties_take_everything_that_is_worth_it(
        format in select(&FORMATS[..]),
        htlcs in random_htlcs(),
        feerate in prop_oneof![Just(25_u32), 253_u32..5000, 5000_u32..60_000],
        height in prop_oneof![Just(700_000_u32), 799_980_u32..800_010],
    ) {
        let channel = Channel::new(format);
        let commitment = channel.commitment(Side::Remote, &htlcs, 253);
        let breach = breach(&channel, &commitment, &htlcs);
        let claims = breach.claims(height);
        let outputs = &commitment.transaction().output;
        prop_assert_eq!(claims.claims.len() + claims.unclaimable.len(), outputs.len());
        let kept = htlcs.iter().filter(|htlc| htlc.amount.to_sat_floor().to_sat() >= DUST).count();
        prop_assert_eq!(claims.claims.len(), kept + 2, "each htlc once, both balances");
        prop_assert_eq!(breach.commitment().absent.len(), htlcs.len() - kept);

        let rate = FeerateKw::from_sat_per_kw(feerate);
        let plan = breach.penalties(&terms(feerate, height));
        let claimed: Amount = claims.claims.iter().map(|claim| claim.txout.value).sum();
        check_plan(&plan, claimed.to_sat(), rate)?;
        let spent: usize = plan.sweeps.iter().map(|sweep| sweep.transaction.inputs.len()).sum();
        prop_assert_eq!(spent + plan.left_out.len(), claims.claims.len());
        for (outpoint, reason) in &plan.left_out {
            let claim = claims.claims.iter().find(|claim| claim.outpoint == *outpoint).unwrap();
            let small = match reason {
                LeftOut::Uneconomic { cost } => claim.txout.value <= *cost,
                LeftOut::Refused(SweepError::Dust { left, minimum }) => left < minimum,
                _ => false,
            };
            prop_assert!(small, "{reason:?}");
        }
        for sweep in &plan.sweeps {
            let transaction = sign_penalty(&channel, sweep);
            prop_assert_eq!(verify(&transaction, &sweep.transaction.prevouts()), Ok(()));
            let (predicted, real) = (sweep.weight.weight().to_wu(), transaction.weight().to_wu());
            if format.is_taproot() {
                prop_assert_eq!(predicted, real);
            } else {
                // Up to 3 bytes for each ECDSA signature shorter than the longest.
                let inputs = u64::try_from(sweep.transaction.inputs.len()).unwrap();
                prop_assert!(real <= predicted && predicted - real <= 3 * inputs);
            }
        }
    }

    #[test]
    fn claims_are_taken_when_they_are_ready(
        format in select(&FORMATS[..]),
        htlcs in random_htlcs(),
        sides in (select(&Side::ALL[..]), select(&Side::ALL[..])),
        feerate in prop_oneof![Just(25_u32), 253_u32..60_000],
        height in prop_oneof![Just(799_000_u32), 799_985_u32..800_005],
    ) {
        check_claims(&Channel::new(format), &htlcs, sides, (feerate, height))?;
    }

    #[test]
    fn children_pay_for_both(
        format in select(&FORMATS[..]),
        peer_msat in prop_oneof![0_u64..400_000, Just(50_000_000_000)],
        coins in prop::collection::vec((300_u64..200_000, any::<bool>()), 0..24),
        feerate in 253_u32..60_000,
    ) {
        let coins: Vec<Coin> = coins
            .into_iter()
            .zip(0..)
            .map(|((sat, taproot), vout)| {
                coin(vout, sat, if taproot { WalletScript::P2tr } else { WalletScript::P2wpkh })
            })
            .collect();
        check_child(&Channel::new(format), peer_msat, &coins, feerate)?;
    }
}
