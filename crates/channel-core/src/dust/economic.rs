//! Economic dust: the value under which an output costs more to spend than it holds, per path and feerate.
//!
//! The weights are summed here from the scripts and witnesses of each format, so that the rule needs no transaction
//! builder. Three lengths are not fixed by the scripts and are taken as follows: `to_self_delay` has two bytes (128 to
//! 32,767 blocks), heights have three, and segwit v0 signatures count 73 bytes, as BOLT 3 (appendix A) and BOLT 5 count
//! them (72 for the P2WPKH `to_remote`). Taproot signatures have exactly 64.

use bitcoin::{Amount, Weight};

use crate::htlc::HtlcDirection;
use crate::quantity::{CommitmentFormat, FeerateKw};

/// A way to turn an output into coins of one's own wallet, named for what is spent.
///
/// "Own" is the commitment we published, "peer" the one the peer published, "revoked" an old one of the peer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ExitPath {
    /// Our balance on our commitment, after the delay.
    ToLocal,
    /// Our balance on the peer's commitment.
    ToRemote,
    /// An HTLC we offered, on our commitment: HTLC-timeout input and output, then the sweep of its output.
    OwnOffered,
    /// An HTLC we accepted, on our commitment: HTLC-success input and output, then the sweep of its output.
    OwnAccepted,
    /// The output of an HTLC transaction, after the delay.
    SecondLevel,
    /// An HTLC the peer offered, on its commitment, claimed with the preimage.
    PeerOffered,
    /// An HTLC the peer accepted, on its commitment, taken back at the timeout.
    PeerAccepted,
    /// The peer's balance on a revoked commitment.
    RevokedToLocal,
    /// An HTLC the peer offered, on a revoked commitment.
    RevokedOffered,
    /// An HTLC the peer accepted, on a revoked commitment.
    RevokedAccepted,
    /// The output of an HTLC transaction of a revoked commitment.
    RevokedSecondLevel,
    /// Our keyed anchor, spent at once to raise the fee.
    KeyedAnchor,
    /// A keyed anchor that anyone may sweep 16 blocks after the commitment.
    AbandonedAnchor,
    /// The pay-to-anchor output of a zero-fee commitment.
    SharedAnchor,
}

impl ExitPath {
    /// Every path.
    pub const ALL: [Self; 14] = [
        Self::ToLocal,
        Self::ToRemote,
        Self::OwnOffered,
        Self::OwnAccepted,
        Self::SecondLevel,
        Self::PeerOffered,
        Self::PeerAccepted,
        Self::RevokedToLocal,
        Self::RevokedOffered,
        Self::RevokedAccepted,
        Self::RevokedSecondLevel,
        Self::KeyedAnchor,
        Self::AbandonedAnchor,
        Self::SharedAnchor,
    ];

    /// The path by which we claim an HTLC of this direction on our own commitment.
    pub const fn own_htlc(direction: HtlcDirection) -> Self {
        match direction {
            HtlcDirection::Offered => Self::OwnOffered,
            HtlcDirection::Accepted => Self::OwnAccepted,
        }
    }

    /// The path by which we claim an HTLC that has this direction on the peer's commitment, seen as the peer sees it.
    pub const fn peer_htlc(direction: HtlcDirection) -> Self {
        match direction {
            HtlcDirection::Offered => Self::PeerOffered,
            HtlcDirection::Accepted => Self::PeerAccepted,
        }
    }

    /// True when commitments of the format have such an output; only the anchors differ.
    pub const fn exists_in(self, format: CommitmentFormat) -> bool {
        match self {
            Self::KeyedAnchor | Self::AbandonedAnchor => format.has_keyed_anchors(),
            Self::SharedAnchor => format.is_zero_fee(),
            _ => true,
        }
    }

    /// The weight this path adds to transactions of our own, in WU: every input spent along it, and the output between
    /// two stages. A transaction's own 42 WU and its destination are shared by all it sweeps and not counted, except
    /// for the HTLC transactions of [`CommitmentFormat::StaticRemoteKey`], which cannot be batched.
    ///
    /// Zero when the format has no such output ([`Self::exists_in`]).
    pub const fn weight(self, format: CommitmentFormat) -> Weight {
        if !self.exists_in(format) {
            return Weight::ZERO;
        }
        Weight::from_wu(if format.is_taproot() {
            self.taproot_weight(matches!(format, CommitmentFormat::TaprootV3))
        } else {
            self.segwit_weight(format)
        })
    }

