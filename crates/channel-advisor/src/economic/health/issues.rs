//! What is wrong with a channel, in sentences with stable codes.

use channel_core::Msat;

use super::Examined;
use super::parts::days;
use crate::economic::figures::{Percent, Sats};
use crate::economic::flow::ASSUMED_FORWARD;
use crate::plan::{Confidence, Reason, Role};
use crate::snapshot::Knowledge;

/// A side in demand that empties sooner is short: a week.
const FAST_HOURS: u64 = 7 * 24;
/// Below this turnover a day a channel is dead weight: 0.1 % of its capacity.
const DEAD_PPM_PER_DAY: u32 = 1000;
/// At most this realised rate is nothing.
const NOTHING_PPM: u128 = 1;
/// ... if at least this part of the capacity left for it: a tenth.
const NOTHING_VOLUME: u64 = 10;
/// Below this share of the watched time a peer is unreliable: 90 %, once it was watched for a day.
const UPTIME_PPM: u64 = 900_000;
const WATCHED_S: u64 = 86_400;
/// From this share of the cap on, dust exposure is an issue: 80 %.
const EXPOSURE_PPM: u64 = 800_000;

/// The issues of a channel, the most urgent kind first.
pub(super) fn issues(of: &Examined<'_>) -> Vec<Reason> {
    let issues = [
        offline(of),
        switched_off(of),
        drained_fast(of),
        forwards_for_nothing(of),
        losing(of),
        dear_last_hop(of),
        dead_weight(of),
        dust_exposure(of),
        close_costs_more(of),
        below_reserve(of),
        low_uptime(of),
        same_peer(of),
    ];
    issues.into_iter().flatten().collect()
}

fn offline(of: &Examined<'_>) -> Option<Reason> {
    (of.channel.active == Some(false)).then(|| {
        let cost = Sats::from(of.dust.force_close.fee_msat.saturating_add(of.dust.force_close.lost_msat));
        Reason::new("offline", format!("The peer is offline; closing without it would cost {cost}. Wait."))
    })
}

fn switched_off(of: &Examined<'_>) -> Option<Reason> {
    let disabled = of.channel.policy_local.is_some_and(|policy| policy.disabled == Some(true));
    disabled.then(|| Reason::new("disabled_by_us", "Our own direction is switched off."))
}

/// The demanded side is empty within a week: `drained_fast` where our side is, `fills_fast` where the peer's is.
fn drained_fast(of: &Examined<'_>) -> Option<Reason> {
    let (flow, depletion) = of.flow.zip(of.depletion())?;
    if flow.role == Role::Dormant || depletion.hours >= FAST_HOURS {
        return None;
    }
    let (code, side, way) = if depletion.outbound {
        ("drained_fast", "outbound", "leave")
    } else {
        ("fills_fast", "inbound", "arrive")
    };
    let per_day = Sats::from(depletion.per_day);
    let text = if depletion.left.is_zero() {
        format!("{per_day} a day {way}; the {side} side is empty.")
    } else {
        let left = Sats::from(depletion.left);
        format!("{per_day} a day {way}; the {side} side of {left} is empty in {}.", days(depletion.hours))
    };
    Some(Reason::new(code, text))
}

fn forwards_for_nothing(of: &Examined<'_>) -> Option<Reason> {
    let flow = of.flow?;
    let enough =
        !flow.amount_out.is_zero() && flow.amount_out >= of.channel.capacity.mul_div_floor(1, NOTHING_VOLUME);
    let earned = u128::from(flow.fee_out.to_msat()) * 1_000_000;
    let nothing = earned <= u128::from(flow.amount_out.to_msat()) * NOTHING_PPM;
    (enough && nothing).then(|| {
        let text = format!("Forwarded {} out for {}.", Sats::from(flow.amount_out), Sats::from(flow.fee_out));
        Reason::new("forwards_for_nothing", text)
    })
}

fn losing(of: &Examined<'_>) -> Option<Reason> {
    let flow = of.flow.filter(|flow| flow.profit.to_msat() < 0)?;
    let cost = Sats::from(flow.rebalance_cost.unwrap_or(Msat::ZERO));
    let text = format!("Rebalances cost {cost}, more than the channel earned: {}.", Sats::from(flow.profit));
    Some(Reason::new("rebalances_cost_more", text))
}

