//! A secret nonce is not `Copy`.

use channel_sign::musig::SecretNonce;

fn misuse(nonce: SecretNonce) -> (SecretNonce, SecretNonce) {
    (nonce, nonce)
}

fn main() {}
