//! Weights of the splice and closing transactions a ledger prices, in WU, summed from their parts.
//!
//! A transaction weighs 42 WU by itself (version, counts and locktime at 4 WU a byte, 2 for the segwit marker). Wallet
//! coins and change are taken as P2TR spent by key.

use bitcoin::Weight;

use crate::dust::ScriptType;
use crate::quantity::CommitmentFormat;

const OVERHEAD: u64 = 4 * (4 + 1 + 1 + 4) + 2;
const INPUT: u64 = 4 * (32 + 4 + 1 + 4);
/// One signature of 64 bytes, its length and the number of witness items.
const KEY_SPEND: u64 = 1 + 1 + 64;

/// The funding output, spent: MuSig2 by key, or the 2-of-2 script of 71 bytes with two signatures of 73 bytes.
const fn shared_input(format: CommitmentFormat) -> u64 {
    if format.is_taproot() { INPUT + KEY_SPEND } else { INPUT + 1 + 1 + 2 * (1 + 73) + 1 + 71 }
}

/// An output of a script type: 8 bytes of value, 1 of length, the script.
const fn output(script: ScriptType) -> u64 {
    4 * (8 + 1 + script.script_len() as u64)
}

/// What the initiator of a splice pays for: the transaction itself, the shared input and the new funding output.
pub(super) const fn splice_common(format: CommitmentFormat) -> Weight {
    let funding = if format.is_taproot() { ScriptType::P2tr } else { ScriptType::P2wsh };
    Weight::from_wu(OVERHEAD + shared_input(format) + output(funding))
}

/// Wallet coins added by one side.
pub(super) const fn wallet_inputs(count: u8) -> Weight {
    Weight::from_wu(count as u64 * (INPUT + KEY_SPEND))
}

/// An output added by one side.
pub(super) const fn payout(script: ScriptType) -> Weight {
    Weight::from_wu(output(script))
}

/// A cooperative close that pays `outputs` P2TR outputs.
pub(super) const fn close(format: CommitmentFormat, outputs: usize) -> Weight {
    Weight::from_wu(OVERHEAD + shared_input(format) + outputs as u64 * output(ScriptType::P2tr))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_those_of_the_transactions() {
        // One input and one output by key: 444 WU; P2A would be 52 WU more.
        assert_eq!(close(CommitmentFormat::TaprootV3, 1).to_wu(), 444);
        assert_eq!(payout(ScriptType::P2a).to_wu(), 52);
        assert_eq!(payout(ScriptType::P2wpkh).to_wu(), 124);
        assert_eq!(splice_common(CommitmentFormat::TaprootV3).to_wu(), 444);
        // A published splice of a 2-of-2 with one P2WPKH coin (272 WU) and P2TR change weighs 1044 WU.
        let published = splice_common(CommitmentFormat::SegwitAnchors).to_wu() + 272 + 172;
        assert_eq!(published, 1044);
        assert_eq!(wallet_inputs(2).to_wu(), 460);
    }
}
