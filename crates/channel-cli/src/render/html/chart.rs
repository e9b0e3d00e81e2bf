//! Charts as inline SVG: cost against benefit, balance bars, curves over feerates. Coordinates are whole numbers.

use std::io::{self, Write};

use taproot_channels::advisor::plan::{Action, ChannelReport, Plan};
use taproot_channels::core::{FeerateKw, Msat, SignedMsat};

use super::super::{view, word};
use super::Safe;
use crate::figure;

/// Width of a bar chart's drawing, in units of its view box.
const BAR_UNITS: u64 = 1000;

/// Cost and benefit of every listed action on one scale.
pub(super) fn cost_and_benefit(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let benefit = |action: &Action| action.benefit_msat.unwrap_or(Msat::ZERO);
    let most =
        plan.actions.iter().map(|action| benefit(action).max(action.cost_msat)).max().unwrap_or(Msat::ZERO);
    if most.is_zero() {
        return Ok(());
    }
    writeln!(
        out,
        "<section>\n<h2>Cost and benefit</h2>\n<p class=\"lead\">Over {}, in order of the plan.</p>\n\
         <div class=\"card chart\">\n<div class=\"legend\"><span><i class=\"k-gain\"></i>benefit</span>\
         <span><i class=\"k-cost\"></i>cost</span></div>\n<div>",
        figure::counted(plan.settings.horizon_days as usize, "day"),
    )?;
    for (index, action) in plan.actions.iter().enumerate() {
        pair(index + 1, action, most, out)?;
    }
    writeln!(out, "</div>\n</div>\n</section>")
}

fn pair(number: usize, action: &Action, most: Msat, out: &mut dyn Write) -> io::Result<()> {
    let benefit = action.benefit_msat.unwrap_or(Msat::ZERO);
    let name = format!("{number}. {} · {}", word::remedy(action.kind), view::target(action));
    let says = format!("benefit {}, cost {}", figure::sat(benefit), figure::sat(action.cost_msat));
    writeln!(
        out,
        "<div class=\"pair\"><span class=\"name\" title=\"{name}\">{name}</span>\
         <svg viewBox=\"0 0 {BAR_UNITS} 22\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{says}\"><title>{says}</title>\
         <rect class=\"f-gain\" x=\"0\" y=\"2\" width=\"{}\" height=\"10\"/>\
         <rect class=\"f-cost\" x=\"0\" y=\"14\" width=\"{}\" height=\"6\"/></svg>\
         <span class=\"net {}\">{}</span></div>",
        length(benefit, most),
        length(action.cost_msat, most),
        sign(action.net_msat),
        action.net_msat.map_or_else(|| "unknown".to_owned(), figure::signed_sat),
        name = Safe(&name),
        says = Safe(&says),
    )
}

/// The length of a bar; anything above zero is seen.
fn length(amount: Msat, most: Msat) -> u64 {
    let units = u64::from(figure::share_ppm(amount, most)) * BAR_UNITS / 1_000_000;
    if amount.is_zero() { 0 } else { units.max(3) }
}

/// The class of a signed figure.
pub(super) fn sign(net: Option<SignedMsat>) -> &'static str {
    match net {
        Some(net) if net.is_positive() => "plus",
        Some(net) if net.to_msat() < 0 => "minus",
        _ => "",
    }
}

/// A channel's balance: ours, in flight, theirs, with a tick at the target.
pub(super) fn balance(channel: &ChannelReport) -> String {
    let units =
        |amount: Msat| u64::from(figure::share_ppm(amount, channel.capacity_msat)) * BAR_UNITS / 1_000_000;
    let ours = units(channel.local_msat).min(BAR_UNITS);
    let flight = units(channel.in_flight_msat).min(BAR_UNITS - ours);
    let percent = figure::percent(figure::share_ppm(channel.local_msat, channel.capacity_msat));
    let (target, says) = match channel.target_local_ppm {
        Some(ppm) => {
            let at = (u64::from(ppm) * BAR_UNITS / 1_000_000).min(BAR_UNITS - 6);
            let tick = format!("<rect class=\"f-target\" x=\"{at}\" y=\"0\" width=\"6\" height=\"14\"/>");
            (tick, format!("{percent} ours, target {}", figure::percent(ppm)))
        }
        None => (String::new(), format!("{percent} ours")),
    };
    format!(
        "<svg viewBox=\"0 0 {BAR_UNITS} 14\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{says}\"><title>{says}</title>\
         <rect class=\"f-theirs\" width=\"{BAR_UNITS}\" height=\"14\"/><rect class=\"f-ours\" width=\"{ours}\" height=\"14\"/>\
         <rect class=\"f-flight\" x=\"{ours}\" width=\"{flight}\" height=\"14\"/>{target}</svg>"
    )
}

