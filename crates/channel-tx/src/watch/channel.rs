//! A channel as it is watched.

use alloc::vec;
use alloc::vec::Vec;

use bitcoin::absolute::LockTime;
use bitcoin::{OutPoint, Script, ScriptBuf, Sequence, Transaction, TxOut};
use channel_core::{CommitmentNumber, PerSide, Side};

use super::{CommitmentHistory, FundingSpend, Relation, SpendKind, UnknownSpend};
use crate::close::ShutdownScript;
use crate::commitment::CommitmentBuilder;

/// A channel with everything that spends of its funding outputs are told by.
#[derive(Debug, Clone)]
pub struct ChannelWatch<'a, H> {
    /// The funding output of now, then the candidates.
    fundings: Vec<&'a CommitmentBuilder>,
    latest: PerSide<CommitmentNumber>,
    shutdown: PerSide<Vec<ScriptBuf>>,
    history: H,
}

/// Something to watch for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WatchTarget {
    /// A funding output: its confirmation, and its spend.
    Funding {
        /// Where it is, or will be.
        outpoint: OutPoint,
        /// What it holds, and its script.
        txout: TxOut,
    },
    /// Our balance on every commitment of the peer. It is found by its script alone, even when all else is lost.
    OurBalance {
        /// Its script.
        script_pubkey: ScriptBuf,
    },
}

impl WatchTarget {
    /// The script to look for.
    pub fn script_pubkey(&self) -> &Script {
        match self {
            Self::Funding { txout, .. } => &txout.script_pubkey,
            Self::OurBalance { script_pubkey } => script_pubkey,
        }
    }
}

impl<'a, H: CommitmentHistory> ChannelWatch<'a, H> {
    /// The channel on its funding output of now. `latest` has each side's newest commitment that is not revoked.
    pub fn new(channel: &'a CommitmentBuilder, latest: PerSide<CommitmentNumber>, history: H) -> Self {
        let shutdown = PerSide { local: Vec::new(), remote: Vec::new() };
        Self { fundings: vec![channel], latest, shutdown, history }
    }

    /// With one more candidate of a splice. Commitments have one number on all of them.
    #[must_use]
    pub fn with_candidate(mut self, candidate: &'a CommitmentBuilder) -> Self {
        self.fundings.push(candidate);
        self
    }

    /// With one more script that `side` has sent for its output of a close. Scripts of before stay valid: closes with
    /// them have been signed.
    #[must_use]
    pub fn with_shutdown_script(mut self, side: Side, script: &ShutdownScript) -> Self {
        self.shutdown.of_mut(side).push(script.as_script().into());
        self
    }

    /// What to watch for, each once.
    pub fn watch_scripts(&self) -> Vec<WatchTarget> {
        let mut targets = Vec::new();
        for builder in &self.fundings {
            let script_pubkey = builder.to_remote(Side::Remote).script_pubkey();
            let funding =
                WatchTarget::Funding { outpoint: builder.outpoint(), txout: builder.funding_txout().clone() };
            for target in [funding, WatchTarget::OurBalance { script_pubkey }] {
                if !targets.contains(&target) {
                    targets.push(target);
                }
            }
        }
        targets
    }

    /// What `transaction` is to this channel; `None` when it spends none of its funding outputs.
    pub fn classify(&self, transaction: &Transaction) -> Option<FundingSpend> {
        self.fundings.iter().find_map(|builder| {
            let funding = builder.outpoint();
            let input = transaction.input.iter().position(|input| input.previous_output == funding)?;
            let kind = self.kind(builder, transaction);
            Some(FundingSpend { txid: transaction.compute_txid(), funding, input, kind })
        })
    }

    fn kind(&self, builder: &CommitmentBuilder, transaction: &Transaction) -> SpendKind {
        if let Some(funding) = self.splice(transaction) {
            return SpendKind::Splice { funding };
        }
        if let Some(number) = builder.obscuring_factor().reveal(transaction) {
            return match self.owner(builder, transaction, number) {
                Some(owner) => {
                    let relation = Relation::of(number, *self.latest.of(owner));
                    SpendKind::Commitment { owner, number, relation }
                }
                None => SpendKind::Unknown(UnknownSpend::Commitment { number }),
            };
        }
        if self.is_close(transaction) {
            return SpendKind::MutualClose;
        }
        SpendKind::Unknown(UnknownSpend::Other)
    }

    fn splice(&self, transaction: &Transaction) -> Option<OutPoint> {
        let txid = transaction.compute_txid();
        self.fundings.iter().map(|builder| builder.outpoint()).find(|outpoint| outpoint.txid == txid)
    }

    /// Whose commitment it is: by its id, else by the balance of the other side, whose script never changes, else by the
    /// owner's own balance, whose script follows from the point.
    fn owner(
        &self,
        builder: &CommitmentBuilder,
        transaction: &Transaction,
        number: CommitmentNumber,
    ) -> Option<Side> {
        let (funding, txid) = (builder.outpoint(), transaction.compute_txid());
        let known = |owner: &Side| self.history.txid(funding, *owner, number) == Some(txid);
        if let Some(owner) = only(known) {
            return Some(owner);
        }
        if transaction.version != builder.rules().version {
            return None;
        }
        let pays = |script: &ScriptBuf| transaction.output.iter().any(|out| out.script_pubkey == *script);
        let to_remote = |owner: &Side| pays(&builder.to_remote(*owner).script_pubkey());
        let to_local = |owner: &Side| {
            let point = self.history.point(*owner, number);
            let keys = point.and_then(|point| builder.keys(*owner, &point).ok());
            let script = keys.and_then(|keys| builder.to_local(*owner, &keys).ok());
            script.is_some_and(|script| pays(&script.script_pubkey()))
        };
        only(to_remote).or_else(|| only(to_local))
    }

    /// One input that signals replacement (`closing_complete`), or final and without lock time (`closing_signed`), and
    /// no output but to the scripts of both sides, each at most once.
    fn is_close(&self, transaction: &Transaction) -> bool {
        let [input] = transaction.input.as_slice() else { return false };
        let simple = input.sequence == Sequence::ENABLE_RBF_NO_LOCKTIME;
        let negotiated = input.sequence == Sequence::MAX && transaction.lock_time == LockTime::ZERO;
        let outputs: Vec<_> = transaction.output.iter().map(|output| &output.script_pubkey).collect();
        let of = |side: Side, script: &ScriptBuf| self.shutdown.of(side).contains(script);
        let paid = match outputs.as_slice() {
            [one] => of(Side::Local, one) || of(Side::Remote, one),
            [one, other] => {
                of(Side::Local, one) && of(Side::Remote, other)
                    || of(Side::Remote, one) && of(Side::Local, other)
            }
            _ => false,
        };
        (simple || negotiated) && paid
    }
}

/// The side of which this holds, if it does not hold of both.
fn only(holds: impl Fn(&Side) -> bool) -> Option<Side> {
    match (holds(&Side::Local), holds(&Side::Remote)) {
        (true, false) => Some(Side::Local),
        (false, true) => Some(Side::Remote),
        _ => None,
    }
}
