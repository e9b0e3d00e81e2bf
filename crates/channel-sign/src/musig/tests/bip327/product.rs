//! The product's column.

use alloc::vec::Vec;

use channel_tx::keys::AggregateKey;
use secp256k1::musig::{self, AggregatedNonce, KeyAggCache, SessionSecretRand};
use secp256k1::{Keypair, PublicKey, Scalar};

use super::super::super::{Cosigner, PartialSignature, PublicNonce, SecretNonce};
use super::{Hex, Library, NonceInputs, Refusal, Session, Tweak, TweakKind, deterministic_nonce, nonce_gen};
use crate::SigningKey;

pub(super) struct Product;

impl Library for Product {
    const NAME: &'static str = "product";

    fn sort(keys: &[Hex]) -> Vec<Hex> {
        let points = points(keys).unwrap();
        let mut sorted: Vec<&PublicKey> = points.iter().collect();
        secp256k1::sort_pubkeys(&mut sorted);
        sorted.iter().map(|point| point.serialize().into()).collect()
    }

    fn aggregate_key(keys: &[Hex], tweaks: &[Tweak]) -> Result<Hex, Refusal> {
        Ok(aggregated(keys, tweaks)?.agg_pk().to_byte_array().into())
    }

    fn aggregate_nonces(nonces: &[Hex]) -> Result<Hex, Refusal> {
        Ok(aggregated_nonce(&public_nonces(nonces)?).serialize().into())
    }

    fn generate_nonce(inputs: &NonceInputs) -> Hex {
        if inputs.aggregate_key.is_some() {
            let [first, second] = nonce_gen(inputs);
            return [&first, &second, inputs.public_key.0.as_slice()].concat().into();
        }
        let (secret, _) = musig::new_nonce_pair(
            SessionSecretRand::assume_uniformly_random(inputs.entropy.array()),
            None,
            inputs.secret_key.as_ref().map(|secret| keypair(secret).secret_key()),
            PublicKey::from_byte_array_compressed(inputs.public_key.array()).unwrap(),
            inputs.message.as_ref().map(Hex::array).as_ref(),
            inputs.extra_input.as_ref().map(Hex::array),
        );
        [&secret.dangerous_into_bytes()[4..68], &inputs.public_key.0].concat().into()
    }

    fn sign(session: &Session, nonce: &Hex, secret: &Hex, secret_nonce: &Hex) -> Result<Hex, Refusal> {
        let cache = aggregated(&session.public_keys, &session.tweaks)?;
        refuse_strangers(session, secret)?;
        let nonce = AggregatedNonce::from_byte_array(&nonce.array())
            .map_err(|_| Refusal::new("bad_aggregate_nonce"))?;
        let secret_nonce = SecretNonce::from_bip327(&secret_nonce.array())
            .ok_or_else(|| Refusal::new("secret_nonce_out_of_range"))?;
        let session = musig::Session::new(&cache, nonce, &session.message.array());
        Ok(session.partial_sign(secret_nonce.into_secret(), &keypair(secret), &cache).serialize().into())
    }

    fn verify(session: &Session, nonces: &[Hex], signer: usize, signature: &Hex) -> Result<bool, Refusal> {
        let nonces = public_nonces(nonces)?;
        let keys = points(&session.public_keys)?;
        let cache = aggregated(&session.public_keys, &session.tweaks)?;
        let Ok(signature) = PartialSignature::from_slice(&signature.0) else { return Ok(false) };
        let session = musig::Session::new(&cache, aggregated_nonce(&nonces), &session.message.array());
        Ok(session.partial_verify(&cache, signature.as_inner(), nonces[signer].as_inner(), keys[signer]))
    }

