//! Random channels, HTLCs and feerates: no satoshi appears or vanishes, nothing is dust but the one anchor of a parent
//! without fee, weights are those of the signed transactions, both parties build the same, and an update is valid
//! exactly when both commitments build.

use bitcoin::hashes::{Hash, sha256};
use bitcoin::{Amount, OutPoint, Transaction, Txid, Witness};
use channel_core::commitment::{CommitmentError, CommitmentSpec, CommitmentTerms};
use channel_core::dust::TrimLimit;
use channel_core::htlc::{Htlc, HtlcDirection};
use channel_core::{
    CltvExpiry, CommitmentNumber, CsvDelay, FeerateKw, HtlcId, Msat, PaymentHash, PerSide, Side,
};
use channel_tx::bump::PackagePart;
use channel_tx::commitment::{BuildError, Commitment, CommitmentBuilder, CommitmentPoint, OutputRole};
use channel_tx::policy::dust_outputs;
use channel_tx::weight::enforcement;
use proptest::prelude::*;
use proptest::sample::select;

use crate::channel::{FORMATS, basepoints, key};

/// What the longest BIP 340 and DER signatures are, without the byte of the signature hash type.
const LONGEST_SCHNORR: [u8; 64] = [1; 64];
const LONGEST_DER: [u8; 72] = [1; 72];

/// A channel and one of its states.
#[derive(Debug, Clone)]
struct Case {
    terms: CommitmentTerms,
    spec: CommitmentSpec,
}

fn preimage(byte: u8) -> [u8; 32] {
    [byte; 32]
}

fn payment_hash(byte: u8) -> PaymentHash {
    PaymentHash::from_bytes(sha256::Hash::hash(&preimage(byte)).to_byte_array())
}

fn htlcs() -> impl Strategy<Value = Vec<Htlc>> {
    let amount = prop_oneof![1_u64..2_000_000, select(vec![329_999, 330_000, 353_999, 354_000, 1_000_000])];
    let expiry = prop_oneof![499_u32..503, Just(1), Just(499_999_999)];
    let one = (select(Side::ALL.to_vec()), amount, 1_u8..4, expiry);
    proptest::collection::vec(one, 0..16).prop_map(|all| {
        all.into_iter()
            .zip(0..)
            .map(|((offered_by, msat, byte, expiry), id)| Htlc {
                id: HtlcId::new(id),
                offered_by,
                amount: Msat::from_msat(msat),
                payment_hash: payment_hash(byte),
                cltv_expiry: CltvExpiry::new(expiry).unwrap(),
            })
            .collect()
    })
}

fn case() -> impl Strategy<Value = Case> {
    let capacity = prop_oneof![400_u64..3000, 20_000_u64..100_000, Just(100_000_000)];
    let limit = || (330_u64..1100).prop_map(|sat| TrimLimit::observed(Amount::from_sat(sat)));
    let side = select(Side::ALL.to_vec());
    let share = prop_oneof![0_u64..=1000, Just(0), Just(1000)];
    let feerate = prop_oneof![Just(0_u32), 253_u32..20_000, 20_000_u32..2_000_000];
    (select(FORMATS.to_vec()), side, capacity, limit(), limit(), htlcs(), share, feerate).prop_map(
        |(format, opener, capacity, local, remote, htlcs, share, feerate)| {
            let mut left = capacity * 1000;
            let mut fits = |htlc: &Htlc| match left.checked_sub(htlc.amount.to_msat()) {
                Some(after) => {
                    left = after;
                    true
                }
                None => false,
            };
            let htlcs: Vec<Htlc> = htlcs.into_iter().filter(|htlc| fits(htlc)).collect();
            let ours = u64::try_from(u128::from(left) * u128::from(share) / 1000).unwrap();
            let balances = PerSide { local: Msat::from_msat(ours), remote: Msat::from_msat(left - ours) };
            let feerate = FeerateKw::from_sat_per_kw(if format.is_zero_fee() { 0 } else { feerate });
            let spec = CommitmentSpec::with_htlcs(balances, feerate, htlcs).unwrap();
            let trim = PerSide { local, remote };
            let capacity = Amount::from_sat(capacity);
            Case { terms: CommitmentTerms { format, opener, capacity, trim }, spec }
        },
    )
}

