//! Lengths of the channel scripts in bytes, opcode by opcode: tapscript leaves (BOLT simple taproot channels and its
//! zero-fee variant) and witness scripts (BOLT 3).
//!
//! `<k>` is a key: 33 bytes pushed x-only in a leaf, 34 pushed compressed in a witness script. `num(n)` is the minimal
//! script number of [`script_number`]. Everything else is one byte per opcode.

use channel_core::{CltvExpiry, CommitmentFormat, CsvDelay};

use super::size::{PUBLIC_KEY, push, script_number};

/// The scripts a commitment format is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScriptFamily {
    /// Witness scripts behind P2WSH, funding by 2-of-2.
    Segwit(SegwitScripts),
    /// Leaves and internal keys behind P2TR, funding by MuSig2.
    Taproot(TaprootScripts),
}

/// The two sets of witness scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SegwitScripts {
    /// Without the one-block delays of anchors, `to_remote` is P2WPKH: static remote key and segwit v3.
    Plain,
    /// With `option_anchors`: `1 CSV` on `to_remote` and both HTLC scripts, keyed anchors.
    Anchors,
}

/// The two sets of Taproot outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaprootScripts {
    /// Simple taproot channels: `to_local` and `to_remote` below an unspendable key, `1 CSV`, keyed anchors.
    V2,
    /// Zero-fee commitments: revocation and remote key are internal keys, no one-block delays.
    V3,
}

impl ScriptFamily {
    /// The family of a format, from the facts `channel-core` states about it.
    pub const fn of(format: CommitmentFormat) -> Self {
        match (format.is_taproot(), format.is_zero_fee()) {
            (true, true) => Self::Taproot(TaprootScripts::V3),
            (true, false) => Self::Taproot(TaprootScripts::V2),
            (false, false) if matches!(format, CommitmentFormat::SegwitAnchors) => {
                Self::Segwit(SegwitScripts::Anchors)
            }
            (false, _) => Self::Segwit(SegwitScripts::Plain),
        }
    }

    /// True when each party has an anchor of its own.
    pub(crate) const fn has_keyed_anchors(self) -> bool {
        matches!(self, Self::Segwit(SegwitScripts::Anchors) | Self::Taproot(TaprootScripts::V2))
    }
}

/// A key in a leaf: `0x20 <32 bytes>`.
const X_ONLY: u64 = push(32);
/// A key in a witness script: `0x21 <33 bytes>`.
const COMPRESSED: u64 = push(PUBLIC_KEY);
/// A 20-byte hash: `0x14 <20 bytes>`.
const HASH160: u64 = push(20);
/// `SIZE <32> EQUALVERIFY HASH160 <hash> EQUALVERIFY`, or the last one `EQUAL`.
const PREIMAGE_CHECK: u64 = 1 + push(1) + 1 + 1 + HASH160 + 1;
/// `1 CSV DROP`, which `option_anchors` adds to both HTLC scripts.
const ONE_BLOCK: u64 = 3;

/// Leaf `<delayed> CHECKSIGVERIFY num(delay) CSV`: `to_local` and second-level outputs of both Taproot formats.
/// 38 bytes at 720 blocks.
pub const fn delay_leaf(delay: CsvDelay) -> u64 {
    X_ONLY + 1 + delay_number(delay) + 1
}

/// Leaf `<delayed> DROP <revocation> CHECKSIG` of `to_local`, V2: 68 bytes.
pub const REVOKE_LEAF: u64 = X_ONLY + 1 + X_ONLY + 1;

/// Leaf `<remote> CHECKSIGVERIFY 1 CSV` of `to_remote`, V2: 36 bytes.
pub const TO_REMOTE_LEAF: u64 = X_ONLY + 3;

/// Leaf `16 CSV` of the keyed anchors, V2: 2 bytes.
pub const ANCHOR_LEAF: u64 = 2;

/// Leaf `<local> CHECKSIGVERIFY <remote> CHECKSIG` of an offered HTLC, spent by HTLC-timeout: 68 bytes.
pub const OFFERED_TIMEOUT_LEAF: u64 = X_ONLY + 1 + X_ONLY + 1;

/// Leaf of an accepted HTLC, spent by HTLC-success: the preimage check and `<local> CHECKSIGVERIFY <remote>
/// CHECKSIG`, 95 bytes.
pub const ACCEPTED_SUCCESS_LEAF: u64 = PREIMAGE_CHECK + OFFERED_TIMEOUT_LEAF;

/// Leaf of an offered HTLC, spent by the peer with the preimage. V2: the preimage check and `<remote> CHECKSIGVERIFY
/// 1 CSV`, 63 bytes. V3: `<remote> CHECKSIGVERIFY` and the preimage check that ends in `EQUAL`, 61 bytes.
pub const fn offered_success_leaf(scripts: TaprootScripts) -> u64 {
    match scripts {
        TaprootScripts::V2 => PREIMAGE_CHECK + X_ONLY + 3,
        TaprootScripts::V3 => X_ONLY + 1 + PREIMAGE_CHECK,
    }
}

/// Leaf of an accepted HTLC, spent by the peer at the timeout. V2: `<remote> CHECKSIGVERIFY 1 CSV VERIFY num(expiry)
/// CLTV`, 42 bytes at a three-byte height. V3: `<remote> CHECKSIGVERIFY num(expiry) CLTV`, 39 bytes.
pub const fn accepted_timeout_leaf(scripts: TaprootScripts, expiry: CltvExpiry) -> u64 {
    let opcodes = match scripts {
        TaprootScripts::V2 => 5,
        TaprootScripts::V3 => 2,
    };
    X_ONLY + script_number(expiry.to_height()) + opcodes
}

