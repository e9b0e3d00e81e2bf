//! The file of past plans: one action a line as JSON, read for cool-downs and added to by `plan`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use taproot_channels::advisor::economic::PastAction;
use taproot_channels::advisor::plan::{Action, Plan, RemedyKind};

use crate::command_error::CommandError;
use crate::output;

/// A history file as read before planning.
#[derive(Debug)]
pub(crate) struct History {
    path: PathBuf,
    text: String,
    past: Vec<PastAction>,
}

/// A line of the file; reads back as a [`PastAction`].
#[derive(Serialize)]
struct Entry<'a> {
    planned_at: &'a str,
    id: &'a str,
    kind: RemedyKind,
    channels: Vec<&'a str>,
}

impl History {
    /// Reads the file; one that is not there yet is an empty history.
    pub(crate) fn read(path: &Path) -> Result<Self, CommandError> {
        let name = path.display().to_string();
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(CommandError::input(&name, &error)),
        };
        let mut past = Vec::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let action = serde_json::from_str(line).map_err(|error| {
                CommandError::data(
                    format!("{name}: line {}: {error}", index + 1),
                    "each line is one past action as `channel plan --history` writes it; move the file away to start anew",
                )
            })?;
            past.push(action);
        }
        Ok(Self { path: path.to_owned(), text, past })
    }

    /// The actions of plans made before `now`. Those made at `now` are left out, so that a plan made again with the
    /// same `--now` says the same.
    pub(crate) fn before(&self, now: jiff::Timestamp) -> Vec<PastAction> {
        self.past.iter().filter(|action| action.planned_at < now).cloned().collect()
    }

    /// Adds the actions of `plan` that are not in the file yet, all of them or none.
    pub(crate) fn add(&self, plan: &Plan) -> Result<(), CommandError> {
        let now: Option<jiff::Timestamp> = plan.generated_at.parse().ok();
        let known = |action: &Action| {
            self.past.iter().any(|past| Some(past.planned_at) == now && past.id == action.id)
        };
        let new: Vec<&Action> = plan.actions.iter().filter(|action| !known(action)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let written = output::replace_file(&self.path, |out| {
            out.write_all(self.text.as_bytes())?;
            if !self.text.is_empty() && !self.text.ends_with('\n') {
                writeln!(out)?;
            }
            for action in new {
                let channels = action.channels.iter().map(|channel| channel.as_str()).collect();
                let entry = Entry { planned_at: &plan.generated_at, id: &action.id, kind: action.kind, channels };
                writeln!(out, "{}", serde_json::to_string(&entry)?)?;
            }
            Ok(())
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
        assert!(history.before(jiff::Timestamp::MAX).is_empty());
    }

    #[test]
    fn entries_read_back_and_the_present_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("past.jsonl");
        let entry = Entry {
            planned_at: "2026-03-01T00:00:00Z",
            id: "set_fee:1",
            kind: RemedyKind::SetFee,
            channels: vec!["1"],
        };
        fs::write(&path, format!("\n{}\n", serde_json::to_string(&entry).unwrap())).unwrap();
        let history = History::read(&path).unwrap();
        let later: jiff::Timestamp = "2026-03-01T00:00:01Z".parse().unwrap();
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
        assert!(String::from_utf8(report).unwrap().contains("past.jsonl: line 1: "));
    }
}