fn builder(terms: CommitmentTerms, keys: [u8; 2], delays: [u16; 2]) -> CommitmentBuilder {
    let outpoint = OutPoint { txid: Txid::from_byte_array([1; 32]), vout: 3 };
    let keys = PerSide { local: basepoints(keys[0]), remote: basepoints(keys[1]) };
    let [local, remote] = delays.map(|blocks| CsvDelay::new(blocks).unwrap());
    CommitmentBuilder::new(terms, outpoint, keys, PerSide { local, remote }).unwrap()
}

/// The channel as each of the two parties sees it.
fn builders(terms: CommitmentTerms) -> PerSide<CommitmentBuilder> {
    let trim = PerSide { local: terms.trim.remote, remote: terms.trim.local };
    let theirs = CommitmentTerms { opener: terms.opener.other(), trim, ..terms };
    PerSide { local: builder(terms, [1, 11], [144, 720]), remote: builder(theirs, [11, 1], [720, 144]) }
}

fn state(owner: Side) -> CommitmentPoint {
    let point = match owner {
        Side::Local => key(30),
        Side::Remote => key(31),
    };
    CommitmentPoint { number: CommitmentNumber::new(42).unwrap(), point }
}

/// Capacity, outputs and fee, term by term; and dust.
fn check_value(commitment: &Commitment, case: &Case) -> Result<(), TestCaseError> {
    let transaction = commitment.transaction();
    let paid: Amount = transaction.output.iter().map(|output| output.value).sum();
    prop_assert_eq!(paid.checked_add(commitment.fee().total()), Some(case.terms.capacity));
    let dust: Vec<u32> = dust_outputs(transaction).collect();
    for vout in &dust {
        let placed = commitment.outputs()[usize::try_from(*vout).unwrap()];
        prop_assert_eq!(placed.role, OutputRole::SharedAnchor);
        prop_assert_eq!(commitment.fee().total(), Amount::ZERO, "ephemeral dust pays nothing");
    }
    prop_assert!(dust.len() <= 1);
    let limit = case.terms.trim.of(commitment.owner()).to_amount();
    let untrimmed = case.spec.htlcs().filter(|htlc| htlc.amount.to_sat_floor() >= limit).count();
    prop_assert_eq!(commitment.htlc_count(), untrimmed);
    Ok(())
}

fn with_witness(transaction: &Transaction, witness: Witness) -> Transaction {
    let mut signed = transaction.clone();
    signed.input[0].witness = witness;
    signed
}

/// Exact with Taproot; with ECDSA exact for signatures of the longest form, others are shorter.
fn check_weights(builder: &CommitmentBuilder, commitment: &Commitment) -> Result<(), TestCaseError> {
    let format = commitment.rules().format;
    let unlock = builder.funding().unlock();
    let (signature, witness): (&[u8], _) = if format.is_taproot() {
        (&LONGEST_SCHNORR, unlock.witness([&LONGEST_SCHNORR[..]]))
    } else {
        let signature = &[1; 73][..];
        (&LONGEST_DER, unlock.witness([&[][..], signature, signature]))
    };
    let signed = with_witness(commitment.transaction(), witness);
    let part = PackagePart::of_commitment(commitment);
    prop_assert_eq!(part.weight, signed.weight());
    prop_assert_eq!(part.fee, commitment.fee().total());
    let mut count = 0;
    for htlc in commitment.htlc_transactions() {
        let placed = *htlc.htlc();
        let known = (1..4).find(|byte| payment_hash(*byte) == placed.htlc.payment_hash).map(preimage);
        let signed = htlc.signed(signature, signature, known).unwrap();
        let predicted = match placed.direction {
            HtlcDirection::Offered => enforcement::htlc_timeout(format),
            HtlcDirection::Accepted => enforcement::htlc_success(format, placed.htlc.cltv_expiry),
        };
        prop_assert_eq!(predicted.weight(), signed.weight());
        prop_assert_eq!(signed.output[0].value, htlc.prevout().value, "the second level pays no fee");
        prop_assert_eq!(dust_outputs(&signed).count(), 0);
        prop_assert_eq!(htlc.outpoint().txid, commitment.txid());
        count += 1;
    }
    prop_assert_eq!(count, commitment.htlc_count());
    Ok(())
}

