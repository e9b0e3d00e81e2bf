//! Time locks as consensus reads them (BIP 65, BIP 68, BIP 112).

use core::fmt;

use bitcoin::Sequence;
use bitcoin::absolute::LockTime;

/// The part of a sequence that counts, in blocks or in units of 512 seconds.
const VALUE_MASK: u32 = 0xffff;
/// Set: units of 512 seconds; not set: blocks.
const TIME_FLAG: u32 = 1 << 22;

/// Whether `older(value)` counts time.
pub(super) const fn counts_time(value: u32) -> bool {
    value & TIME_FLAG != 0
}

/// What `older(value)` counts up to: blocks, or units of 512 seconds.
pub(super) const fn units(value: u32) -> u32 {
    value & VALUE_MASK
}

/// Bits of `older(value)` that consensus does not look at.
pub(super) const fn ignored_bits(value: u32) -> u32 {
    value & !(VALUE_MASK | TIME_FLAG)
}

/// Whether an input with `sequence` passes `older(wanted)`. Consensus compares the unit and 16 bits, nothing else.
pub(super) fn is_open(wanted: Sequence, sequence: Sequence) -> bool {
    let (wanted, sequence) = (wanted.to_consensus_u32(), sequence.to_consensus_u32());
    counts_time(wanted) == counts_time(sequence) && units(wanted) <= units(sequence)
}

/// Whether a transaction with `lock_time` passes `after(wanted)`.
pub(super) fn is_reached(wanted: LockTime, lock_time: LockTime) -> bool {
    wanted.is_implied_by(lock_time)
}

/// How old an output has to be.
pub(super) struct Age(pub(super) Sequence);

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.0.to_consensus_u32();
        match (units(value), counts_time(value)) {
            (0, _) => f.write_str("as soon as the output confirms"),
            (1, false) => f.write_str("1 block after the output confirms"),
            (blocks, false) => write!(f, "{blocks} blocks after the output confirms"),
            (units, true) => {
                write!(f, "{} seconds after the output confirms", u64::from(units) * 512)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unit_and_sixteen_bits_count() {
        let open =
            |wanted, sequence| is_open(Sequence::from_consensus(wanted), Sequence::from_consensus(sequence));
        assert!(open(144, 144) && open(144, 145) && !open(144, 143));
        assert!(open(65_536, 0) && open(65_537, 1) && !open(65_537, 0));
        assert!(!open(TIME_FLAG | 1, 1) && !open(1, TIME_FLAG | 1));
        assert!(open(TIME_FLAG | 1, TIME_FLAG | 1));
    }
}
