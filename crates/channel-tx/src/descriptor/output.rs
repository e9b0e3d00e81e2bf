//! The script of an output, once every key of its descriptor is known.

use alloc::string::String;

use bitcoin::{ScriptBuf, XOnlyPublicKey};
use miniscript::{Descriptor, MiniscriptKey, Translator};

use super::FundingKey;

/// The script of the output; nothing, if a key is missing or of the wrong kind for it.
pub(super) fn script_pubkey(
    descriptor: &Descriptor<String>,
    key: &dyn Fn(&str) -> Option<FundingKey>,
) -> Option<ScriptBuf> {
    if let Descriptor::Tr(_) = descriptor {
        let x_only = |text: &str| key(text).map(|key| key.x_only());
        let keyed: Descriptor<XOnlyPublicKey> = descriptor.translate_pk(&mut Keys(&x_only)).ok()?;
        return Some(keyed.script_pubkey());
    }
    let whole = |text: &str| key(text)?.whole().map(bitcoin::PublicKey::new);
    let keyed: Descriptor<bitcoin::PublicKey> = descriptor.translate_pk(&mut Keys(&whole)).ok()?;
    Some(keyed.script_pubkey())
}

/// Puts keys in the place of their texts. Accepted forms have no hashes.
struct Keys<'k, Pk>(&'k dyn Fn(&str) -> Option<Pk>);

/// A text that is no key.
struct Missing;

impl<Pk: MiniscriptKey> Translator<String> for Keys<'_, Pk> {
    type TargetPk = Pk;
    type Error = Missing;

    fn pk(&mut self, text: &String) -> Result<Pk, Missing> {
        (self.0)(text).ok_or(Missing)
    }

    fn sha256(&mut self, _: &String) -> Result<Pk::Sha256, Missing> {
        Err(Missing)
    }

    fn hash256(&mut self, _: &String) -> Result<Pk::Hash256, Missing> {
        Err(Missing)
    }

    fn ripemd160(&mut self, _: &String) -> Result<Pk::Ripemd160, Missing> {
        Err(Missing)
    }

    fn hash160(&mut self, _: &String) -> Result<Pk::Hash160, Missing> {
        Err(Missing)
    }
}
