//! The dust ledger: per channel what is trimmed, hidden and uneconomic, what a force-close would lose and cost, and how
//! that grows with the feerate.

use std::io;

use taproot_channels::advisor::plan::{ChannelReport, Plan};
use taproot_channels::core::Msat;

use super::super::view;
use super::screen::{Line, Screen, Tone, bar};
use crate::figure;

/// Columns of an amount.
const AMOUNT: usize = 8;

/// The fleet's curve, the ledger, what it says.
pub(super) fn table(plan: &Plan, screen: &mut Screen<'_>) -> io::Result<()> {
    curve(plan, screen)?;
    ledger(plan, screen)?;
    stress(plan, screen)?;
    notes(plan, screen)
}

fn curve(plan: &Plan, screen: &mut Screen<'_>) -> io::Result<()> {
    let curve = view::fleet_stress(plan);
    let total = |lost: Msat, fee: Msat| lost.saturating_add(fee);
    let most = curve.iter().map(|(_, lost, fee)| total(*lost, *fee)).max().unwrap_or(Msat::ZERO);
    screen.heading("Stress", "closing every channel by force, by feerate: value lost and chain fees")?;
    for (feerate, lost, fee) in curve {
        let (filled, rest) = bar(figure::share_ppm(total(lost, fee), most), 24);
        let line = Line::new()
            .right(Tone::Strong, &feerate.to_string(), 14)
            .text(" ▕")
            .add(Tone::Bad, &filled)
            .text(&rest.replace('·', " "))
            .text("▏ ")
            .text(&format!("lost {}, fees {}", figure::sat(lost), figure::sat(fee)));
        screen.line(&line)?;
    }
    Ok(())
}

fn ledger(plan: &Plan, screen: &mut Screen<'_>) -> io::Result<()> {
    let name = screen.columns().saturating_sub(2 + 7 * (AMOUNT + 1)).min(40);
    let feerate = plan.feerate.feerate_sat_per_kw;
    let scope = format!("in sat; uneconomic, lost and fees at {feerate}, close = force-close now");
    screen.heading("Ledger", &scope)?;
    let titles = ["ours", "theirs", "hidden", "uneconom", "exposure", "lost", "fees"];
    let head = titles.iter().fold(Line::new().left(Tone::Dim, "", name + 2), |line, title| {
        line.text(" ").right(Tone::Dim, title, AMOUNT)
    });
    screen.line(&head)?;
    for channel in &plan.channels {
        screen.line(&ledger_row(channel, name))?;
    }
    Ok(())
}

fn ledger_row(channel: &ChannelReport, name: usize) -> Line {
    let dust = &channel.dust;
    let hidden = dust.hidden_msat.map_or_else(|| "–".to_owned(), figure::short_sat);
    let over = dust.exposure_msat > dust.exposure_cap_msat;
    let amounts = [
        (Tone::Plain, figure::short_sat(dust.trimmed_local_msat)),
        (Tone::Plain, figure::short_sat(dust.trimmed_remote_msat)),
        (Tone::Plain, hidden),
        (Tone::Plain, figure::short_sat(dust.uneconomic_msat)),
        (if over { Tone::Bad } else { Tone::Plain }, figure::short_sat(dust.exposure_msat)),
        (
            if dust.force_close.lost_msat.is_zero() { Tone::Plain } else { Tone::Caution },
            figure::short_sat(dust.force_close.lost_msat),
        ),
        (Tone::Plain, figure::short_sat(dust.force_close.fee_msat)),
    ];
    let line = Line::new().text("  ").left(Tone::Plain, &channel.label, name);
    amounts.iter().fold(line, |line, (tone, amount)| {
        let tone = if amount == "0" || amount == "–" { Tone::Dim } else { *tone };
        line.text(" ").right(tone, amount, AMOUNT)
    })
}

fn stress(plan: &Plan, screen: &mut Screen<'_>) -> io::Result<()> {
    let Some(first) = plan.channels.iter().find(|channel| !channel.dust.stress.is_empty()) else {
        return Ok(());
    };
    let points = first.dust.stress.len();
    let name = screen.columns().saturating_sub(2 + points * (AMOUNT + 1) + 8).min(40);
    screen.heading(
        "Lost by feerate",
        "sat per channel that a force-close would not bring back; limit = advised dust limit",
    )?;
    let head = first.dust.stress.iter().fold(Line::new().left(Tone::Dim, "", name + 2), |line, point| {
        let title = point.feerate_sat_per_kw.to_string();
        line.text(" ").right(Tone::Dim, title.trim_end_matches(" sat/vB"), AMOUNT)
    });
    screen.line(&head.right(Tone::Dim, "limit", 8))?;
    for channel in
        plan.channels.iter().filter(|channel| channel.dust.stress.iter().any(|at| !at.lost_msat.is_zero()))
    {
        let line = Line::new().text("  ").left(Tone::Plain, &channel.label, name);
        let line = channel.dust.stress.iter().take(points).fold(line, |line, point| {
            let tone = if point.lost_msat.is_zero() { Tone::Dim } else { Tone::Plain };
            line.text(" ").right(tone, &figure::short_sat(point.lost_msat), AMOUNT)
        });
        screen.line(&line.right(Tone::Dim, &figure::grouped(channel.dust.advised_dust_limit_sat), 8))?;
    }
    Ok(())
}

fn notes(plan: &Plan, screen: &mut Screen<'_>) -> io::Result<()> {
    let noted: Vec<_> = plan.channels.iter().filter(|channel| !channel.dust.notes.is_empty()).collect();
    if noted.is_empty() {
        return Ok(());
    }
    screen.heading("Notes", "")?;
    for channel in noted {
        for note in &channel.dust.notes {
            let lead = Line::new().text("  ").left(Tone::Strong, &channel.label, 20).text("  ");
            screen.paragraph(&lead, Tone::Plain, &note.text)?;
        }
    }
    Ok(())
}
