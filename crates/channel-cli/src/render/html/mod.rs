//! One self-contained page: no script, no external resource, light and dark by the reader's setting.
//!
//! Every text goes through [`Safe`], which escapes markup and strips control characters; a content policy in the page
//! forbids scripts and loading even if something slipped through.

mod action;
mod channels;
mod chart;
mod dust;
mod safe;
mod style;

use std::io::{self, Write};

use taproot_channels::advisor::plan::Plan;
use taproot_channels::advisor::snapshot::Knowledge;

pub(super) use self::safe::Safe;
use super::{Subject, view};
use crate::figure;

/// Writes `subject` of `plan` as a page.
pub(super) fn write(plan: &Plan, subject: Subject, out: &mut dyn Write) -> io::Result<()> {
    head(plan, subject, out)?;
    match subject {
        Subject::Plan => {
            tiles(plan, out)?;
            warnings(plan, out)?;
            chart::cost_and_benefit(plan, out)?;
            action::cards(plan, out)?;
            channels::balances(plan, out)?;
            channels::without_action(plan, out)?;
            action::if_supported(plan, out)?;
            dust::summary(plan, out)?;
        }
        Subject::Health => {
            tiles(plan, out)?;
            warnings(plan, out)?;
            channels::health(plan, out)?;
        }
        Subject::Dust => {
            tiles(plan, out)?;
            warnings(plan, out)?;
            dust::summary(plan, out)?;
            dust::ledger(plan, out)?;
        }
    }
    foot(plan, out)
}

/// Everything up to the first line of content.
pub(super) fn open_page(title: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>",
        title = Safe(title),
        style = style::SHEET,
    )
}

/// Everything after the last line of content.
pub(super) fn close_page(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "</main>\n</body>\n</html>")
}

fn head(plan: &Plan, subject: Subject, out: &mut dyn Write) -> io::Result<()> {
    let alias = plan.node.alias.as_deref().unwrap_or("a node");
    open_page(&format!("Channel {} · {alias}", subject.name()), out)?;
    writeln!(
        out,
        "<header class=\"top\">\n<h1>Channel {} <span>{}</span></h1>\n<dl class=\"frame\">",
        subject.name(),
        Safe(alias)
    )?;
    for (name, value) in view::frame(plan).iter().filter(|(name, _)| *name != "settings") {
        writeln!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", Safe(value))?;
    }
    writeln!(out, "</dl>\n</header>")
}

/// The figures to see first.
fn tiles(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let fleet = &plan.fleet;
    let share = figure::share_ppm(fleet.local_msat, fleet.capacity_msat);
    let none = || "n/a".to_owned();
    writeln!(out, "<section class=\"tiles\" aria-label=\"Totals\">")?;
    let net = (
        figure::signed_sat(fleet.net_msat),
        format!(
            "{} advised, cost {}",
            figure::counted(fleet.actions_total as usize, "action"),
            figure::sat(fleet.cost_msat)
        ),
    );
    tile("Net of the plan", &net.0, &net.1, out)?;
    let channels =
        format!("{}, {} usable", figure::counted(fleet.channels as usize, "channel"), fleet.channels_usable);
    tile("Capacity", &figure::sat(fleet.capacity_msat), &channels, out)?;
    let sides = format!(
        "{} to send, {} to receive",
        figure::short_sat(fleet.local_msat),
        figure::short_sat(fleet.remote_msat)
    );
    tile("Ours", &figure::percent(share), &sides, out)?;
    let forwarded = fleet
        .forwarded_msat
        .map_or_else(|| "no forwards given".to_owned(), |sum| format!("on {} forwarded", figure::sat(sum)));
    tile("Earned", &fleet.earned_msat.map_or_else(none, figure::sat), &forwarded, out)?;
    let rate = fleet.median_rate_ppm.map_or_else(none, figure::ppm);
    tile(
        "Health",
        &fleet.health_score_ppm.map_or_else(none, figure::percent),
        &format!("median rate {rate}"),
        out,
    )?;
    let close = format!(
        "closing all by force loses {}, costs {}",
        figure::sat(fleet.force_close_lost_msat),
        figure::sat(fleet.force_close_fee_msat)
    );
    tile("Dust trimmed", &figure::sat(fleet.dust_trimmed_local_msat), &close, out)?;
    writeln!(out, "</section>")
}

fn tile(name: &str, value: &str, note: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<div class=\"tile\"><h2>{}</h2><p class=\"value\">{}</p><p class=\"note\">{}</p></div>",
        Safe(name),
        Safe(value),
        Safe(note)
    )
}

fn warnings(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    for warning in &plan.warnings {
        write!(out, "<aside class=\"warning\"><p>{}</p>", Safe(&warning.text))?;
        if let Some(command) = &warning.command {
            write!(out, "<pre>{}</pre>", Safe(command))?;
        }
        writeln!(out, "</aside>")?;
    }
    Ok(())
}

fn foot(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<section class=\"two\">\n<div>\n<h2>Assumptions</h2>\n<ul class=\"plain\">")?;
    if plan.assumptions.is_empty() {
        writeln!(out, "<li>none</li>")?;
    }
    for assumption in &plan.assumptions {
        let about = assumption
            .channels
            .map_or_else(String::new, |channels| figure::counted(channels as usize, "channel"));
        writeln!(out, "<li>{} <span class=\"dim\">{about}</span></li>", Safe(&assumption.text))?;
    }
    writeln!(out, "</ul>\n</div>\n<div>\n<h2>Settings</h2>\n<dl class=\"settings\">")?;
    for (name, value) in view::settings_list(&plan.settings) {
        writeln!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", Safe(&value))?;
    }
    writeln!(out, "</dl>\n</div>\n</section>")?;
    let splices = match plan.node.splices {
        Knowledge::Yes => "This node can splice.",
        Knowledge::No => "This node cannot splice.",
        Knowledge::Unknown => "Whether this node can splice is not known.",
    };
    writeln!(
        out,
        "<footer><p>{splices} Commands are text: nothing was executed. Made by channel {} for {}.</p></footer>",
        env!("CARGO_PKG_VERSION"),
        Safe(&plan.generated_at),
    )?;
    close_page(out)
}
