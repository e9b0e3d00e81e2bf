//! What the commitments of one funding output have in common, and what each state adds.

use bitcoin::secp256k1::PublicKey;
use bitcoin::{Amount, OutPoint, ScriptBuf, TxOut};
use channel_core::commitment::{CommitmentSpec, CommitmentTerms};
use channel_core::{CommitmentNumber, CsvDelay, PerSide, Side};

use super::{BuildError, BuilderError, BuilderId, Commitment, ObscuringFactor, build, script};
use crate::format::{FormatRules, Scripts};
use crate::funding::{FundingError, FundingScript};
use crate::keys::{Basepoints, CommitmentKeys, HtlcKeys, KeyError, Point};
use crate::script::{OutputScript, TaprootOutput, segwit};
use crate::weight::script::SegwitScripts;

/// Builds the commitments of both sides on one funding output.
#[derive(Debug, Clone)]
pub struct CommitmentBuilder {
    pub(super) rules: FormatRules,
    pub(super) terms: CommitmentTerms,
    pub(super) outpoint: OutPoint,
    pub(super) funding: FundingScript,
    pub(super) funding_txout: TxOut,
    pub(super) basepoints: PerSide<Basepoints>,
    pub(super) to_self_delay: PerSide<CsvDelay>,
    pub(super) obscuring: ObscuringFactor,
    pub(super) id: BuilderId,
    /// The id of the same channel as the other party sees it.
    pub(super) mirrored_id: BuilderId,
    statics: PerSide<StaticOutputs>,
}

/// Outputs of one side's commitments that never change.
#[derive(Debug, Clone)]
struct StaticOutputs {
    to_remote: OutputScript,
    anchors: Option<(OutputScript, OutputScript)>,
}

/// The state a commitment belongs to: its number and its owner's point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitmentPoint {
    /// The commitment number.
    pub number: CommitmentNumber,
    /// The owner's `per_commitment_point` of that number.
    pub point: PublicKey,
}

/// All of a commitment that does not depend on amounts, made ahead: its keys and the scripts of its balances.
#[derive(Debug, Clone)]
pub struct PreparedCommitment {
    pub(super) builder: BuilderId,
    pub(super) owner: Side,
    pub(super) number: CommitmentNumber,
    pub(super) keys: CommitmentKeys,
    pub(super) to_local: OutputScript,
    pub(super) to_local_script: ScriptBuf,
    pub(super) to_remote_script: ScriptBuf,
    /// The owner's, the other party's; empty where the format has one for all.
    pub(super) anchor_scripts: Option<(ScriptBuf, ScriptBuf)>,
    pub(super) htlc: Option<HtlcFrame>,
}

/// What the HTLCs of a commitment have in common.
#[derive(Debug, Clone)]
pub(crate) struct HtlcFrame {
    pub(crate) keys: HtlcKeys,
    pub(crate) second_level: OutputScript,
    pub(crate) second_level_script: ScriptBuf,
}

impl CommitmentBuilder {
    /// A builder for the channel on `outpoint`. `to_self_delay` of a side is the delay on that side's own outputs,
    /// which the other side asked for.
    ///
    /// # Errors
    /// [`BuilderError`] when the keys do not make a funding output or the format is not built here.
    pub fn new(
        terms: CommitmentTerms,
        outpoint: OutPoint,
        basepoints: PerSide<Basepoints>,
        to_self_delay: PerSide<CsvDelay>,
    ) -> Result<Self, BuilderError> {
        let rules = FormatRules::of(terms.format).map_err(FundingError::from)?;
        if terms.capacity > Amount::MAX_MONEY {
            return Err(BuilderError::Capacity { capacity: terms.capacity });
        }
        let (local, remote) = (&basepoints.local, &basepoints.remote);
        let funding = FundingScript::new(terms.format, &local.funding, &remote.funding)?;
        let funding_txout = TxOut { value: terms.capacity, script_pubkey: funding.script_pubkey() };
        let (opener, accepter) = (basepoints.of(terms.opener), basepoints.of(terms.opener.other()));
        let statics = PerSide {
            local: StaticOutputs::new(rules.scripts, local, remote)?,
            remote: StaticOutputs::new(rules.scripts, remote, local)?,
        };
        Ok(Self {
            rules,
            terms,
            outpoint,
            funding,
            funding_txout,
            basepoints,
            to_self_delay,
            obscuring: ObscuringFactor::new(&opener.payment, &accepter.payment),
            id: BuilderId::new(&terms, outpoint, &basepoints, to_self_delay),
            mirrored_id: BuilderId::mirrored(&terms, outpoint, &basepoints, to_self_delay),
            statics,
        })
    }

