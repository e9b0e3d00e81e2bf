//! A funding transaction that another wallet builds: checked before anybody signs a commitment on top of it.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use bitcoin::psbt::{Input, PsbtSighashType};
use bitcoin::taproot::TAPROOT_ANNEX_PREFIX;
use bitcoin::{Amount, OutPoint, Psbt, Script, TxOut};
use thiserror::Error;

use super::export::{ECDSA_SIGHASH, TAPROOT_SIGHASH};
use super::import::spent_output;
use crate::funding::FundingScript;

/// The sighash byte of a signature for all of the transaction, the same in both families.
const ALL: u8 = ECDSA_SIGHASH as u8;

/// A funding transaction of an outside wallet that a channel can be built on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OutsideFunding {
    /// The funding output. Its transaction id is final: no signature can change it.
    pub outpoint: OutPoint,
    /// What the transaction pays the miners, in sat, by the values the PSBT states for its inputs.
    pub fee: Amount,
}

/// A PSBT does not fund the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OutsideFundingError {
    /// No output pays to the funding script.
    #[error("no output pays to the funding script")]
    NotPaid,
    /// Two outputs pay to the funding script: one of them would belong to no channel.
    #[error("outputs {first} and {second} both pay to the funding script")]
    PaidTwice {
        /// Counted from zero.
        first: usize,
        /// Counted from zero.
        second: usize,
    },
    /// The funding output holds another amount.
    #[error("output {index} funds the channel with {found} instead of {expected}")]
    Amount {
        /// Counted from zero.
        index: usize,
        /// What it pays, in sat.
        found: Amount,
        /// What was agreed, in sat.
        expected: Amount,
    },
    /// The outputs are worth more than the inputs, or the sums exceed all money.
    #[error("the inputs do not pay for the outputs")]
    Overspent,
    /// An input cannot be accepted.
    #[error("input {index}: {refusal}")]
    Input {
        /// Counted from zero.
        index: usize,
        /// Why.
        refusal: OutsideInputRefusal,
    },
}

/// Why an input of an outside wallet is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum OutsideInputRefusal {
    /// The PSBT does not say what the input spends.
    #[error("the output it spends is not given; let the wallet add it (PSBT_IN_WITNESS_UTXO)")]
    UnknownPrevout,
    /// The PSBT says two different things about what it spends, or its previous transaction is another one.
    #[error("the output it spends is given wrongly")]
    ContradictoryPrevout,
    /// A script sig, native or nested, would change the transaction id, and with it void the first commitment.
    #[error("it does not spend a native segwit output, so its signature changes the transaction id")]
    NotSegwit,
    /// Its signature lets others change the transaction, and with it the transaction id.
    #[error("it is not to be signed for all of the transaction")]
    Sighash,
    /// Another input spends the same output.
    #[error("it spends the same output as another input")]
    Duplicate,
}

/// Finds the funding output in a PSBT that an outside wallet made, and makes sure that its transaction id cannot change
/// any more: every input spends native segwit and is signed for the whole transaction.
///
/// A segwit input is believed where the PSBT brings only the output and not the previous transaction; a wallet that
/// lies there makes a transaction that is never valid. Whether the coins exist and are confirmed is for the chain.
///
/// Signatures that are there already must commit to everything as well. In a finished witness of a script, every element
/// that can be a signature is taken for one.
///
/// # Errors
/// [`OutsideFundingError`]: about the funding output first, then about the inputs, then about the sums.
pub fn check_outside_funding(
    psbt: &Psbt,
    funding: &FundingScript,
    expected: Amount,
) -> Result<OutsideFunding, OutsideFundingError> {
    let transaction = &psbt.unsigned_tx;
    let index = funding_output(psbt, funding)?;
    let found = transaction.output[index].value;
    if found != expected {
        return Err(OutsideFundingError::Amount { index, found, expected });
    }
    let mut spent = BTreeSet::new();
    let mut paid_in = Some(Amount::ZERO);
    for (at, input) in transaction.input.iter().enumerate() {
        let refused = |refusal| OutsideFundingError::Input { index: at, refusal };
        let described = psbt.inputs.get(at).ok_or(refused(OutsideInputRefusal::UnknownPrevout))?;
        let prevout = checked_prevout(described, input.previous_output).map_err(refused)?;
        if !spent.insert(input.previous_output) {
            return Err(refused(OutsideInputRefusal::Duplicate));
        }
        paid_in = paid_in.and_then(|sum| sum.checked_add(prevout.value));
    }
    let paid_out = transaction.output.iter().try_fold(Amount::ZERO, |sum, out| sum.checked_add(out.value));
    let fee = paid_in.zip(paid_out).and_then(|(paid_in, paid_out)| paid_in.checked_sub(paid_out));
    let vout = u32::try_from(index).map_err(|_| OutsideFundingError::NotPaid)?;
    Ok(OutsideFunding {
        outpoint: OutPoint { txid: transaction.compute_txid(), vout },
        fee: fee.ok_or(OutsideFundingError::Overspent)?,
    })
}

