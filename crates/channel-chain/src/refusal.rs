//! Why a transaction is not taken: one variant a rule, with the figures that broke it.

use bitcoin::{Amount, OutPoint, Txid};
use thiserror::Error;

use crate::finality::NotFinal;

/// A rule of consensus or relay that a transaction breaks.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It is no transaction by itself: nothing spent, nothing paid, one coin twice, too much money, or a coinbase.
    #[error("{txid} is malformed: {flaw}")]
    Malformed {
        /// The transaction.
        txid: Txid,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// It is standing on its own outside what is relayed.
    #[error("{txid} is not standard: {rule}")]
    NonStandard {
        /// The transaction.
        txid: Txid,
        /// The rule.
        rule: StandardRule,
    },
    /// Outputs below the dust limit: more than one, or one beside a fee (Bitcoin Core's rule on ephemeral dust).
    #[error("{txid} has {count} dust outputs and pays {fee}: one is relayed, where nothing is paid")]
    Dust {
        /// The transaction.
        txid: Txid,
        /// Its dust outputs.
        count: usize,
        /// What it pays, in sat.
        fee: Amount,
    },
    /// It spends an unconfirmed parent and leaves the parent's dust.
    #[error("{txid} leaves the dust {dust} of the parent it spends")]
    EphemeralDust {
        /// The transaction.
        txid: Txid,
        /// The dust output that has to be spent too.
        dust: OutPoint,
    },
    /// Its lock time has not passed.
    #[error("{txid} is not final: {lock}")]
    LockTime {
        /// The transaction.
        txid: Txid,
        /// The lock.
        lock: NotFinal,
    },
    /// A relative lock of it has not passed (BIP 68).
    #[error("{txid} is not final: {lock}")]
    RelativeLock {
        /// The transaction.
        txid: Txid,
        /// The lock.
        lock: NotFinal,
    },
    /// It is in the chain already.
    #[error("{txid} is confirmed")]
    AlreadyConfirmed {
        /// The transaction.
        txid: Txid,
    },
    /// The mempool has it with another witness.
    #[error("{txid} is in the mempool with another witness")]
    OtherWitness {
        /// The transaction.
        txid: Txid,
    },
    /// It spends what does not exist, or is spent in the chain.
    #[error("{txid} spends {outpoint}, which is not there")]
    MissingInput {
        /// The transaction.
        txid: Txid,
        /// What is missing.
        outpoint: OutPoint,
    },
    /// It spends a coinbase too early.
    #[error("{txid} spends the coinbase {outpoint} after {age} blocks, {required} are asked for")]
    ImmatureCoinbase {
        /// The transaction.
        txid: Txid,
        /// The coinbase output.
        outpoint: OutPoint,
        /// Its age in the next block.
        age: u32,
        /// The age it has to have.
        required: u32,
    },
    /// It pays more than it spends.
    #[error("{txid} pays {paid} out of {spent}")]
    Overspent {
        /// The transaction.
        txid: Txid,
        /// What its outputs are worth, in sat.
        paid: Amount,
        /// What its inputs are worth, in sat.
        spent: Amount,
    },
    /// It, or the package, pays too little for its size.
    #[error("{txid} pays {fee} for {vbytes} vB, {required} is asked for")]
    MinimumFeerate {
        /// The transaction, or the child of the package.
        txid: Txid,
        /// What is paid, in sat.
        fee: Amount,
        /// The size, in vB.
        vbytes: u64,
        /// What is asked for, in sat.
        required: Amount,
    },
    /// A rule of TRUC is broken (BIP 431).
    #[error("{txid} breaks a rule of TRUC: {rule}")]
    Truc {
        /// The transaction.
        txid: Txid,
        /// The rule.
        rule: TrucRule,
    },
    /// With it, too many transactions would be connected.
    #[error("{txid} would be connected to a cluster of {count} transactions and {vbytes} vB")]
    ClusterLimit {
        /// The transaction.
        txid: Txid,
        /// Transactions in the cluster.
        count: usize,
        /// Their size, in vB.
        vbytes: u64,
    },
    /// It would replace transactions of too many clusters.
    #[error("{txid} conflicts with transactions of {clusters} clusters")]
    TooManyReplaced {
        /// The transaction.
        txid: Txid,
        /// How many.
        clusters: usize,
    },
    /// It spends what it would replace.
    #[error("{txid} spends an output of {replaced}, which it conflicts with")]
    SpendsReplaced {
        /// The transaction.
        txid: Txid,
        /// The conflict.
        replaced: Txid,
    },
    /// It pays too little to replace what it conflicts with.
    #[error("{txid} pays {fee}, replacing asks for {required}")]
    ReplacementFee {
        /// The transaction, or the child of the package.
        txid: Txid,
        /// What is paid, in sat.
        fee: Amount,
        /// All that is replaced, and the increment for the new size, in sat.
        required: Amount,
    },
    /// It pays enough, but the mempool would not become better for a miner at every size.
    #[error("{txid} does not improve the feerates of what it replaces")]
    ReplacementFeerate {
        /// The transaction.
        txid: Txid,
    },
    /// The parts of a package do not make a package that is taken.
    #[error("{txid} makes no package: {rule}")]
    Package {
        /// The child.
        txid: Txid,
        /// The rule.
        rule: PackageRule,
    },
    /// A script refuses an input.
    #[error("the script of input {input} of {txid} refuses it")]
    Script {
        /// The transaction.
        txid: Txid,
        /// Which input.
        input: usize,
    },
}

