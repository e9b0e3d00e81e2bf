//! Children that pay for a commitment, and the packages they make.

use bitcoin::transaction::Version;
use bitcoin::{Amount, OutPoint, ScriptBuf, Transaction, TxOut, Txid, Weight};
use channel_core::{CommitmentFormat, FeerateKw, Msat, PerSide, Side};
use channel_tx::bump::{ChildError, ChildTerms, FeeChild, Package, PackageError, PackagePart, Replaced};
use channel_tx::claim::{ChannelOutput, ChannelRole};
use channel_tx::commitment::{Commitment, OutputRole};
use channel_tx::policy::{INCREMENTAL_RELAY, MAX_CHILD_VBYTES};
use channel_tx::spend::Coin;
use channel_tx::weight::enforcement;
use channel_tx::weight::{OutputKind, WalletScript};

use super::channel::{CAPACITY, Channel, FORMATS, coin, wallet_script};
use super::consensus::verify;
use super::signing::signed;

/// A commitment with both balances; the peer's may be trimmed into the shared anchor.
fn commitment(channel: &Channel, peer_sat: u64, feerate: u32) -> Commitment {
    let balances = PerSide {
        local: Msat::from_msat((CAPACITY - peer_sat) * 1000),
        remote: Msat::from_msat(peer_sat * 1000),
    };
    channel.commitment_of(Side::Local, balances, &[], feerate)
}

pub(crate) fn anchor(commitment: &Commitment) -> ChannelOutput {
    let wanted = [OutputRole::SharedAnchor, OutputRole::LocalAnchor].map(ChannelRole::OnCommitment);
    commitment.channel_outputs().into_iter().find(|output| wanted.contains(&output.role)).unwrap()
}

pub(crate) fn terms<'a>(
    commitment: &'a Commitment,
    anchor: &'a ChannelOutput,
    coins: &'a [Coin],
    feerate: u32,
) -> ChildTerms<'a> {
    ChildTerms {
        parent: PackagePart::of_commitment(commitment),
        anchor,
        coins,
        change: wallet_script(WalletScript::P2tr),
        feerate: FeerateKw::from_sat_per_kw(feerate),
        replaces: None,
    }
}

pub(crate) fn package<'a>(parent: PackagePart<'a>, child: &'a FeeChild) -> Package<'a> {
    let transaction = &child.transaction.transaction;
    Package { parent, child: PackagePart { transaction, weight: child.weight.weight(), fee: child.fee } }
}

#[test]
fn a_child_lifts_the_package_to_the_feerate() {
    for format in FORMATS {
        let channel = Channel::new(format);
        // Without the peer's output the shared anchor holds 0, 200 or 240 sat.
        for peer_sat in [50_000_000, 0, 200, 353] {
            let commitment = commitment(&channel, peer_sat, 253);
            let anchor = anchor(&commitment);
            let coins = [coin(0, 50_000, WalletScript::P2tr), coin(1, 700_000, WalletScript::P2wpkh)];
            for feerate in [253, 1000, 12_500, 50_000] {
                let terms = terms(&commitment, &anchor, &coins, feerate);
                let child = FeeChild::build(&terms).unwrap();
                let package = package(terms.parent, &child);
                let zero_fee_parent = terms.parent.fee == Amount::ZERO;
                if format.is_zero_fee() && !zero_fee_parent {
                    assert_eq!(peer_sat, 353, "what is above 240 sat is the parent's fee");
                }
                let paid = package.check(terms.feerate).unwrap();
                assert!(paid.feerate >= terms.feerate);
                if zero_fee_parent {
                    assert_eq!(paid.fee, terms.feerate.fee_ceil(paid.weight), "not a satoshi more");
                }
                let unsigned = &child.transaction;
                assert_eq!(unsigned.transaction.version, commitment.rules().version);
                assert_eq!(unsigned.input_value(), unsigned.output_value().unwrap().checked_add(child.fee));
                let secrets = &channel.secrets;
                let transaction =
                    signed(unsigned, &secrets.local, &secrets.remote, &secrets.local.per_commitment);
                assert_eq!(verify(&transaction, &unsigned.prevouts()), Ok(()), "{format}");
                if format.is_taproot() && unsigned.inputs.len() == 2 {
                    assert_eq!(transaction.weight(), child.weight.weight());
                }
                assert!(transaction.weight() <= child.weight.weight());
                let named = enforcement::fee_bump_child(
                    format,
                    &[WalletScript::P2tr, WalletScript::P2wpkh][..unsigned.inputs.len() - 1],
                    OutputKind::P2tr,
                );
                assert_eq!(named, Some(child.weight));
            }
        }
    }
}

