//! The named transactions against ones built from real scripts.

use bitcoin::{ScriptBuf, Transaction};
use channel_core::{CltvExpiry, CommitmentFormat, CsvDelay};
use channel_tx::weight::enforcement::{
    MainOutputs, RevokedCommitment, commitment, fee_bump_child, htlc_success, htlc_timeout, penalty, sweep,
};
use channel_tx::weight::funding::{
    SplicedChannel, close_and_reopen, cross_splice, mutual_close, open, splice, splice_in, splice_out,
};
use channel_tx::weight::{
    AnchorPath, OutputKind, SpendPath, TYPICAL_DELAY, TYPICAL_EXPIRY, TransactionWeight, WalletScript,
};

use super::built::{self, Spend};

#[track_caller]
fn assert_same(predicted: TransactionWeight, spends: Vec<Spend>, outputs: Vec<ScriptBuf>) {
    let real: Transaction = built::transaction(spends, outputs);
    assert_eq!(predicted.weight(), real.weight());
    assert_eq!(predicted.stripped_size(), real.base_size() as u64);
    assert_eq!(predicted.vbytes(), real.vsize() as u64);
    assert_eq!(predicted.input_count(), real.input.len() as u64);
    assert_eq!(predicted.output_count(), real.output.len() as u64);
}

fn shared(format: CommitmentFormat) -> Spend {
    built::spend(SpendPath::Funding, format)
}

fn kind(script: &ScriptBuf) -> OutputKind {
    OutputKind::from(script.as_script())
}

#[test]
fn opens_closes_and_splices() {
    for format in CommitmentFormat::ALL {
        for coin in WalletScript::ALL {
            let (own, funding) = (built::wallet_output(coin), built::funding_output(format));
            let change = Some(kind(&own));
            for coins in [1, 2, 7, 253] {
                let wallet = vec![coin; coins];
                let spends = vec![built::wallet_spend(coin); coins];
                let with_shared = [vec![shared(format)], spends.clone()].concat();
                assert_same(open(format, &wallet, None), spends.clone(), vec![funding.clone()]);
                assert_same(open(format, &wallet, change), spends, vec![funding.clone(), own.clone()]);
                assert_same(splice_in(format, &wallet, None), with_shared.clone(), vec![funding.clone()]);
                assert_same(
                    splice_in(format, &wallet, change),
                    with_shared,
                    vec![funding.clone(), own.clone()],
                );
            }
            let close = vec![shared(format)];
            assert_same(mutual_close(format, kind(&own), None), close.clone(), vec![own.clone()]);
            assert_same(mutual_close(format, kind(&own), change), close.clone(), vec![own.clone(); 2]);
            assert_same(splice_out(format, kind(&own)), close.clone(), vec![funding.clone(), own.clone()]);
            let again = close_and_reopen(format.into(), coin, Some(OutputKind::P2tr));
            assert_same(again.close, close, vec![own.clone(), built::p2tr(&[])]);
            assert_same(again.open, vec![built::wallet_spend(coin)], vec![funding, own]);
        }
    }
}

#[test]
fn batches_of_channels_of_any_formats() {
    for count in [1, 2, 3, 252, 253, 300] {
        let channels: Vec<_> = (0..count)
            .map(|index| SplicedChannel {
                from: CommitmentFormat::ALL[index % 5],
                to: CommitmentFormat::ALL[index / 5 % 5],
            })
            .collect();
        let spends: Vec<_> = channels.iter().map(|channel| shared(channel.from)).collect();
        let fundings: Vec<_> = channels.iter().map(|channel| built::funding_output(channel.to)).collect();
        assert_same(cross_splice(&channels), spends.clone(), fundings.clone());

        let wallet = WalletScript::ALL;
        let payouts: Vec<_> = WalletScript::ALL.map(built::wallet_output).to_vec();
        let kinds: Vec<_> = payouts.iter().map(kind).collect();
        assert_same(
            splice(&channels, &wallet, &kinds),
            [spends, wallet.map(built::wallet_spend).to_vec()].concat(),
            [fundings, payouts].concat(),
        );
    }
}

