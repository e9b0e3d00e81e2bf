//! Synthetic extended public keys of MuSig2 aggregates (BIP 328): one aggregate, many addresses.
//!
//! The aggregate of several keys becomes an extended public key with a fixed chain code. Its children are derived without
//! the signers; to sign for one, every signer adds the same tweaks to the aggregate, one for each step of the path.
//!
//! ```
//! use channel_sign::bip328::SyntheticXpub;
//! use channel_sign::bitcoin::NetworkKind;
//! use channel_sign::bitcoin::bip32::ChildNumber;
//! # use channel_sign::keys::FundingIndex;
//! # use channel_sign::seed::{Account, ChannelIndex, Mnemonic};
//! # let master = Mnemonic::from_entropy(&[1; 16])?.to_seed("").master_key(channel_sign::bitcoin::Network::Regtest)?;
//! # let secrets = master.channel(Account::ZERO, ChannelIndex::new(0))?;
//! # let (ours, theirs) = (secrets.funding_public_key(FundingIndex::new(0))?, secrets.funding_public_key(FundingIndex::new(1))?);
//! let xpub = SyntheticXpub::new(&[ours, theirs], NetworkKind::Test)?;
//! let path = [ChildNumber::from_normal_idx(0)?, ChildNumber::from_normal_idx(5)?];
//! let child = xpub.derive(&path)?;
//! assert_eq!(child.tweaks().len(), 2);
//! assert_eq!(child.xpub().depth, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use alloc::vec::Vec;

use bitcoin::NetworkKind;
use bitcoin::bip32::{ChainCode, ChildNumber, Fingerprint, Xpub};
use bitcoin::secp256k1::PublicKey;
use channel_tx::keys::AggregateKey;
use secp256k1::Scalar;
use secp256k1::musig::KeyAggCache;
use thiserror::Error;

use crate::keys::{from_bitcoin, to_bitcoin};

/// SHA-256 of "MuSig2MuSig2MuSig2": nobody's choice, and the same for every aggregate.
const CHAIN_CODE: [u8; 32] = [
    0x86, 0x80, 0x87, 0xca, 0x02, 0xa6, 0xf9, 0x74, 0xc4, 0x59, 0x89, 0x24, 0xc3, 0x6b, 0x57, 0x76, 0x2d,
    0x32, 0xcb, 0x45, 0x71, 0x71, 0x67, 0xe3, 0x00, 0x62, 0x2c, 0x71, 0x67, 0xe3, 0x89, 0x65,
];

/// The extended public key of an aggregate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntheticXpub {
    keys: Vec<PublicKey>,
    xpub: Xpub,
}

/// A synthetic key cannot be made or derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SyntheticXpubError {
    /// No keys to aggregate.
    #[error("an aggregate needs at least one key")]
    NoKeys,
    /// Nobody has the private key of the aggregate, so nobody can derive hardened children.
    #[error("step {child} is hardened; an aggregate has only unhardened children")]
    Hardened {
        /// The step of the path.
        child: ChildNumber,
    },
    /// A step leads to no key, which happens by chance once in 2^127 times. Take the next child number.
    #[error("there is no key at step {child}; take the next child number")]
    NoChild {
        /// The step of the path.
        child: ChildNumber,
    },
    /// Paths have 255 steps at most.
    #[error("a path has at most 255 steps")]
    TooDeep,
}

impl SyntheticXpub {
    /// The aggregate of `keys` in the order given (`KeyAgg` of BIP 327). Sort them first where the participants agreed
    /// on `KeySort`, as descriptors with `musig()` do.
    ///
    /// # Errors
    /// [`SyntheticXpubError::NoKeys`].
    pub fn new(keys: &[PublicKey], network: NetworkKind) -> Result<Self, SyntheticXpubError> {
        if keys.is_empty() {
            return Err(SyntheticXpubError::NoKeys);
        }
        let aggregate = to_bitcoin(&key_agg(keys).agg_pk_full());
        let xpub = Xpub {
            network,
            depth: 0,
            parent_fingerprint: Fingerprint::default(),
            child_number: ChildNumber::Normal { index: 0 },
            public_key: aggregate,
            chain_code: ChainCode::from(CHAIN_CODE),
        };
        Ok(Self { keys: keys.to_vec(), xpub })
    }

