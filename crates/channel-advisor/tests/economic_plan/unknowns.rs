//! Missing inputs: flow that is unknown is not zero, and every assumption is said.

use channel_advisor::plan::{Confidence, RemedyKind, Role};

use crate::fleet::{drained_and_full, options, planned, report};

#[test]
fn without_forwards_nothing_is_priced_on_benefit() {
    let mut snapshot = drained_and_full();
    snapshot.forwards = None;
    let plan = planned(&snapshot);
    assert!(plan.window.is_none());
    assert_eq!((plan.fleet.earned_msat, plan.fleet.median_rate_ppm), (None, None));
    let priced = |kind: RemedyKind| {
        matches!(kind, RemedyKind::Rebalance | RemedyKind::SpliceIn | RemedyKind::Open | RemedyKind::Close)
    };
    for channel in &plan.channels {
        assert!(
            channel.flow.is_none() && channel.role == Role::Unknown && channel.target_local_ppm.is_none()
        );
        assert!(channel.remedies.iter().all(|action| !priced(action.kind)));
        assert_eq!(channel.no_action.as_ref().unwrap().code, "flow_unknown");
    }
    assert!(plan.actions.is_empty());
}

#[test]
fn old_forwards_are_warned_about() {
    let snapshot = drained_and_full();
    let warned = |now: &str| {
        let mut options = options();
        options.now = now.parse().unwrap();
        let plan = channel_advisor::economic::plan(&snapshot, &options).unwrap();
        plan.warnings.iter().any(|warning| warning.code == "forwards_old")
    };
    assert!(!warned("2026-03-07T00:00:00Z"));
    assert!(warned("2026-03-07T00:00:01Z"));
}

#[test]
fn a_hundred_events_look_like_a_first_page() {
    use channel_advisor::snapshot::Truncation;
    let mut snapshot = drained_and_full();
    snapshot.forwards.as_mut().unwrap().truncation = Some(Truncation::Default100);
    let plan = planned(&snapshot);
    assert_eq!(plan.window.as_ref().unwrap().confidence, Confidence::Low);
    let warning =
        plan.warnings.iter().find(|warning| warning.command.is_some()).expect("a command that helps");
    assert!(warning.command.as_ref().unwrap().contains("fwdinghistory"), "{warning:?}");
}

#[test]
fn the_plan_is_the_same_every_time() {
    let snapshot = drained_and_full();
    let text = || serde_json::to_string(&planned(&snapshot)).unwrap();
    assert_eq!(text(), text());
    assert_eq!(report(&planned(&snapshot), 1).label, "peer1");
}