/// A draining channel short of outbound whose last hop towards us alone costs what a refill would earn.
fn dear_last_hop(of: &Examined<'_>) -> Option<Reason> {
    let (flow, hop) = of.flow.zip(of.last_hop)?;
    let asks = hop.fee(ASSUMED_FORWARD);
    let asks_ppm = asks.mul_div_floor(1_000_000, ASSUMED_FORWARD.to_msat()).to_msat();
    let worth = u64::from(flow.rate_ppm) * u64::from(of.options.econ_ratio_ppm) / 1_000_000;
    let short = of.targets.is_some_and(|targets| of.channel.local < targets.local);
    let drains = flow.role != Role::Dormant && flow.drain_per_day.is_positive();
    (drains && short && asks_ppm >= worth).then(|| {
        let text = format!(
            "The last hop towards us costs {asks_ppm} ppm, a refill earns {} ppm: too dear to rebalance.",
            flow.rate_ppm
        );
        Reason::new("dear_last_hop", text)
    })
}

fn dead_weight(of: &Examined<'_>) -> Option<Reason> {
    let (flow, window) = of.flow.zip(of.window)?;
    let told = flow.confidence != Confidence::None && window.covered_s >= FAST_HOURS * 3600;
    // A channel opened within the window had no time to show anything.
    let young = of.age_days.is_some_and(|age| u64::from(age) < window.whole_days());
    (told && !young && of.usable != Knowledge::No && flow.turnover_ppm_per_day < DEAD_PPM_PER_DAY).then(
        || {
            let text = format!(
                "{} forwards in {} days moved {} a day of the capacity; {} of ours lie idle.",
                u64::from(flow.count_in) + u64::from(flow.count_out),
                window.whole_days(),
                Percent(u64::from(flow.turnover_ppm_per_day)),
                Sats::from(of.channel.local)
            );
            Reason::new("dead_weight", text)
        },
    )
}

fn dust_exposure(of: &Examined<'_>) -> Option<Reason> {
    let (exposure, cap) = (of.dust.exposure_msat, of.dust.exposure_cap_msat);
    let share = exposure.mul_div_floor(1_000_000, cap.to_msat()).to_msat();
    (share >= EXPOSURE_PPM).then(|| {
        let text = format!(
            "Dust of {} is {} of the cap of {}.",
            Sats::from(exposure),
            Percent(share),
            Sats::from(cap)
        );
        Reason::new("dust_exposure", text)
    })
}

fn close_costs_more(of: &Examined<'_>) -> Option<Reason> {
    let local = of.channel.local;
    let cost = of.dust.force_close.fee_msat.saturating_add(of.dust.force_close.lost_msat);
    (!local.is_zero() && cost >= local).then(|| {
        let text = format!(
            "A force-close now would cost {}, all of our balance of {}.",
            Sats::from(cost),
            Sats::from(local)
        );
        Reason::new("close_costs_more_than_balance", text)
    })
}

fn below_reserve(of: &Examined<'_>) -> Option<Reason> {
    let reserve = of.terms.reserve.local;
    (of.channel.local < reserve).then(|| {
        let text = format!(
            "Our balance of {} is below the reserve of {}: nothing can be sent.",
            Sats::from(of.channel.local),
            Sats::from(reserve)
        );
        Reason::new("below_reserve", text)
    })
}

fn low_uptime(of: &Examined<'_>) -> Option<Reason> {
    let (up, watched) = of.channel.uptime_s.zip(of.channel.monitored_s)?;
    if watched < WATCHED_S {
        return None;
    }
    let share = u128::from(up) * 1_000_000 / u128::from(watched);
    let share = u64::try_from(share).unwrap_or(u64::MAX);
    (share < UPTIME_PPM).then(|| {
        Reason::new(
            "low_uptime",
            format!("The peer was online {} of the time it was watched.", Percent(share)),
        )
    })
}

fn same_peer(of: &Examined<'_>) -> Option<Reason> {
    (of.channels_with_peer > 1).then(|| {
        let text = format!(
            "This peer has {} channels with us: it chooses through which of them a payment comes in.",
            of.channels_with_peer
        );
        Reason::new("same_peer", text)
    })
}
