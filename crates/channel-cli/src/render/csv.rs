//! Comma-separated rows (RFC 4180, lines end in CRLF): one per action for a plan, one per channel for health and dust.
//!
//! A text that a spreadsheet would take for a formula (it starts with `=`, `+`, `-`, `@`, tab or return) gets an
//! apostrophe in front. Numbers carry no grouping; their unit stands in the column's name.

use std::io::{self, Write};

use taproot_channels::advisor::plan::{Action, ChannelReport, Plan, StressPoint};
use taproot_channels::core::{FeerateKw, Msat, SignedMsat};

use super::{Subject, view, word};
use crate::text;

/// A field of a row.
enum Field {
    /// Text that others may have written.
    Text(String),
    /// A number of ours, or nothing.
    Number(Option<i128>),
}

fn words(text: impl Into<String>) -> Field {
    Field::Text(text.into())
}

fn number(number: impl Into<i128>) -> Field {
    Field::Number(Some(number.into()))
}

fn optional<N: Into<i128>>(number: Option<N>) -> Field {
    Field::Number(number.map(Into::into))
}

fn amount(amount: Msat) -> Field {
    number(amount.to_msat())
}

/// A column: its name, and how a row (its number from 1, its subject) fills it.
type Column<T> = (&'static str, fn(usize, &T) -> Field);

const ACTION_COLUMNS: &[Column<Action>] = &[
    ("number", |row, _| number(row as u64)),
    ("action", |_, action| words(&action.id)),
    ("kind", |_, action| words(action.kind.code())),
    ("channels", |_, action| {
        words(action.channels.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    }),
    ("labels", |_, action| words(action.labels.join(" / "))),
    ("summary", |_, action| words(&action.summary)),
    ("amount_msat", |_, action| optional(action.amount_msat.map(Msat::to_msat))),
    ("cost_msat", |_, action| amount(action.cost_msat)),
    ("benefit_msat", |_, action| optional(action.benefit_msat.map(Msat::to_msat))),
    ("net_msat", |_, action| optional(action.net_msat.map(SignedMsat::to_msat))),
    ("payback_hours", |_, action| optional(action.payback_hours)),
    ("chain_fee_msat", |_, action| optional(action.on_chain.as_ref().map(|chain| chain.fee_msat.to_msat()))),
    ("size_vb", |_, action| optional(action.on_chain.as_ref().map(|chain| chain.size_vb))),
    ("needs_on_chain_msat", |_, action| {
        optional(action.on_chain.as_ref().map(|chain| chain.needs_msat.to_msat()))
    }),
    ("break_even_sat_per_kw", |_, action| {
        let chain = action.on_chain.as_ref();
        optional(chain.and_then(|chain| chain.break_even_sat_per_kw).map(FeerateKw::to_sat_per_kw))
    }),
    ("only_at_or_below_sat_per_kw", |_, action| {
        let chain = action.on_chain.as_ref();
        optional(chain.and_then(|chain| chain.only_at_or_below_sat_per_kw).map(FeerateKw::to_sat_per_kw))
    }),
    ("dust_before_msat", |_, action| amount(action.dust_before_msat)),
    ("dust_after_msat", |_, action| amount(action.dust_after_msat)),
    ("priority", |_, action| number(action.priority)),
    ("confidence", |_, action| words(word::confidence(action.confidence))),
    ("complexity", |_, action| words(word::complexity(action.complexity))),
    ("conditions", |_, action| words(view::conditions(action).join("; "))),
    ("why", |_, action| {
        words(action.why.iter().map(|reason| reason.text.as_ref()).collect::<Vec<_>>().join(" "))
    }),
    ("commands", |_, action| words(action.commands.join("\n"))),
];

const CHANNEL_COLUMNS: &[Column<ChannelReport>] = &[
    ("channel", |_, channel| words(channel.channel.as_str())),
    ("short_channel_id", |_, channel| words(channel.short_channel_id.as_deref().unwrap_or_default())),
    ("label", |_, channel| words(&channel.label)),
    ("peer", |_, channel| words(channel.peer.as_ref().map_or("", |peer| peer.as_str()))),
    ("capacity_msat", |_, channel| amount(channel.capacity_msat)),
    ("local_msat", |_, channel| amount(channel.local_msat)),
    ("remote_msat", |_, channel| amount(channel.remote_msat)),
    ("in_flight_msat", |_, channel| amount(channel.in_flight_msat)),
    ("active", |_, channel| words(word::knowledge(channel.active))),
    ("private", |_, channel| words(word::knowledge(channel.private))),
];

const HEALTH_COLUMNS: &[Column<ChannelReport>] = &[
    ("role", |_, channel| words(word::role(channel.role).replace('–', "unknown"))),
    ("score_ppm", |_, channel| optional(channel.health.score_ppm)),
    ("status", |_, channel| words(word::health(channel.health.status))),
    ("confidence", |_, channel| words(word::confidence(channel.health.confidence))),
    ("earning_ppm", |_, channel| part_score(channel, "earning")),
    ("liquidity_fit_ppm", |_, channel| part_score(channel, "liquidity_fit")),
    ("reliability_ppm", |_, channel| part_score(channel, "reliability")),
    ("dust_and_close_risk_ppm", |_, channel| part_score(channel, "dust_and_close_risk")),
    ("capital_efficiency_ppm", |_, channel| part_score(channel, "capital_efficiency")),
    ("profit_msat", |_, channel| optional(channel.flow.as_ref().map(|flow| flow.profit_msat.to_msat()))),
    ("drain_msat_per_day", |_, channel| {
        optional(channel.flow.as_ref().map(|flow| flow.drain_msat_per_day.to_msat()))
    }),
    ("issues", |_, channel| {
        words(channel.health.issues.iter().map(|issue| issue.text.as_ref()).collect::<Vec<_>>().join(" "))
    }),
];

const DUST_COLUMNS: &[Column<ChannelReport>] = &[
    ("commitment", |_, channel| words(word::commitment(channel.commitment))),
    ("dust_limit_local_sat", |_, channel| number(channel.dust.dust_limit_local_sat)),
    ("dust_limit_remote_sat", |_, channel| number(channel.dust.dust_limit_remote_sat)),
    ("trimmed_local_msat", |_, channel| amount(channel.dust.trimmed_local_msat)),
    ("trimmed_remote_msat", |_, channel| amount(channel.dust.trimmed_remote_msat)),
    ("trimmed_htlcs_local", |_, channel| number(channel.dust.trimmed_htlcs_local)),
    ("trimmed_htlcs_remote", |_, channel| number(channel.dust.trimmed_htlcs_remote)),
    ("hidden_msat", |_, channel| optional(channel.dust.hidden_msat.map(Msat::to_msat))),
    ("uneconomic_msat", |_, channel| amount(channel.dust.uneconomic_msat)),
    ("exposure_msat", |_, channel| amount(channel.dust.exposure_msat)),
    ("exposure_cap_msat", |_, channel| amount(channel.dust.exposure_cap_msat)),
    ("advised_dust_limit_sat", |_, channel| number(channel.dust.advised_dust_limit_sat)),
    ("force_close_fee_msat", |_, channel| amount(channel.dust.force_close.fee_msat)),
    ("force_close_lost_msat", |_, channel| amount(channel.dust.force_close.lost_msat)),
    ("locked_blocks", |_, channel| optional(channel.dust.force_close.locked_blocks)),
    ("lost_at_1_msat", |_, channel| lost_at(channel, 1)),
    ("lost_at_5_msat", |_, channel| lost_at(channel, 5)),
    ("lost_at_20_msat", |_, channel| lost_at(channel, 20)),
    ("lost_at_50_msat", |_, channel| lost_at(channel, 50)),
    ("lost_at_100_msat", |_, channel| lost_at(channel, 100)),
];

fn part_score(channel: &ChannelReport, name: &str) -> Field {
    optional(channel.health.parts.iter().find(|part| part.name == name).and_then(|part| part.score_ppm))
}

fn lost_at(channel: &ChannelReport, sat_per_vb: u32) -> Field {
    let at = |point: &&StressPoint| point.feerate_sat_per_kw.to_sat_per_kw() == sat_per_vb * 250;
    optional(channel.dust.stress.iter().find(at).map(|point| point.lost_msat.to_msat()))
}

/// Writes the rows of `subject` below a row of column names.
pub(super) fn write(plan: &Plan, subject: Subject, out: &mut dyn Write) -> io::Result<()> {
    match subject {
        Subject::Plan => write_table(&plan.actions, &[ACTION_COLUMNS], out),
        Subject::Health => write_table(&plan.channels, &[CHANNEL_COLUMNS, HEALTH_COLUMNS], out),
        Subject::Dust => write_table(&plan.channels, &[CHANNEL_COLUMNS, DUST_COLUMNS], out),
    }
}

fn write_table<T>(rows: &[T], columns: &[&[Column<T>]], out: &mut dyn Write) -> io::Result<()> {
    let columns: Vec<&Column<T>> = columns.iter().copied().flatten().collect();
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    write!(out, "{}\r\n", names.join(","))?;
    for (index, row) in rows.iter().enumerate() {
        let fields: Vec<String> = columns.iter().map(|(_, fill)| quoted(&fill(index + 1, row))).collect();
        write!(out, "{}\r\n", fields.join(","))?;
    }
    Ok(())
}

/// A field as RFC 4180 writes it.
fn quoted(field: &Field) -> String {
    match field {
        Field::Number(number) => number.map_or_else(String::new, |number| number.to_string()),
        Field::Text(words) => quoted_text(words),
    }
}

/// A text as RFC 4180 writes it, disarmed.
pub(super) fn quoted_text(words: &str) -> String {
    let lines: Vec<_> = words.split('\n').map(text::clean).collect();
    let mut safe = lines.join("\n");
    if words.starts_with(['=', '+', '-', '@', '\t', '\r']) || safe.starts_with(['=', '+', '-', '@']) {
        safe.insert(0, '\'');
    }
    if safe.contains(['"', ',', '\n', ';']) || safe.starts_with([' ', '\'']) || safe.ends_with(' ') {
        return format!("\"{}\"", safe.replace('"', "\"\""));
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_and_quotes_are_quoted() {
        assert_eq!(quoted_text("plain"), "plain");
        assert_eq!(quoted_text("a,b"), "\"a,b\"");
        assert_eq!(quoted_text("say \"hi\""), "\"say \"\"hi\"\"\"");
        assert_eq!(quoted_text("two\nlines"), "\"two\nlines\"");
        assert_eq!(quoted_text(""), "");
    }

    #[test]
    fn formulas_are_disarmed() {
        for text in ["=cmd|'/C calc'!A0", "+1+1", "-2", "@SUM(A1)", "\u{200b}=1", "\t=1"] {
            assert!(quoted_text(text).trim_start_matches('"').starts_with('\''), "{text}");
        }
        assert_eq!(quoted(&number(-5)), "-5");
        assert_eq!(quoted(&optional::<u64>(None)), "");
    }
}
