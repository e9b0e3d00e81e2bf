//! The verdict: faults of writing, keys, locks, rights and form are collected; a descriptor without any is accepted.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use bitcoin::Sequence;
use bitcoin::absolute::LockTime;
use miniscript::Descriptor;

use super::analysis::{self, Rights};
use super::correction::{self, Family, Party};
use super::form::Shape;
use super::keyring::{Keyring, Role};
use super::output;
use super::syntax::{Reading, checksum_of};
use super::{
    DescriptorContext, DescriptorFault, DescriptorRefusal, FormFault, FundingDescriptor, FundingForm,
    FundingKey, KeyFault, LockFault, Ownership, Participant, SpendFault, lock,
};

/// Blocks proposed where a text names no usable delay: about a day.
const USUAL_DELAY: u32 = 144;

/// Reads `text` and accepts or refuses it.
pub(super) fn judge(text: &str, context: &DescriptorContext) -> Result<FundingDescriptor, DescriptorRefusal> {
    let reading = Reading::new(text, context.network());
    if let Some(position) = reading.private_at {
        // Nothing else is said: every other fault could repeat the secret.
        return Err(DescriptorRefusal {
            faults: [KeyFault::Private { position }.into()].to_vec(),
            reading: None,
            rights: Vec::new(),
            corrections: Vec::new(),
            delayed_output: None,
        });
    }
    let mut faults: Vec<DescriptorFault> = reading.faults.iter().cloned().map(Into::into).collect();
    let Some(descriptor) = &reading.descriptor else {
        return Err(unread(faults, &reading, context));
    };
    let context = &with_named_parties(*context, &reading);
    let case = Case::new(descriptor, text, context);
    faults.extend(case.faults());
    let body = reading.body.as_deref().unwrap_or_default();
    if faults.is_empty() {
        if let Some(accepted) = case.accept(body) {
            return Ok(accepted);
        }
        faults.push(FormFault::OtherForm.into());
    }
    Err(case.refusal(faults, &reading))
}

/// The context; where it names no participants and the text has a `musig()`, with those.
fn with_named_parties(context: DescriptorContext, reading: &Reading) -> DescriptorContext {
    let read = |text: &String| super::key::read(text, 0, context.network()).ok();
    let named = reading
        .musig
        .as_ref()
        .and_then(|[first, second]| super::Participants::new(read(first)?, read(second)?).ok());
    match (context.participants(), named) {
        (None, Some(participants)) => context.with_participants(participants),
        _ => context,
    }
}

/// The refusal of a text whose meaning cannot be told.
fn unread(faults: Vec<DescriptorFault>, reading: &Reading, context: &DescriptorContext) -> DescriptorRefusal {
    let named = || reading.musig.as_ref().and_then(|keys| correction::named(keys, context.network()));
    let parties = correction::parties(context.participants(), None).or_else(named).unwrap_or_else(anyone);
    DescriptorRefusal {
        faults,
        reading: None,
        rights: Vec::new(),
        corrections: correction::corrections(&parties, Family::Taproot),
        delayed_output: None,
    }
}

/// Two parties without names.
fn anyone() -> [Party; 2] {
    ["A", "B"].map(|word| Party::Word(word.into()))
}

/// A descriptor that could be read, with all that is known about it.
struct Case<'c> {
    context: &'c DescriptorContext,
    descriptor: &'c Descriptor<String>,
    text: &'c str,
    shape: Shape<'c>,
    keyring: Keyring,
    rights: Rights,
}

impl<'c> Case<'c> {
    fn new(descriptor: &'c Descriptor<String>, text: &'c str, context: &'c DescriptorContext) -> Self {
        let keyring = Keyring::new(descriptor, text, context);
        let rights = analysis::rights(descriptor, &keyring.signers(context));
        Self { context, descriptor, text, shape: Shape::of(descriptor), keyring, rights }
    }

    fn faults(&self) -> Vec<DescriptorFault> {
        let mut faults: Vec<DescriptorFault> = Vec::new();
        faults
            .extend(self.keyring.entries.iter().filter_map(|entry| entry.key.clone().err()).map(Into::into));
        faults.extend(self.lock_faults().into_iter().map(Into::into));
        faults.extend(self.spend_faults().into_iter().map(Into::into));
        faults.extend(self.form_faults().into_iter().map(Into::into));
        faults
    }

