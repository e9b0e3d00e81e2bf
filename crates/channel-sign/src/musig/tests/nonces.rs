//! That nonces differ, and when they do not: what the documentation of [`NonceSource`] says, both ways.

use core::ops::Range;
use std::collections::HashSet;
use std::thread;
use std::vec::Vec;

use super::super::{NonceError, NonceRole, NonceSource, PublicNonce};
use super::{entropy, key, message, parties, source, verification_nonce};

fn ahead(source: &mut NonceSource, secret: u8, role: NonceRole, byte: u8) -> PublicNonce {
    *source.ahead(&key(secret), None, role, &entropy(byte)).unwrap().public_nonce()
}

/// 1,000,000 nonces of one source whose environment gives the same entropy every time. The work is shared out by starting
/// several sources at different counts of the one; salt, entropy, key, aggregate and role are the same throughout.
///
/// Nearly all of the time is the curve arithmetic of the nonces, about 40 µs each, so every processor takes a share. What
/// is compared are the first 64 bits of the points' x coordinates: nonces that differ there differ, also up to sign (`R`
/// and `-R` have one secret up to negation), and by chance two of a million agree there once in 37 million runs.
#[test]
fn a_million_nonces_differ_when_the_entropy_repeats() {
    const NONCES: u64 = 1_000_000;
    // More threads than processors, for a fair part of a machine that runs other tests too.
    let shares = 2 * thread::available_parallelism().map_or(2, |processors| processors.get() as u64);
    let starts =
        |point: Range<usize>, nonce: &[u8; 66]| u64::from_be_bytes(nonce[point].try_into().expect("8 bytes"));
    let nonces = |share: u64| -> Vec<[u64; 2]> {
        let [alice, _] = parties([1; 32], [2; 32]);
        let counts = share * NONCES / shares..(share + 1) * NONCES / shares;
        let mut source = NonceSource::starting_at(entropy(1), counts.start);
        counts
            .map(|_| verification_nonce(&alice, &mut source).public_nonce().to_byte_array())
            .map(|nonce| [starts(1..9, &nonce), starts(34..42, &nonce)])
            .collect()
    };
    let all: Vec<[u64; 2]> = thread::scope(|scope| {
        let threads: Vec<_> = (0..shares).map(|share| scope.spawn(move || nonces(share))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(all.len(), 1_000_000);
    // Both points must differ by themselves.
    for point in [0, 1] {
        let mut points: Vec<u64> = all.iter().map(|nonce| nonce[point]).collect();
        points.sort_unstable();
        assert!(points.windows(2).all(|pair| pair[0] < pair[1]));
    }
}

#[test]
fn every_input_makes_another_nonce() {
    let [alice, _] = parties([1; 32], [2; 32]);
    let [alice_elsewhere, _] = parties([1; 32], [3; 32]);
    let mut nonces = Vec::new();
    for (salt, secret, role, byte) in [
        (1, 1, NonceRole::Verification, 1),
        (2, 1, NonceRole::Verification, 1),
        (1, 2, NonceRole::Verification, 1),
        (1, 1, NonceRole::Signing, 1),
        (1, 1, NonceRole::Closing, 1),
        (1, 1, NonceRole::Splicing, 1),
        (1, 1, NonceRole::Verification, 2),
    ] {
        nonces.push(ahead(&mut source(salt), secret, role, byte));
    }
    for cosigner in [&alice, &alice_elsewhere] {
        let aggregate = Some(cosigner.aggregate());
        let nonce = source(1).ahead(cosigner.key(), aggregate, NonceRole::Verification, &entropy(1));
        nonces.push(*nonce.unwrap().public_nonce());
    }
    let distinct: HashSet<_> = nonces.iter().collect();
    assert_eq!(distinct.len(), nonces.len());
}

/// Why the salt is to be drawn anew at each start: without it nothing tells two runs apart.
#[test]
fn a_nonce_made_ahead_repeats_when_salt_counter_and_entropy_all_do() {
    let nonce = || ahead(&mut source(1), 1, NonceRole::Verification, 1);
    assert_eq!(nonce(), nonce());
    let mut one = source(1);
    let first = ahead(&mut one, 1, NonceRole::Verification, 1);
    assert_ne!(ahead(&mut one, 1, NonceRole::Verification, 1), first);
}

/// The second line: when all repeats, the last signer's nonce repeats only for the very same signature.
#[test]
fn the_last_signers_nonce_depends_on_message_and_peer() {
    let [alice, bob] = parties([1; 32], [2; 32]);
    let mut peers = source(5);
    let (one, other) = (verification_nonce(&bob, &mut peers), verification_nonce(&bob, &mut peers));
    let sign = |peer: &PublicNonce, text: u8| {
        let signed = source(1).sign_last(&alice, peer, &message(text), NonceRole::Signing, &entropy(1));
        signed.unwrap().partial_signature_with_nonce()
    };
    let first = sign(one.public_nonce(), 7);
    assert_eq!(sign(one.public_nonce(), 7), first);
    let again = [sign(one.public_nonce(), 8), sign(other.public_nonce(), 7), sign(other.public_nonce(), 8)];
    let distinct: HashSet<_> = again.iter().chain([&first]).map(|sent| sent.nonce).collect();
    assert_eq!(distinct.len(), 4);
}

#[test]
fn an_exhausted_counter_refuses_and_stays_so() {
    let mut source = NonceSource::starting_at(entropy(1), u64::MAX - 1);
    ahead(&mut source, 1, NonceRole::Verification, 1);
    for _ in 0..2 {
        let refused = source.ahead(&key(1), None, NonceRole::Verification, &entropy(1)).err();
        assert_eq!(refused, Some(NonceError::Exhausted));
    }
}
