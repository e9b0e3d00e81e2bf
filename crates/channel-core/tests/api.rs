//! The public surface: what each main type implements, and that errors say what they should.

use core::fmt::{Debug, Display};
use core::hash::Hash;
use std::error::Error;

use bitcoin::Amount;
use channel_core::bitcoin;
use channel_core::commitment::{
    Anchors, CommitmentError, CommitmentOutputs, CommitmentSpec, CommitmentTerms, FeeBreakdown, HtlcOutput,
    OwnerView, SpecError, SpecUpdate,
};
use channel_core::dust::{
    DustExposure, DustProfile, EconomicDust, ExitPath, ParseDustProfileError, RelayDust, ScriptType,
    TrimLimit, TrimLimitError, buffered_feerate,
};
use channel_core::htlc::{Htlc, HtlcDirection, HtlcEvent, HtlcState, Membership};
use channel_core::ledger::{
    ContributionError, CreateError, DustFreeChannelManager, DustReport, LedgerChannel, LedgerError,
    LedgerPolicy, NewChannel, NewHtlc, OptimisationReport, PayError, Payment, PaymentReceipt, RecoveryOption,
    RecoveryOptions, SpliceAction, SpliceError, SpliceRecord, SpliceRequest, SplicingManager, WalletInputs,
};
use channel_core::limits::{
    AvailableBalances, ChannelLimits, ChannelParams, FeerateRefusal, NearestPayable, ParamsError,
    PayableRange, PayableSet, PaymentRefusal, SpliceOutRefusal,
};
use channel_core::{
    ChannelId, CltvExpiry, CommitmentFormat, CommitmentNumber, CsvDelay, FeerateKw, HtlcId, Msat, Party,
    PaymentHash, PerSide, RoutingFee, ShortChannelId, Side, SignedMsat,
};

fn shared<T: Send + Sync + Unpin + Debug + 'static>() -> usize {
    size_of::<T>()
}

fn value<T: Copy + Eq + Hash + Send + Sync + Debug + 'static>() -> usize {
    size_of::<T>()
}

fn ordered<T: Copy + Ord + Hash + Send + Sync + Debug + 'static>() -> usize {
    size_of::<T>()
}

fn error<T: Error + Copy + Eq + Send + Sync + 'static>() -> usize {
    size_of::<T>()
}

#[test]
fn quantities_are_small_ordered_values() {
    assert_eq!(ordered::<Msat>() + ordered::<SignedMsat>() + ordered::<CommitmentNumber>(), 24);
    assert_eq!(ordered::<HtlcId>() + ordered::<ShortChannelId>() + ordered::<TrimLimit>(), 24);
    assert_eq!(ordered::<CsvDelay>() + ordered::<CltvExpiry>() + ordered::<FeerateKw>(), 10);
    assert_eq!(ordered::<ChannelId>() + ordered::<PaymentHash>(), 64);
    assert_eq!(
        ordered::<Party>() + ordered::<Side>() + ordered::<CommitmentFormat>() + ordered::<HtlcState>(),
        4
    );
    assert_eq!(ordered::<RelayDust>() + ordered::<EconomicDust>(), 16);
    assert_eq!(ordered::<ExitPath>() + ordered::<ScriptType>() + ordered::<DustProfile>(), 3);
    assert_eq!(ordered::<HtlcEvent>() + ordered::<Membership>() + ordered::<HtlcDirection>(), 3);
}

#[test]
fn states_and_requests_are_plain_values() {
    for size in [
        value::<Htlc>(),
        value::<SpecUpdate>(),
        value::<CommitmentTerms>(),
        value::<ChannelLimits>(),
        value::<ChannelParams>(),
        value::<FeeBreakdown>(),
        value::<DustExposure>(),
        value::<PayableRange>(),
        value::<NearestPayable>(),
        value::<RoutingFee>(),
        value::<PerSide<Msat>>(),
        value::<Payment>(),
        value::<NewChannel>(),
        value::<NewHtlc>(),
        value::<LedgerPolicy>(),
        value::<SpliceAction>(),
        value::<SpliceRequest>(),
        value::<WalletInputs>(),
    ] {
        assert!((1..=400).contains(&size), "{size}");
    }
}