    fn lock_faults(&self) -> Vec<LockFault> {
        let position = |fragment: &str| self.text.find(fragment);
        let after = self.rights.after.iter().map(|lock| {
            let value = lock.to_consensus_u32();
            let position = position(&format!("after({value})"));
            match lock {
                LockTime::Blocks(height) => {
                    let standing = self.context.standing(*height);
                    LockFault::Absolute { height: value, standing, position }
                }
                LockTime::Seconds(_) => LockFault::AbsoluteTime { timestamp: value, position },
            }
        });
        let older = self.rights.older.iter().filter_map(|lock| {
            let value = lock.to_consensus_u32();
            let position = position(&format!("older({value})"));
            match (lock::units(value), lock::counts_time(value), lock::ignored_bits(value)) {
                (0, ..) => Some(LockFault::NoDelay { value, position }),
                (units, true, _) => Some(LockFault::RelativeTime { value, seconds: units * 512, position }),
                (_, false, 0) => None,
                (blocks, false, _) => Some(LockFault::IgnoredBits { value, blocks, position }),
            }
        });
        after.chain(older).collect()
    }

    fn spend_faults(&self) -> Vec<SpendFault> {
        let mut faults = Vec::new();
        for right in self.rights.ways.iter().filter(|right| right.is_single()) {
            if right.signers.is_empty() {
                faults.push(SpendFault::Anybody(right.clone()));
            } else if !self.is_unproven() && !self.is_tweaked_twice() {
                faults.push(SpendFault::SingleParty(right.clone()));
            }
        }
        if self.rights.ways.is_empty() && self.rights.opaque.is_empty() {
            faults.push(SpendFault::Nobody);
        }
        if !matches!(self.shape, Shape::KeyPath(_)) {
            self.role_faults(&mut faults);
        }
        faults
    }

    /// Who is there that should not be, and the other way round.
    fn role_faults(&self, faults: &mut Vec<SpendFault>) {
        let entries = &self.keyring.entries;
        let personal = |role: &Role| matches!(role, Role::Participant(_) | Role::Holder);
        let uses: usize = entries.iter().filter(|entry| personal(&entry.role)).map(|entry| entry.uses).sum();
        if let [only] = self.keyring.people().as_slice()
            && uses > 1
        {
            faults.push(SpendFault::OneKey { key: only.text.clone() });
        }
        if self.context.participants().is_none() {
            return;
        }
        let internal = self.shape.internal_key();
        for entry in entries.iter().filter(|entry| entry.role == Role::Holder) {
            if entry.key.is_ok() && internal != Some(entry.text.as_str()) {
                faults.push(SpendFault::Stranger { key: entry.text.clone() });
            }
        }
        for participant in [Participant::First, Participant::Second] {
            let present = |role: Role| role == Role::Participant(participant) || role == Role::Aggregate;
            if !entries.iter().any(|entry| present(entry.role)) {
                faults.push(SpendFault::Absent { participant });
            }
        }
    }

    fn form_faults(&self) -> Vec<FormFault> {
        let mut faults = Vec::new();
        for (path, reason) in &self.rights.opaque {
            faults.push(FormFault::Opaque { path: path.clone(), reason: *reason });
        }
        if let Shape::Output(kind) = self.shape {
            faults.push(FormFault::Output { kind });
        }
        if let Shape::Multi([first, second]) = self.shape
            && let (Some(first), Some(second)) = (self.whole_key(first), self.whole_key(second))
            && first.serialize() > second.serialize()
        {
            faults.push(FormFault::KeyOrder);
        }
        if let Some(internal) = self.shape.internal_key() {
            faults.extend(self.internal_fault(internal));
        }
        faults
    }

    fn internal_fault(&self, internal: &str) -> Option<FormFault> {
        let entry = self.keyring.entry(internal)?;
        let aggregate = || self.context.participants()?.aggregate();
        let key = entry.text.clone();
        match entry.role {
            Role::Nums(_) | Role::Aggregate => None,
            Role::Holder if self.is_unproven() => Some(FormFault::UnprovenAggregate { key }),
            Role::Holder if self.is_tweaked_twice() => {
                aggregate().map(|aggregate| FormFault::AlreadyTweaked { expected: aggregate.internal_key() })
            }
            Role::Holder | Role::Participant(_) => {
                let expected = aggregate().map(|aggregate| aggregate.internal_key());
                Some(FormFault::InternalKey { key, expected })
            }
        }
    }

    /// A lone key that may well be the aggregate: nobody named the parties.
    fn is_unproven(&self) -> bool {
        matches!(self.shape, Shape::KeyPath(_)) && self.context.participants().is_none()
    }

    /// A lone key that is the aggregate after its tweak.
    fn is_tweaked_twice(&self) -> bool {
        let aggregate = self.context.participants().and_then(super::Participants::aggregate);
        let Shape::KeyPath(internal) = self.shape else { return false };
        let key = self.keyring.entry(internal).and_then(|entry| entry.key.as_ref().ok());
        match (aggregate, key) {
            (Some(aggregate), Some(key)) => aggregate.output_key() == key.x_only(),
            _ => false,
        }
    }