/// Which curve is drawn; decides its colour.
#[derive(Debug, Clone, Copy)]
pub(super) enum Hue {
    /// Value lost.
    Lost,
    /// Fees paid.
    Fees,
}

impl Hue {
    const fn class(self) -> &'static str {
        match self {
            Self::Lost => "gain",
            Self::Fees => "cost",
        }
    }
}

/// A curve of amounts over feerates, evenly spaced, from zero up.
pub(super) fn curve(title: &str, hue: Hue, points: &[(FeerateKw, Msat)]) -> String {
    const LEFT: u64 = 14;
    const WIDTH: u64 = 372;
    const TOP: u64 = 26;
    const HEIGHT: u64 = 110;
    let most = points.iter().map(|(_, amount)| *amount).max().unwrap_or(Msat::ZERO);
    let step = WIDTH / (points.len().max(2) as u64 - 1);
    let place = |index: usize, amount: Msat| {
        let rise = u64::from(figure::share_ppm(amount, most)) * HEIGHT / 1_000_000;
        (LEFT + index as u64 * step, TOP + HEIGHT - rise)
    };
    let placed: Vec<(u64, u64)> =
        points.iter().enumerate().map(|(index, (_, amount))| place(index, *amount)).collect();
    let line: Vec<String> = placed.iter().map(|(x, y)| format!("{x},{y}")).collect();
    let floor = TOP + HEIGHT;
    let last = placed.last().map_or(LEFT, |(x, _)| *x);
    let class = hue.class();
    let mut svg = format!(
        "<svg viewBox=\"0 0 400 164\" role=\"img\" aria-label=\"{}\"><line class=\"s-grid\" x1=\"{LEFT}\" y1=\"{floor}\" x2=\"{last}\" y2=\"{floor}\"/>\
         <polygon class=\"f-area a-{class}\" points=\"{LEFT},{floor} {line} {last},{floor}\"/>\
         <polyline class=\"s-line s-{class}\" points=\"{line}\"/>",
        Safe(title),
        line = line.join(" "),
    );
    for (index, ((x, y), (feerate, amount))) in placed.iter().zip(points).enumerate() {
        let anchor = match index {
            0 => "start",
            last if last + 1 == points.len() => "end",
            _ => "middle",
        };
        let feerate = feerate.to_string();
        let tick = if index == 0 { feerate.as_str() } else { feerate.trim_end_matches(" sat/vB") };
        let point = format!(
            "<circle class=\"p-{class}\" cx=\"{x}\" cy=\"{y}\" r=\"4\"><title>{feerate}: {}</title></circle>\
             <text class=\"f-ink\" x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>\
             <text class=\"f-text\" x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">{tick}</text>",
            figure::sat(*amount),
            y - 10,
            figure::short_sat(*amount),
            floor + 18,
        );
        svg.push_str(&point);
    }
    svg.push_str("</svg>");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stay_inside_and_small_ones_are_seen() {
        let most = Msat::from_msat(1_000_000);
        assert_eq!(length(Msat::ZERO, most), 0);
        assert_eq!(length(Msat::ONE, most), 3);
        assert_eq!(length(most, most), BAR_UNITS);
    }

    #[test]
    fn curves_survive_no_points_and_no_amount() {
        assert!(curve("none", Hue::Lost, &[]).ends_with("</svg>"));
        let flat = curve("flat", Hue::Fees, &[(FeerateKw::from_sat_per_kw(250), Msat::ZERO)]);
        assert!(flat.contains("cy=\"136\""), "{flat}");
    }
}
