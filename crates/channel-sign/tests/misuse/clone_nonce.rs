//! A secret nonce is not `Clone`.

fn cloneable<T: Clone>(_: &T) {}

fn misuse(nonce: &channel_sign::musig::SecretNonce) {
    cloneable(nonce);
}

fn main() {}
