//! The keys of a descriptor: what each is, whose it is, and who therefore has to sign for it.

use alloc::string::String;
use alloc::vec::Vec;

use bitcoin::XOnlyPublicKey;
use bitcoin::bip32::Fingerprint;
use miniscript::{Descriptor, ForEachKey};

use super::analysis::{Control, Signers};
use super::syntax::position_of;
use super::{DescriptorContext, FundingKey, KeyFault, NumsPoint, Participant, Signer, key};

/// What a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A point without a private key.
    Nums(NumsPoint),
    /// A MuSig2 aggregate of the participants.
    Aggregate,
    /// A participant's own.
    Participant(Participant),
    /// It is not known whose.
    Holder,
}

/// One key of a descriptor.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// As written.
    pub(super) text: String,
    /// What was read.
    pub(super) key: Result<FundingKey, KeyFault>,
    /// What it is.
    pub(super) role: Role,
    /// How often it occurs.
    pub(super) uses: usize,
    /// The wallets it is known to come from.
    sources: Vec<Fingerprint>,
}

impl Entry {
    /// Two texts of one key are one, and so are two keys of one wallet, unless the caller says that they are two parties'.
    fn is_same(&self, other: &Self) -> bool {
        let of_one_wallet = self.role == Role::Holder
            && other.role == Role::Holder
            && self.sources.iter().any(|source| other.sources.contains(source));
        of_one_wallet
            || match (&self.key, &other.key) {
                (Ok(own), Ok(other)) => own.x_only() == other.x_only(),
                _ => self.text == other.text,
            }
    }
}

/// The keys of a descriptor, each once, in the order they are written.
#[derive(Debug, Clone)]
pub(super) struct Keyring {
    pub(super) entries: Vec<Entry>,
}

impl Keyring {
    pub(super) fn new(descriptor: &Descriptor<String>, original: &str, context: &DescriptorContext) -> Self {
        let taproot = matches!(descriptor, Descriptor::Tr(_));
        let mut entries: Vec<(usize, Entry)> = Vec::new();
        descriptor.for_each_key(|text| {
            if let Some((_, known)) = entries.iter_mut().find(|(_, known)| known.text == *text) {
                known.uses += 1;
                return true;
            }
            let position = position_of(original, text).unwrap_or(0);
            let key = key::read(text, position, context.network()).and_then(|key| match key {
                FundingKey::XOnly(_) if !taproot => {
                    Err(KeyFault::XOnlyInSegwit { key: text.clone(), position })
                }
                key => Ok(key),
            });
            let role = key.as_ref().map_or(Role::Holder, |key| role(key, context));
            entries.push((
                position,
                Entry { text: text.clone(), key, role, uses: 1, sources: key::sources(text) },
            ));
            true
        });
        entries.sort_by_key(|(position, _)| *position);
        Self { entries: entries.into_iter().map(|(_, entry)| entry).collect() }
    }

    /// The entry of the key written as `text`.
    pub(super) fn entry(&self, text: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.text == text)
    }

    /// The keys that somebody alone holds, each person once.
    pub(super) fn people(&self) -> Vec<&Entry> {
        let mut people: Vec<&Entry> = Vec::new();
        for entry in &self.entries {
            let personal = matches!(entry.role, Role::Participant(_) | Role::Holder);
            if personal && !people.iter().any(|known| known.is_same(entry)) {
                people.push(entry);
            }
        }
        people
    }

    /// Who there is, and what each key asks for.
    pub(super) fn signers(&self, context: &DescriptorContext) -> Signers {
        let mut signers = Signers::default();
        if context.participants().is_some() {
            signers.list = [Participant::First, Participant::Second].map(Signer::Participant).to_vec();
        }
        let people = self.people();
        let mut holders: Vec<(&Entry, usize)> = Vec::new();
        for entry in people.into_iter().filter(|entry| entry.role == Role::Holder) {
            holders.push((entry, signers.list.len()));
            signers.list.push(Signer::Holder(entry.text.clone()));
        }
        for entry in &self.entries {
            let control = match entry.role {
                Role::Nums(_) => Control::Nobody,
                Role::Aggregate => Control::All([0, 1].to_vec()),
                Role::Participant(Participant::First) => Control::All([0].to_vec()),
                Role::Participant(Participant::Second) => Control::All([1].to_vec()),
                Role::Holder => {
                    let same = holders.iter().find(|(holder, _)| holder.is_same(entry));
                    Control::All(same.map(|(_, signer)| *signer).into_iter().collect())
                }
            };
            signers.keys.push((entry.text.clone(), control));
        }
        signers
    }
}

fn role(key: &FundingKey, context: &DescriptorContext) -> Role {
    let x_only: XOnlyPublicKey = key.x_only();
    if let Some(nums) = NumsPoint::of(x_only) {
        return Role::Nums(nums);
    }
    let Some(participants) = context.participants() else { return Role::Holder };
    if let Some(owner) = participants.owner(x_only) {
        return Role::Participant(owner);
    }
    let aggregates = participants.possible_aggregates();
    if aggregates.iter().any(|aggregate| aggregate.internal_key() == x_only) {
        return Role::Aggregate;
    }
    Role::Holder
}
