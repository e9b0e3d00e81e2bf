//! Splices a coin into a channel and pays somebody out of it in one transaction, raises its fee, and closes the channel
//! on the new funding output: `cargo run -p channel-tx --example splice`.

use std::error::Error;

use bitcoin::absolute::LockTime;
use bitcoin::hashes::Hash;
use bitcoin::secp256k1::{PublicKey, Secp256k1, SecretKey};
use bitcoin::{Amount, OutPoint, ScriptBuf, SignedAmount, TxOut, Txid};
use channel_core::commitment::{CommitmentSpec, CommitmentTerms};
use channel_core::dust::TrimLimit;
use channel_core::{CommitmentFormat, CsvDelay, FeerateKw, Msat, PerSide, Side};
use channel_tx::close::{CloseProposal, ClosingChannel, ShutdownScript, WorthKeeping};
use channel_tx::commitment::CommitmentBuilder;
use channel_tx::funding::Contribution;
use channel_tx::keys::Basepoints;
use channel_tx::spend::{Coin, UnsignedTransaction};
use channel_tx::splice::Splice;
use channel_tx::weight::WalletScript;

#[expect(clippy::print_stdout, reason = "this is what the program is for")]
fn main() -> Result<(), Box<dyn Error>> {
    let channel = channel()?;
    let balances = PerSide { local: Msat::from_msat(600_000_000), remote: Msat::from_msat(400_000_000) };
    let spec = CommitmentSpec::new(balances, FeerateKw::ZERO)?;

    // A coin of 500,000 sat: 250,000 into the channel, 100,000 to somebody, the rest is fee and change.
    let (amount, change) = (SignedAmount::from_sat(250_000), p2tr(0x31)?);
    let mut contribution = Contribution::exact(Side::Local, vec![coin(0x30, 500_000)?], amount, change);
    contribution.outputs.push(TxOut { value: Amount::from_sat(100_000), script_pubkey: p2tr(0x32)? });
    let feerate = FeerateKw::from_sat_per_vb(2)?;
    let keys = PerSide { local: key(0x21)?, remote: key(0x22)? };
    let splice = Splice::new(&channel, &spec, keys, vec![contribution], feerate);
    let first = splice.build()?;
    println!("splice at {feerate}: {} WU", first.transaction.weight.to_wu());
    print(&first.transaction.unsigned)?;

    // It does not confirm: the next candidate spends the same funding output and pays more.
    let higher = first.transaction.next_feerate().ok_or("no higher feerate")?;
    let next = Splice { feerate: higher, ..splice }.replace(&first)?;
    println!("replacement at {higher}");
    print(&next.transaction.unsigned)?;
    println!("  capacity {}, local {}", next.transaction.capacity, next.spec.balance(Side::Local));

    let channel = ClosingChannel::new(&next.builder, &next.spec)?;
    let scripts =
        PerSide { local: ShutdownScript::new(p2tr(0x33)?)?, remote: ShutdownScript::new(p2tr(0x34)?)? };
    let fee = channel.fee_at(&scripts, feerate);
    let proposal = CloseProposal { closer: Side::Local, scripts, fee, lock_time: LockTime::ZERO };
    for offer in channel.offers(&proposal, WorthKeeping::ALL)? {
        println!("close, {}", offer.variant);
        print(&offer.unsigned)?;
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this is what the program is for")]
fn print(unsigned: &UnsignedTransaction) -> Result<(), Box<dyn Error>> {
    println!("  {}", unsigned.txid());
    for (index, input) in unsigned.inputs.iter().enumerate() {
        let digest = unsigned.digest(index)?;
        println!("  in  {:>9} sat, sign {:02x}{:02x}..", input.prevout.value.to_sat(), digest[0], digest[1]);
    }
    for output in &unsigned.transaction.output {
        println!("  out {:>9} sat to {:x}", output.value.to_sat(), output.script_pubkey);
    }
    println!("  fee {:?}", unsigned.fee);
    Ok(())
}

fn channel() -> Result<CommitmentBuilder, Box<dyn Error>> {
    let basepoints = |byte| -> Result<Basepoints, Box<dyn Error>> {
        Ok(Basepoints {
            funding: key(byte)?,
            revocation: key(byte + 1)?,
            payment: key(byte + 2)?,
            delayed_payment: key(byte + 3)?,
            htlc: key(byte + 4)?,
        })
    };
    let (format, limit, delay) = (CommitmentFormat::TaprootV3, Amount::from_sat(354), CsvDelay::new(720)?);
    let terms = CommitmentTerms {
        format,
        opener: Side::Local,
        capacity: Amount::from_sat(1_000_000),
        trim: PerSide {
            local: TrimLimit::negotiated(format, Side::Local, limit)?,
            remote: TrimLimit::negotiated(format, Side::Remote, limit)?,
        },
    };
    let points = PerSide { local: basepoints(0x11)?, remote: basepoints(0x19)? };
    let outpoint = OutPoint { txid: Txid::from_byte_array([0x01; 32]), vout: 0 };
    Ok(CommitmentBuilder::new(terms, outpoint, points, PerSide { local: delay, remote: delay })?)
}

fn coin(byte: u8, value: u64) -> Result<Coin, Box<dyn Error>> {
    let outpoint = OutPoint { txid: Txid::from_byte_array([byte; 32]), vout: 0 };
    let txout = TxOut { value: Amount::from_sat(value), script_pubkey: p2tr(byte)? };
    Ok(Coin { outpoint, txout, script: WalletScript::P2tr, origin: None })
}

fn p2tr(byte: u8) -> Result<ScriptBuf, Box<dyn Error>> {
    let (internal, _) = key(byte)?.x_only_public_key();
    Ok(ScriptBuf::new_p2tr(&Secp256k1::verification_only(), internal, None))
}

fn key(byte: u8) -> Result<PublicKey, Box<dyn Error>> {
    Ok(SecretKey::from_slice(&[byte; 32])?.public_key(&Secp256k1::new()))
}
