//! Entropy as the crate takes it: 32 bytes from outside.

use zeroize::Zeroizing;

/// 32 bytes of the environment's randomness. Nothing in this crate draws any by itself.
///
/// They should come from the operating system and be used for one call. What happens when they repeat is written down
/// where they are used ([`NonceSource`](crate::musig::NonceSource)). Not `Clone`, not printable; erased when dropped.
pub struct Entropy(Zeroizing<[u8; 32]>);

impl Entropy {
    /// Entropy of these bytes.
    pub fn from_byte_array(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}
