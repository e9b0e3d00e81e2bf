//! Every refusal there is, provoked once: the list of variants is read from the source, so that a new one without a
//! scenario here fails the test.

use std::collections::BTreeSet;
use std::fmt::Debug;

use bitcoin::hashes::Hash;
use bitcoin::secp256k1::ecdsa;
use bitcoin::{Amount, OutPoint, Txid};
use channel_core::commitment::{CommitmentSpec, CommitmentTerms};
use channel_core::dust::TrimLimit;
use channel_core::htlc::{Htlc, HtlcDirection};
use channel_core::{CltvExpiry, CommitmentFormat, FeerateKw, PerSide, Side};
use channel_sign::channel_tx::claim::Standing;
use channel_sign::channel_tx::commitment::{CommitmentBuilder, CommitmentPoint, HtlcWitnessError};
use channel_sign::channel_tx::spend::{ChannelKey, ChannelSpend, InputHint, StackItem, UnsignedTransaction};
use channel_sign::keys::FundingIndex;
use channel_sign::musig::{NonceRole, SecretNonce};
use channel_sign::shachain::{InsertSecretError, ShachainSeed};
use channel_sign::signer::{
    ChannelSigner, CommitmentRefusal, CommitmentSignature, CompletedCommitment, CompletionRefusal,
    CountersignRefusal, Countersignature, FundingCosignature, FundingSpend, HtlcRefusal, OpenRefusal,
    PeerCosignature, SigningNonces, SigningRecord, SpendKind, SpendRefusal, StateRefusal,
};
use channel_sign::{bitcoin, channel_core};

use crate::harness::{
    CAPACITY, Channel, FORMATS, basepoints, builder, builder_with, delay, entropy, mirrored, number,
    outpoint, policy, secrets, spec, terms,
};
use crate::spends::{batches, close, closing_spend, complete_on, splice, splice_in, sweeps, take_on};
use crate::stored::{record_at, sealed};

const V3: CommitmentFormat = CommitmentFormat::TaprootV3;

/// Refusals that only chance or 2^64 nonces could cause from outside; `src/signer/tests.rs` causes them from inside.
const INSIDE: [(&str, &str); 2] = [("CountersignRefusal", "NonceSource"), ("SpendRefusal", "NonceSource")];

/// The refusals seen, as enum and variant.
#[derive(Default)]
struct Seen(BTreeSet<(String, String)>);

impl Seen {
    fn add(&mut self, refusal: &impl Debug) {
        let name = std::any::type_name_of_val(refusal).rsplit("::").next().unwrap().to_owned();
        let printed = format!("{refusal:?}");
        let end = printed.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(printed.len());
        self.0.insert((name, printed[..end].to_owned()));
    }
}

/// The variants of all error enums of a source file.
fn declared(source: &str) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    let mut current = None;
    for line in source.lines() {
        if let Some(rest) = line.strip_prefix("pub enum ") {
            current = rest.strip_suffix(" {").map(str::to_owned);
        } else if line == "}" {
            current = None;
        } else if let (Some(name), Some(variant)) = (&current, line.strip_prefix("    "))
            && variant.starts_with(|letter: char| letter.is_ascii_uppercase())
        {
            let end = variant.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(variant.len());
            found.insert((name.clone(), variant[..end].to_owned()));
        }
    }
    found
}

#[test]
fn every_refusal_is_provoked() {
    let mut seen = Seen::default();
    opening(&mut seen);
    commitments(&mut seen);
    countersigning(&mut seen);
    completing(&mut seen);
    revealing_and_states(&mut seen);
    cosigning(&mut seen);
    claiming(&mut seen);
    second_levels(&mut seen);
    decoding(&mut seen);
    let mut declared = declared(include_str!("../../src/signer/error.rs"));
    declared.extend(self::declared(include_str!("../../src/signer/encoding.rs")));
    declared.retain(|(name, variant)| {
        let inside = INSIDE.iter().any(|(other, what)| name == other && variant == what);
        name != "SpendKind" && !inside
    });
    assert!(declared.len() > 45, "{declared:?}");
    let missing: Vec<_> = declared.difference(&seen.0).collect();
    assert!(missing.is_empty(), "no scenario for {missing:?}");
}

fn fresh(party: u8) -> ChannelSigner {
    ChannelSigner::new(secrets(party), policy(party), SigningRecord::default())
}