    /// Inputs of the Taproot formats. Items: 64-byte signatures (65 with a sighash byte), scripts, control blocks of 33
    /// bytes and 32 for each sibling.
    const fn taproot_weight(self, v3: bool) -> u64 {
        let delay = DROP_SIG_CHECK + push(2) + 1;
        let key_path = Witness::new().item(64).input();
        let second_level = Witness::new().item(64).item(delay).item(33).input();
        let hash_check = 1 + push(1) + 1 + 1 + push(20) + 1;
        match self {
            // v3 has the same script and control block as a second level: one leaf under the revocation key.
            Self::ToLocal if !v3 => Witness::new().item(64).item(delay).item(65).input(),
            // <remote> CHECKSIGVERIFY 1 CSV
            Self::ToRemote if !v3 => Witness::new().item(64).item(DROP_SIG_CHECK + 1 + 1).item(33).input(),
            // <local> CHECKSIGVERIFY <remote> CHECKSIG, the peer's signature with its sighash byte
            Self::OwnOffered => {
                let timeout = Witness::new().item(65).item(64).item(2 * DROP_SIG_CHECK).item(65).input();
                timeout + OUTPUT + second_level
            }
            Self::OwnAccepted => {
                let script = hash_check + 2 * DROP_SIG_CHECK;
                let success = Witness::new().item(65).item(64).item(32).item(script).item(65).input();
                success + OUTPUT + second_level
            }
            Self::PeerOffered => {
                // v2 waits one block (1 CSV) and verifies the signature before; v3 ends with the hash check.
                let script = hash_check + DROP_SIG_CHECK + if v3 { 0 } else { 2 };
                Witness::new().item(64).item(32).item(script).item(65).input()
            }
            Self::PeerAccepted => {
                // <remote> CHECKSIGVERIFY [1 CSV VERIFY] <height> CLTV
                let script = DROP_SIG_CHECK + push(3) + 1 + if v3 { 0 } else { 3 };
                Witness::new().item(64).item(script).item(65).input()
            }
            // <delayed> DROP <revocation> CHECKSIG
            Self::RevokedToLocal if !v3 => Witness::new().item(64).item(2 * DROP_SIG_CHECK).item(65).input(),
            Self::ToLocal | Self::SecondLevel => second_level,
            Self::ToRemote
            | Self::RevokedToLocal
            | Self::RevokedOffered
            | Self::RevokedAccepted
            | Self::RevokedSecondLevel
            | Self::KeyedAnchor => key_path,
            // 16 CSV
            Self::AbandonedAnchor => Witness::new().item(2).item(33).input(),
            Self::SharedAnchor => Witness::new().input(),
        }
    }

    /// Inputs of the segwit v0 formats, with the scripts of BOLT 3.
    const fn segwit_weight(self, format: CommitmentFormat) -> u64 {
        // IF <revocation> ELSE <delay> CSV DROP <delayed> ENDIF CHECKSIG
        let delay = 1 + push(33) + 1 + push(2) + 1 + 1 + push(33) + 1 + 1;
        let second_level = Witness::new().item(SIG).item(0).item(delay).input();
        // With anchors, claims on the peer's commitment wait one block: 1 CSV DROP.
        let wait = if matches!(format, CommitmentFormat::SegwitAnchors) { 3 } else { 0 };
        let offered = OFFERED_SCRIPT + wait;
        let accepted = ACCEPTED_SCRIPT + wait;
        let timeout = Witness::new().item(0).item(SIG).item(SIG).item(0).item(offered).input();
        let success = Witness::new().item(0).item(SIG).item(SIG).item(32).item(accepted).input();
        match self {
            Self::ToLocal | Self::SecondLevel => second_level,
            // <remote> CHECKSIGVERIFY 1 CSV, or P2WPKH
            Self::ToRemote if wait > 0 => Witness::new().item(SIG).item(push(33) + 3).input(),
            Self::ToRemote => Witness::new().item(LOW_S_SIG).item(33).input(),
            Self::OwnOffered => own_htlc(format, HtlcDirection::Offered, timeout) + second_level,
            Self::OwnAccepted => own_htlc(format, HtlcDirection::Accepted, success) + second_level,
            Self::PeerOffered => Witness::new().item(SIG).item(32).item(offered).input(),
            Self::PeerAccepted => Witness::new().item(SIG).item(0).item(accepted).input(),
            Self::RevokedToLocal | Self::RevokedSecondLevel => {
                Witness::new().item(SIG).item(1).item(delay).input()
            }
            Self::RevokedOffered => Witness::new().item(SIG).item(33).item(offered).input(),
            Self::RevokedAccepted => Witness::new().item(SIG).item(33).item(accepted).input(),
            // <key> CHECKSIG IFDUP NOTIF 16 CSV ENDIF
            Self::KeyedAnchor => Witness::new().item(SIG).item(push(33) + 6).input(),
            Self::AbandonedAnchor => Witness::new().item(0).item(push(33) + 6).input(),
            Self::SharedAnchor => Witness::new().input(),
        }
    }
}

