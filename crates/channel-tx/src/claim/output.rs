//! An output of a commitment or of its second level, and every way one party alone can spend it.

use alloc::vec::Vec;

use bitcoin::absolute::LockTime;
use bitcoin::secp256k1::PublicKey;
use bitcoin::{OutPoint, Sequence, TxOut};
use channel_core::commitment::HtlcOutput;
use channel_core::htlc::HtlcDirection;
use channel_core::{CsvDelay, Side};

use crate::commitment::{Commitment, OutputRole};
use crate::format::{FormatRules, Scripts};
use crate::keys::CommitmentKeys;
use crate::script::{LeafRole, OutputScript, Unlock};
use crate::spend::{ChannelKey, ChannelSpend, InputHint, KeyHint, SpendStack, StackItem};
use crate::weight::script::TaprootScripts;
use crate::weight::{AnchorPath, InputPath, InputWeight, SpendPath};

/// How long a keyed anchor belongs to its party alone, in blocks.
pub(super) const ANCHOR_DELAY: u16 = 16;

/// An output of a commitment or of its second level, with what spending it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelOutput {
    /// Where it is.
    pub outpoint: OutPoint,
    /// What stands on the chain.
    pub txout: TxOut,
    /// What it is.
    pub role: ChannelRole,
    pub(super) frame: OutputFrame,
    script: OutputScript,
}

/// What an output is. "Local" is the owner of the commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelRole {
    /// An output of the commitment itself.
    OnCommitment(OutputRole),
    /// The output of the owner's HTLC-timeout or HTLC-success that spent this HTLC; `None` for an HTLC that is not
    /// stored, since the script is the same for all.
    SecondLevel(Option<HtlcOutput>),
}

/// How one party alone spends an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClaimPath {
    /// `to_local` or a second-level output by the owner, after `to_self_delay`.
    Delayed,
    /// `to_local`, an HTLC or a second-level output by the other party, with the revocation key.
    Revoked,
    /// `to_remote` by the other party.
    Balance,
    /// An HTLC the owner offered, by the other party with the preimage.
    Preimage,
    /// An HTLC the owner accepted, by the other party once it expired.
    Timeout,
    /// A keyed anchor by its party.
    Anchor,
    /// A keyed anchor by anyone, sixteen blocks after it confirmed.
    OpenAnchor,
    /// The shared anchor by anyone.
    SharedAnchor,
}

/// One way to spend one output: everything the input of a transaction needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputSpend {
    /// The way.
    pub path: ClaimPath,
    /// Who can go it; `None` for anyone.
    pub spender: Option<Side>,
    /// Who signs, with what, and the witness.
    pub hint: InputHint,
    /// What the input weighs.
    pub weight: InputWeight,
    /// The sequence of the input.
    pub sequence: Sequence,
    /// The lowest lock time of the transaction.
    pub lock_time: LockTime,
}

/// What the outputs of one commitment have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OutputFrame {
    pub(super) rules: FormatRules,
    pub(super) owner: Side,
    pub(super) to_self_delay: CsvDelay,
    pub(super) point: PublicKey,
    pub(super) revocation: PublicKey,
}

impl OutputFrame {
    pub(super) fn new(
        rules: FormatRules,
        owner: Side,
        to_self_delay: CsvDelay,
        keys: &CommitmentKeys,
    ) -> Self {
        let (point, revocation) = (keys.per_commitment_point(), keys.revocation());
        Self { rules, owner, to_self_delay, point, revocation }
    }
}

impl ClaimPath {
    /// Every way.
    pub const ALL: [Self; 8] = [
        Self::Delayed,
        Self::Revoked,
        Self::Balance,
        Self::Preimage,
        Self::Timeout,
        Self::Anchor,
        Self::OpenAnchor,
        Self::SharedAnchor,
    ];
}

impl ChannelRole {
    /// The HTLC it belongs to, if it does to one.
    pub const fn htlc(&self) -> Option<&HtlcOutput> {
        match self {
            Self::OnCommitment(OutputRole::Htlc(htlc)) | Self::SecondLevel(Some(htlc)) => Some(htlc),
            Self::OnCommitment(_) | Self::SecondLevel(None) => None,
        }
    }

    /// True for anchors, which hold no balance.
    pub const fn is_anchor(&self) -> bool {
        matches!(
            self,
            Self::OnCommitment(OutputRole::LocalAnchor | OutputRole::RemoteAnchor | OutputRole::SharedAnchor)
        )
    }
}

impl Commitment {
    /// Its outputs, each with every way to spend it.
    pub fn channel_outputs(&self) -> Vec<ChannelOutput> {
        let frame = OutputFrame::new(*self.rules(), self.owner(), self.to_self_delay(), self.keys());
        let txid = self.txid();
        let roles = self.outputs().iter().zip(&self.transaction().output).zip(0..);
        roles
            .filter_map(|((output, txout), vout)| {
                let script = self.output_script(usize::try_from(vout).ok()?)?;
                let role = ChannelRole::OnCommitment(output.role);
                Some(ChannelOutput::new(OutPoint { txid, vout }, txout.clone(), role, &frame, script))
            })
            .collect()
    }
}

