//! Every way to spend an output of a channel, and what the input weighs in each commitment format.

use channel_core::{CltvExpiry, CommitmentFormat, CsvDelay};

use super::input::InputWeight;
use super::script::{self, ScriptFamily, SegwitScripts, TaprootScripts};
use super::size::{
    ECDSA_SIGNATURE, PREIMAGE, PUBLIC_KEY, SCHNORR_SIGNATURE, SCHNORR_SIGNATURE_WITH_SIGHASH, WitnessStack,
    control_block,
};

/// How a funding, commitment or second-level output is spent. Every path exists in every format; anchors, which do
/// not, are an [`AnchorPath`].
///
/// "Own commitment" and "peer's commitment" say whose transaction holds the output. A path carries the delay or the
/// expiry only where a script the spender reveals can contain it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpendPath {
    /// The funding output by both parties: MuSig2 key path, or the 2-of-2 script.
    Funding,
    /// `to_local` of the own commitment, after the delay.
    ToLocalDelayed(CsvDelay),
    /// `to_local` of the peer's revoked commitment.
    ToLocalRevoked(CsvDelay),
    /// `to_remote` of the peer's commitment, which is ours.
    ToRemote,
    /// An HTLC we offered, on the own commitment: the input of HTLC-timeout.
    HtlcTimeout,
    /// An HTLC we accepted, on the own commitment: the input of HTLC-success.
    HtlcSuccess(CltvExpiry),
    /// An HTLC the peer offered, on the peer's commitment, claimed with the preimage.
    ClaimWithPreimage,
    /// An HTLC the peer accepted, on the peer's commitment, claimed after its expiry.
    ClaimAtTimeout(CltvExpiry),
    /// An HTLC the peer offered, on the peer's revoked commitment.
    RevokedOffered,
    /// An HTLC the peer accepted, on the peer's revoked commitment.
    RevokedAccepted(CltvExpiry),
    /// The output of the own HTLC-timeout or HTLC-success, after the delay.
    SecondLevelDelayed(CsvDelay),
    /// The output of an HTLC-timeout or HTLC-success the peer made from a revoked commitment.
    SecondLevelRevoked(CsvDelay),
}

impl SpendPath {
    /// The input that spends this way.
    pub const fn input(self, format: CommitmentFormat) -> InputWeight {
        match ScriptFamily::of(format) {
            ScriptFamily::Segwit(scripts) => self.segwit(scripts),
            ScriptFamily::Taproot(scripts) => self.taproot(scripts),
        }
    }

    /// BOLT 3 and BOLT 5: the witness of each branch, the witness script last.
    const fn segwit(self, scripts: SegwitScripts) -> InputWeight {
        let stack = match self {
            Self::Funding => two_of_two(ECDSA_SIGNATURE, ECDSA_SIGNATURE),
            // <sig> <empty, the ELSE branch> <script>
            Self::ToLocalDelayed(delay) | Self::SecondLevelDelayed(delay) => {
                ecdsa().with(0).with(script::to_local_script(delay))
            }
            // <sig> <1, the IF branch> <script>
            Self::ToLocalRevoked(delay) | Self::SecondLevelRevoked(delay) => {
                ecdsa().with(1).with(script::to_local_script(delay))
            }
            Self::ToRemote => return segwit_to_remote(scripts),
            // <empty, for CHECKMULTISIG> <remote sig> <local sig> <empty, no preimage> <script>
            Self::HtlcTimeout => two_ecdsa().with(0).with(script::offered_htlc_script(scripts)),
            // <empty, for CHECKMULTISIG> <remote sig> <local sig> <preimage> <script>
            Self::HtlcSuccess(expiry) => {
                two_ecdsa().with(PREIMAGE).with(script::accepted_htlc_script(scripts, expiry))
            }
            Self::ClaimWithPreimage => ecdsa().with(PREIMAGE).with(script::offered_htlc_script(scripts)),
            Self::ClaimAtTimeout(expiry) => {
                ecdsa().with(0).with(script::accepted_htlc_script(scripts, expiry))
            }
            // <sig> <revocation key, which the script has as a hash> <script>
            Self::RevokedOffered => ecdsa().with(PUBLIC_KEY).with(script::offered_htlc_script(scripts)),
            Self::RevokedAccepted(expiry) => {
                ecdsa().with(PUBLIC_KEY).with(script::accepted_htlc_script(scripts, expiry))
            }
        };
        InputWeight::native(stack)
    }

    /// BOLT simple taproot channels and the zero-fee variant: a revoked output goes by key path, but for `to_local`
    /// of V2, which has an unspendable key above two leaves. There `to_remote` is one leaf below such a key, in V3 it
    /// is a plain key.
    const fn taproot(self, scripts: TaprootScripts) -> InputWeight {
        use TaprootScripts::{V2, V3};

        // The peer's signature is SINGLE|ANYONECANPAY and so carries its sighash byte, our own has none.
        let both = WitnessStack::EMPTY.with(SCHNORR_SIGNATURE_WITH_SIGHASH).with(SCHNORR_SIGNATURE);
        match (self, scripts) {
            (
                Self::Funding | Self::RevokedOffered | Self::RevokedAccepted(_) | Self::SecondLevelRevoked(_),
                V2 | V3,
            )
            | (Self::ToLocalRevoked(_) | Self::ToRemote, V3) => InputWeight::taproot_key_path(),
            (Self::ToLocalDelayed(delay), V2) => leaf_spend(schnorr(), script::delay_leaf(delay), 1),
            (Self::ToLocalDelayed(delay), V3) | (Self::SecondLevelDelayed(delay), V2 | V3) => {
                leaf_spend(schnorr(), script::delay_leaf(delay), 0)
            }
            (Self::ToLocalRevoked(_), V2) => leaf_spend(schnorr(), script::REVOKE_LEAF, 1),
            (Self::ToRemote, V2) => leaf_spend(schnorr(), script::TO_REMOTE_LEAF, 0),
            (Self::HtlcTimeout, V2 | V3) => leaf_spend(both, script::OFFERED_TIMEOUT_LEAF, 1),
            (Self::HtlcSuccess(_), V2 | V3) => {
                leaf_spend(both.with(PREIMAGE), script::ACCEPTED_SUCCESS_LEAF, 1)
            }
            (Self::ClaimWithPreimage, V2 | V3) => {
                leaf_spend(schnorr().with(PREIMAGE), script::offered_success_leaf(scripts), 1)
            }
            (Self::ClaimAtTimeout(expiry), V2 | V3) => {
                leaf_spend(schnorr(), script::accepted_timeout_leaf(scripts, expiry), 1)
            }
        }
    }
}