/// The first stage of an own HTLC: input and output where it can be batched, else the whole pre-signed transaction.
const fn own_htlc(format: CommitmentFormat, direction: HtlcDirection, input: u64) -> u64 {
    match format.second_stage_weight(direction) {
        Some(whole) => whole.to_wu(),
        None => input + OUTPUT,
    }
}

/// A P2TR or P2WSH output: 8 bytes of value, 1 of length, 34 of script, 4 WU each.
const OUTPUT: u64 = 4 * (8 + 1 + 34);
/// A segwit v0 signature with its sighash byte, as BOLT 3 counts it.
const SIG: u64 = 73;
/// A signature of our own wallet key, which is always made low-S: BOLT 5 counts the P2WPKH input with it.
const LOW_S_SIG: u64 = 72;
/// `<32-byte key> CHECKSIG`, or the same with `CHECKSIGVERIFY` or `DROP`.
const DROP_SIG_CHECK: u64 = push(32) + 1;
/// DUP HASH160 <20> EQUAL IF CHECKSIG ELSE <33> SWAP SIZE <1> EQUAL: the head of both segwit v0 HTLC scripts.
const HTLC_HEAD: u64 = 1 + 1 + push(20) + 1 + 1 + 1 + 1 + push(33) + 1 + 1 + push(1) + 1;
/// NOTIF DROP 2 SWAP <33> 2 CHECKMULTISIG ELSE HASH160 <20> EQUALVERIFY CHECKSIG ENDIF ENDIF
const OFFERED_SCRIPT: u64 = HTLC_HEAD + 4 + push(33) + 2 + 1 + 1 + push(20) + 1 + 1 + 1 + 1;
/// IF HASH160 <20> EQUALVERIFY 2 SWAP <33> 2 CHECKMULTISIG ELSE DROP <height> CLTV DROP CHECKSIG ENDIF ENDIF
const ACCEPTED_SCRIPT: u64 =
    HTLC_HEAD + 1 + 1 + push(20) + 1 + 2 + push(33) + 2 + 1 + 1 + push(3) + 1 + 1 + 1 + 1 + 1;

/// The bytes of pushing `len` bytes in a script.
const fn push(len: u64) -> u64 {
    1 + len
}

/// A witness as it grows: one byte for the number of items, then one of length and the item itself, 1 WU each.
struct Witness(u64);

impl Witness {
    const fn new() -> Self {
        Self(1)
    }

    const fn item(self, len: u64) -> Self {
        Self(self.0 + 1 + len)
    }

    /// The whole input: outpoint, empty script and sequence at 4 WU a byte, then the witness.
    const fn input(self) -> u64 {
        4 * (32 + 4 + 1 + 4) + self.0
    }
}

/// The smallest value worth spending along a path at a feerate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EconomicDust(Amount);

impl EconomicDust {
    /// What spending along `path` costs at `feerate`, rounded up to whole satoshi.
    pub const fn of(path: ExitPath, format: CommitmentFormat, feerate: FeerateKw) -> Self {
        Self(feerate.fee_ceil(path.weight(format)))
    }

    /// The cost in sat.
    pub const fn to_amount(self) -> Amount {
        self.0
    }

