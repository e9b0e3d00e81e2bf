//! Two signers of one channel, each with its own view of it.

use bitcoin::hashes::Hash;
use bitcoin::{Amount, Network, OutPoint, ScriptBuf, Txid};
use channel_core::commitment::{CommitmentSpec, CommitmentTerms};
use channel_core::dust::TrimLimit;
use channel_core::htlc::Htlc;
use channel_core::{
    CltvExpiry, CommitmentFormat, CommitmentNumber, CsvDelay, FeerateKw, HtlcId, Msat, PaymentHash, PerSide,
    Side,
};
use channel_sign::channel_tx::commitment::{Commitment, CommitmentBuilder, CommitmentPoint};
use channel_sign::keys::FundingIndex;
use channel_sign::musig::{NonceSource, SecretNonce};
use channel_sign::seed::{Account, ChannelIndex, Mnemonic};
use channel_sign::signer::{
    ChannelSigner, CompletedCommitment, CompletionRefusal, Countersignature, DelayRange, SignerPolicy,
    SigningNonces, SigningRecord,
};
use channel_sign::{Entropy, bitcoin, channel_core};

pub(crate) const CAPACITY: u64 = 10_000_000;
pub(crate) const FORMATS: [CommitmentFormat; 4] = [
    CommitmentFormat::TaprootV3,
    CommitmentFormat::TaprootV2,
    CommitmentFormat::SegwitV3,
    CommitmentFormat::SegwitAnchors,
];

/// One party.
pub(crate) struct Party {
    pub(crate) signer: ChannelSigner,
    pub(crate) builder: CommitmentBuilder,
    pub(crate) nonces: NonceSource,
}

/// A channel between two parties.
pub(crate) struct Channel {
    pub(crate) alice: Party,
    pub(crate) bob: Party,
}

pub(crate) fn number(number: u64) -> CommitmentNumber {
    CommitmentNumber::new(number).unwrap()
}

pub(crate) fn entropy() -> Entropy {
    Entropy::from_byte_array([9; 32])
}

pub(crate) fn delay(blocks: u16) -> CsvDelay {
    CsvDelay::new(blocks).unwrap()
}

pub(crate) fn own_script(party: u8) -> ScriptBuf {
    ScriptBuf::from_bytes([&[0x51, 0x20][..], &[party; 32]].concat())
}

pub(crate) fn outpoint() -> OutPoint {
    OutPoint { txid: Txid::from_byte_array([7; 32]), vout: 0 }
}

pub(crate) fn policy(party: u8) -> SignerPolicy {
    let range = DelayRange { min: delay(6), max: delay(2016) };
    SignerPolicy {
        to_self_delay: PerSide { local: range, remote: range },
        max_commitment_feerate: FeerateKw::from_sat_per_vb(100).unwrap(),
        max_fee: Amount::from_sat(50_000),
        own_scripts: vec![own_script(party)],
    }
}

pub(crate) fn secrets(party: u8) -> channel_sign::keys::ChannelSecrets {
    let seed = Mnemonic::from_entropy(&[party; 16]).unwrap().to_seed("");
    seed.master_key(Network::Regtest)
        .unwrap()
        .channel(Account::new(0).unwrap(), ChannelIndex::new(5))
        .unwrap()
}

pub(crate) fn builder(format: CommitmentFormat, party: u8, at: OutPoint) -> CommitmentBuilder {
    let limit = TrimLimit::observed(Amount::from_sat(354));
    let terms = CommitmentTerms {
        format,
        opener: if party == 1 { Side::Local } else { Side::Remote },
        capacity: Amount::from_sat(CAPACITY),
        trim: PerSide { local: limit, remote: limit },
    };
    let keys = PerSide {
        local: secrets(party).basepoints(FundingIndex::OPENING).unwrap(),
        remote: secrets(3 - party).basepoints(FundingIndex::OPENING).unwrap(),
    };
    CommitmentBuilder::new(terms, at, keys, PerSide { local: delay(144), remote: delay(144) }).unwrap()
}

