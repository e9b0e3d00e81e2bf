//! The exit paths of channel-core sum their weights from scripts on their own; here they are held against ours.

use channel_core::dust::ExitPath;
use channel_core::{CltvExpiry, CommitmentFormat, CsvDelay};
use channel_tx::weight::{AnchorPath, OutputKind, SpendPath, nominal};

/// Two bytes of delay and three of height, as channel-core takes them.
fn delay() -> CsvDelay {
    CsvDelay::new(720).unwrap()
}

fn expiry() -> CltvExpiry {
    CltvExpiry::new(900_000).unwrap()
}

/// The same path in our terms; `None` where the format has no such output.
fn ours(path: ExitPath, format: CommitmentFormat) -> Option<u64> {
    let spend = |spend: SpendPath| Some(spend.input(format).weight().to_wu());
    let second_level = SpendPath::SecondLevelDelayed(delay()).input(format).weight().to_wu();
    let htlc = |first: SpendPath, kind: nominal::HtlcTransaction| {
        // The HTLC transactions of StaticRemoteKey pay their own fee and cannot be batched: the whole one counts.
        let stage = if format == CommitmentFormat::StaticRemoteKey {
            nominal::htlc(format, kind).to_wu()
        } else {
            first.input(format).weight().to_wu() + OutputKind::script_path(format).weight().to_wu()
        };
        Some(stage + second_level)
    };
    let anchor = |anchor: AnchorPath| anchor.input(format).map(|input| input.weight().to_wu());
    match path {
        ExitPath::ToLocal => spend(SpendPath::ToLocalDelayed(delay())),
        ExitPath::ToRemote => spend(SpendPath::ToRemote),
        ExitPath::OwnOffered => htlc(SpendPath::HtlcTimeout, nominal::HtlcTransaction::Timeout),
        ExitPath::OwnAccepted => htlc(SpendPath::HtlcSuccess(expiry()), nominal::HtlcTransaction::Success),
        ExitPath::SecondLevel => Some(second_level),
        ExitPath::PeerOffered => spend(SpendPath::ClaimWithPreimage),
        ExitPath::PeerAccepted => spend(SpendPath::ClaimAtTimeout(expiry())),
        ExitPath::RevokedToLocal => spend(SpendPath::ToLocalRevoked(delay())),
        ExitPath::RevokedOffered => spend(SpendPath::RevokedOffered),
        ExitPath::RevokedAccepted => spend(SpendPath::RevokedAccepted(expiry())),
        ExitPath::RevokedSecondLevel => spend(SpendPath::SecondLevelRevoked(delay())),
        ExitPath::KeyedAnchor => anchor(AnchorPath::Keyed),
        ExitPath::AbandonedAnchor => anchor(AnchorPath::AfterSixteenBlocks),
        ExitPath::SharedAnchor => anchor(AnchorPath::PayToAnchor),
        _ => panic!("a path this test does not know: {path:?}"),
    }
}

#[test]
fn both_crates_weigh_every_exit_alike() {
    for format in CommitmentFormat::ALL {
        for path in ExitPath::ALL {
            let expected = ours(path, format);
            assert_eq!(path.exists_in(format), expected.is_some(), "{path:?} in {format:?}");
            assert_eq!(path.weight(format).to_wu(), expected.unwrap_or(0), "{path:?} in {format:?}");
        }
    }
}
