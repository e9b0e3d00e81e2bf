//! Every failure of the program as kind, message, hint and exit code: one `error:` line, one `hint:` line.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::text;

/// Exit code of a plan that advises an action, with `--exit-code`.
pub(crate) const ACTION_ADVISED: u8 = 10;

/// What kind of failure it is; decides the exit code (after sysexits).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// The command line does not say what to do.
    Usage,
    /// The input is not what it should be.
    Data,
    /// An input is not there or cannot be opened.
    NoInput,
    /// Reading or writing failed.
    Io,
}

impl FailureKind {
    /// The exit code.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Usage => 2,
            Self::Data => 65,
            Self::NoInput => 66,
            Self::Io => 74,
        }
    }
}

/// A failure, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandError {
    kind: FailureKind,
    message: String,
    hint: String,
}

impl CommandError {
    /// The command line does not say what to do.
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind: FailureKind::Usage, message: message.into(), hint: hint.into() }
    }

    /// The input is not what it should be.
    pub(crate) fn data(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind: FailureKind::Data, message: message.into(), hint: hint.into() }
    }

    /// An input is not there or is no file.
    pub(crate) fn missing(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind: FailureKind::NoInput, message: message.into(), hint: hint.into() }
    }

    /// Reading or writing failed.
    pub(crate) fn io(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind: FailureKind::Io, message: message.into(), hint: hint.into() }
    }

    /// An input could not be opened or read; `name` is how the caller called it.
    pub(crate) fn input(name: &str, error: &io::Error) -> Self {
        let (kind, hint) = match error.kind() {
            io::ErrorKind::NotFound => (FailureKind::NoInput, "check the path; `-` is standard input"),
            io::ErrorKind::PermissionDenied => {
                (FailureKind::NoInput, "the file must be readable by the user who runs `channel`")
            }
            io::ErrorKind::IsADirectory => {
                (FailureKind::NoInput, "give the files in it one by one, such as `DIR/*.json`")
            }
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => (
                FailureKind::Data,
                "the file is damaged; make it again with `channel inputs lnd|cln|eclair|ldk`",
            ),
            _ => (FailureKind::Io, "the device or pipe it comes from failed; try again"),
        };
        Self { kind, message: format!("{name}: {}", reason(error)), hint: hint.to_owned() }
    }

    /// The result could not be written to `path`.
    pub(crate) fn output(path: &Path, error: &io::Error) -> Self {
        Self {
            kind: FailureKind::Io,
            message: format!("{}: {}", path.display(), reason(error)),
            hint: "nothing was written; choose a path in a directory that can be written to".to_owned(),
        }
    }

    /// Standard output failed.
    pub(crate) fn stdout(error: &io::Error) -> Self {
        Self {
            kind: FailureKind::Io,
            message: format!("standard output: {}", reason(error)),
            hint: "what it was redirected to is full or failed; free space there or redirect it elsewhere"
                .to_owned(),
        }
    }

    /// The same with both lines passed through `change`.
    #[must_use]
    pub(crate) fn map_text(mut self, change: impl Fn(&str) -> String) -> Self {
        self.message = change(&self.message);
        self.hint = change(&self.hint);
        self
    }

    /// The exit code.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.kind.code())
    }

    /// Writes both lines.
    pub(crate) fn report(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "error: {}", one_line(&self.message))?;
        writeln!(out, "hint: {}", one_line(&self.hint))
    }
}

impl From<clap::Error> for CommandError {
    /// The first sentence of clap's report, and as a hint what it suggests or where help is.
    fn from(error: clap::Error) -> Self {
        let rendered = error.to_string();
        let mut lines = rendered.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
        let first = lines.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let details: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        let (tips, rest): (Vec<&str>, Vec<&str>) =
            details.into_iter().partition(|line| line.starts_with("tip: "));
        let values: Vec<&str> = rest.into_iter().filter(|line| !line.starts_with("For more")).collect();
        let message = [first].into_iter().chain(values.into_iter().map(str::to_owned)).collect::<Vec<_>>();
        let hint = match (tips.first(), error.get(ContextKind::Usage)) {
            (Some(tip), _) => tip.trim_start_matches("tip: ").to_owned(),
            _ if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                return Self::usage(
                    "no command was given",
                    "try `channel plan --example`, or `channel --help`",
                );
            }
            (None, Some(ContextValue::StyledStr(usage))) => {
                let usage = usage.to_string();
                format!(
                    "{}; `--help` tells more",
                    usage.lines().next().unwrap_or_default().replace("Usage: ", "usage: ")
                )
            }
            _ => "`channel --help` tells more".to_owned(),
        };
        Self::usage(message.join(" "), hint)
    }
}

/// The system's words without Rust's `(os error 2)`.
fn reason(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::NotFound {
        // Without the system's number Rust says "entity not found".
        return "no such file or directory".to_owned();
    }
    let text = error.to_string();
    let plain = text.split(" (os error").next().unwrap_or_default();
    let mut chars = plain.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// One printable line, whatever a file name or a field held.
fn one_line(text: &str) -> String {
    let clean = text::clean(text);
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(error: &CommandError) -> String {
        let mut bytes = Vec::new();
        error.report(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn exit_codes_follow_the_kind_of_input_failure() {
        for (kind, code) in [
            (io::ErrorKind::NotFound, 66),
            (io::ErrorKind::PermissionDenied, 66),
            (io::ErrorKind::IsADirectory, 66),
            (io::ErrorKind::InvalidData, 65),
            (io::ErrorKind::ConnectionReset, 74),
        ] {
            assert_eq!(CommandError::input("a.json", &io::Error::from(kind)).kind.code(), code, "{kind:?}");
        }
    }

    #[test]
    fn a_report_is_two_lines_without_control_characters() {
        let error = CommandError::data("a\u{1b}[2J.json:\nbad", "make\r\nit again");
        assert_eq!(report(&error), "error: a[2J.json: bad\nhint: make it again\n");
    }

    #[test]
    fn the_systems_words_lose_their_number() {
        let error = CommandError::input("gone.json", &io::Error::from_raw_os_error(2));
        assert!(report(&error).starts_with("error: gone.json: no such file or directory\nhint: "));
    }
}
