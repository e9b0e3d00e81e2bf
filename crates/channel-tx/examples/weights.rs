//! Prints what the transactions of a channel weigh in every commitment format, and what they cost at a feerate:
//! `cargo run -p channel-tx --example weights -- 5` for 5 sat/vB.

use std::error::Error;
use std::io::{self, Write};

use channel_core::{CommitmentFormat, FeerateKw};
use channel_tx::weight::enforcement::{
    MainOutputs, RevokedCommitment, commitment, fee_bump_child, htlc_success, htlc_timeout, penalty,
};
use channel_tx::weight::funding::{SplicedChannel, cross_splice, mutual_close, open, splice_in, splice_out};
use channel_tx::weight::{
    OutputKind, SpendPath, TYPICAL_DELAY, TYPICAL_EXPIRY, TransactionWeight, WalletScript,
};

fn main() -> Result<(), Box<dyn Error>> {
    let feerate: FeerateKw = std::env::args().nth(1).unwrap_or_else(|| "10".into()).parse()?;
    let mut out = io::stdout().lock();
    for format in CommitmentFormat::ALL {
        writeln!(out, "{format:?} at {feerate}\n  {:<34} {:>7} {:>7} {:>9}", "", "WU", "vB", "sat")?;
        for (name, transaction) in transactions(format) {
            let fee = feerate.fee_ceil(transaction.weight()).to_sat();
            let (weight, vbytes) = (transaction.weight().to_wu(), transaction.vbytes());
            writeln!(out, "  {name:<34} {weight:>7} {vbytes:>7} {fee:>9}")?;
        }
        for (name, path) in inputs() {
            let weight = path.input(format).weight();
            let (fee, vbytes) = (feerate.fee_ceil(weight).to_sat(), weight.to_vbytes_ceil());
            writeln!(out, "  {name:<34} {:>7} {vbytes:>7} {fee:>9}", weight.to_wu())?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// The transactions, with a wallet of the format's own kind.
fn transactions(format: CommitmentFormat) -> Vec<(&'static str, TransactionWeight)> {
    let coin = if format.is_taproot() { WalletScript::P2tr } else { WalletScript::P2wpkh };
    let (output, channel) = (coin.output(), SplicedChannel::from(format));
    let revoked = RevokedCommitment {
        to_self_delay: TYPICAL_DELAY,
        main: MainOutputs::Both,
        offered_htlcs: 5,
        accepted_htlcs: &[TYPICAL_EXPIRY; 5],
        second_level: 0,
    };
    let mut rows = vec![
        ("open, one coin and change", open(format, &[coin], Some(output))),
        ("mutual close, two outputs", mutual_close(format, output, Some(output))),
        ("splice-in, one coin and change", splice_in(format, &[coin], Some(output))),
        ("splice-out", splice_out(format, output)),
        ("cross-splice of two channels", cross_splice(&[channel; 2])),
        ("cross-splice of three channels", cross_splice(&[channel; 3])),
        ("commitment, no HTLC", commitment(format, MainOutputs::Both, 0)),
        ("commitment, ten HTLCs", commitment(format, MainOutputs::Both, 10)),
        ("HTLC-timeout", htlc_timeout(format)),
        ("HTLC-success", htlc_success(format, TYPICAL_EXPIRY)),
        ("penalty, ten HTLCs", penalty(format, &revoked, OutputKind::P2tr)),
    ];
    rows.extend(fee_bump_child(format, &[coin], output).map(|child| ("fee bump child, one coin", child)));
    rows
}

fn inputs() -> [(&'static str, SpendPath); 4] {
    [
        ("input: to_local after the delay", SpendPath::ToLocalDelayed(TYPICAL_DELAY)),
        ("input: to_remote", SpendPath::ToRemote),
        ("input: claim with preimage", SpendPath::ClaimWithPreimage),
        ("input: claim at timeout", SpendPath::ClaimAtTimeout(TYPICAL_EXPIRY)),
    ]
}
