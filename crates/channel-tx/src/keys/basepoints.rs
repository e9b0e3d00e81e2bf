//! The public keys one party sends when a channel is opened.

use bitcoin::secp256k1::PublicKey;

/// The five keys of one party (BOLT 2, `open_channel` and `accept_channel`). They stay the same for the life of the
/// channel, but for the funding key, which a splice may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Basepoints {
    /// `funding_pubkey`: one of the two keys of the funding output.
    pub funding: PublicKey,
    /// `revocation_basepoint`: with a per-commitment point of the other party it makes the key that punishes it.
    pub revocation: PublicKey,
    /// `payment_basepoint`: the static key of `to_remote`.
    pub payment: PublicKey,
    /// `delayed_payment_basepoint`: of `to_local` and of second-level outputs.
    pub delayed_payment: PublicKey,
    /// `htlc_basepoint`: of both HTLC scripts.
    pub htlc: PublicKey,
}
