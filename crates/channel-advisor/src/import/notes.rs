//! The assumptions met during an import, each code once, counted.

use crate::snapshot::Assumption;

/// Collects assumptions in the order met.
#[derive(Debug, Default)]
pub(super) struct Notes(Vec<Note>);

#[derive(Debug)]
struct Note {
    code: &'static str,
    text: String,
    channels: Option<usize>,
}

impl Notes {
    /// An assumption about the node or the whole import; repeated ones are kept once.
    pub(super) fn general(&mut self, code: &'static str, text: impl Into<String>) {
        if !self.0.iter().any(|note| note.code == code) {
            self.0.push(Note { code, text: text.into(), channels: None });
        }
    }

    /// An assumption about one more channel. The first one's text stands for all.
    pub(super) fn channel(&mut self, code: &'static str, text: impl FnOnce() -> String) {
        match self.0.iter_mut().find(|note| note.code == code) {
            Some(note) => note.channels = Some(note.channels.unwrap_or(0) + 1),
            None => self.0.push(Note { code, text: text(), channels: Some(1) }),
        }
    }

    pub(super) fn into_assumptions(self) -> Vec<Assumption> {
        let assumption = |note: Note| match note.channels {
            Some(channels) => Assumption::about(note.code, note.text, channels),
            None => Assumption::new(note.code, note.text),
        };
        self.0.into_iter().map(assumption).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_stands_once_and_channels_are_counted() {
        let mut notes = Notes::default();
        notes.channel("a", || "first".to_owned());
        notes.general("b", "node");
        notes.general("b", "node again");
        notes.channel("a", || unreachable!("the first text stands"));
        let assumptions = notes.into_assumptions();
        assert_eq!(assumptions, [Assumption::about("a", "first", 2), Assumption::new("b", "node")]);
    }
}
