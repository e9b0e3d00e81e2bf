//! A transaction before it is signed.

use alloc::vec::Vec;

use bitcoin::hashes::Hash;
use bitcoin::sighash::{EcdsaSighashType, Prevouts, SighashCache, TapSighashType};
use bitcoin::{Amount, Transaction, TxOut, Txid};

use super::{InputHint, SpendFee, UnsignedInput};
use crate::script::{DigestError, SighashScope};
use crate::weight::WalletScript;

/// A transaction whose inputs have no witnesses yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsignedTransaction {
    /// The transaction.
    pub transaction: Transaction,
    /// One for each of its inputs, in their order.
    pub inputs: Vec<UnsignedInput>,
    /// Its fee, term by term.
    pub fee: SpendFee,
}

impl UnsignedTransaction {
    /// Its id, which signing does not change.
    pub fn txid(&self) -> Txid {
        self.transaction.compute_txid()
    }

    /// The outputs it spends, in the order of its inputs.
    pub fn prevouts(&self) -> Vec<TxOut> {
        self.inputs.iter().map(|input| input.prevout.clone()).collect()
    }

    /// The sum of its inputs, in sat; `None` beyond 64 bits.
    pub fn input_value(&self) -> Option<Amount> {
        self.inputs.iter().try_fold(Amount::ZERO, |sum, input| sum.checked_add(input.prevout.value))
    }

    /// The sum of its outputs, in sat; `None` beyond 64 bits.
    pub fn output_value(&self) -> Option<Amount> {
        self.transaction.output.iter().try_fold(Amount::ZERO, |sum, output| sum.checked_add(output.value))
    }

    /// The 32 bytes to be signed for the input at `index`, committing to all of the transaction (BIP 341, BIP 143).
    ///
    /// # Errors
    /// [`DigestError`] when there is no such input, or nothing of it to be signed here.
    pub fn digest(&self, index: usize) -> Result<[u8; 32], DigestError> {
        self.digest_of(&mut SighashCache::new(&self.transaction), &self.prevouts(), index)
    }

    /// The same for every input, in their order. What the digests have in common is hashed once, so that the time grows
    /// with the number of inputs and not with its square.
    pub fn digests(&self) -> impl Iterator<Item = Result<[u8; 32], DigestError>> {
        let (mut cache, prevouts) = (SighashCache::new(&self.transaction), self.prevouts());
        (0..self.inputs.len()).map(move |index| self.digest_of(&mut cache, &prevouts, index))
    }

    fn digest_of(
        &self,
        cache: &mut SighashCache<&Transaction>,
        prevouts: &[TxOut],
        index: usize,
    ) -> Result<[u8; 32], DigestError> {
        let inputs = self.transaction.input.len();
        let missing = DigestError::Inputs { index, inputs, prevouts: prevouts.len() };
        let input = self.inputs.get(index).ok_or(missing)?;
        match &input.hint {
            InputHint::Funding(script) => script.unlock().digest(cache, index, prevouts, SighashScope::All),
            InputHint::Channel(spend) => spend.unlock.digest(cache, index, prevouts, SighashScope::All),
            InputHint::SecondLevel(spend) => spend.unlock.digest(cache, index, prevouts, SighashScope::All),
            InputHint::Coin(coin) => match coin.script {
                WalletScript::P2tr => cache
                    .taproot_key_spend_signature_hash(
                        index,
                        &Prevouts::All(prevouts),
                        TapSighashType::Default,
                    )
                    .map(Hash::to_byte_array)
                    .map_err(|_| missing),
                WalletScript::P2wpkh => cache
                    .p2wpkh_signature_hash(
                        index,
                        &input.prevout.script_pubkey,
                        input.prevout.value,
                        EcdsaSighashType::All,
                    )
                    .map(Hash::to_byte_array)
                    .map_err(|_| missing),
                _ => Err(DigestError::NothingToSign { index }),
            },
            InputHint::Anchor | InputHint::OpenAnchor(_) | InputHint::Foreign => {
                Err(DigestError::NothingToSign { index })
            }
        }
    }
}
