//! Random walks of two signers: updates in any interleaving, lost messages, restarts from the stored record, splices, and
//! attempts to cheat. A model of the rules says what must be signed and what must not; every signature given out is kept,
//! and no two of them may conflict.

use std::collections::BTreeMap;

use bitcoin::OutPoint;
use channel_core::commitment::CommitmentSpec;
use channel_core::{CommitmentFormat, Side};
use channel_sign::channel_tx::commitment::CommitmentBuilder;
use channel_sign::keys::FundingIndex;
use channel_sign::signer::SigningRecord;
use channel_sign::{bitcoin, channel_core};
use proptest::prelude::*;

use crate::harness::{Channel, mirrored, number, spec};
use crate::spends::{splice, splice_in};

/// What somebody does. `owner` is the side whose commitment it is about.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// The owner's next commitment is signed by both, on every funding output or on the first alone.
    Commit { owner: Side, fundings: usize },
    /// The current one is signed again, after a reconnection with fresh nonces.
    Again { owner: Side },
    /// The peer is asked for another commitment of a number it may have signed.
    Cheat { owner: Side, back: u64, ahead: u64 },
    /// The owner is asked for the secret of this number, counted from the first not revealed.
    Reveal { owner: Side, offset: i64 },
    /// The party of this side starts again from its stored record.
    Restart { owner: Side },
    /// A splice candidate is taken on.
    Splice,
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Local), Just(Side::Remote)]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (side(), 1..=2_usize).prop_map(|(owner, fundings)| Step::Commit { owner, fundings }),
        2 => side().prop_map(|owner| Step::Again { owner }),
        3 => (side(), 0..=2_u64, 0..=3_u64).prop_map(|(owner, back, ahead)| Step::Cheat { owner, back, ahead }),
        5 => (side(), -1..=1_i64).prop_map(|(owner, offset)| Step::Reveal { owner, offset }),
        1 => side().prop_map(|owner| Step::Restart { owner }),
        1 => Just(Step::Splice),
    ]
}

/// A funding output, as Alice and Bob see it.
struct Funding {
    index: FundingIndex,
    builders: [CommitmentBuilder; 2],
    /// The newest commitment of each side that is complete: how many there are.
    signed: [u64; 2],
}

struct Model {
    channel: Channel,
    format: CommitmentFormat,
    fundings: Vec<Funding>,
    /// How many secrets of each side are out.
    revealed: [u64; 2],
    /// Every commitment that was signed by the peer of its owner.
    given: BTreeMap<(OutPoint, usize, u64), [u8; 32]>,
}

const fn place(side: Side) -> usize {
    match side {
        Side::Local => 0,
        Side::Remote => 1,
    }
}

impl Model {
    fn new(format: CommitmentFormat) -> Self {
        let channel = Channel::new(format);
        let builders = [channel.alice.builder.clone(), channel.bob.builder.clone()];
        let funding = Funding { index: FundingIndex::OPENING, builders, signed: [0, 0] };
        Self { channel, format, fundings: vec![funding], revealed: [0, 0], given: BTreeMap::new() }
    }

    /// The one honest state of a number on a funding output: balances move by the number.
    fn state(&self, funding: usize, at: u64) -> CommitmentSpec {
        let honest = spec(self.format, 3_000_000 + at, 0);
        match funding {
            0 => honest,
            _ => splice(&self.channel, &honest, self.fundings[funding].index, splice_in)[0].spec.clone(),
        }
    }

