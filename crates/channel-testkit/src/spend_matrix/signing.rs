//! Signatures, made with `bitcoin`'s digests and, for MuSig2, with another library than the product's.

use bitcoin::hashes::Hash;
use bitcoin::secp256k1::{Keypair, Message, Secp256k1, SecretKey};
use bitcoin::sighash::{EcdsaSighashType, Prevouts, SighashCache, TapSighashType};
use bitcoin::taproot::LeafVersion;
use bitcoin::{TapLeafHash, Transaction, TxOut};
use musig2::secp::{MaybeScalar, Point, Scalar};
use musig2::{AggNonce, CompactSignature, KeyAggContext, PartialSignature, SecNonce};

use super::plan::{Reveal, Scope, Signature, Signer};

/// A signature of input 0, as it stands in the witness.
pub(super) fn signature(
    signature: &Signature,
    reveal: &Reveal,
    transaction: &Transaction,
    prevouts: &[TxOut],
) -> Vec<u8> {
    let digest = digest(reveal, transaction, prevouts, signature.scope);
    let mut bytes = match signature.signer {
        Signer::Single(key) if reveal.is_taproot() => schnorr(key, digest).to_vec(),
        Signer::Single(key) => ecdsa(key, digest),
        Signer::Both { own, peer } => musig(own, peer, digest).0.to_vec(),
        Signer::OwnPartOnly { own, peer } => {
            let (both, own_part) = musig(own, peer, digest);
            [&both[..32], &own_part[..]].concat()
        }
    };
    bytes.extend(signature.label.or_else(|| sighash_byte(reveal, signature.scope)));
    bytes
}

/// The byte behind a signature; none for the default of Taproot.
pub(super) fn sighash_byte(reveal: &Reveal, scope: Scope) -> Option<u8> {
    match (scope, reveal.is_taproot()) {
        (Scope::All, true) => None,
        (Scope::All, false) => Some(0x01),
        (Scope::SingleAnyoneCanPay, _) => Some(0x83),
    }
}

pub(super) fn digest(
    reveal: &Reveal,
    transaction: &Transaction,
    prevouts: &[TxOut],
    scope: Scope,
) -> [u8; 32] {
    let mut cache = SighashCache::new(transaction);
    let all = Prevouts::All(prevouts);
    let ecdsa = match scope {
        Scope::All => EcdsaSighashType::All,
        Scope::SingleAnyoneCanPay => EcdsaSighashType::SinglePlusAnyoneCanPay,
    };
    let taproot = match scope {
        Scope::All => TapSighashType::Default,
        Scope::SingleAnyoneCanPay => TapSighashType::SinglePlusAnyoneCanPay,
    };
    let value = prevouts[0].value;
    match reveal {
        Reveal::KeyPath => {
            let digest = cache.taproot_key_spend_signature_hash(0, &all, taproot);
            digest.expect("input and output 0 exist").to_byte_array()
        }
        Reveal::Leaf { script, .. } => {
            let leaf = TapLeafHash::from_script(script, LeafVersion::TapScript);
            let digest = cache.taproot_script_spend_signature_hash(0, &all, leaf, taproot);
            digest.expect("input and output 0 exist").to_byte_array()
        }
        Reveal::WitnessScript(script) => {
            let digest = cache.p2wsh_signature_hash(0, script, value, ecdsa);
            digest.expect("input 0 exists").to_byte_array()
        }
        Reveal::Wpkh(_) => {
            let digest = cache.p2wpkh_signature_hash(0, &prevouts[0].script_pubkey, value, ecdsa);
            digest.expect("the script is P2WPKH").to_byte_array()
        }
        Reveal::Nothing => unreachable!("an anchor for anyone takes no signature"),
    }
}

fn schnorr(key: SecretKey, digest: [u8; 32]) -> [u8; 64] {
    let secp = Secp256k1::new();
    let keypair = Keypair::from_secret_key(&secp, &key);
    secp.sign_schnorr_no_aux_rand(&Message::from_digest(digest), &keypair).serialize()
}

fn ecdsa(key: SecretKey, digest: [u8; 32]) -> Vec<u8> {
    let secp = Secp256k1::signing_only();
    secp.sign_ecdsa(&Message::from_digest(digest), &key).serialize_der().to_vec()
}

/// A MuSig2 session of both parties (BIP 327, keys sorted, tweaked as BIP 86 says): the signature, and what the own
/// partial signature alone comes to.
fn musig(own: SecretKey, peer: SecretKey, digest: [u8; 32]) -> ([u8; 64], [u8; 32]) {
    let [own, peer] =
        [own, peer].map(|key| Scalar::from_slice(&key.secret_bytes()).expect("a secret key is a scalar"));
    let mut keys = [own.base_point_mul(), peer.base_point_mul()];
    keys.sort_unstable_by_key(Point::serialize);
    let context = KeyAggContext::new(keys).expect("two keys aggregate");
    let context = context.with_unspendable_taproot_tweak().expect("a hash is a tweak");
    // The nonces follow from key and message: these keys guard nothing, and the matrix is the same in every run.
    let nonces =
        [own, peer].map(|key| SecNonce::build_with_seckey(digest, key).with_message(&digest).build());
    let public = AggNonce::sum(nonces.each_ref().map(SecNonce::public_nonce));
    let [own_nonce, peer_nonce] = nonces;
    let part = |key: Scalar, nonce: SecNonce| -> PartialSignature {
        musig2::sign_partial(&context, key, nonce, &public, digest)
            .expect("key and nonce are of this session")
    };
    let (own_part, peer_part): (MaybeScalar, MaybeScalar) = (part(own, own_nonce), part(peer, peer_nonce));
    let both: CompactSignature =
        musig2::aggregate_partial_signatures(&context, &public, [own_part, peer_part], digest)
            .expect("both parts are valid");
    (both.serialize(), own_part.serialize())
}