#[test]
fn the_child_of_a_parent_that_pays_well_pays_for_itself() {
    for format in [CommitmentFormat::SegwitAnchors, CommitmentFormat::TaprootV2] {
        let channel = Channel::new(format);
        let commitment = commitment(&channel, 50_000_000, 20_000);
        let anchor = anchor(&commitment);
        let coins = [coin(0, 100_000, WalletScript::P2tr)];
        let terms = terms(&commitment, &anchor, &coins, 2000);
        let child = FeeChild::build(&terms).unwrap();
        assert_eq!(child.fee, terms.feerate.fee_ceil(child.weight.weight()), "{format}");
    }
}

#[test]
fn change_is_at_least_what_relay_asks_for() {
    let channel = Channel::new(CommitmentFormat::TaprootV3);
    let commitment = commitment(&channel, 50_000_000, 0);
    let anchor = anchor(&commitment);
    // Parent 668 WU; child 4 x (10 + 82 + 43) + 2 + 1 + 66 = 609 WU, 153 vB.
    let fee = 668 + 612;
    for (sat, change) in [(fee + 329, Err(1)), (fee + 330, Ok(330)), (fee + 331, Ok(331))] {
        let coins = [coin(0, sat, WalletScript::P2tr)];
        let built = FeeChild::build(&terms(&commitment, &anchor, &coins, 1000));
        let paid = built.map(|child| child.transaction.transaction.output[0].value.to_sat());
        let missing = |sat| ChildError::NotEnough { missing: Amount::from_sat(sat) };
        assert_eq!(paid, change.map_err(missing), "{sat}");
    }
}

#[test]
fn a_truc_child_has_at_most_a_thousand_virtual_bytes() {
    for format in FORMATS {
        let channel = Channel::new(format);
        let commitment = commitment(&channel, 50_000_000, 253);
        let anchor = anchor(&commitment);
        let coins: Vec<Coin> = (0..40).map(|vout| coin(vout, 1000, WalletScript::P2tr)).collect();
        let built = FeeChild::build(&terms(&commitment, &anchor, &coins, 5000));
        if format.is_zero_fee() {
            let Err(ChildError::TooLarge { vbytes, max }) = built else { panic!("{format}: {built:?}") };
            assert!(vbytes > max && vbytes <= max + 58);
            assert_eq!(max, MAX_CHILD_VBYTES);
        } else {
            assert!(matches!(built, Err(ChildError::NotEnough { .. })), "{format}");
        }
    }
}

#[test]
fn a_child_of_exactly_a_thousand_virtual_bytes_is_allowed() {
    let channel = Channel::new(CommitmentFormat::TaprootV3);
    let commitment = commitment(&channel, 50_000_000, 0);
    let anchor = anchor(&commitment);
    let coins = [coin(0, 900_000, WalletScript::P2tr)];
    // 609 WU with a script of 34 bytes; one of n bytes takes three for its length from 253 on.
    for (script_len, expected) in [(878, Ok(999)), (879, Ok(1000)), (880, Err(1001))] {
        let change = ScriptBuf::from_bytes(vec![0x51; script_len]);
        let terms = ChildTerms { change, ..terms(&commitment, &anchor, &coins, 253) };
        let built = FeeChild::build(&terms).map(|child| child.weight.vbytes());
        let refused = |vbytes| ChildError::TooLarge { vbytes, max: MAX_CHILD_VBYTES };
        assert_eq!(built, expected.map_err(refused), "{script_len}");
    }
}

#[test]
fn each_replacement_outbids_the_one_before() {
    for format in FORMATS {
        let channel = Channel::new(format);
        let commitment = commitment(&channel, 50_000_000, 253);
        let anchor = anchor(&commitment);
        let coins: Vec<Coin> = (0..6).map(|vout| coin(vout, 8_000, WalletScript::P2tr)).collect();
        let first = terms(&commitment, &anchor, &coins, 1000);
        let mut last = FeeChild::build(&first).unwrap();
        // The same feerate again, higher ones, and a lower one.
        for feerate in [1000, 1001, 2000, 8000, 500] {
            let replaces = Some(last.replaced());
            let next =
                FeeChild::build(&ChildTerms { replaces, ..terms(&commitment, &anchor, &coins, feerate) })
                    .unwrap();
            let relay = INCREMENTAL_RELAY.fee_ceil(next.weight.weight());
            assert!(next.fee >= last.fee + relay, "{format} {feerate}");
            let per_weight = |child: &FeeChild, other: &FeeChild| {
                u128::from(child.fee.to_sat()) * u128::from(other.weight.weight().to_wu())
            };
            assert!(per_weight(&next, &last) > per_weight(&last, &next), "{format} {feerate}");
            assert_eq!(next.transaction.fee.total(), Some(next.fee));
            last = next;
        }
    }
}

