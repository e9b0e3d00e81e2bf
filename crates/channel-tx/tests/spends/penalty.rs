//! Penalties: of revoked commitments, of what the cheater made of them, at the edges of the size rules.

use std::collections::BTreeSet;

use bitcoin::{OutPoint, Transaction};
use channel_core::htlc::Htlc;
use channel_core::{CommitmentFormat, Side};
use channel_tx::claim::second_level::{Batch, BatchTerms, Resolved};
use channel_tx::claim::{
    ChannelRole, ClaimPath, Confirmation, LeftOut, Pressure, Sweep, SweepError, identify,
};
use channel_tx::commitment::Commitment;
use channel_tx::penalty::Breach;
use channel_tx::policy::{MAX_CHILD_VBYTES, MAX_TRUC_VBYTES};
use channel_tx::weight::WalletScript;

use super::channel::{Channel, DELAYS, FORMATS, coin, htlc, htlcs, payment_hash, preimage, wallet_script};
use super::claims::terms;
use super::consensus::verify;
use super::signing::signed;

const CONFIRMED: u32 = 700_000;

pub(crate) fn breach(channel: &Channel, commitment: &Commitment, htlcs: &[Htlc]) -> Breach {
    let state = channel.state(Side::Remote);
    let found = identify(&channel.builder, commitment.transaction(), Side::Remote, &state, htlcs).unwrap();
    Breach::new(found, Confirmation::Height(CONFIRMED))
}

pub(crate) fn sign_penalty(channel: &Channel, sweep: &Sweep) -> Transaction {
    let secrets = &channel.secrets;
    signed(&sweep.transaction, &secrets.local, &secrets.remote, &secrets.remote.per_commitment)
}

fn spent(sweeps: &[Sweep]) -> BTreeSet<OutPoint> {
    let inputs = sweeps.iter().flat_map(|sweep| &sweep.transaction.transaction.input);
    inputs.map(|input| input.previous_output).collect()
}

#[test]
fn everything_of_a_revoked_commitment_is_taken() {
    for format in FORMATS {
        let channel = Channel::new(format);
        let commitment = channel.commitment(Side::Remote, &htlcs(), 253);
        let breach = breach(&channel, &commitment, &htlcs());
        let plan = breach.penalties(&terms(253, CONFIRMED));
        assert!(plan.left_out.is_empty());
        let anchors = if format.is_zero_fee() { 1 } else { 2 };
        assert_eq!(spent(&plan.sweeps).len() + anchors, commitment.transaction().output.len());
        let pressures: Vec<_> = plan.sweeps.iter().map(|sweep| sweep.pressure).collect();
        assert_eq!(pressures, [Pressure::Now, Pressure::Later, Pressure::None]);
        let deadline = CONFIRMED + u32::from(DELAYS.remote) - 1;
        assert_eq!(plan.sweeps[1].deadline, Some(deadline), "to_local, before the cheater can take it");
        for sweep in &plan.sweeps {
            let transaction = sign_penalty(&channel, sweep);
            assert_eq!(verify(&transaction, &sweep.transaction.prevouts()), Ok(()), "{format}");
            if format.is_taproot() {
                assert_eq!(transaction.weight(), sweep.weight.weight());
            } else {
                assert!(transaction.weight() <= sweep.weight.weight());
            }
        }
    }
}

