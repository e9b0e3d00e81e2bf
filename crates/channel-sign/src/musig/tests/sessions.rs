//! What a session gives, and what it refuses.

use channel_tx::keys::AggregateKey;
use proptest::prelude::*;

use super::super::{
    CompletionError, Cosigner, CosignerError, NonceRole, PartialSignature, PartialSignatureWithNonce,
    PublicNonce, SessionError,
};
use super::{entropy, is_valid, key, message, parties, source, verification_nonce};

#[test]
fn the_peers_share_and_ours_make_our_commitments_signature() {
    let [alice, bob] = parties([1; 32], [2; 32]);
    let own = verification_nonce(&alice, &mut source(1));
    let public = *own.public_nonce();
    let signed = source(2).sign_last(&bob, &public, &message(7), NonceRole::Signing, &entropy(3)).unwrap();
    let sent = signed.partial_signature_with_nonce();
    let signature = own.complete(&alice, &sent, &message(7)).unwrap();
    assert!(is_valid(&signature, &message(7), &alice));
    assert!(!is_valid(&signature, &message(8), &alice));
}

#[test]
fn both_parties_complete_one_closing_with_the_same_signature() {
    let [closer, closee] = parties([3; 32], [4; 32]);
    let nonce = verification_nonce(&closee, &mut source(1));
    let ours =
        source(2).sign_last(&closer, nonce.public_nonce(), &message(5), NonceRole::Closing, &entropy(1));
    let ours = ours.unwrap();
    let sent = ours.partial_signature_with_nonce();
    let theirs = nonce.join(&closee, &sent.nonce, &message(5)).unwrap().sign();
    let answer = *theirs.partial_signature();
    let signature = theirs.complete(&closee, &sent.signature).unwrap();
    assert_eq!(ours.complete(&closer, &answer).unwrap(), signature);
    assert!(is_valid(&signature, &message(5), &closer));
}

#[test]
fn a_wrong_share_is_the_peers_fault() {
    let [alice, bob] = parties([1; 32], [2; 32]);
    let cases: [fn(&mut [u8; 32]); 3] =
        [|share| share[31] ^= 1, |share| *share = [0; 32], |share| share[0] ^= 0x80];
    for spoil in cases {
        let own = verification_nonce(&alice, &mut source(1));
        let signed =
            source(2).sign_last(&bob, own.public_nonce(), &message(7), NonceRole::Signing, &entropy(3));
        let mut sent = signed.unwrap().partial_signature_with_nonce();
        let mut share = sent.signature.to_byte_array();
        spoil(&mut share);
        sent.signature = PartialSignature::from_byte_array(&share).unwrap();
        let refused = own.complete(&alice, &sent, &message(7));
        assert_eq!(refused, Err(CompletionError::PeerPartialSignature));
    }
}

#[test]
fn a_share_for_another_transaction_nonce_or_party_is_the_peers_fault() {
    let [alice, bob] = parties([1; 32], [2; 32]);
    let sign = |cosigner: &Cosigner, public: &PublicNonce, text: u8| {
        let signed = source(2).sign_last(cosigner, public, &message(text), NonceRole::Signing, &entropy(3));
        signed.unwrap().partial_signature_with_nonce()
    };
    let stale = *verification_nonce(&alice, &mut source(8)).public_nonce();
    let own = || verification_nonce(&alice, &mut source(1));
    let public = *own().public_nonce();
    for sent in [sign(&bob, &public, 8), sign(&bob, &stale, 7), sign(&alice, &public, 7)] {
        let refused = own().complete(&alice, &sent, &message(7));
        assert_eq!(refused, Err(CompletionError::PeerPartialSignature));
    }
}

