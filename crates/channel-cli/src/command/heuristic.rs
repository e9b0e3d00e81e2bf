//! `--profile heuristic`: the fixed rules of thumb that the economic profile replaces, kept for comparison.

use jiff::Timestamp;
use serde::Serialize;
use taproot_channels::advisor::heuristic::{
    DustAllocation, DustStrategy, HeuristicManager, ManagementPlan, Number, SortOrder,
};
use taproot_channels::advisor::snapshot::Snapshot;

use super::Outcome;
use crate::args::{AdviseArgs, Format};
use crate::command_error::CommandError;
use crate::output::{self, Terminal};
use crate::redaction::OUTPUT_TOKEN;
use crate::render::{Column, Grid, Subject, render_grid, render_json};

/// Runs `subject` by the rules of thumb.
pub(super) fn run(
    subject: Subject,
    args: &AdviseArgs,
    snapshot: &Snapshot,
    now: Timestamp,
) -> Result<Outcome, CommandError> {
    let manager = HeuristicManager::from_snapshot(snapshot).map_err(|error| {
        CommandError::data(error.to_string(), "the heuristic profile takes amounts below 2^52 sat only")
    })?;
    let plan = manager.create_management_plan(&now.to_string(), SortOrder::default());
    let path = args.output.out.as_deref();
    if args.output.format() == Format::Json {
        output::deliver(path, |out| match subject {
            Subject::Plan => render_json(&plan, out),
            Subject::Health => {
                let states: Vec<_> =
                    plan.recommendations.iter().map(|advice| &advice.current_state).collect();
                render_json(&states, out)
            }
            Subject::Dust => render_json(&allocations(&manager), out),
        })?;
    } else {
        let terminal = match path {
            Some(_) => Terminal::of_file(args.output.color),
            None => Terminal::of_stdout(args.output.color),
        };
        let mut grid = match subject {
            Subject::Plan => plan_grid(&plan),
            Subject::Health => health_grid(&plan),
            Subject::Dust => dust_grid(&manager),
        };
        grid.title = format!("channel {} --profile heuristic", subject.name());
        grid.lead = "Fixed rules of thumb, kept for comparison: no route, feerate or flow is looked at. Amounts in sat.";
        let saved_to =
            path.map(
                |path| {
                    if args.output.redact { OUTPUT_TOKEN.to_owned() } else { path.display().to_string() }
                },
            );
        grid.foot = plan.summary_lines(saved_to.as_deref());
        output::deliver(path, |out| render_grid(&grid, args.output.format(), terminal, out))?;
    }
    let advised = subject == Subject::Plan && plan.dust_optimization_summary.recommended_actions > 0;
    Ok(if advised && args.output.exit_code { Outcome::ActionAdvised } else { Outcome::Done })
}

fn allocations(manager: &HeuristicManager) -> Vec<DustAllocation> {
    manager
        .channels()
        .iter()
        .filter_map(|channel| manager.optimize_dust_allocation(channel.id.as_str()).ok())
        .collect()
}

fn plan_grid(plan: &ManagementPlan) -> Grid {
    let row = |(index, action): (usize, &taproot_channels::advisor::heuristic::Action)| {
        vec![
            (index + 1).to_string(),
            action.kind.as_str().to_owned(),
            action.channel_id.to_string(),
            action.kind.priority().to_string(),
            number(action.expected_cost),
            rounded(action.expected_benefit),
            action.kind.dust_impact().to_owned(),
        ]
    };
    Grid {
        columns: vec![
            Column::number("no", 3),
            Column::text("action", 19),
            Column::text("channel", 20),
            Column::number("prio", 5),
            Column::number("cost", 9),
            Column::number("benefit", 10),
            Column::text("dust", 7),
        ],
        rows: plan.priority_actions.iter().enumerate().map(row).collect(),
        ..Grid::default()
    }
}

fn health_grid(plan: &ManagementPlan) -> Grid {
    let share = |share: Number| format!("{:.3}", share.to_f64());
    let rows = plan.recommendations.iter().map(|advice| {
        let state = &advice.current_state;
        vec![
            state.channel_id.to_string(),
            format!("{:.3}", state.health_score),
            share(state.balance_ratio),
            share(state.dust_ratio),
            share(state.utilization),
            code(&state.health_status),
            state.issues.iter().map(|issue| code(&issue)).collect::<Vec<_>>().join(" "),
        ]
    });
    Grid {
        columns: vec![
            Column::text("channel", 20),
            Column::number("score", 6),
            Column::number("balance", 7),
            Column::number("dust", 6),
            Column::number("used", 6),
            Column::text("status", 16),
            Column::text("issues", 13),
        ],
        rows: rows.collect(),
        ..Grid::default()
    }
}

fn dust_grid(manager: &HeuristicManager) -> Grid {
    let rows = allocations(manager).into_iter().map(|dust| {
        let strategies: Vec<&str> = dust.optimization_strategies.iter().map(DustStrategy::name).collect();
        vec![
            dust.channel_id.to_string(),
            dust.current_dust.local.to_sat().to_string(),
            dust.current_dust.remote.to_sat().to_string(),
            dust.dust_limit.to_sat().to_string(),
            if strategies.is_empty() { dust.recommended_strategy.to_owned() } else { strategies.join(" ") },
        ]
    });
    Grid {
        columns: vec![
            Column::text("channel", 20),
            Column::number("local", 8),
            Column::number("remote", 8),
            Column::number("limit", 6),
            Column::text("strategies", 32),
        ],
        rows: rows.collect(),
        ..Grid::default()
    }
}

/// A figure of the rules of thumb; they count in floating point.
fn number(number: Number) -> String {
    rounded(number.to_f64())
}

fn rounded(number: f64) -> String {
    format!("{number:.1}")
}

/// The name a value has in JSON.
fn code(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default().trim_matches('"').to_owned()
}