fn funding_output(psbt: &Psbt, funding: &FundingScript) -> Result<usize, OutsideFundingError> {
    let script = funding.script_pubkey();
    let outputs = psbt.unsigned_tx.output.iter().enumerate();
    let mut paying = outputs.filter(|(_, output)| output.script_pubkey == script).map(|(index, _)| index);
    let first = paying.next().ok_or(OutsideFundingError::NotPaid)?;
    paying.next().map_or(Ok(first), |second| Err(OutsideFundingError::PaidTwice { first, second }))
}

fn checked_prevout(input: &Input, outpoint: OutPoint) -> Result<&TxOut, OutsideInputRefusal> {
    let prevout = match (&input.witness_utxo, &input.non_witness_utxo) {
        (None, None) => return Err(OutsideInputRefusal::UnknownPrevout),
        (Some(stated), None) => stated,
        (stated, Some(previous)) => {
            let spent = spent_output(previous, outpoint).ok_or(OutsideInputRefusal::ContradictoryPrevout)?;
            if stated.as_ref().is_some_and(|stated| stated != spent) {
                return Err(OutsideInputRefusal::ContradictoryPrevout);
            }
            spent
        }
    };
    let has_script_sig = input.final_script_sig.as_ref().is_some_and(|script| !script.is_empty());
    if has_script_sig || input.redeem_script.is_some() || !prevout.script_pubkey.is_witness_program() {
        return Err(OutsideInputRefusal::NotSegwit);
    }
    if signs_everything(input) && witness_signs_everything(input, &prevout.script_pubkey) {
        Ok(prevout)
    } else {
        Err(OutsideInputRefusal::Sighash)
    }
}

/// Whether every signature asked for or given commits to all inputs and outputs.
fn signs_everything(input: &Input) -> bool {
    let whole: [PsbtSighashType; 2] = [TAPROOT_SIGHASH.into(), ECDSA_SIGHASH.into()];
    let asked = input.sighash_type.into_iter();
    let ecdsa = input.partial_sigs.values().map(|signature| signature.sighash_type.into());
    let taproot = input.tap_key_sig.iter().chain(input.tap_script_sigs.values());
    let taproot = taproot.map(|signature| signature.sighash_type.into());
    asked.chain(ecdsa).chain(taproot).all(|sighash| whole.contains(&sighash))
}

/// The same for the signatures in a finished witness. Where the script decides what a signature is, every element that
/// can be one is taken for one.
fn witness_signs_everything(input: &Input, script: &Script) -> bool {
    let Some(witness) = input.final_script_witness.as_ref() else { return true };
    let elements: Vec<&[u8]> = witness.iter().collect();
    if script.is_p2tr() {
        return signatures_of_taproot(&elements).iter().all(|signature| !is_partial_schnorr(signature));
    }
    // The last element is the key or the script.
    let signatures = elements.split_last().map_or(&[][..], |(_, signatures)| signatures);
    match signatures {
        [signature] if script.is_p2wpkh() => signature.last().is_some_and(|sighash| *sighash == ALL),
        signatures => signatures.iter().all(|signature| !is_partial_ecdsa(signature)),
    }
}

/// What is left of a Taproot witness without annex, control block and script (BIP 341).
fn signatures_of_taproot<'w>(elements: &'w [&'w [u8]]) -> &'w [&'w [u8]] {
    let elements = match elements {
        [rest @ .., last] if !rest.is_empty() && last.first() == Some(&TAPROOT_ANNEX_PREFIX) => rest,
        elements => elements,
    };
    match elements {
        [rest @ .., _, _] => rest,
        key_path => key_path,
    }
}

/// A BIP 340 signature with a sighash byte that leaves something out.
fn is_partial_schnorr(element: &[u8]) -> bool {
    element.len() == 65 && element.last() != Some(&ALL)
}

/// A DER signature with a sighash byte that leaves something out.
fn is_partial_ecdsa(element: &[u8]) -> bool {
    let Some((sighash, der)) = element.split_last() else { return false };
    *sighash != ALL && bitcoin::secp256k1::ecdsa::Signature::from_der(der).is_ok()
}
