//! The whole way from a snapshot to a plan.

use channel_core::Msat;
use thiserror::Error;

use super::evidence::FleetEvidence;
use super::gather::gather;
use super::history::History;
use super::options::Options;
use super::rate::{share_ppm, signed, wide};
use super::remedy::{self, Context};
use super::report::{self, Verdict};
use super::select::{self, Selection};
use crate::plan::{
    Action, ActionDetails, FeasibilityStatus, FeerateOrigin, FleetSummary, Plan, PlanFeerate, PlanNode,
    Reason, SCHEMA, Settings, Warning,
};
use crate::snapshot::{Assumption, Implementation, Knowledge, Snapshot};

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
    let (remedies, decided) = decide(&context);
    let mut plan = frame(&context, decided.actions, decided.total, decided.if_supported);
    let found = remedies.into_iter().zip(decided.channels).enumerate();
    let verdicts: Vec<Verdict> = found
        .map(|(at, (actions, (chosen, lost)))| Verdict::new(&context, at, actions, chosen, lost))
        .collect();
    // Health and dust of a large fleet take much room: they move into the plan.
    plan.channels = fleet.channels.into_iter().zip(verdicts).map(|(e, v)| report::channel(e, v)).collect();
    Ok(plan)
}

/// What was chosen, apart from the remedies it was chosen from.
struct Decided {
    /// The actions to list.
    actions: Vec<Action>,
    /// How many are worth doing.
    total: usize,
    if_supported: Vec<Action>,
    /// For each channel the ids of what was chosen for it, and why it lost something better.
    channels: Vec<(Vec<String>, Option<Reason>)>,
}

/// Prices the remedies of every channel and chooses among them.
fn decide(context: &Context<'_>) -> (Vec<Vec<Action>>, Decided) {
    let count = context.fleet.channels.len();
    let mut remedies: Vec<Vec<Action>> = (0..count).map(|at| remedy::for_channel(context, at)).collect();
    let matching = remedy::rebalances(context, &|at| fee_alone_suffices(&remedies[at]));
    let rebalances = matching.chosen.iter().map(|(_, action)| action);
    let selection = select::select(context, remedies.iter().flatten().chain(rebalances));
    let decided = decided(context, selection);
    for (at, action) in matching.chosen.into_iter().chain(matching.refused) {
        remedies[at].push(action);
    }
    (remedies, decided)
}

fn decided(context: &Context<'_>, selection: Selection<'_>) -> Decided {
    let mut channels = vec![(Vec::new(), None); context.fleet.channels.len()];
    for offer in &selection.chosen {
        for at in &offer.channels {
            channels[*at].0.push(offer.action.id.clone());
        }
    }
    for (at, reason) in selection.lost {
        channels[at].1 = Some(reason);
    }
    let listed = selection.chosen.iter().take(context.options.max_actions as usize);
    Decided {
        actions: listed.map(|offer| offer.action.clone()).collect(),
        total: selection.chosen.len(),
        if_supported: selection.if_supported.into_iter().cloned().collect(),
        channels,
    }
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

/// The plan without its channels.
fn frame(context: &Context<'_>, actions: Vec<Action>, total: usize, if_supported: Vec<Action>) -> Plan {
    Plan {
        schema: SCHEMA.to_owned(),
        profile: "economic".to_owned(),
        generated_at: context.options.now.to_string(),
        node: node(context),
        feerate: feerate(context),
        settings: settings(context),
        window: context.fleet.window.clone(),
        assumptions: assumptions(context),
        warnings: warnings(context),
        fleet: summary(context, &actions, total),
        actions,
        if_supported,
        channels: Vec::new(),
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

/// What the evidence warns of, and profits that nobody can vouch for.
fn warnings(context: &Context<'_>) -> Vec<Warning> {
    let mut all = context.fleet.warnings.clone();
    let flows = context.fleet.channels.iter().filter_map(|evidence| evidence.flow.as_ref());
    let bounds = flows.filter(|flow| flow.profit_is_upper_bound).count();
    if bounds > 0 {
        let command = match context.snapshot.implementation {
            Implementation::Lnd => Some("lncli listpayments --max_payments 10000 > listpayments.json"),
            Implementation::Cln => Some("lightning-cli listpays > listpays.json"),
            _ => None,
        };
        all.push(Warning::new(
            "profit_upper_bound",
            format!(
                "{bounds} channels forwarded more than they hold: payments not shown refilled them, so what they earn is \
                 an upper bound and never ranks first."
            ),
            command.map(str::to_owned),
        ));
    }
    all
}

/// What the plan rests on beyond what importers and evidence already said.
fn assumptions(context: &Context<'_>) -> Vec<Assumption> {
    let mut all = context.snapshot.assumptions.clone();
    all.extend(context.fleet.assumptions.iter().cloned());
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
    let cost: Msat = shown.iter().map(|action| action.cost_msat).sum();
    let benefit: Msat = shown.iter().filter_map(|action| action.benefit_msat).sum();
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
        fees_msat: shown.iter().map(|action| action.fees_msat).sum(),
        benefit_msat: benefit,
        net_msat: signed(wide(benefit) - wide(cost)),
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
