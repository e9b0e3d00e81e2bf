//! One party signs with this crate, the other with the oracle library.

use bitcoin::TapSighash;
use bitcoin::hashes::Hash;
use musig2::secp::{MaybeScalar, Point, Scalar};
use musig2::{AggNonce, KeyAggContext, PubNonce, SecNonce};
use proptest::prelude::*;

use super::super::{
    CompletionError, Cosigner, NonceRole, NonceSource, PartialSignature, PartialSignatureWithNonce,
    PublicNonce,
};
use super::{is_valid, parties};
use crate::Entropy;

/// The other party, as the oracle has it.
struct Oracle {
    secret: Scalar,
    context: KeyAggContext,
    nonce: SecNonce,
}

impl Oracle {
    fn new(secret: [u8; 32], us: &Cosigner, seed: [u8; 32]) -> Self {
        let keys = us.aggregate().sorted_keys().map(|key| Point::from_slice(&key.serialize()).unwrap());
        let context = KeyAggContext::new(keys).unwrap().with_unspendable_taproot_tweak().unwrap();
        let secret = Scalar::from_slice(&secret).unwrap();
        let nonce = SecNonce::build_with_seckey(seed, secret).build();
        Self { secret, context, nonce }
    }

    fn public_nonce(&self) -> PublicNonce {
        PublicNonce::from_byte_array(&self.nonce.public_nonce().serialize()).unwrap()
    }

    fn aggregate_nonce(&self, ours: &PublicNonce) -> AggNonce {
        let ours = PubNonce::from_bytes(&ours.to_byte_array()).unwrap();
        AggNonce::sum([&self.nonce.public_nonce(), &ours])
    }

    fn sign(&self, ours: &PublicNonce, message: &TapSighash) -> PartialSignature {
        let (nonce, message) = (self.aggregate_nonce(ours), message.to_byte_array());
        let signature: MaybeScalar =
            musig2::sign_partial(&self.context, self.secret, self.nonce.clone(), &nonce, message).unwrap();
        PartialSignature::from_byte_array(&signature.serialize()).unwrap()
    }

    /// Adds both shares, verified by the oracle.
    fn complete(&self, sent: &PartialSignatureWithNonce, message: &TapSighash) -> Option<[u8; 64]> {
        let nonce = self.aggregate_nonce(&sent.nonce);
        let shares = [sent.signature, self.sign(&sent.nonce, message)];
        let shares = shares.map(|share| MaybeScalar::from_slice(&share.to_byte_array()).unwrap());
        let message = message.to_byte_array();
        let signature: Result<musig2::CompactSignature, _> =
            musig2::aggregate_partial_signatures(&self.context, &nonce, shares, message);
        signature.ok().map(|signature| signature.serialize())
    }
}

fn entropy(bytes: [u8; 32]) -> Entropy {
    Entropy::from_byte_array(bytes)
}

fn secrets() -> impl Strategy<Value = [[u8; 32]; 2]> {
    any::<[[u8; 32]; 2]>().prop_filter("two secret keys", |secrets| {
        secrets[0] != secrets[1] && secrets.iter().all(|secret| Scalar::from_slice(secret).is_ok())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn both_libraries_name_one_output_key([ours, theirs] in secrets()) {
        let [us, _] = parties(ours, theirs);
        let key: Point = Oracle::new(theirs, &us, [1; 32]).context.aggregated_pubkey();
        prop_assert_eq!(key.serialize_xonly(), us.aggregate().output_key().serialize());
        let internal: Point = Oracle::new(theirs, &us, [1; 32]).context.aggregated_pubkey_untweaked();
        prop_assert_eq!(internal.serialize_xonly(), us.aggregate().internal_key().serialize());
    }

    /// Our commitment: the oracle signs last, we complete.
    #[test]
    fn we_complete_what_the_oracle_signed(
        [ours, theirs] in secrets(), message in any::<[u8; 32]>(), seeds in any::<[[u8; 32]; 3]>(),
    ) {
        let [us, _] = parties(ours, theirs);
        let message = TapSighash::from_byte_array(message);
        let oracle = Oracle::new(theirs, &us, seeds[0]);
        let mut source = NonceSource::new(entropy(seeds[1]));
        let mut nonce = || {
            source.ahead(us.key(), Some(us.aggregate()), NonceRole::Verification, &entropy(seeds[2])).unwrap()
        };
        let own = nonce();
        let mut sent = PartialSignatureWithNonce {
            signature: oracle.sign(own.public_nonce(), &message),
            nonce: oracle.public_nonce(),
        };
        let own_nonce = *own.public_nonce();
        let signature = own.complete(&us, &sent, &message).unwrap();
        prop_assert!(is_valid(&signature, &message, &us));
        // the same signature with a nonce of ours it was not made for
        let refused = nonce().complete(&us, &sent, &message);
        prop_assert_eq!(refused, Err(CompletionError::PeerPartialSignature));
        sent.nonce = own_nonce;
        let refused = nonce().complete(&us, &sent, &message);
        prop_assert_eq!(refused, Err(CompletionError::PeerPartialSignature));
    }

    /// The peer's commitment: we sign last, the oracle completes. Both come to one signature.
    #[test]
    fn the_oracle_completes_what_we_signed(
        [ours, theirs] in secrets(), message in any::<[u8; 32]>(), seeds in any::<[[u8; 32]; 3]>(),
    ) {
        let [us, _] = parties(ours, theirs);
        let message = TapSighash::from_byte_array(message);
        let oracle = Oracle::new(theirs, &us, seeds[0]);
        let mut source = NonceSource::new(entropy(seeds[1]));
        let (peer, role) = (oracle.public_nonce(), NonceRole::Signing);
        let signed = source.sign_last(&us, &peer, &message, role, &entropy(seeds[2])).unwrap();
        let mut sent = signed.partial_signature_with_nonce();
        let completed = oracle.complete(&sent, &message).unwrap();
        let signature = signed.complete(&us, &oracle.sign(&sent.nonce, &message)).unwrap();
        prop_assert_eq!(signature.serialize(), completed);
        let mut share = sent.signature.to_byte_array();
        share[31] ^= 1;
        sent.signature = PartialSignature::from_byte_array(&share).unwrap();
        prop_assert_eq!(oracle.complete(&sent, &message), None);
    }
}
