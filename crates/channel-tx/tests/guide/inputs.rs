//! The weight of every input.

use channel_core::CommitmentFormat;
use channel_tx::weight::{AnchorPath, InputWeight, SpendPath, TYPICAL_DELAY, TYPICAL_EXPIRY};

use crate::page::{FORMATS, assert_rows};

#[test]
fn inputs_weigh_what_the_guide_says() {
    use AnchorPath::{AfterSixteenBlocks, Keyed, PayToAnchor};
    use SpendPath::{
        ClaimAtTimeout, ClaimWithPreimage, Funding, HtlcSuccess, HtlcTimeout, RevokedAccepted,
        RevokedOffered, SecondLevelDelayed, SecondLevelRevoked, ToLocalDelayed, ToLocalRevoked, ToRemote,
    };
    let paths = [
        ("funding output", Funding),
        ("`to_local`, delayed", ToLocalDelayed(TYPICAL_DELAY)),
        ("`to_local`, revoked", ToLocalRevoked(TYPICAL_DELAY)),
        ("`to_remote`", ToRemote),
        ("offered HTLC, HTLC-timeout", HtlcTimeout),
        ("offered HTLC, preimage", ClaimWithPreimage),
        ("offered HTLC, revoked", RevokedOffered),
        ("accepted HTLC, HTLC-success", HtlcSuccess(TYPICAL_EXPIRY)),
        ("accepted HTLC, expired", ClaimAtTimeout(TYPICAL_EXPIRY)),
        ("accepted HTLC, revoked", RevokedAccepted(TYPICAL_EXPIRY)),
        ("second level, delayed", SecondLevelDelayed(TYPICAL_DELAY)),
        ("second level, revoked", SecondLevelRevoked(TYPICAL_DELAY)),
    ];
    let anchors = [
        ("keyed anchor, its party", Keyed),
        ("keyed anchor, anyone", AfterSixteenBlocks),
        ("P2A", PayToAnchor),
    ];
    let cells = |input: &dyn Fn(CommitmentFormat) -> Option<InputWeight>| {
        FORMATS.map(|format| input(format).map_or_else(|| "–".to_owned(), |input| cell(format, input)))
    };
    let paths = paths.map(|(name, path)| (name, cells(&|format| Some(path.input(format)))));
    let anchors = anchors.map(|(name, path)| (name, cells(&|format| path.input(format))));
    assert_rows("spend", &[&paths[..], &anchors[..]].concat());
}

/// How the input is unlocked, which its witness tells, and its weight.
fn cell(format: CommitmentFormat, input: InputWeight) -> String {
    let key_path = InputWeight::taproot_key_path();
    let word = match (input.has_empty_witness(), format.is_taproot()) {
        (true, _) => "open",
        (_, true) if input == key_path => "key",
        (_, true) => "leaf",
        (_, false) if input == InputWeight::p2wpkh() => "key",
        (_, false) => "script",
    };
    format!("{word} {}", input.weight().to_wu())
}
