//! A descriptor that was refused: what is wrong, who could take the money, and what would be right.

use alloc::string::String;
use alloc::vec::Vec;

use thiserror::Error;

use super::{DescriptorFault, SpendRight};

/// Why a descriptor does not fund a channel, and what would.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no safe funding descriptor: {}{}", .faults.first().map_or("refused".into(), alloc::string::ToString::to_string), more(.faults.len()))]
pub struct DescriptorRefusal {
    pub(super) faults: Vec<DescriptorFault>,
    pub(super) reading: Option<String>,
    pub(super) rights: Vec<SpendRight>,
    pub(super) corrections: Vec<Correction>,
    pub(super) delayed_output: Option<String>,
}

fn more(faults: usize) -> String {
    match faults {
        0 | 1 => String::new(),
        faults => alloc::format!(" (and {} more)", faults - 1),
    }
}

impl DescriptorRefusal {
    /// Everything that is wrong: first the writing, then keys, locks, who can spend, and the form. Never empty.
    pub fn faults(&self) -> &[DescriptorFault] {
        &self.faults
    }

    /// What the text was taken to mean, in valid form, where that differs from the text. It is no advice: the meaning
    /// is still the refused one.
    pub fn reading(&self) -> Option<&str> {
        self.reading.as_deref()
    }

    /// Who can spend, by which path, from when, as far as the text could be read. Empty for a lone key
    /// whose holder is not known to be one party or both.
    pub fn rights(&self) -> &[SpendRight] {
        &self.rights
    }

    /// Descriptors that would fund a channel of the same two parties, the best first.
    pub fn corrections(&self) -> &[Correction] {
        &self.corrections
    }

    /// Where a delay in the text belongs: the output of a commitment that pays its owner, not the funding output.
    /// `local_delayed` and `revocation` in it stand for keys.
    pub fn delayed_output(&self) -> Option<&str> {
        self.delayed_output.as_deref()
    }
}

/// A descriptor that would be right.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Correction {
    /// The descriptor.
    pub descriptor: String,
    /// Whether it can be used as it stands.
    pub completeness: Completeness,
}

/// Whether a correction can be used as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Completeness {
    /// Yes; its keys are those of the two parties.
    Ready,
    /// No: words in it stand for keys, `MuSig2(A,B)` for the aggregate of two 33-byte keys.
    Template,
}
