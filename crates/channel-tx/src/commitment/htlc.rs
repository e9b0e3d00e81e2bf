//! HTLC-timeout and HTLC-success: the second level, signed by both parties in advance (BOLT 3, "HTLC-Timeout and
//! HTLC-Success Transactions").

use alloc::vec;
use core::slice;

use bitcoin::absolute::LockTime;
use bitcoin::hashes::{Hash, sha256};
use bitcoin::sighash::{Prevouts, SighashCache};
use bitcoin::{OutPoint, ScriptBuf, Transaction, TxIn, TxOut, Txid, Witness};
use channel_core::PaymentHash;
use channel_core::commitment::HtlcOutput;
use channel_core::htlc::HtlcDirection;
use thiserror::Error;

use super::Commitment;
use super::builder::HtlcFrame;
use crate::format::{FormatRules, Scripts};
use crate::keys::point::OutputParity;
use crate::script::{
    LeafRole, OutputScript, SighashScope, Unlock, accepted_leaves, leaf_digest, leaf_unlock, offered_leaves,
    second_level_leaf, segwit,
};
use crate::spend::{ChannelKey, KeyHint, SecondLevelSpend};
use crate::weight::SpendPath;

/// The second-level transaction of one HTLC of the owner's commitment.
#[derive(Debug, Clone)]
pub struct HtlcTransaction<'a> {
    commitment: &'a Commitment,
    frame: &'a HtlcFrame,
    index: usize,
    htlc: HtlcOutput,
    parity: OutputParity,
    transaction: Transaction,
}

/// A second-level transaction cannot be completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HtlcWitnessError {
    /// An accepted HTLC needs its preimage.
    #[error("htlc {payment_hash} was accepted: it is claimed with its preimage, and none was given")]
    PreimageMissing {
        /// The hash it must have.
        payment_hash: PaymentHash,
    },
    /// The preimage is another HTLC's.
    #[error("the preimage does not hash to {payment_hash}")]
    WrongPreimage {
        /// The hash it must have.
        payment_hash: PaymentHash,
    },
}

impl<'a> HtlcTransaction<'a> {
    pub(super) fn new(
        commitment: &'a Commitment,
        frame: &'a HtlcFrame,
        txid: Txid,
        index: usize,
        htlc: &HtlcOutput,
        parity: OutputParity,
    ) -> Self {
        let (vout, lock_time) = (output_number(index), lock_time(htlc));
        let input = TxIn {
            previous_output: OutPoint { txid, vout },
            script_sig: ScriptBuf::new(),
            sequence: commitment.rules.second_level_sequence,
            witness: Witness::new(),
        };
        let output = TxOut { value: htlc.value, script_pubkey: frame.second_level_script.clone() };
        let version = commitment.rules.version;
        let transaction = Transaction { version, lock_time, input: vec![input], output: vec![output] };
        Self { commitment, frame, index, htlc: *htlc, parity, transaction }
    }

    /// Makes this the transaction of another HTLC of the same commitment.
    pub(super) fn retarget(&mut self, index: usize, htlc: &HtlcOutput, parity: OutputParity) {
        (self.index, self.htlc, self.parity) = (index, *htlc, parity);
        self.transaction.lock_time = lock_time(htlc);
        self.transaction.input[0].previous_output.vout = output_number(index);
        self.transaction.output[0].value = htlc.value;
    }

    /// The transaction, without its witness.
    pub const fn transaction(&self) -> &Transaction {
        &self.transaction
    }

    /// The HTLC it resolves; the direction tells HTLC-timeout from HTLC-success.
    pub const fn htlc(&self) -> &HtlcOutput {
        &self.htlc
    }

    /// The index of the HTLC's output on the commitment.
    pub const fn output_index(&self) -> usize {
        self.index
    }

    /// Where that output is.
    pub fn outpoint(&self) -> OutPoint {
        self.transaction.input[0].previous_output
    }

    /// The output of the commitment it spends.
    pub fn prevout(&self) -> &TxOut {
        &self.commitment.transaction.output[self.index]
    }

    /// The script of its own output.
    pub const fn output_script(&self) -> &OutputScript {
        &self.frame.second_level
    }

