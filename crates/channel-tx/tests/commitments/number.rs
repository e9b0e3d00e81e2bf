//! The commitment number in lock time and sequence (BOLT 3, "Commitment Transaction").

use bitcoin::absolute::LockTime;
use bitcoin::transaction::Version;
use bitcoin::{OutPoint, ScriptBuf, Sequence, Transaction, TxIn, Witness};
use channel_core::CommitmentNumber;
use channel_tx::commitment::ObscuringFactor;
use proptest::prelude::*;

use crate::channel::key;

fn marked(lock_time: LockTime, sequence: Sequence) -> Transaction {
    let input = TxIn {
        previous_output: OutPoint::null(),
        script_sig: ScriptBuf::new(),
        sequence,
        witness: Witness::new(),
    };
    Transaction { version: Version(3), lock_time, input: vec![input], output: vec![] }
}

/// Payment basepoints, factor and commitment number 42 of BOLT 3, appendix C.
#[test]
fn the_published_factor() {
    let opener = "034f355bdcb7cc0af728ef3cceb9615d90684bb5b2ca5f859ab0f0b704075871aa";
    let accepter = "032c0b7cf95324a07d05398b240174dc0c2be444d96b159aa6c7f7b1e668680991";
    let factor = ObscuringFactor::new(&opener.parse().unwrap(), &accepter.parse().unwrap());
    let (lock_time, sequence) = factor.hide(CommitmentNumber::new(42).unwrap());
    let obscured: u64 = 0x2bb0_3852_1914 ^ 0x2a;
    assert_eq!(u64::from(lock_time.to_consensus_u32()), 0x2000_0000 | (obscured & 0xff_ffff));
    assert_eq!(u64::from(sequence.to_consensus_u32()), 0x8000_0000 | (obscured >> 24));
    let exchanged = ObscuringFactor::new(&accepter.parse().unwrap(), &opener.parse().unwrap());
    assert_ne!(exchanged, factor);
}

#[test]
fn unmarked_transactions_have_no_number() {
    let factor = ObscuringFactor::new(&key(1), &key(2));
    let (lock_time, sequence) = factor.hide(CommitmentNumber::new(7).unwrap());
    let good = marked(lock_time, sequence);
    assert_eq!(factor.reveal(&good), CommitmentNumber::new(7).ok());
    let other_lock = LockTime::from_consensus(lock_time.to_consensus_u32() ^ (1 << 24));
    let other_sequence = Sequence::from_consensus(sequence.to_consensus_u32() ^ (1 << 24));
    for refused in [marked(other_lock, sequence), marked(lock_time, other_sequence)] {
        assert_eq!(factor.reveal(&refused), None);
    }
    let mut two = good;
    two.input.push(two.input[0].clone());
    assert_eq!(factor.reveal(&two), None);
}

proptest! {
    #[test]
    fn every_number_comes_back(number in 0..=CommitmentNumber::MAX.to_u64()) {
        let factor = ObscuringFactor::new(&key(1), &key(2));
        let number = CommitmentNumber::new(number).unwrap();
        let (lock_time, sequence) = factor.hide(number);
        // A time long past, and no delay: BIP 68 reads none where bit 31 is set.
        prop_assert!(lock_time.is_block_time() && !sequence.is_relative_lock_time());
        prop_assert_eq!(factor.reveal(&marked(lock_time, sequence)), Some(number));
    }
}
