//! Tables that an issue or a wiki shows as they are. Text that others wrote is escaped: no links, no mentions, no HTML.

use std::io::{self, Write};

use taproot_channels::advisor::plan::{Action, ChannelReport, Plan};

use super::{Subject, view, word};
use crate::{figure, text};

/// Writes `subject` of `plan`.
pub(super) fn write(plan: &Plan, subject: Subject, out: &mut dyn Write) -> io::Result<()> {
    head(plan, subject, out)?;
    match subject {
        Subject::Plan => {
            actions(plan, out)?;
            channels(plan, out)?;
            without_action(plan, out)?;
            if_supported(plan, out)?;
        }
        Subject::Health => health(plan, out)?,
        Subject::Dust => dust(plan, out)?,
    }
    assumptions(plan, out)
}

fn head(plan: &Plan, subject: Subject, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# Channel {}\n", subject.name())?;
    writeln!(out, "| | |\n|---|---|")?;
    for (name, value) in view::frame(plan) {
        writeln!(out, "| {name} | {} |", cell(&value))?;
    }
    for warning in &plan.warnings {
        writeln!(out, "\n> **Note:** {}", cell(&warning.text))?;
        if let Some(command) = &warning.command {
            writeln!(out, ">\n> {}", code(command))?;
        }
    }
    Ok(())
}

fn actions(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## Plan\n\n{}\n", cell(&view::totals(plan)))?;
    if plan.actions.is_empty() {
        return Ok(());
    }
    writeln!(out, "| # | action | channel | cost | benefit | net | payback | if |")?;
    writeln!(out, "|--:|---|---|--:|--:|--:|--:|---|")?;
    for (index, action) in plan.actions.iter().enumerate() {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            index + 1,
            word::remedy(action.kind),
            code(&view::target(action)),
            figure::sat(action.cost_msat),
            action.benefit_msat.map_or_else(|| "unknown".to_owned(), figure::sat),
            action.net_msat.map_or_else(|| "unknown".to_owned(), figure::signed_sat),
            action.payback_hours.map_or_else(|| "–".to_owned(), figure::span),
            cell(&view::open_conditions(action).join("; ")),
        )?;
    }
    for (index, action) in plan.actions.iter().enumerate() {
        action_block(index + 1, action, out)?;
    }
    Ok(())
}

fn action_block(number: usize, action: &Action, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n### {number}. {}\n", cell(&action.summary))?;
    let rank =
        format!("priority {} of 10, confidence {}", action.priority, word::confidence(action.confidence));
    writeln!(out, "- {rank}, effort {}", word::complexity(action.complexity))?;
    let prices: Vec<_> = view::prices(action).iter().map(|(name, value)| format!("{name} {value}")).collect();
    writeln!(out, "- {}", cell(&prices.join(", ")))?;
    if let Some(change) = view::dust_change(action) {
        writeln!(out, "- dust {change} ({})", word::dust_impact(action.dust_impact))?;
    }
    for reason in &action.why {
        writeln!(out, "- {}", cell(&reason.text))?;
    }
    if !action.commands.is_empty() {
        let commands: Vec<_> = action.commands.iter().map(|command| text::clean(command)).collect();
        let fence = fence_for(&commands.join("\n"));
        writeln!(out, "\n{fence}sh\n{}\n{fence}", commands.join("\n"))?;
    }
    Ok(())
}

/// A fence longer than any run of backticks inside.
fn fence_for(content: &str) -> String {
    let longest = content.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat((longest + 1).max(3))
}

fn channels(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## Channels\n")?;
    writeln!(out, "| channel | capacity | ours | health | drain a day | role | plan |")?;
    writeln!(out, "|---|--:|--:|--:|--:|---|---|")?;
    for channel in &plan.channels {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            name(channel),
            figure::sat(channel.capacity_msat),
            figure::percent(figure::share_ppm(channel.local_msat, channel.capacity_msat)),
            channel.health.score_ppm.map_or_else(|| "–".to_owned(), figure::percent),
            channel
                .flow
                .as_ref()
                .map_or_else(|| "–".to_owned(), |flow| figure::signed_sat(flow.drain_msat_per_day)),
            word::role(channel.role),
            view::action_numbers(plan, channel),
        )?;
    }
    Ok(())
}

fn without_action(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let groups = view::without_action(plan);
    if groups.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Left alone\n\n| channel | reason | |\n|---|---|---|")?;
    for (reason_code, members) in groups {
        for (channel, reason) in members {
            writeln!(
                out,
                "| {} | {} | {} |",
                name(channel),
                cell(&view::spoken(reason_code)),
                cell(&reason.text)
            )?;
        }
    }
    Ok(())
}

