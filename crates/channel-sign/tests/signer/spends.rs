//! Closes, splices, claims and penalties: two signers, and consensus code as the judge.

use std::collections::BTreeMap;

use bitcoin::absolute::LockTime;
use bitcoin::hashes::Hash;
use bitcoin::{Amount, OutPoint, SignedAmount, Transaction, TxOut, Txid, Witness};
use channel_core::commitment::{CommitmentSpec, SpecUpdate};
use channel_core::{CommitmentFormat, FeerateKw, HtlcId, Msat, PerSide, Side};
use channel_sign::channel_tx::bump::{ChildTerms, FeeChild, PackagePart};
use channel_sign::channel_tx::claim::second_level::{Batch, BatchTerms, Resolved};
use channel_sign::channel_tx::claim::{ClaimFacts, Claims, Confirmation, Standing, SweepTerms};
use channel_sign::channel_tx::close::{
    CloseProposal, CloseVariant, ClosingChannel, ClosingTransaction, ShutdownScript,
};
use channel_sign::channel_tx::commitment::{Commitment, CommitmentBuilder, OutputRole};
use channel_sign::channel_tx::funding::Contribution;
use channel_sign::channel_tx::spend::{Coin, InputHint, UnsignedTransaction};
use channel_sign::channel_tx::splice::{Splice, SpliceCandidate};
use channel_sign::channel_tx::weight::WalletScript;
use channel_sign::keys::FundingIndex;
use channel_sign::musig::{NonceRole, PublicNonce, SecretNonce};
use channel_sign::signer::{
    CommitmentSignature, CompletedCommitment, CountersignRefusal, FundingCosignature, FundingSpend,
    PeerCosignature, RevealRefusal, SigningNonces, SpendKind, SpendRefusal, SpendSignature,
};
use channel_sign::{bitcoin, channel_core};

use crate::consensus::verify;
use crate::harness::{
    CAPACITY, Channel, FORMATS, Party, entropy, mirrored, number, own_script, payment_hash, preimage,
    secrets, spec,
};

const HEIGHT: u32 = 10_000;

// Closes and splices.

/// A nonce for a close or splice.
fn ahead(party: &mut Party, role: NonceRole, funding: OutPoint) -> Option<SecretNonce> {
    party.signer.nonce(funding, role, &mut party.nonces, &entropy()).unwrap()
}

fn nonces(own: Option<SecretNonce>, peer: Option<&PublicNonce>) -> SigningNonces<'_> {
    match (own, peer) {
        (Some(nonce), Some(peer)) => SigningNonces::Ahead { peer, nonce },
        _ => SigningNonces::None,
    }
}

fn half(signature: &FundingCosignature) -> PeerCosignature {
    match signature {
        FundingCosignature::Partial(session) => PeerCosignature::Partial(*session.partial_signature()),
        FundingCosignature::Ecdsa(signature) => PeerCosignature::Ecdsa(*signature),
    }
}

/// Both sign, and both put the halves together; the witness is Alice's.
pub(crate) fn cosign(
    channel: &mut Channel,
    alices: &FundingSpend<'_>,
    bobs: &FundingSpend<'_>,
) -> Result<Witness, SpendRefusal> {
    let role = if alices.kind == SpendKind::Close { NonceRole::Closing } else { NonceRole::Splicing };
    let hers = ahead(&mut channel.alice, role, alices.funding);
    let his = ahead(&mut channel.bob, role, bobs.funding);
    let publics = (hers.as_ref().map(|n| *n.public_nonce()), his.as_ref().map(|n| *n.public_nonce()));
    let alice = channel.alice.signer.cosign(alices, nonces(hers, publics.1.as_ref()))?;
    let bob = channel.bob.signer.cosign(bobs, nonces(his, publics.0.as_ref()))?;
    let (from_alice, from_bob) = (half(&alice), half(&bob));
    let witness = channel.alice.signer.combine(alices, alice, &from_bob).unwrap();
    assert_eq!(channel.bob.signer.combine(bobs, bob, &from_alice).unwrap(), witness);
    Ok(witness)
}

