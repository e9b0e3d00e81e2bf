//! Actions as numbered blocks: what, what it costs and brings, under which conditions, why, and the commands.

use std::io;

use taproot_channels::advisor::plan::{Action, ActionDetails, Plan};
use taproot_channels::core::SignedMsat;

use super::super::{view, word};
use super::screen::{Line, Screen, Tone};
use crate::figure;

/// Columns before the text of a block.
const INDENT: usize = 5;
/// Columns of the names in a block.
const NAME: usize = 8;

/// The plan's actions.
pub(super) fn plan(plan: &Plan, screen: &mut Screen<'_>) -> io::Result<()> {
    screen.heading("Plan", "")?;
    screen.paragraph(&Line::new().text("  "), Tone::Plain, &view::totals(plan))?;
    for (index, action) in plan.actions.iter().enumerate() {
        block(Some(index + 1), action, screen)?;
    }
    Ok(())
}

/// What would be worth doing if it turned out to be possible.
pub(super) fn if_supported(plan: &Plan, screen: &mut Screen<'_>) -> io::Result<()> {
    if plan.if_supported.is_empty() {
        return Ok(());
    }
    screen.heading("If supported", "worth doing if the peer can; not in the totals")?;
    for action in &plan.if_supported {
        let net = action.net_msat.map_or_else(|| "unknown".to_owned(), figure::signed_sat);
        let lead = Line::new().text("  ").left(Tone::Strong, word::remedy(action.kind), 14);
        screen.paragraph(&lead, Tone::Plain, &format!("{} (net {net})", action.summary))?;
        let missing = view::open_conditions(action).join("; ");
        screen.paragraph(&Line::new().text(&" ".repeat(16)), Tone::Dim, &missing)?;
    }
    Ok(())
}

fn block(number: Option<usize>, action: &Action, screen: &mut Screen<'_>) -> io::Result<()> {
    screen.blank()?;
    screen.line(&title(number, action, screen.columns()))?;
    let indent = Line::new().text(&" ".repeat(INDENT));
    screen.paragraph(&indent, Tone::Plain, &action.summary)?;
    screen.paragraph(&named("price"), Tone::Plain, &joined(&view::prices(action)))?;
    if let Some(particulars) = particulars(&action.details) {
        screen.paragraph(&named("how"), Tone::Plain, &particulars)?;
    }
    if let Some(change) = view::dust_change(action) {
        screen.paragraph(&named("dust"), Tone::Plain, &change)?;
    }
    let conditions = view::open_conditions(action);
    if !conditions.is_empty() {
        screen.paragraph(&named("if"), Tone::Caution, &conditions.join(" · "))?;
    }
    for (index, reason) in action.why.iter().enumerate() {
        screen.paragraph(&named(if index == 0 { "why" } else { "" }), Tone::Plain, &reason.text)?;
    }
    // A prompt instead of a name leaves a node id, a line break and the indent room in 80 columns.
    let prompt = Line::new().text(&" ".repeat(INDENT)).add(Tone::Dim, "$ ");
    for command in &action.commands {
        screen.command(&prompt, command)?;
    }
    Ok(())
}

/// Number, kind and target on the left, net benefit on the right, how sure and urgent in between.
fn title(number: Option<usize>, action: &Action, columns: usize) -> Line {
    let number = number.map_or_else(String::new, |number| number.to_string());
    let net = action.net_msat.map_or_else(|| "benefit unknown".to_owned(), figure::signed_sat);
    let tone = if action.net_msat.is_some_and(SignedMsat::is_positive) { Tone::Good } else { Tone::Caution };
    let rank = format!("priority {}, confidence {}", action.priority, word::confidence(action.confidence));
    let kind = word::remedy(action.kind);
    let used = 3 + 2 + kind.chars().count() + 2;
    let right = net.chars().count() + 2 + rank.chars().count();
    let room = columns.saturating_sub(used + right + 2);
    Line::new()
        .right(Tone::Strong, &number, 3)
        .text("  ")
        .add(Tone::Strong, kind)
        .text("  ")
        .left(Tone::Title, action.labels.first().map_or("", String::as_str), room)
        .text("  ")
        .add(Tone::Dim, &rank)
        .text("  ")
        .add(tone, &net)
}

fn named(name: &str) -> Line {
    Line::new().text(&" ".repeat(INDENT)).left(Tone::Dim, name, NAME)
}

fn joined(prices: &[(&str, String)]) -> String {
    prices
        .iter()
        .filter(|(name, _)| *name != "net")
        .map(|(name, value)| format!("{name} {value}"))
        .collect::<Vec<_>>()
        .join(" · ")
}

/// What is particular to the kind of remedy and not in its summary.
fn particulars(details: &ActionDetails) -> Option<String> {
    match details {
        ActionDetails::Rebalance { route, max_ppm, min_part_msat, .. } => {
            let hops = route.hops.map_or_else(String::new, |hops| format!(" over {hops} hops"));
            Some(format!(
                "route {} at {}{hops}, chance {}; pay at most {}, parts of {} or more",
                route.origin,
                figure::ppm(route.fee_ppm),
                figure::percent(route.success_ppm),
                figure::ppm(*max_ppm),
                figure::sat(*min_part_msat),
            ))
        }
        ActionDetails::Splice { new_capacity_msat, new_reserve_msat } => Some(format!(
            "capacity becomes {}, our reserve {}",
            figure::sat(*new_capacity_msat),
            figure::sat(*new_reserve_msat)
        )),
        ActionDetails::CrossSplice { beats_rebalance_above_ppm: Some(ppm), .. } => {
            Some(format!("beats a rebalance where routes cost more than {}", figure::ppm(*ppm)))
        }
        ActionDetails::Close { returns_msat } => Some(format!("returns {}", figure::sat(*returns_msat))),
        _ => None,
    }
}
