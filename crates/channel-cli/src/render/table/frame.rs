//! What stands above and below the tables: node, feerate, settings, warnings, fleet totals, assumptions.

use std::io;

use taproot_channels::advisor::plan::Plan;

use super::super::{Subject, view};
use super::screen::{Line, Screen, Tone, bar};
use crate::figure;

/// Columns of the names in front of facts.
const NAME: usize = 12;

/// Title, facts that frame the plan, warnings.
pub(super) fn head(plan: &Plan, subject: Subject, screen: &mut Screen<'_>) -> io::Result<()> {
    screen.line(&Line::new().add(Tone::Title, &format!("channel {}", subject.name())))?;
    let shapes_plan = |name: &str| name != "settings" || subject == Subject::Plan;
    for (name, value) in view::frame(plan).into_iter().filter(|(name, _)| shapes_plan(name)) {
        screen.paragraph(&fact(name), Tone::Plain, &value)?;
    }
    for warning in &plan.warnings {
        screen.blank()?;
        screen.paragraph(&Line::new().add(Tone::Caution, "! "), Tone::Plain, &warning.text)?;
        if let Some(command) = &warning.command {
            screen.command(&Line::new().add(Tone::Dim, "  $ "), command)?;
        }
    }
    Ok(())
}

fn fact(name: &str) -> Line {
    Line::new().text("  ").left(Tone::Dim, name, NAME)
}

/// Totals over the fleet.
pub(super) fn fleet(plan: &Plan, screen: &mut Screen<'_>) -> io::Result<()> {
    let fleet = &plan.fleet;
    screen.heading("Fleet", "")?;
    let share = figure::share_ppm(fleet.local_msat, fleet.capacity_msat);
    let (filled, rest) = bar(share, 24);
    let liquidity = fact("liquidity")
        .text("▕")
        .add(Tone::Strong, &filled)
        .add(Tone::Dim, &rest)
        .text(&format!("▏ {} ours of {}", figure::percent(share), figure::sat(fleet.capacity_msat)));
    screen.line(&liquidity)?;
    for (name, value) in fleet_facts(plan) {
        screen.paragraph(&fact(name), Tone::Plain, &value)?;
    }
    Ok(())
}

fn fleet_facts(plan: &Plan) -> Vec<(&'static str, String)> {
    let fleet = &plan.fleet;
    let channels = format!(
        "{}, {} usable now",
        figure::counted(fleet.channels as usize, "channel"),
        fleet.channels_usable
    );
    let mut facts = vec![("channels", channels)];
    if let (Some(earned), Some(forwarded)) = (fleet.earned_msat, fleet.forwarded_msat) {
        facts.push(("earned", format!("{} on {} forwarded", figure::sat(earned), figure::sat(forwarded))));
    }
    let rate = fleet.median_rate_ppm.map_or_else(|| "n/a".to_owned(), figure::ppm);
    let earning = fleet.median_return_ppm_per_year.map_or_else(|| "n/a".to_owned(), figure::percent_a_year);
    facts.push(("medians", format!("rate {rate}, return {earning}")));
    let health = fleet.health_score_ppm.map_or_else(|| "n/a".to_owned(), figure::percent);
    facts.push(("health", format!("{health} (weighted by capacity)")));
    facts.push((
        "dust",
        format!(
            "{} trimmed on our commitments; closing every channel by force now would lose {} and cost {} in fees",
            figure::sat(fleet.dust_trimmed_local_msat),
            figure::sat(fleet.force_close_lost_msat),
            figure::sat(fleet.force_close_fee_msat),
        ),
    ));
    facts
}

/// What the plan rests on.
pub(super) fn assumptions(plan: &Plan, screen: &mut Screen<'_>) -> io::Result<()> {
    if plan.assumptions.is_empty() {
        return Ok(());
    }
    screen.heading("Assumptions", "what no input told")?;
    for assumption in &plan.assumptions {
        let about = match assumption.channels {
            Some(channels) => format!(" ({})", figure::counted(channels as usize, "channel")),
            None => String::new(),
        };
        screen.paragraph(&Line::new().text("  · "), Tone::Plain, &format!("{}{about}", assumption.text))?;
    }
    Ok(())
}

/// The plan's totals once more, where a terminal ends up.
pub(super) fn foot(plan: &Plan, screen: &mut Screen<'_>) -> io::Result<()> {
    screen.blank()?;
    screen.paragraph(&Line::new().add(Tone::Title, "Total  "), Tone::Plain, &view::totals(plan))
}