#[test]
fn everything_can_be_shared_between_threads() {
    for size in [
        shared::<CommitmentSpec>(),
        shared::<CommitmentOutputs>(),
        shared::<HtlcOutput>(),
        shared::<Anchors>(),
        shared::<OwnerView<'static>>(),
        shared::<PayableSet>(),
        shared::<AvailableBalances>(),
        shared::<DustFreeChannelManager>(),
        shared::<SplicingManager>(),
        shared::<LedgerChannel>(),
        shared::<DustReport>(),
        shared::<RecoveryOption>(),
        shared::<RecoveryOptions>(),
        shared::<OptimisationReport>(),
        shared::<PaymentReceipt>(),
        shared::<SpliceRecord>(),
    ] {
        assert!(size > 0);
    }
}

#[test]
fn errors_are_small_values_that_name_the_bound() {
    for size in [
        error::<SpecError>(),
        error::<CommitmentError>(),
        error::<TrimLimitError>(),
        error::<ParseDustProfileError>(),
        error::<ParamsError>(),
        error::<PaymentRefusal>(),
        error::<FeerateRefusal>(),
        error::<SpliceOutRefusal>(),
        error::<CreateError>(),
        error::<LedgerError>(),
        error::<PayError>(),
        error::<SpliceError>(),
        error::<ContributionError>(),
    ] {
        assert!(size <= 120, "{size}");
    }
    let reason = PaymentRefusal::DustExposure { commitment: Side::Remote, left: Msat::from_msat(7) };
    assert_eq!(reason.to_string(), "only 7 msat more may be trimmed from the remote commitment");
    let refused = PayError::Refused { amount: Msat::ONE, reason, nearest: NearestPayable::default() };
    assert_eq!(refused.to_string(), "cannot move 1 msat");
    assert_eq!(refused.source().map(ToString::to_string), Some(reason.to_string()));
    let chained = LedgerError::from(CommitmentError::NoOutputs { owner: Side::Local });
    assert_eq!(
        chained.source().map(ToString::to_string),
        Some("every output of the local commitment is trimmed".into())
    );
}

#[test]
fn texts_are_read_and_written() {
    fn round_trip<T: Display + core::str::FromStr + PartialEq>(value: &T) -> bool {
        value.to_string().parse::<T>().is_ok_and(|read| read == *value)
    }
    assert!(DustProfile::ALL.iter().all(round_trip));
    assert!(round_trip(&ShortChannelId::from_u64(7 << 40)));
    assert_eq!(HtlcState::SentAddAckRevocation.to_string(), "SENT_ADD_ACK_REVOCATION");
    assert_eq!(FeerateKw::FLOOR.to_string(), "1.012 sat/vB");
}

#[test]
fn no_dust_is_asked_for_with_a_bare_number() {
    // The types of the arguments are the assertion; the values show that they are used.
    let relay: fn(ScriptType, FeerateKw) -> RelayDust = RelayDust::of;
    let economic: fn(ExitPath, CommitmentFormat, FeerateKw) -> EconomicDust = EconomicDust::of;
    let advised: fn(CommitmentFormat, FeerateKw) -> TrimLimit = TrimLimit::advised;
    let trims: fn(TrimLimit, Amount) -> bool = TrimLimit::trims_output;
    let feerate = RelayDust::DEFAULT_FEERATE;
    assert_eq!(relay(ScriptType::P2a, feerate).to_amount(), Amount::from_sat(240));
    assert_eq!(
        economic(ExitPath::SharedAnchor, CommitmentFormat::TaprootV3, feerate).to_amount().to_sat(),
        124
    );
    let limit = advised(CommitmentFormat::TaprootV3, feerate);
    assert!(trims(limit, Amount::from_sat(724)) && !trims(limit, Amount::from_sat(725)));
    assert_eq!(buffered_feerate(CommitmentFormat::TaprootV3, feerate), feerate);
}