fn commitment_outputs(format: CommitmentFormat, main: MainOutputs, htlcs: u16) -> Vec<ScriptBuf> {
    let to_local = matches!(main, MainOutputs::Both | MainOutputs::ToLocalOnly);
    let to_remote = matches!(main, MainOutputs::Both | MainOutputs::ToRemoteOnly);
    let mut outputs = vec![built::offered_output(format); usize::from(htlcs)];
    if to_local {
        outputs.push(built::to_local_output(format, TYPICAL_DELAY));
    }
    if to_remote {
        outputs.push(built::to_remote_output(format));
    }
    match format {
        CommitmentFormat::SegwitV3 | CommitmentFormat::TaprootV3 => outputs.push(built::p2a()),
        CommitmentFormat::SegwitAnchors | CommitmentFormat::TaprootV2 => {
            // BOLT 3: an anchor when its main output exists, or when there is any untrimmed HTLC.
            for main_output in [to_local, to_remote] {
                if main_output || htlcs > 0 {
                    outputs.push(built::keyed_anchor_output(format));
                }
            }
        }
        _ => {}
    }
    outputs
}

#[test]
fn commitments_of_every_shape() {
    for format in CommitmentFormat::ALL {
        for main in MainOutputs::ALL {
            for htlcs in [0, 1, 2, 5, 114, 228, 248, 249, 250, 251, 252, 253, 254, 966] {
                let outputs = commitment_outputs(format, main, htlcs);
                assert_same(commitment(format, main, htlcs), vec![shared(format)], outputs);
            }
        }
    }
}

#[test]
fn second_level_transactions_pay_to_a_delayed_output() {
    for format in CommitmentFormat::ALL {
        for delay in [1, 144, 720, 65_535].map(|blocks| CsvDelay::new(blocks).unwrap()) {
            let output = vec![built::to_local_output(format, delay)];
            let timeout = vec![built::spend(SpendPath::HtlcTimeout, format)];
            assert_same(htlc_timeout(format), timeout, output.clone());
            for expiry in [1, 500, 900_000, 8_388_608].map(|height| CltvExpiry::new(height).unwrap()) {
                let success = vec![built::spend(SpendPath::HtlcSuccess(expiry), format)];
                assert_same(htlc_success(format, expiry), success, output.clone());
            }
        }
    }
}

#[test]
fn sweeps_penalties_and_fee_bumps() {
    let destination = built::wallet_output(WalletScript::P2tr);
    for format in CommitmentFormat::ALL {
        let paths = super::paths::all_paths(TYPICAL_DELAY, TYPICAL_EXPIRY);
        let spends = paths.iter().map(|path| built::spend(*path, format)).collect();
        assert_same(sweep(format, &paths, OutputKind::P2tr), spends, vec![destination.clone()]);

        let expiries = [500, 900_000, 8_388_608].map(|height| CltvExpiry::new(height).unwrap());
        let revoked = RevokedCommitment {
            to_self_delay: CsvDelay::new(2016).unwrap(),
            main: MainOutputs::Both,
            offered_htlcs: 250,
            accepted_htlcs: &expiries,
            second_level: 2,
        };
        let spend = |path| built::spend(path, format);
        let mut spends =
            vec![spend(SpendPath::ToLocalRevoked(revoked.to_self_delay)), spend(SpendPath::ToRemote)];
        spends.extend(vec![spend(SpendPath::RevokedOffered); 250]);
        spends.extend(expiries.map(|expiry| spend(SpendPath::RevokedAccepted(expiry))));
        spends.extend(vec![spend(SpendPath::SecondLevelRevoked(revoked.to_self_delay)); 2]);
        assert_same(penalty(format, &revoked, OutputKind::P2tr), spends, vec![destination.clone()]);

        for wallet in [&[][..], &[WalletScript::P2wpkh], &[WalletScript::P2pkh, WalletScript::P2tr]] {
            let child = fee_bump_child(format, wallet, OutputKind::P2tr);
            let anchor = AnchorPath::fee_bump(format).map(|path| built::anchor_spend(path, format));
            assert_eq!(child.is_some(), anchor.is_some(), "{format:?}");
            if let (Some(child), Some(anchor)) = (child, anchor) {
                let coins = wallet.iter().map(|script| built::wallet_spend(*script));
                let spends = core::iter::once(anchor).chain(coins).collect();
                assert_same(child, spends, vec![destination.clone()]);
            }
        }
    }
}
