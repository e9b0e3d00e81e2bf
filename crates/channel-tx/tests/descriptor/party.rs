//! Two parties with known secrets, and the judge asked in short.

use channel_tx::bitcoin::Network;
use channel_tx::bitcoin::absolute::Height;
use channel_tx::bitcoin::key::{Keypair, Secp256k1};
use channel_tx::bitcoin::secp256k1::{All, PublicKey, SecretKey};
use channel_tx::descriptor::{
    Completeness, DescriptorContext, DescriptorRefusal, FundingDescriptor, FundingKey, NumsPoint,
    Participants,
};

/// The descriptor of the page this project grew from.
pub(crate) const PAGE: &str = "tr(alice_key,{and_v(v:pk(bob_key),after(144))})";

/// Somebody with a key.
pub(crate) struct Party {
    pub(crate) pair: Keypair,
}

impl Party {
    pub(crate) fn new(byte: u8) -> Self {
        let secret = SecretKey::from_slice(&[byte; 32]).unwrap();
        Self { pair: Keypair::from_secret_key(&secp(), &secret) }
    }

    pub(crate) fn whole(&self) -> PublicKey {
        self.pair.public_key()
    }

    /// The x coordinate, as text.
    pub(crate) fn x(&self) -> String {
        self.pair.x_only_public_key().0.to_string()
    }
}

pub(crate) fn secp() -> Secp256k1<All> {
    Secp256k1::new()
}

pub(crate) fn alice() -> Party {
    Party::new(0x0a)
}

pub(crate) fn bob() -> Party {
    Party::new(0x0b)
}

pub(crate) fn carol() -> Party {
    Party::new(0x0c)
}

/// The internal key that nobody has.
pub(crate) fn nums() -> String {
    NumsPoint::Bolt.key().to_string()
}

pub(crate) fn participants() -> Participants {
    Participants::new(FundingKey::Whole(alice().whole()), FundingKey::Whole(bob().whole())).unwrap()
}

/// Mainnet, nothing else known.
pub(crate) fn mainnet() -> DescriptorContext {
    DescriptorContext::new(Network::Bitcoin)
}

/// Mainnet, both parties known.
pub(crate) fn known() -> DescriptorContext {
    mainnet().with_participants(participants())
}

pub(crate) fn at(height: u32) -> DescriptorContext {
    DescriptorContext::new(Network::Regtest).with_tip(Height::from_consensus(height).unwrap())
}

#[track_caller]
pub(crate) fn accepted(text: &str, context: &DescriptorContext) -> FundingDescriptor {
    FundingDescriptor::parse(text, context).unwrap_or_else(|refusal| panic!("{text}: {:?}", refusal.faults()))
}

#[track_caller]
pub(crate) fn refused(text: &str, context: &DescriptorContext) -> DescriptorRefusal {
    FundingDescriptor::parse(text, context).expect_err(text)
}

/// The codes of everything that is wrong.
#[track_caller]
pub(crate) fn codes(text: &str, context: &DescriptorContext) -> Vec<&'static str> {
    refused(text, context).faults().iter().map(channel_tx::descriptor::DescriptorFault::code).collect()
}

/// The corrections that can be used as they stand, each of them accepted.
#[track_caller]
pub(crate) fn ready(refusal: &DescriptorRefusal, context: &DescriptorContext) -> Vec<String> {
    let ready = refusal.corrections().iter().filter(|fix| fix.completeness == Completeness::Ready);
    let ready: Vec<String> = ready.map(|fix| fix.descriptor.clone()).collect();
    for descriptor in &ready {
        accepted(descriptor, context);
    }
    ready
}
