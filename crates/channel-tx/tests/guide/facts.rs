//! What tells the formats apart.

use channel_core::CommitmentFormat;
use channel_tx::format::FormatRules;

use crate::page::{FORMATS, assert_rows};

#[test]
fn formats_differ_as_the_guide_says() {
    let rows = [
        ("version of commitment, second level, claims", of(|format| rules(format).version.0.to_string())),
        (
            "funding output",
            of(|format| if format.is_taproot() { "MuSig2 key" } else { "2-of-2 script" }.to_owned()),
        ),
        ("anchors", of(|format| if format.is_zero_fee() { "one P2A" } else { "two with a key" }.to_owned())),
        ("commitment weight that is paid for, WU", of(paid_weight)),
        ("added for each HTLC output, WU", of(|format| format.htlc_output_weight().to_wu().to_string())),
        (
            "sequence of HTLC-timeout, HTLC-success",
            of(|format| rules(format).second_level_sequence.to_consensus_u32().to_string()),
        ),
        ("`max_accepted_htlcs` at most", of(|format| format.max_accepted_htlcs().to_string())),
    ];
    assert_rows("fact", &rows);
}

fn rules(format: CommitmentFormat) -> FormatRules {
    FormatRules::of(format).unwrap()
}

fn of(fact: impl Fn(CommitmentFormat) -> String) -> [String; 4] {
    FORMATS.map(fact)
}

fn paid_weight(format: CommitmentFormat) -> String {
    format.commitment_base_weight().map_or_else(|| "none".to_owned(), |weight| weight.to_wu().to_string())
}
