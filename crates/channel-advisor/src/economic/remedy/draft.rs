//! How an action is put together: the common part from the channel, figures and conditions by the remedy.

use std::borrow::Cow;

use channel_core::{Msat, SignedMsat};

use super::Context;
use crate::economic::rate::{signed, wide};
use crate::plan::{
    Action, ActionDetails, Complexity, Confidence, DustImpact, Feasibility, OnChain, Prerequisite, Reason,
    RemedyKind,
};
use crate::snapshot::ChannelKey;

/// Cost and benefit over the horizon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Price {
    /// What it costs.
    pub(crate) cost: Msat,
    /// What it brings; `None` when no evidence tells.
    pub(crate) benefit: Option<Msat>,
    /// Days over which the benefit arrives.
    pub(crate) days: u32,
}

impl Price {
    /// Benefit minus cost.
    pub(crate) fn net(&self) -> Option<SignedMsat> {
        self.benefit.map(|benefit| signed(wide(benefit) - wide(self.cost)))
    }

    fn payback_hours(&self) -> Option<u64> {
        let benefit = self.benefit.filter(|benefit| !benefit.is_zero())?;
        let hours = u128::from(self.days) * 24;
        let needed = (u128::from(self.cost.to_msat()) * hours).div_ceil(u128::from(benefit.to_msat()));
        u64::try_from(needed).ok()
    }

    fn ratio_milli(&self) -> Option<u64> {
        let benefit = self.benefit?;
        (!self.cost.is_zero()).then(|| benefit.mul_div_floor(1000, self.cost.to_msat()).to_msat())
    }
}

/// Starts an action of `kind` on `channels`, the one it is for first. It is feasible, neutral to dust and without
/// conditions until the remedy says otherwise.
pub(crate) fn action(context: &Context<'_>, kind: RemedyKind, channels: &[usize], price: Price) -> Action {
    let subjects = || channels.iter().map(|at| context.channel(*at));
    let dust = subjects().map(|evidence| evidence.dust.trimmed_local_msat).sum();
    let keys: Vec<_> = subjects().map(|evidence| evidence.channel.key.clone()).collect();
    Action {
        id: id(kind, &keys),
        kind,
        labels: subjects().map(|evidence| evidence.channel.label().to_owned()).collect(),
        peers: subjects().filter_map(|evidence| evidence.channel.peer.clone()).collect(),
        channels: keys,
        summary: String::new(),
        amount_msat: None,
        cost_msat: price.cost,
        fees_msat: Msat::ZERO,
        benefit_msat: price.benefit,
        net_msat: price.net(),
        payback_hours: price.payback_hours(),
        benefit_cost_ratio_milli: price.ratio_milli(),
        on_chain: None,
        feasibility: Feasibility::yes(),
        prerequisites: Vec::new(),
        dust_before_msat: dust,
        dust_after_msat: dust,
        dust_impact: DustImpact::Neutral,
        complexity: complexity(kind),
        priority: priority(context, channels, &price),
        confidence: confidence(context, channels),
        details: ActionDetails::None,
        why: Vec::new(),
        commands: Vec::new(),
    }
}

/// Kind and channels, the one it is for last: money moves from left to right.
fn id(kind: RemedyKind, channels: &[ChannelKey]) -> String {
    let length = kind.code().len() + channels.iter().map(|key| 1 + key.as_str().len()).sum::<usize>();
    let mut id = String::with_capacity(length);
    id.push_str(kind.code());
    for (at, key) in channels.iter().rev().enumerate() {
        id.push(if at == 0 { ':' } else { '>' });
        id.push_str(key.as_str());
    }
    id
}

/// The on-chain part fixed: weight and fee at the plan's feerate, and the feerates at which the advice flips.
pub(crate) fn with_on_chain(mut action: Action, on_chain: OnChain) -> Action {
    action.fees_msat = on_chain.fee_msat;
    action.on_chain = Some(on_chain);
    action
}

/// Adds a line that says why.
pub(crate) fn because(action: &mut Action, code: &'static str, text: impl Into<Cow<'static, str>>) {
    action.why.push(Reason::new(code, text));
}

/// Sets the dust after the action.
pub(crate) fn leave_dust(action: &mut Action, after: Msat) {
    action.dust_after_msat = after;
    action.dust_impact = match after.cmp(&action.dust_before_msat) {
        core::cmp::Ordering::Less => DustImpact::Reduce,
        core::cmp::Ordering::Equal => DustImpact::Neutral,
        core::cmp::Ordering::Greater => DustImpact::Increase,
    };
}

/// Adds a prerequisite and, when it is unmet, makes the action infeasible.
pub(crate) fn require(action: &mut Action, prerequisite: Prerequisite) {
    use crate::plan::{FeasibilityStatus, PrerequisiteStatus};
    if prerequisite.status == PrerequisiteStatus::Unmet && action.feasibility.status != FeasibilityStatus::No
    {
        let unmet = || format!("{} is not met", prerequisite.name).into();
        let text = prerequisite.detail.clone().unwrap_or_else(unmet);
        action.feasibility = Feasibility::no(Reason::new(prerequisite.name.clone(), text));
    }
    action.prerequisites.push(prerequisite);
}

const fn complexity(kind: RemedyKind) -> Complexity {
    match kind {
        RemedyKind::SetFee | RemedyKind::RaiseLimits | RemedyKind::DoNothing => Complexity::Low,
        RemedyKind::Rebalance => Complexity::Medium,
        RemedyKind::SpliceIn
        | RemedyKind::SpliceOut
        | RemedyKind::CrossSplice
        | RemedyKind::Open
        | RemedyKind::Consolidate
        | RemedyKind::Close
        | RemedyKind::CloseReopen => Complexity::High,
    }
}

/// 1 to 10: by how fast it pays back, two more when the channel runs dry within a week, lowest when it does not pay.
fn priority(context: &Context<'_>, channels: &[usize], price: &Price) -> u8 {
    if !price.net().is_some_and(SignedMsat::is_positive) {
        return 1;
    }
    let by_payback = match price.payback_hours() {
        Some(0..=24) => 8,
        Some(25..=168) => 7,
        Some(169..=720) => 5,
        _ => 3,
    };
    let dry = channels.first().is_some_and(|at| {
        let evidence = context.channel(*at);
        let drain = evidence.flow.as_ref().map_or(SignedMsat::ZERO, |flow| flow.drain_per_day);
        drain.to_msat().saturating_mul(7) > evidence.spendable.to_signed().to_msat()
    });
    by_payback + u8::from(dry) * 2
}

/// The weakest evidence among the channels; profits that are only upper bounds count as low.
fn confidence(context: &Context<'_>, channels: &[usize]) -> Confidence {
    let of = |at: &usize| match &context.channel(*at).flow {
        None => Confidence::None,
        Some(flow) if flow.profit_is_upper_bound => flow.confidence.min(Confidence::Low),
        Some(flow) => flow.confidence,
    };
    channels.iter().map(of).min().unwrap_or(Confidence::None)
}