    fn key(&self, text: &str) -> Option<FundingKey> {
        self.keyring.entry(text)?.key.as_ref().ok().copied()
    }

    fn whole_key(&self, text: &str) -> Option<bitcoin::secp256k1::PublicKey> {
        self.key(text)?.whole()
    }

    /// The form, if it is one of the accepted ones.
    fn form(&self) -> Option<FundingForm> {
        let nums = |text: &str| match self.keyring.entry(text)?.role {
            Role::Nums(nums) => Some(nums),
            _ => None,
        };
        let x_only = |keys: [&str; 2]| Some([self.key(keys[0])?.x_only(), self.key(keys[1])?.x_only()]);
        let whole = |keys: [&str; 2]| Some([self.whole_key(keys[0])?, self.whole_key(keys[1])?]);
        match self.shape {
            Shape::KeyPath(internal) => {
                let entry = self.keyring.entry(internal).filter(|entry| entry.role == Role::Aggregate)?;
                let internal_key = entry.key.as_ref().ok()?.x_only();
                Some(FundingForm::KeyPathMuSig2 { internal_key })
            }
            Shape::MultiA(internal, keys) => {
                Some(FundingForm::NumsMultiA { nums: nums(internal)?, keys: x_only(keys)? })
            }
            Shape::AndV(internal, keys) => {
                Some(FundingForm::NumsAndV { nums: nums(internal)?, keys: x_only(keys)? })
            }
            Shape::Multi(keys) => Some(FundingForm::WshMulti { keys: whole(keys)? }),
            Shape::SortedMulti(keys) => {
                let mut keys = whole(keys)?;
                keys.sort_by_key(bitcoin::secp256k1::PublicKey::serialize);
                Some(FundingForm::WshMulti { keys })
            }
            Shape::OtherTr(_) | Shape::OtherWsh | Shape::Output(_) => None,
        }
    }

    /// The descriptor, accepted. The rights are asked once more: whatever its form, no signer may be able to do
    /// without another.
    fn accept(&self, body: &str) -> Option<FundingDescriptor> {
        let rights = &self.rights.ways;
        if rights.is_empty() || rights.iter().any(super::SpendRight::is_single) {
            return None;
        }
        let form = self.form()?;
        let script_pubkey = output::script_pubkey(self.descriptor, &|text| self.key(text))?;
        let ownership = match self.context.participants() {
            Some(_) => Ownership::Proven,
            None => Ownership::NotJudged,
        };
        Some(FundingDescriptor {
            form,
            descriptor: format!("{body}#{}", checksum_of(body)),
            script_pubkey,
            network: self.context.network(),
            ownership,
            rights: rights.clone(),
        })
    }

    fn refusal(&self, faults: Vec<DescriptorFault>, reading: &Reading) -> DescriptorRefusal {
        let parties = correction::parties(self.context.participants(), Some(&self.keyring));
        let corrections = match parties {
            Some(parties) => correction::corrections(&parties, self.family()),
            None if self.keyring.people().len() < 2 => correction::corrections(&anyone(), self.family()),
            None => Vec::new(),
        };
        let mended = reading.body.as_deref().filter(|body| !self.text.contains(body));
        DescriptorRefusal {
            faults,
            reading: mended.map(Into::into),
            // Whether the holder of a lone key is one party or both is just what is not known.
            rights: if self.is_unproven() { Vec::new() } else { self.rights.ways.clone() },
            corrections,
            delayed_output: self.delay().map(correction::delayed_output),
        }
    }

    const fn family(&self) -> Family {
        match self.shape {
            Shape::Multi(_) | Shape::SortedMulti(_) | Shape::OtherWsh | Shape::Output(_) => Family::Segwit,
            Shape::KeyPath(_) | Shape::MultiA(..) | Shape::AndV(..) | Shape::OtherTr(_) => Family::Taproot,
        }
    }

    /// The delay in blocks that the locks of the text seem to be about.
    fn delay(&self) -> Option<u32> {
        let Rights { after, older, .. } = &self.rights;
        if after.is_empty() && older.is_empty() {
            return None;
        }
        let relative =
            older.iter().copied().map(Sequence::to_consensus_u32).filter(|lock| !lock::counts_time(*lock));
        let absolute = after.iter().map(|lock| lock.to_consensus_u32());
        let blocks = relative.map(lock::units).chain(absolute);
        Some(blocks.into_iter().find(|blocks| (1..=0xffff).contains(blocks)).unwrap_or(USUAL_DELAY))
    }
}
