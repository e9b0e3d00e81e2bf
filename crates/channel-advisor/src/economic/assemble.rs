//! The whole way from a snapshot to a plan.

use std::collections::HashMap;

use channel_core::{Msat, SignedMsat};
use thiserror::Error;

use super::evidence::FleetEvidence;
use super::gather::gather;
use super::history::History;
use super::options::Options;
use super::rate::{share_ppm, wide};
use super::remedy::{self, Context};
use super::report;
use super::select::{self, Offer, Selection};
use crate::plan::{
    Action, ActionDetails, FeasibilityStatus, FeerateOrigin, FleetSummary, Plan, PlanFeerate, PlanNode,
    Reason, RemedyKind, SCHEMA, Settings,
};
use crate::snapshot::{Assumption, ChannelKey, Knowledge, Snapshot};

/// Why no plan can be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlanError {
    /// An option lies outside its range.
    #[error("{option} must be in {min}..={max}, got {value}")]
    OptionOutOfRange {
        /// Name of the option.
        option: &'static str,
        /// Smallest legal value.
        min: u64,
        /// Largest legal value.
        max: u64,
        /// What was given.
        value: u64,
    },
}

/// Prices every remedy for every channel and selects a plan.
///
/// The same snapshot and options always give the same plan.
///
/// # Errors
/// [`PlanError`] when an option is out of range. Any snapshot is accepted.
pub fn plan(snapshot: &Snapshot, options: &Options) -> Result<Plan, PlanError> {
    validate(options)?;
    let fleet = gather(snapshot, options);
    let history = History::new(options.history.as_deref());
    let context = Context::new(snapshot, options, &fleet, &history);
    let mut remedies: Vec<Vec<Action>> =
        (0..fleet.channels.len()).map(|at| remedy::for_channel(&context, at)).collect();
    let matching = remedy::rebalances(&context, &|at| fee_alone_suffices(&remedies[at]));
    let offers = offers(&context, &remedies, matching.chosen);
    let selection = select::select(&context, offers.clone());
    for offer in offers.into_iter().filter(|offer| offer.action.kind == RemedyKind::Rebalance) {
        remedies[offer.channels[0]].push(offer.action);
    }
    for (at, action) in matching.refused {
        remedies[at].push(action);
    }
    Ok(assembled(&context, remedies, selection))
}

fn validate(options: &Options) -> Result<(), PlanError> {
    let checks = [
        ("horizon_days", u64::from(options.horizon_days), 1, 3650),
        ("window_days", u64::from(options.window_days.unwrap_or(1)), 1, 3650),
        ("profit_split_ppm", u64::from(options.profit_split_ppm), 0, 1_000_000),
        ("econ_ratio_ppm", u64::from(options.econ_ratio_ppm), 0, 1_000_000),
        ("assumed_success_ppm", u64::from(options.assumed_success_ppm), 0, 1_000_000),
        ("max_fee_step_ppm", u64::from(options.max_fee_step_ppm), 1, 250_000),
        ("max_hops", u64::from(options.max_hops), 2, 20),
        ("rate_cap_ppm", u64::from(options.rate_cap_ppm), 0, 1_000_000),
    ];
    for (option, value, min, max) in checks {
        if !(min..=max).contains(&value) {
            return Err(PlanError::OptionOutOfRange { option, min, max, value });
        }
    }
    Ok(())
}

/// A fee step that fills the channel by itself makes paying for a rebalance waste.
fn fee_alone_suffices(remedies: &[Action]) -> Option<Reason> {
    let reaches = remedies.iter().find(|action| {
        action.feasibility.status == FeasibilityStatus::Yes
            && matches!(action.details, ActionDetails::SetFee { reaches_target: true, .. })
    })?;
    Some(Reason::new("set_fee_reaches_target", format!("{} alone reaches the target", reaches.summary)))
}

