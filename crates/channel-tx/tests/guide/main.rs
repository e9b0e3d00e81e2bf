//! `docs/guides/transactions.md` against the code: every figure in its tables, and the width of its drawings.

#![expect(clippy::unwrap_used, reason = "what a test cannot read or construct fails the test")]

mod amounts;
mod channel;
mod claims;
mod facts;
mod inputs;
mod page;
mod paths;
mod splice;
mod transactions;

use page::Page;

#[test]
fn drawings_fit_a_terminal() {
    let page = Page::read();
    let drawings = page.drawings();
    assert!(drawings.len() >= 12, "{} drawings", drawings.len());
    for line in drawings.iter().flat_map(|drawing| drawing.lines()) {
        assert!(line.chars().count() <= 110, "{} columns: {line}", line.chars().count());
    }
}

#[test]
fn lanes_of_messages_are_straight() {
    let page = Page::read();
    let lanes = |drawing: &&String| drawing.lines().any(|line| line.starts_with(" │ ─ "));
    let drawings = page.drawings();
    let drawings: Vec<_> = drawings.iter().filter(lanes).collect();
    assert_eq!(drawings.len(), 2);
    for drawing in drawings {
        let widths = drawing.lines().skip(1).map(|line| line.chars().count());
        let widths: std::collections::BTreeSet<_> = widths.collect();
        assert_eq!(widths.len(), 1, "{drawing}");
    }
}

#[test]
fn every_table_is_compared_or_free_of_figures() {
    let compared =
        ["fact", "spend", "transaction, WU", "sat", "lock", "account, sat", "transaction", "claim"];
    let prose = ["variant", "kind"];
    for table in Page::read().tables() {
        let first = table.header[0].as_str();
        assert!(compared.contains(&first) || prose.contains(&first), "nothing reads the table of {first:?}");
    }
}
