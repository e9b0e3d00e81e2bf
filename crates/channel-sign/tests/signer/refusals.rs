//! What a signer refuses, each by its type.

use channel_core::CommitmentFormat;
use channel_sign::channel_core;
use channel_sign::signer::{
    CompletionRefusal, CountersignRefusal, RevealRefusal, SigningNonces, StateRefusal,
};

use crate::harness::{Channel, FORMATS, entropy, number, outpoint, spec};

#[test]
fn a_second_commitment_of_one_number_is_refused() {
    for format in FORMATS {
        let mut channel = Channel::new(format);
        channel.complete(0, &spec(format, 3_000_000, 0)).unwrap();
        let (hers, his) = channel.alices(0, &spec(format, 2_999_999, 0));
        let nonce = channel.alice.nonce();
        let entropy = entropy();
        let nonces = match &nonce {
            Some(nonce) => SigningNonces::Fresh {
                peer: nonce.public_nonce(),
                source: &mut channel.bob.nonces,
                entropy: &entropy,
            },
            None => SigningNonces::None,
        };
        let refused = channel.bob.signer.countersign(&his, nonces).unwrap_err();
        assert_eq!(refused, CountersignRefusal::SecondMessage { number: number(0) }, "{format}");
        // Alice refuses as well, whatever signature she is given for it.
        let (_, same) = channel.alices(0, &spec(format, 3_000_000, 0));
        let signature = channel.countersign(&same, nonce.as_ref());
        let refused = channel.alice.signer.complete(hers, nonce, signature).unwrap_err();
        assert_eq!(refused, CompletionRefusal::SecondMessage { number: number(0) }, "{format}");
    }
}

#[test]
fn nothing_revoked_is_signed_or_completed() {
    for format in FORMATS {
        let mut channel = Channel::new(format);
        let spec = spec(format, 3_000_000, 0);
        channel.complete(0, &spec).unwrap();
        channel.complete(1, &spec).unwrap();
        channel.revoke(0);
        let (hers, his) = channel.alices(0, &spec);
        let refused = channel.bob.signer.countersign(&his, SigningNonces::None).unwrap_err();
        assert_eq!(refused, CountersignRefusal::Revoked { number: number(0) });
        let (_, current) = channel.alices(1, &spec);
        let nonce = channel.alice.nonce();
        let signature = channel.countersign(&current, nonce.as_ref());
        let refused = channel.alice.signer.complete(hers, nonce, signature).unwrap_err();
        assert_eq!(refused, CompletionRefusal::Revoked { number: number(0) });
    }
}

#[test]
fn at_most_one_commitment_ahead_is_signed() {
    let format = CommitmentFormat::TaprootV3;
    let mut channel = Channel::new(format);
    let spec = spec(format, 3_000_000, 0);
    channel.complete(0, &spec).unwrap();
    channel.complete(1, &spec).unwrap();
    let (_, third) = channel.alices(2, &spec);
    let refused = channel.bob.signer.countersign(&third, SigningNonces::None).unwrap_err();
    assert_eq!(refused, CountersignRefusal::TooFarAhead { number: number(2), revoked_below: 0 });
}

#[test]
fn a_secret_stays_secret_until_its_successor_is_complete() {
    for format in FORMATS {
        let mut channel = Channel::new(format);
        let spec = spec(format, 3_000_000, 0);
        let early = RevealRefusal::Early { number: number(0), funding: outpoint() };
        assert_eq!(channel.alice.signer.reveal(number(0)).unwrap_err(), early);
        channel.complete(0, &spec).unwrap();
        assert_eq!(channel.alice.signer.reveal(number(0)).unwrap_err(), early);
        assert_eq!(
            channel.alice.signer.reveal(number(1)).unwrap_err(),
            RevealRefusal::OutOfOrder { number: number(1), next: 0 }
        );
        channel.complete(1, &spec).unwrap();
        let first = *channel.alice.signer.reveal(number(0)).unwrap().as_bytes();
        // Again, for a peer that did not receive it.
        assert_eq!(*channel.alice.signer.reveal(number(0)).unwrap().as_bytes(), first);
        assert!(channel.alice.signer.reveal(number(1)).is_err());
    }
}

#[test]
fn one_digest_for_each_state() {
    let mut channel = Channel::new(CommitmentFormat::TaprootV3);
    let signer = &mut channel.alice.signer;
    let first = signer.sign_state(1, [1; 32]).unwrap();
    assert_eq!(signer.sign_state(1, [1; 32]), Ok(first));
    assert_eq!(signer.sign_state(1, [2; 32]), Err(StateRefusal::SecondDigest { seq: 1 }));
    assert_eq!(signer.sign_state(0, [1; 32]), Err(StateRefusal::Behind { seq: 0, signed: 1 }));
    assert!(signer.sign_state(3, [2; 32]).is_ok());
}
