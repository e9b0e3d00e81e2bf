//! Per-commitment secrets (BOLT 3, "Per-commitment Secret Requirements").
//!
//! A party makes all its secrets from one [`ShachainSeed`] and reveals them in the order of the commitments, one for
//! each commitment it revokes. The other party keeps what it was given in [`RevealedSecrets`]: 49 secrets at most, from
//! which every earlier one follows, so that any revoked commitment can be punished years later.
//!
//! ```
//! use channel_sign::channel_core::CommitmentNumber;
//! use channel_sign::shachain::{RevealedSecrets, ShachainSeed};
//!
//! let seed = ShachainSeed::from_bytes([7; 32]);
//! let mut revealed = RevealedSecrets::new();
//! for number in 0..1000 {
//!     let number = CommitmentNumber::new(number)?;
//!     revealed.insert(number, &seed.secret(number))?;
//! }
//! let first = revealed.secret(CommitmentNumber::ZERO).expect("it was revealed");
//! assert_eq!(first.as_bytes(), seed.secret(CommitmentNumber::ZERO).as_bytes());
//! assert!(revealed.to_bytes().len() < 400);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod encoding;
mod index;
mod revealed;
mod secret;
mod seed;

pub use encoding::DecodeSecretsError;
pub use index::{SecretIndex, SecretIndexOutOfRange};
pub use revealed::{InsertSecretError, RevealedSecrets};
pub use secret::PerCommitmentSecret;
pub use seed::ShachainSeed;

use bitcoin::hashes::{Hash, sha256};
use zeroize::Zeroizing;

/// The secret at `index`, which lies below the node `base`: the lowest `depth` bits of `index` say the way down (BOLT 3,
/// `derive_secret`).
fn descend(base: &[u8; 32], depth: u32, index: u64) -> Zeroizing<[u8; 32]> {
    let mut node = Zeroizing::new(*base);
    for bit in (0..depth).rev().filter(|bit| index >> bit & 1 == 1) {
        *node = child(&node, bit);
    }
    node
}

/// The node below `parent` at which bit `bit` of the index is set.
fn child(parent: &[u8; 32], bit: u32) -> [u8; 32] {
    let mut node = Zeroizing::new(*parent);
    node[bit as usize / 8] ^= 1 << (bit % 8);
    sha256::Hash::hash(node.as_slice()).to_byte_array()
}

#[cfg(test)]
mod tests;
