//! What became of a commitment's outputs: who spent them, with which preimage, and what the owner's second level made.

use alloc::vec::Vec;

use bitcoin::hashes::{Hash, sha256};
use bitcoin::{OutPoint, Transaction, Txid, Witness};
use channel_core::PaymentHash;
use channel_core::commitment::HtlcOutput;

use super::{ChannelOutput, ChannelRole, IdentifiedCommitment};
use crate::commitment::OutputRole;

/// One output of a commitment or of its second level, spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// The output.
    pub outpoint: OutPoint,
    /// What it was.
    pub role: ChannelRole,
    /// Which input of the spending transaction spends it.
    pub input: usize,
    /// The preimage the witness shows, of an HTLC.
    pub preimage: Option<[u8; 32]>,
    /// The output of the owner's second level that follows, which belongs to the channel still.
    pub second_level: Option<ChannelOutput>,
}

impl IdentifiedCommitment {
    /// What `transaction` spends of this commitment.
    ///
    /// The other party signs an HTLC for the output of the same index (`SIGHASH_SINGLE`), whatever the owner joins into
    /// one transaction: so input i leads to output i.
    pub fn resolutions(&self, transaction: &Transaction) -> Vec<Resolution> {
        let spender = Spender { txid: transaction.compute_txid(), transaction };
        let inputs = transaction.input.iter().enumerate();
        inputs
            .filter_map(|(index, input)| {
                let output = self.outputs.iter().find(|output| output.outpoint == input.previous_output)?;
                Some(self.resolution(output, &spender, index))
            })
            .collect()
    }

    fn resolution(&self, output: &ChannelOutput, spender: &Spender<'_>, input: usize) -> Resolution {
        let htlc = match &output.role {
            ChannelRole::OnCommitment(OutputRole::Htlc(htlc)) => Some(htlc),
            _ => None,
        };
        let witness = spender.transaction.input.get(input).map(|input| &input.witness);
        let preimage =
            htlc.zip(witness).and_then(|(htlc, witness)| preimage_in(witness, htlc.htlc.payment_hash));
        let second_level = htlc.and_then(|htlc| self.second_level_output(htlc, spender, input));
        Resolution { outpoint: output.outpoint, role: output.role, input, preimage, second_level }
    }

    fn second_level_output(
        &self,
        htlc: &HtlcOutput,
        spender: &Spender<'_>,
        index: usize,
    ) -> Option<ChannelOutput> {
        let txout = spender.transaction.output.get(index)?;
        if txout.script_pubkey != self.second_level.script_pubkey() {
            return None;
        }
        let outpoint = OutPoint { txid: spender.txid, vout: u32::try_from(index).ok()? };
        let role = ChannelRole::SecondLevel(*htlc);
        Some(ChannelOutput::new(outpoint, txout.clone(), role, &self.frame, self.second_level.clone()))
    }
}

/// A transaction that spends outputs, with its id.
struct Spender<'a> {
    txid: Txid,
    transaction: &'a Transaction,
}

/// The preimage of `payment_hash` among the elements of a witness: whoever is paid by an HTLC on the chain shows it, and
/// the payment can be claimed upstream.
pub fn preimage_in(witness: &Witness, payment_hash: PaymentHash) -> Option<[u8; 32]> {
    witness.iter().find_map(|element| {
        let preimage = <[u8; 32]>::try_from(element).ok()?;
        (sha256::Hash::hash(&preimage).to_byte_array() == payment_hash.to_bytes()).then_some(preimage)
    })
}
