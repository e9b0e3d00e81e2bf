//! Two signers of one channel, as they would run in two processes.

use channel_core::{CommitmentFormat, CommitmentNumber, CsvDelay, FeerateKw, PerSide, Side};
use channel_sign::keys::{ChannelSecrets, FundingIndex};
use channel_sign::musig::{NonceRole, NonceSource, PublicNonce, SecretNonce};
use channel_sign::seed::{Account, ChannelIndex, Mnemonic};
use channel_sign::signer::{ChannelSigner, DelayRange, SignerPolicy, SigningRecord};
use channel_sign::{Entropy, channel_tx};
use channel_tx::bitcoin::hashes::Hash;
use channel_tx::bitcoin::{Amount, Network, OutPoint, Txid};
use channel_tx::commitment::{CommitmentBuilder, CommitmentPoint};

use crate::channel::terms;
use crate::penalty::own_script;

/// One party: its signer, its view of the channel, its nonces.
pub(crate) struct Party {
    pub(crate) signer: ChannelSigner,
    pub(crate) builder: CommitmentBuilder,
    pub(crate) nonces: NonceSource,
    pub(crate) entropy: Entropy,
}

/// The number of the first commitment that has no predecessor to revoke.
pub(crate) const FIRST: CommitmentNumber = CommitmentNumber::ZERO;

pub(crate) fn outpoint() -> OutPoint {
    OutPoint { txid: Txid::from_byte_array([7; 32]), vout: 0 }
}

fn secrets(party: u8) -> ChannelSecrets {
    let seed = Mnemonic::from_entropy(&[party; 16]).expect("16 bytes are 12 words").to_seed("");
    let master = seed.master_key(Network::Regtest).expect("the seed has a master key");
    let account = Account::new(0).expect("in range");
    master.channel(account, ChannelIndex::new(0)).expect("the channel has secrets")
}

impl Party {
    pub(crate) fn new(format: CommitmentFormat, party: u8) -> Self {
        let basepoints = |party| secrets(party).basepoints(FundingIndex::OPENING).expect("keys derive");
        let keys = PerSide { local: basepoints(party), remote: basepoints(3 - party) };
        let delay = CsvDelay::new(720).expect("above zero");
        let opener = if party == 1 { Side::Local } else { Side::Remote };
        let delays = PerSide { local: delay, remote: delay };
        let builder = CommitmentBuilder::new(terms(format, opener), outpoint(), keys, delays);
        let builder = builder.expect("the keys make a channel");
        let range = DelayRange { min: delay, max: delay };
        let policy = SignerPolicy {
            to_self_delay: PerSide { local: range, remote: range },
            max_commitment_feerate: FeerateKw::from_sat_per_kw(u32::MAX),
            max_fee: Amount::from_sat(1_000_000),
            own_scripts: vec![own_script()],
        };
        let mut signer = ChannelSigner::new(secrets(party), policy, SigningRecord::default());
        signer.add_funding(FundingIndex::OPENING, builder.clone()).expect("the policy allows it");
        let nonces = NonceSource::new(Entropy::from_byte_array([party; 32]));
        Self { signer, builder, nonces, entropy: Entropy::from_byte_array([3; 32]) }
    }

    /// A nonce made ahead.
    pub(crate) fn nonce(&mut self, role: NonceRole) -> SecretNonce {
        let nonce = self.signer.nonce(outpoint(), role, &mut self.nonces, &self.entropy);
        nonce.expect("the source is fresh").expect("the format has nonces")
    }

    /// Our point of the first commitment.
    pub(crate) fn state(&mut self) -> CommitmentPoint {
        let point = self.signer.per_commitment_point(FIRST).expect("the seed has secrets");
        CommitmentPoint { number: FIRST, point }
    }
}

/// A nonce as it arrives: 66 bytes, read and checked.
pub(crate) fn received(nonce: &PublicNonce) -> PublicNonce {
    PublicNonce::from_byte_array(&nonce.to_byte_array()).expect("a nonce is one")
}
