//! Until when a claim is safe, and how large a transaction may be.

use std::collections::BTreeMap;

use channel_core::{CommitmentFormat, Side};
use channel_tx::bitcoin;
use channel_tx::claim::{
    ChannelOutput, ChannelRole, Claim, ClaimFacts, ClaimPath, Claims, Competition, Confirmation,
    PINNABLE_WITHIN, Pressure, Standing,
};
use channel_tx::format::FormatRules;
use channel_tx::policy::{MAX_CHILD_VBYTES, MAX_TRUC_VBYTES, TRUC};
use channel_tx::weight::TYPICAL_DELAY;

use crate::channel::{EXPIRY, PREIMAGE, builder, outputs, payment_hash, row};
use crate::page::Page;

/// Where the outputs confirmed: long before the expiry.
const CONFIRMED: u32 = 899_000;

#[test]
fn competition_and_pressure_are_those_of_the_guide() {
    let table = Page::read().rows("claim");
    let preimages = BTreeMap::from([(payment_hash(), PREIMAGE)]);
    let mut seen = 0;
    for (claimant, standing) in
        [(Side::Local, Standing::Valid), (Side::Remote, Standing::Valid), (Side::Remote, Standing::Revoked)]
    {
        let confirmation = Confirmation::Height(CONFIRMED);
        let facts = ClaimFacts { height: CONFIRMED, confirmation, standing, preimages: &preimages };
        let outputs: Vec<ChannelOutput> = outputs(&builder(CommitmentFormat::TaprootV3));
        let claims = Claims::of(&outputs, claimant, &facts);
        for claim in &claims.claims {
            let row = table.iter().find(|found| found[0] == row(&claim.role, claim.spend.path)).unwrap();
            assert_row(row, claim.competition, revoked_delay(claim));
            seen += 1;
        }
        for claim in &claims.second_level {
            let name = if claim.preimage.is_some() { "HTLC-success" } else { "HTLC-timeout" };
            let row = table.iter().find(|found| found[0].ends_with(name)).unwrap();
            assert_row(row, claim.competition, false);
            seen += 1;
        }
    }
    // Of each view: own, the peer's, the peer's revoked. Of two HTLCs, each with a second level.
    assert_eq!(seen, 5 + 3 + 6);
}

#[test]
fn a_claim_is_pinnable_from_so_many_blocks_before_others_can_make_it() {
    let text = format!("{PINNABLE_WITHIN} blocks before");
    let rows = Page::read().rows("claim");
    assert!(rows.iter().any(|row| row[2].contains(&text)));
    assert_eq!(Competition::From(1000).pressure(1000 - PINNABLE_WITHIN), Pressure::Soon);
    assert_eq!(Competition::From(1000).pressure(998), Pressure::Soon);
    assert_eq!(Competition::From(1000).pressure(999), Pressure::Now);
    assert_eq!(Competition::From(1000).pressure(999 - PINNABLE_WITHIN), Pressure::Later);
}

#[test]
fn sizes_and_versions_are_those_of_relay() {
    let standard = bitcoin::policy::MAX_STANDARD_TX_WEIGHT / 4;
    let rules = FormatRules::of(CommitmentFormat::TaprootV3).unwrap();
    assert_eq!(rules.version, TRUC);
    for row in Page::read().rows("transaction") {
        let (version, max) = match row[0].as_str() {
            "opening, splice, mutual close" => (2, u64::from(standard)),
            "fee child" | "penalty of a second level that is not confirmed" => (3, MAX_CHILD_VBYTES),
            "commitment" | "second level" | "claim, penalty" => (3, MAX_TRUC_VBYTES),
            other => panic!("what is {other}?"),
        };
        let grouped = format!("{},000", max / 1000);
        assert_eq!(row[2..], [version.to_string(), grouped], "{row:?}");
    }
}

fn revoked_delay(claim: &Claim) -> bool {
    claim.spend.path == ClaimPath::Revoked
        && !matches!((claim.role, claim.role.htlc()), (ChannelRole::OnCommitment(_), Some(_)))
}

fn assert_row(row: &[String], competition: Competition, delay: bool) {
    let (text, pressure) = match competition {
        Competition::Nobody => ("nobody", "none"),
        Competition::Now => ("already", "now"),
        Competition::From(block) if delay => {
            assert_eq!(block, CONFIRMED + u32::from(TYPICAL_DELAY.to_blocks()));
            ("after `to_self_delay`", "later")
        }
        Competition::From(block) => {
            assert_eq!(block, EXPIRY.to_height() + 1);
            ("after the expiry", "later")
        }
    };
    assert!(row[1].contains(text), "{row:?}: {competition:?}");
    assert!(row[2].starts_with(pressure), "{row:?}: {competition:?}");
}
