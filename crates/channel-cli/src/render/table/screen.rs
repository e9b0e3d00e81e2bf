//! Lines of painted text that never run past the last column.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::output::{Ink, Terminal};
use crate::text;

/// What a piece of text means; decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Ordinary text.
    Plain,
    /// A heading.
    Title,
    /// What stands out.
    Strong,
    /// What may be skipped.
    Dim,
    /// A gain, a good score.
    Good,
    /// A cost, a middling score.
    Caution,
    /// A loss, a bad score.
    Bad,
    /// Something to type.
    Command,
}

impl Tone {
    const fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Title => AnsiColor::Cyan.on_default().bold(),
            Self::Strong => Style::new().bold(),
            Self::Dim => Style::new().dimmed(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Caution => AnsiColor::Yellow.on_default(),
            Self::Bad => AnsiColor::Red.on_default(),
            Self::Command => AnsiColor::Blue.on_default(),
        }
    }
}

/// One line, built from left to right. Every piece is stripped of control characters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line {
    pieces: Vec<(Tone, String)>,
    width: usize,
}

impl Line {
    /// An empty line.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a piece.
    #[must_use]
    pub(crate) fn add(mut self, tone: Tone, piece: &str) -> Self {
        let piece = text::clean(piece).into_owned();
        self.width += text::columns(&piece);
        self.pieces.push((tone, piece));
        self
    }

    /// Adds ordinary text.
    #[must_use]
    pub(crate) fn text(self, piece: &str) -> Self {
        self.add(Tone::Plain, piece)
    }

    /// Adds a piece in a field of `width` columns, cut or filled on the right.
    #[must_use]
    pub(crate) fn left(self, tone: Tone, piece: &str, width: usize) -> Self {
        let piece = text::clean(piece);
        let piece = text::fitted(&piece, width);
        let gap = " ".repeat(width.saturating_sub(text::columns(&piece)));
        self.add(tone, &piece).text(&gap)
    }

    /// Adds a piece in a field of `width` columns, cut or filled on the left.
    #[must_use]
    pub(crate) fn right(self, tone: Tone, piece: &str, width: usize) -> Self {
        let piece = text::clean(piece);
        let piece = text::fitted(&piece, width);
        let gap = " ".repeat(width.saturating_sub(text::columns(&piece)));
        self.text(&gap).add(tone, &piece)
    }

    /// Columns taken so far.
    pub(crate) const fn width(&self) -> usize {
        self.width
    }
}

/// Where lines go.
pub(crate) struct Screen<'w> {
    out: &'w mut dyn Write,
    terminal: Terminal,
}

impl<'w> Screen<'w> {
    /// A screen with the properties of `terminal`.
    pub(crate) fn new(terminal: Terminal, out: &'w mut dyn Write) -> Self {
        Self { out, terminal }
    }

    /// Columns there are.
    pub(crate) const fn columns(&self) -> usize {
        self.terminal.columns
    }

    /// Writes a line, cut with `…` where it would run past the last column.
    pub(crate) fn line(&mut self, line: &Line) -> io::Result<()> {
        self.write_line(line, self.terminal.columns)
    }

    /// Writes an empty line.
    pub(crate) fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// Writes a heading with an empty line in front.
    pub(crate) fn heading(&mut self, title: &str, rest: &str) -> io::Result<()> {
        self.blank()?;
        let title = Line::new().add(Tone::Title, title);
        if rest.is_empty() { self.line(&title) } else { self.paragraph(&title.text("  "), Tone::Dim, rest) }
    }

    /// Writes text over as many lines as it needs: the first after `lead`, the others below it.
    pub(crate) fn paragraph(&mut self, lead: &Line, tone: Tone, words: &str) -> io::Result<()> {
        let indent = lead.width();
        let clean = text::clean(words);
        let lines = text::wrapped(&clean, self.terminal.columns.saturating_sub(indent).max(20));
        for (index, words) in lines.iter().enumerate() {
            let start = if index == 0 { lead.clone() } else { Line::new().text(&" ".repeat(indent)) };
            self.line(&start.add(tone, words))?;
        }
        Ok(())
    }

    /// Writes a command over as many lines as it needs, so that it can be copied: no word of it is ever cut, even
    /// where that runs past the last column.
    pub(crate) fn command(&mut self, lead: &Line, command: &str) -> io::Result<()> {
        let indent = lead.width();
        let clean = text::clean(command);
        let width = self.terminal.columns.saturating_sub(indent);
        for (index, words) in text::wrapped_command(&clean, width).iter().enumerate() {
            let start = if index == 0 { lead.clone() } else { Line::new().text(&" ".repeat(indent)) };
            self.write_line(&start.add(Tone::Command, words), usize::MAX)?;
        }
        Ok(())
    }

