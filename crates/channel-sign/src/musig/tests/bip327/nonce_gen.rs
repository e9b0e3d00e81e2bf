//! `NonceGen` and the nonce of `DeterministicSign`, written out from BIP 327: no library is asked, but for reducing
//! modulo the group order.

use bitcoin::hashes::{Hash, HashEngine, sha256};
use proptest::prelude::*;
use secp256k1::musig::{self, KeyAggCache, SessionSecretRand};
use secp256k1::{Keypair, Scalar};
use serde::Deserialize;

use super::Hex;
use crate::adaptor::reduce;

/// What `NonceGen` takes; all but the first two may be left out.
#[derive(Debug, Clone, Deserialize)]
pub(in super::super) struct NonceInputs {
    pub(super) entropy: Hex,
    pub(super) public_key: Hex,
    pub(super) secret_key: Option<Hex>,
    pub(super) aggregate_key: Option<Hex>,
    pub(super) message: Option<Hex>,
    pub(super) extra_input: Option<Hex>,
}

/// The two secret scalars.
pub(in super::super) fn nonce_gen(inputs: &NonceInputs) -> [[u8; 32]; 2] {
    let seed = inputs
        .secret_key
        .as_ref()
        .map_or_else(|| inputs.entropy.array(), |secret| masked(&secret.array(), &inputs.entropy.array()));
    [0, 1].map(|index| {
        let mut engine = tagged("MuSig/nonce");
        engine.input(&seed);
        engine.input(&[33]);
        engine.input(&inputs.public_key.0);
        let aggregate = inputs.aggregate_key.as_ref().map_or(&[][..], |key| &key.0);
        engine.input(&[u8::try_from(aggregate.len()).unwrap()]);
        engine.input(aggregate);
        match &inputs.message {
            None => engine.input(&[0]),
            Some(message) => {
                engine.input(&[1]);
                engine.input(&(message.0.len() as u64).to_be_bytes());
                engine.input(&message.0);
            }
        }
        let extra = inputs.extra_input.as_ref().map_or(&[][..], |extra| &extra.0);
        engine.input(&u32::try_from(extra.len()).unwrap().to_be_bytes());
        engine.input(extra);
        engine.input(&[index]);
        reduce(sha256::Hash::from_engine(engine).to_byte_array()).to_be_bytes()
    })
}

/// The two secret scalars of `DeterministicSign`.
pub(in super::super) fn deterministic_nonce(
    secret: &[u8; 32],
    entropy: Option<&[u8; 32]>,
    others: &[u8],
    aggregate_key: &[u8; 32],
    message: &[u8],
) -> [[u8; 32]; 2] {
    let seed = entropy.map_or(*secret, |entropy| masked(secret, entropy));
    [0, 1].map(|index| {
        let mut engine = tagged("MuSig/deterministic/nonce");
        engine.input(&seed);
        engine.input(others);
        engine.input(aggregate_key);
        engine.input(&(message.len() as u64).to_be_bytes());
        engine.input(message);
        engine.input(&[index]);
        reduce(sha256::Hash::from_engine(engine).to_byte_array()).to_be_bytes()
    })
}

fn masked(secret: &[u8; 32], entropy: &[u8; 32]) -> [u8; 32] {
    let mut engine = tagged("MuSig/aux");
    engine.input(entropy);
    let mut mask = sha256::Hash::from_engine(engine).to_byte_array();
    mask.iter_mut().zip(secret).for_each(|(mask, byte)| *mask ^= byte);
    mask
}

fn tagged(tag: &str) -> sha256::HashEngine {
    let tag = sha256::Hash::hash(tag.as_bytes());
    let mut engine = sha256::Hash::engine();
    engine.input(tag.as_byte_array());
    engine.input(tag.as_byte_array());
    engine
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What is written out here is what the library does, whichever inputs are given.
    #[test]
    fn the_librarys_nonces_are_those_written_out_here(
        entropy in any::<[u8; 32]>(),
        secret in any::<[u8; 32]>(),
        with_secret in any::<bool>(),
        tweak in proptest::option::of(any::<[u8; 32]>()),
        message in proptest::option::of(any::<[u8; 32]>()),
        extra in proptest::option::of(any::<[u8; 32]>()),
    ) {
        prop_assume!(entropy != [0; 32]);
        let Ok(keypair) = Keypair::from_secret_bytes(secret) else { return Ok(()) };
        let cache = tweak.map(|tweak| {
            let mut cache = KeyAggCache::new(&[&keypair.public_key()]);
            if let Ok(tweak) = Scalar::from_be_bytes(tweak) {
                cache.pubkey_xonly_tweak_add(&tweak).unwrap();
            }
            cache
        });
        let (made, _) = musig::new_nonce_pair(
            SessionSecretRand::assume_uniformly_random(entropy),
            cache.as_ref(),
            with_secret.then(|| keypair.secret_key()),
            keypair.public_key(),
            message.as_ref(),
            extra,
        );
        let expected = nonce_gen(&NonceInputs {
            entropy: entropy.into(),
            public_key: keypair.public_key().serialize().into(),
            secret_key: with_secret.then(|| secret.into()),
            aggregate_key: cache.map(|cache| cache.agg_pk().to_byte_array().into()),
            message: message.map(Hex::from),
            extra_input: extra.map(Hex::from),
        });
        prop_assert_eq!(made.dangerous_into_bytes()[4..68].to_vec(), expected.concat());
    }
}
