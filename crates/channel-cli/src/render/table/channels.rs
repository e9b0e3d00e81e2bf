//! One line per channel with its liquidity bar, and the channels that are left alone with their reasons.

use std::io;

use taproot_channels::advisor::plan::{ChannelReport, HealthStatus, Plan};
use taproot_channels::advisor::snapshot::Knowledge;

use super::super::{view, word};
use super::screen::{Line, Screen, Tone, bar};
use crate::figure;

/// Columns of everything beside name and bar: indent, figures and the spaces between.
const FIXED: usize = 2 + 8 + 6 + 7 + 10 + 9 + 4;

/// Columns of the name and cells of the bar on a screen of `columns`.
pub(super) fn split(columns: usize, fixed: usize) -> (usize, usize) {
    let room = columns.saturating_sub(fixed + 2);
    let cells = (room * 2 / 5).clamp(10, 32);
    (room.saturating_sub(cells).min(40), cells)
}

/// The table of channels.
pub(super) fn bars(plan: &Plan, screen: &mut Screen<'_>) -> io::Result<()> {
    let (name, cells) = split(screen.columns(), FIXED);
    screen.heading("Channels", "bar: our share; drain: net outflow a day; plan: actions below")?;
    let head = Line::new()
        .left(Tone::Dim, "", name + 2)
        .right(Tone::Dim, "capacity", 8)
        .left(Tone::Dim, " ours", cells + 3)
        .right(Tone::Dim, "%", 4)
        .right(Tone::Dim, "health", 7)
        .right(Tone::Dim, "drain", 9)
        .left(Tone::Dim, "  role", 10)
        .left(Tone::Dim, "plan", 4);
    screen.line(&head)?;
    for channel in &plan.channels {
        screen.line(&row(plan, channel, name, cells))?;
    }
    if plan.channels.iter().any(|channel| !view::marks(channel).is_empty()) {
        screen.line(&Line::new().add(Tone::Dim, "  × offline   ° private"))?;
    }
    Ok(())
}

fn row(plan: &Plan, channel: &ChannelReport, name: usize, cells: usize) -> Line {
    let share = figure::share_ppm(channel.local_msat, channel.capacity_msat);
    let (filled, rest) = bar(share, cells);
    let drain = channel
        .flow
        .as_ref()
        .map_or_else(|| "–".to_owned(), |f| figure::short_signed_sat(f.drain_msat_per_day));
    Line::new()
        .add(Tone::Bad, if channel.active == Knowledge::No { "×" } else { " " })
        .add(Tone::Dim, if channel.private == Knowledge::Yes { "°" } else { " " })
        .left(Tone::Plain, &channel.label, name)
        .right(Tone::Plain, &figure::short_sat(channel.capacity_msat), 8)
        .text(" ▕")
        .add(Tone::Strong, &filled)
        .add(Tone::Dim, &rest)
        .text("▏")
        .right(Tone::Plain, &figure::narrow_percent(share), 4)
        .right(health_tone(channel.health.status), &health_figure(channel), 7)
        .right(Tone::Plain, &drain, 9)
        .text("  ")
        .left(Tone::Dim, word::role(channel.role), 8)
        .left(Tone::Strong, &view::action_numbers(plan, channel), 5)
}

/// The score in percent, or a dash.
pub(super) fn health_figure(channel: &ChannelReport) -> String {
    channel.health.score_ppm.map_or_else(|| "–".to_owned(), figure::narrow_percent)
}

/// The colour of a class of health.
pub(super) const fn health_tone(status: HealthStatus) -> Tone {
    match status {
        HealthStatus::Healthy => Tone::Good,
        HealthStatus::AttentionNeeded => Tone::Caution,
        HealthStatus::Unhealthy => Tone::Bad,
        HealthStatus::Unknown => Tone::Dim,
    }
}

/// The channels without an action: one heading per reason, one line per channel.
pub(super) fn without_action(plan: &Plan, screen: &mut Screen<'_>) -> io::Result<()> {
    let groups = view::without_action(plan);
    if groups.is_empty() {
        return Ok(());
    }
    let count = groups.iter().map(|(_, members)| members.len()).sum();
    screen.heading("Left alone", &figure::counted(count, "channel"))?;
    for (code, members) in groups {
        let title = Line::new().text("  ").add(Tone::Strong, &view::spoken(code));
        screen.line(&title.add(Tone::Dim, &format!("  {}", figure::counted(members.len(), "channel"))))?;
        let mut texts = members.iter().map(|(channel, reason)| reason.text.replace(&channel.label, "…"));
        let first = texts.next().unwrap_or_default();
        if members.len() > 1 && texts.all(|text| text == first) {
            let names: Vec<&str> = members.iter().map(|(channel, _)| channel.label.as_str()).collect();
            screen.paragraph(&Line::new().text("    "), Tone::Dim, &first)?;
            screen.paragraph(&Line::new().text("    "), Tone::Plain, &names.join(", "))?;
        } else {
            for (channel, reason) in members {
                let lead = Line::new().text("    ").left(Tone::Plain, &channel.label, 20).text("  ");
                screen.paragraph(&lead, Tone::Dim, &reason.text)?;
            }
        }
    }
    Ok(())
}
