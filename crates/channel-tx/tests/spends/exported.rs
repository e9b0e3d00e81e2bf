//! Claims, batches and children as PSBTs: each hint describes the script it spends.

use channel_core::{FeerateKw, Side};
use channel_tx::bump::{ChildTerms, FeeChild, PackagePart};
use channel_tx::claim::Confirmation;
use channel_tx::claim::second_level::{Batch, BatchTerms, Resolved};
use channel_tx::psbt::{ImportedInput, export, import};
use channel_tx::spend::UnsignedTransaction;
use channel_tx::weight::WalletScript;

use super::channel::{CAPACITY, Channel, FORMATS, coin, htlcs, preimage, wallet_script};
use super::claims::terms;
use super::penalty::breach;

/// Out and back: every prevout is there, and channel inputs are known as such.
fn round_trip(unsigned: &UnsignedTransaction, channel_inputs: usize) {
    let psbt = export(unsigned, &[]).unwrap();
    let prevouts: Vec<_> = psbt.inputs.iter().filter_map(|input| input.witness_utxo.clone()).collect();
    assert_eq!(prevouts, unsigned.prevouts());
    let imported = import(&psbt, unsigned).unwrap();
    let known = imported.inputs().iter().filter(|input| **input == ImportedInput::Channel).count();
    assert_eq!(known, channel_inputs);
}

#[test]
fn penalties_batches_and_children_are_exported() {
    for format in FORMATS {
        let channel = Channel::new(format);
        let revoked = channel.commitment(Side::Remote, &htlcs(), 253);
        for sweep in breach(&channel, &revoked, &htlcs()).penalties(&terms(253, 700_000)).sweeps {
            round_trip(&sweep.transaction, sweep.transaction.inputs.len());
        }
        let own = channel.commitment(Side::Local, &htlcs(), 253);
        let coins = [coin(0, CAPACITY, WalletScript::P2tr)];
        for transaction in own.htlc_transactions() {
            let byte = if transaction.htlc().value.to_sat() == 250_000 { 3 } else { 2 };
            let group = [Resolved { transaction, preimage: Some(preimage(byte)) }];
            let batch_terms = BatchTerms {
                coins: &coins,
                change: wallet_script(WalletScript::P2tr),
                feerate: FeerateKw::FLOOR,
                confirmation: Confirmation::Height(1),
                height: 900_000,
            };
            round_trip(&Batch::build(&group, &batch_terms).unwrap().transaction, 1);
        }
        for anchor in own.channel_outputs().iter().filter(|output| output.role.is_anchor()) {
            let child_terms = ChildTerms {
                parent: PackagePart::of_commitment(&own),
                anchor,
                coins: &coins,
                change: wallet_script(WalletScript::P2tr),
                feerate: FeerateKw::FLOOR,
                replaces: None,
            };
            let child = FeeChild::build(&child_terms).unwrap();
            round_trip(&child.transaction, usize::from(!format.is_zero_fee()));
        }
    }
}
