//! Who spends what, by which path, from when on: the guide against every way out of built commitments.

use std::collections::BTreeSet;

use bitcoin::Sequence;
use channel_core::htlc::HtlcDirection;
use channel_core::{CommitmentFormat, Side};
use channel_tx::bitcoin;
use channel_tx::claim::{ClaimPath, OutputSpend};
use channel_tx::script::Unlock;
use channel_tx::spend::{ChannelKey, InputHint};
use channel_tx::weight::TYPICAL_DELAY;

use crate::channel::{EXPIRY, builder, commitment, outputs, row};
use crate::page::{FORMATS, Page};

#[test]
fn every_way_out_of_every_output_is_in_the_guide_and_no_other() {
    let page = Page::read();
    let who: Vec<_> = page.rows("spend").into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    let cells = page.by_format("spend");
    for (column, format) in FORMATS.into_iter().enumerate() {
        let mut seen = BTreeSet::new();
        for output in outputs(&builder(format)) {
            for spend in output.spends() {
                let name = row(&output.role, spend.path);
                let (_, found) = cells.iter().find(|(found, _)| found == name).unwrap();
                let expected = format!("{} {}", word(&spend), spend.weight.weight().to_wu());
                assert_eq!(found[column], expected, "{name} of {format}");
                let (_, who) = who.iter().find(|(found, _)| found == name).unwrap();
                assert!(spenders(&spend).contains(&who.as_str()), "{name} by {who}");
                seen.insert(name);
            }
        }
        let both = ["funding output", "offered HTLC, HTLC-timeout", "accepted HTLC, HTLC-success"];
        for (name, cells) in &cells {
            let exists = cells[column] != "–";
            assert_eq!(seen.contains(name.as_str()) || both.contains(&name.as_str()), exists, "{name}");
        }
    }
}

#[test]
fn sequences_lock_times_and_keys_are_those_of_the_guide() {
    let table = Page::read().rows("lock");
    for format in FORMATS {
        let column = if format.is_zero_fee() { 1 } else { 2 };
        let find = |name: &str| table.iter().find(|row| row[0] == name).unwrap();
        for output in outputs(&builder(format)) {
            for spend in output.spends() {
                let row = find(row(&output.role, spend.path));
                assert_eq!(row[column], sequence(spend.sequence), "{row:?}");
                assert_eq!(row[3], lock_time(spend.lock_time.to_consensus_u32()), "{row:?}");
                assert!(row[4].contains(key(&spend)), "{row:?}: {}", key(&spend));
            }
        }
        for htlc in commitment(&builder(format)).htlc_transactions() {
            let row = find(match htlc.htlc().direction {
                HtlcDirection::Offered => "offered HTLC, HTLC-timeout",
                HtlcDirection::Accepted => "accepted HTLC, HTLC-success",
            });
            let transaction = htlc.transaction();
            assert_eq!(row[column], sequence(transaction.input[0].sequence), "{row:?}");
            assert_eq!(row[3], lock_time(transaction.lock_time.to_consensus_u32()), "{row:?}");
        }
    }
    assert_eq!(table.len(), 14);
}

/// The number of a commitment goes where the guide draws it.
#[test]
fn the_number_is_hidden_in_sequence_and_lock_time() {
    let builder = builder(CommitmentFormat::TaprootV3);
    let made = commitment(&builder);
    let transaction = made.transaction();
    let (sequence, lock_time) = (transaction.input[0].sequence, transaction.lock_time.to_consensus_u32());
    assert_eq!((sequence.to_consensus_u32() >> 24, lock_time >> 24), (0x80, 0x20));
    assert!(!sequence.is_relative_lock_time());
    // From 1987-01-05 to before 1988.
    assert!((536_457_600..567_993_600).contains(&lock_time));
    assert_eq!(builder.obscuring_factor().reveal(transaction), Some(made.number()));
}

fn word(spend: &OutputSpend) -> &'static str {
    match &spend.hint {
        InputHint::Anchor => "open",
        InputHint::OpenAnchor(unlock) => unlocked(unlock),
        InputHint::Channel(spend) => unlocked(&spend.unlock),
        other => panic!("{other:?} is no way for one party"),
    }
}

fn unlocked(unlock: &Unlock) -> &'static str {
    match unlock {
        Unlock::KeyPath { .. } | Unlock::Wpkh(_) => "key",
        Unlock::Leaf { .. } => "leaf",
        Unlock::WitnessScript(_) => "script",
        _ => "open",
    }
}

/// The commitment is ours.
fn spenders(spend: &OutputSpend) -> &'static [&'static str] {
    match (spend.path, spend.spender) {
        (ClaimPath::Anchor, Some(_)) => &["its party"],
        (_, Some(Side::Local)) => &["owner"],
        (_, Some(Side::Remote)) => &["other"],
        (_, None) => &["anyone"],
    }
}

fn sequence(sequence: Sequence) -> String {
    match sequence {
        Sequence::ENABLE_RBF_NO_LOCKTIME => "replaceable".to_owned(),
        Sequence(blocks) if blocks == u32::from(TYPICAL_DELAY.to_blocks()) => "`to_self_delay`".to_owned(),
        Sequence(blocks) => blocks.to_string(),
    }
}

fn lock_time(lock_time: u32) -> String {
    if lock_time == EXPIRY.to_height() { "expiry".to_owned() } else { lock_time.to_string() }
}

fn key(spend: &OutputSpend) -> &'static str {
    let InputHint::Channel(spend) = &spend.hint else { return "nobody" };
    match spend.key.key {
        ChannelKey::Payment => "payment key",
        ChannelKey::DelayedPayment => "delayed key",
        ChannelKey::Htlc => "HTLC key",
        ChannelKey::Revocation => "revocation key",
        ChannelKey::Funding => "funding key",
    }
}
