//! A force-close by our own commitment: what it costs to get everything out that is worth it, and what is lost.

use bitcoin::{Amount, Weight};
use channel_core::dust::{EconomicDust, ExitPath};
use channel_core::{FeerateKw, Msat, Side};
use channel_tx::weight::enforcement::{MainOutputs, commitment, fee_bump_child};
use channel_tx::weight::{OutputKind, WalletScript};

use super::commitment::CommitmentDust;
use crate::economic::balance::{is_trimmed, offered_by, pending, role_on};
use crate::economic::terms::{Terms, whole};
use crate::snapshot::ChannelSnapshot;

/// A keyed anchor's value, which the child that raises the fee spends.
const KEYED_ANCHOR: Msat = Msat::from_msat(330_000);
/// The most a shared anchor holds.
const SHARED_ANCHOR_MAX: Msat = Msat::from_msat(240_000);

/// Cost and loss of a force-close at a feerate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ExitPrice {
    /// Commitment, fee bump, claims and sweeps of what is worth it. Claims are counted as inputs of batched
    /// transactions ([`ExitPath::weight`]).
    pub(super) fee: Msat,
    /// Value in outputs that cost more to claim than they hold.
    pub(super) uneconomic: Msat,
}

/// Our own commitment as it could confirm now.
pub(super) struct OwnExit<'a> {
    channel: &'a ChannelSnapshot,
    terms: &'a Terms,
    own: &'a CommitmentDust,
}

impl<'a> OwnExit<'a> {
    /// An exit by our commitment, whose trimming is `own`.
    pub(super) const fn new(channel: &'a ChannelSnapshot, terms: &'a Terms, own: &'a CommitmentDust) -> Self {
        Self { channel, terms, own }
    }

    /// The price at a feerate. The commitment's own fee is fixed by its signature; what it lacks to reach the feerate
    /// is paid by a child that spends our anchor and a wallet coin.
    pub(super) fn price(&self, feerate: FeerateKw) -> ExitPrice {
        let mut price = ExitPrice { fee: self.opener_costs(), uneconomic: Msat::ZERO };
        let mut has_output = false;
        for (value, path) in self.outputs() {
            has_output = true;
            let cost = self.claim_cost(path, feerate);
            if value < cost {
                price.uneconomic = price.uneconomic.saturating_add(whole(value));
            } else {
                price.fee = price.fee.saturating_add(whole(cost));
            }
        }
        if has_output {
            price.fee = price.fee.saturating_add(self.bump(feerate));
        }
        price
    }

    /// The outputs of our commitment that are ours or may become ours, with the way to claim each.
    fn outputs(&self) -> impl Iterator<Item = (Amount, ExitPath)> {
        let to_local = self.own.outputs.local.map(|value| (value, ExitPath::ToLocal));
        let kept = pending(self.channel).iter().filter(|htlc| !is_trimmed(htlc, self.terms, Side::Local));
        let htlcs = kept.map(|htlc| {
            let role = role_on(offered_by(htlc), Side::Local);
            (htlc.amount.to_sat_floor(), ExitPath::own_htlc(role))
        });
        to_local.into_iter().chain(htlcs)
    }

    /// What a claim costs. Without anchors the first stage was signed with a fee at the channel's feerate, only its
    /// sweep follows the market.
    fn claim_cost(&self, path: ExitPath, feerate: FeerateKw) -> Amount {
        let format = self.terms.format;
        let signed = match path {
            ExitPath::OwnOffered => format.second_stage_weight(role_on(Side::Local, Side::Local)),
            ExitPath::OwnAccepted => format.second_stage_weight(role_on(Side::Remote, Side::Local)),
            _ => None,
        };
        match signed {
            Some(weight) => {
                let sweep = EconomicDust::of(ExitPath::SecondLevel, format, feerate).to_amount();
                self.terms.feerate.fee_floor(weight).checked_add(sweep).unwrap_or(Amount::MAX)
            }
            None => EconomicDust::of(path, format, feerate).to_amount(),
        }
    }

    /// What the opener's balance pays for the commitment itself.
    fn opener_costs(&self) -> Msat {
        if !self.terms.may_be_opener(Side::Local) {
            return Msat::ZERO;
        }
        let costs = self.commitment_fee().saturating_add(whole(self.terms.format.anchors_total()));
        costs.min(self.channel.local)
    }

    fn commitment_fee(&self) -> Msat {
        whole(self.terms.format.commitment_fee(self.terms.feerate, self.own.untrimmed))
    }

    /// What a child adds so that commitment and child together pay the feerate; nothing when the commitment alone does,
    /// or where no child is possible.
    fn bump(&self, feerate: FeerateKw) -> Msat {
        let format = self.terms.format;
        let child = fee_bump_child(format, &[WalletScript::P2tr], OutputKind::P2tr);
        let Some(child) = child else { return Msat::ZERO };
        let htlcs = u16::try_from(self.own.untrimmed).unwrap_or(u16::MAX);
        let parent = commitment(format, self.main_outputs(), htlcs).weight();
        let paid = self.commitment_fee();
        if whole(feerate.fee_ceil(parent)) <= paid {
            return Msat::ZERO;
        }
        let anchor =
            if format.is_zero_fee() { self.own.total().min(SHARED_ANCHOR_MAX) } else { KEYED_ANCHOR };
        let package = Weight::from_wu(parent.to_wu().saturating_add(child.weight().to_wu()));
        whole(feerate.fee_ceil(package)).saturating_sub(paid).saturating_sub(anchor)
    }

    const fn main_outputs(&self) -> MainOutputs {
        match (self.own.outputs.local.is_some(), self.own.outputs.remote.is_some()) {
            (true, true) => MainOutputs::Both,
            (true, false) => MainOutputs::ToLocalOnly,
            (false, true) => MainOutputs::ToRemoteOnly,
            (false, false) => MainOutputs::Neither,
        }
    }
}