fn other_outpoint() -> OutPoint {
    OutPoint { txid: Txid::from_byte_array([8; 32]), vout: 1 }
}

fn opening(seen: &mut Seen) {
    let alices = builder(V3, 1, outpoint());
    // One block beyond each end of the range, for either side.
    for side in Side::ALL {
        for (blocks, allowed) in [(5, false), (6, true), (2016, true), (2017, false)] {
            let mut delays = PerSide { local: delay(144), remote: delay(144) };
            *delays.of_mut(side) = delay(blocks);
            let builder = CommitmentBuilder::new(terms(V3, 1), outpoint(), basepoints(1), delays).unwrap();
            match fresh(1).add_funding(FundingIndex::OPENING, builder) {
                Err(refused @ OpenRefusal::Delay { side: found, .. }) if !allowed && found == side => {
                    seen.add(&refused);
                }
                outcome => assert!(allowed && outcome.is_ok(), "{outcome:?}"),
            }
        }
    }
    // Keys of the other party, or of another funding index.
    let foreign = fresh(2).add_funding(FundingIndex::OPENING, alices.clone()).unwrap_err();
    assert_eq!(foreign, OpenRefusal::ForeignKeys);
    assert_eq!(fresh(1).add_funding(FundingIndex::new(1), alices.clone()), Err(OpenRefusal::ForeignKeys));
    seen.add(&foreign);

    let mut signer = fresh(1);
    signer.add_funding(FundingIndex::OPENING, alices.clone()).unwrap();
    signer.add_funding(FundingIndex::OPENING, alices).unwrap();
    let restored = SigningRecord::from_bytes(&signer.record().to_bytes()).unwrap();
    let restored = || ChannelSigner::new(secrets(1), policy(1), restored.clone());
    // The same outpoint with another capacity, opener, trim limit or delay, before and after a restart.
    let base = terms(V3, 1);
    let limit = TrimLimit::observed(Amount::from_sat(355));
    let others = [
        CommitmentTerms { capacity: Amount::from_sat(CAPACITY + 1), ..base },
        CommitmentTerms { opener: Side::Remote, ..base },
        CommitmentTerms { trim: PerSide { local: base.trim.local, remote: limit }, ..base },
    ];
    let mut builders: Vec<_> = others.map(|terms| builder_with(terms, 1, outpoint())).into();
    let delays = PerSide { local: delay(144), remote: delay(145) };
    builders.push(CommitmentBuilder::new(base, outpoint(), basepoints(1), delays).unwrap());
    for other in builders {
        let refused = signer.add_funding(FundingIndex::OPENING, other.clone()).unwrap_err();
        assert_eq!(refused, OpenRefusal::FundingKnown { funding: outpoint() });
        assert_eq!(restored().add_funding(FundingIndex::OPENING, other), Err(refused));
        seen.add(&refused);
    }
    // Another outpoint with another key of the peer, or another opener.
    let mut keys = basepoints(1);
    keys.remote.revocation = keys.remote.payment;
    let delays = PerSide { local: delay(144), remote: delay(144) };
    let peer = CommitmentBuilder::new(base, other_outpoint(), keys, delays).unwrap();
    let opener = builder_with(CommitmentTerms { opener: Side::Remote, ..base }, 1, other_outpoint());
    for other in [peer, opener] {
        let refused = signer.add_funding(FundingIndex::OPENING, other.clone()).unwrap_err();
        assert_eq!(refused, OpenRefusal::OtherChannel { funding: other_outpoint() });
        assert_eq!(restored().add_funding(FundingIndex::OPENING, other), Err(refused));
        seen.add(&refused);
    }
}