/// How an anchor output is spent. Which of them a format has differs, so the weight is an `Option`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnchorPath {
    /// A keyed anchor by the party it belongs to (`SegwitAnchors`, `TaprootV2`).
    Keyed,
    /// A keyed anchor by anyone, 16 blocks after the commitment confirmed.
    AfterSixteenBlocks,
    /// The shared P2A anchor by anyone (`SegwitV3`, `TaprootV3`): no witness at all.
    PayToAnchor,
}

impl AnchorPath {
    /// The anchor that bumps a commitment's fee at once: keyed, P2A, or none (`StaticRemoteKey`).
    pub const fn fee_bump(format: CommitmentFormat) -> Option<Self> {
        if format.is_zero_fee() {
            Some(Self::PayToAnchor)
        } else if ScriptFamily::of(format).has_keyed_anchors() {
            Some(Self::Keyed)
        } else {
            None
        }
    }

    /// The input that spends this way, `None` when the format has no such anchor.
    pub const fn input(self, format: CommitmentFormat) -> Option<InputWeight> {
        let family = ScriptFamily::of(format);
        match self {
            Self::PayToAnchor if format.is_zero_fee() => Some(InputWeight::native(WitnessStack::EMPTY)),
            Self::Keyed if family.has_keyed_anchors() => Some(keyed_anchor(family)),
            Self::AfterSixteenBlocks if family.has_keyed_anchors() => Some(open_anchor(family)),
            Self::PayToAnchor | Self::Keyed | Self::AfterSixteenBlocks => None,
        }
    }
}

/// How one party alone spends any output of a commitment or of its second level, anchors included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InputPath {
    /// An output that holds a balance or an HTLC.
    Output(SpendPath),
    /// An anchor.
    Anchor(AnchorPath),
}

impl InputPath {
    /// The input that spends this way, `None` when the format has no such anchor.
    pub const fn input(self, format: CommitmentFormat) -> Option<InputWeight> {
        match self {
            Self::Output(path) => Some(path.input(format)),
            Self::Anchor(path) => path.input(format),
        }
    }
}

impl From<SpendPath> for InputPath {
    fn from(path: SpendPath) -> Self {
        Self::Output(path)
    }
}

impl From<AnchorPath> for InputPath {
    fn from(path: AnchorPath) -> Self {
        Self::Anchor(path)
    }
}

/// By its key: `<sig> <script>`, or the key path.
const fn keyed_anchor(family: ScriptFamily) -> InputWeight {
    match family {
        ScriptFamily::Segwit(_) => InputWeight::native(ecdsa().with(script::ANCHOR_SCRIPT)),
        ScriptFamily::Taproot(_) => InputWeight::taproot_key_path(),
    }
}

/// By anyone: `<empty, the NOTIF branch> <script>`, or `<leaf> <control block>`.
const fn open_anchor(family: ScriptFamily) -> InputWeight {
    match family {
        ScriptFamily::Segwit(_) => {
            InputWeight::native(WitnessStack::EMPTY.with(0).with(script::ANCHOR_SCRIPT))
        }
        ScriptFamily::Taproot(_) => leaf_spend(WitnessStack::EMPTY, script::ANCHOR_LEAF, 0),
    }
}

/// The witness of the 2-of-2 with signatures of the given lengths: `<empty> <sig> <sig> <script>`.
pub(crate) const fn two_of_two(first: u64, second: u64) -> WitnessStack {
    WitnessStack::EMPTY.with(0).with(first).with(second).with(script::FUNDING_SCRIPT)
}

/// `<sig> <script>` with anchors, else P2WPKH.
const fn segwit_to_remote(scripts: SegwitScripts) -> InputWeight {
    match scripts {
        SegwitScripts::Plain => InputWeight::p2wpkh(),
        SegwitScripts::Anchors => InputWeight::native(ecdsa().with(script::TO_REMOTE_SCRIPT)),
    }
}

/// A stack that begins with one's own ECDSA signature.
const fn ecdsa() -> WitnessStack {
    WitnessStack::EMPTY.with(ECDSA_SIGNATURE)
}

/// A stack that begins with what CHECKMULTISIG takes: its extra element and both signatures.
const fn two_ecdsa() -> WitnessStack {
    WitnessStack::EMPTY.with(0).with(ECDSA_SIGNATURE).with(ECDSA_SIGNATURE)
}

/// A stack that begins with one's own Schnorr signature.
const fn schnorr() -> WitnessStack {
    WitnessStack::EMPTY.with(SCHNORR_SIGNATURE)
}

const fn leaf_spend(satisfaction: WitnessStack, leaf: u64, depth: u64) -> InputWeight {
    InputWeight::native(satisfaction.with(leaf).with(control_block(depth)))
}
