//! The stored form of a record: version 1 as it was released, damage, and the ends of all ranges.

use bitcoin::hashes::{Hash, sha256};
use channel_core::{CommitmentFormat, CommitmentNumber};
use channel_sign::signer::{
    ChannelSigner, CountersignRefusal, DecodeRecordError, RevealRefusal, SigningNonces, SigningRecord,
};
use channel_sign::{bitcoin, channel_core};

use channel_sign::channel_tx::commitment::CommitmentPoint;
use channel_sign::keys::FundingIndex;
use channel_sign::shachain::ShachainSeed;

use crate::harness::{Channel, policy, secrets, spec};

/// Records of Bob written by the first version: after a splice candidate was given up, and after a close.
const VERSION_1: [&str; 2] = [
    include_str!("../fixtures/signing_record_v1_open.hex"),
    include_str!("../fixtures/signing_record_v1_closing.hex"),
];

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16).unwrap()).unwrap();
    digits.chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// How the two records came to be.
fn versions() -> [SigningRecord; 2] {
    use crate::spends::{close, closing_spend, cosign, splice, splice_in, take_on};

    let format = CommitmentFormat::TaprootV3;
    let mut channel = Channel::new(format);
    let state = spec(format, 3_000_000, 1);
    channel.advance(0, &state);
    let index = FundingIndex::new(1);
    let candidates = splice(&channel, &state, index, splice_in);
    take_on(&mut channel, &candidates, index, 0);
    channel.bob.signer.remove_funding(candidates[1].builder.outpoint());
    channel.bob.signer.sign_state(7, [0x5a; 32]).unwrap();
    let open = channel.bob.signer.record().clone();

    let mut channel = Channel::new(CommitmentFormat::SegwitV3);
    let state = spec(CommitmentFormat::SegwitV3, 3_000_000, 0);
    (0..4).for_each(|at| drop(channel.advance(at, &state)));
    let closing = close(&channel.alice.builder, &state, 1_000);
    let spend = closing_spend(&closing.unsigned, channel.alice.builder.outpoint());
    cosign(&mut channel, &spend, &spend).unwrap();
    [open, channel.bob.signer.record().clone()]
}

#[test]
fn version_1_is_read_and_written_as_ever() {
    for (stored, made) in VERSION_1.into_iter().zip(versions()) {
        assert_eq!(hex(&made.to_bytes()), stored.trim());
        let read = SigningRecord::from_bytes(&unhex(stored)).unwrap();
        assert_eq!(read, made);
    }
}

#[test]
fn every_damage_is_noticed() {
    for record in versions() {
        let bytes = record.to_bytes();
        for at in 0..bytes.len() {
            assert!(SigningRecord::from_bytes(&bytes[..at]).is_err(), "{at} of {}", bytes.len());
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            let expected = match at {
                0 => DecodeRecordError::UnknownVersion { found: 0 },
                _ => DecodeRecordError::Checksum,
            };
            assert_eq!(SigningRecord::from_bytes(&damaged), Err(expected));
            // The same with a checksum that fits: it is another record, or none.
            let read = SigningRecord::from_bytes(&sealed(&damaged[..bytes.len() - 4]));
            assert!(read.is_err() || read.is_ok_and(|read| read != record || at >= bytes.len() - 4), "{at}");
        }
        let longer = sealed(&[&bytes[..bytes.len() - 4], &[0]].concat());
        assert!(matches!(SigningRecord::from_bytes(&longer), Err(DecodeRecordError::Damaged { .. })));
    }
}

/// With the checksum it must have.
pub(crate) fn sealed(content: &[u8]) -> Vec<u8> {
    let hash = sha256::Hash::hash(content).to_byte_array();
    [content, &hash[..4]].concat()
}

/// A record without funding outputs, in which all commitments below these numbers are revoked.
pub(crate) fn record_at(revealed: u64, peer_revealed: u64) -> Result<SigningRecord, DecodeRecordError> {
    let buckets = usize::try_from(u64::BITS - peer_revealed.leading_zeros()).unwrap();
    let secrets = [&[1][..], &peer_revealed.to_be_bytes(), &vec![7; 32 * buckets]].concat();
    let secrets = sealed(&secrets);
    let length = u32::try_from(secrets.len()).unwrap().to_be_bytes();
    let content = [&[1, 0][..], &revealed.to_be_bytes(), &[0, 0, 0], &[0; 4], &length, &secrets].concat();
    SigningRecord::from_bytes(&sealed(&content))
}

#[test]
fn the_last_commitment_is_signed_and_never_revoked() {
    let last = CommitmentNumber::MAX;
    let format = CommitmentFormat::TaprootV3;
    let state = spec(format, 3_000_000, 0);
    let record = record_at(last.to_u64(), last.to_u64()).unwrap();
    let mut channel = Channel::new(format);
    for (party, side) in [(1, &mut channel.alice), (2, &mut channel.bob)] {
        side.signer = ChannelSigner::new(secrets(party), policy(party), record.clone());
        side.signer.add_funding(FundingIndex::OPENING, side.builder.clone()).unwrap();
    }
    channel.both(last.to_u64(), &state);
    let refused = channel.alice.signer.reveal(last).unwrap_err();
    assert_eq!(refused, RevealRefusal::LastCommitment { number: last });

    // Beyond: a peer that revoked all of them has none left to be signed.
    let record = record_at(last.to_u64() + 1, last.to_u64() + 1).unwrap();
    assert_eq!(record.peer_revealed(), last.to_u64() + 1);
    channel.bob.signer = ChannelSigner::new(secrets(2), policy(2), record);
    channel.bob.signer.add_funding(FundingIndex::OPENING, channel.bob.builder.clone()).unwrap();
    let point = ShachainSeed::from_bytes([3; 32]).point(last).unwrap();
    let point = CommitmentPoint { number: last, point };
    let commitment = channel.bob.builder.commitment(channel_core::Side::Remote, &point, &state).unwrap();
    let refused = channel.bob.signer.countersign(&commitment, SigningNonces::None).unwrap_err();
    assert_eq!(refused, CountersignRefusal::Revoked { number: last });
    assert!(record_at(last.to_u64() + 2, 0).is_err());
    assert!(record_at(0, last.to_u64() + 2).is_err());
}
