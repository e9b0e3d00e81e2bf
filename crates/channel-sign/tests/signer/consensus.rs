//! Bitcoin Core's consensus code as the judge of signed transactions.

use channel_sign::bitcoin::consensus::encode::serialize;
use channel_sign::bitcoin::{Transaction, TxOut};

/// Whether the input at `index` may spend its output, given what all inputs spend.
pub(crate) fn verify(
    transaction: &Transaction,
    index: usize,
    prevouts: &[TxOut],
) -> Result<(), bitcoinconsensus::Error> {
    let utxos: Vec<_> = prevouts
        .iter()
        .map(|prevout| bitcoinconsensus::Utxo {
            script_pubkey: prevout.script_pubkey.as_bytes().as_ptr(),
            script_pubkey_len: u32::try_from(prevout.script_pubkey.len()).unwrap(),
            value: i64::try_from(prevout.value.to_sat()).unwrap(),
        })
        .collect();
    bitcoinconsensus::verify_with_flags(
        prevouts[index].script_pubkey.as_bytes(),
        prevouts[index].value.to_sat(),
        &serialize(transaction),
        Some(&utxos),
        index,
        bitcoinconsensus::VERIFY_ALL_PRE_TAPROOT | bitcoinconsensus::VERIFY_TAPROOT,
    )
}