fn commitments(seen: &mut Seen) {
    let mut channel = Channel::new(V3);
    let state = spec(V3, 3_000_000, 0);
    let (own, _) = channel.alices(0, &state);
    let refused = channel.alice.signer.countersign(&own, SigningNonces::None).unwrap_err();
    assert_eq!(refused, CommitmentRefusal::WrongOwner { owner: Side::Local }.into());
    seen.add(&CommitmentRefusal::WrongOwner { owner: Side::Local });
    seen.add(&refused);

    let builders = (builder(V3, 1, other_outpoint()), builder(V3, 2, other_outpoint()));
    let (_, unknown) = channel.build_on(&builders, Side::Local, 0, &state);
    let funding = other_outpoint();
    let refused = channel.bob.signer.countersign(&unknown, SigningNonces::None).unwrap_err();
    assert_eq!(refused, CommitmentRefusal::UnknownFunding { funding }.into());
    seen.add(&CommitmentRefusal::UnknownFunding { funding });

    // Another revocation basepoint of ours would make the commitment safe for the peer to cheat with.
    let mut keys = basepoints(2);
    keys.local.revocation = keys.local.payment;
    let delays = PerSide { local: delay(144), remote: delay(144) };
    let unpunishable = CommitmentBuilder::new(terms(V3, 2), outpoint(), keys, delays).unwrap();
    let dearer = CommitmentTerms { opener: Side::Local, ..terms(V3, 2) };
    for other in [unpunishable, builder_with(dearer, 2, outpoint())] {
        let builders = (channel.alice.builder.clone(), other);
        let (_, foreign) = channel.build_on(&builders, Side::Local, 0, &state);
        let refused = channel.bob.signer.countersign(&foreign, SigningNonces::None).unwrap_err();
        assert_eq!(refused, CommitmentRefusal::OtherChannel.into());
        seen.add(&CommitmentRefusal::OtherChannel);
    }

    let point =
        CommitmentPoint { number: number(0), point: secrets(1).per_commitment_point(number(1)).unwrap() };
    let wrong = channel.alice.builder.commitment(Side::Local, &point, &state).unwrap();
    let nonce = channel.alice.nonce();
    let (_, his) = channel.alices(0, &state);
    let signature = channel.countersign(&his, nonce.as_ref());
    let refused = channel.alice.signer.complete(wrong, nonce, signature).unwrap_err();
    assert_eq!(refused, CommitmentRefusal::WrongPoint { number: number(0) }.into());
    seen.add(&CommitmentRefusal::WrongPoint { number: number(0) });
    seen.add(&refused);

    // The highest feerate, and the next one that makes a satoshi of difference.
    let format = CommitmentFormat::TaprootV2;
    let mut channel = Channel::new(format);
    let highest = policy(1).max_commitment_feerate.to_sat_per_kw();
    for (feerate, allowed) in [(highest, true), (highest + 2, false)] {
        let balances = PerSide::from_fn(|side| spec(format, 3_000_000, 0).balance(side));
        let state = CommitmentSpec::new(balances, FeerateKw::from_sat_per_kw(feerate)).unwrap();
        let (_, his) = channel.alices(0, &state);
        let nonce = channel.alice.nonce();
        match channel.bob.countersign(&his, nonce.as_ref()) {
            Err(CountersignRefusal::Commitment(refused @ CommitmentRefusal::Fee { .. })) if !allowed => {
                seen.add(&refused);
            }
            outcome => assert!(allowed && outcome.is_ok(), "{outcome:?}"),
        }
    }
}

