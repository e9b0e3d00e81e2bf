//! Bitcoin Core's consensus code as the judge of a spend.

use bitcoin::consensus::serialize;
use bitcoin::{Transaction, TxOut};
use bitcoinconsensus::{Error, Utxo, VERIFY_ALL_PRE_TAPROOT, VERIFY_TAPROOT, verify_with_flags};

/// Whether the scripts of all inputs accept the transaction.
pub(crate) fn verify(transaction: &Transaction, prevouts: &[TxOut]) -> Result<(), Error> {
    let bytes = serialize(transaction);
    let utxos: Vec<Utxo> = prevouts
        .iter()
        .map(|output| Utxo {
            script_pubkey: output.script_pubkey.as_bytes().as_ptr(),
            script_pubkey_len: u32::try_from(output.script_pubkey.len()).unwrap(),
            value: i64::try_from(output.value.to_sat()).unwrap(),
        })
        .collect();
    for (index, output) in prevouts.iter().enumerate() {
        verify_with_flags(
            output.script_pubkey.as_bytes(),
            output.value.to_sat(),
            &bytes,
            Some(&utxos),
            index,
            VERIFY_ALL_PRE_TAPROOT | VERIFY_TAPROOT,
        )?;
    }
    Ok(())
}
