//! The secret inside a nonce cannot be reached, nor a nonce be put together.

use channel_sign::musig::SecretNonce;

fn misuse(nonce: SecretNonce) {
    let _inner = nonce.secret;
    let _bytes = nonce.into_secret();
}

fn main() {}
