//! One input to be signed.

use alloc::vec::Vec;

use arrayvec::ArrayVec;
use bitcoin::secp256k1::PublicKey;
use bitcoin::{TxOut, Witness};
use thiserror::Error;

use super::Coin;
use crate::funding::FundingScript;
use crate::script::{SighashScope, Unlock};
use crate::weight::{InputPath, SpendPath};

/// The output an input spends, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsignedInput {
    /// The output it spends.
    pub prevout: TxOut,
    /// Who signs it, and with what.
    pub hint: InputHint,
}

/// Who signs an input, and with what.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputHint {
    /// The funding output of a channel: both parties sign.
    Funding(FundingScript),
    /// An output of a commitment or of its second level: one party signs, with a key of the channel.
    Channel(ChannelSpend),
    /// A coin of the caller's wallet.
    Coin(Coin),
    /// An HTLC output of the own commitment, by its second level: both parties sign.
    SecondLevel(SecondLevelSpend),
    /// A P2A output: nobody signs.
    Anchor,
    /// A keyed anchor sixteen blocks after its commitment confirmed: nobody signs.
    OpenAnchor(Unlock),
    /// A coin of somebody else, who signs it elsewhere.
    Foreign,
}

/// How one party alone spends an output of a commitment or of its second level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelSpend {
    /// The path, from which the weight follows.
    pub path: InputPath,
    /// What the input reveals.
    pub unlock: Unlock,
    /// The key that signs.
    pub key: KeyHint,
    /// What goes below the revealed script in the witness.
    pub stack: SpendStack,
}

/// How the owner spends an HTLC output of its commitment: with the other party's signature, sent along with that of the
/// commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondLevelSpend {
    /// The path, from which the weight follows.
    pub path: SpendPath,
    /// What the input reveals.
    pub unlock: Unlock,
    /// The owner's key, which signs for all of the transaction.
    pub key: KeyHint,
    /// What the other party's signature commits to.
    pub countersigner_scope: SighashScope,
    /// The preimage, of an HTLC the owner accepted.
    pub preimage: Option<[u8; 32]>,
}

/// Which secret of a channel signs, by the basepoint it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChannelKey {
    /// `payment_basepoint`, as it is.
    Payment,
    /// `delayed_payment_basepoint`, derived for the point.
    DelayedPayment,
    /// `htlc_basepoint`, derived for the point.
    Htlc,
    /// `revocation_basepoint`, derived with the revealed secret of the point.
    Revocation,
    /// The funding key, as it is: keyed anchors of `SegwitAnchors`.
    Funding,
}

/// The key that signs an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHint {
    /// The basepoint it is derived from.
    pub key: ChannelKey,
    /// The point it is derived for, whosever commitment it is.
    pub per_commitment_point: PublicKey,
}

/// An element of a witness, from the bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StackItem {
    /// The signature.
    Signature,
    /// The preimage of the HTLC.
    Preimage,
    /// These bytes: a branch of a script, or a key.
    Bytes(ArrayVec<u8, 33>),
}

/// The witness below the revealed script.
pub type SpendStack = ArrayVec<StackItem, 3>;

/// A witness cannot be put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// The path needs the preimage.
    #[error("this path shows the preimage of the htlc, and none was given")]
    PreimageMissing,
}

impl InputHint {
    /// The witness of an input that nobody signs; `None` when it takes a signature.
    pub fn keyless_witness(&self) -> Option<Witness> {
        match self {
            Self::Anchor => Some(Witness::new()),
            // The script goes on to the delay when the signature is empty; the leaf takes nothing.
            Self::OpenAnchor(unlock @ Unlock::WitnessScript(_)) => Some(unlock.witness([&[][..]])),
            Self::OpenAnchor(unlock) => Some(unlock.witness([])),
            _ => None,
        }
    }
}

impl SecondLevelSpend {
    /// The witness with both signatures: 64 bytes of BIP 340, or DER; the sighash bytes are added here.
    pub fn witness(&self, countersignature: &[u8], signature: &[u8]) -> Witness {
        let theirs = self.unlock.encode_signature(countersignature, self.countersigner_scope);
        let ours = self.unlock.encode_signature(signature, SighashScope::All);
        let taproot = self.unlock.is_taproot();
        // CHECKMULTISIG takes one element too many; an empty preimage chooses the timeout.
        let head: &[&[u8]] = if taproot { &[] } else { &[&[]] };
        let tail: &[&[u8]] = match &self.preimage {
            Some(preimage) => &[preimage],
            None if taproot => &[],
            None => &[&[]],
        };
        self.unlock.witness(head.iter().chain(&[&theirs[..], &ours]).chain(tail).copied())
    }
}

impl ChannelSpend {
    /// With the preimage in its place, so that a signature is all that is missing. Paths without one stay as they are.
    #[must_use]
    pub fn with_preimage(mut self, preimage: &[u8; 32]) -> Self {
        for item in &mut self.stack {
            if *item == StackItem::Preimage {
                *item = StackItem::Bytes(preimage.iter().copied().collect());
            }
        }
        self
    }

    /// The witness with this signature: 64 bytes of BIP 340, or DER; the sighash byte is added here.
    ///
    /// # Errors
    /// [`WitnessError::PreimageMissing`] where the path needs one.
    pub fn witness(&self, signature: &[u8], preimage: Option<&[u8; 32]>) -> Result<Witness, WitnessError> {
        let signature = self.unlock.encode_signature(signature, SighashScope::All);
        let stack = self
            .stack
            .iter()
            .map(|item| match item {
                StackItem::Signature => Ok(&signature[..]),
                StackItem::Preimage => preimage.map(|bytes| &bytes[..]).ok_or(WitnessError::PreimageMissing),
                StackItem::Bytes(bytes) => Ok(bytes.as_slice()),
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(self.unlock.witness(stack))
    }
}
