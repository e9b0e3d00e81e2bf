//! What must not compile: the ways in which a secret nonce could be used twice or get out.

use core::fmt;
use core::hash::Hash;

use channel_sign::SigningKey;
use channel_sign::adaptor::AdaptorSecret;
use channel_sign::musig::{NonceSource, SecretNonce, Session};
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
    assert!(has_none_of!(SigningKey: Clone, Copy, fmt::Debug, fmt::Display, Serialize, DeserializeOwned));
    assert!(has_none_of!(AdaptorSecret: Clone, Copy, fmt::Debug, fmt::Display, Serialize, DeserializeOwned));
}

/// The expected messages name types as rustc does: by the last segment, as long as no other type in reach has it. When one
/// comes, `TRYBUILD=overwrite` writes them anew.
#[test]
fn a_secret_nonce_and_its_session_are_used_once() {
    trybuild::TestCases::new().compile_fail("tests/misuse/*.rs");
}