impl ChannelOutput {
    pub(super) fn new(
        outpoint: OutPoint,
        txout: TxOut,
        role: ChannelRole,
        frame: &OutputFrame,
        script: OutputScript,
    ) -> Self {
        Self { outpoint, txout, role, frame: frame.clone(), script }
    }

    /// Whose commitment it belongs to.
    pub const fn owner(&self) -> Side {
        self.frame.owner
    }

    /// The rules of the format.
    pub const fn rules(&self) -> &FormatRules {
        &self.frame.rules
    }

    /// The delay on the owner's outputs.
    pub const fn to_self_delay(&self) -> CsvDelay {
        self.frame.to_self_delay
    }

    /// Its script, with all that spending it reveals.
    pub const fn script(&self) -> &OutputScript {
        &self.script
    }

    /// Every way one party alone can spend it. The owner's way to spend an HTLC is its second-level transaction, which
    /// takes both signatures: see [`Commitment::htlc_transactions`].
    pub fn spends(&self) -> impl Iterator<Item = OutputSpend> {
        ClaimPath::ALL.into_iter().filter_map(|path| self.spend(path))
    }

    /// This way to spend it, `None` when it cannot be spent so.
    pub fn spend(&self, path: ClaimPath) -> Option<OutputSpend> {
        let weight_path = self.weight_path(path)?;
        let format = self.frame.rules.format;
        Some(OutputSpend {
            path,
            spender: self.spender(path),
            hint: self.hint(path, weight_path)?,
            weight: weight_path.input(format)?,
            sequence: self.sequence(path),
            lock_time: self.lock_time(path),
        })
    }

    /// Which outputs can be spent which way.
    fn weight_path(&self, path: ClaimPath) -> Option<InputPath> {
        use ChannelRole::{OnCommitment, SecondLevel};
        use HtlcDirection::{Accepted, Offered};

        let delay = self.frame.to_self_delay;
        let htlc = self.role.htlc().map(|output| (output.direction, output.htlc.cltv_expiry));
        Some(match (path, &self.role, htlc) {
            (ClaimPath::Delayed, OnCommitment(OutputRole::ToLocal), _) => {
                SpendPath::ToLocalDelayed(delay).into()
            }
            (ClaimPath::Delayed, SecondLevel(_), _) => SpendPath::SecondLevelDelayed(delay).into(),
            (ClaimPath::Revoked, OnCommitment(OutputRole::ToLocal), _) => {
                SpendPath::ToLocalRevoked(delay).into()
            }
            (ClaimPath::Revoked, SecondLevel(_), _) => SpendPath::SecondLevelRevoked(delay).into(),
            (ClaimPath::Revoked, OnCommitment(_), Some((Offered, _))) => SpendPath::RevokedOffered.into(),
            (ClaimPath::Revoked, OnCommitment(_), Some((Accepted, expiry))) => {
                SpendPath::RevokedAccepted(expiry).into()
            }
            (ClaimPath::Balance, OnCommitment(OutputRole::ToRemote), _) => SpendPath::ToRemote.into(),
            (ClaimPath::Preimage, OnCommitment(_), Some((Offered, _))) => SpendPath::ClaimWithPreimage.into(),
            (ClaimPath::Timeout, OnCommitment(_), Some((Accepted, expiry))) => {
                SpendPath::ClaimAtTimeout(expiry).into()
            }
            (ClaimPath::Anchor, OnCommitment(OutputRole::LocalAnchor | OutputRole::RemoteAnchor), _) => {
                AnchorPath::Keyed.into()
            }
            (ClaimPath::OpenAnchor, OnCommitment(OutputRole::LocalAnchor | OutputRole::RemoteAnchor), _) => {
                AnchorPath::AfterSixteenBlocks.into()
            }
            (ClaimPath::SharedAnchor, OnCommitment(OutputRole::SharedAnchor), _) => {
                AnchorPath::PayToAnchor.into()
            }
            _ => return None,
        })
    }

    fn spender(&self, path: ClaimPath) -> Option<Side> {
        let owner = self.frame.owner;
        match (path, &self.role) {
            (ClaimPath::OpenAnchor | ClaimPath::SharedAnchor, _) => None,
            (ClaimPath::Delayed, _)
            | (ClaimPath::Anchor, ChannelRole::OnCommitment(OutputRole::LocalAnchor)) => Some(owner),
            _ => Some(owner.other()),
        }
    }

    fn hint(&self, path: ClaimPath, weight_path: InputPath) -> Option<InputHint> {
        let unlock = self.unlock(path)?;
        Some(match path {
            ClaimPath::SharedAnchor => InputHint::Anchor,
            ClaimPath::OpenAnchor => InputHint::OpenAnchor(unlock),
            _ => {
                let key = KeyHint { key: self.key(path), per_commitment_point: self.frame.point };
                InputHint::Channel(ChannelSpend { path: weight_path, unlock, key, stack: self.stack(path) })
            }
        })
    }