    /// Of the two keys of a funding output, before its BIP 86 tweak.
    ///
    /// # Errors
    /// None that two keys can cause; the type is that of [`new`](Self::new).
    pub fn from_aggregate(
        aggregate: &AggregateKey,
        network: NetworkKind,
    ) -> Result<Self, SyntheticXpubError> {
        Self::new(aggregate.sorted_keys(), network)
    }

    /// The extended key, to put into a descriptor.
    pub const fn xpub(&self) -> &Xpub {
        &self.xpub
    }

    /// The keys in the order of their aggregation.
    pub fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// The child at `path`, with what its signers must know.
    ///
    /// # Errors
    /// [`SyntheticXpubError::Hardened`], [`SyntheticXpubError::NoChild`] or [`SyntheticXpubError::TooDeep`].
    pub fn derive(&self, path: &[ChildNumber]) -> Result<DerivedAggregate, SyntheticXpubError> {
        if path.len() > usize::from(u8::MAX) {
            return Err(SyntheticXpubError::TooDeep);
        }
        let mut cache = key_agg(&self.keys);
        let mut xpub = self.xpub;
        let mut tweaks = Vec::with_capacity(path.len());
        for &child in path {
            if child.is_hardened() {
                return Err(SyntheticXpubError::Hardened { child });
            }
            let no_child = |_| SyntheticXpubError::NoChild { child };
            let (tweak, chain_code) = xpub.ckd_pub_tweak(child).map_err(no_child)?;
            let tweak = tweak.secret_bytes();
            let scalar =
                Scalar::from_be_bytes(tweak).expect("the tweak was a secret key, so below the order");
            let public_key =
                cache.pubkey_ec_tweak_add(&scalar).map_err(|_| SyntheticXpubError::NoChild { child })?;
            xpub = Xpub {
                depth: xpub.depth + 1,
                parent_fingerprint: xpub.fingerprint(),
                child_number: child,
                public_key: to_bitcoin(&public_key),
                chain_code,
                network: xpub.network,
            };
            tweaks.push(tweak);
        }
        Ok(DerivedAggregate { xpub, tweaks, cache })
    }
}

/// A child of a synthetic key.
#[derive(Clone)]
pub struct DerivedAggregate {
    xpub: Xpub,
    tweaks: Vec<[u8; 32]>,
    cache: KeyAggCache,
}

impl DerivedAggregate {
    /// The extended key of the child.
    pub const fn xpub(&self) -> &Xpub {
        &self.xpub
    }

    /// The tweaks a signing session applies to the aggregate, in this order, one for each step. They are plain tweaks
    /// (`is_xonly_t` is false in BIP 327), and no secrets. The tweak of a Taproot output comes after them, x-only.
    pub fn tweaks(&self) -> &[[u8; 32]] {
        &self.tweaks
    }

    /// The aggregate with the tweaks applied, as the signing library takes it. It is of another version of `secp256k1`
    /// than the keys of `bitcoin` are, and so no part of the stable interface.
    #[doc(hidden)]
    pub const fn cache(&self) -> &KeyAggCache {
        &self.cache
    }
}

impl core::fmt::Debug for DerivedAggregate {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("DerivedAggregate")
            .field("xpub", &self.xpub)
            .field("tweaks", &self.tweaks)
            .finish_non_exhaustive()
    }
}

fn key_agg(keys: &[PublicKey]) -> KeyAggCache {
    let keys: Vec<_> = keys.iter().map(from_bitcoin).collect();
    let references: Vec<_> = keys.iter().collect();
    KeyAggCache::new(&references)
}
