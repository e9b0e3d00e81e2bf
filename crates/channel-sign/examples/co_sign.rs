//! Two parties complete a commitment of Alice with MuSig2, go on to the next, and revoke the old one; what would lose
//! money is refused.

use std::error::Error;
use std::io::Write as _;

use channel_sign::Entropy;
use channel_sign::bitcoin::hashes::Hash;
use channel_sign::bitcoin::{Amount, Network, OutPoint, ScriptBuf, Txid};
use channel_sign::channel_core::commitment::{CommitmentSpec, CommitmentTerms};
use channel_sign::channel_core::dust::TrimLimit;
use channel_sign::channel_core::{
    CommitmentFormat, CommitmentNumber, CsvDelay, FeerateKw, Msat, PerSide, Side,
};
use channel_sign::channel_tx::commitment::{CommitmentBuilder, CommitmentPoint};
use channel_sign::keys::{ChannelSecrets, FundingIndex};
use channel_sign::musig::NonceSource;
use channel_sign::seed::{Account, ChannelIndex, Mnemonic};
use channel_sign::signer::{
    ChannelSigner, CompletedCommitment, DelayRange, SignerPolicy, SigningNonces, SigningRecord,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

struct Party {
    signer: ChannelSigner,
    builder: CommitmentBuilder,
    nonces: NonceSource,
}

// Fixed entropy so that the output is always the same. Real entropy comes from the operating system, new for each call.
fn entropy(byte: u8) -> Entropy {
    Entropy::from_byte_array([byte; 32])
}

fn secrets(party: u8) -> Outcome<ChannelSecrets> {
    let master = Mnemonic::from_entropy(&[party; 32])?.to_seed("").master_key(Network::Regtest)?;
    Ok(master.channel(Account::ZERO, ChannelIndex::new(0))?)
}

/// One party of a channel of 1,000,000 sat that Alice opened.
fn party(own: u8, peer: u8) -> Outcome<Party> {
    let delay = CsvDelay::new(144)?;
    let limit = TrimLimit::observed(Amount::from_sat(354));
    let terms = CommitmentTerms {
        format: CommitmentFormat::TaprootV3,
        opener: if own == 1 { Side::Local } else { Side::Remote },
        capacity: Amount::from_sat(1_000_000),
        trim: PerSide { local: limit, remote: limit },
    };
    let keys = PerSide {
        local: secrets(own)?.basepoints(FundingIndex::OPENING)?,
        remote: secrets(peer)?.basepoints(FundingIndex::OPENING)?,
    };
    let funding = OutPoint { txid: Txid::from_byte_array([7; 32]), vout: 0 };
    let builder = CommitmentBuilder::new(terms, funding, keys, PerSide { local: delay, remote: delay })?;
    let delays = DelayRange { min: CsvDelay::new(72)?, max: CsvDelay::new(2016)? };
    let policy = SignerPolicy {
        to_self_delay: PerSide { local: delays, remote: delays },
        max_commitment_feerate: FeerateKw::ZERO,
        max_fee: Amount::from_sat(20_000),
        own_scripts: vec![ScriptBuf::from_bytes([&[0x51, 0x20][..], &[own; 32]].concat())],
    };
    let mut signer = ChannelSigner::new(secrets(own)?, policy, SigningRecord::default());
    signer.add_funding(FundingIndex::OPENING, builder.clone())?;
    Ok(Party { signer, builder, nonces: NonceSource::new(entropy(0xa0 | own)) })
}

/// Alice's commitment of this number, at which Bob owns so much: Bob signs it, Alice completes it.
fn complete(alice: &mut Party, bob: &mut Party, at: u64, bobs_sat: u64) -> Outcome<CompletedCommitment> {
    let number = CommitmentNumber::new(at)?;
    let state = CommitmentPoint { number, point: alice.signer.per_commitment_point(number)? };
    let (hers, his) = (Msat::from_msat((1_000_000 - bobs_sat) * 1000), Msat::from_msat(bobs_sat * 1000));
    let alices_view = CommitmentSpec::new(PerSide { local: hers, remote: his }, FeerateKw::ZERO)?;
    let bobs_view = CommitmentSpec::new(PerSide { local: his, remote: hers }, FeerateKw::ZERO)?;
    let own = alice.builder.commitment(Side::Local, &state, &alices_view)?;
    let theirs = bob.builder.commitment(Side::Remote, &state, &bobs_view)?;

    // Alice sends her nonce ahead; Bob is the last to choose his, and uses it at once.
    let funding = own.funding_outpoint();
    let nonce = alice.signer.verification_nonce(funding, &mut alice.nonces, &entropy(1))?;
    let nonce = nonce.ok_or("the funding output is MuSig2's")?;
    let peer = *nonce.public_nonce();
    let nonces = SigningNonces::Fresh { peer: &peer, source: &mut bob.nonces, entropy: &entropy(2) };
    let signature = bob.signer.countersign(&theirs, nonces)?;
    // Bob stores his record here, then sends. Alice verifies, completes, and stores the commitment with her record.
    Ok(alice.signer.complete(own, Some(nonce), signature)?)
}

fn main() -> Outcome<()> {
    let mut out = std::io::stdout().lock();
    let (mut alice, mut bob) = (party(1, 2)?, party(2, 1)?);
    let first = CommitmentNumber::ZERO;

    let completed = complete(&mut alice, &mut bob, 0, 0)?;
    writeln!(out, "commitment 0 is complete: {}", completed.transaction.compute_txid())?;
    if let Err(refused) = complete(&mut alice, &mut bob, 0, 1_000) {
        writeln!(out, "refused: {refused}")?;
    }
    if let Err(refused) = alice.signer.reveal(first) {
        writeln!(out, "refused: {refused}")?;
    }

    let completed = complete(&mut alice, &mut bob, 1, 250_000)?;
    writeln!(out, "commitment 1 is complete: {}", completed.transaction.compute_txid())?;
    let point = alice.signer.per_commitment_point(first)?;
    let secret = alice.signer.reveal(first)?;
    bob.signer.accept_revocation(first, &secret, &point)?;
    writeln!(out, "commitment 0 is revoked: {}", bob.signer.record().peer_revealed() == 1)?;
    if let Err(refused) = complete(&mut alice, &mut bob, 0, 0) {
        writeln!(out, "refused: {refused}")?;
    }

    let stored = alice.signer.record().to_bytes();
    writeln!(out, "Alice's record takes {} bytes", stored.len())?;
    writeln!(out, "and is read again: {}", SigningRecord::from_bytes(&stored)? == *alice.signer.record())?;
    Ok(())
}
