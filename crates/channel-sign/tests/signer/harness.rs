//! Two signers of one channel, each with its own view of it.

use bitcoin::hashes::{Hash, sha256};
use bitcoin::{Amount, Network, OutPoint, ScriptBuf, Txid};
use channel_core::commitment::{CommitmentSpec, CommitmentTerms};
use channel_core::dust::TrimLimit;
use channel_core::htlc::Htlc;
use channel_core::{
    CltvExpiry, CommitmentFormat, CommitmentNumber, CsvDelay, FeerateKw, HtlcId, Msat, PaymentHash, PerSide,
    Side,
};
use channel_sign::channel_tx::commitment::{Commitment, CommitmentBuilder, CommitmentPoint};
use channel_sign::channel_tx::keys::Basepoints;
use channel_sign::keys::FundingIndex;
use channel_sign::musig::{NonceSource, SecretNonce};
use channel_sign::seed::{Account, ChannelIndex, Mnemonic};
use channel_sign::signer::{
    ChannelSigner, CompletedCommitment, CompletionRefusal, CountersignRefusal, Countersignature, DelayRange,
    SignerPolicy, SigningNonces, SigningRecord,
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

/// A channel between two parties. Alice opened it; what is "local" in a spec is hers.
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
    ScriptBuf::from_bytes([&[0x51, 0x20][..], &[0xc0 | party; 32]].concat())
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
    builder_with(terms(format, party), party, at)
}

pub(crate) fn terms(format: CommitmentFormat, party: u8) -> CommitmentTerms {
    let limit = TrimLimit::observed(Amount::from_sat(354));
    CommitmentTerms {
        format,
        opener: if party == 1 { Side::Local } else { Side::Remote },
        capacity: Amount::from_sat(CAPACITY),
        trim: PerSide { local: limit, remote: limit },
    }
}

pub(crate) fn builder_with(terms: CommitmentTerms, party: u8, at: OutPoint) -> CommitmentBuilder {
    CommitmentBuilder::new(terms, at, basepoints(party), PerSide { local: delay(144), remote: delay(144) })
        .unwrap()
}

pub(crate) fn basepoints(party: u8) -> PerSide<Basepoints> {
    PerSide {
        local: secrets(party).basepoints(FundingIndex::OPENING).unwrap(),
        remote: secrets(3 - party).basepoints(FundingIndex::OPENING).unwrap(),
    }
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
        self.nonce_on(outpoint())
    }

    pub(crate) fn nonce_on(&mut self, funding: OutPoint) -> Option<SecretNonce> {
        self.signer.verification_nonce(funding, &mut self.nonces, &entropy()).unwrap()
    }

    /// Signs the other party's commitment, whose verification nonce is `nonce`.
    pub(crate) fn countersign(
        &mut self,
        commitment: &Commitment,
        nonce: Option<&SecretNonce>,
    ) -> Result<Countersignature, CountersignRefusal> {
        let entropy = entropy();
        let nonces = match nonce {
            Some(nonce) => SigningNonces::Fresh {
                peer: nonce.public_nonce(),
                source: &mut self.nonces,
                entropy: &entropy,
            },
            None => SigningNonces::None,
        };
        self.signer.countersign(commitment, nonces)
    }

    /// A signer of the same party that starts from the stored record.
    pub(crate) fn restart(&mut self, party: u8, fundings: &[(FundingIndex, CommitmentBuilder)]) {
        let record = SigningRecord::from_bytes(&self.signer.record().to_bytes()).unwrap();
        assert_eq!(record, *self.signer.record());
        self.signer = ChannelSigner::new(secrets(party), policy(party), record);
        for (index, builder) in fundings {
            self.signer.add_funding(*index, builder.clone()).unwrap();
        }
    }
}

impl Channel {
    pub(crate) fn new(format: CommitmentFormat) -> Self {
        Self { alice: Party::new(format, 1), bob: Party::new(format, 2) }
    }

    /// The owner of a commitment, and who countersigns it.
    pub(crate) const fn parties(&mut self, owner: Side) -> (&mut Party, &mut Party) {
        match owner {
            Side::Local => (&mut self.alice, &mut self.bob),
            Side::Remote => (&mut self.bob, &mut self.alice),
        }
    }