    /// The peer signs a commitment of the owner, and the owner completes it.
    fn sign(&mut self, funding: usize, owner: Side, at: u64, state: &CommitmentSpec) -> (bool, bool) {
        let [alices, bobs] = &self.fundings[funding].builders;
        let builders = match owner {
            Side::Local => (alices.clone(), bobs.clone()),
            Side::Remote => (bobs.clone(), alices.clone()),
        };
        let (own, other) = self.channel.build_on(&builders, owner, at, state);
        let outpoint = own.funding_outpoint();
        let (party, peer) = self.channel.parties(owner);
        let nonce = party.nonce_on(outpoint);
        let before = (party.signer.record().clone(), peer.signer.record().clone());
        let Ok(signature) = peer.countersign(&other, nonce.as_ref()) else {
            assert_eq!(*peer.signer.record(), before.1, "a refusal changes nothing");
            return (false, false);
        };
        let message = own.sighash();
        let known = self.given.insert((outpoint, place(owner), at), message);
        assert!(known.is_none_or(|known| known == message), "two commitments {at} of {owner} are signed");
        assert!(at >= self.revealed[place(owner)], "a revoked commitment was signed");
        let completed = party.signer.complete(own, nonce, signature);
        if completed.is_err() {
            assert_eq!(*party.signer.record(), before.0, "a refusal changes nothing");
        }
        (true, completed.is_ok())
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Commit { owner, fundings } => self.commit(owner, fundings),
            Step::Again { owner } => self.again(owner),
            Step::Cheat { owner, back, ahead } => self.cheat(owner, back, ahead),
            Step::Reveal { owner, offset } => self.reveal(owner, offset),
            Step::Restart { owner } => self.restart(owner),
            Step::Splice => self.splice(),
        }
    }

    fn commit(&mut self, owner: Side, fundings: usize) {
        for funding in 0..self.fundings.len().min(fundings) {
            let at = self.fundings[funding].signed[place(owner)];
            // A new candidate starts at the number that is current.
            let at = at.max(self.revealed[place(owner)]);
            let state = self.state(funding, at);
            let allowed = at <= self.revealed[place(owner)] + 1;
            assert_eq!(self.sign(funding, owner, at, &state), (allowed, allowed), "{owner} {at}");
            if allowed {
                self.fundings[funding].signed[place(owner)] = at + 1;
            }
        }
    }

    fn again(&mut self, owner: Side) {
        for funding in 0..self.fundings.len() {
            if let Some(at) = self.fundings[funding].signed[place(owner)].checked_sub(1) {
                let state = self.state(funding, at);
                let allowed = at >= self.revealed[place(owner)];
                assert_eq!(self.sign(funding, owner, at, &state), (allowed, allowed), "{owner} {at}");
            }
        }
    }

    /// Another balance at a number around the newest: never signed where one was signed before, revoked or too far ahead.
    fn cheat(&mut self, owner: Side, back: u64, ahead: u64) {
        for funding in 0..self.fundings.len() {
            let newest = self.fundings[funding].signed[place(owner)];
            let Some(at) = (newest + ahead).checked_sub(back) else { continue };
            let revealed = self.revealed[place(owner)];
            if at >= newest.max(revealed) && at <= revealed + 1 {
                continue; // That is no cheating: nothing was signed at this number yet.
            }
            let mut state = self.state(funding, at);
            let amount = channel_core::Msat::from_msat(1_000_000);
            let transfer = channel_core::commitment::SpecUpdate::Transfer { from: Side::Local, amount };
            state = state.apply(transfer).unwrap();
            assert_eq!(self.sign(funding, owner, at, &state), (false, false), "{owner} {at}");
        }
    }

    fn reveal(&mut self, owner: Side, offset: i64) {
        let out = self.revealed[place(owner)];
        let Some(at) = out.checked_add_signed(offset) else { return };
        let complete = self.fundings.iter().all(|funding| funding.signed[place(owner)] >= at + 2);
        let allowed = at < out || (at == out && complete);
        let (party, peer) = self.channel.parties(owner);
        let before = party.signer.record().clone();
        match party.signer.reveal(number(at)) {
            Ok(secret) => {
                assert!(allowed, "secret {at} of {owner} came out early");
                if at == out {
                    let point = party.signer.per_commitment_point(number(at)).unwrap();
                    peer.signer.accept_revocation(number(at), &secret, &point).unwrap();
                    self.revealed[place(owner)] = at + 1;
                }
            }
            Err(refused) => {
                assert!(!allowed, "{owner}: {refused}");
                assert_eq!(*party.signer.record(), before, "a refusal changes nothing");
            }
        }
    }

    fn restart(&mut self, owner: Side) {
        let which = place(owner);
        let fundings: Vec<_> =
            self.fundings.iter().map(|funding| (funding.index, funding.builders[which].clone())).collect();
        let (party, _) = self.channel.parties(owner);
        party.restart(if which == 0 { 1 } else { 2 }, &fundings);
    }

    fn splice(&mut self) {
        if self.fundings.len() > 1 {
            return;
        }
        let index = FundingIndex::new(1);
        let candidates = splice(&self.channel, &spec(self.format, 3_000_000, 0), index, splice_in);
        let builders = candidates.map(|candidate| candidate.builder);
        self.channel.alice.signer.add_funding(index, builders[0].clone()).unwrap();
        self.channel.bob.signer.add_funding(index, builders[1].clone()).unwrap();
        self.fundings.push(Funding { index, builders, signed: [0, 0] });
    }
}

fn format() -> impl Strategy<Value = CommitmentFormat> {
    prop_oneof![Just(CommitmentFormat::TaprootV3), Just(CommitmentFormat::SegwitV3)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_two_signatures_conflict_and_nothing_honest_is_refused(
        format in format(),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut model = Model::new(format);
        for step in steps {
            model.take(step);
            for party in [&model.channel.alice, &model.channel.bob] {
                let record = party.signer.record();
                let read = SigningRecord::from_bytes(&record.to_bytes());
                prop_assert_eq!(read.as_ref(), Ok(record));
            }
        }
    }

    #[test]
    fn bytes_of_any_kind_are_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let sealed = crate::stored::sealed(&[&[1][..], &bytes].concat());
        for bytes in [&bytes, &sealed] {
            if let Ok(record) = SigningRecord::from_bytes(bytes) {
                prop_assert_eq!(&record.to_bytes(), bytes);
            }
        }
    }
}

#[test]
fn the_walk_makes_headway() {
    let mut model = Model::new(CommitmentFormat::TaprootV3);
    for _ in 0..5 {
        for owner in Side::ALL {
            model.take(Step::Commit { owner, fundings: 2 });
            model.take(Step::Reveal { owner, offset: 0 });
        }
    }
    assert_eq!(model.revealed, [4, 4]);
    assert_eq!(mirrored(&mirrored(&model.state(0, 3))), model.state(0, 3));
    model.take(Step::Cheat { owner: Side::Local, back: 1, ahead: 0 });
}