    /// What its input reveals.
    pub fn unlock(&self) -> Unlock {
        let (keys, htlc) = (&self.frame.keys, &self.htlc.htlc);
        let revocation = &self.commitment.keys.revocation;
        match (self.commitment.rules.scripts, self.htlc.direction) {
            (Scripts::Taproot(scripts), HtlcDirection::Offered) => {
                let leaves = offered_leaves(scripts, keys, htlc.payment_hash);
                leaf_unlock(revocation, &leaves, self.parity, LeafRole::Timeout).expect("the leaf is there")
            }
            (Scripts::Taproot(scripts), HtlcDirection::Accepted) => {
                let leaves = accepted_leaves(scripts, keys, htlc.payment_hash, htlc.cltv_expiry);
                leaf_unlock(revocation, &leaves, self.parity, LeafRole::Success).expect("the leaf is there")
            }
            (Scripts::Segwit(scripts), HtlcDirection::Offered) => {
                Unlock::WitnessScript(segwit::offered_htlc(scripts, revocation, keys, htlc.payment_hash))
            }
            (Scripts::Segwit(scripts), HtlcDirection::Accepted) => Unlock::WitnessScript(
                segwit::accepted_htlc(scripts, revocation, keys, htlc.payment_hash, htlc.cltv_expiry),
            ),
        }
    }

    /// How its input is spent, in this transaction or in one that resolves several HTLCs at once.
    ///
    /// # Errors
    /// [`HtlcWitnessError`] when an accepted HTLC comes without its preimage.
    pub fn spend(&self, preimage: Option<[u8; 32]>) -> Result<SecondLevelSpend, HtlcWitnessError> {
        let path = match self.htlc.direction {
            HtlcDirection::Offered => SpendPath::HtlcTimeout,
            HtlcDirection::Accepted => SpendPath::HtlcSuccess(self.htlc.htlc.cltv_expiry),
        };
        Ok(SecondLevelSpend {
            path,
            unlock: self.unlock(),
            key: KeyHint {
                key: ChannelKey::Htlc,
                per_commitment_point: self.commitment.keys.per_commitment_point(),
            },
            countersigner_scope: self.commitment.rules.countersigner_scope,
            preimage: self.checked_preimage(preimage)?,
        })
    }

    /// The rules of the format.
    pub const fn rules(&self) -> &FormatRules {
        &self.commitment.rules
    }

    /// What the other party signs, so that the owner can add inputs and outputs that pay a fee.
    pub fn countersigner_digest(&self) -> [u8; 32] {
        self.digest(self.commitment.rules.countersigner_scope)
    }

    /// What the owner signs, for the transaction as it stands.
    pub fn owner_digest(&self) -> [u8; 32] {
        self.digest(SighashScope::All)
    }

    /// Of a leaf its hash is enough: what proves the leaf is not built for a digest.
    fn digest(&self, scope: SighashScope) -> [u8; 32] {
        let (mut cache, prevout) = (SighashCache::new(&self.transaction), slice::from_ref(self.prevout()));
        let digest = match self.commitment.rules.scripts {
            Scripts::Taproot(_) => {
                let hash = self.htlc.htlc.payment_hash;
                let leaf = second_level_leaf(self.htlc.direction, &self.frame.keys, hash).hash();
                leaf_digest(&mut cache, 0, &Prevouts::All(prevout), leaf, scope).ok()
            }
            Scripts::Segwit(_) => self.unlock().digest(&mut cache, 0, prevout, scope).ok(),
        };
        digest.expect("the one input has its previous output and an output beside it")
    }

    /// The transaction, signed by both: 64 bytes of BIP 340 each, or DER.
    ///
    /// # Errors
    /// [`HtlcWitnessError`] when an accepted HTLC comes without its preimage.
    pub fn signed(
        &self,
        countersignature: &[u8],
        signature: &[u8],
        preimage: Option<[u8; 32]>,
    ) -> Result<Transaction, HtlcWitnessError> {
        let witness = self.spend(preimage)?.witness(countersignature, signature);
        let mut transaction = self.transaction.clone();
        transaction.input[0].witness = witness;
        Ok(transaction)
    }

    /// The preimage of an accepted HTLC; an offered one takes none.
    fn checked_preimage(&self, preimage: Option<[u8; 32]>) -> Result<Option<[u8; 32]>, HtlcWitnessError> {
        let payment_hash = self.htlc.htlc.payment_hash;
        match (self.htlc.direction, preimage) {
            (HtlcDirection::Offered, _) => Ok(None),
            (HtlcDirection::Accepted, None) => Err(HtlcWitnessError::PreimageMissing { payment_hash }),
            (HtlcDirection::Accepted, Some(preimage)) => {
                if sha256::Hash::hash(&preimage).to_byte_array() == payment_hash.to_bytes() {
                    Ok(Some(preimage))
                } else {
                    Err(HtlcWitnessError::WrongPreimage { payment_hash })
                }
            }
        }
    }
}

fn output_number(index: usize) -> u32 {
    u32::try_from(index).expect("a commitment has fewer than 2^32 outputs")
}

/// The timeout waits for the expiry, the success for nothing.
fn lock_time(htlc: &HtlcOutput) -> LockTime {
    match htlc.direction {
        HtlcDirection::Offered => LockTime::from_consensus(htlc.htlc.cltv_expiry.to_height()),
        HtlcDirection::Accepted => LockTime::ZERO,
    }
}
