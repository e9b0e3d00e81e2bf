//! A co-signed update: from a spec to the commitments of both sides, each signed by both parties and verified.
//!
//! Each commitment is built once and handed to both its signers: two processes would each build both, with the same
//! result, and the floor counts what it takes once as well.

use std::hint::black_box;

use benches::Ratio;
use channel_core::commitment::CommitmentSpec;
use channel_core::{CommitmentFormat, Side};
use channel_sign::musig::{NonceRole, PartialSignatureWithNonce, PublicNonce, SecretNonce};
use channel_sign::signer::{CommitmentSignature, CompletedCommitment, Countersignature, SigningNonces};
use channel_tx::commitment::{Commitment, PreparedCommitment};
use criterion::{BatchSize, BenchmarkGroup, Criterion, measurement::WallTime};

use crate::channel::spec;
use crate::floor::{Ahead, Floor};
use crate::parties::{Party, received};

/// HTLCs on each commitment, the format they fit, and the targets inline and on the hot path.
const CASES: [(u64, CommitmentFormat, Option<f64>, Option<f64>); 5] = [
    (0, CommitmentFormat::TaprootV3, Some(1.15), Some(1.25)),
    (10, CommitmentFormat::TaprootV3, None, None),
    (100, CommitmentFormat::TaprootV3, Some(1.10), Some(1.10)),
    (114, CommitmentFormat::TaprootV3, None, None),
    (483, CommitmentFormat::TaprootV2, None, None),
];

/// What is made ahead for one commitment: owner's nonce, countersigner's nonce, all scripts but those of HTLCs.
struct Prepared {
    verification: SecretNonce,
    verification_received: PublicNonce,
    signing: SecretNonce,
    scripts: PreparedCommitment,
}

/// Times both sides of an update with everything inline, and with nonces, points and output keys made ahead.
pub(crate) fn update(criterion: &mut Criterion) -> Vec<Ratio> {
    let mut ratios = Vec::new();
    for (htlcs, format, inline, hot) in CASES {
        let name = format!("sign/update {format}/{htlcs} htlcs");
        let mut group = criterion.benchmark_group(&name);
        if htlcs > 100 {
            group.sample_size(20);
        }
        bench_case(&mut group, format, htlcs);
        group.finish();
        for (row, target) in [("inline", inline), ("hot path", hot)] {
            ratios.push(Ratio {
                label: format!("update {format}, {htlcs} htlcs, {row}"),
                bench: (name.clone(), row.to_owned()),
                floor: (name.clone(), format!("floor: {row}")),
                target,
            });
        }
    }
    ratios
}

fn bench_case(group: &mut BenchmarkGroup<'_, WallTime>, format: CommitmentFormat, htlcs: u64) {
    let spec = spec(htlcs, format);
    let floor = Floor::new(format, htlcs);
    group.bench_function("floor: inline", |bencher| bencher.iter(|| floor.inline()));
    group.bench_function("inline", |bencher| {
        // A signer signs a commitment number once, so each iteration has its own two.
        let parties = || (Party::new(format, 1), Party::new(format, 2));
        bencher.iter_batched_ref(
            parties,
            |(one, two)| inline(one, two, black_box(&spec)),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("floor: hot path", |bencher| {
        let run = |ahead: [Ahead; 2]| ahead.map(|ahead| floor.hot(ahead));
        bencher.iter_batched(|| [floor.ahead(), floor.ahead()], run, BatchSize::SmallInput);
    });
    group.bench_function("hot path", |bencher| {
        let setup = || {
            let (mut one, mut two) = (Party::new(format, 1), Party::new(format, 2));
            let first = prepare(&mut one, &mut two, htlcs > 0);
            let second = prepare(&mut two, &mut one, htlcs > 0);
            (one, two, Some((first, second)))
        };
        bencher.iter_batched_ref(
            setup,
            |(one, two, ahead)| {
                let (first, second) = ahead.take().expect("made for this iteration");
                let ours = hot(one, two, first, black_box(&spec));
                let theirs = hot(two, one, second, &spec.mirrored());
                (ours, theirs)
            },
            BatchSize::SmallInput,
        );
    });
}

fn inline(one: &mut Party, two: &mut Party, spec: &CommitmentSpec) -> [CompletedCommitment; 2] {
    [inline_half(one, two, spec), inline_half(two, one, &spec.mirrored())]
}

/// The commitment of `owner`: its point and nonce, built, signed by `other`, completed and verified.
fn inline_half(owner: &mut Party, other: &mut Party, spec: &CommitmentSpec) -> CompletedCommitment {
    let verification = owner.nonce(NonceRole::Verification);
    let peer = received(verification.public_nonce());
    let state = owner.state();
    let commitment = owner.builder.commitment(Side::Local, &state, spec).expect("the spec is sound");
    let theirs = commitment.mirrored();
    let nonces = SigningNonces::Fresh { peer: &peer, source: &mut other.nonces, entropy: &other.entropy };
    let signature = other.signer.countersign(&theirs, nonces).expect("the policy allows it");
    complete(owner, commitment, verification, signature)
}

fn prepare(owner: &mut Party, other: &mut Party, htlcs: bool) -> Prepared {
    let verification = owner.nonce(NonceRole::Verification);
    let state = owner.state();
    let scripts = if htlcs {
        owner.builder.prepare_with_htlcs(Side::Local, &state)
    } else {
        owner.builder.prepare(Side::Local, &state)
    };
    Prepared {
        verification_received: received(verification.public_nonce()),
        verification,
        signing: other.nonce(NonceRole::Signing),
        scripts: scripts.expect("keys derive"),
    }
}

fn hot(owner: &mut Party, other: &mut Party, ahead: Prepared, spec: &CommitmentSpec) -> CompletedCommitment {
    let commitment = owner.builder.build(ahead.scripts, spec).expect("the spec is sound");
    let theirs = commitment.mirrored();
    let nonces = SigningNonces::Ahead { peer: &ahead.verification_received, nonce: ahead.signing };
    let signature = other.signer.countersign(&theirs, nonces).expect("the policy allows it");
    complete(owner, commitment, ahead.verification, signature)
}

fn complete(
    owner: &mut Party,
    commitment: Commitment,
    nonce: SecretNonce,
    signature: Countersignature,
) -> CompletedCommitment {
    owner.signer.complete(commitment, Some(nonce), over_the_wire(signature)).expect("the signatures are good")
}

/// The countersignature as it arrives: the partial signature and its nonce read and checked.
fn over_the_wire(signature: Countersignature) -> Countersignature {
    let CommitmentSignature::Partial(partial) = signature.commitment else { return signature };
    let bytes = partial.to_byte_array();
    let read = PartialSignatureWithNonce::from_slice(&bytes).expect("98 good bytes");
    Countersignature { commitment: CommitmentSignature::Partial(read), ..signature }
}
