//! Output descriptors (BIP 380, BIP 386) that may fund a channel, and why others may not.
//!
//! A descriptor that parses is not a safe one: `tr(A,and_v(v:pk(B),after(144)))` parses, and A takes everything at any
//! time. [`FundingDescriptor::parse`] therefore computes who can spend, by which path and from when, and accepts only
//! the forms in which neither party ever can without the other:
//!
//! | form | |
//! |---|---|
//! | `tr(MuSig2(A,B))` | the key written as the aggregate; it can be told only when the parties are known |
//! | `tr(NUMS,multi_a(2,A,B))` | NUMS: a [known point](NumsPoint) without a private key |
//! | `tr(NUMS,and_v(v:pk(A),pk(B)))` | |
//! | `wsh(multi(2,A,B))`, `wsh(sortedmulti(2,A,B))` | the segwit funding output of BOLT 3, keys sorted |
//!
//! Everything else is a [`DescriptorRefusal`], which names every fault, says who could take the money and when, and
//! gives the right form for the same two parties.

mod analysis;
mod context;
mod correction;
mod fault;
mod form;
mod judgement;
mod key;
mod keyring;
mod lock;
mod output;
mod participants;
mod refusal;
mod right;
mod syntax;

pub use context::{DescriptorContext, Standing};
pub use fault::{
    DescriptorFault, FormFault, IndefiniteKey, KeyFault, LockFault, OpaqueScript, SpendFault, SyntaxFault,
};
pub use form::{FundingForm, NumsPoint};
pub use participants::{FundingKey, ParseFundingKeyError, Participant, Participants, ParticipantsError};
pub use refusal::{Completeness, Correction, DescriptorRefusal};
pub use right::{FundingPath, Preimage, Signer, SpendRight};

use alloc::string::String;
use alloc::vec::Vec;

use bitcoin::{Address, Network, ScriptBuf};

/// Whether the keys are known to be those of the two parties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ownership {
    /// Yes: they were compared with the participants of the context.
    Proven,
    /// The context names no participants. The form needs two different keys; whose they are was not judged.
    NotJudged,
}

/// A descriptor of an output that both parties of a channel own together, and neither alone, ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundingDescriptor {
    form: FundingForm,
    descriptor: String,
    script_pubkey: ScriptBuf,
    network: Network,
    ownership: Ownership,
    rights: Vec<SpendRight>,
}

impl FundingDescriptor {
    /// Reads `text` and judges it.
    ///
    /// # Errors
    /// [`DescriptorRefusal`] unless it is one of the accepted forms, with keys that are valid on the context's network
    /// and, where the context names the participants, theirs.
    pub fn parse(text: &str, context: &DescriptorContext) -> Result<Self, DescriptorRefusal> {
        judgement::judge(text, context)
    }

    /// The form, with its keys.
    pub const fn form(&self) -> &FundingForm {
        &self.form
    }

    /// The descriptor as given, with its checksum.
    pub fn descriptor(&self) -> &str {
        &self.descriptor
    }

    /// The script of the output.
    pub const fn script_pubkey(&self) -> &ScriptBuf {
        &self.script_pubkey
    }

    /// The address of the output on the context's network.
    pub fn address(&self) -> Address {
        Address::from_script(&self.script_pubkey, self.network)
            .expect("every accepted form is a witness program of version 0 or 1")
    }

    /// Whether the keys are known to be those of the two parties.
    pub const fn ownership(&self) -> Ownership {
        self.ownership
    }

    /// Who can spend: both parties together, by one path.
    pub fn rights(&self) -> &[SpendRight] {
        &self.rights
    }
}
