//! A force-close by our own commitment: what it costs to get everything out that is worth it, and what is lost.

use bitcoin::{Amount, Weight};
use channel_core::commitment::Anchors;
use channel_core::dust::{EconomicDust, ExitPath};
use channel_core::htlc::HtlcDirection;
use channel_core::{FeerateKw, Msat, Side};
use channel_tx::weight::enforcement::{MainOutputs, commitment, fee_bump_child};
use channel_tx::weight::{OutputKind, WalletScript};

use super::commitment::CommitmentDust;
use crate::economic::state::State;
use crate::economic::terms::{Terms, whole};

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
    terms: &'a Terms,
    own: &'a CommitmentDust,
    /// What our balance pays for the commitment itself.
    opener_costs: Msat,
    /// The weights of the commitment and of the child that raises its fee, where there can be one.
    package: Option<(Weight, Weight)>,
}

impl<'a> OwnExit<'a> {
    /// An exit by our commitment `own`.
    pub(super) fn new(terms: &'a Terms, state: &State<'_>, own: &'a CommitmentDust) -> Self {
        let costs = state.costs_of(Side::Local, own.outputs.htlcs.len());
        let opener_costs = costs.min(state.balance(Side::Local));
        Self { terms, own, opener_costs, package: package(terms, own) }
    }

    /// The price at a feerate. The commitment's own fee is fixed by its signature; what it lacks to reach the feerate
    /// is paid by a child that spends our anchor and a wallet coin.
    pub(super) fn price(&self, feerate: FeerateKw) -> ExitPrice {
        let mut price = ExitPrice { fee: self.opener_costs, uneconomic: Msat::ZERO };
        let mut has_output = false;
        for (path, value) in self.own.outputs.claims(Side::Local) {
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

    /// What a claim costs. Without anchors the first stage was signed with a fee at the channel's feerate, only its
    /// sweep follows the market.
    fn claim_cost(&self, path: ExitPath, feerate: FeerateKw) -> Amount {
        let format = self.terms.format;
        let signed = match path {
            ExitPath::OwnOffered => format.second_stage_weight(HtlcDirection::Offered),
            ExitPath::OwnAccepted => format.second_stage_weight(HtlcDirection::Accepted),
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

    /// What a child adds so that commitment and child together pay the feerate; nothing when the commitment alone does,
    /// or where no child is possible.
    fn bump(&self, feerate: FeerateKw) -> Msat {
        let Some((parent, child)) = self.package else { return Msat::ZERO };
        let outputs = &self.own.outputs;
        // What is trimmed goes to miners too, so it counts.
        let paid = whole(outputs.fee.total());
        if whole(feerate.fee_ceil(parent)) <= paid {
            return Msat::ZERO;
        }
        let anchor = match outputs.anchors {
            Anchors::Keyed { local, .. } => local.unwrap_or(Amount::ZERO),
            Anchors::Shared(value) => value,
            Anchors::None => Amount::ZERO,
        };
        let package = Weight::from_wu(parent.to_wu().saturating_add(child.to_wu()));
        whole(feerate.fee_ceil(package)).saturating_sub(paid).saturating_sub(whole(anchor))
    }
}

/// The weights of our commitment and of the child that spends its anchor; `None` in formats without one.
fn package(terms: &Terms, own: &CommitmentDust) -> Option<(Weight, Weight)> {
    let child = fee_bump_child(terms.format, &[WalletScript::P2tr], OutputKind::P2tr)?;
    let htlcs = u16::try_from(own.outputs.htlcs.len()).unwrap_or(u16::MAX);
    let mains = match (own.outputs.to_local.is_some(), own.outputs.to_remote.is_some()) {
        (true, true) => MainOutputs::Both,
        (true, false) => MainOutputs::ToLocalOnly,
        (false, true) => MainOutputs::ToRemoteOnly,
        (false, false) => MainOutputs::Neither,
    };
    Some((commitment(terms.format, mains, htlcs).weight(), child.weight()))
}
