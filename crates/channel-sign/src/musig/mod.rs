//! MuSig2 for two parties (BIP 327): what spends a Taproot funding output by its key path.
//!
//! A session is a chain of values, each consumed by the next step, so no step can be taken twice:
//!
//! ```text
//! NonceSource ── ahead() ──▶ SecretNonce ── join() ──▶ Session ── sign() ──▶ SignedSession ── complete() ──▶ signature
//!      │                     (its public nonce goes    (the peer's nonce     (our partial                   (verified,
//!      │                      to the peer)              and the message)      signature)                     64 bytes)
//!      └── sign_last() ── the peer's nonce and the message are known already ──────▶ SignedSession
//! ```
//!
//! The two uses in a channel:
//! - the **peer's commitment**: the peer sent its verification nonce before, so we are the last to choose a nonce.
//!   [`NonceSource::sign_last`] makes it and signs at once; [`SignedSession::partial_signature_with_nonce`] goes to the
//!   peer.
//! - **our commitment**: our verification nonce ([`NonceSource::ahead`]) was sent before, and the peer answers with a
//!   [`PartialSignatureWithNonce`]. [`SecretNonce::complete`] joins, signs, and returns the completed signature, which
//!   is to be stored before the old state is revoked.
//!
//! **A secret nonce is used once and lives in memory only.** It is not `Clone`, not `Debug`, not serialisable and never
//! derived again; whatever uses it takes it by value, and an error burns it. After a restart both parties exchange new
//! ones. A nonce used for two different sessions gives away the secret key.

mod cosigner;
mod nonce;
mod partial;
mod session;
mod source;
#[cfg(test)]
mod tests;

pub use cosigner::{Cosigner, CosignerError};
pub use nonce::{NoncePart, PointFault, PublicNonce, PublicNonceError, SecretNonce};
pub use partial::{
    PartialSignature, PartialSignatureError, PartialSignatureWithNonce, PartialSignatureWithNonceError,
};
pub use session::{CompletionError, Session, SessionError, SignedSession};
pub(crate) use source::RoleTag;
pub use source::{NonceError, NonceRole, NonceSource};
