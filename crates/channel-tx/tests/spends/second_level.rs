//! HTLC-timeout and HTLC-success transactions, joined and paid for by coins.

use std::collections::BTreeMap;

use bitcoin::{Amount, OutPoint, ScriptBuf};
use channel_core::{CommitmentFormat, FeerateKw, Side};
use channel_tx::claim::second_level::{Batch, BatchError, BatchTerms, Resolved};
use channel_tx::claim::{ClaimFacts, Claims, Confirmation, IdentifiedCommitment, Pressure, Standing};
use channel_tx::commitment::{Commitment, HtlcWitnessError};
use channel_tx::spend::Coin;
use channel_tx::weight::WalletScript;

use super::channel::{Channel, DELAYS, FORMATS, coin, htlcs, payment_hash, preimage, wallet_script};
use super::consensus::verify;
use super::signing::signed;

fn resolved(commitment: &Commitment) -> Vec<Resolved<'_>> {
    commitment
        .htlc_transactions()
        .map(|transaction| {
            let hash = transaction.htlc().htlc.payment_hash;
            let byte = (1..=3).find(|byte| payment_hash(*byte) == hash).unwrap();
            Resolved { transaction, preimage: Some(preimage(byte)) }
        })
        .collect()
}

fn terms(coins: &[Coin], feerate: u32) -> BatchTerms<'_> {
    let feerate = FeerateKw::from_sat_per_kw(feerate);
    BatchTerms {
        coins,
        change: wallet_script(WalletScript::P2tr),
        feerate,
        confirmation: Confirmation::Height(800_000),
        height: 800_010,
    }
}

fn of_lock_time<'a>(all: &[Resolved<'a>], lock_time: u32) -> Vec<Resolved<'a>> {
    let same =
        |htlc: &&Resolved<'_>| htlc.transaction.transaction().lock_time.to_consensus_u32() == lock_time;
    all.iter().filter(same).cloned().collect()
}

#[test]
fn htlcs_of_one_lock_time_share_a_transaction() {
    for format in FORMATS {
        let channel = Channel::new(format);
        let commitment = channel.commitment(Side::Local, &htlcs(), 253);
        let all = resolved(&commitment);
        let coins = [coin(0, 1000, WalletScript::P2wpkh), coin(1, 500_000, WalletScript::P2tr)];
        for (lock_time, count) in [(0, 3), (800_000, 2), (800_010, 1)] {
            let group = of_lock_time(&all, lock_time);
            assert_eq!(group.len(), count);
            let height = lock_time.max(800_000);
            let batch = Batch::build(&group, &BatchTerms { height, ..terms(&coins, 2500) }).unwrap();
            let unsigned = &batch.transaction;
            assert_eq!(unsigned.transaction.lock_time.to_consensus_u32(), lock_time);
            assert_eq!(unsigned.transaction.version, commitment.rules().version);
            let secrets = &channel.secrets;
            let transaction =
                signed(unsigned, &secrets.local, &secrets.remote, &secrets.local.per_commitment);
            assert_eq!(verify(&transaction, &unsigned.prevouts()), Ok(()), "{format} {lock_time}");
            let fee = unsigned.fee.total().unwrap();
            assert_eq!(unsigned.input_value(), unsigned.output_value().unwrap().checked_add(fee));
            assert_eq!(fee, FeerateKw::from_sat_per_kw(2500).fee_ceil(batch.weight.weight()));
            assert!(transaction.weight() <= batch.weight.weight());
            if format.is_taproot() && unsigned.inputs.len() == count + 1 {
                assert_eq!(transaction.weight(), batch.weight.weight());
            }
        }
        assert_eq!(Batch::build(&all, &terms(&coins, 2500)), Err(BatchError::LockTimes));
        let twice = [all[0].clone(), all[0].clone()];
        assert_eq!(Batch::build(&twice, &terms(&coins, 2500)), Err(BatchError::LockTimes));
        assert_eq!(Batch::build(&[], &terms(&coins, 2500)), Err(BatchError::LockTimes));
    }
}

#[test]
fn coins_that_do_not_pay_the_fee_are_refused_to_the_satoshi() {
    let channel = Channel::new(CommitmentFormat::TaprootV3);
    let commitment = channel.commitment(Side::Local, &htlcs(), 0);
    let group = of_lock_time(&resolved(&commitment), 800_010);
    // 645 WU, a coin of 230 and change of 172: 875 sat without and 1,047 with change at 1,000 sat/kW.
    for (sat, change) in [(874, Err(1)), (875, Ok(None)), (1376, Ok(None)), (1377, Ok(Some(330)))] {
        let coins = [coin(0, sat, WalletScript::P2tr)];
        let built = Batch::build(&group, &terms(&coins, 1000));
        let change_paid = built.map(|batch| {
            let unsigned = batch.transaction;
            assert_eq!(unsigned.fee.total(), Some(Amount::from_sat(sat - change.unwrap().unwrap_or(0))));
            unsigned.transaction.output.get(1).map(|output| output.value.to_sat())
        });
        let missing = |sat| BatchError::NotEnough { missing: Amount::from_sat(sat) };
        assert_eq!(change_paid, change.map_err(missing), "{sat}");
    }
}

#[test]
fn an_accepted_htlc_takes_its_preimage() {
    let channel = Channel::new(CommitmentFormat::TaprootV2);
    let commitment = channel.commitment(Side::Local, &htlcs(), 253);
    let mut group = of_lock_time(&resolved(&commitment), 0);
    let coins = [coin(0, 100_000, WalletScript::P2tr)];
    let payment_hash = group[0].transaction.htlc().htlc.payment_hash;
    group[0].preimage = None;
    let refused = BatchError::Preimage(HtlcWitnessError::PreimageMissing { payment_hash });
    assert_eq!(Batch::build(&group, &terms(&coins, 253)), Err(refused));
    group[0].preimage = Some([0xee; 32]);
    let refused = BatchError::Preimage(HtlcWitnessError::WrongPreimage { payment_hash });
    assert_eq!(Batch::build(&group, &terms(&coins, 253)), Err(refused));
}

