//! From which block on a transaction may be mined: lock times (BIP 113) and relative locks (BIP 68).
//!
//! A script verifier compares script and transaction; that the transaction then really has to wait is a rule of the
//! chain. It is written here after the consensus code, so that a test can show both halves: a script refuses a
//! transaction that claims to wait too little, and the chain refuses, one block early, a transaction that claims enough.

use bitcoin::Transaction;
use bitcoin::absolute::LOCK_TIME_THRESHOLD;
use thiserror::Error;

/// BIP 68: the bit of a sequence that switches its relative lock off.
const LOCK_DISABLED: u32 = 1 << 31;
/// BIP 68: the bit of a sequence that makes its relative lock a time.
const LOCK_IS_TIME: u32 = 1 << 22;
/// BIP 68: the low bits of a sequence hold the lock, in blocks or in units of 512 seconds.
const LOCK_VALUE: u32 = 0xffff;
/// BIP 68: a unit of time is two to this power of seconds.
const TIME_UNIT_SHIFT: u32 = 9;

/// A place in the chain: of the block a transaction is to go into, or of the block that made a coin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The height of the block.
    pub height: u32,
    /// The median time of the eleven blocks before it, in seconds (BIP 113).
    pub median_time: u32,
}

/// A transaction may not go into a block yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NotFinal {
    /// Its lock time is not below the block's height or median time.
    #[error("the lock time {lock_time} is not below the block's {reached}")]
    LockTime {
        /// What the transaction asks for.
        lock_time: u32,
        /// The block's height or median time, whichever the lock time is measured in.
        reached: u32,
    },
    /// An input is younger than its sequence asks.
    #[error("input {input} asks for {required} to have passed, the block is at {reached}")]
    RelativeLock {
        /// Which input.
        input: usize,
        /// The last height or median time at which the input still has to wait.
        required: i64,
        /// The block's height or median time, whichever the sequence is measured in.
        reached: u32,
    },
    /// There is not one coin for each input.
    #[error("{coins} coins for {inputs} inputs")]
    Coins {
        /// How many coins there are.
        coins: usize,
        /// How many inputs there are.
        inputs: usize,
    },
}

/// Whether `transaction`, which spends `coins`, may go into the block at `block`.
///
/// # Errors
/// [`NotFinal`] when its lock time or the relative lock of an input has not passed, or when the coins do not match.
pub fn check_final(transaction: &Transaction, coins: &[Place], block: Place) -> Result<(), NotFinal> {
    if coins.len() != transaction.input.len() {
        return Err(NotFinal::Coins { coins: coins.len(), inputs: transaction.input.len() });
    }
    check_lock_time(transaction, block)?;
    // BIP 68 reads the version as unsigned, so a negative one enforces relative locks too.
    if transaction.version.0.cast_unsigned() < 2 {
        return Ok(());
    }
    for (input, (spend, coin)) in transaction.input.iter().zip(coins).enumerate() {
        check_relative_lock(input, spend.sequence.to_consensus_u32(), *coin, block)?;
    }
    Ok(())
}

/// A lock time is the last height, or median time, at which the transaction may not be mined; it counts only when an
/// input is not final.
fn check_lock_time(transaction: &Transaction, block: Place) -> Result<(), NotFinal> {
    let lock_time = transaction.lock_time.to_consensus_u32();
    let reached = if lock_time < LOCK_TIME_THRESHOLD { block.height } else { block.median_time };
    let is_off = lock_time == 0 || transaction.input.iter().all(|input| input.sequence.is_final());
    if is_off || lock_time < reached { Ok(()) } else { Err(NotFinal::LockTime { lock_time, reached }) }
}

fn check_relative_lock(input: usize, sequence: u32, coin: Place, block: Place) -> Result<(), NotFinal> {
    if sequence & LOCK_DISABLED != 0 {
        return Ok(());
    }
    let lock = i64::from(sequence & LOCK_VALUE);
    let (required, reached) = if sequence & LOCK_IS_TIME == 0 {
        (i64::from(coin.height) + lock - 1, block.height)
    } else {
        (i64::from(coin.median_time) + (lock << TIME_UNIT_SHIFT) - 1, block.median_time)
    };
    if required < i64::from(reached) {
        Ok(())
    } else {
        Err(NotFinal::RelativeLock { input, required, reached })
    }
}

#[cfg(test)]
mod tests {
    use bitcoin::absolute::LockTime;
    use bitcoin::transaction::Version;
    use bitcoin::{OutPoint, ScriptBuf, Sequence, TxIn, Witness};

    use super::*;

    const COIN: Place = Place { height: 800_000, median_time: 1_700_000_000 };

