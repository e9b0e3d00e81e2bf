//! The channel the benches run on: keys from fixed seeds, any number of HTLCs.

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
use channel_tx::bitcoin;
use channel_tx::commitment::{CommitmentBuilder, CommitmentPoint};
use channel_tx::keys::Basepoints;

/// The capacity, in sat.
pub(crate) const CAPACITY: u64 = 100_000_000;
/// An HTLC, in msat.
const HTLC: u64 = 20_000_000;

/// The secret of a key in a bench: which party it is of, and which key.
pub(crate) fn secret(party: u8, key: u8) -> SecretKey {
    SecretKey::from_slice(&[party * 16 + key + 1; 32]).expect("a small number is a key")
}

fn public(party: u8, key: u8) -> PublicKey {
    secret(party, key).public_key(&Secp256k1::new())
}

/// The basepoints of a party.
pub(crate) fn basepoints(party: u8) -> Basepoints {
    Basepoints {
        funding: public(party, 0),
        revocation: public(party, 1),
        payment: public(party, 2),
        delayed_payment: public(party, 3),
        htlc: public(party, 4),
    }
}

/// The terms of the channel.
pub(crate) fn terms(format: CommitmentFormat, opener: Side) -> CommitmentTerms {
    let limit = TrimLimit::observed(Amount::from_sat(354));
    let capacity = Amount::from_sat(CAPACITY);
    CommitmentTerms { format, opener, capacity, trim: PerSide { local: limit, remote: limit } }
}

/// A builder as the first party sees the channel.
pub(crate) fn builder(format: CommitmentFormat) -> CommitmentBuilder {
    let terms = terms(format, Side::Local);
    let keys = PerSide { local: basepoints(0), remote: basepoints(1) };
    let delay = CsvDelay::new(720).expect("above zero");
    let outpoint = OutPoint { txid: Txid::from_byte_array([7; 32]), vout: 0 };
    CommitmentBuilder::new(terms, outpoint, keys, PerSide { local: delay, remote: delay })
        .expect("the keys make a channel")
}

/// The state both commitments are at.
pub(crate) fn state(party: u8) -> CommitmentPoint {
    CommitmentPoint { number: CommitmentNumber::new(42).expect("in range"), point: public(party, 5) }
}

/// A spec with this many HTLCs, offered by both sides in turn; the same to both parties, but for who is who.
pub(crate) fn spec(htlcs: u64, format: CommitmentFormat) -> CommitmentSpec {
    let each = CAPACITY * 500 - htlcs * HTLC / 2;
    let flight = (0..htlcs).map(|number| Htlc {
        id: HtlcId::new(number),
        offered_by: Side::ALL[usize::from(number % 2 == 1)],
        amount: Msat::from_msat(HTLC),
        payment_hash: PaymentHash::from_bytes([u8::try_from(number % 251).expect("below 251"); 32]),
        cltv_expiry: CltvExpiry::new(900_000 + u32::try_from(number).expect("few")).expect("in range"),
    });
    let balances = PerSide { local: Msat::from_msat(each), remote: Msat::from_msat(each) };
    let feerate = if format.is_zero_fee() { FeerateKw::ZERO } else { FeerateKw::from_sat_per_kw(253) };
    CommitmentSpec::with_htlcs(balances, feerate, flight).expect("the amounts add up")
}