fn countersigning(seen: &mut Seen) {
    let mut channel = Channel::new(V3);
    let state = spec(V3, 3_000_000, 1);
    channel.advance(0, &state);
    let bad = |channel: &mut Channel, at: u64, state: &CommitmentSpec| {
        let (_, his) = channel.alices(at, state);
        let nonce = channel.alice.nonce();
        channel.bob.countersign(&his, nonce.as_ref()).unwrap_err()
    };
    let poorer = spec(V3, 2_999_999, 1);
    let refused = bad(&mut channel, 0, &poorer);
    assert_eq!(refused, CountersignRefusal::SecondMessage { number: number(0) });
    seen.add(&refused);
    // The expiry of an HTLC its owner offered is in the HTLC transaction alone: that is a second message too.
    let htlc = *state.htlcs().next().unwrap();
    let sooner = Htlc { cltv_expiry: CltvExpiry::new(htlc.cltv_expiry.to_height() - 1).unwrap(), ..htlc };
    let balances = PerSide::from_fn(|side| state.balance(side));
    let sooner = CommitmentSpec::with_htlcs(balances, state.feerate(), [sooner]).unwrap();
    let (first, second) = (channel.alices(0, &state).1, channel.alices(0, &sooner).1);
    assert_eq!(first.txid(), second.txid());
    assert_eq!(bad(&mut channel, 0, &sooner), refused);

    let ahead = bad(&mut channel, 2, &state);
    assert_eq!(ahead, CountersignRefusal::TooFarAhead { number: number(2), revoked_below: 0 });
    seen.add(&ahead);
    channel.both(1, &state);
    let behind = bad(&mut channel, 0, &state);
    assert_eq!(behind, CountersignRefusal::Behind { number: number(0), signed: number(1) });
    seen.add(&behind);
    channel.revoke(0);
    let revoked = bad(&mut channel, 0, &state);
    assert_eq!(revoked, CountersignRefusal::Revoked { number: number(0) });
    seen.add(&revoked);

    // A splice candidate at this number, with another point.
    let index = FundingIndex::new(1);
    let candidates = splice(&channel, &state, index, splice_in);
    channel.bob.signer.add_funding(index, candidates[1].builder.clone()).unwrap();
    let point = ShachainSeed::from_bytes([3; 32]).point(number(1)).unwrap();
    let point = CommitmentPoint { number: number(1), point };
    let other = candidates[1].builder.commitment(Side::Remote, &point, &candidates[1].spec).unwrap();
    let refused = channel.bob.signer.countersign(&other, SigningNonces::None).unwrap_err();
    assert_eq!(refused, CountersignRefusal::OtherPoint { number: number(1) });
    seen.add(&refused);
    // Nor is the secret of another point taken as the revocation of what was signed.
    let secret = ShachainSeed::from_bytes([3; 32]).secret(number(1));
    let taken = channel.bob.signer.accept_revocation(number(1), &secret, &point.point);
    assert_eq!(taken, Err(InsertSecretError::WrongPoint { number: number(1) }));

    let (_, current) = channel.alices(1, &state);
    let refused = channel.bob.signer.countersign(&current, SigningNonces::None).unwrap_err();
    assert_eq!(refused, CountersignRefusal::Nonces);
    seen.add(&refused);
    // A nonce made by Alice for her key.
    let nonce = nonce_of(&mut channel, Side::Local);
    let peer = *channel.alice.nonce().unwrap().public_nonce();
    let nonces = SigningNonces::Ahead { peer: &peer, nonce };
    let refused = channel.bob.signer.countersign(&current, nonces).unwrap_err();
    assert!(matches!(refused, CountersignRefusal::Session(_)));
    seen.add(&refused);

    // After a close.
    let mut channel = Channel::new(CommitmentFormat::SegwitV3);
    let state = spec(CommitmentFormat::SegwitV3, 3_000_000, 0);
    channel.advance(0, &state);
    let closing = close(&channel.alice.builder, &state, 500);
    let spend = closing_spend(&closing.unsigned, outpoint());
    channel.bob.signer.cosign(&spend, SigningNonces::None).unwrap();
    let refused = bad(&mut channel, 1, &state);
    assert_eq!(refused, CountersignRefusal::Closing { number: number(1) });
    seen.add(&refused);
}

fn nonce_of(channel: &mut Channel, side: Side) -> SecretNonce {
    let (party, _) = channel.parties(side);
    let nonce = party.signer.nonce(outpoint(), NonceRole::Signing, &mut party.nonces, &entropy());
    nonce.unwrap().unwrap()
}

