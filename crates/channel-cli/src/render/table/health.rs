//! The health of each channel: score, the named parts, what is wrong and the figures behind it.

use std::io;

use taproot_channels::advisor::plan::{ChannelReport, HealthPart, Plan};

use super::super::{view, word};
use super::channels::{health_figure, health_tone};
use super::screen::{Line, Screen, Tone, bar};
use crate::figure;

/// The parts in the order they are shown, with their column titles.
const PARTS: [(&str, &str); 5] = [
    ("earning", "earn"),
    ("liquidity_fit", "fit"),
    ("reliability", "rely"),
    ("dust_and_close_risk", "risk"),
    ("capital_efficiency", "effic"),
];
/// Columns of a part.
const PART: usize = 6;

/// The table of health, worst channel first.
pub(super) fn table(plan: &Plan, screen: &mut Screen<'_>) -> io::Result<()> {
    let mut channels: Vec<&ChannelReport> = plan.channels.iter().collect();
    channels.sort_by_key(|channel| channel.health.score_ppm.unwrap_or(u32::MAX));
    let name = screen.columns().saturating_sub(2 + 12 + 6 + PARTS.len() * PART + 11).min(40);
    let parts = "worst first; parts: earning, liquidity fit, reliability, dust and close risk, capital efficiency; \
                 – where no input tells";
    screen.heading("Health", parts)?;
    screen.line(&head(name))?;
    for channel in &channels {
        screen.line(&row(channel, name))?;
    }
    details(&channels, screen)
}

fn head(name: usize) -> Line {
    let line = Line::new().left(Tone::Dim, "", name + 2).left(Tone::Dim, "  score", 18);
    let line = PARTS.iter().fold(line, |line, (_, title)| line.right(Tone::Dim, title, PART));
    line.text("  ").left(Tone::Dim, "class", 9)
}

fn row(channel: &ChannelReport, name: usize) -> Line {
    let tone = health_tone(channel.health.status);
    let (filled, rest) = bar(channel.health.score_ppm.unwrap_or(0), 10);
    let line = Line::new()
        .text("  ")
        .left(Tone::Plain, &channel.label, name)
        .text(" ▕")
        .add(tone, &filled)
        .add(Tone::Dim, &rest)
        .text("▏")
        .right(tone, &health_figure(channel), 5);
    let line = PARTS.iter().fold(line, |line, (part, _)| {
        let part = channel.health.parts.iter().find(|known| known.name == *part);
        let score = part.and_then(|part| part.score_ppm);
        line.right(part_tone(score), &score.map_or_else(|| "–".to_owned(), figure::narrow_percent), PART)
    });
    line.text("  ").left(tone, word::health(channel.health.status), 9)
}

/// What is wrong, channel by channel, each with the evidence of its parts.
fn details(channels: &[&ChannelReport], screen: &mut Screen<'_>) -> io::Result<()> {
    let ailing: Vec<_> = channels.iter().filter(|channel| !channel.health.issues.is_empty()).collect();
    if ailing.is_empty() {
        return Ok(());
    }
    screen.heading("Issues", &figure::counted(ailing.len(), "channel"))?;
    for channel in ailing {
        let confidence = format!("  confidence {}", word::confidence(channel.health.confidence));
        screen.line(&Line::new().text("  ").add(Tone::Strong, &channel.label).add(Tone::Dim, &confidence))?;
        for issue in &channel.health.issues {
            let lead = Line::new()
                .add(Tone::Caution, "    ! ")
                .add(Tone::Caution, &view::spoken(&issue.code))
                .text("  ");
            screen.paragraph(&lead, Tone::Plain, &issue.text)?;
        }
        for part in channel.health.parts.iter().filter(|part| is_weak(part)) {
            let lead = Line::new().text("      ").left(Tone::Dim, &word::part(&part.name), 21);
            screen.paragraph(&lead, Tone::Dim, &part.evidence)?;
        }
    }
    Ok(())
}

/// Whether a part pulls the score down enough to be explained.
fn is_weak(part: &HealthPart) -> bool {
    part.score_ppm.is_some_and(|score| score < 700_000) && !part.evidence.is_empty()
}

const fn part_tone(score: Option<u32>) -> Tone {
    match score {
        None => Tone::Dim,
        Some(0..400_000) => Tone::Bad,
        Some(400_000..700_000) => Tone::Caution,
        Some(_) => Tone::Plain,
    }
}
