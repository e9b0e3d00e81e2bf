//! Taking in the secrets a peer reveals, against the hashes that cannot be avoided.

use std::hint::black_box;

use benches::Ratio;
use channel_core::CommitmentNumber;
use channel_sign::channel_tx::bitcoin::hashes::{Hash, sha256};
use channel_sign::shachain::{PerCommitmentSecret, RevealedSecrets, ShachainSeed};
use criterion::{BatchSize, Criterion, Throughput};

const GROUP: &str = "sign/shachain";
/// Secrets in one iteration: a power of two, so that the checks average one hash a secret.
const RUN: u64 = 1024;

/// Times a run of inserts. A secret whose index ends in n zero bits is checked by n hashes: 1,023 for 1,024 secrets.
pub(crate) fn insert(criterion: &mut Criterion) -> Vec<Ratio> {
    let seed = ShachainSeed::from_bytes([5; 32]);
    let number = |number| CommitmentNumber::new(number).expect("in range");
    let secrets: Vec<(CommitmentNumber, PerCommitmentSecret)> =
        (0..RUN).map(|at| (number(at), seed.secret(number(at)))).collect();
    let mut group = criterion.benchmark_group(GROUP);
    group.throughput(Throughput::Elements(RUN));
    group.bench_function("floor: one hash each", |bencher| {
        bencher.iter(|| {
            let mut node = [7; 32];
            for _ in 0..RUN {
                node = sha256::Hash::hash(black_box(&node)).to_byte_array();
            }
            node
        });
    });
    group.bench_function("insert", |bencher| {
        let run = |mut revealed: RevealedSecrets| {
            for (number, secret) in &secrets {
                revealed.insert(*number, black_box(secret)).expect("they come from one seed");
            }
            revealed
        };
        bencher.iter_batched(RevealedSecrets::new, run, BatchSize::SmallInput);
    });
    group.finish();
    let bench = |name: &str| (GROUP.to_owned(), name.to_owned());
    vec![Ratio {
        label: format!("{RUN} inserted secrets"),
        bench: bench("insert"),
        floor: bench("floor: one hash each"),
        target: None,
    }]
}