/// The close of the channel as Alice builds it, who pays this fee.
pub(crate) fn close(builder: &CommitmentBuilder, spec: &CommitmentSpec, fee: u64) -> ClosingTransaction {
    let closing = ClosingChannel::new(builder, spec).unwrap();
    let scripts = PerSide {
        local: ShutdownScript::new(own_script(1)).unwrap(),
        remote: ShutdownScript::new(own_script(2)).unwrap(),
    };
    let (fee, lock_time) = (Amount::from_sat(fee), LockTime::ZERO);
    let proposal = CloseProposal { closer: Side::Local, scripts, fee, lock_time };
    closing.variant(&proposal, CloseVariant::CloserAndCloseeOutputs).unwrap()
}

pub(crate) fn closing_spend(unsigned: &UnsignedTransaction, funding: OutPoint) -> FundingSpend<'_> {
    FundingSpend { unsigned, funding, kind: SpendKind::Close, returns: Amount::ZERO }
}

pub(crate) fn splicing_spend(candidate: &SpliceCandidate, funding: OutPoint) -> FundingSpend<'_> {
    let unsigned = &candidate.transaction.unsigned;
    FundingSpend { unsigned, funding, kind: SpendKind::Splice, returns: Amount::ZERO }
}

fn signed(unsigned: &UnsignedTransaction, signatures: &[SpendSignature]) -> Transaction {
    let mut transaction = unsigned.transaction.clone();
    for signature in signatures {
        transaction.input[signature.index].witness = signature.witness.clone();
    }
    transaction
}

#[test]
fn both_close_and_may_raise_the_fee() {
    for format in FORMATS {
        let mut channel = Channel::new(format);
        let state = spec(format, 3_000_000, 0);
        channel.advance(0, &state);
        let funding = channel.alice.builder.outpoint();
        for fee in [1_000, 2_000] {
            let close = close(&channel.alice.builder, &state, fee);
            let spend = closing_spend(&close.unsigned, funding);
            let bobs = FundingSpend { returns: Amount::from_sat(3_000_000), ..spend };
            let witness = cosign(&mut channel, &spend, &bobs).unwrap();
            let transaction = signed(&close.unsigned, &[SpendSignature { index: 0, witness }]);
            verify(&transaction, 0, &close.unsigned.prevouts()).unwrap();
        }
        // Alice pays the fee; Bob knows that nothing of it is his.
        let close = close(&channel.alice.builder, &state, 3_000);
        let spend =
            FundingSpend { returns: Amount::from_sat(3_000_001), ..closing_spend(&close.unsigned, funding) };
        let nonce = ahead(&mut channel.bob, NonceRole::Closing, funding);
        let peer = ahead(&mut channel.alice, NonceRole::Closing, funding).map(|nonce| *nonce.public_nonce());
        let refused = channel.bob.signer.cosign(&spend, nonces(nonce, peer.as_ref())).unwrap_err();
        assert!(matches!(refused, SpendRefusal::ForeignScript { .. }), "{refused}");

        // After a close nothing new is signed; what was signed may be signed again.
        let (_, his) = channel.build(Side::Local, 0, &state);
        let nonce = channel.alice.nonce();
        assert!(channel.bob.countersign(&his, nonce.as_ref()).is_ok());
        let (_, next) = channel.build(Side::Local, 1, &state);
        let refused = channel.bob.countersign(&next, nonce.as_ref()).unwrap_err();
        assert_eq!(refused, CountersignRefusal::Closing { number: number(1) });
    }
}

#[test]
fn a_close_pays_the_newest_balance_whatever_the_caller_says() {
    let format = CommitmentFormat::TaprootV3;
    let mut channel = Channel::new(format);
    let (old, new) = (spec(format, 3_000_000, 0), spec(format, 3_200_000, 0));
    channel.advance(0, &old);
    channel.advance(1, &new);
    let funding = channel.alice.builder.outpoint();
    let stale = close(&channel.alice.builder, &old, 1_000);
    let refused = channel.bob.signer.cosign(&closing_spend(&stale.unsigned, funding), SigningNonces::None);
    let expected = SpendRefusal::ForeignScript {
        kind: SpendKind::Close,
        expected: Amount::from_sat(3_199_000),
        returned: Amount::from_sat(3_000_000),
    };
    assert_eq!(refused.unwrap_err(), expected);
    // The boundary: all of the fee can be ours, not a satoshi more.
    let mut edge = close(&channel.alice.builder, &new, 1_000).unsigned;
    let bobs = own_script(2);
    let output = edge.transaction.output.iter().position(|output| output.script_pubkey == bobs).unwrap();
    edge.transaction.output[output].value = Amount::from_sat(3_199_000);
    edge.transaction.output[1 - output].value = Amount::from_sat(CAPACITY - 3_199_000 - 1_000);
    let outcome = channel.bob.signer.cosign(&closing_spend(&edge, funding), SigningNonces::None);
    assert_eq!(outcome.unwrap_err(), SpendRefusal::Nonces, "all but the nonces is right");
    edge.transaction.output[output].value = Amount::from_sat(3_198_999);
    edge.transaction.output[1 - output].value = Amount::from_sat(CAPACITY - 3_198_999 - 1_000);
    let outcome = channel.bob.signer.cosign(&closing_spend(&edge, funding), SigningNonces::None);
    assert!(matches!(outcome, Err(SpendRefusal::ForeignScript { .. })));
}

