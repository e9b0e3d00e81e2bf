//! A session is signed once.

use channel_sign::musig::Session;

fn misuse(session: Session<'_>) {
    let _first = session.sign();
    let _second = session.sign();
}

fn main() {}