#[test]
fn a_replacement_of_another_size_has_a_higher_feerate_still() {
    let replaced = Replaced { fee: Amount::from_sat(10_000), weight: Weight::from_wu(1000) };
    assert_eq!(replaced.least_fee(Weight::from_wu(1000)), Amount::from_sat(10_250));
    assert_eq!(replaced.least_fee(Weight::from_wu(500)), Amount::from_sat(10_125));
    assert_eq!(replaced.least_fee(Weight::from_wu(2000)), Amount::from_sat(20_001));
    let absurd = Replaced { fee: Amount::MAX, weight: Weight::ZERO };
    assert_eq!(absurd.least_fee(Weight::MAX), Amount::MAX);
}

#[test]
fn coins_of_the_parent_and_foreign_anchors_are_refused() {
    let channel = Channel::new(CommitmentFormat::TaprootV2);
    let ours = commitment(&channel, 50_000_000, 253);
    let anchor = anchor(&ours);
    let mut unconfirmed = [coin(0, 100_000, WalletScript::P2tr)];
    unconfirmed[0].outpoint = OutPoint { txid: ours.txid(), vout: 3 };
    let refused = ChildError::Coin { outpoint: unconfirmed[0].outpoint };
    assert_eq!(FeeChild::build(&terms(&ours, &anchor, &unconfirmed, 253)), Err(refused));
    let twice = [coin(0, 100, WalletScript::P2tr), coin(0, 100_000, WalletScript::P2tr)];
    let refused = ChildError::Coin { outpoint: twice[0].outpoint };
    assert_eq!(FeeChild::build(&terms(&ours, &anchor, &twice, 253)), Err(refused));
    let coins = [coin(0, 100_000, WalletScript::P2tr)];
    let balance = ours.channel_outputs().into_iter().find(|output| !output.role.is_anchor()).unwrap();
    let refused = ChildError::NoAnchor { outpoint: balance.outpoint };
    assert_eq!(FeeChild::build(&terms(&ours, &balance, &coins, 253)), Err(refused));
    let other = commitment(&channel, 40_000_000, 253);
    let refused = ChildError::NoAnchor { outpoint: anchor.outpoint };
    assert_eq!(FeeChild::build(&terms(&other, &anchor, &coins, 253)), Err(refused));
    let burning =
        ChildTerms { change: ScriptBuf::new_op_return([1; 4]), ..terms(&ours, &anchor, &coins, 253) };
    assert_eq!(FeeChild::build(&burning), Err(ChildError::Unspendable));
}

/// A zero-fee parent with a dust anchor, and its child.
fn dusty(edit: impl FnOnce(&mut Transaction, &mut Transaction)) -> (Transaction, Transaction) {
    let channel = Channel::new(CommitmentFormat::TaprootV3);
    let commitment = commitment(&channel, 200, 0);
    let anchor = anchor(&commitment);
    assert_eq!(anchor.txout.value.to_sat(), 200);
    let coins = [coin(0, 100_000, WalletScript::P2tr)];
    let child = FeeChild::build(&terms(&commitment, &anchor, &coins, 1000)).unwrap();
    let (mut parent, mut child) = (commitment.transaction().clone(), child.transaction.transaction);
    edit(&mut parent, &mut child);
    (parent, child)
}

fn check(
    (parent, child): &(Transaction, Transaction),
    parent_fee: u64,
    weights: (u64, u64),
) -> Result<(), PackageError> {
    let part = |transaction, weight, fee| PackagePart {
        transaction,
        weight: Weight::from_wu(weight),
        fee: Amount::from_sat(fee),
    };
    let package =
        Package { parent: part(parent, weights.0, parent_fee), child: part(child, weights.1, 50_000) };
    package.check(FeerateKw::FLOOR).map(|_| ())
}

#[test]
fn dust_is_ephemeral_or_refused() {
    let usual = (668, 609);
    let good = dusty(|_, _| {});
    assert_eq!(check(&good, 0, usual), Ok(()));
    let dust = |outpoint| Err(PackageError::Dust { outpoint });
    let anchor = OutPoint { txid: good.0.compute_txid(), vout: 0 };
    assert_eq!(check(&good, 1, usual), dust(anchor), "a parent with dust pays nothing");
    let dodging = dusty(|_, child| child.input[0].previous_output.vout = 1);
    assert_eq!(check(&dodging, 0, usual), dust(anchor), "the child spends the dust");
    // A second output of dust; the child follows the new id of the parent.
    let second = dusty(|parent, child| {
        parent.output[1].value = Amount::from_sat(329);
        child.input[0].previous_output.txid = parent.compute_txid();
    });
    let outpoint = OutPoint { txid: second.0.compute_txid(), vout: 1 };
    assert_eq!(check(&second, 0, usual), dust(outpoint));
    let both_spent = dusty(|parent, child| {
        parent.output[1].value = Amount::from_sat(329);
        child.input[0].previous_output.txid = parent.compute_txid();
        child.input[1].previous_output = OutPoint { txid: parent.compute_txid(), vout: 1 };
    });
    let outpoint = OutPoint { txid: both_spent.0.compute_txid(), vout: 1 };
    assert_eq!(check(&both_spent, 0, usual), dust(outpoint), "one is the most there may be");
    let at_limit = dusty(|parent, child| {
        parent.output[1].value = Amount::from_sat(330);
        child.input[0].previous_output.txid = parent.compute_txid();
    });
    assert_eq!(check(&at_limit, 0, usual), Ok(()));
    let of_child = dusty(|_, child| child.output[0].value = Amount::from_sat(329));
    let outpoint = OutPoint { txid: of_child.1.compute_txid(), vout: 0 };
    assert_eq!(check(&of_child, 0, usual), dust(outpoint));
}

