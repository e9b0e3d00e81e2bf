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
        if keys.is_empty() { Err(SyntheticXpubError::NoKeys) } else { Ok(Self::of_some(keys, network)) }
    }

    /// Of the two keys of a funding output, before its BIP 86 tweak.
    pub fn from_aggregate(aggregate: &AggregateKey, network: NetworkKind) -> Self {
        Self::of_some(aggregate.sorted_keys(), network)
    }

    fn of_some(keys: &[PublicKey], network: NetworkKind) -> Self {
        let xpub = Xpub {
            network,
            depth: 0,
            parent_fingerprint: Fingerprint::default(),
            child_number: ChildNumber::Normal { index: 0 },
            public_key: to_bitcoin(&key_agg(keys).agg_pk_full()),
            chain_code: ChainCode::from(CHAIN_CODE),
        };
        Self { keys: keys.to_vec(), xpub }
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

#[cfg(test)]
mod tests {
    use bitcoin::hashes::{Hash, sha256};
    use bitcoin::secp256k1::Secp256k1;
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::keys::KeySecret;
    use crate::vector_report::VectorReport;
    use std::string::ToString;

    const VECTORS: &str = include_str!("../tests/vectors/bip328.json");

    fn key(byte: u8) -> PublicKey {
        KeySecret::from_bytes(&[byte; 32]).unwrap().public_key()
    }

    fn path(steps: &[u32]) -> Vec<ChildNumber> {
        steps.iter().map(|step| ChildNumber::from(*step)).collect()
    }

    #[test]
    fn the_chain_code_is_the_hash_it_is_said_to_be() {
        assert_eq!(CHAIN_CODE, sha256::Hash::hash(b"MuSig2MuSig2MuSig2").to_byte_array());
    }

    #[test]
    fn the_official_vectors() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        let mut report = VectorReport::new("bip328");
        for case in vectors["cases"].as_array().unwrap() {
            let keys: Vec<PublicKey> = case["public_keys"]
                .as_array()
                .unwrap()
                .iter()
                .map(|key| key.as_str().unwrap().parse().unwrap())
                .collect();
            let synthetic = SyntheticXpub::new(&keys, NetworkKind::Main).unwrap();
            let passed = synthetic.xpub().to_string() == case["extended_key"]
                && synthetic.xpub().public_key.to_string() == case["aggregate_key"];
            report.product(case["label"].as_str().unwrap(), passed);
        }
        report.assert_all_passed();
    }

    #[test]
    fn what_cannot_be_derived_is_refused() {
        let synthetic = SyntheticXpub::new(&[key(1), key(2)], NetworkKind::Test).unwrap();
        let hardened = ChildNumber::from_hardened_idx(3).unwrap();
        let error = synthetic.derive(&[ChildNumber::from(0), hardened]).unwrap_err();
        assert_eq!(error, SyntheticXpubError::Hardened { child: hardened });
        assert_eq!(synthetic.derive(&path(&[0; 256])).unwrap_err(), SyntheticXpubError::TooDeep);
        assert_eq!(synthetic.derive(&path(&[0; 255])).unwrap().xpub().depth, 255);
        assert_eq!(SyntheticXpub::new(&[], NetworkKind::Test), Err(SyntheticXpubError::NoKeys));
    }

    #[test]
    fn the_order_of_the_keys_counts_unless_they_are_sorted() {
        let (first, second) = (key(1), key(2));
        let synthetic = |keys: &[PublicKey]| SyntheticXpub::new(keys, NetworkKind::Test).unwrap();
        assert_ne!(synthetic(&[first, second]).xpub(), synthetic(&[second, first]).xpub());
        let aggregate = |a, b| AggregateKey::new(a, b).unwrap();
        let of_funding = SyntheticXpub::from_aggregate(&aggregate(&first, &second), NetworkKind::Test);
        let exchanged = SyntheticXpub::from_aggregate(&aggregate(&second, &first), NetworkKind::Test);
        assert_eq!(of_funding, exchanged);
        let internal = of_funding.xpub().public_key.x_only_public_key().0;
        assert_eq!(internal, aggregate(&first, &second).internal_key());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// The child is the one plain BIP 32 derives from the extended key, and the tweaks lead from the aggregate to it:
        /// added up as scalars, and one by one in the signing library.
        #[test]
        fn the_tweaks_lead_from_the_aggregate_to_the_child(
            bytes in prop::collection::vec(1u8..=254, 1..5),
            steps in prop::collection::vec(0u32..1 << 31, 0..5),
        ) {
            let secp = Secp256k1::new();
            let keys: Vec<_> = bytes.iter().map(|byte| key(*byte)).collect();
            let synthetic = SyntheticXpub::new(&keys, NetworkKind::Test).unwrap();
            let child = synthetic.derive(&path(&steps)).unwrap();
            prop_assert_eq!(*child.xpub(), synthetic.xpub().derive_pub(&secp, &path(&steps)).unwrap());
            let tweaked = child.tweaks().iter().try_fold(synthetic.xpub().public_key, |key, tweak| {
                key.add_exp_tweak(&secp, &bitcoin::secp256k1::Scalar::from_be_bytes(*tweak).unwrap())
            });
            prop_assert_eq!(tweaked, Ok(child.xpub().public_key));
            prop_assert_eq!(to_bitcoin(&child.cache().agg_pk_full()), child.xpub().public_key);
        }
    }
}
