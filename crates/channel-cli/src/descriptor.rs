//! A judged descriptor as it is printed: one object for the table and for JSON.

use schemars::JsonSchema;
use serde::Serialize;
use taproot_channels::bitcoin::absolute::{Height, LockTime};
use taproot_channels::bitcoin::relative;
use taproot_channels::tx::descriptor::{
    Completeness, Correction, DescriptorContext, DescriptorFault, DescriptorRefusal, FundingDescriptor,
    FundingForm, FundingPath, KeyFault, Ownership, Participant, Preimage, Signer, SpendRight, Standing,
};

/// The name of the JSON form.
const SCHEMA: &str = "taproot-channels/descriptor/v1";

/// What `channel descriptor check --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DescriptorReport {
    /// The name of the form.
    pub(crate) schema: &'static str,
    /// The verdict.
    pub(crate) verdict: Verdict,
    /// The network it was judged for.
    pub(crate) network: String,
    /// The height of the tip it was judged at, if one was given.
    pub(crate) tip_height: Option<u32>,
    /// The descriptor as given, with its checksum when accepted; absent when it holds a private key.
    pub(crate) descriptor: Option<String>,
    /// What the text was taken to mean, in valid form, where that differs from the text.
    pub(crate) reading: Option<String>,
    /// The accepted output.
    pub(crate) output: Option<AcceptedOutput>,
    /// Everything that is wrong; empty when accepted.
    pub(crate) faults: Vec<FaultEntry>,
    /// Who can spend, by which path, from when.
    pub(crate) rights: Vec<RightEntry>,
    /// Descriptors that would be right, the best first; empty when accepted.
    pub(crate) corrections: Vec<CorrectionEntry>,
    /// The output of a commitment in which a delay like that of the text belongs.
    pub(crate) delayed_output: Option<String>,
}

/// Whether the descriptor may fund a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// It may.
    Accepted,
    /// It may not.
    Refused,
}

/// An accepted output.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AcceptedOutput {
    /// `key_path_musig2`, `nums_multi_a`, `nums_and_v` or `wsh_multi`.
    pub(crate) form: &'static str,
    /// The form in words.
    pub(crate) text: String,
    /// The internal key of a Taproot output.
    pub(crate) internal_key: Option<String>,
    /// The keys in its script, in that order; empty for `key_path_musig2`.
    pub(crate) keys: Vec<String>,
    /// The script of the output, in hexadecimal.
    pub(crate) script_pubkey: String,
    /// Its address.
    pub(crate) address: String,
    /// `proven`: the keys are those of the participants; `not_judged`: no participants were given.
    pub(crate) ownership: &'static str,
}

/// One thing that is wrong.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FaultEntry {
    /// `syntax`, `key`, `lock`, `spend` or `form`.
    pub(crate) class: &'static str,
    /// A stable word for it.
    pub(crate) code: &'static str,
    /// Where in the text as given, in bytes from 0, if it is in one place.
    pub(crate) position: Option<usize>,
    /// What is wrong and what to do.
    pub(crate) text: String,
}

/// A way to spend.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RightEntry {
    /// Who has to sign; nobody, if anybody can spend.
    pub(crate) signers: Vec<SignerEntry>,
    /// `key_path`, `leaf` or `script`.
    pub(crate) path: &'static str,
    /// The place of the leaf among the leaves, from 0.
    pub(crate) leaf: Option<usize>,
    /// What the leaf says.
    pub(crate) miniscript: Option<String>,
    /// From this block height on.
    pub(crate) after_height: Option<u32>,
    /// From this median time on, in seconds since 1970.
    pub(crate) after_time: Option<u32>,
    /// This many blocks after the output confirms.
    pub(crate) older_blocks: Option<u32>,
    /// This many seconds after the output confirms.
    pub(crate) older_seconds: Option<u32>,
    /// Whether a preimage is needed.
    pub(crate) needs_preimage: bool,
    /// Whether the absolute locks are known to be open now; absent when that is not known.
    pub(crate) absolute_open: Option<bool>,
    /// The same in words.
    pub(crate) text: String,
}

/// Who signs.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SignerEntry {
    /// 1 or 2, in the order the participants were given.
    pub(crate) participant: Option<u8>,
    /// The key as the descriptor writes it, when it is no participant's.
    pub(crate) key: Option<String>,
}

/// A descriptor that would be right.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CorrectionEntry {
    /// The descriptor.
    pub(crate) descriptor: String,
    /// Whether it can be used as it stands; otherwise words in it stand for keys.
    pub(crate) ready: bool,
}