/// Witness script `2 <a> <b> 2 CHECKMULTISIG` of a segwit funding output: 71 bytes.
pub const FUNDING_SCRIPT: u64 = 1 + COMPRESSED + COMPRESSED + 2;

/// Witness script `IF <revocation> ELSE num(delay) CSV DROP <delayed> ENDIF CHECKSIG` of `to_local` and second-level
/// outputs. 77 bytes at 720 blocks.
pub const fn to_local_script(delay: CsvDelay) -> u64 {
    (1 + COMPRESSED) + (1 + delay_number(delay) + 2 + COMPRESSED) + 2
}

/// Witness script `<remote> CHECKSIGVERIFY 1 CSV` of `to_remote`, with anchors: 37 bytes.
pub const TO_REMOTE_SCRIPT: u64 = COMPRESSED + 3;

/// Witness script `<funding> CHECKSIG IFDUP NOTIF 16 CSV ENDIF` of the keyed anchors: 40 bytes.
pub const ANCHOR_SCRIPT: u64 = COMPRESSED + 6;

/// Head of both HTLC scripts: `DUP HASH160 <hash> EQUAL IF CHECKSIG ELSE <remote> SWAP SIZE <32> EQUAL`, 66 bytes.
const HTLC_HEAD: u64 = 2 + HASH160 + 4 + COMPRESSED + 2 + push(1) + 1;

/// Witness script of an offered HTLC: the head, `NOTIF DROP 2 SWAP <local> 2 CHECKMULTISIG ELSE HASH160 <hash>
/// EQUALVERIFY CHECKSIG ENDIF`, with `option_anchors` a `1 CSV DROP`, then `ENDIF`. 133 bytes, 136 with anchors.
pub const fn offered_htlc_script(scripts: SegwitScripts) -> u64 {
    HTLC_HEAD + (4 + COMPRESSED + 2) + (2 + HASH160 + 3) + one_block(scripts) + 1
}

/// Witness script of an accepted HTLC: the head, `IF HASH160 <hash> EQUALVERIFY 2 SWAP <local> 2 CHECKMULTISIG ELSE
/// DROP num(expiry) CLTV DROP CHECKSIG ENDIF`, with `option_anchors` a `1 CSV DROP`, then `ENDIF`. 139 bytes at a
/// three-byte height, 142 with anchors.
pub const fn accepted_htlc_script(scripts: SegwitScripts, expiry: CltvExpiry) -> u64 {
    let success = 2 + HASH160 + 3 + COMPRESSED + 2;
    let timeout = 2 + script_number(expiry.to_height()) + 4;
    HTLC_HEAD + success + timeout + one_block(scripts) + 1
}

const fn one_block(scripts: SegwitScripts) -> u64 {
    match scripts {
        SegwitScripts::Plain => 0,
        SegwitScripts::Anchors => ONE_BLOCK,
    }
}

const fn delay_number(delay: CsvDelay) -> u64 {
    script_number(delay.to_blocks() as u32)
}

#[cfg(test)]
mod tests {
    use super::super::{TYPICAL_DELAY, TYPICAL_EXPIRY};
    use super::*;

    #[test]
    fn every_format_has_its_family() {
        let families = CommitmentFormat::ALL.map(ScriptFamily::of);
        assert_eq!(
            families,
            [
                ScriptFamily::Segwit(SegwitScripts::Plain),
                ScriptFamily::Segwit(SegwitScripts::Anchors),
                ScriptFamily::Segwit(SegwitScripts::Plain),
                ScriptFamily::Taproot(TaprootScripts::V2),
                ScriptFamily::Taproot(TaprootScripts::V3),
            ]
        );
    }

    #[test]
    fn keyed_anchors_are_where_the_opener_pays_for_them() {
        for format in CommitmentFormat::ALL {
            let keyed = ScriptFamily::of(format).has_keyed_anchors();
            assert_eq!(keyed, format.anchors_total().to_sat() > 0, "{format:?}");
        }
    }

    #[test]
    fn leaves_have_the_published_lengths() {
        assert_eq!(delay_leaf(TYPICAL_DELAY), 38);
        assert_eq!((REVOKE_LEAF, TO_REMOTE_LEAF, ANCHOR_LEAF), (68, 36, 2));
        assert_eq!((OFFERED_TIMEOUT_LEAF, ACCEPTED_SUCCESS_LEAF), (68, 95));
        for (scripts, success, timeout) in [(TaprootScripts::V2, 63, 42), (TaprootScripts::V3, 61, 39)] {
            assert_eq!(offered_success_leaf(scripts), success, "{scripts:?}");
            assert_eq!(accepted_timeout_leaf(scripts, TYPICAL_EXPIRY), timeout, "{scripts:?}");
        }
    }

    #[test]
    fn witness_scripts_have_the_lengths_of_bolt_3() {
        assert_eq!((FUNDING_SCRIPT, to_local_script(TYPICAL_DELAY)), (71, 77));
        assert_eq!((TO_REMOTE_SCRIPT, ANCHOR_SCRIPT, HTLC_HEAD), (37, 40, 66));
        for (scripts, offered, accepted) in
            [(SegwitScripts::Plain, 133, 139), (SegwitScripts::Anchors, 136, 142)]
        {
            assert_eq!(offered_htlc_script(scripts), offered, "{scripts:?}");
            assert_eq!(accepted_htlc_script(scripts, TYPICAL_EXPIRY), accepted, "{scripts:?}");
        }
    }
}