    /// The terms.
    pub const fn terms(&self) -> &CommitmentTerms {
        &self.terms
    }

    /// The rules of the format.
    pub const fn rules(&self) -> &FormatRules {
        &self.rules
    }

    /// The outpoint of the channel.
    pub const fn outpoint(&self) -> OutPoint {
        self.outpoint
    }

    /// The script of the funding output.
    pub const fn funding(&self) -> &FundingScript {
        &self.funding
    }

    /// The funding output: what every commitment spends.
    pub const fn funding_txout(&self) -> &TxOut {
        &self.funding_txout
    }

    /// The keys of both parties.
    pub const fn basepoints(&self) -> &PerSide<Basepoints> {
        &self.basepoints
    }

    /// The delay on the outputs of `owner`, on its own commitment.
    pub const fn to_self_delay(&self, owner: Side) -> CsvDelay {
        *self.to_self_delay.of(owner)
    }

    /// What hides the commitment number.
    pub const fn obscuring_factor(&self) -> ObscuringFactor {
        self.obscuring
    }

    /// What tells its commitments from those of any other builder.
    pub const fn id(&self) -> BuilderId {
        self.id
    }

    /// True for a commitment of this channel on this funding output: one built with the same terms, keys and delays.
    pub fn built(&self, commitment: &Commitment) -> bool {
        commitment.builder == self.id
    }

    /// The keys on the commitment of `owner` at its point.
    ///
    /// # Errors
    /// [`KeyError`] when a key cannot be derived.
    pub fn keys(&self, owner: Side, point: &PublicKey) -> Result<CommitmentKeys, KeyError> {
        CommitmentKeys::derive(self.basepoints.of(owner), self.basepoints.of(owner.other()), point)
    }

    /// The script of `to_remote` on the commitments of `owner`: the other side's balance.
    pub const fn to_remote(&self, owner: Side) -> &OutputScript {
        &self.statics.of(owner).to_remote
    }

    /// The script of `to_local` on the commitment of `owner` with these keys.
    ///
    /// # Errors
    /// [`KeyError`] when the output key cannot be made.
    pub fn to_local(&self, owner: Side, keys: &CommitmentKeys) -> Result<OutputScript, KeyError> {
        script::to_local(self.rules.scripts, keys, self.to_self_delay(owner))
    }

    /// The script of HTLC-timeout and HTLC-success outputs of `owner`.
    ///
    /// # Errors
    /// [`KeyError`] when the output key cannot be made.
    pub fn second_level(&self, owner: Side, keys: &CommitmentKeys) -> Result<OutputScript, KeyError> {
        script::second_level(self.rules.scripts, keys, self.to_self_delay(owner))
    }

    /// The anchors on the commitment of `owner`, its own and the other side's; `None` where the format has one for
    /// everybody.
    ///
    /// # Errors
    /// [`KeyError`] when an output key cannot be made.
    pub fn keyed_anchors(
        &self,
        owner: Side,
        keys: &CommitmentKeys,
    ) -> Result<Option<(OutputScript, OutputScript)>, KeyError> {
        let Some((local, remote)) = &self.statics.of(owner).anchors else { return Ok(None) };
        let local = match self.rules.scripts {
            Scripts::Taproot(_) => OutputScript::Taproot(TaprootOutput::keyed_anchor(keys.local_delayed)?),
            Scripts::Segwit(_) => local.clone(),
        };
        Ok(Some((local, remote.clone())))
    }

    /// Everything about a commitment that can be made before its amounts are known.
    ///
    /// # Errors
    /// [`KeyError`] when a key cannot be derived.
    pub fn prepare(&self, owner: Side, state: &CommitmentPoint) -> Result<PreparedCommitment, KeyError> {
        let keys = self.keys(owner, &state.point)?;
        let to_local = self.to_local(owner, &keys)?;
        let anchors = self.keyed_anchors(owner, &keys)?;
        Ok(PreparedCommitment {
            builder: self.id,
            owner,
            number: state.number,
            to_local_script: to_local.script_pubkey(),
            to_remote_script: self.to_remote(owner).script_pubkey(),
            anchor_scripts: anchors.map(|(local, remote)| (local.script_pubkey(), remote.script_pubkey())),
            to_local,
            keys,
            htlc: None,
        })
    }

