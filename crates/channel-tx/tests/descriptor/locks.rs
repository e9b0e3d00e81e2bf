//! Locks that parse and do not lock (BIP 68), with the interpreter as witness.

use channel_tx::descriptor::{DescriptorFault, LockFault};

use crate::party::{at, bob, codes, known, nums, refused};
use crate::spend::Spend;

/// An output in which a leaf needs bob and the lock.
fn with_lock(lock: &str) -> String {
    format!("tr({},and_v(v:pk({}),{lock}))", nums(), bob().x())
}

fn lock_fault(lock: &str) -> Option<LockFault> {
    refused(&with_lock(lock), &at(1000)).faults().iter().find_map(|fault| match fault {
        DescriptorFault::Lock(lock) => Some(lock.clone()),
        _ => None,
    })
}

#[test]
fn k11_older_without_its_low_bits_is_no_delay_at_all() {
    for value in [65_536_u32, 131_072, 0x0040_0000, 0x0041_0000] {
        let fault = lock_fault(&format!("older({value})"));
        assert!(
            matches!(fault, Some(LockFault::NoDelay { value: found, .. }) if found == value),
            "{fault:?}"
        );
    }
    // Core lets it through with the sequence of an output that confirms in the same block.
    let bob = bob();
    assert!(Spend::of(&with_lock("older(65536)")).sequence(0).by_leaf(0, &[Some(&bob)]));
    assert!(!Spend::of(&with_lock("older(65535)")).sequence(65_534).by_leaf(0, &[Some(&bob)]));
    assert!(Spend::of(&with_lock("older(65535)")).sequence(65_535).by_leaf(0, &[Some(&bob)]));
    assert_eq!(lock_fault("older(65535)"), None);
    assert_eq!(lock_fault("older(1)"), None);
}

#[test]
fn k11_bits_that_are_ignored_are_named() {
    let fault = lock_fault("older(65537)");
    assert!(matches!(fault, Some(LockFault::IgnoredBits { value: 65_537, blocks: 1, .. })), "{fault:?}");
    assert!(Spend::of(&with_lock("older(65537)")).sequence(1).by_leaf(0, &[Some(&bob())]));
}

#[test]
fn k11_locks_that_count_time_are_named() {
    let fault = lock_fault("older(4194305)");
    assert!(matches!(fault, Some(LockFault::RelativeTime { seconds: 512, .. })), "{fault:?}");
    let fault = lock_fault("after(1735689600)");
    assert!(matches!(fault, Some(LockFault::AbsoluteTime { timestamp: 1_735_689_600, .. })), "{fault:?}");
}

#[test]
fn k11_an_absolute_height_in_the_past_is_named() {
    for (height, past) in [(999, true), (1000, true), (1001, false)] {
        let text = with_lock(&format!("after({height})"));
        let refusal = refused(&text, &at(1000));
        let fault = refusal.faults()[0].to_string();
        assert_eq!(fault.contains("past it"), past, "{fault}");
        assert_eq!(refusal.faults()[0].position(), text.find("after"));
    }
}

#[test]
fn a_height_and_a_time_in_one_script_cannot_be_analysed() {
    let text = format!("tr({},and_v(and_v(v:pk({}),v:after(100)),after(600000000)))", nums(), bob().x());
    assert!(codes(&text, &known()).contains(&"opaque_script"));
}

#[test]
fn a_delay_is_shown_where_it_belongs() {
    for (lock, blocks) in [
        ("older(720)", 720),
        ("after(144)", 144),
        ("older(65536)", 144),
        ("after(900000)", 144),
        ("older(4194305)", 144),
    ] {
        let shown = refused(&with_lock(lock), &at(1000)).delayed_output().unwrap().to_owned();
        assert!(shown.contains(&format!("older({blocks})")), "{lock}: {shown}");
    }
    assert_eq!(refused("tr(alice,pk(bob))", &at(1000)).delayed_output(), None);
}