    /// The commitment of `owner` as it and the other party build it.
    pub(crate) fn build(&mut self, owner: Side, at: u64, spec: &CommitmentSpec) -> (Commitment, Commitment) {
        let (own, other) = self.parties(owner);
        let builders = (own.builder.clone(), other.builder.clone());
        self.build_on(&builders, owner, at, spec)
    }

    /// The same on the funding output of these builders, the owner's and the other party's.
    pub(crate) fn build_on(
        &mut self,
        builders: &(CommitmentBuilder, CommitmentBuilder),
        owner: Side,
        at: u64,
        spec: &CommitmentSpec,
    ) -> (Commitment, Commitment) {
        let spec = if owner == Side::Local { spec.clone() } else { mirrored(spec) };
        let (own, _) = self.parties(owner);
        let point = own.signer.per_commitment_point(number(at)).unwrap();
        let state = CommitmentPoint { number: number(at), point };
        let own = builders.0.commitment(Side::Local, &state, &spec).unwrap();
        let other = builders.1.commitment(Side::Remote, &state, &mirrored(&spec)).unwrap();
        (own, other)
    }

    /// Alice's commitment as she and Bob build it.
    pub(crate) fn alices(&mut self, at: u64, spec: &CommitmentSpec) -> (Commitment, Commitment) {
        self.build(Side::Local, at, spec)
    }

    /// Bob signs Alice's commitment.
    pub(crate) fn countersign(
        &mut self,
        commitment: &Commitment,
        nonce: Option<&SecretNonce>,
    ) -> Countersignature {
        self.bob.countersign(commitment, nonce).unwrap()
    }

    /// Alice's commitment of this number, signed by both.
    pub(crate) fn complete(
        &mut self,
        at: u64,
        spec: &CommitmentSpec,
    ) -> Result<CompletedCommitment, CompletionRefusal> {
        let (own, other) = self.build(Side::Local, at, spec);
        self.sign(Side::Local, own, &other)
    }

    /// The commitment of `owner`, signed by both.
    pub(crate) fn sign(
        &mut self,
        owner: Side,
        own: Commitment,
        other: &Commitment,
    ) -> Result<CompletedCommitment, CompletionRefusal> {
        let (party, peer) = self.parties(owner);
        let nonce = party.nonce_on(own.funding_outpoint());
        let signature = peer.countersign(other, nonce.as_ref()).unwrap();
        party.signer.complete(own, nonce, signature)
    }

    /// Both commitments of this number, signed by both, Alice's first.
    pub(crate) fn both(&mut self, at: u64, spec: &CommitmentSpec) -> [CompletedCommitment; 2] {
        Side::ALL.map(|owner| {
            let (own, other) = self.build(owner, at, spec);
            self.sign(owner, own, &other).unwrap()
        })
    }

    /// Alice revokes her commitment of this number.
    pub(crate) fn revoke(&mut self, at: u64) {
        self.revoke_of(Side::Local, at);
    }

    /// A side revokes its commitment of this number.
    pub(crate) fn revoke_of(&mut self, owner: Side, at: u64) {
        let (party, peer) = self.parties(owner);
        let point = party.signer.per_commitment_point(number(at)).unwrap();
        let secret = party.signer.reveal(number(at)).unwrap();
        peer.signer.accept_revocation(number(at), &secret, &point).unwrap();
    }

    /// Both sides go from state `at - 1` to state `at`.
    pub(crate) fn advance(&mut self, at: u64, spec: &CommitmentSpec) -> [CompletedCommitment; 2] {
        let both = self.both(at, spec);
        if let Some(old) = at.checked_sub(1) {
            for owner in Side::ALL {
                self.revoke_of(owner, old);
            }
        }
        both
    }
}

/// What claims the HTLC with this id.
pub(crate) fn preimage(id: u64) -> [u8; 32] {
    [u8::try_from(id).unwrap() + 1; 32]
}

pub(crate) fn payment_hash(id: u64) -> PaymentHash {
    PaymentHash::from_bytes(sha256::Hash::hash(&preimage(id)).to_byte_array())
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
        payment_hash: payment_hash(id),
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
