//! Reads the fixtures of commitments: their schema is documented in `xtask`'s importer.

use alloc::vec::Vec;

use bitcoin::consensus::encode::deserialize_hex;
use bitcoin::hashes::{Hash, sha256};
use bitcoin::hex::FromHex;
use bitcoin::secp256k1::PublicKey;
use bitcoin::{Amount, OutPoint, Transaction, Txid};
use channel_core::commitment::{CommitmentSpec, CommitmentTerms};
use channel_core::dust::TrimLimit;
use channel_core::htlc::Htlc;
use channel_core::{
    CltvExpiry, CommitmentFormat, CommitmentNumber, CsvDelay, FeerateKw, HtlcId, Msat, PaymentHash, PerSide,
    Side,
};
use channel_tx::commitment::{CommitmentBuilder, CommitmentPoint};
use channel_tx::keys::Basepoints;
use serde_json::Value;

use super::key::VectorKey;

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

pub(super) fn bytes<const N: usize>(value: &Value) -> [u8; N] {
    <[u8; N]>::from_hex(text(value)).unwrap()
}

pub(super) fn octets(value: &Value) -> Vec<u8> {
    Vec::from_hex(text(value)).unwrap()
}

pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

pub(super) fn transaction(value: &Value) -> Transaction {
    deserialize_hex(text(value)).unwrap()
}

fn number<T: TryFrom<u64>>(value: &Value) -> T {
    T::try_from(value.as_u64().unwrap()).ok().unwrap()
}

/// A channel of the vectors. "Local" and "remote" are the vectors' parties; the commitments are the local one's.
pub(super) struct Channel {
    document: Value,
}

/// One party's secrets.
pub(super) struct Party {
    pub(super) funding: VectorKey,
    pub(super) htlc_basepoint: VectorKey,
}

impl Channel {
    pub(super) fn read(json: &str) -> Self {
        Self { document: serde_json::from_str(json).unwrap() }
    }

    pub(super) fn cases(&self) -> &[Value] {
        list(&self.document["cases"])
    }

    pub(super) fn format(&self) -> CommitmentFormat {
        match text(&self.document["format"]) {
            "taproot_v2" => CommitmentFormat::TaprootV2,
            "taproot_v3" => CommitmentFormat::TaprootV3,
            "segwit_v3" => CommitmentFormat::SegwitV3,
            "segwit_anchors" => CommitmentFormat::SegwitAnchors,
            other => panic!("unknown format {other}"),
        }
    }

    fn field(&self, name: &str) -> &Value {
        &self.document["channel"][name]
    }

    fn outpoint(&self) -> OutPoint {
        let funding = self.field("funding");
        let txid: Txid = text(&funding["txid"]).parse().unwrap();
        OutPoint { txid, vout: number(&funding["output_index"]) }
    }

    /// The funding transaction, where the vectors give it, must hold the output that the builder spends.
    pub(super) fn assert_funding_transaction(&self) {
        let given = &self.field("funding")["transaction"];
        let Some(case) = self.cases().first().filter(|_| given.is_string()) else { return };
        let (builder, funding) = (self.builder(case, Side::Local), transaction(given));
        let OutPoint { txid, vout } = builder.outpoint();
        assert_eq!(funding.compute_txid(), txid);
        assert_eq!(funding.output[usize::try_from(vout).unwrap()], *builder.funding_txout());
    }

    /// The vectors give a key as a secret, as a point, or as both, which must then belong together.
    fn key(&self, party: &str, name: &str) -> Option<PublicKey> {
        let key = &self.field(party)[name];
        let public = key["public"].as_str().map(|point| point.parse::<PublicKey>().unwrap());
        let derived = self.secret(party, name).map(|secret| secret.public());
        if let (Some(public), Some(derived)) = (public, derived) {
            assert_eq!(public, derived, "{party} {name}");
        }
        public.or(derived)
    }

    fn secret(&self, party: &str, name: &str) -> Option<VectorKey> {
        let secret = &self.field(party)[name]["secret"];
        secret.is_string().then(|| VectorKey::new(bytes(secret)))
    }

    /// A basepoint that is left out either is not on the owner's commitment, or is the payment basepoint: BOLT 3's own
    /// vectors are older than HTLC basepoints.
    fn basepoints(&self, party: &str) -> Basepoints {
        let payment = self.key(party, "payment_basepoint").unwrap();
        let or_payment = |name| self.key(party, name).unwrap_or(payment);
        Basepoints {
            funding: self.key(party, "funding").unwrap(),
            revocation: or_payment("revocation_basepoint"),
            payment,
            delayed_payment: or_payment("delayed_basepoint"),
            htlc: or_payment("htlc_basepoint"),
        }
    }

