//! A nonce source is not `Clone`: a second one would count from the same number.

fn cloneable<T: Clone>(_: &T) {}

fn misuse(source: &channel_sign::musig::NonceSource) {
    cloneable(source);
}

fn main() {}