impl Party {
    pub(crate) fn new(format: CommitmentFormat, party: u8) -> Self {
        let builder = builder(format, party, outpoint());
        let mut signer = ChannelSigner::new(secrets(party), policy(party), SigningRecord::default());
        signer.add_funding(FundingIndex::OPENING, builder.clone()).unwrap();
        let nonces = NonceSource::new(Entropy::from_byte_array([party; 32]));
        Self { signer, builder, nonces }
    }

    pub(crate) fn nonce(&mut self) -> Option<SecretNonce> {
        self.signer.verification_nonce(outpoint(), &mut self.nonces, &entropy()).unwrap()
    }
}

impl Channel {
    pub(crate) fn new(format: CommitmentFormat) -> Self {
        Self { alice: Party::new(format, 1), bob: Party::new(format, 2) }
    }

    /// Alice's commitment as she and Bob build it.
    pub(crate) fn alices(&mut self, at: u64, spec: &CommitmentSpec) -> (Commitment, Commitment) {
        let point = self.alice.signer.per_commitment_point(number(at)).unwrap();
        let state = CommitmentPoint { number: number(at), point };
        let hers = self.alice.builder.commitment(Side::Local, &state, spec).unwrap();
        let his = self.bob.builder.commitment(Side::Remote, &state, &mirrored(spec)).unwrap();
        (hers, his)
    }

    /// Bob signs Alice's commitment.
    pub(crate) fn countersign(
        &mut self,
        commitment: &Commitment,
        nonce: Option<&SecretNonce>,
    ) -> Countersignature {
        let entropy = entropy();
        let nonces = match nonce {
            Some(nonce) => SigningNonces::Fresh {
                peer: nonce.public_nonce(),
                source: &mut self.bob.nonces,
                entropy: &entropy,
            },
            None => SigningNonces::None,
        };
        self.bob.signer.countersign(commitment, nonces).unwrap()
    }

    /// Alice's commitment of this number, signed by both.
    pub(crate) fn complete(
        &mut self,
        at: u64,
        spec: &CommitmentSpec,
    ) -> Result<CompletedCommitment, CompletionRefusal> {
        let (hers, his) = self.alices(at, spec);
        let nonce = self.alice.nonce();
        let signature = self.countersign(&his, nonce.as_ref());
        self.alice.signer.complete(hers, nonce, signature)
    }

    /// Alice revokes her commitment of this number.
    pub(crate) fn revoke(&mut self, at: u64) {
        let point = self.alice.signer.per_commitment_point(number(at)).unwrap();
        let secret = self.alice.signer.reveal(number(at)).unwrap();
        self.bob.signer.accept_revocation(number(at), &secret, &point).unwrap();
    }
}

/// A spec as Alice sees it: what Bob has, and HTLCs of 20,000 sat offered in turn.
pub(crate) fn spec(format: CommitmentFormat, bob_sat: u64, htlcs: u64) -> CommitmentSpec {
    let feerate = if format.is_zero_fee() { 0 } else { 500 };
    let bob = bob_sat * 1000;
    let alice = CAPACITY * 1000 - bob - htlcs * 20_000_000;
    let flight = (0..htlcs).map(|id| Htlc {
        id: HtlcId::new(id),
        offered_by: if id % 2 == 0 { Side::Local } else { Side::Remote },
        amount: Msat::from_msat(20_000_000),
        payment_hash: PaymentHash::from_bytes([u8::try_from(id).unwrap(); 32]),
        cltv_expiry: CltvExpiry::new(500 + u32::try_from(id).unwrap()).unwrap(),
    });
    let balances = PerSide { local: Msat::from_msat(alice), remote: Msat::from_msat(bob) };
    CommitmentSpec::with_htlcs(balances, FeerateKw::from_sat_per_kw(feerate), flight).unwrap()
}

/// The same spec as the other party sees it.
pub(crate) fn mirrored(spec: &CommitmentSpec) -> CommitmentSpec {
    let balances = PerSide { local: spec.balance(Side::Remote), remote: spec.balance(Side::Local) };
    let htlcs = spec.htlcs().map(|htlc| Htlc { offered_by: htlc.offered_by.other(), ..*htlc });
    CommitmentSpec::with_htlcs(balances, spec.feerate(), htlcs).unwrap()
}
