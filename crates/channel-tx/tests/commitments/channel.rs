//! A channel of fixed keys.

use bitcoin::hashes::Hash;
use bitcoin::secp256k1::{PublicKey, Secp256k1, SecretKey};
use bitcoin::{Amount, OutPoint, Txid};
use channel_core::commitment::{CommitmentSpec, CommitmentTerms};
use channel_core::dust::TrimLimit;
use channel_core::htlc::Htlc;
use channel_core::{
    CltvExpiry, CommitmentFormat, CommitmentNumber, CsvDelay, FeerateKw, HtlcId, Msat, PaymentHash, PerSide,
    Side,
};
use channel_tx::commitment::{BuildError, Commitment, CommitmentBuilder, CommitmentPoint};
use channel_tx::keys::Basepoints;

pub(crate) const FORMATS: [CommitmentFormat; 4] = [
    CommitmentFormat::TaprootV3,
    CommitmentFormat::TaprootV2,
    CommitmentFormat::SegwitV3,
    CommitmentFormat::SegwitAnchors,
];
const CAPACITY: u64 = 100_000_000;

pub(crate) fn key(byte: u8) -> PublicKey {
    SecretKey::from_slice(&[byte; 32]).unwrap().public_key(&Secp256k1::new())
}

pub(crate) fn basepoints(first: u8) -> Basepoints {
    Basepoints {
        funding: key(first),
        revocation: key(first + 1),
        payment: key(first + 2),
        delayed_payment: key(first + 3),
        htlc: key(first + 4),
    }
}

pub(crate) fn builder(format: CommitmentFormat) -> CommitmentBuilder {
    let limit = TrimLimit::observed(Amount::from_sat(354));
    let terms = CommitmentTerms {
        format,
        opener: Side::Local,
        capacity: Amount::from_sat(CAPACITY),
        trim: PerSide { local: limit, remote: limit },
    };
    let delay = CsvDelay::new(144).unwrap();
    let outpoint = OutPoint { txid: Txid::from_byte_array([1; 32]), vout: 3 };
    let keys = PerSide { local: basepoints(1), remote: basepoints(11) };
    CommitmentBuilder::new(terms, outpoint, keys, PerSide { local: delay, remote: delay }).unwrap()
}

/// An HTLC of whole satoshi.
pub(crate) fn htlc(id: u64, offered_by: Side, sat: u64, hash: u8, expiry: u32) -> Htlc {
    Htlc {
        id: HtlcId::new(id),
        offered_by,
        amount: Msat::from_msat(sat * 1000),
        payment_hash: PaymentHash::from_bytes([hash; 32]),
        cltv_expiry: CltvExpiry::new(expiry).unwrap(),
    }
}

/// A state with these HTLCs; what is left is split evenly.
pub(crate) fn spec(format: CommitmentFormat, htlcs: Vec<Htlc>) -> CommitmentSpec {
    let flight: u64 = htlcs.iter().map(|htlc| htlc.amount.to_msat()).sum();
    let half = (CAPACITY * 1000 - flight) / 2;
    let balances =
        PerSide { local: Msat::from_msat(CAPACITY * 1000 - flight - half), remote: Msat::from_msat(half) };
    let feerate = FeerateKw::from_sat_per_kw(if format.is_zero_fee() { 0 } else { 253 });
    CommitmentSpec::with_htlcs(balances, feerate, htlcs).unwrap()
}

pub(crate) fn state() -> CommitmentPoint {
    CommitmentPoint { number: CommitmentNumber::new(42).unwrap(), point: key(30) }
}

/// The commitment of `owner` in that state.
pub(crate) fn commitment(
    format: CommitmentFormat,
    owner: Side,
    htlcs: Vec<Htlc>,
) -> Result<Commitment, BuildError> {
    builder(format).commitment(owner, &state(), &spec(format, htlcs))
}