/// What the other party builds of the same state.
fn check_mirrored(theirs: &CommitmentBuilder, ours: &Commitment, case: &Case) -> Result<(), TestCaseError> {
    let owner = ours.owner();
    let theirs = theirs.commitment(owner.other(), &state(owner), &case.spec.mirrored());
    let theirs = theirs.map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(theirs.transaction(), ours.transaction());
    prop_assert_eq!(theirs.sighash(), ours.sighash());
    let digests = |commitment: &Commitment| -> Vec<[u8; 32]> {
        commitment.htlc_transactions().map(|htlc| htlc.countersigner_digest()).collect()
    };
    prop_assert_eq!(digests(&theirs), digests(ours));
    Ok(())
}

fn check(case: &Case) -> Result<(), TestCaseError> {
    let builders = builders(case.terms);
    let states = PerSide { local: state(Side::Local), remote: state(Side::Remote) };
    let both = builders.local.both(&states, &PerSide { local: &case.spec, remote: &case.spec });
    let mut built = 0;
    for owner in Side::ALL {
        match builders.local.commitment(owner, &state(owner), &case.spec) {
            Ok(commitment) => {
                check_value(&commitment, case)?;
                check_weights(&builders.local, &commitment)?;
                check_mirrored(&builders.remote, &commitment, case)?;
                built += 1;
            }
            Err(BuildError::Spec(
                CommitmentError::NoOutputs { .. } | CommitmentError::AnchorsUnfunded { .. },
            )) => prop_assert!(!case.terms.format.is_zero_fee(), "an anchor is always there"),
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        }
    }
    prop_assert_eq!(both.is_ok(), built == 2, "one function decides and builds");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_state_conserves_value_and_weighs_what_was_said(case in case()) {
        check(&case)?;
    }

    #[test]
    fn a_state_of_another_value_is_refused(case in case(), more in prop_oneof![Just(1_u64), 1_u64..5000]) {
        let capacity = case.terms.capacity + Amount::from_sat(more);
        let terms = CommitmentTerms { capacity, ..case.terms };
        let builder = builders(terms).local;
        for owner in Side::ALL {
            let refused = builder.commitment(owner, &state(owner), &case.spec).map(|_| ());
            let held = case.spec.total();
            prop_assert_eq!(refused, Err(CommitmentError::ValueMismatch { held, capacity }.into()));
        }
    }
}

/// The edges of the shared anchor, which the random cases meet too seldom.
#[test]
fn the_shared_anchor_is_dust_only_where_nothing_is_paid() {
    for format in FORMATS.into_iter().filter(|format| format.is_zero_fee()) {
        for (trimmed_sat, anchor, fee) in
            [(0, 0, 0), (239, 239, 0), (240, 240, 0), (241, 240, 1), (329, 240, 89)]
        {
            let limit = TrimLimit::observed(Amount::from_sat(330));
            let trim = PerSide { local: limit, remote: limit };
            let capacity = Amount::from_sat(100_000);
            let terms = CommitmentTerms { format, opener: Side::Local, capacity, trim };
            let remote = Msat::from_msat(trimmed_sat * 1000);
            let balances = PerSide { local: Msat::from_msat(100_000_000 - remote.to_msat()), remote };
            let spec = CommitmentSpec::new(balances, FeerateKw::from_sat_per_kw(0)).unwrap();
            let built = builders(terms).local.commitment(Side::Local, &state(Side::Local), &spec).unwrap();
            let outputs = built.outputs().iter().zip(&built.transaction().output);
            let anchors: Vec<u64> = outputs
                .filter(|(placed, _)| placed.role == OutputRole::SharedAnchor)
                .map(|(_, output)| output.value.to_sat())
                .collect();
            assert_eq!(
                (anchors, built.fee().total().to_sat()),
                (vec![anchor], fee),
                "{format} {trimmed_sat}"
            );
            let dust = usize::from(anchor < 240);
            assert_eq!(dust_outputs(built.transaction()).count(), dust, "{format} {trimmed_sat}");
        }
    }
}
