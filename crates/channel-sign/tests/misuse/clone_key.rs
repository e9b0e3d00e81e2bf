//! A signing key is neither `Clone` nor `Debug`.

fn cloneable<T: Clone>(_: &T) {}

fn misuse(key: &channel_sign::SigningKey) {
    cloneable(key);
    println!("{key:?}");
}

fn main() {}
