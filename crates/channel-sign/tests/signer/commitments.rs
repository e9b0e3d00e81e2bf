//! Two signers complete commitments, in every format.

use channel_sign::bitcoin::secp256k1::ecdsa::Signature;
use channel_sign::signer::{CommitmentSignature, CompletionRefusal, SigningRecord};

use crate::consensus::verify;
use crate::harness::{Channel, FORMATS, spec};

#[test]
fn both_build_the_same_commitment_and_complete_it() {
    for format in FORMATS {
        let mut channel = Channel::new(format);
        for (at, htlcs) in [(0, 0), (1, 5)] {
            let spec = spec(format, 3_000_000, htlcs);
            let (hers, his) = channel.alices(at, &spec);
            assert_eq!(hers.transaction(), his.transaction(), "{format}");
            let completed = channel.complete(at, &spec).unwrap();
            assert_eq!(completed.transaction.compute_txid(), hers.txid(), "{format}");
            assert_eq!(completed.htlc_signatures.len(), usize::try_from(htlcs).unwrap());
            verify(&completed.transaction, 0, &[hers.funding_txout().clone()]).unwrap();
        }
        channel.revoke(0);
        assert_eq!(channel.alice.signer.record().revealed(), 1);
        assert_eq!(channel.bob.signer.record().peer_revealed(), 1);
    }
}

#[test]
fn a_wrong_signature_of_the_peer_is_refused_and_changes_nothing() {
    for format in FORMATS {
        let mut channel = Channel::new(format);
        let spec = spec(format, 3_000_000, 2);
        let before = channel.alice.signer.record().clone();
        let (hers, his) = channel.alices(0, &spec);
        let nonce = channel.alice.nonce();
        let good = channel.countersign(&his, nonce.as_ref());
        let mut bad = good.clone();
        bad.htlcs[1][40] ^= 1;
        let refused = channel.alice.signer.complete(hers.clone(), nonce, bad).unwrap_err();
        assert!(matches!(refused, CompletionRefusal::HtlcSignature { .. }), "{format}: {refused}");

        let mut short = good.clone();
        short.htlcs.pop();
        let nonce = channel.alice.nonce();
        let refused = channel.alice.signer.complete(hers.clone(), nonce, short).unwrap_err();
        let expected = CompletionRefusal::HtlcSignatureCount {
            number: crate::harness::number(0),
            expected: 2,
            received: 1,
        };
        assert_eq!(refused, expected);

        // Signed for another nonce, or for another commitment.
        let nonce = channel.alice.nonce();
        let mut other = good;
        if let CommitmentSignature::Ecdsa(signature) = &mut other.commitment {
            let mut bytes = signature.serialize_compact();
            bytes[40] ^= 1;
            *signature = Signature::from_compact(&bytes).unwrap();
        }
        let refused = channel.alice.signer.complete(hers, nonce, other).unwrap_err();
        assert!(
            matches!(refused, CompletionRefusal::Signature { .. } | CompletionRefusal::EcdsaSignature { .. }),
            "{format}: {refused}"
        );
        assert_eq!(*channel.alice.signer.record(), before);
    }
}

#[test]
fn a_record_survives_its_stored_form() {
    for format in FORMATS {
        let mut channel = Channel::new(format);
        for at in 0..3 {
            channel.complete(at, &spec(format, 3_000_000, 0)).unwrap();
            if at > 0 {
                channel.revoke(at - 1);
            }
        }
        channel.alice.signer.sign_state(4, [1; 32]).unwrap();
        for record in [channel.alice.signer.record(), channel.bob.signer.record()] {
            let bytes = record.to_bytes();
            assert_eq!(SigningRecord::from_bytes(&bytes).as_ref(), Ok(record));
            for end in 0..bytes.len() {
                assert!(SigningRecord::from_bytes(&bytes[..end]).is_err(), "{end} of {}", bytes.len());
            }
        }
    }
}

#[test]
fn a_mirrored_commitment_is_the_one_the_other_party_builds() {
    for format in FORMATS {
        let mut channel = Channel::new(format);
        let spec = spec(format, 3_000_000, 4);
        let (hers, his) = channel.alices(0, &spec);
        let mirrored = hers.mirrored();
        assert_eq!(mirrored.outputs(), his.outputs(), "{format}");
        assert!(channel.bob.builder.built(&mirrored) && !channel.bob.builder.built(&hers));
        assert!(channel.alice.builder.built(&mirrored.mirrored()));
        let nonce = channel.alice.nonce();
        let signature = channel.countersign(&mirrored, nonce.as_ref());
        assert!(channel.alice.signer.complete(hers, nonce, signature).is_ok(), "{format}");
    }
}
