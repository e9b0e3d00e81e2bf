//! Building commitments, beside what LDK's constructor takes for the same job.

use std::hint::black_box;

use benches::Ratio;
use channel_core::{CommitmentFormat, Side};
use channel_tx::bitcoin::Txid;
use channel_tx::bitcoin::hashes::Hash;
use channel_tx::bitcoin::secp256k1::Secp256k1;
use channel_tx::keys::Basepoints;
use channel_tx::script::OutputScript;
use criterion::{BatchSize, Criterion};
use lightning::chain::transaction::OutPoint;
use lightning::ln::chan_utils::{
    ChannelPublicKeys, ChannelTransactionParameters, CommitmentTransaction,
    CounterpartyChannelTransactionParameters,
};
use lightning::ln::channel_keys::{DelayedPaymentBasepoint, HtlcBasepoint, RevocationBasepoint};
use lightning::types::features::ChannelTypeFeatures;

use crate::channel::{CAPACITY, basepoints, builder, spec, state};

const GROUP: &str = "sign/commitment";

/// Times the construction without HTLCs, with scripts known, with everything inline, one output tweak, and LDK.
pub(crate) fn commitment(criterion: &mut Criterion) -> Vec<Ratio> {
    let mut group = criterion.benchmark_group(GROUP);
    let (builder, spec, state) =
        (builder(CommitmentFormat::TaprootV3), spec(0, CommitmentFormat::TaprootV3), state(0));
    let prepared = builder.prepare(Side::Local, &state).expect("keys can be derived");
    group.bench_function("known scripts", |bencher| {
        let build = |prepared| builder.build(prepared, black_box(&spec)).expect("the spec is sound");
        bencher.iter_batched(|| prepared.clone(), build, BatchSize::SmallInput);
    });
    group.bench_function("inline", |bencher| {
        let build = || builder.commitment(Side::Local, black_box(&state), &spec).expect("the spec is sound");
        bencher.iter(build);
    });
    let keys = builder.keys(Side::Local, &state.point).expect("keys can be derived");
    group.bench_function("one output tweak", |bencher| {
        bencher.iter(|| tweak(&builder, black_box(&keys)));
    });
    ldk(&mut group);
    group.finish();
    ratios()
}

fn tweak(
    builder: &channel_tx::commitment::CommitmentBuilder,
    keys: &channel_tx::keys::CommitmentKeys,
) -> OutputScript {
    builder.to_local(Side::Local, keys).expect("the output key can be made")
}

/// `CommitmentTransaction::new` on an anchors channel with the same keys and balances.
fn ldk(group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>) {
    let secp = Secp256k1::new();
    let parameters = ChannelTransactionParameters {
        holder_pubkeys: ldk_keys(&basepoints(0)),
        holder_selected_contest_delay: 720,
        is_outbound_from_holder: true,
        counterparty_parameters: Some(CounterpartyChannelTransactionParameters {
            pubkeys: ldk_keys(&basepoints(1)),
            selected_contest_delay: 720,
        }),
        funding_outpoint: Some(OutPoint { txid: Txid::from_byte_array([7; 32]), index: 0 }),
        splice_parent_funding_txid: None,
        channel_type_features: ChannelTypeFeatures::anchors_zero_htlc_fee_and_dependencies(),
        channel_value_satoshis: CAPACITY,
    };
    let directed = parameters.as_holder_broadcastable();
    let (point, half) = (state(0).point, CAPACITY / 2 - 1_000);
    group.bench_function("LDK CommitmentTransaction::new", |bencher| {
        bencher.iter(|| {
            CommitmentTransaction::new(42, black_box(&point), half, half, 253, vec![], &directed, &secp)
        });
    });
}

fn ldk_keys(keys: &Basepoints) -> ChannelPublicKeys {
    ChannelPublicKeys {
        funding_pubkey: keys.funding,
        revocation_basepoint: RevocationBasepoint(keys.revocation),
        payment_point: keys.payment,
        delayed_payment_basepoint: DelayedPaymentBasepoint(keys.delayed_payment),
        htlc_basepoint: HtlcBasepoint(keys.htlc),
    }
}

fn ratios() -> Vec<Ratio> {
    let bench = |name: &str| (GROUP.to_owned(), name.to_owned());
    let ratio = |label: &str, of: &str, floor: &str| Ratio {
        label: label.to_owned(),
        bench: bench(of),
        floor: bench(floor),
        target: None,
    };
    vec![
        ratio("build and sighash, scripts known / one tweak", "known scripts", "one output tweak"),
        ratio("build and sighash, inline / LDK's constructor", "inline", "LDK CommitmentTransaction::new"),
        ratio(
            "build and sighash, scripts known / LDK's constructor",
            "known scripts",
            "LDK CommitmentTransaction::new",
        ),
    ]
}