#[test]
fn a_package_keeps_the_rules_of_truc() {
    let good = dusty(|_, _| {});
    let too_large = |vbytes, max| Err(PackageError::TooLarge { vbytes, max });
    assert_eq!(check(&good, 0, (40_000, 4000)), Ok(()));
    assert_eq!(check(&good, 0, (40_001, 4000)), too_large(10_001, 10_000));
    assert_eq!(check(&good, 0, (40_000, 4001)), too_large(1001, 1000));
    let mixed = dusty(|_, child| child.version = Version::TWO);
    assert_eq!(check(&mixed, 0, (668, 609)), Err(PackageError::Versions { parent: 3, child: 2 }));
    let stranger = dusty(|_, child| {
        child.input[0].previous_output.txid = {
            use bitcoin::hashes::Hash;
            Txid::from_byte_array([1; 32])
        };
    });
    assert_eq!(check(&stranger, 0, (668, 609)), Err(PackageError::NotAChild));
    let both_two = dusty(|parent, child| {
        parent.version = Version::TWO;
        parent.output[0] = TxOut { value: Amount::from_sat(1000), ..parent.output[0].clone() };
        child.version = Version::TWO;
        child.input[0].previous_output.txid = parent.compute_txid();
    });
    assert_eq!(check(&both_two, 100, (40_001, 4001)), Ok(()), "without trunc rules no sizes of theirs");
}

#[test]
fn a_package_below_the_minimum_is_refused() {
    let good = dusty(|_, _| {});
    let part = |transaction, weight, fee| PackagePart {
        transaction,
        weight: Weight::from_wu(weight),
        fee: Amount::from_sat(fee),
    };
    let package = |fee| Package { parent: part(&good.0, 668, 0), child: part(&good.1, 609, fee) };
    // 167 vB and 153 vB, 1,280 WU, at 253 sat/kW: 323.8 sat.
    assert!(package(324).check(FeerateKw::FLOOR).is_ok());
    let feerate = FeerateKw::from_sat_per_kw(252);
    let refused = PackageError::Feerate { feerate, minimum: FeerateKw::FLOOR };
    assert_eq!(package(323).check(FeerateKw::FLOOR), Err(refused));
}

#[test]
fn the_virtual_bytes_of_each_are_rounded_up_before_they_are_added() {
    let good = dusty(|_, _| {});
    let part = |transaction, weight, fee| PackagePart {
        transaction,
        weight: Weight::from_wu(weight),
        fee: Amount::from_sat(fee),
    };
    // At 1 sat/vB: 168 vB and 153 vB are 321 sat, while 1,278 WU together are 320 vB.
    let minimum = FeerateKw::from_sat_per_kw(250);
    let package = |fee| Package { parent: part(&good.0, 669, 0), child: part(&good.1, 609, fee) };
    assert_eq!(package(321).check(minimum).map(|paid| paid.weight.to_wu()), Ok(4 * 321));
    let feerate = FeerateKw::from_sat_per_kw(249);
    assert_eq!(package(320).check(minimum), Err(PackageError::Feerate { feerate, minimum }));
}

#[test]
fn the_parents_weight_and_fee_are_those_of_the_signed_commitment() {
    use super::channel::htlcs;
    use bitcoin::Witness;

    for format in FORMATS {
        let channel = Channel::new(format);
        for (peer_sat, with_htlcs) in [(50_000_000, true), (50_000_000, false), (0, false)] {
            let commitment = if with_htlcs {
                channel.commitment(Side::Local, &htlcs(), 253)
            } else {
                commitment(&channel, peer_sat, 253)
            };
            let part = PackagePart::of_commitment(&commitment);
            assert_eq!(part.fee, commitment.fee().total(), "{format}");
            let mut transaction = commitment.transaction().clone();
            transaction.input[0].witness = if format.is_taproot() {
                Witness::from_slice(&[[0; 64]])
            } else {
                Witness::from_slice(&[&[][..], &[0; 73], &[0; 73], &[0; 71]])
            };
            assert_eq!(part.weight, transaction.weight(), "{format}");
        }
    }
}
