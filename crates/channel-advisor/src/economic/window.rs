//! The span that flow is measured over, and what is wrong with it.

use std::ops::RangeInclusive;

use jiff::Timestamp;

use super::Options;
use crate::plan::{Confidence, Warning, Window};
use crate::snapshot::{ForwardHistory, Implementation, Snapshot, Truncation};

/// A day in seconds.
pub(super) const DAY_S: u64 = 86_400;
const NS_PER_S: u64 = 1_000_000_000;
/// Forwards older than this are stale, and a shorter span gives low confidence.
const WEEK_S: u64 = 7 * DAY_S;
/// Days of forwards a command should fetch.
const MONTH_S: u64 = 30 * DAY_S;

/// The span of the forwards that count, and the length that rates are divided by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FlowWindow {
    /// The nanoseconds whose forwards count.
    pub(super) range_ns: RangeInclusive<i64>,
    /// T in seconds, at least a day: a rate from a shorter span would multiply chance.
    pub(super) seconds: u64,
    /// Seconds that the forwards themselves cover inside the range.
    pub(super) covered_s: u64,
    /// The listing was cut by a page limit.
    pub(super) truncated: bool,
}

impl FlowWindow {
    /// The window of a history: `window_days` back from the newest forward, else the forwards' own span. `None` when
    /// the history is empty, since no span can be told from it.
    ///
    /// A listing cut by a page limit cannot cover a longer window than its own span, so there the span counts.
    pub(super) fn of(history: &ForwardHistory, options: &Options) -> Option<Self> {
        let Some((oldest, newest)) = span_of_events(history) else {
            return Self::of_totals(history);
        };
        let own_span = newest.abs_diff(oldest) / NS_PER_S;
        let truncated = history.truncation.is_some();
        let (from, seconds) = match options.window_days {
            Some(days) if !truncated || u64::from(days) * DAY_S <= own_span => {
                let length = u64::from(days.max(1)) * DAY_S;
                // The window is open at its old end, so that k days are k whole days.
                let length_ns = i64::try_from(length.saturating_mul(NS_PER_S)).unwrap_or(i64::MAX);
                (newest.saturating_sub(length_ns).saturating_add(1), length)
            }
            _ => (oldest, own_span),
        };
        Some(Self {
            range_ns: from.max(oldest)..=newest,
            seconds: seconds.max(DAY_S),
            covered_s: seconds.min(own_span),
            truncated,
        })
    }

    /// The window of totals a peer: the span they were asked for. It cannot be cut.
    fn of_totals(history: &ForwardHistory) -> Option<Self> {
        let start = history.peers.iter().map(|peer| *peer.span_s.start()).min()?;
        let end = history.peers.iter().map(|peer| *peer.span_s.end()).max()?.max(start);
        let seconds = end.abs_diff(start);
        let to_ns = |seconds: i64| seconds.saturating_mul(1_000_000_000);
        Some(Self {
            range_ns: to_ns(start)..=to_ns(end),
            seconds: seconds.max(DAY_S),
            covered_s: seconds,
            truncated: history.truncation.is_some(),
        })
    }

    /// Whole days of the window, at least one.
    pub(super) const fn whole_days(&self) -> u64 {
        self.seconds / DAY_S
    }

    /// How many whole days a moment lies before the end of the window.
    pub(super) fn days_back(&self, time_ns: i64) -> u64 {
        self.range_ns.end().abs_diff(time_ns) / (DAY_S * NS_PER_S)
    }

    /// T in hours, rounded.
    pub(super) const fn hours(&self) -> u64 {
        (self.seconds + 1800) / 3600
    }

    /// How far rates from `events` forwards in this window can be trusted:
    ///
    /// - `None`: no forward, in under a week or in a cut listing;
    /// - `Low`: under 7 days covered, a cut listing, or under 10 forwards (none at all in over a week is `Low`: the
    ///   silence tells something);
    /// - `High`: at least 21 days and 50 forwards;
    /// - `Medium`: the rest.
    pub(super) const fn confidence(&self, events: u64) -> Confidence {
        let thin = self.covered_s < WEEK_S || self.truncated;
        match events {
            0 if thin => Confidence::None,
            0..10 => Confidence::Low,
            _ if thin => Confidence::Low,
            50.. if self.covered_s >= 21 * DAY_S => Confidence::High,
            _ => Confidence::Medium,
        }
    }

