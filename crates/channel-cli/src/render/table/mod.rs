//! The form for a terminal: readable at 80 columns, no line wider, copyable commands.

mod action;
mod channels;
mod dust;
mod frame;
mod health;
mod screen;

pub(super) use screen::{Line, Screen, Tone};

use std::io::{self, Write};

use taproot_channels::advisor::plan::Plan;

use super::Subject;
use crate::output::Terminal;

/// Writes `subject` of `plan` for a terminal.
pub(super) fn write(
    plan: &Plan,
    subject: Subject,
    terminal: Terminal,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut screen = Screen::new(terminal, out);
    frame::head(plan, subject, &mut screen)?;
    match subject {
        Subject::Plan => {
            frame::fleet(plan, &mut screen)?;
            channels::bars(plan, &mut screen)?;
            action::plan(plan, &mut screen)?;
            channels::without_action(plan, &mut screen)?;
            action::if_supported(plan, &mut screen)?;
        }
        Subject::Health => health::table(plan, &mut screen)?,
        Subject::Dust => dust::table(plan, &mut screen)?,
    }
    frame::assumptions(plan, &mut screen)?;
    if subject == Subject::Plan {
        frame::foot(plan, &mut screen)?;
    }
    Ok(())
}
