//! The guide, taken apart: tables and drawings.

use channel_core::CommitmentFormat;

/// Columns of the tables that compare formats, in their order.
pub(crate) const FORMATS: [CommitmentFormat; 4] = [
    CommitmentFormat::TaprootV3,
    CommitmentFormat::TaprootV2,
    CommitmentFormat::SegwitV3,
    CommitmentFormat::SegwitAnchors,
];

/// The text of the guide.
pub(crate) struct Page(String);

/// One table.
pub(crate) struct Table {
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Page {
    /// The guide of this workspace.
    pub(crate) fn read() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guides/transactions.md");
        Self(std::fs::read_to_string(path).unwrap())
    }

    /// Every table.
    pub(crate) fn tables(&self) -> Vec<Table> {
        let mut tables: Vec<Table> = Vec::new();
        let mut inside = false;
        for line in self.0.lines() {
            let Some(row) = line.strip_prefix('|').and_then(|line| line.strip_suffix('|')) else {
                inside = false;
                continue;
            };
            let cells: Vec<String> = row.split('|').map(|cell| cell.trim().to_owned()).collect();
            if !inside {
                tables.push(Table { header: cells, rows: Vec::new() });
                inside = true;
            } else if !cells[0].starts_with("---") {
                let table = tables.last_mut().unwrap();
                assert_eq!(cells.len(), table.header.len(), "{line}");
                table.rows.push(cells);
            }
        }
        tables
    }

    /// The rows of all tables whose header begins with `first`.
    pub(crate) fn rows(&self, first: &str) -> Vec<Vec<String>> {
        let tables = self.tables();
        tables.into_iter().filter(|table| table.header[0] == first).flat_map(|table| table.rows).collect()
    }

    /// The same, with the cells of the four formats beside the name of the row.
    pub(crate) fn by_format(&self, first: &str) -> Vec<(String, [String; 4])> {
        let names = FORMATS.map(|format| format!("`{format:?}`"));
        let tables = self.tables().into_iter().filter(|table| table.header[0] == first);
        tables
            .flat_map(|table| {
                let start = table.header.len() - 4;
                assert_eq!(table.header[start..], names);
                let split = move |row: Vec<String>| {
                    (row[0].clone(), row[start..].to_vec().try_into().expect("four columns"))
                };
                table.rows.into_iter().map(split)
            })
            .collect()
    }

    /// True when the page has these words, wherever its lines break.
    pub(crate) fn says(&self, words: &str) -> bool {
        let flat: Vec<_> = self.0.split_whitespace().collect();
        flat.join(" ").contains(words)
    }

    /// What stands between fences.
    pub(crate) fn drawings(&self) -> Vec<String> {
        self.0
            .split("\n```text\n")
            .skip(1)
            .map(|rest| rest.split_once("\n```").unwrap().0.to_owned())
            .collect()
    }
}

/// Asserts that the page has exactly the `expected` rows, each once, with these cells.
pub(crate) fn assert_rows(first: &str, expected: &[(&str, [String; 4])]) {
    let found = Page::read().by_format(first);
    for (name, cells) in expected {
        let rows: Vec<_> = found.iter().filter(|(found, _)| found == name).collect();
        assert_eq!(rows.len(), 1, "rows {name:?} under {first:?}");
        assert_eq!(&rows[0].1, cells, "{name}");
    }
    assert_eq!(found.len(), expected.len(), "rows under {first:?} that nothing is compared with");
}
