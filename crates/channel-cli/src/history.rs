//! The file of past plans, one JSON object a line, read for cool-downs and roles and added to by `plan`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use taproot_channels::advisor::economic::{PastAction, history};
use taproot_channels::advisor::plan::Plan;

use crate::command_error::CommandError;
use crate::output;

/// A history file as read before planning.
#[derive(Debug)]
pub(crate) struct History {
    path: PathBuf,
    bytes: Vec<u8>,
    past: Vec<PastAction>,
}

impl History {
    /// Reads the file; one that is not there yet is an empty history.
    pub(crate) fn read(path: &Path) -> Result<Self, CommandError> {
        let name = path.display().to_string();
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) if error.kind() == io::ErrorKind::IsADirectory => {
                return Err(CommandError::missing(
                    format!("{name}: is a directory"),
                    "give the path of one file, such as `past.jsonl` in it",
                ));
            }
            Err(error) => return Err(CommandError::input(&name, &error)),
        };
        let past = history::parse(&bytes).map_err(|error| {
            CommandError::data(
                format!("{name}: {error}"),
                "each line is one past action as `channel plan --history` writes it; move the file away to start anew",
            )
        })?;
        Ok(Self { path: path.to_owned(), bytes, past })
    }

    /// The actions of plans made before `now`. Those made at `now` are left out, so that a plan made again with the
    /// same `--now` says the same.
    pub(crate) fn before(&self, now: Timestamp) -> Vec<PastAction> {
        self.past.iter().filter(|action| action.planned_at < now).cloned().collect()
    }

    /// Adds the actions of `plan`, all of them or none; a plan made at a time that is in the file already adds nothing.
    pub(crate) fn add(&self, plan: &Plan, now: Timestamp) -> Result<(), CommandError> {
        let lines = history::lines(plan, now);
        if lines.is_empty() || self.past.iter().any(|past| past.planned_at == now) {
            return Ok(());
        }
        let written = output::replace_file(&self.path, |out| {
            out.write_all(&self.bytes)?;
            if self.bytes.last().is_some_and(|last| *last != b'\n') {
                writeln!(out)?;
            }
            out.write_all(lines.as_bytes())
        });
        written.map_err(|error| CommandError::output(&self.path, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_an_empty_history() {
        let folder = tempfile::tempdir().unwrap();
        let history = History::read(&folder.path().join("none.jsonl")).unwrap();
        assert!(history.before(Timestamp::MAX).is_empty());
    }

    #[test]
    fn entries_read_back_and_the_present_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("past.jsonl");
        let line =
            r#"{"planned_at":"2026-03-01T00:00:00Z","id":"set_fee:1","kind":"set_fee","channels":["1"]}"#;
        fs::write(&path, format!("\n{line}\n")).unwrap();
        let history = History::read(&path).unwrap();
        let later: Timestamp = "2026-03-01T00:00:01Z".parse().unwrap();
        assert_eq!(history.before(later).len(), 1);
        assert_eq!(history.before(later)[0].kind, "set_fee");
        assert!(history.before("2026-03-01T00:00:00Z".parse().unwrap()).is_empty());
    }

    #[test]
    fn a_damaged_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("past.jsonl");
        fs::write(&path, "{}\n").unwrap();
        let mut report = Vec::new();
        History::read(&path).unwrap_err().report(&mut report).unwrap();
        assert!(String::from_utf8(report).unwrap().contains("past.jsonl: line 1 "));
    }
}
