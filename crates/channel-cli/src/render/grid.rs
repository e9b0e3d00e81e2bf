//! A plain table of texts in every form but JSON, for results that have no form of their own.

use std::io::{self, Write};

use super::html;
use super::table::{Line, Screen, Tone};
use super::{csv, markdown};
use crate::args::Format;
use crate::output::Terminal;

/// A column.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    name: &'static str,
    width: usize,
    is_number: IsNumber,
}

/// Whether a column holds numbers, which stand on the right and are never taken for formulas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IsNumber {
    Yes,
    No,
}

impl Column {
    /// A column of texts, `width` columns wide on a terminal.
    pub(crate) const fn text(name: &'static str, width: usize) -> Self {
        Self { name, width, is_number: IsNumber::No }
    }

    /// A column of numbers.
    pub(crate) const fn number(name: &'static str, width: usize) -> Self {
        Self { name, width, is_number: IsNumber::Yes }
    }
}

/// A table with a line above and lines below.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grid {
    /// The title.
    pub(crate) title: String,
    /// What to know before reading.
    pub(crate) lead: &'static str,
    /// The columns.
    pub(crate) columns: Vec<Column>,
    /// The rows, one text per column.
    pub(crate) rows: Vec<Vec<String>>,
    /// Lines below.
    pub(crate) foot: Vec<String>,
}

/// Writes a grid; in JSON there is none, so it is written as a table.
pub(crate) fn render_grid(
    grid: &Grid,
    format: Format,
    terminal: Terminal,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Table | Format::Json => write_table(grid, terminal, out),
        Format::Csv => write_csv(grid, out),
        Format::Markdown => write_markdown(grid, out),
        Format::Html => write_html(grid, out),
    }
}

fn write_table(grid: &Grid, terminal: Terminal, out: &mut dyn Write) -> io::Result<()> {
    let mut screen = Screen::new(terminal, out);
    screen.line(&Line::new().add(Tone::Title, &grid.title))?;
    screen.paragraph(&Line::new().text("  "), Tone::Dim, grid.lead)?;
    screen.blank()?;
    let cell = |line: Line, column: &Column, tone, text: &str| match column.is_number {
        IsNumber::Yes => line.right(tone, text, column.width).text(" "),
        IsNumber::No => line.left(tone, text, column.width).text(" "),
    };
    let head =
        grid.columns.iter().fold(Line::new(), |line, column| cell(line, column, Tone::Dim, column.name));
    screen.line(&head)?;
    for row in &grid.rows {
        let line = grid.columns.iter().zip(row);
        screen.line(&line.fold(Line::new(), |line, (column, text)| cell(line, column, Tone::Plain, text)))?;
    }
    screen.blank()?;
    for line in &grid.foot {
        screen.line(&Line::new().text(line))?;
    }
    Ok(())
}

fn write_csv(grid: &Grid, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<&str> = grid.columns.iter().map(|column| column.name).collect();
    write!(out, "{}\r\n", names.join(","))?;
    for row in &grid.rows {
        let fields = grid.columns.iter().zip(row).map(|(column, text)| match column.is_number {
            IsNumber::Yes => text.clone(),
            IsNumber::No => csv::quoted_text(text),
        });
        write!(out, "{}\r\n", fields.collect::<Vec<_>>().join(","))?;
    }
    Ok(())
}

fn write_markdown(grid: &Grid, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# {}\n\n{}\n", grid.title, grid.lead)?;
    let names: Vec<&str> = grid.columns.iter().map(|column| column.name).collect();
    let rules =
        grid.columns.iter().map(|column| if column.is_number == IsNumber::Yes { "--:" } else { "---" });
    writeln!(out, "| {} |\n|{}|", names.join(" | "), rules.collect::<Vec<_>>().join("|"))?;
    for row in &grid.rows {
        let cells: Vec<String> = row.iter().map(|text| markdown::cell(text)).collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    writeln!(out)?;
    for line in &grid.foot {
        writeln!(out, "- {}", markdown::cell(line))?;
    }
    Ok(())
}

fn write_html(grid: &Grid, out: &mut dyn Write) -> io::Result<()> {
    use html::Safe;
    html::open_page(&grid.title, out)?;
    write!(
        out,
        "<header class=\"top\"><h1>{}</h1><p class=\"lead\">{}</p></header>",
        Safe(&grid.title),
        Safe(grid.lead)
    )?;
    write!(out, "<section><div class=\"card scroll\"><table><thead><tr>")?;
    let class = |column: &Column| if column.is_number == IsNumber::Yes { "" } else { " class=\"l\"" };
    for column in &grid.columns {
        write!(out, "<th{}>{}</th>", class(column), Safe(column.name))?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")?;
    for row in &grid.rows {
        write!(out, "<tr>")?;
        for (column, text) in grid.columns.iter().zip(row) {
            write!(out, "<td{}>{}</td>", class(column), Safe(text))?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div></section>\n<footer>")?;
    for line in &grid.foot {
        writeln!(out, "<p>{}</p>", Safe(line))?;
    }
    writeln!(out, "</footer>")?;
    html::close_page(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Ink;

    fn shown(format: Format) -> String {
        let grid = Grid {
            title: "t".to_owned(),
            lead: "lead",
            columns: vec![Column::text("name", 6), Column::number("n", 4)],
            rows: vec![vec!["=a|<b>".to_owned(), "-1.5".to_owned()]],
            foot: vec!["end".to_owned()],
        };
        let mut bytes = Vec::new();
        render_grid(&grid, format, Terminal { columns: 80, ink: Ink::Plain }, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn every_form_is_safe_for_its_reader() {
        assert!(shown(Format::Table).contains("=a|<b> -1.5"));
        assert!(shown(Format::Csv).contains("\"'=a|<b>\",-1.5\r\n"));
        assert!(shown(Format::Markdown).contains("| =a\\|\\<b\\> | -1.5 |"));
        assert!(shown(Format::Html).contains("<td class=\"l\">=a|&lt;b&gt;</td><td>-1.5</td>"));
    }
}