    /// The same with the keys of HTLCs and of their second level, for a channel that has some in flight.
    ///
    /// # Errors
    /// [`KeyError`] when a key cannot be derived.
    pub fn prepare_with_htlcs(
        &self,
        owner: Side,
        state: &CommitmentPoint,
    ) -> Result<PreparedCommitment, KeyError> {
        let mut prepared = self.prepare(owner, state)?;
        prepared.htlc = Some(self.htlc_frame(&prepared)?);
        Ok(prepared)
    }

    /// The commitment of `owner` in one state.
    ///
    /// # Errors
    /// [`BuildError`] when the spec makes no valid commitment.
    pub fn commitment(
        &self,
        owner: Side,
        state: &CommitmentPoint,
        spec: &CommitmentSpec,
    ) -> Result<Commitment, BuildError> {
        self.build(self.prepare(owner, state)?, spec)
    }

    /// The commitment for which everything but the amounts was made ahead.
    ///
    /// # Errors
    /// [`BuildError`] when the spec makes no valid commitment, or another builder prepared it.
    pub fn build(
        &self,
        prepared: PreparedCommitment,
        spec: &CommitmentSpec,
    ) -> Result<Commitment, BuildError> {
        build::commitment(self, prepared, spec)
    }

    /// The next commitments of both sides. An update is valid exactly when this succeeds.
    ///
    /// The specs differ while updates are in flight that only one side has committed to.
    ///
    /// # Errors
    /// [`BuildError`] when either commitment cannot be built.
    pub fn both(
        &self,
        states: &PerSide<CommitmentPoint>,
        specs: &PerSide<&CommitmentSpec>,
    ) -> Result<PerSide<Commitment>, BuildError> {
        Ok(PerSide {
            local: self.commitment(Side::Local, &states.local, specs.local)?,
            remote: self.commitment(Side::Remote, &states.remote, specs.remote)?,
        })
    }

    /// Checks that the commitments of both sides can be built at `spec`, whatever their points are.
    pub(crate) fn check_spec(&self, spec: &CommitmentSpec) -> Result<(), BuildError> {
        Side::ALL.into_iter().try_for_each(|owner| build::checked_outputs(self, spec, owner).map(drop))
    }

    pub(super) fn htlc_frame(&self, prepared: &PreparedCommitment) -> Result<HtlcFrame, KeyError> {
        let keys = prepared.keys.htlc_keys()?;
        let same = match (self.rules.scripts, &prepared.to_local) {
            // Only in V2 is `to_local` another script than the second level.
            (Scripts::Taproot(crate::weight::script::TaprootScripts::V2), _) => None,
            (_, to_local) => Some(to_local.clone()),
        };
        let second_level = match same {
            Some(script) => script,
            None => self.second_level(prepared.owner, &prepared.keys)?,
        };
        Ok(HtlcFrame { keys, second_level_script: second_level.script_pubkey(), second_level })
    }
}

impl StaticOutputs {
    fn new(scripts: Scripts, owner: &Basepoints, other: &Basepoints) -> Result<Self, KeyError> {
        let remote = Point::new(&other.payment);
        Ok(match scripts {
            Scripts::Taproot(scripts) => {
                let to_remote = OutputScript::Taproot(TaprootOutput::to_remote(scripts, remote)?);
                let keyed = scripts == crate::weight::script::TaprootScripts::V2;
                let anchor = keyed.then(|| TaprootOutput::keyed_anchor(remote)).transpose()?;
                // The owner's anchor has a key of the commitment; it is made with it.
                let anchors = anchor.map(|remote| (OutputScript::Anchor, OutputScript::Taproot(remote)));
                Self { to_remote, anchors }
            }
            Scripts::Segwit(SegwitScripts::Plain) => {
                Self { to_remote: OutputScript::Wpkh(other.payment), anchors: None }
            }
            Scripts::Segwit(SegwitScripts::Anchors) => {
                let anchor = |keys: &Basepoints| {
                    OutputScript::Witness(segwit::keyed_anchor(&Point::new(&keys.funding)))
                };
                Self {
                    to_remote: OutputScript::Witness(segwit::to_remote(&remote)),
                    anchors: Some((anchor(owner), anchor(other))),
                }
            }
        })
    }
}