/// The cheater's HTLC transactions: what it offered at expiry 800,000 and what it accepted, joined or one by one.
fn cheat(channel: &Channel, commitment: &Commitment, preimages: &[u8], joined: bool) -> Vec<Transaction> {
    let coins = [coin(0, 1_000_000, WalletScript::P2tr)];
    let terms = BatchTerms {
        height: CONFIRMED + 4,
        confirmation: Confirmation::Height(CONFIRMED),
        coins: &coins,
        change: wallet_script(WalletScript::P2tr),
        feerate: channel_core::FeerateKw::from_sat_per_kw(253),
    };
    let resolved: Vec<Resolved<'_>> = commitment
        .htlc_transactions()
        .filter_map(|transaction| {
            let hash = transaction.htlc().htlc.payment_hash;
            let known =
                preimages.iter().find(|byte| payment_hash(**byte) == hash).map(|byte| preimage(*byte));
            let accepted = transaction.htlc().htlc.offered_by == Side::Local;
            (accepted && known.is_some()).then_some(Resolved { transaction, preimage: known })
        })
        .collect();
    let groups: Vec<&[Resolved<'_>]> = if joined { vec![&resolved] } else { resolved.chunks(1).collect() };
    let secrets = &channel.secrets;
    groups
        .into_iter()
        .map(|group| {
            let batch = Batch::build(group, &terms).unwrap();
            signed(&batch.transaction, &secrets.remote, &secrets.local, &secrets.remote.per_commitment)
        })
        .collect()
}

#[test]
fn the_second_level_of_the_cheater_is_punished_joined_or_not() {
    for format in FORMATS {
        for joined in [true, false] {
            let channel = Channel::new(format);
            let commitment = channel.commitment(Side::Remote, &htlcs(), 253);
            let mut breach = breach(&channel, &commitment, &htlcs());
            let cheats = cheat(&channel, &commitment, &[1], joined);
            let mut second_level = BTreeSet::new();
            for transaction in &cheats {
                let resolutions = breach.spent_by(transaction, Confirmation::Height(CONFIRMED + 5));
                for resolution in resolutions {
                    assert_eq!(
                        resolution.preimage,
                        Some(preimage(1)),
                        "the preimage is read off the witness"
                    );
                    let output = resolution.second_level.unwrap();
                    assert_eq!(output.outpoint.vout as usize, resolution.input, "input i leads to output i");
                    assert!(matches!(output.role, ChannelRole::SecondLevel(_)));
                    second_level.insert(output.outpoint);
                }
            }
            assert_eq!(second_level.len(), 3);
            let plan = breach.penalties(&terms(253, CONFIRMED + 5));
            let taken = spent(&plan.sweeps);
            assert!(second_level.is_subset(&taken));
            assert_eq!(taken.len(), 2 + 3 + 3, "balances, three htlcs, three second-level outputs");
            for sweep in &plan.sweeps {
                let transaction = sign_penalty(&channel, sweep);
                assert_eq!(verify(&transaction, &sweep.transaction.prevouts()), Ok(()), "{format}");
            }
            for transaction in &cheats {
                breach.unspent_by(transaction);
            }
            let plan = breach.penalties(&terms(253, CONFIRMED + 5));
            assert!(spent(&plan.sweeps).is_disjoint(&second_level), "a reorganisation takes them back");
            assert_eq!(spent(&plan.sweeps).len(), 8);
        }
    }
}

#[test]
fn a_penalty_that_confirmed_leaves_nothing_of_what_it_took() {
    let channel = Channel::new(CommitmentFormat::TaprootV3);
    let commitment = channel.commitment(Side::Remote, &htlcs(), 0);
    let mut breach = breach(&channel, &commitment, &htlcs());
    let cheat = cheat(&channel, &commitment, &[1], true).remove(0);
    breach.spent_by(&cheat, Confirmation::Height(CONFIRMED + 1));
    let terms = terms(253, CONFIRMED + 1);
    let plan = breach.penalties(&terms);
    for sweep in &plan.sweeps {
        breach.spent_by(&sign_penalty(&channel, sweep), Confirmation::Height(CONFIRMED + 2));
    }
    assert!(breach.claims(CONFIRMED + 2).claims.is_empty());
}

#[test]
fn the_penalty_of_an_unconfirmed_second_level_is_one_child_of_a_thousand_virtual_bytes() {
    let many: Vec<Htlc> = (0..30).map(|id| htlc(id, Side::Local, 100_000 + id, 1, 800_000)).collect();
    for format in FORMATS {
        let channel = Channel::new(format);
        let commitment = channel.commitment(Side::Remote, &many, 253);
        let mut breach = breach(&channel, &commitment, &many);
        let cheats = cheat(&channel, &commitment, &[1], true);
        breach.spent_by(&cheats[0], Confirmation::Unconfirmed);
        let plan = breach.penalties(&terms(253, CONFIRMED));
        let txid = cheats[0].compute_txid();
        let children: Vec<&Sweep> = plan
            .sweeps
            .iter()
            .filter(|sweep| sweep.transaction.transaction.input[0].previous_output.txid == txid)
            .collect();
        let [child] = children[..] else { panic!("one child") };
        let inputs = &child.transaction.transaction.input;
        assert!(inputs.iter().all(|input| input.previous_output.txid == txid), "one parent");
        let full = plan.left_out.iter().filter(|(_, why)| *why == LeftOut::ChildFull).count();
        assert_eq!(inputs.len() + full, 30);
        if format.is_zero_fee() {
            assert_eq!(child.transaction.transaction.version.0, 3);
            assert!(child.weight.vbytes() <= MAX_CHILD_VBYTES);
            assert!(full > 0);
            let smallest = child.transaction.prevouts().iter().map(|output| output.value).min();
            assert!(smallest.unwrap().to_sat() > 100_000 + full as u64 - 1, "the largest outputs come first");
        } else {
            assert_eq!((child.transaction.transaction.version.0, full), (2, 0));
        }
        let transaction = sign_penalty(&channel, child);
        assert_eq!(verify(&transaction, &child.transaction.prevouts()), Ok(()), "{format}");
    }
}

#[test]
fn the_largest_commitments_are_punished_in_batches() {
    for format in FORMATS {
        let each = u64::from(format.max_accepted_htlcs());
        let all: Vec<Htlc> = Side::ALL
            .into_iter()
            .flat_map(|side| (0..each).map(move |id| htlc(id, side, 10_000, 1, 800_000)))
            .collect();
        let channel = Channel::new(format);
        let commitment = channel.commitment(Side::Remote, &all, 253);
        // So late that all but our own balance can be taken by the cheater soon: one cluster.
        let plan = breach(&channel, &commitment, &all).penalties(&terms(253, 800_000));
        assert!(plan.left_out.is_empty());
        assert_eq!(spent(&plan.sweeps).len(), 2 + 2 * usize::try_from(each).unwrap(), "each equal htlc once");
        for sweep in &plan.sweeps {
            assert!(sweep.weight.vbytes() <= MAX_TRUC_VBYTES);
        }
        let largest = plan.sweeps.iter().map(|sweep| sweep.weight.vbytes()).max().unwrap();
        assert!(largest > MAX_TRUC_VBYTES - 160, "{format}: {largest}");
    }
}

#[test]
fn a_batch_of_one_input_too_many_is_refused() {
    let many: Vec<Htlc> = (0..114)
        .map(|id| htlc(id, Side::Local, 10_000, 1, 800_000))
        .chain((0..114).map(|id| htlc(id, Side::Remote, 10_000, 1, 800_000)))
        .collect();
    let channel = Channel::new(CommitmentFormat::TaprootV3);
    let commitment = channel.commitment(Side::Remote, &many, 0);
    let claims = breach(&channel, &commitment, &many).claims(CONFIRMED).claims;
    let htlcs: Vec<_> = claims
        .iter()
        .filter(|claim| {
            claim.spend.path == ClaimPath::Revoked
                && claim.role.htlc().is_some()
                && claim.competition.pressure(800_000) == Pressure::Now
        })
        .collect();
    let terms = terms(253, 800_000);
    // 230 n + 214 WU: 172 inputs are 9,943.5 vB, 173 are 10,001.
    assert_eq!(terms.build(&htlcs[..172]).unwrap().weight.vbytes(), 9944);
    let refused = SweepError::TooLarge { vbytes: 10_001, max: MAX_TRUC_VBYTES };
    assert_eq!(terms.build(&htlcs[..173]).err(), Some(refused));
}

#[test]
fn a_size_of_exactly_ten_thousand_virtual_bytes_is_allowed() {
    use bitcoin::ScriptBuf;
    use channel_tx::claim::SweepTerms;

    let many: Vec<Htlc> =
        (0..114).flat_map(|id| Side::ALL.map(|side| htlc(id, side, 10_000, 1, 800_000))).collect();
    let channel = Channel::new(CommitmentFormat::TaprootV3);
    let commitment = channel.commitment(Side::Remote, &many, 0);
    let claims = breach(&channel, &commitment, &many).claims(CONFIRMED).claims;
    let htlcs: Vec<_> = claims.iter().filter(|claim| claim.role.htlc().is_some()).collect();
    let htlcs: Vec<_> = htlcs.into_iter().take(172).collect();
    for (script_len, vbytes) in [(89, Ok(9999)), (90, Ok(10_000)), (91, Err(10_001))] {
        // A P2TR script has 34 bytes; each byte more is one vB.
        let destination = ScriptBuf::from_bytes(vec![0x51; script_len]);
        let terms = SweepTerms { destination, ..terms(253, 800_000) };
        let built = terms.build(&htlcs).map(|sweep| sweep.weight.vbytes());
        let expected = vbytes.map_err(|vbytes| SweepError::TooLarge { vbytes, max: MAX_TRUC_VBYTES });
        assert_eq!(built, expected, "{script_len}");
        let claims: Vec<_> = htlcs.iter().map(|claim| (*claim).clone()).collect();
        let plan = terms.plan(&claims);
        assert_eq!(plan.sweeps.len(), if expected.is_ok() { 1 } else { 2 }, "what does not fit follows");
        assert_eq!(spent(&plan.sweeps).len(), 172);
    }
}

#[test]
fn htlcs_that_are_not_stored_are_punished_at_their_second_level() {
    for format in FORMATS {
        let channel = Channel::new(format);
        let commitment = channel.commitment(Side::Remote, &htlcs(), 253);
        let mut breach = breach(&channel, &commitment, &[]);
        assert_eq!(breach.commitment().unknown.len(), 6);
        let cheat = cheat(&channel, &commitment, &[1], true).remove(0);
        let resolutions = breach.spent_by(&cheat, Confirmation::Height(CONFIRMED + 1));
        assert_eq!(resolutions.len(), 3);
        for resolution in &resolutions {
            assert_eq!((resolution.role, resolution.preimage), (None, None));
            let output = resolution.second_level.as_ref().unwrap();
            assert_eq!(output.role, ChannelRole::SecondLevel(None));
        }
        let plan = breach.penalties(&terms(253, CONFIRMED + 1));
        assert_eq!(spent(&plan.sweeps).len(), 2 + 3, "{format}");
        for sweep in &plan.sweeps {
            let transaction = sign_penalty(&channel, sweep);
            assert_eq!(verify(&transaction, &sweep.transaction.prevouts()), Ok(()), "{format}");
        }
    }
}

#[test]
fn nothing_is_punished_above_an_unconfirmed_commitment() {
    for format in FORMATS {
        let channel = Channel::new(format);
        let commitment = channel.commitment(Side::Remote, &htlcs(), 253);
        let mut breach = breach(&channel, &commitment, &htlcs());
        breach.found(Confirmation::Unconfirmed);
        let cheat = cheat(&channel, &commitment, &[1], true).remove(0);
        breach.spent_by(&cheat, Confirmation::Unconfirmed);
        let plan = breach.penalties(&terms(253, CONFIRMED));
        assert!(plan.sweeps.is_empty(), "{format}");
        assert_eq!(plan.left_out.len(), 8);
        assert!(plan.left_out.iter().all(|(_, why)| *why == LeftOut::Unconfirmed));
        breach.found(Confirmation::Height(CONFIRMED));
        assert_eq!(spent(&breach.penalties(&terms(253, CONFIRMED)).sweeps).len(), 8);
    }
}

/// The same HTLCs, resolved by another transaction.
fn replaced(cheat: &Transaction) -> Transaction {
    let mut replacement = cheat.clone();
    replacement.output.last_mut().unwrap().value -= bitcoin::Amount::from_sat(1000);
    assert_ne!(replacement.compute_txid(), cheat.compute_txid());
    replacement
}

#[test]
fn a_transaction_that_was_replaced_frees_nothing_of_what_its_replacement_spends() {
    for format in FORMATS {
        let channel = Channel::new(format);
        let commitment = channel.commitment(Side::Remote, &htlcs(), 253);
        let mut breach = breach(&channel, &commitment, &htlcs());
        let first = cheat(&channel, &commitment, &[1], true).remove(0);
        let second = replaced(&first);
        let confirmed = Confirmation::Height(CONFIRMED + 5);
        breach.spent_by(&first, Confirmation::Unconfirmed);
        breach.spent_by(&second, confirmed);
        let taken = |breach: &Breach| spent(&breach.penalties(&terms(253, CONFIRMED + 5)).sweeps);
        let expected = taken(&breach);
        let follows = |transaction: &Transaction, outpoints: &BTreeSet<OutPoint>| {
            let txid = transaction.compute_txid();
            outpoints.iter().filter(|outpoint| outpoint.txid == txid).count()
        };
        assert_eq!((follows(&first, &expected), follows(&second, &expected)), (0, 3), "{format}");
        breach.unspent_by(&first);
        assert_eq!(taken(&breach), expected, "{format}: the outputs are spent still");
        // News of the mempool that comes late, or of a rival of what is in a block.
        breach.spent_by(&first, Confirmation::Unconfirmed);
        assert_eq!(taken(&breach), expected, "{format}: a block decides");
        // The penalty of the second level, replaced in its turn.
        let plan = breach.penalties(&terms(253, CONFIRMED + 5));
        let of_second = |sweep: &&Sweep| follows(&second, &spent(core::slice::from_ref(*sweep))) > 0;
        let penalty = sign_penalty(&channel, plan.sweeps.iter().find(of_second).unwrap());
        let bumped = replaced(&penalty);
        breach.spent_by(&penalty, Confirmation::Unconfirmed);
        breach.spent_by(&bumped, Confirmation::Unconfirmed);
        breach.unspent_by(&penalty);
        assert_eq!(follows(&second, &taken(&breach)), 0, "{format}: the later penalty holds them");
        breach.unspent_by(&bumped);
        assert_eq!(taken(&breach), expected, "{format}");
        // A reorganisation takes the confirmed one back to the mempool, and then out of it.
        breach.spent_by(&second, Confirmation::Unconfirmed);
        breach.spent_by(&first, confirmed);
        assert_eq!(follows(&first, &taken(&breach)), 3, "{format}");
        breach.unspent_by(&first);
        assert_eq!(taken(&breach).len(), 8, "{format}: all of the commitment is there again");
    }
}