/// What makes a transaction malformed (consensus, without looking at coins).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum Flaw {
    /// It has no inputs.
    #[error("no inputs")]
    NoInputs,
    /// It has no outputs.
    #[error("no outputs")]
    NoOutputs,
    /// Its outputs are worth more than all money.
    #[error("outputs worth more than all money")]
    TooMuchMoney,
    /// It spends one outpoint twice.
    #[error("an outpoint is spent twice")]
    DuplicateInput,
    /// It is a coinbase, which only a block may have.
    #[error("a coinbase outside a block")]
    Coinbase,
    /// It is heavier than a block.
    #[error("heavier than a block")]
    Oversize,
}

/// What makes a transaction non-standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum StandardRule {
    /// The version is not 1, 2 or 3.
    #[error("version {0}")]
    Version(i32),
    /// It weighs too much.
    #[error("{0} weight units")]
    Weight(u64),
    /// It is too small.
    #[error("{0} bytes without witness")]
    TooSmall(usize),
    /// A scriptSig is too long or does more than push.
    #[error("the scriptSig of input {0}")]
    ScriptSig(usize),
    /// An output script is of no known kind.
    #[error("the script of output {0}")]
    OutputScript(usize),
    /// The spent output or the witness is of no known kind.
    #[error("what input {0} spends, or its witness")]
    Input(usize),
    /// Too many signature operations.
    #[error("signature operations that cost {0}")]
    Sigops(usize),
}

/// A rule of TRUC (BIP 431).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum TrucRule {
    /// A TRUC transaction spends an unconfirmed one that is not, or the other way round.
    #[error("the unconfirmed parent {parent} is not of the same kind")]
    Mixed {
        /// The parent.
        parent: Txid,
    },
    /// Too large.
    #[error("{vbytes} vB, {max} at most")]
    TooLarge {
        /// Its size, in vB.
        vbytes: u64,
        /// The largest it may be, in vB.
        max: u64,
    },
    /// More than one unconfirmed ancestor.
    #[error("{count} unconfirmed transactions with its ancestors, 2 at most")]
    Ancestors {
        /// With itself.
        count: usize,
    },
    /// The parent has a descendant already, and it cannot be evicted.
    #[error("{count} unconfirmed transactions with the descendants of {parent}, 2 at most")]
    Descendants {
        /// The parent.
        parent: Txid,
        /// With the parent and the new transaction.
        count: usize,
    },
}

/// What a package has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum PackageRule {
    /// The child spends no output of the parent.
    #[error("the child spends no output of the parent")]
    NotAChild,
    /// Both spend the same coin.
    #[error("parent and child spend the same coin")]
    Conflict,
    /// It would replace something and has further unconfirmed parents.
    #[error("it replaces something and has other unconfirmed parents")]
    ReplacesWithParents,
    /// It would replace something and the child pays no more per vB than the parent.
    #[error("it replaces something and the child does not raise the feerate")]
    ChildPaysLess,
}

/// The class of a refusal, which two backends agree on where their figures differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefusalReason {
    /// Malformed by itself.
    Malformed,
    /// Outside what is relayed.
    NonStandard,
    /// Dust, ephemeral or not, where it may not be.
    Dust,
    /// A lock has not passed.
    NotFinal,
    /// In the chain already.
    AlreadyConfirmed,
    /// In the mempool with another witness.
    OtherWitness,
    /// Something spent is not there.
    MissingInputs,
    /// A coinbase is too young.
    ImmatureCoinbase,
    /// Pays more than it spends.
    Overspent,
    /// Pays too little for its size.
    Feerate,
    /// A rule of TRUC.
    Truc,
    /// Too many connected transactions.
    ClusterLimit,
    /// A rule of replacement.
    Replacement,
    /// No package that is taken.
    Package,
    /// A script refuses.
    Script,
    /// A reason this crate has no class for.
    Other,
}

/// A refusal as the port gives it: its class always, the figures where the backend knows them.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("refused by {reason:?}{}", figures.as_ref().map(|rule| format!(": {rule}")).unwrap_or_default())]
pub struct Rejection {
    /// The class.
    pub reason: RefusalReason,
    /// The rule with its figures.
    pub figures: Option<Box<Refusal>>,
}

impl Refusal {
    /// The class of this refusal.
    pub const fn reason(&self) -> RefusalReason {
        match self {
            Self::Malformed { .. } => RefusalReason::Malformed,
            Self::NonStandard { .. } => RefusalReason::NonStandard,
            Self::Dust { .. } | Self::EphemeralDust { .. } => RefusalReason::Dust,
            Self::LockTime { .. } | Self::RelativeLock { .. } => RefusalReason::NotFinal,
            Self::AlreadyConfirmed { .. } => RefusalReason::AlreadyConfirmed,
            Self::OtherWitness { .. } => RefusalReason::OtherWitness,
            Self::MissingInput { .. } => RefusalReason::MissingInputs,
            Self::ImmatureCoinbase { .. } => RefusalReason::ImmatureCoinbase,
            Self::Overspent { .. } => RefusalReason::Overspent,
            Self::MinimumFeerate { .. } => RefusalReason::Feerate,
            Self::Truc { .. } => RefusalReason::Truc,
            Self::ClusterLimit { .. } => RefusalReason::ClusterLimit,
            Self::TooManyReplaced { .. }
            | Self::SpendsReplaced { .. }
            | Self::ReplacementFee { .. }
            | Self::ReplacementFeerate { .. } => RefusalReason::Replacement,
            Self::Package { .. } => RefusalReason::Package,
            Self::Script { .. } => RefusalReason::Script,
        }
    }

    /// True when more fee alone would change the answer: what a package can mend.
    pub const fn is_about_fee(&self) -> bool {
        matches!(
            self,
            Self::MinimumFeerate { .. } | Self::ReplacementFee { .. } | Self::ReplacementFeerate { .. }
        )
    }
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        Self { reason: refusal.reason(), figures: Some(Box::new(refusal)) }
    }
}