    fn unlock(&self, path: ClaimPath) -> Option<Unlock> {
        let leaf = match path {
            ClaimPath::Delayed => Some(LeafRole::Delay),
            ClaimPath::Revoked => Some(LeafRole::Revoke),
            ClaimPath::Balance => Some(LeafRole::ToRemote),
            ClaimPath::Preimage => Some(LeafRole::Success),
            ClaimPath::Timeout => Some(LeafRole::Timeout),
            ClaimPath::OpenAnchor => Some(LeafRole::Anchor),
            ClaimPath::Anchor | ClaimPath::SharedAnchor => None,
        };
        match &self.script {
            OutputScript::Taproot(output) => match leaf.and_then(|role| output.leaf_path(role)) {
                Some(unlock) => Some(unlock),
                // Revocation and balance go by key where no leaf is there for them.
                None => matches!(path, ClaimPath::Revoked | ClaimPath::Balance | ClaimPath::Anchor)
                    .then(|| output.key_path()),
            },
            OutputScript::Witness(script) => Some(Unlock::WitnessScript(script.clone())),
            OutputScript::Wpkh(key) => Some(Unlock::Wpkh(*key)),
            OutputScript::Anchor => Some(Unlock::Nothing),
        }
    }

    fn key(&self, path: ClaimPath) -> ChannelKey {
        let taproot = matches!(self.frame.rules.scripts, Scripts::Taproot(_));
        match (path, &self.role) {
            (ClaimPath::Delayed, _) => ChannelKey::DelayedPayment,
            (ClaimPath::Revoked, _) => ChannelKey::Revocation,
            (ClaimPath::Preimage | ClaimPath::Timeout, _) => ChannelKey::Htlc,
            (ClaimPath::Anchor, _) if !taproot => ChannelKey::Funding,
            (ClaimPath::Anchor, ChannelRole::OnCommitment(OutputRole::LocalAnchor)) => {
                ChannelKey::DelayedPayment
            }
            _ => ChannelKey::Payment,
        }
    }

    /// What goes below the revealed script, from the bottom: a script takes it from the top.
    fn stack(&self, path: ClaimPath) -> SpendStack {
        use StackItem::{Preimage, Signature};

        let bytes = |bytes: &[u8]| StackItem::Bytes(bytes.iter().copied().collect());
        let witness_script = matches!(self.script, OutputScript::Witness(_));
        let htlc = matches!(self.role, ChannelRole::OnCommitment(OutputRole::Htlc(_)));
        let signature_first = matches!(self.frame.rules.scripts, Scripts::Taproot(TaprootScripts::V3));
        let mut stack = SpendStack::new();
        match path {
            // The leaf of V3 checks the signature before the preimage, all others the preimage before it.
            ClaimPath::Preimage if signature_first => stack.extend([Preimage, Signature]),
            ClaimPath::Preimage => stack.extend([Signature, Preimage]),
            ClaimPath::Delayed | ClaimPath::Timeout if witness_script => {
                stack.extend([Signature, bytes(&[])]);
            }
            ClaimPath::Revoked if witness_script && htlc => {
                stack.extend([Signature, bytes(&self.frame.revocation.serialize())]);
            }
            ClaimPath::Revoked if witness_script => stack.extend([Signature, bytes(&[1])]),
            _ => stack.push(Signature),
        }
        stack
    }

    fn sequence(&self, path: ClaimPath) -> Sequence {
        match path {
            ClaimPath::Delayed => Sequence::from_height(self.frame.to_self_delay.to_blocks()),
            ClaimPath::Balance | ClaimPath::Preimage | ClaimPath::Timeout => self.frame.rules.claim_sequence,
            ClaimPath::OpenAnchor => Sequence::from_height(ANCHOR_DELAY),
            ClaimPath::Revoked | ClaimPath::Anchor | ClaimPath::SharedAnchor => {
                Sequence::ENABLE_RBF_NO_LOCKTIME
            }
        }
    }

    fn lock_time(&self, path: ClaimPath) -> LockTime {
        match (path, self.role.htlc()) {
            (ClaimPath::Timeout, Some(output)) => {
                LockTime::from_consensus(output.htlc.cltv_expiry.to_height())
            }
            _ => LockTime::ZERO,
        }
    }
}

impl OutputSpend {
    /// The relative delay its sequence asks for, in blocks.
    pub fn delay(&self) -> u16 {
        match self.sequence.to_relative_lock_time() {
            Some(bitcoin::relative::LockTime::Blocks(blocks)) => blocks.value(),
            _ => 0,
        }
    }

    /// With the preimage in its place in the witness; paths without one stay as they are.
    #[must_use]
    pub fn with_preimage(mut self, preimage: &[u8; 32]) -> Self {
        if let InputHint::Channel(spend) = self.hint {
            self.hint = InputHint::Channel(spend.with_preimage(preimage));
        }
        self
    }
}
