//! Nominal weights: the figures the specifications state and charge fees by, where they differ from the bytes.
//!
//! Peers must agree on a commitment's fee to the satoshi, so BOLT 3 fixes a weight per format, whatever the signatures
//! turn out to weigh. For what a transaction really weighs use [`commitment`](super::enforcement::commitment),
//! [`htlc_timeout`](super::enforcement::htlc_timeout) and [`htlc_success`](super::enforcement::htlc_success).

use bitcoin::Weight;
use channel_core::CommitmentFormat;

use super::enforcement::{MainOutputs, commitment as exact_commitment};
use super::output::OutputKind;
use super::script::{ScriptFamily, SegwitScripts};
use super::spend::two_of_two;

/// The second-level transactions of an HTLC on the own commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HtlcTransaction {
    /// HTLC-timeout, for an offered HTLC.
    Timeout,
    /// HTLC-success, for an accepted HTLC.
    Success,
}

/// Version (4), one input (1 + 41) and lock time (4), in bytes: a commitment without outputs and their count.
const FRAME: u64 = 50;
/// Bytes of output count where BOLT 3 allows for many outputs.
const WIDE_COUNT: u64 = 3;

/// The nominal weight of a commitment with `htlcs` untrimmed HTLCs, as if no main output was trimmed: 172 WU per HTLC
/// and
///
/// | format | WU | derivation |
/// |---|---|---|
/// | `StaticRemoteKey` | 724 | 4 x (50 + 1 + 43 + 31) + 2 + 222 |
/// | `SegwitAnchors` | 1124 | 4 x (50 + 3 + 4 x 43) + 2 + 222: an output count of three bytes |
/// | `SegwitV3` | 773 | 4 x (50 + 1 + 43 + 31 + 13) + 2 + 219: signatures of 71 and 72 bytes instead of 73 |
/// | `TaprootV2` | 968 | 4 x (50 + 3 + 4 x 43) + 2 + 66: an output count of three bytes |
/// | `TaprootV3` | 668 | 4 x (50 + 1 + 2 x 43 + 13) + 2 + 66, exact |
///
/// The zero-fee formats charge nothing; there the figure serves the size limits.
pub const fn commitment(format: CommitmentFormat, htlcs: u16) -> Weight {
    let base = match (ScriptFamily::of(format), format.is_zero_fee()) {
        (ScriptFamily::Segwit(SegwitScripts::Plain), true) => {
            let outputs = 1 + 43 + 31 + OutputKind::P2a.size();
            4 * (FRAME + outputs) + 2 + two_of_two(71, 72).weight().to_wu()
        }
        (ScriptFamily::Segwit(SegwitScripts::Anchors), _) => {
            4 * (FRAME + WIDE_COUNT + 4 * 43) + 2 + two_of_two(73, 73).weight().to_wu()
        }
        (ScriptFamily::Taproot(_), false) => 4 * (FRAME + WIDE_COUNT + 4 * 43) + 2 + 66,
        (ScriptFamily::Segwit(SegwitScripts::Plain), false) | (ScriptFamily::Taproot(_), true) => {
            exact_commitment(format, MainOutputs::Both, 0).weight().to_wu()
        }
    };
    Weight::from_wu(base + 172 * htlcs as u64)
}

/// The nominal weight of an HTLC transaction.
///
/// | format | timeout | success |
/// |---|---|---|
/// | `StaticRemoteKey`, `SegwitV3` | 663 | 703 |
/// | `SegwitAnchors` | 666 | 706 |
/// | `TaprootV2`, `TaprootV3` | 645 | 705 |
///
/// The Taproot figures and the timeouts are exact. The segwit successes are not: a four-byte expiry gives 702 and 705,
/// today's three-byte heights 701 and 704; BOLT 3 keeps the larger figures for history's sake.
pub const fn htlc(format: CommitmentFormat, transaction: HtlcTransaction) -> Weight {
    let wu = match (ScriptFamily::of(format), transaction) {
        (ScriptFamily::Segwit(SegwitScripts::Plain), HtlcTransaction::Timeout) => 663,
        (ScriptFamily::Segwit(SegwitScripts::Plain), HtlcTransaction::Success) => 703,
        (ScriptFamily::Segwit(SegwitScripts::Anchors), HtlcTransaction::Timeout) => 666,
        (ScriptFamily::Segwit(SegwitScripts::Anchors), HtlcTransaction::Success) => 706,
        (ScriptFamily::Taproot(_), HtlcTransaction::Timeout) => 645,
        (ScriptFamily::Taproot(_), HtlcTransaction::Success) => 705,
    };
    Weight::from_wu(wu)
}
