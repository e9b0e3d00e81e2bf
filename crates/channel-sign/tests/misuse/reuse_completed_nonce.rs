//! A secret nonce completes one signature, and is gone even if that failed.

use channel_sign::bitcoin::TapSighash;
use channel_sign::musig::{Cosigner, PartialSignatureWithNonce, SecretNonce};

fn misuse(nonce: SecretNonce, cosigner: &Cosigner, sent: [PartialSignatureWithNonce; 2], message: &TapSighash) {
    if nonce.complete(cosigner, &sent[0], message).is_err() {
        let _again = nonce.complete(cosigner, &sent[1], message);
    }
}

fn main() {}
