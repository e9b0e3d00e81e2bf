//! The generation file: which run used the store last, told apart from the database so that one of them being restored
//! from a copy shows.
//!
//! Opening counts the generation up: first the file says "entering n", then the database says n, then the file says
//! "open n". Closing writes "closed n" with the number of transactions. A crash between any two steps leaves a pair that
//! still agrees; an older database leaves one that does not.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::checksum::Checksum;
use super::index::{Index, Totals};
use super::{beside, read, sync_folder, writer};
use crate::{Generation, OpenError};

/// What a run was doing when it last wrote the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Entering,
    Open,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    phase: Phase,
    generation: i64,
    commits: i64,
}

impl Mark {
    /// Whether a run that left this mark can have left `totals`.
    const fn agrees(self, totals: &Totals) -> bool {
        let (generation, commits) = (totals.generation, totals.commits);
        match self.phase {
            Phase::Entering => {
                (generation == self.generation - 1 && commits == self.commits)
                    || (generation == self.generation && commits == self.commits + 1)
            }
            Phase::Open => generation == self.generation && commits >= self.commits,
            Phase::Closed => generation == self.generation && commits == self.commits,
        }
    }

    fn line(self) -> String {
        let phase = match self.phase {
            Phase::Entering => "entering",
            Phase::Open => "open",
            Phase::Closed => "closed",
        };
        format!("channel-store 1 {phase} {} {}", self.generation, self.commits)
    }

    fn parse(text: &str) -> Option<Self> {
        let (line, sum) = text.trim_end().rsplit_once(' ')?;
        let mut words = line.strip_prefix("channel-store 1 ")?.split(' ');
        let phase = match words.next()? {
            "entering" => Phase::Entering,
            "open" => Phase::Open,
            "closed" => Phase::Closed,
            _ => return None,
        };
        let (generation, commits) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        (sum == Checksum::text(line).to_hex()).then_some(Self { phase, generation, commits })
    }
}

/// The file beside the store at `path`.
pub(super) fn file(path: &Path) -> PathBuf {
    beside(path, "-generation")
}

/// The file of a new store.
pub(super) fn create(path: &Path) -> Result<(), OpenError> {
    write(path, Mark { phase: Phase::Closed, generation: 0, commits: 0 })
}

/// Compares store and file, and starts a generation if they agree. If not, neither side is counted up and the store
/// remembers the disagreement until it is accepted.
pub(super) fn enter(
    connection: &Connection,
    path: &Path,
    mut index: Index,
) -> Result<(Index, Generation), OpenError> {
    let mark = fs::read_to_string(file(path)).ok().and_then(|text| Mark::parse(&text));
    let agrees = mark.is_some_and(|mark| mark.agrees(&index.totals)) && index.totals.suspect == 0;
    if !agrees {
        index.totals.suspect = 1;
        index.totals.commits += 1;
        writer::update_totals(connection, &index.totals).map_err(|error| read::open_error(path, error))?;
        return Ok((index, Generation::Disagrees));
    }
    let Totals { generation, commits, .. } = index.totals;
    write(path, Mark { phase: Phase::Entering, generation: generation + 1, commits })?;
    index.totals.generation += 1;
    index.totals.commits += 1;
    writer::update_totals(connection, &index.totals).map_err(|error| read::open_error(path, error))?;
    write(path, Mark { phase: Phase::Open, generation: generation + 1, commits: commits + 1 })?;
    Ok((index, Generation::Agrees))
}

/// Says that the store is open in the generation of `totals`.
pub(super) fn accepted(path: &Path, totals: &Totals) -> Result<(), OpenError> {
    write(path, Mark { phase: Phase::Open, generation: totals.generation, commits: totals.commits })
}

/// Says that the store was closed with all its transactions, unless a disagreement is still open.
pub(super) fn leave(path: &Path, totals: &Totals) -> Result<(), OpenError> {
    if totals.suspect != 0 {
        return Ok(());
    }
    write(path, Mark { phase: Phase::Closed, generation: totals.generation, commits: totals.commits })
}

/// Replaces the file as a whole, durably.
fn write(path: &Path, mark: Mark) -> Result<(), OpenError> {
    let (name, draft) = (file(path), beside(path, "-generation-new"));
    let line = mark.line();
    let replace = || {
        let mut file = File::create(&draft)?;
        writeln!(file, "{line} {}", Checksum::text(&line).to_hex())?;
        file.sync_all()?;
        fs::rename(&draft, &name)
    };
    replace().map_err(|error| OpenError::io(&name, error))?;
    sync_folder(path)
}
