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

#[cfg(test)]
mod tests {
    use bitcoin::hashes::Hash;
    use bitcoin::secp256k1::{PublicKey, Secp256k1, SecretKey};
    use bitcoin::{Amount, OutPoint, Txid};
    use channel_core::commitment::{CommitmentSpec, CommitmentTerms};
    use channel_core::dust::TrimLimit;
    use channel_core::{CommitmentFormat, CommitmentNumber, CsvDelay, FeerateKw, Msat, PerSide, Side};

    use crate::commitment::{BuildError, CommitmentBuilder, CommitmentPoint};
    use crate::keys::Basepoints;

    fn key(byte: u8) -> PublicKey {
        SecretKey::from_slice(&[byte; 32]).unwrap().public_key(&Secp256k1::new())
    }

    fn keys(first: u8) -> Basepoints {
        Basepoints {
            funding: key(first),
            revocation: key(first + 1),
            payment: key(first + 2),
            delayed_payment: key(first + 3),
            htlc: key(first + 4),
        }
    }

    fn limit(sat: u64) -> TrimLimit {
        TrimLimit::observed(Amount::from_sat(sat))
    }

    /// The terms, each part of which `change` may alter.
    fn builder(change: impl FnOnce(&mut Parts)) -> CommitmentBuilder {
        let delay = CsvDelay::new(144).unwrap();
        let mut parts = Parts {
            terms: CommitmentTerms {
                format: CommitmentFormat::TaprootV3,
                opener: Side::Local,
                capacity: Amount::from_sat(1_000_000),
                trim: PerSide { local: limit(354), remote: limit(354) },
            },
            outpoint: OutPoint { txid: Txid::from_byte_array([7; 32]), vout: 0 },
            keys: PerSide { local: keys(1), remote: keys(11) },
            delays: PerSide { local: delay, remote: delay },
        };
        change(&mut parts);
        CommitmentBuilder::new(parts.terms, parts.outpoint, parts.keys, parts.delays).unwrap()
    }

    struct Parts {
        terms: CommitmentTerms,
        outpoint: OutPoint,
        keys: PerSide<Basepoints>,
        delays: PerSide<CsvDelay>,
    }

    #[test]
    fn every_part_counts_and_no_other_builder_takes_what_was_prepared() {
        type Change = fn(&mut Parts);
        let changes: [Change; 14] = [
            |parts| parts.terms.format = CommitmentFormat::TaprootV2,
            |parts| parts.terms.opener = Side::Remote,
            |parts| parts.terms.capacity = Amount::from_sat(1_000_001),
            |parts| parts.terms.trim.local = limit(355),
            |parts| parts.terms.trim.remote = limit(355),
            |parts| parts.outpoint.txid = Txid::from_byte_array([8; 32]),
            |parts| parts.outpoint.vout = 1,
            |parts| parts.delays.local = CsvDelay::new(145).unwrap(),
            |parts| parts.delays.remote = CsvDelay::new(145).unwrap(),
            |parts| parts.keys.local.funding = key(30),
            |parts| parts.keys.local.revocation = key(30),
            |parts| parts.keys.local.payment = key(30),
            |parts| parts.keys.remote.delayed_payment = key(30),
            |parts| parts.keys.remote.htlc = key(30),
        ];
        let first = builder(|_| ());
        assert_eq!(first.id(), builder(|_| ()).id());
        let point = CommitmentPoint { number: CommitmentNumber::ZERO, point: key(40) };
        let half = Msat::from_msat(500_000_000);
        let spec = CommitmentSpec::new(PerSide { local: half, remote: half }, FeerateKw::ZERO).unwrap();
        let own = first.commitment(Side::Local, &point, &spec).unwrap();
        assert!(first.built(&own));
        assert_eq!(own.balance(Side::Remote), half);
        for change in changes {
            let other = builder(change);
            assert_ne!(other.id(), first.id());
            assert!(!other.built(&own));
            let prepared = other.prepare(Side::Local, &point).unwrap();
            assert_eq!(first.build(prepared, &spec).err(), Some(BuildError::OtherBuilder));
        }
    }
}
