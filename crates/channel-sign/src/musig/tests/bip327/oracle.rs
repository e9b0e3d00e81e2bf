//! The oracle's column: `musig2` 0.4.

use alloc::vec::Vec;

use musig2::secp::{MaybeScalar, Point, Scalar};
use musig2::{AggNonce, KeyAggContext, PubNonce, SecNonce, SecNonceBuilder};

use super::{Hex, Library, NonceInputs, Refusal, Session, Tweak, TweakKind, deterministic_nonce};

pub(super) struct Oracle;

impl Library for Oracle {
    const NAME: &'static str = "oracle";

    fn sort(keys: &[Hex]) -> Vec<Hex> {
        let mut points = points(keys).unwrap();
        points.sort();
        points.iter().map(|point| point.serialize().into()).collect()
    }

    fn aggregate_key(keys: &[Hex], tweaks: &[Tweak]) -> Result<Hex, Refusal> {
        let key: Point = aggregated(keys, tweaks)?.aggregated_pubkey();
        Ok(key.serialize_xonly().into())
    }

    fn aggregate_nonces(nonces: &[Hex]) -> Result<Hex, Refusal> {
        Ok(AggNonce::sum(public_nonces(nonces)?).serialize().into())
    }

    fn generate_nonce(inputs: &NonceInputs) -> Hex {
        let entropy: [u8; 32] = inputs.entropy.array();
        let mut builder = match &inputs.secret_key {
            Some(secret) => SecNonceBuilder::from_seckey(entropy, scalar(secret)),
            None => SecNonceBuilder::from_pubkey(entropy, Point::from_slice(&inputs.public_key.0).unwrap()),
        };
        if let Some(key) = &inputs.aggregate_key {
            builder = builder.with_aggregated_pubkey(Point::lift_x(key.array()).unwrap());
        }
        if let Some(message) = &inputs.message {
            builder = builder.with_message(&message.0);
        }
        if let Some(extra) = &inputs.extra_input {
            builder = builder.with_extra_input(&extra.0);
        }
        builder.build().serialize().into()
    }

    fn sign(session: &Session, nonce: &Hex, secret: &Hex, secret_nonce: &Hex) -> Result<Hex, Refusal> {
        let context = aggregated(&session.public_keys, &session.tweaks)?;
        let nonce = AggNonce::from_bytes(&nonce.0).map_err(|_| Refusal::new("bad_aggregate_nonce"))?;
        let secret_nonce =
            SecNonce::from_bytes(&secret_nonce.0).map_err(|_| Refusal::new("secret_nonce_out_of_range"))?;
        let signed: Result<MaybeScalar, _> =
            musig2::sign_partial(&context, scalar(secret), secret_nonce, &nonce, &session.message.0);
        let signature = signed.map_err(|_| Refusal::new("signer_not_among_keys"))?;
        Ok(signature.serialize().into())
    }

    fn verify(session: &Session, nonces: &[Hex], signer: usize, signature: &Hex) -> Result<bool, Refusal> {
        let nonces = public_nonces(nonces)?;
        let keys = points(&session.public_keys)?;
        let context = aggregated(&session.public_keys, &session.tweaks)?;
        let Ok(signature) = MaybeScalar::from_slice(&signature.0) else { return Ok(false) };
        let sum = AggNonce::sum(&nonces);
        let (key, nonce) = (keys[signer], &nonces[signer]);
        Ok(musig2::verify_partial(&context, signature, &sum, key, nonce, &session.message.0).is_ok())
    }

    fn aggregate(session: &Session, nonce: &Hex, signatures: &[Hex]) -> Result<Hex, Refusal> {
        let context = aggregated(&session.public_keys, &session.tweaks)?;
        let nonce = AggNonce::from_bytes(&nonce.0).unwrap();
        let parsed = signatures.iter().enumerate().map(|(signer, signature)| {
            let bad = |_| Refusal::of("bad_partial_signature", signer);
            MaybeScalar::from_slice(&signature.0).map_err(bad)
        });
        let parsed: Vec<MaybeScalar> = parsed.collect::<Result<_, _>>()?;
        let signature: musig2::CompactSignature =
            musig2::aggregate_partial_signatures(&context, &nonce, parsed, &session.message.0).unwrap();
        Ok(signature.serialize().into())
    }

    fn sign_deterministically(
        session: &Session,
        others: &Hex,
        secret: &Hex,
        entropy: Option<&Hex>,
    ) -> Result<(Hex, Hex), Refusal> {
        let aggregate = Self::aggregate_key(&session.public_keys, &session.tweaks)?;
        let entropy = entropy.map(Hex::array);
        let nonce = deterministic_nonce(
            &secret.array(),
            entropy.as_ref(),
            &others.0,
            &aggregate.array(),
            &session.message.0,
        );
        let [first, second] = nonce.map(|bytes| Scalar::from_slice(&bytes).unwrap());
        let own = SecNonce::new(first, second, scalar(secret).base_point_mul());
        let public = own.public_nonce();
        let others =
            PubNonce::from_bytes(&others.0).map_err(|_| Refusal::new("bad_aggregate_of_other_nonces"))?;
        let nonce = AggNonce::sum([&public, &others]).serialize().into();
        let signature = Self::sign(session, &nonce, secret, &own.serialize().into())?;
        Ok((public.serialize().into(), signature))
    }
}

fn scalar(bytes: &Hex) -> Scalar {
    Scalar::from_slice(&bytes.0).unwrap()
}

fn points(keys: &[Hex]) -> Result<Vec<Point>, Refusal> {
    let parsed = keys
        .iter()
        .enumerate()
        .map(|(signer, key)| Point::from_slice(&key.0).map_err(|_| Refusal::of("bad_public_key", signer)));
    parsed.collect()
}

fn aggregated(keys: &[Hex], tweaks: &[Tweak]) -> Result<KeyAggContext, Refusal> {
    let mut context = KeyAggContext::new(points(keys)?).unwrap();
    for tweak in tweaks {
        let value =
            MaybeScalar::from_slice(&tweak.value.0).map_err(|_| Refusal::new("tweak_out_of_range"))?;
        let tweaked = match tweak.kind {
            TweakKind::Plain => context.with_plain_tweak(value),
            TweakKind::XOnly => context.with_xonly_tweak(value),
        };
        context = tweaked.map_err(|_| Refusal::new("key_is_infinity"))?;
    }
    Ok(context)
}

fn public_nonces(nonces: &[Hex]) -> Result<Vec<PubNonce>, Refusal> {
    let parsed = nonces.iter().enumerate().map(|(signer, nonce)| {
        PubNonce::from_bytes(&nonce.0).map_err(|_| Refusal::of("bad_public_nonce", signer))
    });
    parsed.collect()
}
