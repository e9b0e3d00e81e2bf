//! The weight of every transaction.

use channel_core::CommitmentFormat;
use channel_tx::weight::enforcement::{
    MainOutputs, RevokedCommitment, commitment, fee_bump_child, htlc_success, htlc_timeout, penalty,
};
use channel_tx::weight::funding::{SplicedChannel, cross_splice, mutual_close, open, splice_in, splice_out};
use channel_tx::weight::{OutputKind, TYPICAL_DELAY, TYPICAL_EXPIRY, TransactionWeight, WalletScript};

use crate::page::{FORMATS, assert_rows};

#[test]
fn transactions_weigh_what_the_guide_says() {
    let names = named(CommitmentFormat::TaprootV3).map(|(name, _)| name);
    let columns = FORMATS.map(|format| named(format).map(|(_, weight)| weight.weight().to_wu().to_string()));
    let rows: Vec<_> = names
        .into_iter()
        .enumerate()
        .map(|(index, name)| (name, columns.each_ref().map(|column| column[index].clone())))
        .collect();
    assert_rows("transaction, WU", &rows);
}

#[test]
fn the_largest_zero_fee_commitment_is_within_the_limit_of_version_3() {
    for format in [CommitmentFormat::TaprootV3, CommitmentFormat::SegwitV3] {
        let most = 2 * format.max_accepted_htlcs();
        let largest = commitment(format, MainOutputs::Both, most);
        let larger = commitment(format, MainOutputs::Both, most + 2);
        assert!(largest.vbytes() <= 10_000, "{format}");
        assert!(format == CommitmentFormat::TaprootV3 || larger.vbytes() > 10_000, "{format}");
    }
}

fn named(format: CommitmentFormat) -> [(&'static str, TransactionWeight); 15] {
    let coin = if format.is_taproot() { WalletScript::P2tr } else { WalletScript::P2wpkh };
    let output = coin.output();
    let paid = |bare: TransactionWeight| bare.input(coin.input()).output(output);
    let (timeout, success) = (htlc_timeout(format), htlc_success(format, TYPICAL_EXPIRY));
    let revoked = RevokedCommitment {
        to_self_delay: TYPICAL_DELAY,
        main: MainOutputs::Both,
        offered_htlcs: 5,
        accepted_htlcs: &[TYPICAL_EXPIRY; 5],
        second_level: 0,
    };
    let full = commitment(format, MainOutputs::Both, 2 * format.max_accepted_htlcs());
    [
        ("opening: one coin, change", open(format, &[coin], Some(output))),
        ("commitment, no HTLC", commitment(format, MainOutputs::Both, 0)),
        ("commitment, 10 HTLCs", commitment(format, MainOutputs::Both, 10)),
        ("commitment, as many HTLCs as both may offer", full),
        ("HTLC-timeout, bare", timeout),
        ("HTLC-success, bare", success),
        ("HTLC-timeout, one coin, change", paid(timeout)),
        ("HTLC-success, one coin, change", paid(success)),
        (
            "penalty: both balances, 5 offered and 5 accepted HTLCs",
            penalty(format, &revoked, OutputKind::P2tr),
        ),
        ("fee child: one coin, change", fee_bump_child(format, &[coin], output).unwrap()),
        ("mutual close, two outputs", mutual_close(format, output, Some(output))),
        ("mutual close, one output", mutual_close(format, output, None)),
        ("splice-in: one coin, change", splice_in(format, &[coin], Some(output))),
        ("splice-out to one output", splice_out(format, output)),
        ("cross-splice of two channels", cross_splice(&[SplicedChannel::from(format); 2])),
    ]
}
