//! A channel with a commitment, its second level, and every way to spend their outputs.

use bitcoin::hashes::{Hash, sha256};
use bitcoin::secp256k1::{PublicKey, Secp256k1, SecretKey};
use bitcoin::{Amount, OutPoint, Txid};
use channel_core::commitment::{CommitmentSpec, CommitmentTerms};
use channel_core::dust::TrimLimit;
use channel_core::htlc::{Htlc, HtlcDirection};
use channel_core::{
    CltvExpiry, CommitmentFormat, CommitmentNumber, FeerateKw, HtlcId, Msat, PaymentHash, PerSide, Side,
};
use channel_tx::bitcoin;
use channel_tx::claim::{ChannelOutput, ChannelRole, ClaimPath, identify};
use channel_tx::commitment::{Commitment, CommitmentBuilder, CommitmentPoint, OutputRole};
use channel_tx::keys::Basepoints;
use channel_tx::weight::{TYPICAL_DELAY, TYPICAL_EXPIRY};

pub(crate) const CAPACITY: u64 = 1_000_000;
pub(crate) const EXPIRY: CltvExpiry = TYPICAL_EXPIRY;
pub(crate) const PREIMAGE: [u8; 32] = [7; 32];

pub(crate) fn key(byte: u8) -> PublicKey {
    SecretKey::from_slice(&[byte; 32]).unwrap().public_key(&Secp256k1::new())
}

pub(crate) fn payment_hash() -> PaymentHash {
    PaymentHash::from_bytes(sha256::Hash::hash(&PREIMAGE).to_byte_array())
}

/// A channel of 1,000,000 sat that we opened; weights are those of the guide at its delay.
pub(crate) fn builder(format: CommitmentFormat) -> CommitmentBuilder {
    let limit = TrimLimit::observed(Amount::from_sat(354));
    let terms = CommitmentTerms {
        format,
        opener: Side::Local,
        capacity: Amount::from_sat(CAPACITY),
        trim: PerSide { local: limit, remote: limit },
    };
    let basepoints = |base: u8| Basepoints {
        funding: key(base),
        revocation: key(base + 1),
        payment: key(base + 2),
        delayed_payment: key(base + 3),
        htlc: key(base + 4),
    };
    let points = PerSide { local: basepoints(10), remote: basepoints(20) };
    let delays = PerSide { local: TYPICAL_DELAY, remote: TYPICAL_DELAY };
    let outpoint = OutPoint { txid: Txid::from_byte_array([1; 32]), vout: 0 };
    CommitmentBuilder::new(terms, outpoint, points, delays).unwrap()
}

/// Our commitment with both balances, an HTLC that we offered and one that we accepted.
pub(crate) fn commitment(builder: &CommitmentBuilder) -> Commitment {
    builder.commitment(Side::Local, &state(), &spec()).unwrap()
}

pub(crate) fn spec() -> CommitmentSpec {
    let htlcs = [(Side::Local, 1), (Side::Remote, 2)].map(|(offered_by, id)| Htlc {
        id: HtlcId::new(id),
        offered_by,
        amount: Msat::from_msat(50_000_000),
        payment_hash: payment_hash(),
        cltv_expiry: EXPIRY,
    });
    let balance = |msat| Msat::from_msat(msat);
    let balances = PerSide { local: balance(600_000_000), remote: balance(300_000_000) };
    CommitmentSpec::with_htlcs(balances, FeerateKw::ZERO, htlcs).unwrap()
}

fn state() -> CommitmentPoint {
    CommitmentPoint { number: CommitmentNumber::new(42).unwrap(), point: key(100) }
}

/// The outputs of the commitment and of both its second-level transactions.
pub(crate) fn outputs(builder: &CommitmentBuilder) -> Vec<ChannelOutput> {
    let commitment = commitment(builder);
    let htlcs: Vec<Htlc> = spec().htlcs().copied().collect();
    let found = identify(builder, commitment.transaction(), Side::Local, &state(), &htlcs).unwrap();
    assert_eq!((found.unknown.len(), found.absent.len()), (0, 0));
    let second_level = commitment
        .htlc_transactions()
        .flat_map(|htlc| found.resolutions(htlc.transaction()))
        .filter_map(|resolution| resolution.second_level);
    let second_level: Vec<_> = second_level.collect();
    assert_eq!(second_level.len(), 2);
    commitment.channel_outputs().into_iter().chain(second_level).collect()
}

/// The name of a row of the guide.
pub(crate) fn row(role: &ChannelRole, path: ClaimPath) -> &'static str {
    let output = match role {
        ChannelRole::SecondLevel(_) => None,
        ChannelRole::OnCommitment(role) => Some(role),
    };
    let direction = role.htlc().map(|htlc| htlc.direction);
    match (path, output, direction) {
        (ClaimPath::Delayed, Some(_), _) => "`to_local`, delayed",
        (ClaimPath::Delayed, None, _) => "second level, delayed",
        (ClaimPath::Revoked, Some(OutputRole::ToLocal), _) => "`to_local`, revoked",
        (ClaimPath::Revoked, None, _) => "second level, revoked",
        (ClaimPath::Revoked, _, Some(HtlcDirection::Offered)) => "offered HTLC, revoked",
        (ClaimPath::Revoked, ..) => "accepted HTLC, revoked",
        (ClaimPath::Balance, ..) => "`to_remote`",
        (ClaimPath::Preimage, ..) => "offered HTLC, preimage",
        (ClaimPath::Timeout, ..) => "accepted HTLC, expired",
        (ClaimPath::Anchor, ..) => "keyed anchor, its party",
        (ClaimPath::OpenAnchor, ..) => "keyed anchor, anyone",
        (ClaimPath::SharedAnchor, ..) => "P2A",
    }
}