    /// True when an output of `value` returns less than it costs. One that returns exactly its cost is not dust.
    pub fn is_dust(self, value: Amount) -> bool {
        value < self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(path: ExitPath) -> [u64; 5] {
        CommitmentFormat::ALL.map(|format| path.weight(format).to_wu())
    }

    #[test]
    fn taproot_weights_are_those_of_the_specification() {
        let taproot = |path: ExitPath| {
            [CommitmentFormat::TaprootV2, CommitmentFormat::TaprootV3]
                .map(|format| path.weight(format).to_wu())
        };
        for (path, expected) in [
            (ExitPath::ToLocal, [335, 303]),
            (ExitPath::ToRemote, [301, 230]),
            (ExitPath::OwnOffered, [431 + 172 + 303; 2]),
            (ExitPath::OwnAccepted, [491 + 172 + 303; 2]),
            (ExitPath::SecondLevel, [303, 303]),
            (ExitPath::PeerOffered, [393, 391]),
            (ExitPath::PeerAccepted, [339, 336]),
            (ExitPath::RevokedToLocal, [365, 230]),
            (ExitPath::RevokedOffered, [230, 230]),
            (ExitPath::RevokedAccepted, [230, 230]),
            (ExitPath::RevokedSecondLevel, [230, 230]),
            (ExitPath::KeyedAnchor, [230, 0]),
            (ExitPath::AbandonedAnchor, [202, 0]),
            (ExitPath::SharedAnchor, [0, 165]),
        ] {
            assert_eq!(taproot(path), expected, "{path:?}");
        }
    }

    #[test]
    fn segwit_scripts_have_the_lengths_of_bolt_3() {
        // BOLT 3, appendix A: 133 bytes offered; 140 accepted with a height of four bytes, so 139 with three.
        assert_eq!((OFFERED_SCRIPT, ACCEPTED_SCRIPT), (133, 139));
    }

    #[test]
    fn segwit_weights_follow_from_the_scripts() {
        // Penalty witnesses of BOLT 5: 243 bytes for an offered HTLC and 249 for an accepted one, without anchors.
        assert_eq!(weights(ExitPath::RevokedOffered)[..3], [164 + 243, 164 + 246, 164 + 243]);
        assert_eq!(weights(ExitPath::RevokedAccepted)[..3], [164 + 249, 164 + 252, 164 + 249]);
        assert_eq!(weights(ExitPath::ToLocal)[..3], [318; 3]);
        assert_eq!(weights(ExitPath::ToRemote)[..3], [272, 277, 272]);
        // The whole HTLC transactions without anchors; their 42 WU are shared with anchors and in v3.
        assert_eq!(weights(ExitPath::OwnOffered)[..3], [663 + 318, 666 - 42 + 318, 663 - 42 + 318]);
        // BOLT 3 says 703 and 706 for what weighs 702 and 705, and a height of three bytes takes one more away.
        assert_eq!(weights(ExitPath::OwnAccepted)[..3], [703 + 318, 706 - 2 - 42 + 318, 703 - 2 - 42 + 318]);
        assert_eq!(weights(ExitPath::KeyedAnchor)[..3], [0, 164 + 116, 0]);
        assert_eq!(weights(ExitPath::SharedAnchor), [0, 0, 165, 0, 165]);
    }

    #[test]
    fn every_path_of_a_format_weighs_something() {
        for format in CommitmentFormat::ALL {
            for path in ExitPath::ALL {
                assert_eq!(path.weight(format) > Weight::ZERO, path.exists_in(format), "{path:?} {format:?}");
            }
        }
    }

    #[test]
    fn costs_are_per_feerate_and_rounded_up() {
        let cost = |path, kw| {
            let dust = EconomicDust::of(path, CommitmentFormat::TaprootV2, FeerateKw::from_sat_per_kw(kw));
            dust.to_amount().to_sat()
        };
        // At 1 sat/vB: 226.5, 241.5, 98.25, 84.75, 57.5, 83.75 and 75.25 sat.
        assert_eq!(cost(ExitPath::OwnOffered, 250), 227);
        assert_eq!(cost(ExitPath::OwnAccepted, 250), 242);
        assert_eq!(cost(ExitPath::PeerOffered, 250), 99);
        assert_eq!(cost(ExitPath::PeerAccepted, 250), 85);
        assert_eq!(cost(ExitPath::RevokedOffered, 250), 58);
        assert_eq!(cost(ExitPath::ToLocal, 250), 84);
        assert_eq!(cost(ExitPath::ToRemote, 250), 76);
        // A keyed anchor of 330 sat pays for itself up to 5.7 sat/vB.
        assert!(cost(ExitPath::KeyedAnchor, 1434) <= 330 && cost(ExitPath::KeyedAnchor, 1436) > 330);
        assert_eq!(cost(ExitPath::OwnAccepted, 0), 0);
    }

    #[test]
    fn a_value_at_the_cost_is_not_dust() {
        let dust = EconomicDust::of(
            ExitPath::own_htlc(HtlcDirection::Accepted),
            CommitmentFormat::TaprootV3,
            FeerateKw::from_sat_per_kw(5000),
        );
        assert_eq!(dust.to_amount().to_sat(), 4830);
        assert!(dust.is_dust(Amount::from_sat(4829)) && !dust.is_dust(Amount::from_sat(4830)));
        assert_eq!(ExitPath::peer_htlc(HtlcDirection::Offered), ExitPath::PeerOffered);
    }
}
