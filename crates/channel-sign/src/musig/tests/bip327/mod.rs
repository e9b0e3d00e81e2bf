//! The official vectors of BIP 327, all eight files, in the product's library and in the oracle.
//!
//! "Product" is `secp256k1` 0.33 as this crate uses it, with this crate's own parsers, [`SecretNonce`] and [`Cosigner`]
//! where a case has their shape (they know two keys and one tweak; the vectors have up to four of each). What the product
//! cannot be asked:
//! - messages of other lengths than 32 bytes: the library takes sighashes only. These count in the oracle's column;
//! - `NonceGen` with the aggregate key `0707…`, which is nobody's aggregate, and the library takes an aggregate only as
//!   the result of aggregating. The case passes in a `NonceGen` written out for the tests, and a property test shows that
//!   this is the function of the library for all inputs that the library takes;
//! - `DeterministicSign`, which the product does not have: written out for the tests, on the product's signing.
//!
//! [`SecretNonce`]: super::super::SecretNonce
//! [`Cosigner`]: super::super::Cosigner

use alloc::vec::Vec;

mod cases;
mod nonce_gen;
mod oracle;
mod product;
mod schema;

pub(super) use nonce_gen::{NonceInputs, deterministic_nonce, nonce_gen};
pub(super) use schema::{Hex, Refusal, Session, Tweak, TweakKind};

/// What both libraries are asked, in bytes.
pub(super) trait Library {
    const NAME: &'static str;

    fn sort(keys: &[Hex]) -> Vec<Hex>;
    fn aggregate_key(keys: &[Hex], tweaks: &[Tweak]) -> Result<Hex, Refusal>;
    fn aggregate_nonces(nonces: &[Hex]) -> Result<Hex, Refusal>;
    fn generate_nonce(inputs: &NonceInputs) -> Hex;
    fn sign(session: &Session, aggregate_nonce: &Hex, secret: &Hex, nonce: &Hex) -> Result<Hex, Refusal>;
    fn verify(session: &Session, nonces: &[Hex], signer: usize, signature: &Hex) -> Result<bool, Refusal>;
    fn aggregate(session: &Session, aggregate_nonce: &Hex, signatures: &[Hex]) -> Result<Hex, Refusal>;
    /// Public nonce and partial signature.
    fn sign_deterministically(
        session: &Session,
        others: &Hex,
        secret: &Hex,
        entropy: Option<&Hex>,
    ) -> Result<(Hex, Hex), Refusal>;
}
