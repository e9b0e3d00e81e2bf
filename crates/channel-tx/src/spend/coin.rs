//! Coins of a wallet.

use bitcoin::bip32::KeySource;
use bitcoin::secp256k1::PublicKey;
use bitcoin::{OutPoint, TxOut};

use crate::weight::WalletScript;

/// A confirmed coin that the caller's wallet can spend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coin {
    /// Where it is.
    pub outpoint: OutPoint,
    /// What it is worth, and its script.
    pub txout: TxOut,
    /// The kind of its script, from which its weight follows.
    pub script: WalletScript,
    /// Which key spends it, for the wallet's own signer; kept in PSBTs.
    pub origin: Option<KeyOrigin>,
}

/// A key, and how a wallet derives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyOrigin {
    /// The key: of a Taproot coin the internal key.
    pub key: PublicKey,
    /// Fingerprint of the master key, and the path from there (BIP 32).
    pub source: KeySource,
}
