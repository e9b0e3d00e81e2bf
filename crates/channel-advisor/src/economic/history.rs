//! Past plans: who was touched lately, so that cron-driven advice neither repeats itself nor swings to and fro.
//!
//! The file holds one JSON object a line in the form of [`PastAction`]: for each plan one line with the role of every
//! channel (so that a role is not left at the threshold it was entered by), then one for each action.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use thiserror::Error;

use super::options::{Options, PastAction};
use crate::plan::{Action, Plan, Reason, Role};
use crate::snapshot::ChannelKey;

/// How many cool-downs an opposite action must wait: raising after lowering, moving coins back.
const OPPOSITE_FACTOR: u32 = 5;

/// Kind and id of the line that stands for a plan itself.
const PLAN: &str = "plan";

/// Why a line of a history file cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The line is not an action of a plan in JSON.
    #[error("line {line} is not a past action: {source}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What the JSON parser says.
        source: serde_json::Error,
    },
    /// The file is not UTF-8.
    #[error("not UTF-8 text after byte {valid_up_to}")]
    NotText {
        /// Bytes that are valid.
        valid_up_to: usize,
    },
}

/// Reads a history file.
///
/// # Errors
/// [`HistoryError`] names the first line that is not a past action.
pub fn parse(bytes: &[u8]) -> Result<Vec<PastAction>, HistoryError> {
    let text = core::str::from_utf8(bytes)
        .map_err(|error| HistoryError::NotText { valid_up_to: error.valid_up_to() })?;
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| {
            serde_json::from_str(line).map_err(|source| HistoryError::Line { line: at + 1, source })
        })
        .collect()
}

/// The lines a plan adds to a history file, each ended by a line feed.
pub fn lines(plan: &Plan, planned_at: Timestamp) -> String {
    let action = |action: &Action| PastAction {
        planned_at,
        id: action.id.clone(),
        kind: action.kind.code().to_owned(),
        channels: action.channels.iter().map(ToString::to_string).collect(),
        roles: BTreeMap::new(),
    };
    let known = plan.channels.iter().filter(|channel| channel.role != Role::Unknown);
    let roles = known.map(|channel| (channel.channel.to_string(), channel.role)).collect();
    let (id, kind) = (PLAN.to_owned(), PLAN.to_owned());
    let whole = PastAction { planned_at, id, kind, channels: Vec::new(), roles };
    let line = |past: PastAction| serde_json::to_string(&past).map(|text| text + "\n").unwrap_or_default();
    std::iter::once(whole).chain(plan.actions.iter().map(action)).map(line).collect()
}

/// The role each channel had in the newest plan of a history; empty without one.
pub(super) fn last_roles(past: Option<&[PastAction]>) -> Option<&BTreeMap<String, Role>> {
    let plans = past.unwrap_or_default().iter().filter(|action| !action.roles.is_empty());
    plans.max_by_key(|action| action.planned_at).map(|action| &action.roles)
}

/// Past actions, by channel.
#[derive(Debug, Default)]
pub(crate) struct History {
    latest: HashMap<String, (Timestamp, String)>,
    latest_id: HashMap<String, Timestamp>,
    known: bool,
}

impl History {
    /// The history the caller gave, if any.
    pub(crate) fn new(past: Option<&[PastAction]>) -> Self {
        let mut history = Self { known: past.is_some(), ..Self::default() };
        for action in past.unwrap_or_default() {
            for channel in &action.channels {
                let entry = history
                    .latest
                    .entry(channel.clone())
                    .or_insert_with(|| (action.planned_at, action.kind.clone()));
                if action.planned_at >= entry.0 {
                    *entry = (action.planned_at, action.kind.clone());
                }
            }
            let last = history.latest_id.entry(action.id.clone()).or_insert(action.planned_at);
            *last = (*last).max(action.planned_at);
        }
        history
    }

    /// Whether a history was given at all.
    pub(crate) const fn is_known(&self) -> bool {
        self.known
    }

