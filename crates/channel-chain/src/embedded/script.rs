//! Bitcoin Core's consensus code as the judge of every input.

use std::collections::HashSet;

use bitcoin::consensus::encode::serialize;
use bitcoin::{Transaction, TxOut, Wtxid};
use bitcoinconsensus::{Utxo, VERIFY_ALL_PRE_TAPROOT, VERIFY_TAPROOT, verify_with_flags};

/// Verifies inputs, and remembers which transactions passed: a witness id fixes the transaction, and through its inputs'
/// outpoints also the coins, so its scripts never need a second look.
#[derive(Debug, Default)]
pub(super) struct ScriptCheck {
    passed: HashSet<Wtxid>,
}

impl ScriptCheck {
    /// Remembers that `transaction` passed.
    pub(super) fn remember(&mut self, wtxid: Wtxid) {
        self.passed.insert(wtxid);
    }

    /// Verifies every input of `transaction`, which spends `spent` in this order; the error is the input that fails.
    pub(super) fn check(&self, transaction: &Transaction, spent: &[TxOut]) -> Result<Wtxid, usize> {
        let wtxid = transaction.compute_wtxid();
        if !self.passed.contains(&wtxid) {
            verify(transaction, spent)?;
        }
        Ok(wtxid)
    }
}

fn verify(transaction: &Transaction, spent: &[TxOut]) -> Result<(), usize> {
    let bytes = serialize(transaction);
    let coins = spent.iter().enumerate().map(|(index, output)| consensus_coin(output).ok_or(index));
    let coins = coins.collect::<Result<Vec<_>, _>>()?;
    for (index, output) in spent.iter().enumerate() {
        verify_with_flags(
            output.script_pubkey.as_bytes(),
            output.value.to_sat(),
            &bytes,
            Some(&coins),
            index,
            VERIFY_ALL_PRE_TAPROOT | VERIFY_TAPROOT,
        )
        .map_err(|_| index)?;
    }
    if spent.len() == transaction.input.len() { Ok(()) } else { Err(spent.len()) }
}

fn consensus_coin(output: &TxOut) -> Option<Utxo> {
    Some(Utxo {
        script_pubkey: output.script_pubkey.as_bytes().as_ptr(),
        script_pubkey_len: u32::try_from(output.script_pubkey.len()).ok()?,
        value: i64::try_from(output.value.to_sat()).ok()?,
    })
}