    /// Writes a value on one line, however long, so that it can be copied.
    pub(crate) fn whole(&mut self, lead: &Line, tone: Tone, value: &str) -> io::Result<()> {
        self.write_line(&lead.clone().add(tone, &text::clean(value)), usize::MAX)
    }

    fn write_line(&mut self, line: &Line, width: usize) -> io::Result<()> {
        let last = line.pieces.iter().rposition(|(_, piece)| !piece.trim_end().is_empty());
        let pieces = &line.pieces[..last.map_or(0, |last| last + 1)];
        let overflows = pieces.iter().map(|(_, piece)| text::columns(piece)).sum::<usize>() > width;
        let mut room = if overflows { width.saturating_sub(1) } else { width };
        for (index, (tone, piece)) in pieces.iter().enumerate() {
            let piece = if index + 1 == pieces.len() { piece.trim_end() } else { piece };
            let shown = text::start(piece, room);
            self.paint(*tone, shown)?;
            room -= text::columns(shown);
            if shown.len() < piece.len() {
                break;
            }
        }
        writeln!(self.out, "{}", if overflows { "…" } else { "" })
    }

    fn paint(&mut self, tone: Tone, piece: &str) -> io::Result<()> {
        match self.terminal.ink {
            Ink::Colour if tone != Tone::Plain && !piece.is_empty() => {
                let style = tone.style();
                write!(self.out, "{style}{piece}{style:#}")
            }
            _ => self.out.write_all(piece.as_bytes()),
        }
    }
}

/// A bar of `cells` columns between two edges: filled from the left by `share_ppm`, in eighths of a column.
pub(crate) fn bar(share_ppm: u32, cells: usize) -> (String, String) {
    const PARTIAL: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (u64::from(share_ppm.min(1_000_000)) * cells as u64 * 8 + 500_000) / 1_000_000;
    let eighths = usize::try_from(eighths).unwrap_or(cells * 8);
    let (whole, part) = (eighths / 8, eighths % 8);
    let filled = format!("{}{}", "█".repeat(whole), PARTIAL[part]);
    let rest = "·".repeat(cells - whole - usize::from(part > 0));
    (filled, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &Line, columns: usize, ink: Ink) -> String {
        let mut bytes = Vec::new();
        Screen::new(Terminal { columns, ink }, &mut bytes).line(line).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn no_line_is_wider_than_the_screen() {
        let line = Line::new().text("漢字").text(" and").add(Tone::Bad, " much more than that");
        for columns in 1..40 {
            let shown = shown(&line, columns, Ink::Plain);
            assert!(text::columns(shown.trim_end_matches('\n')) <= columns, "{columns}: {shown}");
            assert_eq!(shown.contains('…'), columns < line.width(), "{columns}: {shown}");
        }
    }

    #[test]
    fn paint_is_only_for_colour_screens() {
        let line = Line::new().add(Tone::Bad, "lost");
        assert_eq!(shown(&line, 80, Ink::Plain), "lost\n");
        assert_eq!(shown(&line, 80, Ink::Colour), "\u{1b}[31mlost\u{1b}[0m\n");
    }

    #[test]
    fn fields_are_cut_and_filled_to_their_width() {
        let line =
            Line::new().left(Tone::Plain, "漢字漢字", 5).text("|").right(Tone::Plain, "12", 4).text("|");
        assert_eq!(shown(&line, 80, Ink::Plain), "漢字…|  12|\n");
        let evil = Line::new().left(Tone::Plain, "\u{1b}[2Jx", 6).text("|");
        assert_eq!(shown(&evil, 80, Ink::Plain), "[2Jx  |\n");
    }

    #[test]
    fn bars_have_their_width_at_every_share() {
        for ppm in (0..=1_000_000).step_by(997) {
            let (filled, rest) = bar(ppm, 16);
            assert_eq!(text::columns(&filled) + text::columns(&rest), 16, "{ppm}");
        }
        assert_eq!(bar(0, 4), (String::new(), "····".to_owned()));
        assert_eq!(bar(1_000_000, 4), ("████".to_owned(), String::new()));
        assert_eq!(bar(2_000_000, 4).0, "████");
        assert_eq!(bar(500_000, 3), ("█▌".to_owned(), "·".to_owned()));
    }
}
