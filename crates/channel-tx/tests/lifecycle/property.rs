//! Random contributions, balances and feerates: value is conserved, fees are enough, nothing is dust; and where no
//! transaction can be made there is an error, never a panic.

use bitcoin::absolute::LockTime;
use bitcoin::{Amount, SignedAmount};
use channel_core::dust::RelayDust;
use channel_core::{CommitmentFormat, FeerateKw, Msat, PerSide, Side};
use channel_tx::close::{CloseError, CloseProposal, ClosingChannel, ShutdownScript, WorthKeeping};
use channel_tx::funding::{Contribution, ContributionError, FundingInput, OpenError, Opening, Share};
use channel_tx::spend::Coin;
use channel_tx::splice::{Splice, SpliceError};
use channel_tx::weight::WalletScript;
use proptest::collection;
use proptest::prelude::*;

use crate::channel::{
    FORMATS, assert_sound, builder, coin, feerate, funding_keys, outpoint, output, sat, script, spec,
};

/// Amounts of everyday, and around every edge.
fn amount() -> impl Strategy<Value = u64> {
    let edges = [0, 1, 293, 294, 295, 329, 330, 331, 353, 354, 355, 545, 546, 547];
    let supply = 2_100_000_000_000_000;
    let high = [supply - 1, supply, supply + 1, i64::MAX.unsigned_abs(), u64::MAX - 1, u64::MAX];
    prop_oneof![
        60 => 1_000_000..50_000_000_u64,
        4 => 0..2_000_u64,
        1 => prop::sample::select(edges.to_vec()),
        1 => prop::sample::select(high.to_vec()),
    ]
}

fn share_amount() -> impl Strategy<Value = i64> {
    prop_oneof![
        24 => 0..2_000_000_i64,
        6 => -2_000_000..0_i64,
        1 => amount().prop_map(|amount| i64::try_from(amount).unwrap_or(i64::MIN)),
        1 => amount().prop_map(|amount| i64::try_from(amount).map_or(i64::MAX, core::ops::Neg::neg)),
    ]
}

fn rate() -> impl Strategy<Value = FeerateKw> {
    prop_oneof![20 => 0..20_000_u32, 2 => Just(0), 1 => Just(u32::MAX)].prop_map(feerate)
}

fn kind() -> impl Strategy<Value = WalletScript> {
    prop_oneof![Just(WalletScript::P2tr), Just(WalletScript::P2wpkh)]
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Local), Just(Side::Remote)]
}

fn format() -> impl Strategy<Value = CommitmentFormat> {
    prop::sample::select(FORMATS.to_vec())
}

fn share() -> impl Strategy<Value = Share> {
    prop_oneof![
        3 => (share_amount(), kind()).prop_map(|(amount, kind)| Share::Exact {
            amount: SignedAmount::from_sat(amount),
            change: script(kind, 70),
        }),
        1 => share_amount().prop_map(|amount| Share::Stated(SignedAmount::from_sat(amount))),
        2 => Just(Share::Rest),
    ]
}

