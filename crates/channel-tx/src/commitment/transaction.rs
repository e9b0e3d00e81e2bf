//! A built commitment: the transaction, and what each of its outputs is.

use alloc::vec::Vec;

use bitcoin::{OutPoint, Transaction, TxOut, Txid};
use channel_core::commitment::{FeeBreakdown, HtlcOutput};
use channel_core::{CommitmentNumber, CsvDelay, Msat, PerSide, Side};

use super::builder::HtlcFrame;
use super::{BuilderId, HtlcTransaction};
use crate::format::FormatRules;
use crate::keys::CommitmentKeys;
use crate::keys::point::OutputParity;

/// A commitment, unsigned: its input has no witness yet.
#[derive(Debug, Clone)]
pub struct Commitment {
    pub(super) builder: BuilderId,
    pub(super) mirrored_builder: BuilderId,
    pub(super) rules: FormatRules,
    pub(super) owner: Side,
    pub(super) number: CommitmentNumber,
    pub(super) to_self_delay: CsvDelay,
    pub(super) funding_txout: TxOut,
    pub(super) keys: CommitmentKeys,
    pub(super) htlc: Option<HtlcFrame>,
    pub(super) transaction: Transaction,
    pub(super) outputs: Vec<CommitmentOutput>,
    pub(super) balances: PerSide<Msat>,
    pub(super) fee: FeeBreakdown,
    pub(super) sighash: [u8; 32],
}

/// One output of a commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitmentOutput {
    /// What it is.
    pub role: OutputRole,
    pub(super) parity: OutputParity,
}

impl CommitmentOutput {
    pub(super) const fn new(role: OutputRole, parity: OutputParity) -> Self {
        Self { role, parity }
    }
}

/// What an output of a commitment is. "Local" is the owner of the commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutputRole {
    /// The owner's balance, delayed.
    ToLocal,
    /// The other party's balance.
    ToRemote,
    /// The owner's keyed anchor.
    LocalAnchor,
    /// The other party's keyed anchor.
    RemoteAnchor,
    /// The anchor anyone can spend.
    SharedAnchor,
    /// An HTLC.
    Htlc(HtlcOutput),
}

impl Commitment {
    /// Whose commitment it is: who can publish it.
    pub const fn owner(&self) -> Side {
        self.owner
    }

    /// Its number.
    pub const fn number(&self) -> CommitmentNumber {
        self.number
    }

    /// The rules of its format.
    pub const fn rules(&self) -> &FormatRules {
        &self.rules
    }

    /// The delay on the owner's outputs.
    pub const fn to_self_delay(&self) -> CsvDelay {
        self.to_self_delay
    }

    /// The keys on it.
    pub const fn keys(&self) -> &CommitmentKeys {
        &self.keys
    }

    /// The transaction, without its witness.
    pub const fn transaction(&self) -> &Transaction {
        &self.transaction
    }

    /// Its id: witnesses do not change it.
    pub fn txid(&self) -> Txid {
        self.transaction.compute_txid()
    }

    /// The output it spends.
    pub const fn funding_txout(&self) -> &TxOut {
        &self.funding_txout
    }

    /// The outpoint it spends.
    pub fn funding_outpoint(&self) -> OutPoint {
        self.transaction.input.first().map_or_else(OutPoint::null, |input| input.previous_output)
    }

    /// What its outputs are, in their order.
    pub fn outputs(&self) -> &[CommitmentOutput] {
        &self.outputs
    }

    /// What `side` owns in its state, before fees, anchors and trimming, in msat. What neither side owns is in HTLCs.
    pub const fn balance(&self, side: Side) -> Msat {
        *self.balances.of(side)
    }

    /// Its fee, term by term.
    pub const fn fee(&self) -> &FeeBreakdown {
        &self.fee
    }

    /// The same commitment as the other party sees it: who is local and who is remote is exchanged, the transaction is
    /// the same. For whoever runs both parties of a channel in one process; a party of its own builds what it signs.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        let mut mirrored = self.clone();
        mirrored.owner = self.owner.other();
        (mirrored.builder, mirrored.mirrored_builder) = (self.mirrored_builder, self.builder);
        for output in &mut mirrored.outputs {
            if let OutputRole::Htlc(output) = &mut output.role {
                output.htlc.offered_by = output.htlc.offered_by.other();
            }
        }
        mirrored
    }

    /// What both parties sign: the BIP 341 key path digest, or the BIP 143 digest with `SIGHASH_ALL`.
    pub const fn sighash(&self) -> [u8; 32] {
        self.sighash
    }

    /// The second-level transactions of its HTLC outputs, in the order of the outputs, which is the order in which
    /// their signatures are sent (BOLT 2, `commitment_signed`).
    pub fn htlc_transactions(&self) -> impl Iterator<Item = HtlcTransaction<'_>> {
        let txid = self.htlc.as_ref().map(|_| self.txid());
        self.outputs.iter().enumerate().filter_map(move |(index, output)| match (&output.role, &self.htlc) {
            (OutputRole::Htlc(htlc), Some(frame)) => {
                Some(HtlcTransaction::new(self, frame, txid?, index, htlc, output.parity))
            }
            _ => None,
        })
    }

    /// Calls `visit` with what the other party signs for each HTLC transaction, in the order of the outputs. One
    /// transaction is built and changed for each: nothing is allocated per HTLC.
    pub fn for_each_htlc_digest(&self, mut visit: impl FnMut([u8; 32])) {
        let mut transactions = self.htlc_transactions();
        let Some(mut current) = transactions.next() else { return };
        visit(current.countersigner_digest());
        for (index, output) in self.outputs.iter().enumerate().skip(current.output_index() + 1) {
            if let OutputRole::Htlc(htlc) = &output.role {
                current.retarget(index, htlc, output.parity);
                visit(current.countersigner_digest());
            }
        }
    }

    /// How many HTLCs have outputs.
    pub fn htlc_count(&self) -> usize {
        self.outputs.iter().filter(|output| matches!(output.role, OutputRole::Htlc(_))).count()
    }
}
