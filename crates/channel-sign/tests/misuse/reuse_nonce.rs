//! A secret nonce makes one session.

use channel_sign::bitcoin::TapSighash;
use channel_sign::musig::{Cosigner, PublicNonce, SecretNonce};

fn misuse(nonce: SecretNonce, cosigner: &Cosigner, peer: &PublicNonce, one: &TapSighash, other: &TapSighash) {
    let _first = nonce.join(cosigner, peer, one);
    let _second = nonce.join(cosigner, peer, other);
}

fn main() {}
