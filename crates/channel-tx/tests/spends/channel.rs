//! A channel between two parties whose secrets are all known.

use bitcoin::hashes::{Hash, sha256};
use bitcoin::secp256k1::{Secp256k1, SecretKey};
use bitcoin::{Amount, OutPoint, ScriptBuf, TxOut, Txid};
use channel_core::commitment::{CommitmentSpec, CommitmentTerms};
use channel_core::dust::TrimLimit;
use channel_core::htlc::Htlc;
use channel_core::{
    CltvExpiry, CommitmentFormat, CommitmentNumber, CsvDelay, FeerateKw, HtlcId, Msat, PaymentHash, PerSide,
    Side,
};
use channel_tx::commitment::{Commitment, CommitmentBuilder, CommitmentPoint};
use channel_tx::keys::Basepoints;
use channel_tx::spend::Coin;
use channel_tx::weight::WalletScript;

/// The formats that are built.
pub(crate) const FORMATS: [CommitmentFormat; 4] = [
    CommitmentFormat::SegwitAnchors,
    CommitmentFormat::SegwitV3,
    CommitmentFormat::TaprootV2,
    CommitmentFormat::TaprootV3,
];

/// Delay on our own outputs, and on the peer's.
pub(crate) const DELAYS: PerSide<u16> = PerSide { local: 144, remote: 720 };
pub(crate) const CAPACITY: u64 = 100_000_000;
pub(crate) const DUST: u64 = 354;

/// The secrets of one party.
#[derive(Clone, Copy)]
pub(crate) struct Secrets {
    pub(crate) funding: SecretKey,
    pub(crate) revocation: SecretKey,
    pub(crate) payment: SecretKey,
    pub(crate) delayed: SecretKey,
    pub(crate) htlc: SecretKey,
    /// Of the commitment the tests use.
    pub(crate) per_commitment: SecretKey,
}

pub(crate) struct Channel {
    pub(crate) builder: CommitmentBuilder,
    pub(crate) secrets: PerSide<Secrets>,
}

pub(crate) fn secret(byte: u8) -> SecretKey {
    SecretKey::from_slice(&[byte; 32]).unwrap()
}

impl Secrets {
    fn new(base: u8) -> Self {
        Self {
            funding: secret(base),
            revocation: secret(base + 1),
            payment: secret(base + 2),
            delayed: secret(base + 3),
            htlc: secret(base + 4),
            per_commitment: secret(base + 5),
        }
    }

    pub(crate) fn basepoints(&self) -> Basepoints {
        let secp = Secp256k1::new();
        let public = |secret: &SecretKey| secret.public_key(&secp);
        Basepoints {
            funding: public(&self.funding),
            revocation: public(&self.revocation),
            payment: public(&self.payment),
            delayed_payment: public(&self.delayed),
            htlc: public(&self.htlc),
        }
    }
}

impl Channel {
    pub(crate) fn new(format: CommitmentFormat) -> Self {
        let secrets = PerSide { local: Secrets::new(0x11), remote: Secrets::new(0x31) };
        let limit = TrimLimit::observed(Amount::from_sat(DUST));
        let terms = CommitmentTerms {
            format,
            opener: Side::Local,
            capacity: Amount::from_sat(CAPACITY),
            trim: PerSide { local: limit, remote: limit },
        };
        let outpoint = OutPoint { txid: Txid::from_byte_array([7; 32]), vout: 1 };
        let basepoints = PerSide { local: secrets.local.basepoints(), remote: secrets.remote.basepoints() };
        let delays = DELAYS.map(|blocks| CsvDelay::new(blocks).unwrap());
        Self { builder: CommitmentBuilder::new(terms, outpoint, basepoints, delays).unwrap(), secrets }
    }

    pub(crate) fn state(&self, owner: Side) -> CommitmentPoint {
        let secret = self.secrets.of(owner).per_commitment;
        let number = CommitmentNumber::new(42).unwrap();
        CommitmentPoint { number, point: secret.public_key(&Secp256k1::new()) }
    }

    /// The commitment of `owner`; what the HTLCs leave is shared by both.
    pub(crate) fn commitment(&self, owner: Side, htlcs: &[Htlc], feerate: u32) -> Commitment {
        let offered = |side: Side| -> u64 {
            htlcs.iter().filter(|htlc| htlc.offered_by == side).map(|htlc| htlc.amount.to_msat()).sum()
        };
        let half = CAPACITY * 1000 / 2;
        let balances = PerSide::from_fn(|side| Msat::from_msat(half - offered(side)));
        self.commitment_of(owner, balances, htlcs, feerate)
    }

    pub(crate) fn commitment_of(
        &self,
        owner: Side,
        balances: PerSide<Msat>,
        htlcs: &[Htlc],
        feerate: u32,
    ) -> Commitment {
        let zero_fee = self.builder.terms().format.is_zero_fee();
        let feerate = FeerateKw::from_sat_per_kw(if zero_fee { 0 } else { feerate });
        let spec = CommitmentSpec::with_htlcs(balances, feerate, htlcs.iter().copied()).unwrap();
        self.builder.commitment(owner, &self.state(owner), &spec).unwrap()
    }
}

pub(crate) fn preimage(byte: u8) -> [u8; 32] {
    [byte; 32]
}

pub(crate) fn payment_hash(byte: u8) -> PaymentHash {
    PaymentHash::from_bytes(sha256::Hash::hash(&preimage(byte)).to_byte_array())
}

/// An HTLC; its preimage is `byte`, thirty-two times.
pub(crate) fn htlc(id: u64, offered_by: Side, sat: u64, byte: u8, expiry: u32) -> Htlc {
    Htlc {
        id: HtlcId::new(id),
        offered_by,
        amount: Msat::from_msat(sat * 1000),
        payment_hash: payment_hash(byte),
        cltv_expiry: CltvExpiry::new(expiry).unwrap(),
    }
}

/// Four HTLCs, of which two are equal but for their ids, and two more offered ones that differ in their expiry alone.
pub(crate) fn htlcs() -> Vec<Htlc> {
    vec![
        htlc(0, Side::Local, 200_000, 1, 800_000),
        htlc(1, Side::Local, 200_000, 1, 800_000),
        htlc(2, Side::Local, 200_000, 1, 800_010),
        htlc(0, Side::Remote, 300_000, 2, 800_020),
        htlc(1, Side::Remote, 300_000, 2, 800_020),
        htlc(2, Side::Remote, 250_000, 3, 800_030),
    ]
}

/// The key of coins and of what they are changed to.
pub(crate) fn wallet_secret() -> SecretKey {
    secret(0x51)
}

pub(crate) fn wallet_script(kind: WalletScript) -> ScriptBuf {
    let key = wallet_secret().public_key(&Secp256k1::new());
    match kind {
        WalletScript::P2wpkh => ScriptBuf::new_p2wpkh(&bitcoin::CompressedPublicKey(key).wpubkey_hash()),
        _ => ScriptBuf::new_p2tr(&Secp256k1::new(), key.x_only_public_key().0, None),
    }
}

pub(crate) fn coin(vout: u32, sat: u64, script: WalletScript) -> Coin {
    Coin {
        outpoint: OutPoint { txid: Txid::from_byte_array([9; 32]), vout },
        txout: TxOut { value: Amount::from_sat(sat), script_pubkey: wallet_script(script) },
        script,
        origin: None,
    }
}
