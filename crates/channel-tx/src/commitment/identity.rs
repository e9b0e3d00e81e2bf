//! What tells the commitments of one builder from those of any other.

use alloc::string::ToString;

use bitcoin::OutPoint;
use bitcoin::hashes::{Hash, HashEngine, sha256, sha256t_hash_newtype};
use channel_core::commitment::CommitmentTerms;
use channel_core::{CsvDelay, PerSide, Side};

use crate::keys::Basepoints;

sha256t_hash_newtype! {
    struct BuilderTag = hash_str("taproot-channels/commitment-builder");
    struct BuilderHash(_);
}

/// A tagged hash of all that a builder's commitments have in common: terms, funding outpoint, keys and delays, as one
/// side sees them. It stays the same between versions of this crate, so that a stored one can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BuilderId([u8; 32]);

impl BuilderId {
    pub(super) fn new(
        terms: &CommitmentTerms,
        outpoint: OutPoint,
        basepoints: &PerSide<Basepoints>,
        to_self_delay: PerSide<CsvDelay>,
    ) -> Self {
        let mut engine = BuilderHash::engine();
        // The name of the format is the one part without a fixed length.
        engine.input(sha256::Hash::hash(terms.format.to_string().as_bytes()).as_ref());
        engine.input(&[u8::from(terms.opener == Side::Local)]);
        engine.input(&terms.capacity.to_sat().to_be_bytes());
        engine.input(outpoint.txid.as_ref());
        engine.input(&outpoint.vout.to_be_bytes());
        for side in Side::ALL {
            engine.input(&terms.trim.of(side).to_amount().to_sat().to_be_bytes());
            engine.input(&to_self_delay.of(side).to_blocks().to_be_bytes());
            let keys = basepoints.of(side);
            for key in [&keys.funding, &keys.revocation, &keys.payment, &keys.delayed_payment, &keys.htlc] {
                engine.input(&key.serialize());
            }
        }
        Self(BuilderHash::from_engine(engine).to_byte_array())
    }

    /// The same with both sides exchanged: what the other party's builder has.
    pub(super) fn mirrored(
        terms: &CommitmentTerms,
        outpoint: OutPoint,
        basepoints: &PerSide<Basepoints>,
        to_self_delay: PerSide<CsvDelay>,
    ) -> Self {
        let trim = exchanged(&terms.trim);
        let terms = CommitmentTerms { opener: terms.opener.other(), trim, ..*terms };
        Self::new(&terms, outpoint, &exchanged(basepoints), exchanged(&to_self_delay))
    }

    /// The 32 bytes.
    pub const fn to_byte_array(self) -> [u8; 32] {
        self.0
    }
}

const fn exchanged<T: Copy>(sides: &PerSide<T>) -> PerSide<T> {
    PerSide { local: sides.remote, remote: sides.local }
}