/// A splice of Alice, who adds a coin of hers or takes some of her balance out, as both sides see it.
pub(crate) fn splice(
    channel: &Channel,
    state: &CommitmentSpec,
    index: FundingIndex,
    contribution: impl Fn(Side) -> Contribution,
) -> [SpliceCandidate; 2] {
    let keys = [1, 2].map(|party| secrets(party).funding_public_key(index).unwrap());
    let view = |builder: &CommitmentBuilder, spec: &CommitmentSpec, alice: Side| {
        let (own, other) = if alice == Side::Local { (keys[0], keys[1]) } else { (keys[1], keys[0]) };
        let feerate = FeerateKw::from_sat_per_kw(1_000);
        let mut splice = Splice::new(
            builder,
            spec,
            PerSide { local: own, remote: other },
            vec![contribution(alice)],
            feerate,
        );
        splice.initiator = alice;
        splice.build().unwrap()
    };
    let mut bobs = view(&channel.bob.builder, &mirrored(state), Side::Remote);
    for input in &mut bobs.transaction.unsigned.inputs {
        if matches!(input.hint, InputHint::Coin(_)) {
            input.hint = InputHint::Foreign;
        }
    }
    [view(&channel.alice.builder, state, Side::Local), bobs]
}

pub(crate) fn coin(sat: u64) -> Coin {
    Coin {
        outpoint: OutPoint { txid: Txid::from_byte_array([0x31; 32]), vout: 3 },
        txout: TxOut { value: Amount::from_sat(sat), script_pubkey: own_script(1) },
        script: WalletScript::P2tr,
        origin: None,
    }
}

pub(crate) fn splice_in(side: Side) -> Contribution {
    Contribution::exact(side, vec![coin(1_500_000)], SignedAmount::from_sat(1_000_000), own_script(1))
}

pub(crate) fn splice_out(side: Side) -> Contribution {
    let output = TxOut { value: Amount::from_sat(400_000), script_pubkey: own_script(1) };
    Contribution::pay_out(side, vec![output])
}

/// Takes the candidate on and completes both commitments of `at` on it.
pub(crate) fn take_on(
    channel: &mut Channel,
    candidates: &[SpliceCandidate; 2],
    index: FundingIndex,
    at: u64,
) -> [CompletedCommitment; 2] {
    channel.alice.signer.add_funding(index, candidates[0].builder.clone()).unwrap();
    channel.bob.signer.add_funding(index, candidates[1].builder.clone()).unwrap();
    complete_on(channel, candidates, at)
}

pub(crate) fn complete_on(
    channel: &mut Channel,
    candidates: &[SpliceCandidate; 2],
    at: u64,
) -> [CompletedCommitment; 2] {
    let [alices, bobs] = candidates.clone();
    Side::ALL.map(|owner| {
        let builders = match owner {
            Side::Local => (alices.builder.clone(), bobs.builder.clone()),
            Side::Remote => (bobs.builder.clone(), alices.builder.clone()),
        };
        let (own, other) = channel.build_on(&builders, owner, at, &alices.spec);
        channel.sign(owner, own, &other).unwrap()
    })
}

