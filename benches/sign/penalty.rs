//! Punishing a full revoked commitment: found on the chain, every output identified, penalties built and signed.

use std::hint::black_box;

use benches::Ratio;
use channel_core::htlc::Htlc;
use channel_core::{CommitmentFormat, FeerateKw, Side};
use channel_sign::signer::{CommitmentSignature, SigningNonces};
use channel_tx::bitcoin::{ScriptBuf, Transaction};
use channel_tx::claim::{Confirmation, SweepTerms, identify};
use channel_tx::commitment::CommitmentPoint;
use channel_tx::penalty::Breach;
use criterion::Criterion;

use crate::channel::spec;
use crate::floor::Floor;
use crate::parties::{FIRST, Party};

const CASES: [(u64, CommitmentFormat); 2] =
    [(114, CommitmentFormat::TaprootV3), (483, CommitmentFormat::TaprootV2)];
/// The height at which the penalty is made.
const HEIGHT: u32 = 800_000;

/// A revoked commitment of the second party, as the first one finds it.
struct Cheat {
    victim: Party,
    transaction: Transaction,
    state: CommitmentPoint,
    htlcs: Vec<Htlc>,
    terms: SweepTerms,
}

/// Times the whole answer to a cheat.
pub(crate) fn penalty(criterion: &mut Criterion) -> Vec<Ratio> {
    let mut ratios = Vec::new();
    for (htlcs, format) in CASES {
        let name = format!("sign/penalty {format}/{htlcs} htlcs");
        let mut group = criterion.benchmark_group(&name);
        group.sample_size(10);
        let (cheat, floor) = (Cheat::new(format, htlcs), Floor::new(format, htlcs));
        group.bench_function("floor", |bencher| bencher.iter(|| floor.penalty()));
        group.bench_function("identify, build and sign", |bencher| {
            bencher.iter(|| black_box(&cheat).punish());
        });
        group.finish();
        ratios.push(Ratio {
            label: format!("penalty {format}, {htlcs} htlcs"),
            bench: (name.clone(), "identify, build and sign".to_owned()),
            floor: (name, "floor".to_owned()),
            target: None,
        });
    }
    ratios
}

impl Cheat {
    fn new(format: CommitmentFormat, htlcs: u64) -> Self {
        let (mut victim, mut cheater) = (Party::new(format, 1), Party::new(format, 2));
        let spec = spec(htlcs, format);
        let state = cheater.state();
        let commitment = victim.builder.commitment(Side::Remote, &state, &spec).expect("the spec is sound");
        for number in [FIRST, FIRST.next().expect("the second")] {
            sign_and_complete(&mut victim, &mut cheater, number, &spec);
        }
        let secret = cheater.signer.reveal(FIRST).expect("its successor is complete");
        victim.signer.accept_revocation(FIRST, &secret, &state.point).expect("the secret is right");
        let destination = own_script();
        let feerate = FeerateKw::from_sat_per_kw(253);
        Self {
            victim,
            transaction: commitment.transaction().clone(),
            state,
            htlcs: spec.htlcs().copied().collect(),
            terms: SweepTerms { destination, feerate, height: HEIGHT },
        }
    }

    fn punish(&self) -> Vec<Transaction> {
        let builder = &self.victim.builder;
        let found = identify(builder, &self.transaction, Side::Remote, &self.state, &self.htlcs);
        let breach = Breach::new(found.expect("it is the commitment"), Confirmation::Height(HEIGHT - 1));
        let plan = breach.penalties(&self.terms);
        let sign = |unsigned: &channel_tx::spend::UnsignedTransaction| {
            let signed = self.victim.signer.sign_claims(unsigned, Some(FIRST), |_| None);
            let mut transaction = unsigned.transaction.clone();
            for signature in signed.expect("the state is revoked") {
                transaction.input[signature.index].witness = signature.witness;
            }
            transaction
        };
        plan.sweeps.iter().map(|sweep| sign(&sweep.transaction)).collect()
    }
}

/// The cheater's commitment of this number, signed by both.
fn sign_and_complete(
    victim: &mut Party,
    cheater: &mut Party,
    number: channel_core::CommitmentNumber,
    spec: &channel_core::commitment::CommitmentSpec,
) {
    let nonce = cheater.nonce(channel_sign::musig::NonceRole::Verification);
    let point = cheater.signer.per_commitment_point(number).expect("the seed has secrets");
    let state = CommitmentPoint { number, point };
    let theirs = victim.builder.commitment(Side::Remote, &state, spec).expect("the spec is sound");
    let nonces = SigningNonces::Fresh {
        peer: nonce.public_nonce(),
        source: &mut victim.nonces,
        entropy: &victim.entropy,
    };
    let signature = victim.signer.countersign(&theirs, nonces).expect("the policy allows it");
    assert!(matches!(signature.commitment, CommitmentSignature::Partial(_)));
    cheater.signer.complete(theirs.mirrored(), Some(nonce), signature).expect("the signatures are good");
}

/// The script that the policy of the parties lets money go to.
pub(crate) fn own_script() -> ScriptBuf {
    ScriptBuf::from_bytes([&[0x51, 0x20][..], &[2; 32]].concat())
}
