//! What became of a commitment's outputs: who spent them, with which preimage, and what the owner's second level made.

use alloc::vec::Vec;

use bitcoin::hashes::{Hash, sha256};
use bitcoin::{OutPoint, Transaction, Txid, Witness};
use channel_core::PaymentHash;
use channel_core::commitment::HtlcOutput;

use super::{ChannelOutput, ChannelRole, IdentifiedCommitment};

/// One output of a commitment or of its second level, spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// The output.
    pub outpoint: OutPoint,
    /// What it was; `None` for an HTLC that is not stored.
    pub role: Option<ChannelRole>,
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
                let outpoint = input.previous_output;
                let known = self.outputs.iter().find(|output| output.outpoint == outpoint);
                let ours = outpoint.txid == self.txid && self.unknown.contains(&outpoint.vout);
                (known.is_some() || ours).then(|| self.resolution(known, &spender, index, outpoint))
            })
            .collect()
    }

    fn resolution(
        &self,
        output: Option<&ChannelOutput>,
        spender: &Spender<'_>,
        input: usize,
        outpoint: OutPoint,
    ) -> Resolution {
        let role = output.map(|output| output.role);
        let htlc = role.as_ref().and_then(ChannelRole::htlc);
        let witness = spender.transaction.input.get(input).map(|input| &input.witness);
        let preimage =
            htlc.zip(witness).and_then(|(htlc, witness)| preimage_in(witness, htlc.htlc.payment_hash));
        // Balances and anchors lead out of the channel; what is not stored can only have been an HTLC.
        let leads_on = role.is_none() || htlc.is_some();
        let second_level =
            leads_on.then(|| self.second_level_output(htlc.copied(), spender, input)).flatten();
        Resolution { outpoint, role, input, preimage, second_level }
    }

    fn second_level_output(
        &self,
        htlc: Option<HtlcOutput>,
        spender: &Spender<'_>,
        index: usize,
    ) -> Option<ChannelOutput> {
        let (txout, script) = (spender.transaction.output.get(index)?, self.second_level.as_ref()?);
        if txout.script_pubkey != script.script_pubkey() {
            return None;
        }
        let outpoint = OutPoint { txid: spender.txid, vout: u32::try_from(index).ok()? };
        let role = ChannelRole::SecondLevel(htlc);
        Some(ChannelOutput::new(outpoint, txout.clone(), role, &self.frame, script.clone()))
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