impl DescriptorReport {
    /// The report on `text`, judged against `context`.
    pub(crate) fn new(
        text: &str,
        context: &DescriptorContext,
        verdict: &Result<FundingDescriptor, DescriptorRefusal>,
    ) -> Self {
        let report = Self {
            schema: SCHEMA,
            verdict: Verdict::Accepted,
            network: context.network().to_string(),
            tip_height: context.tip().map(Height::to_consensus_u32),
            descriptor: None,
            reading: None,
            output: None,
            faults: Vec::new(),
            rights: Vec::new(),
            corrections: Vec::new(),
            delayed_output: None,
        };
        match verdict {
            Ok(accepted) => Self {
                descriptor: Some(accepted.descriptor().to_owned()),
                output: Some(AcceptedOutput::new(accepted)),
                rights: rights(accepted.rights(), context),
                ..report
            },
            Err(refusal) => {
                let is_secret =
                    |fault: &DescriptorFault| matches!(fault, DescriptorFault::Key(KeyFault::Private { .. }));
                let shown = !refusal.faults().iter().any(is_secret);
                Self {
                    verdict: Verdict::Refused,
                    descriptor: shown.then(|| text.to_owned()),
                    reading: refusal.reading().map(str::to_owned),
                    faults: refusal.faults().iter().map(FaultEntry::new).collect(),
                    rights: rights(refusal.rights(), context),
                    corrections: refusal.corrections().iter().map(CorrectionEntry::new).collect(),
                    delayed_output: refusal.delayed_output().map(str::to_owned),
                    ..report
                }
            }
        }
    }
}

impl AcceptedOutput {
    fn new(accepted: &FundingDescriptor) -> Self {
        let (internal_key, keys) = match accepted.form() {
            FundingForm::KeyPathMuSig2 { internal_key } => (Some(internal_key.to_string()), Vec::new()),
            FundingForm::NumsMultiA { nums, keys } | FundingForm::NumsAndV { nums, keys } => {
                (Some(nums.key().to_string()), keys.iter().map(ToString::to_string).collect())
            }
            FundingForm::WshMulti { keys } => (None, keys.iter().map(ToString::to_string).collect()),
            _ => (None, Vec::new()),
        };
        Self {
            form: accepted.form().code(),
            text: accepted.form().to_string(),
            internal_key,
            keys,
            script_pubkey: accepted.script_pubkey().to_hex_string(),
            address: accepted.address().to_string(),
            ownership: match accepted.ownership() {
                Ownership::Proven => "proven",
                Ownership::NotJudged => "not_judged",
            },
        }
    }
}

impl FaultEntry {
    fn new(fault: &DescriptorFault) -> Self {
        let class = match fault {
            DescriptorFault::Syntax(_) => "syntax",
            DescriptorFault::Key(_) => "key",
            DescriptorFault::Lock(_) => "lock",
            DescriptorFault::Spend(_) => "spend",
            _ => "form",
        };
        Self { class, code: fault.code(), position: fault.position(), text: fault.to_string() }
    }
}

impl CorrectionEntry {
    fn new(correction: &Correction) -> Self {
        let ready = correction.completeness == Completeness::Ready;
        Self { descriptor: correction.descriptor.clone(), ready }
    }
}

fn rights(rights: &[SpendRight], context: &DescriptorContext) -> Vec<RightEntry> {
    rights.iter().map(|right| RightEntry::new(right, context)).collect()
}

impl RightEntry {
    fn new(right: &SpendRight, context: &DescriptorContext) -> Self {
        let (path, leaf, miniscript) = match &right.path {
            FundingPath::KeyPath => ("key_path", None, None),
            FundingPath::Leaf { index, miniscript, .. } => ("leaf", Some(*index), Some(miniscript.clone())),
            FundingPath::Script => ("script", None, None),
        };
        let (after_height, after_time, absolute_open) = match right.after {
            None => (None, None, Some(true)),
            Some(LockTime::Blocks(height)) => {
                let open = match context.standing(height) {
                    Standing::Past => Some(true),
                    Standing::Ahead { .. } => Some(false),
                    Standing::Unknown => None,
                };
                (Some(height.to_consensus_u32()), None, open)
            }
            Some(LockTime::Seconds(time)) => (None, Some(time.to_consensus_u32()), None),
        };
        let (older_blocks, older_seconds) = match right.older.and_then(|older| older.to_relative_lock_time())
        {
            Some(relative::LockTime::Blocks(height)) => (Some(u32::from(height.value())), None),
            Some(relative::LockTime::Time(time)) => (None, Some(u32::from(time.value()) * 512)),
            None => (None, None),
        };
        Self {
            signers: right.signers.iter().map(SignerEntry::new).collect(),
            path,
            leaf,
            miniscript,
            after_height,
            after_time,
            older_blocks,
            older_seconds,
            needs_preimage: right.preimage == Preimage::Needed,
            absolute_open,
            text: right.to_string(),
        }
    }
}

impl SignerEntry {
    fn new(signer: &Signer) -> Self {
        match signer {
            Signer::Participant(Participant::First) => Self { participant: Some(1), key: None },
            Signer::Participant(Participant::Second) => Self { participant: Some(2), key: None },
            Signer::Holder(key) => Self { participant: None, key: Some(key.clone()) },
        }
    }
}