#[test]
fn a_splice_is_signed_when_the_commitments_on_it_are_complete() {
    for format in FORMATS {
        for (contribution, htlcs) in
            [(splice_in as fn(Side) -> Contribution, 2), (splice_out as fn(Side) -> Contribution, 0)]
        {
            let mut channel = Channel::new(format);
            let state = spec(format, 3_000_000, htlcs);
            channel.advance(0, &state);
            let funding = channel.alice.builder.outpoint();
            let index = FundingIndex::OPENING.next().unwrap();
            let candidates = splice(&channel, &state, index, contribution);
            let [hers, his] = &candidates;
            assert_eq!(hers.transaction.unsigned.transaction, his.transaction.unsigned.transaction);
            let spends = [hers, his].map(|candidate| splicing_spend(candidate, funding));
            let early = channel.alice.signer.cosign(&spends[0], SigningNonces::None).unwrap_err();
            assert_eq!(early, SpendRefusal::SpliceIncomplete, "it is not known");
            channel.alice.signer.add_funding(index, hers.builder.clone()).unwrap();
            let early = channel.alice.signer.cosign(&spends[0], SigningNonces::None).unwrap_err();
            assert_eq!(early, SpendRefusal::SpliceIncomplete, "nothing is complete on it");

            let completed = take_on(&mut channel, &candidates, index, 0);
            for commitment in &completed {
                let prevout = commitment.commitment.funding_txout().clone();
                verify(&commitment.transaction, 0, &[prevout]).unwrap();
            }
            let witness = cosign(&mut channel, &spends[0], &spends[1]).unwrap();
            let unsigned = &hers.transaction.unsigned;
            let mut inputs = unsigned.transaction.input.iter();
            let place = inputs.position(|input| input.previous_output == funding).unwrap();
            let transaction = signed(unsigned, &[SpendSignature { index: place, witness }]);
            verify(&transaction, place, &unsigned.prevouts()).unwrap();
        }
    }
}

#[test]
fn with_two_funding_outputs_a_secret_waits_for_both() {
    for format in FORMATS {
        let mut channel = Channel::new(format);
        let state = spec(format, 3_000_000, 1);
        channel.advance(0, &state);
        let index = FundingIndex::OPENING.next().unwrap();
        let candidates = splice(&channel, &state, index, splice_in);
        take_on(&mut channel, &candidates, index, 0);
        channel.both(1, &state);
        let candidate = candidates[0].builder.outpoint();
        let early = RevealRefusal::Early { number: number(0), funding: candidate };
        assert_eq!(channel.alice.signer.reveal(number(0)).unwrap_err(), early);
        // The same after a restart, even if the program forgot the candidate.
        let opening = (FundingIndex::OPENING, channel.alice.builder.clone());
        channel.alice.restart(1, std::slice::from_ref(&opening));
        assert_eq!(channel.alice.signer.reveal(number(0)).unwrap_err(), early);
        channel.alice.restart(1, &[opening, (index, candidates[0].builder.clone())]);
        complete_on(&mut channel, &candidates, 1);
        channel.revoke(0);
        channel.revoke_of(Side::Remote, 0);
        // The candidate confirmed; the old output is spent for good.
        let old = channel.alice.builder.outpoint();
        for party in [&mut channel.alice, &mut channel.bob] {
            party.signer.remove_funding(old);
            assert_eq!(party.signer.fundings().collect::<Vec<_>>(), [candidate]);
        }
        complete_on(&mut channel, &candidates, 2);
        channel.revoke(1);
        channel.revoke_of(Side::Remote, 1);
    }
}

#[test]
fn a_splice_that_loses_money_on_the_way_is_refused() {
    for contribution in [splice_in as fn(Side) -> Contribution, splice_out] {
        let format = CommitmentFormat::TaprootV3;
        let mut channel = Channel::new(format);
        let state = spec(format, 3_000_000, 1);
        channel.advance(0, &state);
        let funding = channel.alice.builder.outpoint();
        let index = FundingIndex::OPENING.next().unwrap();
        let mut candidates = splice(&channel, &state, index, contribution);
        // The commitments on the candidate pay Bob what Alice had.
        let stolen = Amount::from_sat(500_000);
        let pay = |spec: &CommitmentSpec, from: Side| {
            let amount = Msat::try_from(stolen).unwrap();
            spec.apply(SpecUpdate::Transfer { from, amount }).unwrap()
        };
        candidates[0].spec = pay(&candidates[0].spec, Side::Local);
        candidates[1].spec = pay(&candidates[1].spec, Side::Remote);
        take_on(&mut channel, &candidates, index, 0);
        let spend = splicing_spend(&candidates[0], funding);
        let refused = channel.alice.signer.cosign(&spend, SigningNonces::None).unwrap_err();
        let SpendRefusal::ForeignScript { kind: SpendKind::Splice, expected, returned } = refused else {
            panic!("{refused}")
        };
        // All of it is missing but for what the fee might explain, which Alice pays here.
        assert_eq!(expected.checked_sub(returned), Some(stolen));
        // Bob gains; his signer does not mind.
        let bobs = splicing_spend(&candidates[1], funding);
        assert_eq!(channel.bob.signer.cosign(&bobs, SigningNonces::None).unwrap_err(), SpendRefusal::Nonces);
    }
}

