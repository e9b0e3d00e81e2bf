//! Property: any mix of inputs and outputs weighs what the built transaction weighs, across the edge at 253 where
//! the counts grow from one byte to three.

use bitcoin::ScriptBuf;
use channel_core::{CltvExpiry, CommitmentFormat, CsvDelay};
use channel_tx::weight::{AnchorPath, InputWeight, OutputKind, TransactionWeight, WalletScript};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::built::{self, Spend};
use super::paths::{ANCHORS, all_paths};

fn script_numbers() -> impl Strategy<Value = (CsvDelay, CltvExpiry)> {
    let delay = 1..=u16::MAX;
    let height = prop_oneof![1_u32..200, 30_000_u32..40_000, 8_388_600_u32..8_388_616, 1_u32..500_000_000];
    (delay, height)
        .prop_map(|(delay, height)| (CsvDelay::new(delay).unwrap(), CltvExpiry::new(height).unwrap()))
}

fn channel_input() -> impl Strategy<Value = (InputWeight, Spend)> {
    (script_numbers(), select(&CommitmentFormat::ALL[..]), 0_usize..12).prop_map(
        |((delay, expiry), format, index)| {
            let path = all_paths(delay, expiry)[index];
            (path.input(format), built::spend(path, format))
        },
    )
}

fn anchor_input() -> impl Strategy<Value = (InputWeight, Spend)> {
    let spendable: Vec<(AnchorPath, CommitmentFormat)> = CommitmentFormat::ALL
        .into_iter()
        .flat_map(|format| ANCHORS.map(|path| (path, format)))
        .filter(|(path, format)| path.input(*format).is_some())
        .collect();
    select(spendable)
        .prop_map(|(path, format)| (path.input(format).unwrap(), built::anchor_spend(path, format)))
}

fn wallet_input() -> impl Strategy<Value = (InputWeight, Spend)> {
    select(&WalletScript::ALL[..]).prop_map(|script| (script.input(), built::wallet_spend(script)))
}

fn output() -> impl Strategy<Value = (OutputKind, ScriptBuf)> {
    prop_oneof![
        select(&WalletScript::ALL[..]).prop_map(|script| (script.output(), built::wallet_output(script))),
        select(&CommitmentFormat::ALL[..])
            .prop_map(|format| (OutputKind::funding(format), built::funding_output(format))),
        Just((OutputKind::P2a, built::p2a())),
        (0_usize..600).prop_map(|len| {
            (OutputKind::Other { script_len: len as u64 }, ScriptBuf::from_bytes(vec![0x6a; len]))
        }),
    ]
}

/// Sizes that favour the edge.
fn count() -> impl Strategy<Value = usize> {
    prop_oneof![1_usize..12, 250_usize..256, 1_usize..300]
}

/// A few distinct members, repeated at random: building hundreds of script trees anew would only cost time.
fn repeated<T: Clone + core::fmt::Debug + 'static>(
    member: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Vec<T>> {
    (vec(member, 1..6), count()).prop_flat_map(|(pool, count)| vec(select(pool), count))
}

fn assert_matches(
    inputs: Vec<(InputWeight, Spend)>,
    outputs: Vec<(OutputKind, ScriptBuf)>,
) -> Result<(), TestCaseError> {
    let (weights, spends): (Vec<_>, Vec<_>) = inputs.into_iter().unzip();
    let (kinds, scripts): (Vec<_>, Vec<_>) = outputs.into_iter().unzip();
    let predicted = TransactionWeight::EMPTY.with_inputs(weights).with_outputs(kinds);
    let real = built::transaction(spends, scripts);
    prop_assert_eq!(predicted.weight(), real.weight());
    prop_assert_eq!(predicted.stripped_size(), real.base_size() as u64);
    prop_assert_eq!(predicted.vbytes(), real.vsize() as u64);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_mix_weighs_what_the_built_transaction_weighs(
        inputs in repeated(prop_oneof![channel_input(), anchor_input(), wallet_input()]),
        outputs in repeated(output()),
    ) {
        assert_matches(inputs, outputs)?;
    }

    #[test]
    fn inputs_without_witness_make_a_transaction_without_marker(
        inputs in repeated(select(vec![
            (WalletScript::P2pkh.input(), built::wallet_spend(WalletScript::P2pkh)),
            (
                AnchorPath::PayToAnchor.input(CommitmentFormat::TaprootV3).unwrap(),
                built::anchor_spend(AnchorPath::PayToAnchor, CommitmentFormat::TaprootV3),
            ),
        ])),
        outputs in repeated(output()),
    ) {
        let weights = inputs.iter().map(|(weight, _)| *weight);
        prop_assert_eq!(TransactionWeight::EMPTY.with_inputs(weights).witness(), bitcoin::Weight::ZERO);
        assert_matches(inputs, outputs)?;
    }

    #[test]
    fn order_and_grouping_do_not_matter(
        count in 0_u64..600,
        coin in select(&WalletScript::ALL[..]),
        kind in select(&CommitmentFormat::ALL[..]).prop_map(OutputKind::to_remote),
    ) {
        let grouped = TransactionWeight::EMPTY.inputs(count, coin.input()).outputs(count, kind);
        let single = (0..count)
            .fold(TransactionWeight::EMPTY, |weight, _| weight.output(kind).input(coin.input()));
        prop_assert_eq!(grouped, single);
    }
}