/// Every priced remedy with the positions of its channels.
fn offers(context: &Context<'_>, remedies: &[Vec<Action>], rebalances: Vec<Action>) -> Vec<Offer> {
    let positions: HashMap<&ChannelKey, usize> =
        context.snapshot.channels.iter().enumerate().map(|(at, channel)| (&channel.key, at)).collect();
    let all = remedies.iter().flatten().cloned().chain(rebalances);
    all.map(|action| {
        let channels = action.channels.iter().filter_map(|key| positions.get(key).copied()).collect();
        Offer { channels, action }
    })
    .collect()
}

fn assembled(context: &Context<'_>, remedies: Vec<Vec<Action>>, mut selection: Selection) -> Plan {
    let mut chosen_ids: Vec<Vec<String>> = vec![Vec::new(); remedies.len()];
    for offer in &selection.chosen {
        for at in &offer.channels {
            chosen_ids[*at].push(offer.action.id.clone());
        }
    }
    let channels = remedies
        .into_iter()
        .zip(chosen_ids)
        .enumerate()
        .map(|(at, (actions, chosen))| {
            report::channel(context, at, actions, chosen, selection.lost.remove(&at))
        })
        .collect();
    let total = selection.chosen.len();
    let mut actions: Vec<Action> = selection.chosen.into_iter().map(|offer| offer.action).collect();
    actions.truncate(context.options.max_actions as usize);
    Plan {
        schema: SCHEMA.to_owned(),
        profile: "economic".to_owned(),
        generated_at: context.options.now.to_string(),
        node: node(context),
        feerate: feerate(context),
        settings: settings(context),
        window: context.fleet.window.clone(),
        assumptions: assumptions(context),
        warnings: context.fleet.warnings.clone(),
        fleet: summary(context, &actions, total),
        actions,
        if_supported: selection.if_supported,
        channels,
    }
}

fn node(context: &Context<'_>) -> PlanNode {
    let node = &context.snapshot.node;
    let splices = match node.splices {
        Knowledge::Unknown => context.snapshot.implementation.splices(),
        told => told,
    };
    PlanNode {
        implementation: context.snapshot.implementation,
        id: node.id.clone(),
        alias: node.alias.clone(),
        block_height: node.block_height,
        splices,
    }
}

fn feerate(context: &Context<'_>) -> PlanFeerate {
    let origin = match (context.options.feerate, context.snapshot.feerate) {
        (Some(_), _) => FeerateOrigin::Given,
        (None, Some(_)) => FeerateOrigin::Estimated,
        (None, None) => FeerateOrigin::Assumed,
    };
    PlanFeerate { feerate_sat_per_kw: context.feerate(), origin }
}

fn settings(context: &Context<'_>) -> Settings {
    let options = context.options;
    Settings {
        horizon_days: options.horizon_days,
        window_days: options.window_days,
        profit_split_ppm: options.profit_split_ppm,
        econ_ratio_ppm: options.econ_ratio_ppm,
        shrinkage_volume_msat: options.shrinkage_volume,
        margin_z_milli: options.margin_z_milli,
        rate_cap_ppm: options.rate_cap_ppm,
        failure_cost_msat: options.failure_cost,
        other_yield_ppm_per_year: options.other_yield_ppm_per_year,
        assumed_route_ppm: options.assumed_route_ppm,
        assumed_success_ppm: options.assumed_success_ppm,
        route_risk_ppm: options.route_risk_ppm,
        max_hops: options.max_hops,
        max_fee_step_ppm: options.max_fee_step_ppm,
        cooldown_days: options.cooldown_days,
        budget_msat: options.budget,
        wallet_msat: options
            .wallet
            .or_else(|| context.snapshot.wallet.map(|coins| coins.confirmed))
            .map(|coins| Msat::try_from(coins).unwrap_or(Msat::MAX)),
        dust_profile: options.dust_profile.to_string(),
        max_actions: options.max_actions,
    }
}