#[test]
fn a_peer_nonce_that_cancels_ours_is_no_reason_to_panic() {
    let [alice, _] = parties([1; 32], [2; 32]);
    let own = verification_nonce(&alice, &mut source(1));
    let mut cancelling = own.public_nonce().to_byte_array();
    cancelling[0] ^= 1;
    cancelling[33] ^= 1;
    let nonce = PublicNonce::from_byte_array(&cancelling).unwrap();
    let signature = PartialSignature::from_byte_array(&[1; 32]).unwrap();
    let refused = own.complete(&alice, &PartialSignatureWithNonce { signature, nonce }, &message(7));
    assert_eq!(refused, Err(CompletionError::PeerPartialSignature));
}

#[test]
fn a_nonce_serves_only_the_key_and_the_output_it_was_made_for() {
    let [alice, bob] = parties([1; 32], [2; 32]);
    let [alice_elsewhere, _] = parties([1; 32], [3; 32]);
    let peer = *verification_nonce(&bob, &mut source(1)).public_nonce();
    let refusal = |cosigner: &Cosigner| {
        let nonce = verification_nonce(&alice, &mut source(1));
        nonce.join(cosigner, &peer, &message(1)).err()
    };
    assert_eq!(refusal(&alice), None);
    assert_eq!(refusal(&bob), Some(SessionError::OtherKey));
    assert_eq!(refusal(&alice_elsewhere), Some(SessionError::OtherAggregate));
}

#[test]
fn a_nonce_made_before_the_peers_key_was_known_serves_any_output_of_its_key() {
    let [alice, bob] = parties([1; 32], [2; 32]);
    let early = source(1).ahead(alice.key(), None, NonceRole::Verification, &entropy(1)).unwrap();
    let public = *early.public_nonce();
    let signed = source(2).sign_last(&bob, &public, &message(7), NonceRole::Signing, &entropy(3)).unwrap();
    let sent = signed.partial_signature_with_nonce();
    assert!(is_valid(&early.complete(&alice, &sent, &message(7)).unwrap(), &message(7), &alice));
}

#[test]
fn a_session_is_completed_by_the_cosigner_it_was_made_with() {
    let [alice, bob] = parties([1; 32], [2; 32]);
    let [elsewhere, _] = parties([1; 32], [3; 32]);
    let own = verification_nonce(&alice, &mut source(1));
    let signed = source(2).sign_last(&bob, own.public_nonce(), &message(7), NonceRole::Signing, &entropy(3));
    let sent = signed.unwrap().partial_signature_with_nonce();
    let session = own.join(&alice, &sent.nonce, &message(7)).unwrap().sign();
    let refused = session.complete(&elsewhere, &sent.signature);
    assert_eq!(refused, Err(CompletionError::Session(SessionError::OtherAggregate)));
}

#[test]
fn a_stranger_is_no_cosigner() {
    let aggregate = AggregateKey::new(key(1).public_key(), key(2).public_key()).unwrap();
    let refused = Cosigner::new(key(3), aggregate).err();
    assert_eq!(refused, Some(CosignerError::NotAParty { key: *key(3).public_key() }));
}

#[test]
fn each_cosigner_knows_the_other() {
    let [alice, bob] = parties([1; 32], [2; 32]);
    assert_eq!(alice.peer(), bob.key().public_key());
    assert_eq!(bob.peer(), alice.key().public_key());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever a peer sends is answered, not panicked at.
    #[test]
    fn no_bytes_of_a_peer_panic(sent in proptest::collection::vec(any::<u8>(), 98), prefixes in any::<[bool; 2]>()) {
        let [alice, _] = parties([1; 32], [2; 32]);
        let mut sent = sent;
        sent[32] = 2 + u8::from(prefixes[0]);
        sent[65] = 2 + u8::from(prefixes[1]);
        if let Ok(sent) = PartialSignatureWithNonce::from_slice(&sent) {
            let refused = verification_nonce(&alice, &mut source(1)).complete(&alice, &sent, &message(7));
            prop_assert_eq!(refused, Err(CompletionError::PeerPartialSignature));
        }
    }
}
