//! The five parts of the health score, each 0 (bad) to 1,000,000 (good), or unknown.

use std::borrow::Cow;

use channel_core::Msat;

use super::{Examined, return_ppm_per_year};
use crate::economic::figures::{Percent, Sats};
use crate::plan::{Confidence, HealthPart, Role};

const WHOLE: u64 = 1_000_000;
/// A turnover that scores half: 1 % of the capacity a day.
const HALF_TURNOVER_PPM: u128 = 10_000;
/// Without a known demand, each side should hold at least this part of the capacity: a quarter.
const IDLE_SHARE: u64 = 4;
const WEEK_S: u64 = 7 * 86_400;

fn part(
    name: &'static str,
    weight_ppm: u32,
    score: Option<(u64, Confidence)>,
    evidence: impl Into<Cow<'static, str>>,
) -> HealthPart {
    HealthPart {
        name: name.into(),
        score_ppm: score.map(|(score, _)| u32::try_from(score.min(WHOLE)).unwrap_or(u32::MAX)),
        weight_ppm,
        confidence: score.map_or(Confidence::None, |(_, confidence)| confidence),
        evidence: evidence.into(),
    }
}

/// `value / (value + usual)`: half at the usual figure, towards all far above it. Nothing at or below zero; all when
/// the usual channel earns nothing.
fn against(value: i64, usual: i64) -> u64 {
    let value = u128::try_from(value).unwrap_or(0);
    let usual = u128::try_from(usual).unwrap_or(0);
    saturating_u64((value * u128::from(WHOLE)).checked_div(value + usual).unwrap_or(0))
}

fn saturating_u64(wide: u128) -> u64 {
    u64::try_from(wide).unwrap_or(u64::MAX)
}

/// Profit in the window against the fleet's median. Unknown with fewer than two channels to compare.
pub(super) fn earning(of: &Examined<'_>) -> HealthPart {
    const NAME: &str = "earning";
    const WEIGHT: u32 = 300_000;
    let Some(flow) = of.flow else {
        return part(NAME, WEIGHT, None, "No forwards are known.");
    };
    let bound = if flow.profit_is_upper_bound { " at most" } else { "" };
    let earned = format!(
        "Earned{bound} {} at {} ppm on {} out",
        Sats::from(flow.profit),
        flow.rate_ppm,
        Sats::from(flow.amount_out)
    );
    let Some(median) = of.medians.profit else {
        return part(NAME, WEIGHT, None, format!("{earned}; no other usable channel to compare with."));
    };
    let score = against(flow.profit.to_msat(), median.to_msat());
    let evidence = format!("{earned}; the fleet's median is {}.", Sats::from(median));
    part(NAME, WEIGHT, Some((score, flow.confidence)), evidence)
}

/// Whether the balance fits the flow: days until the demanded side is empty against the horizon; for a router also the
/// distance from the middle. Without demand, whether both sides can be used at all.
pub(super) fn liquidity_fit(of: &Examined<'_>) -> HealthPart {
    const NAME: &str = "liquidity_fit";
    const WEIGHT: u32 = 250_000;
    if of.channel.capacity.is_zero() {
        return part(NAME, WEIGHT, None, "The channel has no capacity.");
    }
    let local = share(of.channel.local, of.channel.capacity);
    let demanded = of.flow.filter(|flow| flow.role != Role::Dormant);
    let Some((flow, targets)) = demanded.zip(of.targets) else {
        let smaller = of.balance.spendable.min(of.balance.receivable);
        let score = share(smaller, of.channel.capacity).saturating_mul(IDLE_SHARE);
        let confidence = of.flow.map_or(Confidence::Low, |flow| flow.confidence);
        let evidence = format!(
            "We hold {} of the capacity; {}.",
            Percent(local),
            if of.flow.is_some() { "there is hardly any flow to fit" } else { "no flow is known" }
        );
        return part(NAME, WEIGHT, Some((score, confidence)), evidence);
    };
    let target = share(targets.local, of.channel.capacity);
    let distance = local.abs_diff(target);
    let (mut score, mut evidence) =
        (WHOLE, format!("We hold {} of the capacity, the target is {}", Percent(local), Percent(target)));
    if flow.role == Role::Router {
        score = WHOLE.saturating_sub(distance.saturating_mul(2));
    }
    if let Some(depletion) = of.depletion() {
        let horizon_hours = u64::from(of.options.horizon_days.max(1)) * 24;
        score = score.min(saturating_u64(
            u128::from(depletion.hours.min(horizon_hours)) * u128::from(WHOLE) / u128::from(horizon_hours),
        ));
        let side = if depletion.outbound { "outbound" } else { "inbound" };
        let (left, per_day) = (Sats::from(depletion.left), Sats::from(depletion.per_day));
        evidence = format!("{evidence}; {left} {side} last {} at {per_day} a day", days(depletion.hours));
    }
    part(NAME, WEIGHT, Some((score, flow.confidence)), format!("{evidence}."))
}

