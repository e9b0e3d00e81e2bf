//! Every spend path in every format, for delays and heights around each step of the script number, against the built
//! input.

use bitcoin::ScriptBuf;
use channel_core::{CltvExpiry, CommitmentFormat, CsvDelay};
use channel_tx::weight::{
    AnchorPath, InputWeight, OutputKind, SpendPath, TYPICAL_DELAY, TYPICAL_EXPIRY, TransactionWeight,
    WalletScript,
};

use super::built::{self, Spend};

const DELAYS: [u16; 12] = [1, 16, 17, 127, 128, 144, 720, 2016, 32_767, 32_768, 65_534, 65_535];
const HEIGHTS: [u32; 13] =
    [1, 16, 17, 127, 128, 500, 32_767, 32_768, 900_000, 8_388_607, 8_388_608, 100_000_000, 499_999_999];

/// Every path, with the given script numbers where there are some.
pub(crate) fn all_paths(delay: CsvDelay, expiry: CltvExpiry) -> [SpendPath; 12] {
    [
        SpendPath::Funding,
        SpendPath::ToLocalDelayed(delay),
        SpendPath::ToLocalRevoked(delay),
        SpendPath::ToRemote,
        SpendPath::HtlcTimeout,
        SpendPath::HtlcSuccess(expiry),
        SpendPath::ClaimWithPreimage,
        SpendPath::ClaimAtTimeout(expiry),
        SpendPath::RevokedOffered,
        SpendPath::RevokedAccepted(expiry),
        SpendPath::SecondLevelDelayed(delay),
        SpendPath::SecondLevelRevoked(delay),
    ]
}

pub(crate) const ANCHORS: [AnchorPath; 3] =
    [AnchorPath::Keyed, AnchorPath::AfterSixteenBlocks, AnchorPath::PayToAnchor];

/// Checks witness, and the transaction that spends this input and a plain key beside it.
fn assert_spends(predicted: InputWeight, spend: &Spend, what: &str) {
    assert_eq!(predicted.witness().to_wu(), spend.witness.size() as u64, "witness of {what}");
    let key = WalletScript::P2tr;
    let real = built::transaction(vec![spend.clone(), built::wallet_spend(key)], vec![ScriptBuf::new()]);
    let empty_output = OutputKind::Other { script_len: 0 };
    let weight = TransactionWeight::EMPTY.input(predicted).input(key.input()).output(empty_output);
    assert_eq!(weight.weight(), real.weight(), "{what}");
    assert_eq!(weight.stripped_size(), real.base_size() as u64, "{what}");
    assert_eq!(weight.vbytes(), real.vsize() as u64, "{what}");
}

#[test]
fn every_path_weighs_what_its_built_input_weighs() {
    for format in CommitmentFormat::ALL {
        for delay in DELAYS.map(|blocks| CsvDelay::new(blocks).unwrap()) {
            for path in all_paths(delay, TYPICAL_EXPIRY) {
                assert_spends(
                    path.input(format),
                    &built::spend(path, format),
                    &format!("{format:?} {path:?}"),
                );
            }
        }
        for expiry in HEIGHTS.map(|height| CltvExpiry::new(height).unwrap()) {
            for path in all_paths(TYPICAL_DELAY, expiry) {
                assert_spends(
                    path.input(format),
                    &built::spend(path, format),
                    &format!("{format:?} {path:?}"),
                );
            }
        }
    }
}

#[test]
fn every_anchor_weighs_what_its_built_input_weighs() {
    let mut found = 0;
    for format in CommitmentFormat::ALL {
        for path in ANCHORS {
            if let Some(input) = path.input(format) {
                found += 1;
                assert_spends(input, &built::anchor_spend(path, format), &format!("{format:?} {path:?}"));
            }
        }
    }
    assert_eq!(found, 6);
}

#[test]
fn anchors_exist_only_in_their_formats() {
    use CommitmentFormat::{SegwitAnchors, SegwitV3, StaticRemoteKey, TaprootV2, TaprootV3};

    for (format, keyed, shared, bump) in [
        (StaticRemoteKey, false, false, None),
        (SegwitAnchors, true, false, Some(AnchorPath::Keyed)),
        (SegwitV3, false, true, Some(AnchorPath::PayToAnchor)),
        (TaprootV2, true, false, Some(AnchorPath::Keyed)),
        (TaprootV3, false, true, Some(AnchorPath::PayToAnchor)),
    ] {
        assert_eq!(AnchorPath::Keyed.input(format).is_some(), keyed, "{format:?}");
        assert_eq!(AnchorPath::AfterSixteenBlocks.input(format).is_some(), keyed, "{format:?}");
        assert_eq!(AnchorPath::PayToAnchor.input(format).is_some(), shared, "{format:?}");
        assert_eq!(AnchorPath::fee_bump(format), bump, "{format:?}");
    }
}

#[test]
fn every_wallet_coin_weighs_what_its_built_input_weighs() {
    for script in WalletScript::ALL {
        assert_spends(script.input(), &built::wallet_spend(script), &format!("{script:?}"));
        assert_eq!(OutputKind::from(built::wallet_output(script).as_script()), script.output());
    }
}

#[test]
fn output_kinds_are_read_from_built_scripts() {
    for format in CommitmentFormat::ALL {
        let kind = |script: &ScriptBuf| OutputKind::from(script.as_script());
        assert_eq!(kind(&built::funding_output(format)), OutputKind::funding(format), "{format:?}");
        assert_eq!(kind(&built::to_remote_output(format)), OutputKind::to_remote(format), "{format:?}");
        for script in [built::to_local_output(format, TYPICAL_DELAY), built::offered_output(format)] {
            assert_eq!(kind(&script), OutputKind::script_path(format), "{format:?}");
        }
    }
    assert_eq!(OutputKind::from(built::p2a().as_script()), OutputKind::P2a);
    for data_len in [0_usize, 1, 75, 76, 80, 255, 256, 1000] {
        let data = bitcoin::script::PushBytesBuf::try_from(vec![7; data_len]).unwrap();
        let script = ScriptBuf::new_op_return(data);
        let carrier = OutputKind::OpReturn { data_len: data_len as u64 };
        assert_eq!(carrier.weight(), OutputKind::from(script.as_script()).weight(), "{data_len}");
        assert_eq!(carrier.script_len(), script.len() as u64, "{data_len}");
    }
}