fn completing(seen: &mut Seen) {
    for format in [V3, CommitmentFormat::SegwitV3] {
        let mut channel = Channel::new(format);
        let state = spec(format, 3_000_000, 2);
        let (own, his) = channel.alices(0, &state);
        let nonce = channel.alice.nonce();
        let good = channel.countersign(&his, nonce.as_ref());
        let mut refuse = |channel: &mut Channel, change: &dyn Fn(&mut Countersignature)| {
            let nonce = channel.alice.nonce();
            let mut signature = channel.countersign(&his, nonce.as_ref());
            change(&mut signature);
            let refused = channel.alice.signer.complete(own.clone(), nonce, signature).unwrap_err();
            seen.add(&refused);
            refused
        };
        let count = refuse(&mut channel, &|signature| signature.htlcs.truncate(1));
        let expected = CompletionRefusal::HtlcSignatureCount { number: number(0), expected: 2, received: 1 };
        assert_eq!(count, expected);
        let htlc = refuse(&mut channel, &|signature| signature.htlcs[0][40] ^= 1);
        assert!(matches!(htlc, CompletionRefusal::HtlcSignature { .. }));
        let whole = refuse(&mut channel, &|signature| match (&mut signature.commitment, &good.commitment) {
            (CommitmentSignature::Ecdsa(signature), _) => {
                let mut bytes = signature.serialize_compact();
                bytes[40] ^= 1;
                *signature = ecdsa::Signature::from_compact(&bytes).unwrap();
            }
            (changed @ CommitmentSignature::Partial(_), other) => *changed = *other,
        });
        if format.is_taproot() {
            assert!(matches!(whole, CompletionRefusal::Signature { .. }));
        } else {
            assert_eq!(whole, CompletionRefusal::EcdsaSignature { number: number(0) });
        }
        let wrong = (!format.is_taproot()).then(|| nonce_of(&mut Channel::new(V3), Side::Local));
        let kind = channel.alice.signer.complete(own, wrong, good).unwrap_err();
        assert_eq!(kind, CompletionRefusal::SignatureKind);
        seen.add(&kind);
    }
    let mut channel = Channel::new(V3);
    let state = spec(V3, 3_000_000, 0);
    let (_, his) = channel.alices(0, &state);
    let nonce = channel.alice.nonce();
    let signature = channel.countersign(&his, nonce.as_ref());
    let mut refuse = |channel: &mut Channel, at: u64, state: &CommitmentSpec| {
        let (own, _) = channel.alices(at, state);
        let nonce = channel.alice.nonce();
        let refused = channel.alice.signer.complete(own, nonce, signature.clone()).unwrap_err();
        seen.add(&refused);
        refused
    };
    channel.complete(0, &state).unwrap();
    let second = refuse(&mut channel, 0, &spec(V3, 3_000_001, 0));
    assert_eq!(second, CompletionRefusal::SecondMessage { number: number(0) });
    let ahead = refuse(&mut channel, 2, &state);
    assert_eq!(ahead, CompletionRefusal::TooFarAhead { number: number(2), revoked_below: 0 });
    channel.complete(1, &state).unwrap();
    let behind = refuse(&mut channel, 0, &state);
    assert_eq!(behind, CompletionRefusal::Behind { number: number(0), completed: number(1) });
    channel.revoke(0);
    let revoked = refuse(&mut channel, 0, &state);
    assert_eq!(revoked, CompletionRefusal::Revoked { number: number(0) });
}

fn revealing_and_states(seen: &mut Seen) {
    let mut channel = Channel::new(V3);
    channel.complete(0, &spec(V3, 3_000_000, 0)).unwrap();
    let signer = &mut channel.alice.signer;
    seen.add(&signer.reveal(number(0)).unwrap_err());
    seen.add(&signer.reveal(number(1)).unwrap_err());
    let last = channel_core::CommitmentNumber::MAX;
    let record = record_at(last.to_u64(), 0).unwrap();
    let mut signer = ChannelSigner::new(secrets(1), policy(1), record);
    seen.add(&signer.reveal(last).unwrap_err());
    seen.add(&fresh(1).reveal(number(0)).unwrap_err());

    signer.sign_state(u64::MAX, [1; 32]).unwrap();
    let second = signer.sign_state(u64::MAX, [2; 32]).unwrap_err();
    assert_eq!(second, StateRefusal::SecondDigest { seq: u64::MAX });
    seen.add(&second);
    seen.add(&signer.sign_state(u64::MAX - 1, [1; 32]).unwrap_err());
}

