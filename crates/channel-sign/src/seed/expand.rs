//! One secret for each purpose, by HKDF-SHA256 (RFC 5869).

use bitcoin::Network;
use bitcoin::constants::ChainHash;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::keys::{KeySecret, NotASecretKey};

/// Changes with the derivation, never without it.
const SALT: &[u8] = b"taproot-channels/v1";

/// What a secret is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Funding,
    RevocationBasepoint,
    PaymentBasepoint,
    DelayedPaymentBasepoint,
    HtlcBasepoint,
    PerCommitmentSeed,
    StateSigning,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Funding => b"funding",
            Self::RevocationBasepoint => b"revocation-basepoint",
            Self::PaymentBasepoint => b"payment-basepoint",
            Self::DelayedPaymentBasepoint => b"delayed-payment-basepoint",
            Self::HtlcBasepoint => b"htlc-basepoint",
            Self::PerCommitmentSeed => b"per-commitment-seed",
            Self::StateSigning => b"state-signing",
        }
    }
}

/// Expands the private key of one channel into its secrets.
pub(crate) struct Expander {
    pseudorandom_key: Zeroizing<[u8; 32]>,
    chain: ChainHash,
}

impl Expander {
    pub(super) fn new(private_key: &[u8; 32], network: Network) -> Self {
        let (mut extracted, _) = Hkdf::<Sha256>::extract(Some(SALT), private_key);
        let mut pseudorandom_key = Zeroizing::new([0; 32]);
        pseudorandom_key.copy_from_slice(&extracted);
        zeroize::Zeroize::zeroize(extracted.as_mut_slice());
        Self { pseudorandom_key, chain: ChainHash::using_genesis_block_const(network) }
    }

    /// The key for a purpose: of the first counter that gives one.
    pub(crate) fn key(&self, purpose: Purpose, index: u32) -> Result<KeySecret, NotASecretKey> {
        first_key(|counter| self.bytes(purpose, index, counter))
    }

    /// The 32 bytes for a purpose.
    pub(crate) fn bytes(&self, purpose: Purpose, index: u32, counter: u8) -> Zeroizing<[u8; 32]> {
        let hkdf = Hkdf::<Sha256>::from_prk(self.pseudorandom_key.as_slice());
        let hkdf = hkdf.expect("a pseudorandom key of 32 bytes is as long as the hash");
        let info = [self.chain.as_bytes(), &index.to_be_bytes()[..], &[counter], purpose.label()];
        let mut bytes = Zeroizing::new([0; 32]);
        hkdf.expand_multi_info(&info, bytes.as_mut_slice()).expect("32 bytes are one block of the hash");
        bytes
    }
}

fn first_key(mut bytes: impl FnMut(u8) -> Zeroizing<[u8; 32]>) -> Result<KeySecret, NotASecretKey> {
    (0..=u8::MAX).find_map(|counter| KeySecret::from_bytes(&bytes(counter)).ok()).ok_or(NotASecretKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_beyond_the_group_order_are_skipped() {
        let key = first_key(|counter| Zeroizing::new(if counter < 3 { [0xff; 32] } else { [counter; 32] }));
        assert_eq!(key.unwrap().as_bytes(), &[3; 32]);
        let last = first_key(|counter| Zeroizing::new([u8::from(counter == u8::MAX); 32]));
        assert_eq!(last.unwrap().as_bytes(), &[1; 32]);
        assert_eq!(first_key(|_| Zeroizing::new([0; 32])).err(), Some(NotASecretKey));
    }
}