    /// The window as the plan prints it.
    pub(super) fn report(&self, events: u64) -> Window {
        Window {
            from: rfc3339(*self.range_ns.start()),
            to: rfc3339(*self.range_ns.end()),
            hours: u32::try_from(self.hours()).unwrap_or(u32::MAX),
            events: u32::try_from(events).unwrap_or(u32::MAX),
            confidence: self.confidence(events),
        }
    }

    /// What the operator should know about the forwards, with the command that fetches better ones.
    pub(super) fn warnings(&self, snapshot: &Snapshot, options: &Options) -> Vec<Warning> {
        let command = || fetch_command(snapshot.implementation, options.now);
        let mut warnings = Vec::new();
        let newest_s = self.range_ns.end().div_euclid(1_000_000_000);
        let age_s = options.now.as_second().saturating_sub(newest_s);
        if age_s > i64::try_from(WEEK_S).unwrap_or(i64::MAX) {
            let days = age_s / 86_400;
            let text =
                format!("The newest forward is {days} days older than the plan; rates may be out of date.");
            warnings.push(Warning::new("forwards_old", text, command()));
        }
        if self.covered_s < WEEK_S {
            let hours = self.covered_s / 3600;
            let text = format!(
                "The forwards cover {hours} hours, under 7 days; confidence is low.{}",
                export_hint(snapshot.implementation)
            );
            warnings.push(Warning::new("forwards_short", text, command()));
        } else if options.window_days.is_some_and(|days| u64::from(days) * DAY_S > self.covered_s + DAY_S) {
            let days = self.covered_s / DAY_S;
            let text =
                format!("The forwards cover {days} days, fewer than the window; rates may be too low.");
            warnings.push(Warning::new("window_exceeds_forwards", text, command()));
        }
        let truncation = snapshot.forwards.as_ref().and_then(|history| history.truncation);
        warnings.extend(truncation.map(|cut| truncation_warning(cut, command())));
        warnings
    }
}

/// The warning for a listing of forwards that holds none.
pub(super) fn empty_history_warning(snapshot: &Snapshot, options: &Options) -> Warning {
    let text = format!(
        "The listing of forwards is empty, so flow stays unknown.{}",
        export_hint(snapshot.implementation)
    );
    Warning::new("forwards_empty", text, fetch_command(snapshot.implementation, options.now))
}

/// The command that fetches a month of forwards; LDK has none, its events are the record.
pub(super) fn fetch_command(implementation: Implementation, now: Timestamp) -> Option<String> {
    let to = now.as_second();
    let from = to.saturating_sub(i64::try_from(MONTH_S).unwrap_or(i64::MAX));
    match implementation {
        Implementation::Lnd => {
            Some("lncli fwdinghistory --start_time=-30d --max_events 50000 > forwards.json".to_owned())
        }
        Implementation::Cln => Some("lightning-cli listforwards status=settled > forwards.json".to_owned()),
        Implementation::Eclair => {
            Some(format!("eclair-cli relaystats --from={from} --to={to} > forwards.json"))
        }
        Implementation::Ldk | Implementation::Table => None,
    }
}

fn export_hint(implementation: Implementation) -> &'static str {
    match implementation {
        Implementation::Ldk => " Export a month of PaymentForwarded events.",
        _ => "",
    }
}

fn truncation_warning(truncation: Truncation, command: Option<String>) -> Warning {
    match truncation {
        Truncation::Default100 => Warning::new(
            "forwards_truncated",
            "The listing has exactly 100 forwards, the default page: older ones are missing; confidence is low.",
            command,
        ),
        Truncation::Page50000 => Warning::new(
            "forwards_truncated",
            "The listing has exactly 50,000 forwards, the largest page: the next page is missing; confidence is low. \
             Give both files.",
            Some(
                "lncli fwdinghistory --start_time=-30d --index_offset 50000 --max_events 50000 > forwards-2.json"
                    .to_owned(),
            ),
        ),
    }
}

fn span_of_events(history: &ForwardHistory) -> Option<(i64, i64)> {
    let times = history.events.iter().map(|event| event.time_ns);
    times.fold(None, |span, time| match span {
        None => Some((time, time)),
        Some((oldest, newest)) => Some((time.min(oldest), time.max(newest))),
    })
}

fn rfc3339(time_ns: i64) -> String {
    let seconds = time_ns.div_euclid(1_000_000_000);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

#[cfg(test)]
mod tests;
