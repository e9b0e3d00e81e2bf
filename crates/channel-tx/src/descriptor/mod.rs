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
//!
//! ```
//! use bitcoin::Network;
//! use channel_tx::bitcoin;
//! use channel_tx::descriptor::{DescriptorContext, FundingDescriptor, FundingForm, Participants};
//!
//! let parties = Participants::parse(&[
//!     "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
//!     "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5",
//! ])?;
//! let context = DescriptorContext::new(Network::Bitcoin).with_participants(parties);
//!
//! let refusal = FundingDescriptor::parse("tr(alice,{and_v(v:pk(bob),after(144))})", &context).unwrap_err();
//! assert_eq!(refusal.rights()[0].to_string(), "the holder of alice can spend alone by the key path, at any time");
//!
//! let right = &refusal.corrections()[0].descriptor;
//! let funding = FundingDescriptor::parse(right, &context)?;
//! assert!(matches!(funding.form(), FundingForm::KeyPathMuSig2 { .. }));
//! assert!(funding.address().to_string().starts_with("bc1p"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
