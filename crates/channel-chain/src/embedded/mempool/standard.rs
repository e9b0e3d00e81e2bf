//! What is relayed at all: sizes, versions and kinds of script.

use bitcoin::{Script, Transaction, TxIn, TxOut};
use channel_core::dust::ScriptType;

use crate::Refusal;
use crate::policy::{
    MAX_DATA_CARRIER, MAX_SCRIPT_SIG, MAX_STANDARD_SIGOPS_COST, MAX_STANDARD_WEIGHT, MIN_STANDARD_SIZE,
};
use crate::refusal::StandardRule;

/// The first byte of an annex (BIP 341), which is not relayed.
const ANNEX: u8 = 0x50;
/// The longest witness script of P2WSH that is relayed, in bytes.
const MAX_WITNESS_SCRIPT: usize = 3600;
/// The most witness items of P2WSH that are relayed beside the script.
const MAX_WITNESS_ITEMS: usize = 100;
/// The longest witness item that is relayed, in bytes.
const MAX_WITNESS_ITEM: usize = 80;
/// The most keys of a bare multisig output that is relayed.
const MAX_BARE_KEYS: u8 = 3;
/// The leaf version of tapscript (BIP 342).
const TAPSCRIPT: u8 = 0xc0;
/// The most signature operations a P2SH script may have.
const MAX_P2SH_SIGOPS: usize = 15;

/// Checks what needs no coins.
pub(super) fn check(transaction: &Transaction) -> Result<(), Refusal> {
    let rule = shape(transaction).or_else(|| scripts(transaction));
    rule.map_or(Ok(()), |rule| Err(Refusal::NonStandard { txid: transaction.compute_txid(), rule }))
}

/// Checks the coins and witnesses; what the signature operations cost comes back.
pub(super) fn check_inputs(transaction: &Transaction, spent: &[TxOut]) -> Result<usize, Refusal> {
    let refuse = |rule| Err(Refusal::NonStandard { txid: transaction.compute_txid(), rule });
    for (index, (input, output)) in transaction.input.iter().zip(spent).enumerate() {
        if !is_known_spend(input, &output.script_pubkey) {
            return refuse(StandardRule::Input(index));
        }
    }
    let output = |outpoint: &bitcoin::OutPoint| {
        let index = transaction.input.iter().position(|input| input.previous_output == *outpoint)?;
        spent.get(index).cloned()
    };
    let cost = transaction.total_sigop_cost(output);
    if cost > MAX_STANDARD_SIGOPS_COST { refuse(StandardRule::Sigops(cost)) } else { Ok(cost) }
}

fn shape(transaction: &Transaction) -> Option<StandardRule> {
    let version = transaction.version.0;
    let (weight, size) = (transaction.weight(), transaction.base_size());
    if !(1..=3).contains(&version) {
        Some(StandardRule::Version(version))
    } else if weight > MAX_STANDARD_WEIGHT {
        Some(StandardRule::Weight(weight.to_wu()))
    } else {
        (size < MIN_STANDARD_SIZE).then_some(StandardRule::TooSmall(size))
    }
}

fn scripts(transaction: &Transaction) -> Option<StandardRule> {
    for (index, input) in transaction.input.iter().enumerate() {
        if input.script_sig.len() > MAX_SCRIPT_SIG || !input.script_sig.is_push_only() {
            return Some(StandardRule::ScriptSig(index));
        }
    }
    let mut data = 0_usize;
    for (index, output) in transaction.output.iter().enumerate() {
        let script = &output.script_pubkey;
        if script.is_op_return() {
            data = data.saturating_add(script.len());
        }
        if data > MAX_DATA_CARRIER || !is_known_output(script) {
            return Some(StandardRule::OutputScript(index));
        }
    }
    None
}

fn is_known_output(script: &Script) -> bool {
    let is_data = || script.as_bytes().get(1..).is_some_and(|rest| Script::from_bytes(rest).is_push_only());
    match ScriptType::of(script) {
        Some(ScriptType::OpReturn) => is_data(),
        Some(_) => true,
        None => script.is_p2pk() || is_small_multisig(script),
    }
}

fn is_small_multisig(script: &Script) -> bool {
    // The number of keys stands before the final opcode, as OP_1 (0x51) and up.
    let keys = script.len().checked_sub(2).and_then(|place| script.as_bytes().get(place));
    script.is_multisig() && keys.is_some_and(|keys| (0x51..0x51 + MAX_BARE_KEYS).contains(keys))
}

fn is_known_spend(input: &TxIn, script: &Script) -> bool {
    let witness: Vec<_> = input.witness.iter().collect();
    match ScriptType::of(script) {
        Some(ScriptType::P2a | ScriptType::P2pkh) => witness.is_empty(),
        Some(ScriptType::P2tr) => is_known_taproot(&witness),
        Some(ScriptType::P2wsh) => witness.split_last().is_none_or(|(script, items)| {
            script.len() <= MAX_WITNESS_SCRIPT
                && items.len() <= MAX_WITNESS_ITEMS
                && items.iter().all(|item| item.len() <= MAX_WITNESS_ITEM)
        }),
        Some(ScriptType::P2sh) => is_known_redeem(input),
        Some(ScriptType::P2wpkh) => true,
        Some(_) => false,
        None => script.is_p2pk() || is_small_multisig(script),
    }
}

fn is_known_redeem(input: &TxIn) -> bool {
    input.script_sig.redeem_script().is_some_and(|script| script.count_sigops() <= MAX_P2SH_SIGOPS)
}

fn is_known_taproot(witness: &[&[u8]]) -> bool {
    let [items @ .., _script, control] = witness else { return true };
    if control.first() == Some(&ANNEX) {
        return false;
    }
    let is_tapscript = control.first().is_some_and(|first| first & 0xfe == TAPSCRIPT);
    !is_tapscript || items.iter().all(|item| item.len() <= MAX_WITNESS_ITEM)
}
