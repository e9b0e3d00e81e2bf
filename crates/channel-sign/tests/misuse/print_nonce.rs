//! A secret nonce is neither `Debug` nor `Display`.

use channel_sign::musig::SecretNonce;

fn misuse(nonce: &SecretNonce) {
    println!("{nonce:?}");
    println!("{nonce}");
}

fn main() {}