#[test]
fn a_batch_waits_for_the_commitment_and_for_the_expiry() {
    let channel = Channel::new(CommitmentFormat::TaprootV3);
    let commitment = channel.commitment(Side::Local, &htlcs(), 0);
    let group = of_lock_time(&resolved(&commitment), 800_010);
    let coins = [coin(0, 100_000, WalletScript::P2tr)];
    let build = |confirmation, height| {
        let terms = BatchTerms { confirmation, height, ..terms(&coins, 253) };
        Batch::build(&group, &terms).map(|batch| batch.transaction.inputs.len())
    };
    let confirmed = Confirmation::Height(800_000);
    assert_eq!(build(confirmed, 800_010), Ok(2));
    assert_eq!(build(confirmed, 800_009), Err(BatchError::NotReady { height: 800_009 }));
    assert_eq!(build(Confirmation::Unconfirmed, 800_010), Err(BatchError::NotReady { height: 800_010 }));
}

#[test]
fn coins_come_once_and_not_from_the_commitment() {
    let channel = Channel::new(CommitmentFormat::TaprootV3);
    let commitment = channel.commitment(Side::Local, &htlcs(), 0);
    let group = of_lock_time(&resolved(&commitment), 800_010);
    let mut own = coin(0, 100_000, WalletScript::P2tr);
    own.outpoint = OutPoint { txid: commitment.txid(), vout: 5 };
    let twice = coin(0, 100_000, WalletScript::P2tr);
    for (coins, outpoint) in [(vec![own.clone()], own.outpoint), (vec![twice.clone(); 2], twice.outpoint)] {
        assert_eq!(Batch::build(&group, &terms(&coins, 253)), Err(BatchError::Coin { outpoint }));
    }
}

#[test]
fn an_htlc_close_to_its_expiry_does_not_wait_for_one_that_has_time() {
    for format in FORMATS {
        let channel = Channel::new(format);
        let commitment = channel.commitment(Side::Local, &htlcs(), 253);
        // Two expire at 800,020, one at 800,030: others can take them from the block after that on.
        let group = of_lock_time(&resolved(&commitment), 0);
        let coins = [coin(0, 100_000, WalletScript::P2tr)];
        let expiry = |htlc: &Resolved<'_>| htlc.transaction.htlc().htlc.cltv_expiry.to_height();
        let first = expiry(&group[0]);
        let other = group.iter().find(|htlc| expiry(htlc) != first).unwrap();
        let refused = Err(BatchError::Pressure { outpoint: other.transaction.outpoint() });
        for (height, expected) in
            [(800_008, Ok(())), (800_009, refused), (800_018, refused), (800_019, Ok(()))]
        {
            let terms = BatchTerms { height, ..terms(&coins, 253) };
            assert_eq!(Batch::build(&group, &terms).map(|_| ()), expected, "{format} {height}");
        }
    }
}

#[test]
fn change_never_goes_to_a_data_output() {
    let channel = Channel::new(CommitmentFormat::TaprootV3);
    let commitment = channel.commitment(Side::Local, &htlcs(), 0);
    let group = of_lock_time(&resolved(&commitment), 800_010);
    let coins = [coin(0, 100_000, WalletScript::P2tr)];
    let burning = BatchTerms { change: ScriptBuf::new_op_return([1; 4]), ..terms(&coins, 253) };
    assert_eq!(Batch::build(&group, &burning), Err(BatchError::Unspendable));
}

#[test]
fn what_the_second_level_pays_is_ours_after_the_delay() {
    for format in FORMATS {
        let channel = Channel::new(format);
        let commitment = channel.commitment(Side::Local, &htlcs(), 253);
        let coins = [coin(0, 100_000, WalletScript::P2tr)];
        let batch_terms = BatchTerms { height: 800_000, ..terms(&coins, 253) };
        let batch = Batch::build(&of_lock_time(&resolved(&commitment), 0), &batch_terms).unwrap();
        let outputs: Vec<_> = IdentifiedCommitment::from(&commitment)
            .resolutions(&batch.transaction.transaction)
            .into_iter()
            .filter_map(|resolution| resolution.second_level)
            .collect();
        assert_eq!(outputs.len(), 3);
        let none = BTreeMap::new();
        let confirmed = 800_011;
        let confirmation = Confirmation::Height(confirmed);
        let ready = confirmed + u32::from(DELAYS.local);
        for (height, sweeps) in [(ready - 2, 0), (ready - 1, 1)] {
            let facts = ClaimFacts { height, confirmation, standing: Standing::Valid, preimages: &none };
            let claims = Claims::of(&outputs, Side::Local, &facts).claims;
            let plan = super::claims::terms(253, height).plan(&claims);
            assert_eq!(plan.sweeps.len(), sweeps, "{format} {height}");
            for sweep in &plan.sweeps {
                let (unsigned, secrets) = (&sweep.transaction, &channel.secrets);
                let transaction =
                    signed(unsigned, &secrets.local, &secrets.remote, &secrets.local.per_commitment);
                assert_eq!(verify(&transaction, &unsigned.prevouts()), Ok(()), "{format}");
                assert_eq!((sweep.pressure, sweep.deadline), (Pressure::None, None));
            }
            let peers = Claims::of(&outputs, Side::Remote, &facts);
            assert!(peers.claims.is_empty(), "unrevoked, it is the owner's alone");
        }
    }
}
