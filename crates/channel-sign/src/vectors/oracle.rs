//! The same MuSig2 signatures by the oracle library, which shares no code with the product's.

use bitcoin::hex::FromHex;
use channel_tx::keys::AggregateKey;
use musig2::secp::{MaybeScalar, Point, Scalar};
use musig2::{AggNonce, CompactSignature, KeyAggContext, SecNonce};
use serde_json::Value;

use super::fixture::text;
use super::key::VectorKey;

/// The completed signature from the vector's secret nonces.
pub(super) fn signature(
    case: &Value,
    aggregate: &AggregateKey,
    digest: [u8; 32],
    [local, remote]: [&VectorKey; 2],
) -> [u8; 64] {
    let keys = aggregate.sorted_keys().map(|key| Point::from_slice(&key.serialize()).unwrap());
    let context = KeyAggContext::new(keys).unwrap().with_unspendable_taproot_tweak().unwrap();
    let parties = [("local", local), ("remote", remote)].map(|(party, key)| {
        let nonce = <[u8; 97]>::from_hex(text(&case["nonces"][party]["secret"])).unwrap();
        (Scalar::from_slice(&key.secret()).unwrap(), SecNonce::from_bytes(&nonce).unwrap())
    });
    let public = parties.each_ref().map(|(_, nonce)| nonce.public_nonce());
    let together = AggNonce::sum(&public);
    let shares = parties.map(|(secret, nonce)| -> MaybeScalar {
        musig2::sign_partial(&context, secret, nonce, &together, digest).unwrap()
    });
    let signature: CompactSignature =
        musig2::aggregate_partial_signatures(&context, &together, shares, digest).unwrap();
    signature.serialize()
}