    /// Why a channel rests: something was advised for it within the cool-down.
    pub(crate) fn cooling_down(&self, channel: &ChannelKey, options: &Options) -> Option<Reason> {
        let (at, kind) = self.latest.get(channel.as_str())?;
        within(*at, options.now, options.cooldown_days).then(|| {
            Reason::new(
                "cooling_down",
                format!("{kind} was advised on {at}; the cool-down is {} days", options.cooldown_days),
            )
        })
    }

    /// Why an action must wait: its opposite was advised a short while ago.
    pub(crate) fn opposite(&self, opposite_id: &str, options: &Options) -> Option<Reason> {
        let at = self.latest_id.get(opposite_id)?;
        let days = options.cooldown_days.saturating_mul(OPPOSITE_FACTOR);
        within(*at, options.now, days).then(|| {
            Reason::new("hysteresis", format!("the opposite was advised on {at}, under {days} days ago"))
        })
    }
}

/// True while fewer than `days` lie between the two; an action in the future counts as recent.
fn within(at: Timestamp, now: Timestamp, days: u32) -> bool {
    now.as_second().saturating_sub(at.as_second()) < i64::from(days) * 86_400
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(at: &str, id: &str, channels: &[&str]) -> PastAction {
        PastAction {
            planned_at: at.parse().unwrap(),
            id: id.to_owned(),
            kind: "rebalance".to_owned(),
            channels: channels.iter().map(ToString::to_string).collect(),
            roles: BTreeMap::new(),
        }
    }

    #[test]
    fn a_channel_rests_for_the_cool_down_and_no_longer() {
        let history = History::new(Some(&[past("2026-03-01T00:00:00Z", "rebalance:a>b", &["b", "a"])]));
        let at = |now: &str| Options::at(now.parse().unwrap());
        let key = ChannelKey::new("a");
        assert!(history.cooling_down(&key, &at("2026-03-03T23:59:59Z")).is_some());
        assert!(history.cooling_down(&key, &at("2026-03-04T00:00:00Z")).is_none());
        assert!(history.cooling_down(&ChannelKey::new("c"), &at("2026-03-01T00:00:01Z")).is_none());
    }

    #[test]
    fn an_opposite_waits_five_cool_downs() {
        let history = History::new(Some(&[past("2026-03-01T00:00:00Z", "rebalance:a>b", &["b", "a"])]));
        let options = Options::at("2026-03-15T23:59:59Z".parse().unwrap());
        assert!(history.opposite("rebalance:a>b", &options).is_some());
        let later = Options::at("2026-03-16T00:00:00Z".parse().unwrap());
        assert!(history.opposite("rebalance:a>b", &later).is_none());
    }

    #[test]
    fn the_newest_plan_tells_the_roles() {
        let plan = |at: &str, role: Role| {
            let mut past = past(at, PLAN, &[]);
            past.roles.insert("a".to_owned(), role);
            past
        };
        let history = [
            plan("2026-03-02T00:00:00Z", Role::Sink),
            plan("2026-03-01T00:00:00Z", Role::Source),
            past("2026-03-03T00:00:00Z", "set_fee:a:up", &["a"]),
        ];
        assert_eq!(last_roles(Some(&history)).and_then(|roles| roles.get("a")), Some(&Role::Sink));
        assert_eq!(last_roles(Some(&[])), None);
        assert_eq!(last_roles(None), None);
    }

    #[test]
    fn bad_lines_are_named() {
        let good = serde_json::to_string(&past("2026-03-01T00:00:00Z", "x", &["a"])).unwrap();
        let parsed = parse(format!("{good}\n\n{good}\n").as_bytes()).unwrap();
        assert_eq!(parsed.len(), 2);
        let error = parse(format!("{good}\nnonsense\n").as_bytes()).unwrap_err();
        assert!(matches!(error, HistoryError::Line { line: 2, .. }), "{error}");
        assert!(matches!(parse(b"\xff"), Err(HistoryError::NotText { valid_up_to: 0 })));
    }
}