    fn aggregate(session: &Session, nonce: &Hex, signatures: &[Hex]) -> Result<Hex, Refusal> {
        let cache = aggregated(&session.public_keys, &session.tweaks)?;
        let nonce = AggregatedNonce::from_byte_array(&nonce.array()).unwrap();
        let parsed = signatures.iter().enumerate().map(|(signer, signature)| {
            let bad = |_| Refusal::of("bad_partial_signature", signer);
            PartialSignature::from_slice(&signature.0).map_err(bad)
        });
        let parsed: Vec<PartialSignature> = parsed.collect::<Result<_, _>>()?;
        let inner: Vec<_> = parsed.iter().map(PartialSignature::as_inner).collect();
        let message: [u8; 32] = session.message.array();
        let session = musig::Session::new(&cache, nonce, &message);
        Ok(session.partial_sig_agg(&inner).verify(&cache.agg_pk(), &message).unwrap().to_byte_array().into())
    }

    fn sign_deterministically(
        session: &Session,
        others: &Hex,
        secret: &Hex,
        entropy: Option<&Hex>,
    ) -> Result<(Hex, Hex), Refusal> {
        let aggregate = Self::aggregate_key(&session.public_keys, &session.tweaks)?;
        refuse_strangers(session, secret)?;
        let entropy = entropy.map(Hex::array);
        let [first, second] = deterministic_nonce(
            &secret.array(),
            entropy.as_ref(),
            &others.0,
            &aggregate.array(),
            &session.message.0,
        );
        let key = keypair(secret).public_key().serialize();
        let bytes: Hex = [first.as_slice(), &second, &key].concat().into();
        let own = *SecretNonce::from_bip327(&bytes.array()).unwrap().public_nonce();
        let others =
            PublicNonce::from_slice(&others.0).map_err(|_| Refusal::new("bad_aggregate_of_other_nonces"))?;
        let nonce = aggregated_nonce(&[own, others]).serialize().into();
        Ok((own.to_byte_array().into(), Self::sign(session, &nonce, secret, &bytes)?))
    }
}

/// The library does not ask whether the signer is one of the parties; a [`Cosigner`] does, when there are two.
fn refuse_strangers(session: &Session, secret: &Hex) -> Result<(), Refusal> {
    let [first, second] = session.public_keys.as_slice() else { return Ok(()) };
    let [first, second] =
        [first, second].map(|key| bitcoin::secp256k1::PublicKey::from_slice(&key.0).unwrap());
    let aggregate = AggregateKey::new(&first, &second).unwrap();
    let key = SigningKey::from_byte_array(secret.array()).unwrap();
    Cosigner::new(key, aggregate).map(|_| ()).map_err(|_| Refusal::new("signer_not_among_keys"))
}

fn keypair(secret: &Hex) -> Keypair {
    Keypair::from_secret_bytes(secret.array()).unwrap()
}

fn points(keys: &[Hex]) -> Result<Vec<PublicKey>, Refusal> {
    let parsed = keys.iter().enumerate().map(|(signer, key)| {
        PublicKey::from_byte_array_compressed(key.array()).map_err(|_| Refusal::of("bad_public_key", signer))
    });
    parsed.collect()
}

fn aggregated(keys: &[Hex], tweaks: &[Tweak]) -> Result<KeyAggCache, Refusal> {
    let points = points(keys)?;
    let mut cache = KeyAggCache::new(&points.iter().collect::<Vec<_>>());
    for tweak in tweaks {
        let value =
            Scalar::from_be_bytes(tweak.value.array()).map_err(|_| Refusal::new("tweak_out_of_range"))?;
        let tweaked = match tweak.kind {
            TweakKind::Plain => cache.pubkey_ec_tweak_add(&value),
            TweakKind::XOnly => cache.pubkey_xonly_tweak_add(&value),
        };
        tweaked.map_err(|_| Refusal::new("key_is_infinity"))?;
    }
    Ok(cache)
}

fn public_nonces(nonces: &[Hex]) -> Result<Vec<PublicNonce>, Refusal> {
    let parsed = nonces.iter().enumerate().map(|(signer, nonce)| {
        PublicNonce::from_slice(&nonce.0).map_err(|_| Refusal::of("bad_public_nonce", signer))
    });
    parsed.collect()
}

fn aggregated_nonce(nonces: &[PublicNonce]) -> AggregatedNonce {
    AggregatedNonce::new(&nonces.iter().map(PublicNonce::as_inner).collect::<Vec<_>>())
}
