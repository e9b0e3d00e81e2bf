//! A simulation as a table of steps, or as JSON.

use std::io::{self, Write};

use super::json;
use super::table::{Line, Screen, Tone};
use crate::figure;
use crate::output::Terminal;
use crate::simulation::{Payable, Simulation, Step};

/// Writes the JSON form.
pub(crate) fn write_json(simulation: &Simulation, out: &mut dyn Write) -> io::Result<()> {
    json::pretty(simulation, out)
}

/// Writes the form for a terminal.
pub(crate) fn write_table(
    simulation: &Simulation,
    terminal: Terminal,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut screen = Screen::new(terminal, out);
    screen.line(&Line::new().add(Tone::Title, "channel simulate"))?;
    fact("channel", &simulation.channel, &mut screen)?;
    let reserve = simulation.reserve_sat;
    let terms = format!(
        "{}; dust limit {} sat; each side keeps {} and {} sat; splice at {}",
        simulation.format,
        figure::grouped(simulation.dust_limit_sat),
        figure::grouped(reserve.local),
        figure::grouped(reserve.remote),
        simulation.feerate
    );
    fact("terms", &terms, &mut screen)?;
    screen.blank()?;
    let head = Line::new()
        .left(Tone::Dim, "", 38)
        .right(Tone::Dim, "local", 12)
        .right(Tone::Dim, "remote", 12)
        .right(Tone::Dim, "capacity", 12);
    screen.line(&head)?;
    for step in &simulation.steps {
        row(step, &mut screen)?;
    }
    screen.blank()?;
    foot(simulation, &mut screen)
}

fn row(step: &Step, screen: &mut Screen<'_>) -> io::Result<()> {
    let balance = |sat: u64| figure::grouped(sat / 1000);
    let tone = if step.done { Tone::Plain } else { Tone::Bad };
    let line = Line::new()
        .text("  ")
        .left(tone, &step.what, 36)
        .right(Tone::Plain, &balance(step.balance_msat.local.to_msat()), 12)
        .right(Tone::Plain, &balance(step.balance_msat.remote.to_msat()), 12)
        .right(Tone::Plain, &figure::grouped(step.capacity_sat), 12);
    screen.line(&line)?;
    if step.chain_fee_sat > 0 {
        let fee = format!("fee {} sat, paid from the wallet", figure::grouped(step.chain_fee_sat));
        screen.paragraph(&Line::new().text("    "), Tone::Dim, &fee)?;
    }
    if let Some(refusal) = &step.refusal {
        let near =
            |name: &str, amount: Option<_>| amount.map(|amount| format!("{name} {}", figure::sat(amount)));
        let nearest: Vec<String> = [
            near("nearest below", refusal.nearest_below_msat),
            near("nearest above", refusal.nearest_above_msat),
        ]
        .into_iter()
        .flatten()
        .collect();
        let tail = if nearest.is_empty() { String::new() } else { format!("; {}", nearest.join(", ")) };
        screen.paragraph(
            &Line::new().text("    refused: "),
            Tone::Caution,
            &format!("{}{tail}", refusal.reason),
        )?;
    }
    Ok(())
}

fn foot(simulation: &Simulation, screen: &mut Screen<'_>) -> io::Result<()> {
    let dust = &simulation.dust;
    let found = dust.dust_msat.local.saturating_add(dust.dust_msat.remote);
    let dust_text = match (&dust.recovery, found.is_zero()) {
        (_, true) => format!(
            "none in either balance; a force-close would trim {}",
            figure::sat(dust.worst_trimmed_msat)
        ),
        (Some(way), false) => format!("{} after the payments; best way out: {way}", figure::sat(found)),
        (None, false) => format!("{} after the payments; no way out is worth its cost", figure::sat(found)),
    };
    fact("dust", &dust_text, screen)?;
    let payable = |payable: Option<Payable>| {
        payable.map_or_else(
            || "nothing".to_owned(),
            |range| format!("{} to {}", figure::sat(range.min_msat), figure::sat(range.max_msat)),
        )
    };
    let sides = simulation.payable;
    fact("payable", &format!("local {}; remote {}", payable(sides.local), payable(sides.remote)), screen)?;
    let most = |sat: Option<u64>| {
        sat.map_or_else(|| "nothing".to_owned(), |sat| format!("up to {} sat", figure::grouped(sat)))
    };
    let out = simulation.splice_out_max_sat;
    fact("splice out", &format!("local {}; remote {}", most(out.local), most(out.remote)), screen)?;
    let even = figure::sat(taproot_channels::core::Msat::from_msat(simulation.to_even_msat.unsigned_abs()));
    let payer = match simulation.to_even_msat {
        0 => "balances are even".to_owned(),
        1.. => format!("local paying {even} makes them even"),
        _ => format!("remote paying {even} makes them even"),
    };
    fact("imbalance", &format!("{}; {payer}", figure::percent(simulation.imbalance_ppm)), screen)?;
    let value = if simulation.value_conserved {
        "conserved: balances add up to the capacity after every step"
    } else {
        "NOT CONSERVED"
    };
    fact("value", value, screen)
}

fn fact(name: &str, value: &str, screen: &mut Screen<'_>) -> io::Result<()> {
    screen.paragraph(&Line::new().text("  ").left(Tone::Dim, name, 12), Tone::Plain, value)
}
