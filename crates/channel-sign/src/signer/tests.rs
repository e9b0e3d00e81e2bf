//! What only the inside can cause: a nonce source at its end, and the true secrets to search the debug output for.

use alloc::vec;
use alloc::vec::Vec;
use std::format;
use std::string::String;

use bitcoin::hashes::Hash;
use bitcoin::transaction::Version;
use bitcoin::{
    Amount, Network, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, Witness, absolute,
};
use channel_core::commitment::{CommitmentSpec, CommitmentTerms};
use channel_core::dust::TrimLimit;
use channel_core::{CommitmentFormat, CommitmentNumber, CsvDelay, FeerateKw, Msat, PerSide, Side};
use channel_tx::commitment::{CommitmentBuilder, CommitmentPoint};
use channel_tx::spend::{InputHint, SpendFee, UnsignedInput, UnsignedTransaction};

use super::{
    ChannelSigner, CountersignRefusal, DelayRange, FundingSpend, SignerPolicy, SigningNonces, SigningRecord,
    SpendKind, SpendRefusal,
};
use crate::Entropy;
use crate::keys::{ChannelSecrets, FundingIndex};
use crate::musig::{NonceError, NonceSource};
use crate::seed::{Account, ChannelIndex, Mnemonic};

const CAPACITY: Amount = Amount::from_sat(1_000_000);

fn secrets(party: u8) -> ChannelSecrets {
    let master = Mnemonic::from_entropy(&[party; 16]).unwrap().to_seed("").master_key(Network::Regtest);
    master.unwrap().channel(Account::ZERO, ChannelIndex::new(3)).unwrap()
}

fn own_script() -> ScriptBuf {
    ScriptBuf::from_bytes([&[0x51, 0x20][..], &[0xc1; 32]].concat())
}

fn signer() -> (ChannelSigner, CommitmentBuilder) {
    let delay = CsvDelay::new(144).unwrap();
    let limit = TrimLimit::observed(Amount::from_sat(354));
    let terms = CommitmentTerms {
        format: CommitmentFormat::TaprootV3,
        opener: Side::Local,
        capacity: CAPACITY,
        trim: PerSide { local: limit, remote: limit },
    };
    let range = DelayRange { min: delay, max: delay };
    let policy = SignerPolicy {
        to_self_delay: PerSide { local: range, remote: range },
        max_commitment_feerate: FeerateKw::ZERO,
        max_fee: Amount::from_sat(1_000),
        own_scripts: vec![own_script()],
    };
    let keys = PerSide { local: secrets(1), remote: secrets(2) };
    let keys = PerSide::from_fn(|side| keys.of(side).basepoints(FundingIndex::OPENING).unwrap());
    let outpoint = OutPoint { txid: Txid::from_byte_array([7; 32]), vout: 0 };
    let delays = PerSide { local: delay, remote: delay };
    let builder = CommitmentBuilder::new(terms, outpoint, keys, delays).unwrap();
    let mut signer = ChannelSigner::new(secrets(1), policy, SigningRecord::default());
    signer.add_funding(FundingIndex::OPENING, builder.clone()).unwrap();
    (signer, builder)
}

#[test]
fn a_source_at_its_end_signs_nothing_and_changes_nothing() {
    let (mut signer, builder) = signer();
    let entropy = Entropy::from_byte_array([9; 32]);
    let mut exhausted = NonceSource::starting_at(Entropy::from_byte_array([8; 32]), u64::MAX);
    let mut peers = NonceSource::new(Entropy::from_byte_array([7; 32]));
    let verification = signer.verification_nonce(builder.outpoint(), &mut peers, &entropy);
    let peer = *verification.unwrap().unwrap().public_nonce();
    let before = signer.record().clone();

    let number = CommitmentNumber::ZERO;
    let point = CommitmentPoint { number, point: secrets(2).per_commitment_point(number).unwrap() };
    let balances = PerSide { local: Msat::try_from(CAPACITY).unwrap(), remote: Msat::ZERO };
    let spec = CommitmentSpec::new(balances, FeerateKw::ZERO).unwrap();
    let commitment = builder.commitment(Side::Remote, &point, &spec).unwrap();
    let nonces = SigningNonces::Fresh { peer: &peer, source: &mut exhausted, entropy: &entropy };
    let refused = signer.countersign(&commitment, nonces).unwrap_err();
    assert_eq!(refused, CountersignRefusal::NonceSource(NonceError::Exhausted));

    let input = TxIn {
        previous_output: builder.outpoint(),
        script_sig: ScriptBuf::new(),
        sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
        witness: Witness::new(),
    };
    let output = TxOut { value: CAPACITY, script_pubkey: own_script() };
    let unsigned = UnsignedTransaction {
        transaction: Transaction {
            version: Version::TWO,
            lock_time: absolute::LockTime::ZERO,
            input: vec![input],
            output: vec![output],
        },
        inputs: vec![UnsignedInput {
            prevout: builder.funding_txout().clone(),
            hint: InputHint::Funding(builder.funding().clone()),
        }],
        fee: SpendFee::default(),
    };
    let spend = FundingSpend {
        unsigned: &unsigned,
        funding: builder.outpoint(),
        kind: SpendKind::Close,
        returns: Amount::ZERO,
    };
    let nonces = SigningNonces::Fresh { peer: &peer, source: &mut exhausted, entropy: &entropy };
    let refused = signer.cosign(&spend, nonces).unwrap_err();
    assert_eq!(refused, SpendRefusal::NonceSource(NonceError::Exhausted));
    assert_eq!(*signer.record(), before);
}

#[test]
fn no_key_of_the_channel_is_printed() {
    let (signer, builder) = signer();
    let own = signer.secrets();
    let point = own.per_commitment_point(CommitmentNumber::ZERO).unwrap();
    let keys = [
        own.funding_key(FundingIndex::OPENING).unwrap(),
        own.payment_key(),
        own.delayed_payment_key(&point).unwrap(),
        own.htlc_key(&point).unwrap(),
        own.state_key(),
    ];
    let mut hidden: Vec<Vec<u8>> = keys.iter().map(|key| key.keypair().to_secret_bytes().to_vec()).collect();
    hidden.push(own.per_commitment_secret(CommitmentNumber::ZERO).as_bytes().to_vec());
    let printed = format!("{signer:?} {signer:#?} {own:?} {:?} {builder:?}", signer.record());
    for secret in hidden {
        let hex: Vec<String> = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let hex = hex.concat();
        let list = format!("{secret:?}");
        for form in [hex.to_uppercase(), hex, list[1..list.len() - 1].into()] {
            assert!(!printed.contains(&form), "{form}");
        }
    }
}
