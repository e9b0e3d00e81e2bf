//! Actions as cards.

use std::io::{self, Write};

use taproot_channels::advisor::plan::{Action, Plan};

use super::super::{view, word};
use super::{Safe, chart};
use crate::{figure, text};

/// One card per listed action.
pub(super) fn cards(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<section>\n<h2>Plan</h2>\n<p class=\"lead\">{}</p>", Safe(&view::totals(plan)))?;
    for (index, action) in plan.actions.iter().enumerate() {
        card(&(index + 1).to_string(), action, out)?;
    }
    writeln!(out, "</section>")
}

/// What would be worth doing if it turned out to be possible.
pub(super) fn if_supported(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    if plan.if_supported.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section>\n<h2>If the peer supports it</h2>\n<p class=\"lead\">Worth doing if it turns out to be possible; not part of the totals.</p>"
    )?;
    for action in &plan.if_supported {
        card("?", action, out)?;
    }
    writeln!(out, "</section>")
}

fn card(number: &str, action: &Action, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<article class=\"card action\">\n<header><span class=\"num\">{number}</span><div><p class=\"kind\"><b>{kind}</b> · {target}</p>\
         <h3>{summary}</h3></div><p class=\"sum {sign}\">{net}<small>priority {priority} · confidence {confidence} · effort {effort}</small></p></header>\n\
         <div class=\"body\">",
        kind = word::remedy(action.kind),
        target = Safe(&view::target(action)),
        summary = Safe(&action.summary),
        sign = chart::sign(action.net_msat),
        net = action.net_msat.map_or_else(|| "benefit unknown".to_owned(), figure::signed_sat),
        priority = action.priority,
        confidence = word::confidence(action.confidence),
        effort = word::complexity(action.complexity),
    )?;
    write!(out, "<dl class=\"prices\">")?;
    for (name, value) in view::prices(action).iter().filter(|(name, _)| *name != "net") {
        write!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", Safe(value))?;
    }
    if let Some(change) = view::dust_change(action) {
        write!(out, "<div><dt>dust</dt><dd>{}</dd></div>", Safe(&change))?;
    }
    writeln!(out, "</dl>")?;
    list("why", action.why.iter().map(|reason| reason.text.as_ref()), out)?;
    list("chips", view::conditions(action).iter().map(String::as_str), out)?;
    for command in &action.commands {
        let clean = text::clean(command);
        let lines = text::wrapped_command(&clean, 100);
        let lines: Vec<String> = lines.iter().map(|line| Safe(line).to_string()).collect();
        writeln!(out, "<pre>{}</pre>", lines.join("\n"))?;
    }
    writeln!(out, "</div>\n</article>")
}

fn list<'t>(class: &str, items: impl Iterator<Item = &'t str>, out: &mut dyn Write) -> io::Result<()> {
    let mut items = items.peekable();
    if items.peek().is_none() {
        return Ok(());
    }
    write!(out, "<ul class=\"{class}\">")?;
    for item in items {
        write!(out, "<li>{}</li>", Safe(item))?;
    }
    writeln!(out, "</ul>")
}
