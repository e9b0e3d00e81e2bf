//! The counter of a source cannot be set.

use channel_sign::Entropy;
use channel_sign::musig::NonceSource;

fn misuse(salt: Entropy) -> NonceSource {
    NonceSource::starting_at(salt, 0)
}

fn main() {}
