//! The root of all keys (BIP 32).

use core::fmt;

use bitcoin::Network;
use bitcoin::bip32::{ChainCode, Xpriv};
use bitcoin::secp256k1::{Secp256k1, SignOnly};
use thiserror::Error;
use zeroize::Zeroizing;

use super::path::channel_path;
use super::{Account, ChannelIndex, Expander};
use crate::keys::{ChannelSecrets, NotASecretKey};

/// The 64 bytes that the words and the passphrase give.
///
/// ```compile_fail,E0599
/// # use channel_sign::seed::Mnemonic;
/// let copy = Mnemonic::from_entropy(&[1; 16]).unwrap().to_seed("").clone();
/// ```
pub struct Seed(Zeroizing<[u8; 64]>);

impl Seed {
    /// The seed with these bytes, as another BIP 39 program made them.
    pub const fn from_bytes(bytes: Zeroizing<[u8; 64]>) -> Self {
        Self(bytes)
    }

    /// The BIP 32 master key of the seed, for one network.
    ///
    /// # Errors
    /// [`NotASecretKey`] when the seed has no master key, which happens by chance once in 2^127 times.
    pub fn master_key(&self, network: Network) -> Result<MasterKey, NotASecretKey> {
        let key = Xpriv::new_master(network, self.0.as_slice()).map_err(|_| NotASecretKey)?;
        Ok(MasterKey { key: ErasedXpriv(key), network })
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seed").finish_non_exhaustive()
    }
}

/// The BIP 32 master key. Erased when dropped; neither it nor anything secret below it can be read.
pub struct MasterKey {
    key: ErasedXpriv,
    network: Network,
}

/// The secrets of a channel cannot be derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DeriveChannelError {
    /// A step of the path has no key, which happens by chance once in 2^127 times. Take the next channel index.
    #[error("there is no key at the path of this channel; take the next index")]
    Path,
    /// A purpose has no key, which happens by chance less than once in 2^128 times. Take the next channel index.
    #[error("a key of this channel cannot be derived; take the next index")]
    Purpose(#[from] NotASecretKey),
}

impl MasterKey {
    /// The network whose channels are derived.
    pub const fn network(&self) -> Network {
        self.network
    }

    /// The secrets of one channel; the same ones each time.
    ///
    /// # Errors
    /// Any of [`DeriveChannelError`]; none is ever expected to be seen.
    pub fn channel(
        &self,
        account: Account,
        channel: ChannelIndex,
    ) -> Result<ChannelSecrets, DeriveChannelError> {
        let secp = self.key.blinded_context();
        let mut node = ErasedXpriv(self.key.0);
        for step in channel_path(self.network, account, channel) {
            let child = node.0.derive_priv(&secp, &[step]).map_err(|_| DeriveChannelError::Path)?;
            node = ErasedXpriv(child);
        }
        Ok(ChannelSecrets::new(Expander::new(&node.private_key(), self.network))?)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterKey").field("network", &self.network).finish_non_exhaustive()
    }
}

/// An extended private key that is erased when dropped.
struct ErasedXpriv(Xpriv);

impl ErasedXpriv {
    fn private_key(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.private_key.secret_bytes())
    }

    /// A context of the older library, blinded with the key itself so that the multiplications below tell less of it
    /// through power or timing.
    fn blinded_context(&self) -> Secp256k1<SignOnly> {
        let mut secp = Secp256k1::signing_only();
        secp.seeded_randomize(&self.private_key());
        secp
    }
}

impl Drop for ErasedXpriv {
    fn drop(&mut self) {
        self.0.private_key.non_secure_erase();
        self.0.chain_code = ChainCode::from([0; 32]);
        // Without a reader the compiler would leave the last write out.
        core::hint::black_box(&self.0);
    }
}
