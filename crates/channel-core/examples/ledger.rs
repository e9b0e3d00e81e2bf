//! A channel from its creation to a splice, on the ledger alone: `cargo run -p channel-core --example ledger`.
#![allow(clippy::print_stdout, reason = "an example shows what happens")]

use std::error::Error;

use channel_core::bitcoin::hashes::Hash;
use channel_core::bitcoin::{Amount, OutPoint, Txid};
use channel_core::ledger::{
    DustFreeChannelManager, LedgerChannel, NewChannel, PayError, Payment, SpliceAction, SpliceRequest,
    SplicingManager, WalletInputs,
};
use channel_core::{FeerateKw, Msat, Side};

fn main() -> Result<(), Box<dyn Error>> {
    let on_chain = FeerateKw::from_sat_per_vb(5)?;
    let mut ledger = DustFreeChannelManager::default();
    let id = ledger
        .create(NewChannel {
            funding: outpoint(b"funding"),
            opener: Side::Local,
            capacity: Amount::from_sat(50_000),
            local_balance: Msat::from_sat(25_000)?,
        })?
        .id();
    println!("channel {id}");
    show("created", ledger.channel(id).ok_or("just created")?);

    for (from, sat) in [(Side::Local, 10_000), (Side::Remote, 5_000), (Side::Local, 200)] {
        ledger.pay(id, Payment::direct(from, Msat::from_sat(sat)?))?;
        show(&format!("{from} side pays {sat} sat"), ledger.channel(id).ok_or("still there")?);
    }
    match ledger.pay(id, Payment::direct(Side::Local, Msat::from_sat(20_000)?)) {
        Err(refusal @ PayError::Refused { nearest, .. }) => {
            println!("refused: {refusal}; payable: {nearest}");
        }
        other => println!("unexpected: {other:?}"),
    }

    let dust = ledger.dust_report(id)?;
    println!("dust: {} in balances, {} trimmed at worst", dust.total(), dust.worst_trimmed());

    let action = SpliceAction::In {
        amount: Amount::from_sat(10_000),
        inputs: WalletInputs { count: 1, total: Amount::from_sat(25_000) },
    };
    let request = SpliceRequest::by(Side::Local, action, on_chain, outpoint(b"splice"));
    let mut splicer = SplicingManager::new();
    let channel = ledger.channel_mut(id).ok_or("still there")?;
    let record = splicer.splice(channel, &request)?;
    channel.lock_splice();
    show("splice-in of 10000 sat", channel);
    let part = record.parts.local;
    println!("  fee {} sat, change {} sat", part.fee.to_sat(), part.output.to_sat());

    for row in ledger.optimise(on_chain)?.channels() {
        println!("imbalance {} ppm, local pays {} to be even", row.imbalance_ppm, row.to_even);
    }
    Ok(())
}

/// An outpoint made from a name; a real one comes from the funding transaction.
fn outpoint(name: &[u8]) -> OutPoint {
    OutPoint { txid: Txid::hash(name), vout: 0 }
}

fn show(what: &str, channel: &LedgerChannel) {
    let [local, remote] =
        [Side::Local, Side::Remote].map(|side| channel.balance(side).to_sat_floor().to_sat());
    println!("{what}: {local} + {remote} = {} sat", channel.capacity().to_sat());
}