fn cosigning(seen: &mut Seen) {
    let mut channel = Channel::new(V3);
    let state = spec(V3, 3_000_000, 0);
    channel.advance(0, &state);
    let closing = close(&channel.alice.builder, &state, 1_000).unsigned;
    let refuse = |channel: &mut Channel, unsigned: &UnsignedTransaction, kind: SpendKind| {
        let spend = FundingSpend { kind, ..closing_spend(unsigned, outpoint()) };
        channel.bob.signer.cosign(&spend, SigningNonces::None).unwrap_err()
    };
    // It does not spend the output, spends it twice, or spends it for another amount.
    let mut edits: Vec<UnsignedTransaction> = vec![closing.clone(); 4];
    edits[0].transaction.input[0].previous_output.vout = 1;
    edits[1].transaction.input.push(closing.transaction.input[0].clone());
    edits[1].inputs.push(closing.inputs[0].clone());
    edits[2].inputs[0].prevout.value = Amount::from_sat(CAPACITY - 1);
    edits[3].inputs[0].hint = InputHint::Foreign;
    for edit in edits {
        let refused = refuse(&mut channel, &edit, SpendKind::Close);
        assert_eq!(refused, SpendRefusal::Funding { funding: outpoint(), kind: SpendKind::Close });
        seen.add(&refused);
    }
    seen.add(&refuse(&mut channel, &closing, SpendKind::Claim));
    let splice = refuse(&mut channel, &closing, SpendKind::Splice);
    assert_eq!(splice, SpendRefusal::SpliceIncomplete);
    seen.add(&splice);
    // A satoshi more than the bound, and more than there is.
    let max = policy(1).max_fee.to_sat();
    let dear = close(&channel.alice.builder, &state, max + 1).unsigned;
    let refused = refuse(&mut channel, &dear, SpendKind::Close);
    assert!(matches!(refused, SpendRefusal::Fee { .. }), "{refused}");
    seen.add(&refused);
    let bounded = close(&channel.alice.builder, &state, max).unsigned;
    let refused = refuse(&mut channel, &bounded, SpendKind::Close);
    assert_eq!(refused, SpendRefusal::Nonces, "all but the nonces is right");
    seen.add(&refused);
    let mut inflated = closing.clone();
    inflated.transaction.output[0].value = Amount::MAX;
    let refused = refuse(&mut channel, &inflated, SpendKind::Close);
    assert_eq!(refused, SpendRefusal::Amounts);
    seen.add(&refused);
    let mut foreign = closing.clone();
    foreign
        .transaction
        .output
        .iter_mut()
        .for_each(|output| output.script_pubkey = crate::harness::own_script(7));
    let refused = refuse(&mut channel, &foreign, SpendKind::Close);
    assert!(matches!(refused, SpendRefusal::ForeignScript { .. }));
    seen.add(&refused);
    let nonce = nonce_of(&mut channel, Side::Local);
    let peer = *channel.alice.nonce().unwrap().public_nonce();
    let spend = closing_spend(&closing, outpoint());
    let refused = channel.bob.signer.cosign(&spend, SigningNonces::Ahead { peer: &peer, nonce }).unwrap_err();
    assert!(matches!(refused, SpendRefusal::Session(_)));
    seen.add(&refused);
    combining(seen, &mut channel, &closing);

    // HTLCs in flight, which the caller does not mention; then an update that only one side has.
    let mut channel = Channel::new(V3);
    let pending = spec(V3, 2_980_000, 1);
    channel.advance(0, &pending);
    let refused = refuse(&mut channel, &closing, SpendKind::Close);
    assert!(matches!(refused, SpendRefusal::HtlcsPending { .. }));
    seen.add(&refused);
    channel.complete(1, &state).unwrap();
    let refused = refuse(&mut channel, &closing, SpendKind::Close);
    assert_eq!(refused, SpendRefusal::Unsettled { funding: outpoint(), kind: SpendKind::Close });
    seen.add(&refused);
}

fn combining(seen: &mut Seen, channel: &mut Channel, closing: &UnsignedTransaction) {
    let sign = |channel: &mut Channel| {
        let peer = *channel.alice.nonce().unwrap().public_nonce();
        let entropy = entropy();
        let nonces = SigningNonces::Fresh { peer: &peer, source: &mut channel.bob.nonces, entropy: &entropy };
        channel.bob.signer.cosign(&closing_spend(closing, outpoint()), nonces).unwrap()
    };
    let spend = closing_spend(closing, outpoint());
    let ours = sign(channel);
    let FundingCosignature::Partial(session) = &ours else { panic!("taproot") };
    let half = PeerCosignature::Partial(*session.partial_signature());
    let wrong = channel.bob.signer.combine(&spend, ours, &half).unwrap_err();
    seen.add(&wrong);
    let unknown = FundingSpend { funding: other_outpoint(), ..spend };
    let ours = sign(channel);
    seen.add(&channel.bob.signer.combine(&unknown, ours, &half).unwrap_err());
    // A session of another transaction.
    let mut other = closing.clone();
    other.transaction.lock_time = bitcoin::absolute::LockTime::from_consensus(7);
    let ours = sign(channel);
    let refused = channel.bob.signer.combine(&closing_spend(&other, outpoint()), ours, &half).unwrap_err();
    seen.add(&refused);
    let signature = ecdsa::Signature::from_compact(&[1; 64]).unwrap();
    let ours = sign(channel);
    let kind = channel.bob.signer.combine(&spend, ours, &PeerCosignature::Ecdsa(signature)).unwrap_err();
    seen.add(&kind);

    let mut segwit = Channel::new(CommitmentFormat::SegwitV3);
    let state = spec(CommitmentFormat::SegwitV3, 3_000_000, 0);
    segwit.advance(0, &state);
    let closing = close(&segwit.alice.builder, &state, 1_000).unsigned;
    let spend = closing_spend(&closing, outpoint());
    let ours = segwit.bob.signer.cosign(&spend, SigningNonces::None).unwrap();
    seen.add(&segwit.bob.signer.combine(&spend, ours, &PeerCosignature::Ecdsa(signature)).unwrap_err());
}

