//! A judged descriptor for people: verdict, what is wrong, who could take the money and when, the right form.

use std::io::{self, Write};

use super::json;
use super::table::{Line, Screen, Tone};
use crate::descriptor::{AcceptedOutput, DescriptorReport, FaultEntry, RightEntry, Verdict};
use crate::output::Terminal;

/// Columns of the names in front of facts.
const NAME: usize = 12;
/// Characters of the text that show where a fault is.
const EXCERPT: usize = 24;

/// Writes the JSON form.
pub(crate) fn write_json(report: &DescriptorReport, out: &mut dyn Write) -> io::Result<()> {
    json::pretty(report, out)
}

/// Writes the form for a terminal.
pub(crate) fn write_table(
    report: &DescriptorReport,
    terminal: Terminal,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut screen = Screen::new(terminal, out);
    screen.line(&Line::new().add(Tone::Title, "channel descriptor check"))?;
    match &report.descriptor {
        Some(descriptor) => whole("descriptor", descriptor, &mut screen)?,
        None => fact("descriptor", Tone::Dim, "not shown: it holds a private key", &mut screen)?,
    }
    if let Some(reading) = &report.reading {
        whole("read as", reading, &mut screen)?;
    }
    let (tone, verdict) = match report.verdict {
        Verdict::Accepted => (Tone::Good, "accepted: neither party can spend without the other"),
        Verdict::Refused => (Tone::Bad, "refused: do not fund a channel with it"),
    };
    fact("verdict", tone, verdict, &mut screen)?;
    if let Some(output) = &report.output {
        accepted(output, &report.network, &mut screen)?;
    }
    faults(report, &mut screen)?;
    rights(&report.rights, &mut screen)?;
    corrections(report, &mut screen)
}

fn accepted(output: &AcceptedOutput, network: &str, screen: &mut Screen<'_>) -> io::Result<()> {
    fact("form", Tone::Plain, &output.text, screen)?;
    whole("address", &format!("{} ({network})", output.address), screen)?;
    whole("script", &output.script_pubkey, screen)?;
    let keys = match output.ownership {
        "proven" => "those of the two participants",
        _ => "two different ones; whose they are was not judged, --participant HEX twice does that",
    };
    fact("keys", Tone::Plain, keys, screen)
}

fn faults(report: &DescriptorReport, screen: &mut Screen<'_>) -> io::Result<()> {
    if report.faults.is_empty() {
        return Ok(());
    }
    screen.heading("What is wrong", "")?;
    for (index, fault) in report.faults.iter().enumerate() {
        let lead = Line::new().left(Tone::Caution, &format!("{:>3}. ", index + 1), 5);
        let place = excerpt(report, fault).map_or_else(String::new, |place| format!("at `{place}`: "));
        screen.paragraph(&lead, Tone::Plain, &format!("{place}{}", fault.text))?;
    }
    Ok(())
}

/// The text from where a fault is.
fn excerpt(report: &DescriptorReport, fault: &FaultEntry) -> Option<String> {
    let rest = report.descriptor.as_ref()?.get(fault.position?..)?;
    let shown: String = rest.chars().take(EXCERPT).collect();
    let cut = if shown.len() < rest.len() { "…" } else { "" };
    (!shown.is_empty()).then(|| format!("{shown}{cut}"))
}

fn rights(rights: &[RightEntry], screen: &mut Screen<'_>) -> io::Result<()> {
    if rights.is_empty() {
        return Ok(());
    }
    screen.heading("Who can spend", "")?;
    for right in rights {
        let tone = if right.signers.len() < 2 { Tone::Bad } else { Tone::Good };
        let reached = match (right.after_height, right.absolute_open) {
            (Some(_), Some(true)) => " (reached)",
            (Some(_), Some(false)) => " (still ahead)",
            _ => "",
        };
        let script = right.miniscript.as_ref().map_or_else(String::new, |script| format!(" [{script}]"));
        screen.paragraph(
            &Line::new().add(tone, "  · "),
            Tone::Plain,
            &format!("{}{reached}{script}", right.text),
        )?;
    }
    Ok(())
}

fn corrections(report: &DescriptorReport, screen: &mut Screen<'_>) -> io::Result<()> {
    if !report.corrections.is_empty() {
        screen.heading("The right form", "needs both parties for every spend")?;
        for correction in &report.corrections {
            screen.command(&Line::new().text("  "), &correction.descriptor)?;
        }
        if report.corrections.iter().any(|correction| !correction.ready) {
            let note = "Words stand for keys there, and MuSig2(A,B) for the aggregate of the two 33-byte keys (BIP 327, \
                        keys sorted): give --participant HEX twice and this command computes it.";
            screen.paragraph(&Line::new().text("  "), Tone::Dim, note)?;
        }
    }
    if let Some(delayed) = &report.delayed_output {
        screen.heading(
            "Where a delay belongs",
            "in the commitment's to_local output, not in the funding output",
        )?;
        screen.command(&Line::new().text("  "), delayed)?;
    }
    Ok(())
}

fn fact(name: &str, tone: Tone, value: &str, screen: &mut Screen<'_>) -> io::Result<()> {
    screen.paragraph(&Line::new().text("  ").left(Tone::Dim, name, NAME), tone, value)
}

/// A fact that somebody may want to copy.
fn whole(name: &str, value: &str, screen: &mut Screen<'_>) -> io::Result<()> {
    screen.whole(&Line::new().text("  ").left(Tone::Dim, name, NAME), Tone::Plain, value)
}
