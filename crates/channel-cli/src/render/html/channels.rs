//! Tables of channels: balances, health, and those left alone.

use std::io::{self, Write};

use taproot_channels::advisor::plan::{ChannelReport, Plan, Reason};

use super::super::{view, word};
use super::{Safe, chart};
use crate::figure;

/// One row per channel with its balance bar.
pub(super) fn balances(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<section>\n<h2>Channels</h2>\n<p class=\"lead\">Drain is net outflow a day; the last column names the actions above.</p>\n\
         <div class=\"card\">\n<div class=\"chart legend\" style=\"margin:0;padding-bottom:0\"><span><i class=\"k-ours\"></i>ours</span>\
         <span><i class=\"k-flight\"></i>in flight</span><span><i class=\"k-theirs\"></i>theirs</span>\
         <span><i class=\"k-target\"></i>target</span></div>\n<div class=\"scroll\"><table>\n\
         <thead><tr><th class=\"l\">channel</th><th>capacity</th><th class=\"l\">balance</th><th>ours</th><th>health</th><th>drain</th>\
         <th class=\"l\">role</th><th class=\"l\">plan</th></tr></thead>\n<tbody>"
    )?;
    for channel in &plan.channels {
        let drain = channel
            .flow
            .as_ref()
            .map_or_else(|| "–".to_owned(), |flow| figure::short_signed_sat(flow.drain_msat_per_day));
        writeln!(
            out,
            "<tr><td class=\"l name\">{}</td><td>{}</td><td class=\"bar\">{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"l\">{}</td><td class=\"l\">{}</td></tr>",
            named(channel),
            figure::sat(channel.capacity_msat),
            chart::balance(channel),
            figure::percent(figure::share_ppm(channel.local_msat, channel.capacity_msat)),
            health_pill(channel),
            drain,
            word::role(channel.role),
            view::action_numbers(plan, channel),
        )?;
    }
    writeln!(out, "</tbody>\n</table></div>\n</div>\n</section>")
}

/// A channel's name with the marks of its state.
pub(super) fn named(channel: &ChannelReport) -> String {
    view::marks(channel).iter().fold(Safe(&channel.label).to_string(), |mut name, mark| {
        name.push_str("<span class=\"tag\">");
        name.push_str(mark);
        name.push_str("</span>");
        name
    })
}

fn health_pill(channel: &ChannelReport) -> String {
    let score = channel.health.score_ppm.map_or_else(|| "–".to_owned(), figure::percent);
    format!("<span class=\"h {}\">{score}</span>", word::health(channel.health.status))
}

/// One row per channel with the parts of its score and what is wrong.
pub(super) fn health(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let parts: Vec<&str> = plan
        .channels
        .first()
        .map(|channel| channel.health.parts.iter().map(|part| part.name.as_ref()).collect())
        .unwrap_or_default();
    writeln!(
        out,
        "<section>\n<h2>Health</h2>\n<p class=\"lead\">Worst first. A dash: no input tells.</p>\n<div class=\"card scroll\"><table>\n\
         <thead><tr><th class=\"l\">channel</th><th class=\"l\">balance</th><th>score</th>"
    )?;
    for part in &parts {
        write!(out, "<th>{}</th>", Safe(&word::part(part)))?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")?;
    let mut channels: Vec<&ChannelReport> = plan.channels.iter().collect();
    channels.sort_by_key(|channel| channel.health.score_ppm.unwrap_or(u32::MAX));
    for channel in channels {
        write!(
            out,
            "<tr{}><td class=\"l name\">{}</td><td class=\"bar\">{}</td><td>{}</td>",
            row_class(&channel.health.issues),
            named(channel),
            chart::balance(channel),
            health_pill(channel)
        )?;
        for name in &parts {
            let part = channel.health.parts.iter().find(|part| part.name == *name);
            let score = part.and_then(|part| part.score_ppm).map_or_else(|| "–".to_owned(), figure::percent);
            let evidence = part.map_or("", |part| part.evidence.as_ref());
            write!(out, "<td title=\"{}\">{score}</td>", Safe(evidence))?;
        }
        writeln!(out, "</tr>")?;
        remarks(&channel.health.issues, parts.len() + 3, out)?;
    }
    writeln!(out, "</tbody>\n</table></div>\n</section>")
}

/// The class of a row with remarks below it.
pub(super) const fn row_class(remarks: &[Reason]) -> &'static str {
    if remarks.is_empty() { "" } else { " class=\"has\"" }
}

/// Remarks about the row above, across all `columns`.
pub(super) fn remarks(remarks: &[Reason], columns: usize, out: &mut dyn Write) -> io::Result<()> {
    if remarks.is_empty() {
        return Ok(());
    }
    let texts: Vec<&str> = remarks.iter().map(|remark| remark.text.as_ref()).collect();
    writeln!(out, "<tr class=\"sub\"><td colspan=\"{columns}\">{}</td></tr>", Safe(&texts.join(" ")))
}

/// The channels without an action, grouped by reason.
pub(super) fn without_action(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let groups = view::without_action(plan);
    if groups.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section>\n<h2>Left alone</h2>\n<p class=\"lead\">Channels without an action, by reason.</p>"
    )?;
    for (code, members) in groups {
        let count = figure::counted(members.len(), "channel");
        write!(
            out,
            "<div class=\"card group\"><h3>{} <span class=\"tag\">{count}</span></h3><dl>",
            Safe(&view::spoken(code))
        )?;
        for (channel, reason) in members {
            write!(out, "<dt>{}</dt><dd>{}</dd>", Safe(&channel.label), Safe(&reason.text))?;
        }
        writeln!(out, "</dl></div>")?;
    }
    writeln!(out, "</section>")
}