    pub(super) fn party(&self, name: &str) -> Party {
        let basepoint = || {
            let htlc = self.secret(name, "htlc_basepoint");
            htlc.or_else(|| self.secret(name, "payment_basepoint")).unwrap()
        };
        let htlc = basepoint().at(&self.point().point);
        let given = &self.field("derived")[if name == "local" { "local_htlc" } else { "remote_htlc" }];
        if given["secret"].is_string() {
            assert_eq!(htlc.secret(), bytes(&given["secret"]), "the {name} htlc key");
        }
        Party { funding: self.secret(name, "funding").unwrap(), htlc_basepoint: basepoint() }
    }

    pub(super) fn point(&self) -> CommitmentPoint {
        let given = self.field("per_commitment");
        let point: PublicKey = text(&given["point"]).parse().unwrap();
        if given["secret"].is_string() {
            assert_eq!(VectorKey::new(bytes(&given["secret"])).public(), point);
        }
        let number = CommitmentNumber::new(number(self.field("commitment_number"))).unwrap();
        CommitmentPoint { number, point }
    }

    /// The builder of the owner of the commitment for [`Side::Local`], of the other party for [`Side::Remote`].
    pub(super) fn builder(&self, case: &Value, owner: Side) -> CommitmentBuilder {
        assert_eq!(text(self.field("opener")), "local");
        let limit = TrimLimit::observed(Amount::from_sat(number(&case["dust_limit_sat"])));
        let terms = CommitmentTerms {
            format: self.format(),
            opener: owner,
            capacity: Amount::from_sat(number(&self.field("funding")["value_sat"])),
            trim: PerSide::from_fn(|_| limit),
        };
        let delay = CsvDelay::new(number(self.field("to_self_delay"))).unwrap();
        let basepoints =
            PerSide::from_fn(|side| self.basepoints(if side == owner { "local" } else { "remote" }));
        CommitmentBuilder::new(terms, self.outpoint(), basepoints, PerSide::from_fn(|_| delay)).unwrap()
    }

    /// The keys of the commitment must be those the vectors give, where they give them.
    pub(super) fn assert_derived_keys(&self) {
        let Some(case) = self.cases().first() else { panic!("no case") };
        let keys = self.builder(case, Side::Local).keys(Side::Local, &self.point().point).unwrap();
        let (local_htlc, remote_htlc) = keys.htlc().unwrap();
        let ours = [
            ("local_delayed", keys.local_delayed()),
            ("revocation", keys.revocation()),
            ("remote_payment", keys.remote_payment()),
            ("local_htlc", local_htlc),
            ("remote_htlc", remote_htlc),
        ];
        for (name, key) in ours {
            if let Some(given) = self.field("derived")[name]["public"].as_str() {
                assert_eq!(key, given.parse::<PublicKey>().unwrap(), "{name}");
            }
        }
    }
}

/// The spec of a case, with the vectors' local party on the side `owner`.
pub(super) fn spec(case: &Value, owner: Side) -> CommitmentSpec {
    let balance = |side| {
        let name = if side == owner { "to_local_msat" } else { "to_remote_msat" };
        Msat::from_msat(number(&case[name]))
    };
    let htlcs = list(&case["htlcs"]).iter().map(|htlc| Htlc {
        id: HtlcId::new(number(&htlc["id"])),
        offered_by: match text(&htlc["offered_by"]) {
            "local" => owner,
            _ => owner.other(),
        },
        amount: Msat::from_msat(number(&htlc["amount_msat"])),
        payment_hash: payment_hash(htlc),
        cltv_expiry: CltvExpiry::new(number(&htlc["cltv_expiry"])).unwrap(),
    });
    let feerate = FeerateKw::from_sat_per_kw(number(&case["feerate_per_kw"]));
    CommitmentSpec::with_htlcs(PerSide::from_fn(balance), feerate, htlcs).unwrap()
}

fn payment_hash(htlc: &Value) -> PaymentHash {
    let hash = sha256::Hash::hash(&bytes::<32>(&htlc["preimage"])).to_byte_array();
    if htlc["payment_hash"].is_string() {
        assert_eq!(hash, bytes(&htlc["payment_hash"]));
    }
    PaymentHash::from_bytes(hash)
}

/// The preimage of the HTLC with this hash.
pub(super) fn preimage(case: &Value, hash: PaymentHash) -> [u8; 32] {
    let htlc = list(&case["htlcs"]).iter().find(|htlc| payment_hash(htlc) == hash);
    bytes(&htlc.unwrap()["preimage"])
}
