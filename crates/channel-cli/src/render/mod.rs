//! A plan in each form of output. Renderers read the [`Plan`] and nothing else, so all forms say the same.

mod csv;
pub(crate) mod descriptor;
mod grid;
mod html;
mod json;
mod markdown;
pub(crate) mod simulation;
mod table;
mod view;
mod word;

pub(crate) use grid::{Column, Grid, render_grid};
pub(crate) use json::{DustDocument, HealthDocument, pretty as render_json};

use std::io::{self, Write};

use taproot_channels::advisor::plan::Plan;

use crate::args::Format;
use crate::output::Terminal;

/// What of a plan is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// What to do.
    Plan,
    /// How each channel fares.
    Health,
    /// What is dust and what it would cost.
    Dust,
}

impl Subject {
    /// The name of the command that shows it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Health => "health",
            Self::Dust => "dust",
        }
    }
}

/// Writes `subject` of `plan` in the form asked for.
pub(crate) fn render(
    plan: &Plan,
    subject: Subject,
    format: Format,
    terminal: Terminal,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Table => table::write(plan, subject, terminal, out),
        Format::Json => json::write(plan, subject, out),
        Format::Csv => csv::write(plan, subject, out),
        Format::Markdown => markdown::write(plan, subject, out),
        Format::Html => html::write(plan, subject, out),
    }
}
