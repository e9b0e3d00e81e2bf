//! What several forms of output say in the same words: names, header lines, settings, groups of reasons.

use taproot_channels::advisor::plan::{
    Action, ChannelReport, Plan, PrerequisiteStatus, Reason, Settings, StressPoint,
};
use taproot_channels::advisor::snapshot::{Knowledge, PeerId};
use taproot_channels::core::{FeerateKw, Msat};

use super::word;
use crate::figure;

/// Name and value of each fact that frames a plan.
pub(crate) fn frame(plan: &Plan) -> Vec<(&'static str, String)> {
    let feerate = &plan.feerate;
    let mut lines = vec![
        ("node", node(plan)),
        ("made for", plan.generated_at.clone()),
        ("feerate", format!("{} ({})", feerate.feerate_sat_per_kw, word::origin(feerate.origin))),
        ("forwards", forwards(plan)),
    ];
    lines.push(("settings", settings_line(&plan.settings)));
    lines
}

fn node(plan: &Plan) -> String {
    let node = &plan.node;
    let shortened = |id: &PeerId| {
        let id = id.as_str();
        id.get(..16).map_or_else(|| id.to_owned(), |start| format!("{start}…"))
    };
    let splices = match node.splices {
        Knowledge::Yes => Some("can splice".to_owned()),
        Knowledge::No => Some("cannot splice".to_owned()),
        Knowledge::Unknown => None,
    };
    let parts = [
        Some(node.implementation.to_string()),
        node.alias.clone().filter(|alias| !alias.is_empty()),
        node.id.as_ref().map(shortened),
        node.block_height.map(|height| format!("block {}", figure::grouped(u64::from(height)))),
        splices,
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn forwards(plan: &Plan) -> String {
    plan.window.as_ref().map_or_else(
        || "not given: flow is unknown, nothing is advised on earnings".to_owned(),
        |window| {
            format!(
                "{} over {}, {} to {} (confidence {})",
                figure::grouped(u64::from(window.events)),
                figure::span(u64::from(window.hours)),
                day(&window.from),
                day(&window.to),
                word::confidence(window.confidence),
            )
        },
    )
}

/// The day of an RFC 3339 time.
fn day(time: &str) -> &str {
    time.split('T').next().unwrap_or(time)
}

/// The settings on one line.
fn settings_line(settings: &Settings) -> String {
    settings_list(settings)
        .into_iter()
        .filter(|(name, _)| {
            !matches!(*name, "longest route" | "price of risk" | "failed rebalance" | "other yield")
        })
        .map(|(name, value)| format!("{name} {value}"))
        .collect::<Vec<_>>()
        .join(" · ")
}

/// Every setting as used.
pub(crate) fn settings_list(settings: &Settings) -> Vec<(&'static str, String)> {
    let share = |ppm| figure::decimal(ppm, 1_000_000);
    let amount = |amount: Option<Msat>, none: &str| amount.map_or_else(|| none.to_owned(), figure::sat);
    vec![
        ("horizon", figure::counted(settings.horizon_days as usize, "day")),
        (
            "window",
            settings
                .window_days
                .map_or_else(|| "whole".to_owned(), |days| figure::counted(days as usize, "day")),
        ),
        ("profit split", share(settings.profit_split_ppm)),
        ("econ ratio", share(settings.econ_ratio_ppm)),
        ("shrinkage", figure::sat(settings.shrinkage_volume_msat)),
        ("z", figure::decimal(settings.margin_z_milli, 1000)),
        ("rate cap", figure::ppm(settings.rate_cap_ppm)),
        ("failed rebalance", figure::sat(settings.failure_cost_msat)),
        ("other yield", share(settings.other_yield_ppm_per_year)),
        (
            "route without graph",
            format!(
                "{} at p {}",
                figure::ppm(settings.assumed_route_ppm),
                share(settings.assumed_success_ppm)
            ),
        ),
        ("price of risk", figure::ppm(settings.route_risk_ppm)),
        ("longest route", figure::counted(usize::from(settings.max_hops), "hop")),
        ("fee step", share(settings.max_fee_step_ppm)),
        ("cool-down", figure::counted(settings.cooldown_days as usize, "day")),
        ("budget", amount(settings.budget_msat, "none")),
        ("wallet", amount(settings.wallet_msat, "unknown")),
        ("dust profile", settings.dust_profile.clone()),
        ("actions", format!("up to {}", figure::grouped(u64::from(settings.max_actions)))),
    ]
}

/// The plan's totals on one line.
pub(crate) fn totals(plan: &Plan) -> String {
    let fleet = &plan.fleet;
    if fleet.actions_total == 0 {
        return "no action advised".to_owned();
    }
    let mut parts = vec![
        format!(
            "{} of {} shown",
            fleet.actions_shown,
            figure::counted(fleet.actions_total as usize, "action")
        ),
        format!("cost {}", figure::sat(fleet.cost_msat)),
        format!("benefit {}", figure::sat(fleet.benefit_msat)),
        format!("net {}", figure::signed_sat(fleet.net_msat)),
    ];
    if !fleet.needs_on_chain_msat.is_zero() {
        parts.push(format!("needs {} on-chain", figure::sat(fleet.needs_on_chain_msat)));
    }
    parts.join(" · ")
}

/// The figures that price an action: name and value.
pub(crate) fn prices(action: &Action) -> Vec<(&'static str, String)> {
    let mut prices = vec![("cost", figure::sat(action.cost_msat))];
    prices.push(("benefit", action.benefit_msat.map_or_else(|| "unknown".to_owned(), figure::sat)));
    if let Some(net) = action.net_msat {
        prices.push(("net", figure::signed_sat(net)));
    }
    if let Some(hours) = action.payback_hours.filter(|_| !action.cost_msat.is_zero()) {
        prices.push(("pays back in", figure::span(hours)));
    }
    if let Some(chain) = &action.on_chain {
        let fee = figure::sat(chain.fee_msat);
        prices.push(("chain fee", format!("{fee} for {} vB", figure::grouped(chain.size_vb))));
        if let Some(feerate) = chain.break_even_sat_per_kw {
            prices.push(("break-even", figure::feerate_at_most(feerate)));
        }
    }
    prices
}

/// The conditions of an action, each a short phrase: at which feerate, with which coins, if what holds.
pub(crate) fn conditions(action: &Action) -> Vec<String> {
    conditions_where(action, |_| true)
}

/// The conditions that are not known to hold.
pub(crate) fn open_conditions(action: &Action) -> Vec<String> {
    conditions_where(action, |status| status != PrerequisiteStatus::Met)
}

fn conditions_where(action: &Action, wanted: impl Fn(PrerequisiteStatus) -> bool) -> Vec<String> {
    let mut conditions = Vec::new();
    if let Some(chain) = &action.on_chain {
        if let Some(feerate) = chain.only_at_or_below_sat_per_kw {
            conditions.push(format!("only at ≤ {}", figure::feerate_at_most(feerate)));
        }
        if !chain.needs_msat.is_zero() {
            conditions.push(format!("needs {} on-chain", figure::sat(chain.needs_msat)));
        }
    }
    if let Some(reason) = &action.feasibility.reason {
        conditions.push(reason.text.to_string());
    }
    for prerequisite in action.prerequisites.iter().filter(|prerequisite| wanted(prerequisite.status)) {
        let name = prerequisite.name.replace('_', " ");
        let state = word::prerequisite(prerequisite.status);
        // The coins needed are said above already.
        let detail =
            prerequisite.detail.as_deref().filter(|detail| !conditions.iter().any(|said| said == detail));
        conditions.push(match detail {
            Some(detail) => format!("{name}: {state}, {detail}"),
            None => format!("{name}: {state}"),
        });
    }
    conditions
}

/// What an action does to dust, when it does anything.
pub(crate) fn dust_change(action: &Action) -> Option<String> {
    (action.dust_before_msat != action.dust_after_msat).then(|| {
        format!("{} → {}", figure::sat(action.dust_before_msat), figure::sat(action.dust_after_msat))
    })
}

/// Whom an action is about.
pub(crate) fn target(action: &Action) -> String {
    match action.labels.as_slice() {
        [] => action.channels.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        labels => labels.join(" ← "),
    }
}

/// The numbers (from 1) of the listed actions that touch a channel.
pub(crate) fn action_numbers(plan: &Plan, channel: &ChannelReport) -> String {
    plan.actions
        .iter()
        .enumerate()
        .filter(|(_, action)| channel.chosen.contains(&action.id))
        .map(|(index, _)| (index + 1).to_string())
        .collect::<Vec<_>>()
        .join(",")
}

/// Channels without an action, grouped by the code of their reason in order of first appearance.
pub(crate) fn without_action(plan: &Plan) -> Vec<(&str, Vec<(&ChannelReport, &Reason)>)> {
    let mut groups: Vec<(&str, Vec<(&ChannelReport, &Reason)>)> = Vec::new();
    for channel in &plan.channels {
        let Some(reason) = &channel.no_action else { continue };
        match groups.iter_mut().find(|(code, _)| *code == reason.code) {
            Some((_, members)) => members.push((channel, reason)),
            None => groups.push((&reason.code, vec![(channel, reason)])),
        }
    }
    groups
}

/// The stress curve of the whole fleet: at each feerate, value lost and fees.
pub(crate) fn fleet_stress(plan: &Plan) -> Vec<(FeerateKw, Msat, Msat)> {
    let mut curve: Vec<(FeerateKw, Msat, Msat)> = Vec::new();
    for StressPoint { feerate_sat_per_kw: feerate, lost_msat, fee_msat, .. } in
        plan.channels.iter().flat_map(|channel| &channel.dust.stress)
    {
        match curve.iter_mut().find(|(known, ..)| known == feerate) {
            Some((_, lost, fee)) => {
                *lost = lost.saturating_add(*lost_msat);
                *fee = fee.saturating_add(*fee_msat);
            }
            None => curve.push((*feerate, *lost_msat, *fee_msat)),
        }
    }
    curve.sort_by_key(|(feerate, ..)| *feerate);
    curve
}

/// `not_enough_flow` as `not enough flow`.
pub(crate) fn spoken(code: &str) -> String {
    code.replace('_', " ")
}

/// The state of a channel that keeps it from being used like others.
pub(crate) fn marks(channel: &ChannelReport) -> Vec<&'static str> {
    let mut marks = Vec::new();
    if channel.active == Knowledge::No {
        marks.push("offline");
    }
    if channel.private == Knowledge::Yes {
        marks.push("private");
    }
    marks
}