/// Hours as days with one decimal.
pub(super) fn days(hours: u64) -> String {
    let tenths = u128::from(hours) * 10 / 24;
    match tenths {
        0..1000 => format!("{}.{} days", tenths / 10, tenths % 10),
        _ => format!("{} days", tenths / 10),
    }
}

fn share(amount: Msat, of: Msat) -> u64 {
    amount.mul_div_floor(WHOLE, of.to_msat()).to_msat()
}

/// Whether the peer is there: online now, and the share of the watched time it was.
pub(super) fn reliability(of: &Examined<'_>) -> HealthPart {
    const NAME: &str = "reliability";
    const WEIGHT: u32 = 200_000;
    let watched = of.channel.uptime_s.zip(of.channel.monitored_s).filter(|(_, monitored)| *monitored > 0);
    let uptime = watched.map(|(up, monitored)| {
        let score = u128::from(up.min(monitored)) * u128::from(WHOLE) / u128::from(monitored);
        let confidence = match monitored {
            ..WEEK_S => Confidence::Low,
            1_814_400.. => Confidence::High,
            _ => Confidence::Medium,
        };
        (saturating_u64(score), confidence)
    });
    let history = match uptime {
        Some((score, _)) => format!("online {} of the time it was watched", Percent(score)),
        None => "its past is not listed".to_owned(),
    };
    match of.channel.active {
        Some(false) => {
            part(NAME, WEIGHT, Some((0, Confidence::High)), format!("The peer is offline now; {history}."))
        }
        Some(true) => {
            let score = uptime.unwrap_or((WHOLE, Confidence::Low));
            part(NAME, WEIGHT, Some(score), format!("The peer is online; {history}."))
        }
        None => part(NAME, WEIGHT, uptime, format!("Not listed whether the peer is online; {history}.")),
    }
}

/// Dust against the cap, and what a force-close now would take from our balance.
pub(super) fn dust_and_close_risk(of: &Examined<'_>) -> HealthPart {
    let dust = of.dust;
    let exposure = share(dust.exposure_msat, dust.exposure_cap_msat);
    let at_stake = dust.force_close.fee_msat.saturating_add(dust.force_close.lost_msat);
    // With nothing of ours inside, nothing of ours is at risk.
    let close = if of.channel.local.is_zero() { 0 } else { share(at_stake, of.channel.local) };
    let score = WHOLE.saturating_sub(exposure.max(close).min(WHOLE));
    let confidence = if of.channel.htlcs.is_some() { Confidence::High } else { Confidence::Low };
    let evidence = format!(
        "Dust is {} of the cap of {}; a force-close now costs {} and loses {} of our {}.",
        Percent(exposure),
        Sats::from(dust.exposure_cap_msat),
        Sats::from(dust.force_close.fee_msat),
        Sats::from(dust.force_close.lost_msat),
        Sats::from(of.channel.local)
    );
    part("dust_and_close_risk", 100_000, Some((score, confidence)), evidence)
}

/// Turnover and return on the capacity, half each; turnover alone where there is no fleet to compare the return with.
pub(super) fn capital_efficiency(of: &Examined<'_>) -> HealthPart {
    const NAME: &str = "capital_efficiency";
    const WEIGHT: u32 = 150_000;
    let Some((flow, window)) = of.flow.zip(of.window) else {
        return part(NAME, WEIGHT, None, "No forwards are known.");
    };
    let turnover = u128::from(flow.turnover_ppm_per_day);
    let turnover_score = saturating_u64(turnover * u128::from(WHOLE) / (turnover + HALF_TURNOVER_PPM));
    let yearly = return_ppm_per_year(flow.profit, of.channel.capacity, window.seconds);
    let score = match of.medians.return_ppm_per_year {
        Some(median) => turnover_score.midpoint(against(yearly, median)),
        None => turnover_score,
    };
    let sign = if yearly < 0 { "-" } else { "" };
    let evidence = format!(
        "{} of the capacity turn over a day; the return is {sign}{} a year.",
        Percent(u64::from(flow.turnover_ppm_per_day)),
        Percent(yearly.unsigned_abs())
    );
    part(NAME, WEIGHT, Some((score, flow.confidence)), evidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_figure_scores_half() {
        assert_eq!([against(100, 100), against(300, 100), against(0, 100)], [500_000, 750_000, 0]);
        assert_eq!([against(-5, 100), against(5, -100), against(0, 0)], [0, 1_000_000, 0]);
        assert_eq!(against(i64::MAX, i64::MAX), 500_000);
    }

    #[test]
    fn hours_print_as_days() {
        assert_eq!([days(0), days(70), days(24 * 1000)], ["0.0 days", "2.9 days", "1000 days"]);
        assert_eq!(days(u64::MAX), format!("{} days", u64::MAX / 24));
    }
}
