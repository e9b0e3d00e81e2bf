//! One channel of each format, with an HTLC each way, and both its commitments: the product's transactions.

use bitcoin::hashes::{Hash, sha256};
use bitcoin::{Amount, OutPoint, Txid};
use channel_core::commitment::{CommitmentSpec, CommitmentTerms};
use channel_core::dust::TrimLimit;
use channel_core::htlc::Htlc;
use channel_core::{
    CltvExpiry, CommitmentFormat, CommitmentNumber, CsvDelay, FeerateKw, HtlcId, Msat, PaymentHash, PerSide,
    Side,
};
use channel_tx::commitment::{Commitment, CommitmentBuilder, CommitmentPoint};

use super::keys::{CommitmentSecrets, Secrets};

const CAPACITY: Amount = Amount::from_sat(10_000_000);
/// Balances with parts of a satoshi, so that a shared anchor has something to hold.
const BALANCES: PerSide<Msat> =
    PerSide { local: Msat::from_msat(6_000_000_700), remote: Msat::from_msat(2_999_999_300) };
const OFFERED: PerSide<Msat> =
    PerSide { local: Msat::from_msat(600_000_000), remote: Msat::from_msat(400_000_000) };
/// Delays of one byte and of two, as scripts write them.
const DELAYS: PerSide<u16> = PerSide { local: 16, remote: 720 };
const EXPIRIES: PerSide<u32> = PerSide { local: 900_000, remote: 900_144 };
const NUMBER: u64 = 42;

/// A channel, with everybody's secrets.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) builder: CommitmentBuilder,
    secrets: PerSide<Secrets>,
    pub(super) spec: CommitmentSpec,
}

impl Channel {
    /// A channel of `format`, `None` where that format is not built.
    pub(super) fn new(format: CommitmentFormat) -> Option<Self> {
        let secrets = PerSide { local: Secrets::of("local"), remote: Secrets::of("remote") };
        let trim = PerSide::from_fn(|side| TrimLimit::minimum(format, side));
        let terms = CommitmentTerms { format, opener: Side::Local, capacity: CAPACITY, trim };
        let outpoint = OutPoint { txid: Txid::from_byte_array([0x11; 32]), vout: 1 };
        let delays = DELAYS.map(|blocks| CsvDelay::new(blocks).expect("the delays are not zero"));
        let basepoints = secrets.map(|secrets| secrets.basepoints());
        let builder = CommitmentBuilder::new(terms, outpoint, basepoints, delays).ok()?;
        let feerate = FeerateKw::from_sat_per_kw(if format.is_zero_fee() { 0 } else { 1_000 });
        let htlcs = Side::ALL.map(htlc);
        let spec = CommitmentSpec::with_htlcs(BALANCES, feerate, htlcs).expect("the amounts add up");
        Some(Self { builder, secrets, spec })
    }

    /// The commitment `owner` can publish.
    pub(super) fn commitment(&self, owner: Side) -> Commitment {
        self.builder
            .commitment(owner, &self.state(owner), &self.spec)
            .expect("every format can hold this state")
    }

    /// Its number and point.
    pub(super) fn state(&self, owner: Side) -> CommitmentPoint {
        let number = CommitmentNumber::new(NUMBER).expect("the number is below 2^48");
        CommitmentPoint { number, point: self.secrets.of(owner).point() }
    }

    /// The secret keys behind that commitment.
    pub(super) fn secrets(&self, owner: Side) -> CommitmentSecrets {
        CommitmentSecrets::new(self.secrets.of(owner), self.secrets.of(owner.other()))
    }
}

/// What opens the HTLC that `side` offered.
pub(super) fn preimage(side: Side) -> [u8; 32] {
    match side {
        Side::Local => [0x4c; 32],
        Side::Remote => [0x52; 32],
    }
}

fn htlc(side: Side) -> Htlc {
    let hash = sha256::Hash::hash(&preimage(side)).to_byte_array();
    Htlc {
        id: HtlcId::new(7),
        offered_by: side,
        amount: *OFFERED.of(side),
        payment_hash: PaymentHash::from_bytes(hash),
        cltv_expiry: CltvExpiry::new(*EXPIRIES.of(side)).expect("the heights are in range"),
    }
}