/// Up to four contributions with coins at different outpoints.
fn contributions() -> impl Strategy<Value = Vec<Contribution>> {
    let one =
        (side(), collection::vec((amount(), kind()), 0..4), collection::vec(330..100_000_u64, 0..3), share());
    collection::vec(one, 1..5).prop_map(|parts| {
        let mut next = 0;
        let mut place = |coin: Coin| {
            next += 1;
            FundingInput::Wallet(Coin { outpoint: bitcoin::OutPoint { vout: next, ..outpoint(60) }, ..coin })
        };
        let part = |(side, coins, outputs, share): (Side, Vec<(u64, WalletScript)>, Vec<u64>, Share)| {
            let inputs = coins.into_iter().map(|(value, kind)| place(coin(60, value, kind))).collect();
            let outputs = outputs.into_iter().map(|value| output(value, 71)).collect();
            Contribution { side, inputs, outputs, share }
        };
        parts.into_iter().map(part).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn openings_conserve_value(
        parts in contributions(), feerate in rate(), format in format(),
    ) {
        let initiator = parts[0].side;
        let opening = Opening { initiator, ..Opening::alone(format, funding_keys(40), parts, feerate) };
        match opening.build() {
            Ok(made) => {
                assert_sound(&made.unsigned, made.weight);
                let fee = made.unsigned.fee.total().unwrap();
                prop_assert!(fee >= feerate.fee_ceil(made.weight));
                let shares: i64 = Side::ALL.iter().map(|side| made.contribution(*side).to_sat()).sum();
                prop_assert_eq!(u64::try_from(shares), Ok(made.capacity.to_sat()));
                let weights: u64 = made.contributed.iter().map(|part| part.weight.to_wu()).sum();
                prop_assert_eq!(weights, made.weight.to_wu());
                if let Some(feerate) = made.next_feerate() {
                    let next = Opening { feerate, ..opening.clone() }.replace(&made);
                    prop_assert!(!matches!(next, Err(OpenError::Replacement(_))), "{next:?}");
                }
                let dropped = made.unsigned.fee.dropped_change;
                prop_assert!(dropped < sat(330 + 172 * u64::from(feerate.to_sat_per_kw()) / 1000 + 10) * 4);
            }
            Err(OpenError::Contribution(ContributionError::NotEnough { missing, .. })) => {
                prop_assert!(missing > Amount::ZERO);
            }
            Err(_) => {}
        }
    }

    /// What is missing is exactly what it takes.
    #[test]
    fn the_missing_amount_is_exact(value in 0..200_000_u64, into in 330..200_000_i64, kind in kind(), feerate in 0..9000_u32) {
        let with = |value| {
            let share = Share::Exact { amount: SignedAmount::from_sat(into), change: script(kind, 70) };
            let inputs = vec![FundingInput::Wallet(coin(60, value, kind))];
            let part = Contribution { side: Side::Local, inputs, outputs: vec![], share };
            let parts = vec![part];
            Opening::alone(CommitmentFormat::TaprootV3, funding_keys(40), parts, crate::channel::feerate(feerate)).build()
        };
        if let Err(OpenError::Contribution(ContributionError::NotEnough { missing, .. })) = with(value) {
            let needed = value + missing.to_sat();
            prop_assert!(with(needed).is_ok());
            prop_assert!(with(needed - 1).is_err());
        }
    }

    #[test]
    fn splices_conserve_value(
        parts in contributions(), feerate in rate(), format in format(),
        local in 0..=3_000_000_000_u64,
    ) {
        let channel = builder(format, 3_000_000);
        let spec = spec(local, 3_000_000_000 - local);
        let initiator = parts[0].side;
        let splice = Splice { initiator, ..Splice::new(&channel, &spec, funding_keys(50), parts, feerate) };
        match splice.build() {
            Ok(made) => {
                assert_sound(&made.transaction.unsigned, made.transaction.weight);
                let fee = made.transaction.unsigned.fee.total().unwrap();
                prop_assert!(fee >= feerate.fee_ceil(made.transaction.weight));
                prop_assert_eq!(Msat::try_from(made.transaction.capacity), Ok(made.spec.total()));
                if let Some(feerate) = made.transaction.next_feerate() {
                    let next = Splice { feerate, ..splice.clone() }.replace(&made);
                    prop_assert!(!matches!(next, Err(SpliceError::Replacement(_))), "{next:?}");
                }
                let shares: i64 = Side::ALL.iter().map(|side| made.transaction.contribution(*side).to_sat()).sum();
                prop_assert_eq!(i64::try_from(made.transaction.capacity.to_sat()).unwrap(), 3_000_000 + shares);
            }
            Err(SpliceError::Contribution(ContributionError::NotEnough { missing, .. })) => {
                prop_assert!(missing > Amount::ZERO);
            }
            Err(SpliceError::Balance { missing, .. }) => prop_assert!(missing > Msat::ZERO),
            Err(_) => {}
        }
    }

    /// Whoever closes, something can be offered unless the rules and dust forbid all of it, and the other side always
    /// finds the variant it has to pick among what is offered.
    #[test]
    fn closes_conserve_value_and_both_sides_agree(
        local in prop_oneof![0..1_200_000_u64, 0..=1_000_000_000_u64], capacity in 330..1_000_000_u64, fee in prop_oneof![0..2_000_u64, amount()],
        closer in side(), format in format(), kinds in (kind(), kind()), worth in 0..3_000_u64,
    ) {
        let local = local.min(capacity * 1000);
        let channel = ClosingChannel::new(&builder(format, capacity), &spec(local, capacity * 1000 - local)).unwrap();
        let shutdown = |kind, byte| ShutdownScript::new(script(kind, byte)).unwrap();
        let scripts = PerSide { local: shutdown(kinds.0, 80), remote: shutdown(kinds.1, 81) };
        let proposal = CloseProposal { closer, scripts, fee: sat(fee), lock_time: LockTime::ZERO };
        match channel.offers(&proposal, WorthKeeping::from(sat(worth))) {
            Ok(offers) => {
                for offer in &offers {
                    assert_sound(&offer.unsigned, offer.weight);
                    prop_assert_eq!(offer.unsigned.fee.weight_fee, sat(fee));
                    prop_assert!(offer.unsigned.fee.surplus <= Amount::ONE_SAT);
                }
                let signed: Vec<_> = offers.iter().map(|offer| offer.variant).collect();
                let picked = channel.pick(&proposal, proposal.scripts.of(closer.other()), &signed, WorthKeeping::ALL).unwrap();
                prop_assert!(offers.contains(&picked));
            }
            Err(CloseError::Fee { .. }) => {
                prop_assert!(sat(fee) > channel.balance(closer).to_sat_floor());
            }
            Err(CloseError::NothingToOffer) => {
                let dust = |side: Side, fee: u64| {
                    let script = proposal.scripts.of(side).as_script();
                    let value = channel.balance(side).to_sat_floor().to_sat() - fee;
                    RelayDust::of_script(script, RelayDust::DEFAULT_FEERATE).is_dust(sat(value))
                };
                let larger = channel.balance(closer) >= channel.balance(closer.other());
                let own = dust(closer, fee);
                prop_assert!(own && larger || dust(closer.other(), 0));
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}