fn claiming(seen: &mut Seen) {
    let mut channel = Channel::new(V3);
    let state = spec(V3, 3_000_000, 2);
    let [completed, _] = channel.advance(0, &state);
    let (_, his) = channel.build(Side::Local, 0, &state);
    let bob = |channel: &Channel, unsigned: &UnsignedTransaction| {
        channel.bob.signer.sign_claims(unsigned, Some(number(0)), |_| None).unwrap_err()
    };
    let balance = sweeps(&his, Side::Remote, Standing::Valid).remove(0);
    let edit = |change: &dyn Fn(&mut ChannelSpend)| {
        let mut edited = balance.clone();
        let InputHint::Channel(spend) = &mut edited.inputs[0].hint else { panic!("a claim") };
        change(spend);
        edited
    };
    // The funding key signs for nothing but its anchor.
    let refused = bob(&channel, &edit(&|spend| spend.key.key = ChannelKey::Funding));
    assert_eq!(refused, SpendRefusal::NotOurs { index: 0 });
    seen.add(&refused);
    let refused = bob(&channel, &edit(&|spend| spend.key.key = ChannelKey::Revocation));
    assert_eq!(refused, SpendRefusal::NotRevoked { index: 0 });
    seen.add(&refused);
    // Alice's point is no point of Bob's commitments.
    let refused = bob(&channel, &edit(&|spend| spend.key.key = ChannelKey::DelayedPayment));
    assert_eq!(refused, SpendRefusal::OwnRevoked { index: 0 });
    seen.add(&refused);
    let refused = bob(&channel, &edit(&|spend| spend.stack.insert(0, StackItem::Preimage)));
    assert_eq!(refused, SpendRefusal::PreimageMissing { index: 0 });
    seen.add(&refused);
    // An input that is not there could hide a fee.
    let mut hidden = balance.clone();
    hidden.inputs.push(balance.inputs[0].clone());
    assert!(matches!(bob(&channel, &hidden), SpendRefusal::NotOurs { .. } | SpendRefusal::Fee { .. }));

    for (unsigned, _) in batches(&completed.commitment) {
        let refused = channel.alice.signer.sign_second_level(&unsigned, |_| None).unwrap_err();
        assert_eq!(refused, SpendRefusal::CountersignatureMissing { index: 0 });
        seen.add(&refused);
        let mut less = unsigned.clone();
        less.transaction.output[0].value = Amount::from_sat(19_999);
        let refused = channel.alice.signer.sign_second_level(&less, |_| Some([1; 64])).unwrap_err();
        assert_eq!(refused, SpendRefusal::SecondLevel { index: 0 });
        seen.add(&refused);
    }
}

