//! What must not compile: the ways in which a secret nonce could be used twice or get out.

use core::fmt;
use core::hash::Hash;
use core::mem::needs_drop;

use channel_sign::adaptor::AdaptorSecret;
use channel_sign::bitcoin;
use channel_sign::keys::ChannelSecrets;
use channel_sign::musig::{Cosigner, NonceSource, SecretNonce, Session};
use channel_sign::seed::{MasterKey, Mnemonic, Seed};
use channel_sign::shachain::{PerCommitmentSecret, ShachainSeed};
use channel_sign::{Entropy, SigningKey};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// True, and compiles only while `$type` has none of the traits: one that it had would make the call below ambiguous.
macro_rules! has_none_of {
    ($type:ty: $($bound:path),+ $(,)?) => {$({
        trait Ambiguous<Reason> {
            fn proven() -> bool {
                true
            }
        }
        struct Implemented;
        impl<T: ?Sized> Ambiguous<()> for T {}
        impl<T: ?Sized + $bound> Ambiguous<Implemented> for T {}
        <$type as Ambiguous<_>>::proven()
    })&&+};
}

#[test]
fn secrets_have_no_trait_that_copies_shows_or_stores_them() {
    assert!(has_none_of!(SecretNonce: Clone, Copy, fmt::Debug, fmt::Display, Default, PartialEq, Hash));
    assert!(
        has_none_of!(SecretNonce: Serialize, DeserializeOwned, AsRef<[u8]>, Into<[u8; 97]>, Into<Vec<u8>>)
    );
    assert!(
        has_none_of!(Session<'static>: Clone, Copy, fmt::Debug, fmt::Display, Serialize, DeserializeOwned)
    );
    assert!(
        has_none_of!(NonceSource: Clone, Copy, fmt::Debug, fmt::Display, Default, Serialize, DeserializeOwned)
    );
    assert!(has_none_of!(Cosigner: Clone, Copy, fmt::Debug, fmt::Display, Serialize, DeserializeOwned));
    assert!(has_none_of!(Entropy: Clone, Copy, fmt::Debug, fmt::Display, Serialize, DeserializeOwned));
    assert!(has_none_of!(SigningKey: Clone, Copy, fmt::Debug, fmt::Display, Serialize, DeserializeOwned));
    assert!(has_none_of!(AdaptorSecret: Clone, Copy, fmt::Debug, fmt::Display, Serialize, DeserializeOwned));
    // These print, but not what is secret: that is what `tests/signer/secrecy.rs` and the tests of `seed` are for.
    assert!(has_none_of!(Mnemonic: Clone, Copy, fmt::Display, Serialize, DeserializeOwned));
    assert!(has_none_of!(Seed: Clone, Copy, fmt::Display, Serialize, DeserializeOwned));
    assert!(has_none_of!(MasterKey: Clone, Copy, fmt::Display, Serialize, DeserializeOwned));
    assert!(has_none_of!(ChannelSecrets: Clone, Copy, fmt::Display, Serialize, DeserializeOwned));
    assert!(has_none_of!(ShachainSeed: Clone, Copy, fmt::Display, Serialize, DeserializeOwned));
    assert!(has_none_of!(PerCommitmentSecret: Clone, Copy, fmt::Display, Serialize, DeserializeOwned));
}

/// The library's own secret types do nothing when dropped, so these must.
#[test]
fn secrets_do_something_when_dropped() {
    assert!(!needs_drop::<bitcoin::secp256k1::SecretKey>());
    assert!(needs_drop::<SecretNonce>() && needs_drop::<Session<'static>>() && needs_drop::<NonceSource>());
    assert!(needs_drop::<SigningKey>() && needs_drop::<Cosigner>() && needs_drop::<AdaptorSecret>());
    assert!(needs_drop::<Entropy>() && needs_drop::<Seed>() && needs_drop::<MasterKey>());
    assert!(needs_drop::<ShachainSeed>() && needs_drop::<PerCommitmentSecret>());
}

/// The expected messages name types as rustc does: by the last segment, as long as no other type in reach has it. When one
/// comes, `TRYBUILD=overwrite` writes them anew.
#[test]
fn nonces_and_sessions_are_used_once_and_secrets_stay_inside() {
    trybuild::TestCases::new().compile_fail("tests/misuse/*.rs");
}