fn if_supported(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    if plan.if_supported.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## If the peer supports it\n")?;
    for action in &plan.if_supported {
        let net = action.net_msat.map_or_else(|| "unknown".to_owned(), figure::signed_sat);
        let missing = cell(&view::open_conditions(action).join("; "));
        writeln!(out, "- {} (net {net}): {missing}", cell(&action.summary))?;
    }
    Ok(())
}

fn health(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## Health\n")?;
    writeln!(out, "| channel | score | class | confidence | parts | issues |\n|---|--:|---|---|---|---|")?;
    for channel in &plan.channels {
        let health = &channel.health;
        let part = |score: Option<u32>| score.map_or_else(|| "–".to_owned(), figure::percent);
        let parts: Vec<_> = health
            .parts
            .iter()
            .map(|known| format!("{} {}", word::part(&known.name), part(known.score_ppm)))
            .collect();
        let issues: Vec<_> = health.issues.iter().map(|issue| issue.text.as_ref()).collect();
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            name(channel),
            part(health.score_ppm),
            word::health(health.status),
            word::confidence(health.confidence),
            cell(&parts.join(", ")),
            cell(&issues.join(" ")),
        )?;
    }
    Ok(())
}

fn dust(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## Stress\n\n| feerate | lost | fees |\n|--:|--:|--:|")?;
    for (feerate, lost, fee) in view::fleet_stress(plan) {
        writeln!(out, "| {feerate} | {} | {} |", figure::sat(lost), figure::sat(fee))?;
    }
    writeln!(out, "\n## Ledger\n")?;
    writeln!(
        out,
        "| channel | trimmed, ours | trimmed, theirs | hidden | uneconomic | exposure | close loses | close costs |"
    )?;
    writeln!(out, "|---|--:|--:|--:|--:|--:|--:|--:|")?;
    for channel in &plan.channels {
        let dust = &channel.dust;
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            name(channel),
            figure::sat(dust.trimmed_local_msat),
            figure::sat(dust.trimmed_remote_msat),
            dust.hidden_msat.map_or_else(|| "–".to_owned(), figure::sat),
            figure::sat(dust.uneconomic_msat),
            figure::sat(dust.exposure_msat),
            figure::sat(dust.force_close.lost_msat),
            figure::sat(dust.force_close.fee_msat),
        )?;
    }
    Ok(())
}

fn assumptions(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    if !plan.assumptions.is_empty() {
        writeln!(out, "\n## Assumptions\n")?;
    }
    for assumption in &plan.assumptions {
        writeln!(out, "- {}", cell(&assumption.text))?;
    }
    writeln!(out, "\n<details><summary>Settings</summary>\n\n| setting | value |\n|---|---|")?;
    for (name, value) in view::settings_list(&plan.settings) {
        writeln!(out, "| {name} | {} |", cell(&value))?;
    }
    writeln!(out, "\n</details>")
}

/// A channel's name as code, so that nothing in it is markup.
fn name(channel: &ChannelReport) -> String {
    code(&channel.label)
}

/// Text as inline code.
fn code(words: &str) -> String {
    let clean = text::clean(words).replace('`', "'").replace('|', "\\|");
    let trimmed = clean.trim();
    if trimmed.is_empty() { "–".to_owned() } else { format!("`{trimmed}`") }
}

/// Text for a table cell or a list: markup characters escaped, mentions and issue references broken.
pub(super) fn cell(words: &str) -> String {
    let mut escaped = String::with_capacity(words.len() + 8);
    for c in text::clean(words).chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '#' | '!' | '$' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '&' => escaped.push_str("&amp;"),
            // A zero-width space keeps the reader's name but calls nobody.
            '@' => escaped.push_str("@\u{200b}"),
            c => escaped.push(c),
        }
    }
    escaped.replace("://", ":\u{200b}//").replace("www.", "www\u{200b}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_hold_no_markup_links_or_mentions() {
        assert_eq!(cell("a|b"), "a\\|b");
        assert_eq!(cell("<img src=x>"), "\\<img src=x\\>");
        assert_eq!(cell("@everyone"), "@\u{200b}everyone");
        assert_eq!(cell("[x](http://e.vil)"), "\\[x\\](http:\u{200b}//e.vil)");
        assert_eq!(cell("two\nlines"), "two lines");
        assert_eq!(cell("&lt;"), "&amp;lt;");
    }

    #[test]
    fn code_cannot_be_left() {
        assert_eq!(code("a`b|c"), "`a'b\\|c`");
        assert_eq!(code(" "), "–");
        assert_eq!(fence_for("```\nx"), "````");
        assert_eq!(fence_for("x"), "```");
    }
}