#[test]
fn a_splice_that_drops_an_htlc_is_refused() {
    let format = CommitmentFormat::TaprootV3;
    let mut channel = Channel::new(format);
    let state = spec(format, 3_000_000, 1);
    channel.advance(0, &state);
    let index = FundingIndex::OPENING.next().unwrap();
    let mut candidates = splice(&channel, &state, index, splice_in);
    // Alice offered it; on the candidate Bob has it without a preimage.
    let settle = |spec: &CommitmentSpec, offered_by: Side| {
        spec.apply(SpecUpdate::Fulfill { offered_by, id: HtlcId::new(0) }).unwrap()
    };
    candidates[0].spec = settle(&candidates[0].spec, Side::Local);
    candidates[1].spec = settle(&candidates[1].spec, Side::Remote);
    take_on(&mut channel, &candidates, index, 0);
    let spend = splicing_spend(&candidates[0], channel.alice.builder.outpoint());
    let refused = channel.alice.signer.cosign(&spend, SigningNonces::None).unwrap_err();
    let target = candidates[0].builder.outpoint();
    assert_eq!(refused, SpendRefusal::Unsettled { funding: target, kind: SpendKind::Splice });
}

#[test]
fn a_splice_to_a_revoked_commitment_is_refused() {
    let format = CommitmentFormat::TaprootV3;
    let mut channel = Channel::new(format);
    let state = spec(format, 3_000_000, 0);
    channel.advance(0, &state);
    let index = FundingIndex::OPENING.next().unwrap();
    let candidates = splice(&channel, &state, index, splice_in);
    take_on(&mut channel, &candidates, index, 0);
    // Given up, passed by, and taken on again: what is complete on it is revoked.
    channel.alice.signer.remove_funding(candidates[0].builder.outpoint());
    channel.both(1, &state);
    channel.revoke(0);
    channel.alice.signer.add_funding(index, candidates[0].builder.clone()).unwrap();
    let spend = splicing_spend(&candidates[0], channel.alice.builder.outpoint());
    let refused = channel.alice.signer.cosign(&spend, SigningNonces::None).unwrap_err();
    assert_eq!(refused, SpendRefusal::SpliceIncomplete);
}

#[test]
fn the_next_commitment_is_claimed_before_the_old_one_is_revoked() {
    let format = CommitmentFormat::TaprootV3;
    let mut channel = Channel::new(format);
    let state = spec(format, 3_000_000, 0);
    channel.advance(0, &state);
    channel.both(1, &state);
    for at in [0, 1] {
        let (hers, _) = channel.build(Side::Local, at, &state);
        for unsigned in sweeps(&hers, Side::Local, Standing::Valid) {
            let signatures = channel.alice.signer.sign_claims(&unsigned, None, |_| None).unwrap();
            assert_signed(&unsigned, &signatures);
        }
    }
}

// Claims.

fn facts(standing: Standing, known: &BTreeMap<channel_core::PaymentHash, [u8; 32]>) -> ClaimFacts<'_> {
    ClaimFacts {
        height: HEIGHT,
        confirmation: Confirmation::Height(HEIGHT - 500),
        standing,
        preimages: known,
    }
}

fn preimages() -> BTreeMap<channel_core::PaymentHash, [u8; 32]> {
    (0..6).map(|id| (payment_hash(id), preimage(id))).collect()
}

