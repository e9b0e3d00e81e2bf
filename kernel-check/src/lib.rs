//! Bitcoin Core's kernel library as a verifier for the spend matrix: the script rules of the newest release, beside
//! those of the older library that the crates' own tests use.

use bitcoin::consensus::serialize;
use bitcoinkernel::{
    KernelError, PrecomputedTransactionData, ScriptPubkey, ScriptVerifyError, Transaction, TxOut, VERIFY_ALL,
    verify,
};
use channel_testkit::spend_matrix::{SpendCase, Verdict};

/// What the kernel says to the input in question, with all consensus rules.
///
/// # Errors
/// [`KernelError`] when it cannot judge: what it does not understand, it has not refused.
pub fn judge_script(case: &SpendCase) -> Result<Verdict, KernelError> {
    let transaction = Transaction::new(&serialize(&case.transaction))?;
    let mut spent = Vec::with_capacity(case.spent_outputs.len());
    for output in &case.spent_outputs {
        let script = ScriptPubkey::new(output.script_pubkey.as_bytes())?;
        spent.push((script, output.value.to_sat().cast_signed()));
    }
    let outputs: Vec<TxOut> = spent.iter().map(|(script, value)| TxOut::new(script, *value)).collect();
    let data = PrecomputedTransactionData::new(&transaction, &outputs)?;
    let Some((script, value)) = spent.get(case.input_index) else {
        return Err(KernelError::ScriptVerify(ScriptVerifyError::TxInputIndex));
    };
    match verify(script, Some(*value), &transaction, case.input_index, Some(VERIFY_ALL), &data) {
        Ok(()) => Ok(Verdict::Accepted),
        Err(KernelError::ScriptVerify(ScriptVerifyError::Invalid)) => Ok(Verdict::Refused),
        Err(error) => Err(error),
    }
}
