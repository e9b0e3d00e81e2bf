//! HTLC-timeout and HTLC-success on a commitment of ours that was published.

use bitcoin::secp256k1::ecdsa;
use bitcoin::{Transaction, Witness};
use channel_core::Side;
use channel_tx::spend::SecondLevelSpend;

use super::ecdsa as sign_ecdsa;
use super::{ChannelSigner, CommitmentRefusal, CompletedCommitment, HtlcRefusal};
use crate::SigningKey;

impl ChannelSigner {
    /// The HTLC-timeout or HTLC-success transaction of one output of our completed commitment, signed by both: the
    /// peer's signature was stored with the commitment. An accepted HTLC takes its preimage.
    ///
    /// It pays no fee by itself in any format built here; whoever adds coins to pay one signs
    /// [`HtlcTransaction::owner_digest`](channel_tx::commitment::HtlcTransaction::owner_digest) of the result anew.
    ///
    /// # Errors
    /// [`HtlcRefusal`].
    pub fn sign_htlc(
        &self,
        completed: &CompletedCommitment,
        output: usize,
        preimage: Option<[u8; 32]>,
    ) -> Result<Transaction, HtlcRefusal> {
        let commitment = &completed.commitment;
        self.known(commitment, Side::Local)?;
        let number = commitment.number();
        if number.to_u64() < self.record.revealed {
            return Err(HtlcRefusal::Revoked { number });
        }
        let missing = HtlcRefusal::NoSuchHtlc { output };
        let mut htlcs = commitment.htlc_transactions().zip(&completed.htlc_signatures);
        let (htlc, theirs) = htlcs.find(|(htlc, _)| htlc.output_index() == output).ok_or(missing)?;
        let spend = htlc.spend(preimage)?;
        // The commitment has the public key, so there is a secret one.
        let key = self.secrets.htlc_key(&spend.key.per_commitment_point);
        let key = key.map_err(|_| CommitmentRefusal::OtherChannel)?;
        let witness = self.second_level_witness(&spend, &key, htlc.owner_digest(), theirs).ok_or(missing)?;
        let mut transaction = htlc.transaction().clone();
        if let Some(input) = transaction.input.first_mut() {
            input.witness = witness;
        }
        Ok(transaction)
    }

    /// The witness with the peer's signature and ours; `None` when the peer's is no signature.
    pub(super) fn second_level_witness(
        &self,
        spend: &SecondLevelSpend,
        key: &SigningKey,
        digest: [u8; 32],
        theirs: &[u8; 64],
    ) -> Option<Witness> {
        if spend.unlock.is_taproot() {
            let ours = key.keypair().sign_schnorr_no_aux_rand(&digest).to_byte_array();
            return Some(spend.witness(theirs, &ours));
        }
        let theirs = ecdsa::Signature::from_compact(theirs).ok()?.serialize_der();
        let ours = sign_ecdsa::sign(key, digest, self.grinding).serialize_der();
        Some(spend.witness(&theirs, &ours))
    }
}
