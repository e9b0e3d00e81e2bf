//! The span of forwards and its warnings.

use channel_core::Msat;

use super::*;
use crate::snapshot::{ChannelKey, Forward};

const DAY_NS: i64 = 86_400_000_000_000;

fn history(times_ns: &[i64]) -> ForwardHistory {
    let key = ChannelKey::new("a");
    let amount = Msat::from_msat(1);
    let forward = |time: &i64| Forward::new(*time, key.clone(), key.clone(), amount, amount, Msat::ZERO);
    ForwardHistory { events: times_ns.iter().map(forward).collect(), ..ForwardHistory::default() }
}

fn options() -> Options {
    Options::at(Timestamp::from_second(100 * 86_400).unwrap())
}

#[test]
fn the_window_is_the_forwards_own_span_by_default() {
    let window = FlowWindow::of(&history(&[0, 3 * DAY_NS, 10 * DAY_NS]), &options()).unwrap();
    assert_eq!((window.seconds, window.covered_s), (10 * DAY_S, 10 * DAY_S));
    assert_eq!(window.range_ns, 0..=10 * DAY_NS);
    assert_eq!((window.days_back(10 * DAY_NS), window.days_back(9 * DAY_NS + 1)), (0, 0));
    assert_eq!(window.days_back(9 * DAY_NS), 1);
}

#[test]
fn a_given_window_counts_back_from_the_newest_forward_not_from_now() {
    let mut options = options();
    options.window_days = Some(4);
    let window = FlowWindow::of(&history(&[0, 6 * DAY_NS, 10 * DAY_NS]), &options).unwrap();
    assert_eq!(window.range_ns, 6 * DAY_NS + 1..=10 * DAY_NS);
    assert_eq!(window.seconds, 4 * DAY_S);
}

#[test]
fn a_window_longer_than_the_forwards_warns_and_a_cut_listing_ignores_it() {
    let mut snapshot = Snapshot { implementation: Implementation::Lnd, ..Snapshot::default() };
    let mut options = options();
    options.window_days = Some(30);
    let mut forwards = history(&[90 * DAY_NS, 100 * DAY_NS]);
    let window = FlowWindow::of(&forwards, &options).unwrap();
    assert_eq!(window.seconds, 30 * DAY_S);
    snapshot.forwards = Some(forwards.clone());
    let codes = |warnings: Vec<Warning>| warnings.into_iter().map(|w| w.code).collect::<Vec<_>>();
    assert_eq!(codes(window.warnings(&snapshot, &options)), ["window_exceeds_forwards"]);

    forwards.truncation = Some(Truncation::Default100);
    let window = FlowWindow::of(&forwards, &options).unwrap();
    assert_eq!(window.seconds, 10 * DAY_S);
    assert_eq!(window.confidence(100), Confidence::Low);
    snapshot.forwards = Some(forwards);
    let warnings = window.warnings(&snapshot, &options);
    let truncated = warnings.iter().find(|warning| warning.code == "forwards_truncated").unwrap();
    assert!(truncated.command.as_ref().unwrap().contains("--max_events 50000"));
}

#[test]
fn old_and_short_forwards_warn_at_their_limits() {
    let snapshot = Snapshot { implementation: Implementation::Cln, ..Snapshot::default() };
    let codes = |times: &[i64]| {
        let window = FlowWindow::of(&history(times), &options()).unwrap();
        window.warnings(&snapshot, &options()).into_iter().map(|w| w.code).collect::<Vec<_>>()
    };
    assert!(codes(&[86 * DAY_NS, 93 * DAY_NS]).is_empty());
    assert_eq!(codes(&[86 * DAY_NS, 93 * DAY_NS - 1]), ["forwards_old", "forwards_short"]);
}

#[test]
fn confidence_follows_events_and_days() {
    let window = |days: i64| FlowWindow::of(&history(&[0, days * DAY_NS]), &options()).unwrap();
    for (days, events, confidence) in [
        (6, 0, Confidence::None),
        (7, 0, Confidence::Low),
        (6, 1000, Confidence::Low),
        (7, 9, Confidence::Low),
        (7, 10, Confidence::Medium),
        (20, 1000, Confidence::Medium),
        (21, 49, Confidence::Medium),
        (21, 50, Confidence::High),
    ] {
        assert_eq!(window(days).confidence(events), confidence, "{days} days, {events} events");
    }
}

#[test]
fn extremes_of_time_do_not_overflow() {
    let mut options = options();
    let window = FlowWindow::of(&history(&[i64::MIN, i64::MAX]), &options).unwrap();
    assert_eq!(window.seconds, u64::MAX / NS_PER_S);
    options.window_days = Some(u32::MAX);
    assert!(FlowWindow::of(&history(&[i64::MIN, i64::MAX]), &options).is_some());
    assert!(FlowWindow::of(&history(&[]), &options).is_none());
    assert_eq!(FlowWindow::of(&history(&[5]), &Options::at(options.now)).unwrap().seconds, DAY_S);
}