/// What `claimant` sweeps of a commitment.
pub(crate) fn sweeps(
    commitment: &Commitment,
    claimant: Side,
    standing: Standing,
) -> Vec<UnsignedTransaction> {
    let party = if claimant == Side::Local { 1 } else { 2 };
    let claims = Claims::of(&commitment.channel_outputs(), Side::Local, &facts(standing, &preimages()));
    let terms = SweepTerms {
        destination: own_script(party),
        feerate: FeerateKw::from_sat_per_kw(500),
        height: HEIGHT,
    };
    let plan = terms.plan(&claims.claims);
    plan.sweeps.into_iter().map(|sweep| sweep.transaction).collect()
}

fn assert_signed(unsigned: &UnsignedTransaction, signatures: &[SpendSignature]) {
    assert!(!signatures.is_empty());
    let transaction = signed(unsigned, signatures);
    for signature in signatures {
        verify(&transaction, signature.index, &unsigned.prevouts()).unwrap();
    }
}

#[test]
fn claims_of_both_commitments_satisfy_consensus() {
    for format in FORMATS {
        let mut channel = Channel::new(format);
        let state = spec(format, 3_000_000, 6);
        channel.advance(0, &state);
        let (hers, his) = channel.build(Side::Local, 0, &state);
        // Alice's commitment: hers after the delay, Bob's balance, preimages and timeouts at once.
        let mut inputs = 0;
        for unsigned in sweeps(&hers, Side::Local, Standing::Valid) {
            let signatures = channel.alice.signer.sign_claims(&unsigned, None, |_| None).unwrap();
            assert_signed(&unsigned, &signatures);
            inputs += signatures.len();
        }
        assert_eq!(inputs, 1, "{format}: to_local");
        inputs = 0;
        for unsigned in sweeps(&his, Side::Remote, Standing::Valid) {
            let signatures = channel.bob.signer.sign_claims(&unsigned, None, |_| None).unwrap();
            assert_signed(&unsigned, &signatures);
            inputs += signatures.len();
        }
        assert_eq!(inputs, 7, "{format}: to_remote and six htlcs");
    }
}

#[test]
fn penalties_satisfy_consensus_and_what_is_revoked_is_not_claimed() {
    for format in FORMATS {
        let mut channel = Channel::new(format);
        let state = spec(format, 3_000_000, 6);
        channel.advance(0, &state);
        let (hers, his) = channel.build(Side::Local, 0, &state);
        for unsigned in sweeps(&his, Side::Remote, Standing::Revoked) {
            let early = channel.bob.signer.sign_claims(&unsigned, Some(number(0)), |_| None);
            let to_remote_alone = unsigned.inputs.len() == 1;
            assert!(to_remote_alone || matches!(early, Err(SpendRefusal::NotRevoked { .. })), "{early:?}");
        }
        channel.advance(1, &state);
        let mut inputs = 0;
        for unsigned in sweeps(&his, Side::Remote, Standing::Revoked) {
            let signatures = channel.bob.signer.sign_claims(&unsigned, Some(number(0)), |_| None).unwrap();
            assert_signed(&unsigned, &signatures);
            inputs += signatures.len();
        }
        assert_eq!(inputs, 8, "{format}: to_local, to_remote and six htlcs");
        for unsigned in sweeps(&hers, Side::Local, Standing::Valid) {
            let refused = channel.alice.signer.sign_claims(&unsigned, None, |_| None).unwrap_err();
            assert_eq!(refused, SpendRefusal::OwnRevoked { index: 0 }, "{format}");
        }
    }
}