/// What the plan rests on beyond what importers and evidence already said.
fn assumptions(context: &Context<'_>) -> Vec<Assumption> {
    let mut all = context.snapshot.assumptions.clone();
    let stated =
        |assumption: &&Assumption| !(context.history.is_known() && assumption.code == "role_without_history");
    all.extend(context.fleet.assumptions.iter().filter(stated).cloned());
    let options = context.options;
    if context.snapshot.graph.is_none() {
        all.push(Assumption::new(
            "routes_without_graph",
            format!(
                "no graph was given: every circular route is taken to cost {} ppm and to work with {} %",
                options.assumed_route_ppm,
                options.assumed_success_ppm / 10_000
            ),
        ));
    }
    if context.wallet.is_none() {
        all.push(Assumption::new(
            "wallet_unknown",
            "the own wallet's coins are unknown: on-chain actions say what they need",
        ));
    }
    if !context.history.is_known() {
        all.push(Assumption::new(
            "no_history",
            "no past plans were given: no channel is cooling down and no action reverses an earlier one",
        ));
    }
    if feerate(context).origin == FeerateOrigin::Assumed {
        all.push(Assumption::new(
            "feerate_assumed",
            format!("no feerate was given or listed: {}", context.feerate()),
        ));
    }
    let unknown = context.fleet.channels.iter().filter(|e| e.channel.commitment.format().is_none()).count();
    if unknown > 0 {
        all.push(Assumption::about(
            "commitment_type_assumed",
            "an unknown commitment type weighs as one with anchors",
            unknown,
        ));
    }
    all
}

fn summary(context: &Context<'_>, shown: &[Action], total: usize) -> FleetSummary {
    let fleet = context.fleet;
    let sum =
        |of: &dyn Fn(&super::evidence::Evidence<'_>) -> Msat| fleet.channels.iter().map(of).sum::<Msat>();
    let cost = shown.iter().map(|action| action.cost_msat).sum();
    let benefit = shown.iter().filter_map(|action| action.benefit_msat).sum();
    let with_flow = fleet.window.is_some();
    let flow_sum = |of: fn(&super::evidence::ChannelFlow) -> Msat| {
        with_flow.then(|| fleet.channels.iter().filter_map(|e| e.flow.as_ref()).map(of).sum::<Msat>())
    };
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    FleetSummary {
        channels: count(fleet.channels.len()),
        channels_usable: count(context.usable),
        capacity_msat: sum(&|e| e.channel.capacity),
        local_msat: sum(&|e| e.channel.local),
        remote_msat: sum(&|e| e.channel.remote),
        earned_msat: flow_sum(|flow| flow.fee_out),
        forwarded_msat: flow_sum(|flow| flow.amount_out),
        median_rate_ppm: fleet.median_rate_ppm,
        median_return_ppm_per_year: fleet.median_return_ppm_per_year,
        health_score_ppm: health_score(fleet),
        dust_trimmed_local_msat: sum(&|e| e.dust.trimmed_local_msat),
        force_close_lost_msat: sum(&|e| e.dust.force_close.lost_msat),
        force_close_fee_msat: sum(&|e| e.dust.force_close.fee_msat),
        actions_total: count(total),
        actions_shown: count(shown.len()),
        cost_msat: cost,
        benefit_msat: benefit,
        net_msat: shown.iter().filter_map(|action| action.net_msat).sum::<SignedMsat>(),
        needs_on_chain_msat: shown
            .iter()
            .filter_map(|action| action.on_chain.as_ref())
            .map(|part| part.needs_msat)
            .sum(),
    }
}

/// Capacity-weighted mean of the known scores.
fn health_score(fleet: &FleetEvidence<'_>) -> Option<u32> {
    let known =
        || fleet.channels.iter().filter_map(|e| Some((wide(e.channel.capacity), e.health.score_ppm?)));
    let weight: i128 = known().map(|(capacity, _)| capacity).sum();
    let scored: i128 = known().map(|(capacity, score)| capacity / 1000 * i128::from(score)).sum();
    (weight > 0).then(|| share_ppm(scored, weight.saturating_mul(1000)))
}
