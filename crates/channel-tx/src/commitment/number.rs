//! The commitment number, hidden in sequence and lock time (BOLT 3, "Commitment Transaction").

use bitcoin::absolute::LockTime;
use bitcoin::hashes::{Hash, HashEngine, sha256};
use bitcoin::secp256k1::PublicKey;
use bitcoin::{Sequence, Transaction};
use channel_core::CommitmentNumber;

/// The low 48 bits of `SHA256(opener's payment_basepoint || accepter's payment_basepoint)`: who knows both basepoints
/// reads the number of a commitment off the chain, nobody else does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ObscuringFactor(u64);

/// Set in a sequence so that BIP 68 reads no delay from it.
const SEQUENCE_MARK: u32 = 0x80 << 24;
/// Set in a lock time so that it is a time long past, not a height.
const LOCK_TIME_MARK: u32 = 0x20 << 24;
const LOW_24_BITS: u64 = (1 << 24) - 1;

impl ObscuringFactor {
    /// The factor of a channel.
    pub fn new(opener_payment: &PublicKey, accepter_payment: &PublicKey) -> Self {
        let mut engine = sha256::Hash::engine();
        engine.input(&opener_payment.serialize());
        engine.input(&accepter_payment.serialize());
        let hash = sha256::Hash::from_engine(engine).to_byte_array();
        let mut low = [0; 8];
        low[2..].copy_from_slice(&hash[26..]);
        Self(u64::from_be_bytes(low))
    }

    /// Lock time and sequence of the commitment with this number.
    pub fn hide(self, number: CommitmentNumber) -> (LockTime, Sequence) {
        let obscured = number.to_u64() ^ self.0;
        let low = |bits: u64| u32::try_from(bits & LOW_24_BITS).expect("24 bits");
        (
            LockTime::from_consensus(LOCK_TIME_MARK | low(obscured)),
            Sequence::from_consensus(SEQUENCE_MARK | low(obscured >> 24)),
        )
    }

    /// The number of a commitment, `None` for a transaction that is not marked as one.
    pub fn reveal(self, transaction: &Transaction) -> Option<CommitmentNumber> {
        let lock_time = transaction.lock_time.to_consensus_u32();
        let [input] = transaction.input.as_slice() else { return None };
        let sequence = input.sequence.to_consensus_u32();
        let marked = lock_time >> 24 == LOCK_TIME_MARK >> 24 && sequence >> 24 == SEQUENCE_MARK >> 24;
        let low = |value: u32| u64::from(value) & LOW_24_BITS;
        let obscured = (low(sequence) << 24) | low(lock_time);
        marked.then(|| CommitmentNumber::new(obscured ^ self.0).ok()).flatten()
    }
}
