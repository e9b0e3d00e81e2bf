//! What standard output can show: its width and whether it takes colour.

use std::env;
use std::io::{self, IsTerminal};

use crate::args::ColorChoice;

/// Columns used when standard output is no terminal.
const DEFAULT_COLUMNS: usize = 80;
/// Bounds on the columns used: below, tables break; above, eyes lose the line.
const COLUMN_RANGE: std::ops::RangeInclusive<usize> = 80..=140;

/// Whether text is painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// With ANSI colours.
    Colour,
    /// Plain text.
    Plain,
}

/// What the place a table goes to can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Terminal {
    /// Columns to use.
    pub(crate) columns: usize,
    /// Whether to paint.
    pub(crate) ink: Ink,
}

impl Terminal {
    /// What standard output can show, asked for `choice`.
    pub(crate) fn of_stdout(choice: ColorChoice) -> Self {
        let is_terminal = io::stdout().is_terminal();
        let size = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let columns =
            if is_terminal { width(env::var("COLUMNS").ok().as_deref(), size) } else { DEFAULT_COLUMNS };
        let quiet = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || env::var_os("TERM").is_some_and(|value| value == "dumb");
        let ink = match choice {
            ColorChoice::Always => Ink::Colour,
            ColorChoice::Auto if is_terminal && !quiet => Ink::Colour,
            _ => Ink::Plain,
        };
        Self { columns, ink }
    }

    /// What a file can show: plain text, unless colour is forced.
    pub(crate) fn of_file(choice: ColorChoice) -> Self {
        let ink = if choice == ColorChoice::Always { Ink::Colour } else { Ink::Plain };
        Self { columns: DEFAULT_COLUMNS, ink }
    }
}

/// `COLUMNS` if it is a number, else the terminal's own size, else 80; held inside the bounds.
fn width(variable: Option<&str>, size: impl FnOnce() -> Option<usize>) -> usize {
    variable
        .and_then(|text| text.parse().ok())
        .or_else(size)
        .unwrap_or(DEFAULT_COLUMNS)
        .clamp(*COLUMN_RANGE.start(), *COLUMN_RANGE.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_come_from_the_variable_then_the_terminal() {
        assert_eq!(width(Some("120"), || Some(90)), 120);
        assert_eq!(width(Some("wide"), || Some(90)), 90);
        assert_eq!(width(None, || None), 80);
        assert_eq!(width(Some("20"), || None), 80);
        assert_eq!(width(Some("999"), || None), 140);
    }

    #[test]
    fn a_file_is_plain_unless_colour_is_forced() {
        assert_eq!(Terminal::of_file(ColorChoice::Auto).ink, Ink::Plain);
        assert_eq!(Terminal::of_file(ColorChoice::Always).ink, Ink::Colour);
    }
}
