//! HTLC-timeout and HTLC-success on a commitment of ours that was published.

use alloc::vec::Vec;

use bitcoin::Transaction;
use bitcoin::secp256k1::ecdsa;
use channel_core::{CommitmentNumber, Side};
use channel_tx::commitment::HtlcWitnessError;
use thiserror::Error;

use super::ecdsa as sign_ecdsa;
use super::{ChannelSigner, CommitmentRefusal, CompletedCommitment};
use crate::keys::NotASecretKey;

/// A second-level transaction of ours is not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HtlcRefusal {
    /// The commitment is not one of this channel.
    #[error(transparent)]
    Commitment(#[from] CommitmentRefusal),
    /// We revoked it: the peer would take all of it.
    #[error("our commitment {number} is revoked; nothing on it is ours to claim")]
    Revoked {
        /// The number.
        number: CommitmentNumber,
    },
    /// That output is no HTLC, or the peer's signature for it is missing.
    #[error("output {output} of the commitment is no htlc that the peer signed for")]
    NoSuchHtlc {
        /// The index of the output.
        output: usize,
    },
    /// The preimage is missing or wrong.
    #[error(transparent)]
    Preimage(#[from] HtlcWitnessError),
    /// A key cannot be derived.
    #[error(transparent)]
    Keys(#[from] NotASecretKey),
}

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
        let key = self.secrets.htlc_key(&commitment.keys().per_commitment_point())?;
        let digest = htlc.owner_digest();
        if commitment.rules().format.is_taproot() {
            let ours = key.keypair().sign_schnorr_no_aux_rand(&digest).to_byte_array();
            return Ok(htlc.signed(theirs, &ours, preimage)?);
        }
        let theirs: Vec<u8> =
            ecdsa::Signature::from_compact(theirs).map_err(|_| missing)?.serialize_der().to_vec();
        let ours = sign_ecdsa::sign(&key, digest, self.grinding).serialize_der();
        Ok(htlc.signed(&theirs, &ours, preimage)?)
    }
}