    fn transaction(version: i32, lock_time: u32, sequences: &[u32]) -> Transaction {
        let input = |sequence: &u32| TxIn {
            previous_output: OutPoint::null(),
            script_sig: ScriptBuf::new(),
            sequence: Sequence(*sequence),
            witness: Witness::new(),
        };
        Transaction {
            version: Version(version),
            lock_time: LockTime::from_consensus(lock_time),
            input: sequences.iter().map(input).collect(),
            output: Vec::new(),
        }
    }

    fn at(height: u32) -> Place {
        Place { height, ..COIN }
    }

    fn at_time(median_time: u32) -> Place {
        Place { median_time, height: COIN.height + 1 }
    }

    #[test]
    fn a_lock_time_is_the_last_height_that_is_too_early() {
        let locked = transaction(2, 900_000, &[0xffff_fffe]);
        let early = NotFinal::LockTime { lock_time: 900_000, reached: 900_000 };
        assert_eq!(check_final(&locked, &[COIN], at(900_000)), Err(early));
        assert_eq!(check_final(&locked, &[COIN], at(900_001)), Ok(()));
    }

    #[test]
    fn a_lock_time_from_500_million_on_is_a_median_time() {
        let below = transaction(2, LOCK_TIME_THRESHOLD - 1, &[0]);
        assert!(check_final(&below, &[COIN], at_time(u32::MAX)).is_err(), "still a height");
        let locked = transaction(2, LOCK_TIME_THRESHOLD, &[0xffff_fffe]);
        assert!(check_final(&locked, &[COIN], at_time(LOCK_TIME_THRESHOLD)).is_err());
        assert_eq!(check_final(&locked, &[COIN], at_time(LOCK_TIME_THRESHOLD + 1)), Ok(()));
    }

    #[test]
    fn a_lock_time_counts_unless_every_input_is_final() {
        let all_final = transaction(2, 900_000, &[u32::MAX, u32::MAX]);
        assert_eq!(check_final(&all_final, &[COIN, COIN], at(800_001)), Ok(()));
        let one_is_not = transaction(2, 900_000, &[u32::MAX, u32::MAX - 1]);
        assert!(check_final(&one_is_not, &[COIN, COIN], at(800_001)).is_err());
    }

    #[test]
    fn a_relative_lock_counts_blocks_from_the_coin() {
        for (lock, first) in [(0, 0), (1, 1), (16, 16), (144, 144), (0xffff, 0xffff)] {
            let waits = transaction(2, 0, &[lock]);
            assert_eq!(check_final(&waits, &[COIN], at(COIN.height + first)), Ok(()), "{lock}");
            let early = check_final(&waits, &[COIN], at(COIN.height + first - u32::from(first > 0)));
            assert_eq!(early.is_err(), first > 0, "{lock}");
        }
    }

    #[test]
    fn a_relative_lock_in_time_counts_units_of_512_seconds() {
        let waits = transaction(2, 0, &[LOCK_IS_TIME | 0x3]);
        let first = COIN.median_time + 3 * 512;
        assert!(check_final(&waits, &[COIN], at_time(first - 1)).is_err());
        assert_eq!(check_final(&waits, &[COIN], at_time(first)), Ok(()));
    }

    #[test]
    fn every_input_keeps_its_own_lock() {
        let old = Place { height: COIN.height - 10, ..COIN };
        let waits = transaction(3, 0, &[10, 10]);
        assert_eq!(check_final(&waits, &[old, old], at(COIN.height)), Ok(()));
        let second = check_final(&waits, &[old, COIN], at(COIN.height));
        assert!(matches!(second, Err(NotFinal::RelativeLock { input: 1, .. })), "{second:?}");
    }

    #[test]
    fn relative_locks_are_off_before_version_two_and_behind_the_high_bit() {
        for off in [transaction(1, 0, &[144]), transaction(2, 0, &[LOCK_DISABLED | 0x90])] {
            assert_eq!(check_final(&off, &[COIN], at(COIN.height)), Ok(()));
        }
        for on in [transaction(2, 0, &[144]), transaction(3, 0, &[144]), transaction(-1, 0, &[144])] {
            assert!(check_final(&on, &[COIN], at(COIN.height)).is_err());
        }
    }

    #[test]
    fn bits_between_value_and_flags_are_ignored() {
        let waits = transaction(2, 0, &[0x003f_0000 | 0x5]);
        assert_eq!(check_final(&waits, &[COIN], at(COIN.height + 5)), Ok(()));
        assert!(check_final(&waits, &[COIN], at(COIN.height + 4)).is_err());
    }

    #[test]
    fn a_coin_for_each_input_is_needed() {
        let two = transaction(2, 0, &[0, 0]);
        assert_eq!(check_final(&two, &[COIN], at(900_000)), Err(NotFinal::Coins { coins: 1, inputs: 2 }));
    }
}
