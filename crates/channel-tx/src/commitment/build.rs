//! The construction of one commitment (BOLT 3, "Commitment Transaction Construction").

use alloc::vec;
use alloc::vec::Vec;

use bitcoin::sighash::SighashCache;
use bitcoin::{Amount, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Witness};
use channel_core::commitment::{Anchors, CommitmentOutputs, CommitmentSpec, HtlcOutput};
use channel_core::{PerSide, Side};

use super::builder::HtlcFrame;
use super::{
    BuildError, Commitment, CommitmentBuilder, CommitmentOutput, OutputRole, PreparedCommitment, script,
};
use crate::format::Scripts;
use crate::keys::point::OutputParity;
use crate::keys::{CommitmentKeys, KeyError};
use crate::script::{OutputScript, SighashScope, pay_to_anchor};

type Placed = (TxOut, CommitmentOutput);

pub(super) fn commitment(
    builder: &CommitmentBuilder,
    mut prepared: PreparedCommitment,
    spec: &CommitmentSpec,
) -> Result<Commitment, BuildError> {
    if prepared.builder != builder.id {
        return Err(BuildError::OtherBuilder);
    }
    let outputs = checked_outputs(builder, spec, prepared.owner)?;
    if !outputs.htlcs.is_empty() && prepared.htlc.is_none() {
        prepared.htlc = Some(builder.htlc_frame(&prepared)?);
    }
    let fee = outputs.fee;
    let placed = place_all(builder, &mut prepared, &outputs)?;
    let (transaction, outputs) = assemble(builder, &prepared, placed);
    let sighash = builder
        .funding
        .unlock()
        .digest(
            &mut SighashCache::new(&transaction),
            0,
            core::slice::from_ref(&builder.funding_txout),
            SighashScope::All,
        )
        .expect("the one input has its previous output");
    Ok(Commitment {
        builder: builder.id,
        mirrored_builder: builder.mirrored_id,
        rules: builder.rules,
        owner: prepared.owner,
        number: prepared.number,
        to_self_delay: builder.to_self_delay(prepared.owner),
        funding_txout: builder.funding_txout.clone(),
        keys: prepared.keys,
        htlc: prepared.htlc,
        transaction,
        outputs,
        balances: PerSide::from_fn(|side| spec.balance(side)),
        fee,
        sighash,
    })
}

/// The outputs of a commitment, if it can be built; keys and points are not asked for.
pub(super) fn checked_outputs(
    builder: &CommitmentBuilder,
    spec: &CommitmentSpec,
    owner: Side,
) -> Result<CommitmentOutputs, BuildError> {
    let outputs = CommitmentOutputs::of(&builder.terms, spec, owner)?;
    check_counts(builder, &outputs)?;
    Ok(outputs)
}

/// No side offers more HTLCs with outputs than the other may accept (BOLT 2, `max_accepted_htlcs`): beyond that the
/// commitment could not be relayed, or not be punished.
fn check_counts(builder: &CommitmentBuilder, outputs: &CommitmentOutputs) -> Result<(), BuildError> {
    let format = builder.rules.format;
    let max = format.max_accepted_htlcs();
    for offered_by in Side::ALL {
        let htlcs = outputs.htlcs.iter().filter(|output| output.htlc.offered_by == offered_by).count();
        if htlcs > usize::from(max) {
            return Err(BuildError::TooManyHtlcs { owner: outputs.owner, offered_by, htlcs, max, format });
        }
    }
    Ok(())
}

/// Every output with its role, in the order of the transaction.
fn place_all(
    builder: &CommitmentBuilder,
    prepared: &mut PreparedCommitment,
    outputs: &CommitmentOutputs,
) -> Result<Vec<Placed>, KeyError> {
    let mut placed = Vec::with_capacity(outputs.htlcs.len() + 4);
    let mut place = |value: Option<Amount>, script: &mut ScriptBuf, role: OutputRole| {
        if let Some(value) = value {
            let output = TxOut { value, script_pubkey: core::mem::take(script) };
            placed.push((output, CommitmentOutput::new(role, OutputParity::EVEN)));
        }
    };
    place(outputs.to_local, &mut prepared.to_local_script, OutputRole::ToLocal);
    place(outputs.to_remote, &mut prepared.to_remote_script, OutputRole::ToRemote);
    match (outputs.anchors, &mut prepared.anchor_scripts) {
        (Anchors::Keyed { local, remote }, Some((local_script, remote_script))) => {
            place(local, local_script, OutputRole::LocalAnchor);
            place(remote, remote_script, OutputRole::RemoteAnchor);
        }
        (Anchors::Shared(value), _) => place(Some(value), &mut pay_to_anchor(), OutputRole::SharedAnchor),
        (Anchors::Keyed { .. } | Anchors::None, _) => {}
    }
    if let Some(frame) = &prepared.htlc {
        for htlc in &outputs.htlcs {
            placed.push(place_htlc(builder.rules.scripts, &prepared.keys, frame, htlc)?);
        }
    }
    placed.sort_by(|first, second| order(first).cmp(&order(second)));
    Ok(placed)
}

/// By value, then script, then the expiry of HTLCs (BOLT 3, "Transaction Output Ordering").
fn order((output, placed): &Placed) -> (Amount, &[u8], u32) {
    let expiry = match &placed.role {
        OutputRole::Htlc(htlc) => htlc.htlc.cltv_expiry.to_height(),
        _ => 0,
    };
    (output.value, output.script_pubkey.as_bytes(), expiry)
}

fn place_htlc(
    scripts: Scripts,
    keys: &CommitmentKeys,
    frame: &HtlcFrame,
    htlc: &HtlcOutput,
) -> Result<Placed, KeyError> {
    let script = script::htlc(scripts, keys, &frame.keys, htlc)?;
    let parity = match &script {
        OutputScript::Taproot(output) => output.parity(),
        _ => OutputParity::EVEN,
    };
    let output = TxOut { value: htlc.value, script_pubkey: script.script_pubkey() };
    Ok((output, CommitmentOutput::new(OutputRole::Htlc(*htlc), parity)))
}

fn assemble(
    builder: &CommitmentBuilder,
    prepared: &PreparedCommitment,
    placed: Vec<Placed>,
) -> (Transaction, Vec<CommitmentOutput>) {
    let (lock_time, sequence) = builder.obscuring.hide(prepared.number);
    let (output, roles) = placed.into_iter().unzip();
    let input = TxIn {
        previous_output: builder.outpoint,
        script_sig: ScriptBuf::new(),
        sequence: Sequence::from_consensus(sequence.to_consensus_u32()),
        witness: Witness::new(),
    };
    (Transaction { version: builder.rules.version, lock_time, input: vec![input], output }, roles)
}
