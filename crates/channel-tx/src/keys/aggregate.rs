//! The MuSig2 key of a Taproot funding output (BIP 327, BIP 86).

use core::fmt;

use bitcoin::hashes::Hash;
use bitcoin::key::TweakedPublicKey;
use bitcoin::secp256k1::PublicKey;
use bitcoin::{ScriptBuf, TapTweakHash, XOnlyPublicKey};
use secp256k1::Scalar;
use secp256k1::musig::KeyAggCache;

use super::{KeyError, Point};

/// `KeyAgg(KeySort(a, b))` of two funding keys, and the output key it gives when tweaked without a script tree.
///
/// A signature for [`output_key`](Self::output_key) needs both parties; there is no script path.
#[derive(Clone)]
pub struct AggregateKey {
    sorted: [PublicKey; 2],
    internal: XOnlyPublicKey,
    output: XOnlyPublicKey,
    cache: KeyAggCache,
}

impl AggregateKey {
    /// The aggregate of two keys, in whichever order they come.
    ///
    /// # Errors
    /// [`KeyError::SameFundingKey`] when the keys have one x coordinate, so one party could sign alone;
    /// [`KeyError::InvalidTweak`] when the aggregate cannot be tweaked.
    pub fn new(first: &PublicKey, second: &PublicKey) -> Result<Self, KeyError> {
        if first.x_only_public_key().0 == second.x_only_public_key().0 {
            return Err(KeyError::SameFundingKey);
        }
        let sorted =
            if first.serialize() <= second.serialize() { [*first, *second] } else { [*second, *first] };
        let points = sorted.map(|key| Point::new(&key));
        let mut cache = KeyAggCache::new(&[points[0].as_inner(), points[1].as_inner()]);
        let internal = Point::from(cache.agg_pk_full()).to_x_only_public_key();
        let tweak = TapTweakHash::from_key_and_tweak(internal, None).to_byte_array();
        let tweak = Scalar::from_be_bytes(tweak).map_err(|_| KeyError::InvalidTweak)?;
        let output = cache.pubkey_xonly_tweak_add(&tweak).map_err(|_| KeyError::InvalidTweak)?;
        Ok(Self { sorted, internal, output: Point::from(output).to_x_only_public_key(), cache })
    }

    /// The two keys as they are aggregated: in the lexicographic order of their 33 bytes.
    pub const fn sorted_keys(&self) -> &[PublicKey; 2] {
        &self.sorted
    }

    /// The aggregate before the tweak: the internal key of the output.
    pub const fn internal_key(&self) -> XOnlyPublicKey {
        self.internal
    }

    /// The key that owns the output.
    pub const fn output_key(&self) -> XOnlyPublicKey {
        self.output
    }

    /// `OP_1 <output key>`.
    pub fn script_pubkey(&self) -> ScriptBuf {
        ScriptBuf::new_p2tr_tweaked(TweakedPublicKey::dangerous_assume_tweaked(self.output))
    }

    /// The tweaked aggregate as the signing library takes it. It is of another version of `secp256k1` than the keys of
    /// `bitcoin` are, and so no part of the stable interface: for `channel-sign`.
    #[doc(hidden)]
    pub const fn cache(&self) -> &KeyAggCache {
        &self.cache
    }
}

impl PartialEq for AggregateKey {
    fn eq(&self, other: &Self) -> bool {
        self.sorted == other.sorted
    }
}

impl Eq for AggregateKey {}

impl fmt::Debug for AggregateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AggregateKey")
            .field("sorted_keys", &self.sorted)
            .field("output_key", &self.output)
            .finish_non_exhaustive()
    }
}