/// HTLC transactions of our own commitment, one by one.
fn second_levels(seen: &mut Seen) {
    for format in FORMATS {
        let mut channel = Channel::new(format);
        let state = spec(format, 3_000_000, 2);
        let [completed, _] = channel.advance(0, &state);
        let refusal = |signer: &ChannelSigner, made: &CompletedCommitment, output, preimage| {
            signer.sign_htlc(made, output, preimage).unwrap_err()
        };
        for htlc in completed.commitment.htlc_transactions() {
            let (output, direction) = (htlc.output_index(), htlc.htlc().direction);
            let payment_hash = htlc.htlc().htlc.payment_hash;
            let unknown = refusal(&channel.bob.signer, &completed, output, None);
            assert_eq!(unknown, HtlcRefusal::Commitment(CommitmentRefusal::OtherChannel));
            seen.add(&unknown);
            if direction == HtlcDirection::Offered {
                let signed = channel.alice.signer.sign_htlc(&completed, output, None).unwrap();
                assert_eq!(signed.compute_txid(), htlc.transaction().compute_txid());
                continue;
            }
            let missing = refusal(&channel.alice.signer, &completed, output, None);
            assert_eq!(missing, HtlcRefusal::Preimage(HtlcWitnessError::PreimageMissing { payment_hash }));
            let wrong = refusal(&channel.alice.signer, &completed, output, Some([0xee; 32]));
            assert_eq!(wrong, HtlcRefusal::Preimage(HtlcWitnessError::WrongPreimage { payment_hash }));
            seen.add(&wrong);
        }
        // A balance, an index beyond the outputs, and an HTLC without the peer's signature.
        let count = completed.commitment.outputs().len();
        let mut unsigned = completed.clone();
        unsigned.htlc_signatures.clear();
        let first = completed.commitment.htlc_transactions().next().unwrap().output_index();
        for (made, output) in [(&completed, count - 1), (&completed, count), (&unsigned, first)] {
            let refused = refusal(&channel.alice.signer, made, output, None);
            assert_eq!(refused, HtlcRefusal::NoSuchHtlc { output }, "{format}");
            seen.add(&refused);
        }
        channel.advance(1, &state);
        let revoked = refusal(&channel.alice.signer, &completed, first, None);
        assert_eq!(revoked, HtlcRefusal::Revoked { number: number(0) });
        seen.add(&revoked);
    }
}

fn decoding(seen: &mut Seen) {
    let bytes = fresh(1).record().to_bytes();
    let content = &bytes[..bytes.len() - 4];
    let mut other = bytes.clone();
    other[0] = 2;
    seen.add(&SigningRecord::from_bytes(&other).unwrap_err());
    seen.add(&SigningRecord::from_bytes(content).unwrap_err());
    seen.add(&SigningRecord::from_bytes(&[]).unwrap_err());
    let mut secrets = content.to_vec();
    *secrets.last_mut().unwrap() ^= 1;
    seen.add(&SigningRecord::from_bytes(&sealed(&secrets)).unwrap_err());
}

#[test]
fn giving_a_funding_output_up_makes_no_room_for_a_second_message() {
    let mut channel = Channel::new(V3);
    let state = spec(V3, 3_000_000, 0);
    channel.advance(0, &state);
    let index = FundingIndex::new(1);
    let candidates = splice(&channel, &state, index, splice_in);
    take_on(&mut channel, &candidates, index, 0);
    let candidate = candidates[1].builder.outpoint();
    channel.bob.signer.remove_funding(candidate);
    channel.bob.restart(2, &[(FundingIndex::OPENING, channel.bob.builder.clone())]);
    channel.bob.signer.add_funding(index, candidates[1].builder.clone()).unwrap();
    let mut changed = candidates.clone();
    let transfer = channel_core::commitment::SpecUpdate::Transfer {
        from: Side::Remote,
        amount: channel_core::Msat::from_msat(1_000),
    };
    changed[0].spec = changed[0].spec.apply(transfer).unwrap();
    let builders = (changed[0].builder.clone(), changed[1].builder.clone());
    let (_, his) = channel.build_on(&builders, Side::Local, 0, &changed[0].spec);
    let nonce = channel.alice.nonce_on(candidate);
    let refused = channel.bob.countersign(&his, nonce.as_ref()).unwrap_err();
    assert_eq!(refused, CountersignRefusal::SecondMessage { number: number(0) });
    // Given up and revoked on both sides, it is forgotten at last.
    channel.alice.signer.remove_funding(candidate);
    channel.bob.signer.remove_funding(candidate);
    channel.advance(1, &state);
    let long = channel.bob.signer.record().to_bytes().len();
    channel.bob.signer.add_funding(index, candidates[1].builder.clone()).unwrap();
    assert!(channel.bob.signer.record().to_bytes().len() > long, "it was forgotten");
    channel.alice.signer.add_funding(index, candidates[0].builder.clone()).unwrap();
    complete_on(&mut channel, &candidates, 1);
    assert_eq!(mirrored(&mirrored(&state)), state);
}
