//! Reading a commitment off the chain: which output is what, from what a party stores about the state.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use bitcoin::{Amount, OutPoint, ScriptBuf, Transaction, Txid};
use channel_core::commitment::HtlcOutput;
use channel_core::htlc::Htlc;
use channel_core::{CommitmentNumber, Side};
use thiserror::Error;

use super::output::OutputFrame;
use super::{ChannelOutput, ChannelRole};
use crate::commitment::{Commitment, CommitmentBuilder, CommitmentPoint, OutputRole, script};
use crate::keys::{CommitmentKeys, KeyError};
use crate::script::OutputScript;

/// A commitment found on the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentifiedCommitment {
    /// Its id.
    pub txid: Txid,
    /// The outputs that were recognised, in their order.
    pub outputs: Vec<ChannelOutput>,
    /// The indices of those that were not: of HTLCs that are not stored.
    pub unknown: Vec<u32>,
    /// Given HTLCs that have no output: trimmed ones.
    pub absent: Vec<Htlc>,
    pub(super) frame: OutputFrame,
    /// The script of second-level outputs; `None` of a built commitment without HTLCs.
    pub(super) second_level: Option<OutputScript>,
}

/// A transaction is not the commitment it was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IdentifyError {
    /// It does not spend the funding output as a commitment does.
    #[error("the transaction is no commitment on {outpoint}")]
    NotACommitment {
        /// The funding output.
        outpoint: OutPoint,
    },
    /// It has another number.
    #[error("the commitment has number {}, not {}", .found.to_u64(), .expected.to_u64())]
    Number {
        /// The number the caller gave.
        expected: CommitmentNumber,
        /// The number it has.
        found: CommitmentNumber,
    },
    /// No output belongs to the state: the point or the owner is not its own.
    #[error("no output of the transaction belongs to this state; is the point that of another?")]
    NoOutputs,
    /// A key cannot be derived.
    #[error(transparent)]
    Keys(#[from] KeyError),
}

/// What an output with a given script is, and what spends it.
struct Candidate {
    role: ChannelRole,
    value: Option<Amount>,
    script: OutputScript,
}

/// The roles of the outputs of `transaction`, which `owner` published, by their scripts.
///
/// `htlcs` are those of the state, as far as they are stored, trimmed or not. HTLCs with one script and value, be it
/// that they are the same in all or that only the expiry of offered ones differs, have one output each: they are taken
/// in the order commitments are built in, by expiry.
///
/// # Errors
/// [`IdentifyError`] when the transaction is not that commitment.
pub fn identify(
    builder: &CommitmentBuilder,
    transaction: &Transaction,
    owner: Side,
    state: &CommitmentPoint,
    htlcs: &[Htlc],
) -> Result<IdentifiedCommitment, IdentifyError> {
    check_number(builder, transaction, state.number)?;
    let keys = builder.keys(owner, &state.point)?;
    let mut candidates = candidates(builder, owner, &keys, htlcs)?;
    let frame = OutputFrame::new(*builder.rules(), owner, builder.to_self_delay(owner), &keys);
    let (txid, mut outputs, mut unknown) = (transaction.compute_txid(), Vec::new(), Vec::new());
    for (txout, vout) in transaction.output.iter().zip(0..) {
        match take(&mut candidates, &txout.script_pubkey, txout.value) {
            Some(found) => outputs.push(ChannelOutput::new(
                OutPoint { txid, vout },
                txout.clone(),
                found.role,
                &frame,
                found.script,
            )),
            None => unknown.push(vout),
        }
    }
    if outputs.iter().all(|output| output.role == ChannelRole::OnCommitment(OutputRole::SharedAnchor)) {
        return Err(IdentifyError::NoOutputs);
    }
    let left = candidates.into_values().flatten();
    let absent = left.filter_map(|candidate| candidate.role.htlc().map(|output| output.htlc)).collect();
    let second_level = Some(builder.second_level(owner, &keys)?);
    Ok(IdentifiedCommitment { txid, outputs, unknown, absent, frame, second_level })
}

impl IdentifiedCommitment {
    /// Whose commitment it is.
    pub const fn owner(&self) -> Side {
        self.frame.owner
    }
}

impl From<&Commitment> for IdentifiedCommitment {
    /// A commitment that was built: what its own owner watches when it has published it.
    fn from(commitment: &Commitment) -> Self {
        let frame = OutputFrame::new(
            *commitment.rules(),
            commitment.owner(),
            commitment.to_self_delay(),
            commitment.keys(),
        );
        Self {
            txid: commitment.txid(),
            outputs: commitment.channel_outputs(),
            unknown: Vec::new(),
            absent: Vec::new(),
            frame,
            second_level: commitment.second_level_script().cloned(),
        }
    }
}

fn check_number(
    builder: &CommitmentBuilder,
    transaction: &Transaction,
    expected: CommitmentNumber,
) -> Result<(), IdentifyError> {
    let outpoint = builder.outpoint();
    let refused = IdentifyError::NotACommitment { outpoint };
    if transaction.input.iter().all(|input| input.previous_output != outpoint) {
        return Err(refused);
    }
    match builder.obscuring_factor().reveal(transaction) {
        Some(found) if found == expected => Ok(()),
        Some(found) => Err(IdentifyError::Number { expected, found }),
        None => Err(refused),
    }
}

/// By script, in the order in which outputs of one script and value stand.
fn candidates(
    builder: &CommitmentBuilder,
    owner: Side,
    keys: &CommitmentKeys,
    htlcs: &[Htlc],
) -> Result<BTreeMap<ScriptBuf, Vec<Candidate>>, KeyError> {
    let mut candidates: BTreeMap<ScriptBuf, Vec<Candidate>> = BTreeMap::new();
    let mut add = |role: OutputRole, value: Option<Amount>, script: OutputScript| {
        let role = ChannelRole::OnCommitment(role);
        candidates.entry(script.script_pubkey()).or_default().push(Candidate { role, value, script });
    };
    add(OutputRole::ToLocal, None, builder.to_local(owner, keys)?);
    add(OutputRole::ToRemote, None, builder.to_remote(owner).clone());
    match builder.keyed_anchors(owner, keys)? {
        Some((local, remote)) => {
            add(OutputRole::LocalAnchor, None, local);
            add(OutputRole::RemoteAnchor, None, remote);
        }
        None => add(OutputRole::SharedAnchor, None, OutputScript::Anchor),
    }
    if !htlcs.is_empty() {
        let htlc_keys = keys.htlc_keys()?;
        let mut ordered: Vec<HtlcOutput> = htlcs.iter().map(|htlc| HtlcOutput::of(htlc, owner)).collect();
        ordered.sort_by_key(|output| (output.htlc.cltv_expiry, output.htlc.id));
        for output in ordered {
            let script = script::htlc(builder.rules().scripts, keys, &htlc_keys, &output)?;
            add(OutputRole::Htlc(output), Some(output.value), script);
        }
    }
    Ok(candidates)
}

/// The first candidate with this script and value; each stands for one output.
fn take(
    candidates: &mut BTreeMap<ScriptBuf, Vec<Candidate>>,
    script: &ScriptBuf,
    value: Amount,
) -> Option<Candidate> {
    let list = candidates.get_mut(script)?;
    let position = list.iter().position(|candidate| candidate.value.is_none_or(|fixed| fixed == value))?;
    Some(list.remove(position))
}