/// The second level of a completed commitment, all HTLCs of one lock time in a batch.
pub(crate) fn batches(commitment: &Commitment) -> Vec<(UnsignedTransaction, Vec<usize>)> {
    let mut groups: BTreeMap<u32, Vec<(usize, Resolved<'_>)>> = BTreeMap::new();
    for (place, transaction) in commitment.htlc_transactions().enumerate() {
        let lock_time = transaction.transaction().lock_time.to_consensus_u32();
        let id = transaction.htlc().htlc.id.to_u64();
        let preimage = (lock_time == 0).then(|| preimage(id));
        groups.entry(lock_time).or_default().push((place, Resolved { transaction, preimage }));
    }
    let coins = [coin(100_000)];
    let terms = BatchTerms {
        coins: &coins,
        change: own_script(1),
        feerate: FeerateKw::from_sat_per_kw(1_000),
        confirmation: Confirmation::Height(HEIGHT - 500),
        height: HEIGHT,
    };
    let build = |group: Vec<(usize, Resolved<'_>)>| {
        let (places, htlcs): (Vec<_>, Vec<_>) = group.into_iter().unzip();
        (Batch::build(&htlcs, &terms).unwrap().transaction, places)
    };
    groups.into_values().map(build).collect()
}

#[test]
fn second_levels_satisfy_consensus_until_the_commitment_is_revoked() {
    for format in FORMATS {
        let mut channel = Channel::new(format);
        let state = spec(format, 3_000_000, 6);
        let [completed, _] = channel.advance(0, &state);
        let batches = batches(&completed.commitment);
        assert_eq!(batches.len(), 4, "successes together, a timeout each");
        for (unsigned, places) in &batches {
            let theirs = |index: usize| places.get(index).map(|place| completed.htlc_signatures[*place]);
            let signatures = channel.alice.signer.sign_second_level(unsigned, theirs).unwrap();
            assert_eq!(signatures.len(), places.len());
            assert_signed(unsigned, &signatures);

            let missing = channel.alice.signer.sign_second_level(unsigned, |_| None).unwrap_err();
            assert_eq!(missing, SpendRefusal::CountersignatureMissing { index: 0 });
            let mut diverted = unsigned.clone();
            diverted.transaction.output[0].script_pubkey = own_script(1);
            let refused = channel.alice.signer.sign_second_level(&diverted, theirs).unwrap_err();
            assert_eq!(refused, SpendRefusal::SecondLevel { index: 0 });
            let mut diverted = unsigned.clone();
            diverted.transaction.output.last_mut().unwrap().script_pubkey = own_script(2);
            let refused = channel.alice.signer.sign_second_level(&diverted, theirs).unwrap_err();
            assert!(matches!(refused, SpendRefusal::ForeignScript { .. }), "{refused}");
        }
        channel.advance(1, &state);
        for (unsigned, places) in &batches {
            let theirs = |index: usize| places.get(index).map(|place| completed.htlc_signatures[*place]);
            let refused = channel.alice.signer.sign_second_level(unsigned, theirs).unwrap_err();
            assert_eq!(refused, SpendRefusal::OwnRevoked { index: 0 });
        }
    }
}

#[test]
fn the_keyed_anchor_of_each_side_raises_the_fee() {
    for format in [CommitmentFormat::TaprootV2, CommitmentFormat::SegwitAnchors] {
        let mut channel = Channel::new(format);
        let [completed, _] = channel.advance(0, &spec(format, 3_000_000, 0));
        let (_, his) = channel.build(Side::Local, 0, &spec(format, 3_000_000, 0));
        for (commitment, role, party) in
            [(&completed.commitment, OutputRole::LocalAnchor, 1), (&his, OutputRole::RemoteAnchor, 2)]
        {
            let outputs = commitment.channel_outputs();
            let place = commitment.outputs().iter().position(|output| output.role == role).unwrap();
            let fee = commitment.fee().total();
            let parent = PackagePart {
                transaction: commitment.transaction(),
                weight: completed.transaction.weight(),
                fee,
            };
            let terms = ChildTerms {
                parent,
                anchor: &outputs[place],
                coins: &[coin(200_000)],
                change: own_script(party),
                feerate: FeerateKw::from_sat_per_kw(5_000),
                replaces: None,
            };
            let child = FeeChild::build(&terms).unwrap().transaction;
            let signer = if party == 1 { &channel.alice.signer } else { &channel.bob.signer };
            let signatures = signer.sign_claims(&child, None, |_| None).unwrap();
            assert_eq!(signatures.len(), 1, "the coin is the wallet's");
            assert_signed(&child, &signatures);
        }
    }
}

#[test]
fn a_segwit_signature_has_a_low_s_and_a_low_r() {
    let mut channel = Channel::new(CommitmentFormat::SegwitV3);
    let (_, his) = channel.alices(0, &spec(CommitmentFormat::SegwitV3, 3_000_000, 0));
    let CommitmentSignature::Ecdsa(signature) = channel.countersign(&his, None).commitment else {
        panic!("segwit")
    };
    let mut normal = signature;
    normal.normalize_s();
    assert_eq!(normal, signature);
    assert!(signature.serialize_der().len() <= 70);
}
