//! A parent and its child, submitted together: what relay asks of them (BIP 431, and Bitcoin Core's rule on ephemeral
//! dust).

use bitcoin::{Amount, OutPoint, Transaction, Weight};
use channel_core::FeerateKw;
use thiserror::Error;

use crate::commitment::{Commitment, OutputRole};
use crate::policy::{MAX_CHILD_VBYTES, MAX_TRUC_VBYTES, TRUC, dust_outputs};
use crate::weight::enforcement::{self, MainOutputs};

/// One transaction of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackagePart<'a> {
    /// The transaction, signed or not.
    pub transaction: &'a Transaction,
    /// What it weighs when it is signed.
    pub weight: Weight,
    /// What it pays, in sat.
    pub fee: Amount,
}

/// A parent and the one child that pays for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Package<'a> {
    /// The parent.
    pub parent: PackagePart<'a>,
    /// The child.
    pub child: PackagePart<'a>,
}

/// What a package pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PackageFee {
    /// What both pay, in sat.
    pub fee: Amount,
    /// What both weigh, each rounded up to whole vB as relay counts them.
    pub weight: Weight,
    /// The feerate, rounded down.
    pub feerate: FeerateKw,
}

/// A package would not be relayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PackageError {
    /// The child spends no output of the parent.
    #[error("the child spends no output of the parent")]
    NotAChild,
    /// One is TRUC, the other not.
    #[error("a parent of version {parent} with a child of version {child}: both are version 3 or neither")]
    Versions {
        /// Version of the parent.
        parent: i32,
        /// Version of the child.
        child: i32,
    },
    /// One is too large.
    #[error("{vbytes} vB are more than the {max} vB relay takes of it")]
    TooLarge {
        /// Its size.
        vbytes: u64,
        /// The largest it may be.
        max: u64,
    },
    /// A dust output that relay does not take: a second one, one of a parent that pays a fee, one the child does not
    /// spend, or one of the child.
    #[error(
        "dust at {outpoint}: a parent may have one such output when it pays no fee and the child spends it"
    )]
    Dust {
        /// The output.
        outpoint: OutPoint,
    },
    /// Both pay too little.
    #[error("the package pays {feerate}, {minimum} is asked for")]
    Feerate {
        /// What it pays.
        feerate: FeerateKw,
        /// What it should pay.
        minimum: FeerateKw,
    },
}

/// What relay asks a fee for: Bitcoin Core adds up the virtual bytes of the two, each rounded up, which is up to one and a
/// half more than those of the sum.
pub(super) fn relayed_weight(parent: Weight, child: Weight) -> Weight {
    let whole = |weight: Weight| weight.to_wu().div_ceil(4).saturating_mul(4);
    Weight::from_wu(whole(parent).saturating_add(whole(child)))
}

impl<'a> PackagePart<'a> {
    /// A commitment, as it weighs when it is signed: exactly with Taproot, at most with segwit.
    pub fn of_commitment(commitment: &'a Commitment) -> Self {
        let has = |role| commitment.outputs().iter().any(|output| output.role == role);
        let main = match (has(OutputRole::ToLocal), has(OutputRole::ToRemote)) {
            (true, true) => MainOutputs::Both,
            (true, false) => MainOutputs::ToLocalOnly,
            (false, true) => MainOutputs::ToRemoteOnly,
            (false, false) => MainOutputs::Neither,
        };
        let htlcs = u16::try_from(commitment.htlc_count()).unwrap_or(u16::MAX);
        let transaction = commitment.transaction();
        let paid = transaction.output.iter().try_fold(Amount::ZERO, |sum, out| sum.checked_add(out.value));
        let fee = paid.and_then(|paid| commitment.funding_txout().value.checked_sub(paid));
        Self {
            transaction,
            weight: enforcement::commitment(commitment.rules().format, main, htlcs).weight(),
            fee: fee.unwrap_or(Amount::ZERO),
        }
    }
}

impl PackagePart<'_> {
    fn vbytes(&self) -> u64 {
        self.weight.to_wu().div_ceil(4)
    }

    fn check_size(&self, max: u64) -> Result<(), PackageError> {
        let vbytes = self.vbytes();
        if vbytes > max { Err(PackageError::TooLarge { vbytes, max }) } else { Ok(()) }
    }

    fn output(&self, vout: u32) -> OutPoint {
        OutPoint { txid: self.transaction.compute_txid(), vout }
    }

    fn spends(&self, outpoint: OutPoint) -> bool {
        self.transaction.input.iter().any(|input| input.previous_output == outpoint)
    }
}

impl Package<'_> {
    /// What the package pays, if it is relayed where `minimum` is asked for.
    ///
    /// That nothing else unconfirmed is spent by either, or spends the parent, is the caller's to know: a TRUC parent
    /// has one child, and the child one parent.
    ///
    /// # Errors
    /// [`PackageError`] names the first rule that is broken.
    pub fn check(&self, minimum: FeerateKw) -> Result<PackageFee, PackageError> {
        self.check_topology()?;
        self.check_dust()?;
        let paid = self.fee();
        if minimum.fee_ceil(paid.weight) > paid.fee {
            return Err(PackageError::Feerate { feerate: paid.feerate, minimum });
        }
        Ok(paid)
    }

    /// What the package pays.
    pub fn fee(&self) -> PackageFee {
        let fee = self.parent.fee.checked_add(self.child.fee).unwrap_or(Amount::MAX);
        let weight = relayed_weight(self.parent.weight, self.child.weight);
        let per_kw = u128::from(fee.to_sat()) * 1000 / u128::from(weight.to_wu().max(1));
        let feerate = FeerateKw::from_sat_per_kw(u32::try_from(per_kw).unwrap_or(u32::MAX));
        PackageFee { fee, weight, feerate }
    }

    fn check_topology(&self) -> Result<(), PackageError> {
        let (parent, child) = (self.parent.transaction, self.child.transaction);
        let txid = parent.compute_txid();
        if child.input.iter().all(|input| input.previous_output.txid != txid) {
            return Err(PackageError::NotAChild);
        }
        let truc = parent.version == TRUC;
        if truc != (child.version == TRUC) {
            return Err(PackageError::Versions { parent: parent.version.0, child: child.version.0 });
        }
        if truc {
            self.parent.check_size(MAX_TRUC_VBYTES)?;
            self.child.check_size(MAX_CHILD_VBYTES)?;
        }
        Ok(())
    }

    /// Bitcoin Core 29 on: one dust output, of a parent without fee, which the child spends.
    fn check_dust(&self) -> Result<(), PackageError> {
        for (count, vout) in dust_outputs(self.parent.transaction).enumerate() {
            let outpoint = self.parent.output(vout);
            if count > 0 || self.parent.fee > Amount::ZERO || !self.child.spends(outpoint) {
                return Err(PackageError::Dust { outpoint });
            }
        }
        match dust_outputs(self.child.transaction).next() {
            Some(vout) => Err(PackageError::Dust { outpoint: self.child.output(vout) }),
            None => Ok(()),
        }
    }
}
