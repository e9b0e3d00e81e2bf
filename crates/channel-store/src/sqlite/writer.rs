//! The one thread that writes: it takes every record that waits, stores them in one transaction, and answers them all
//! after its one sync.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use channel_core::bitcoin::hashes::Hash;
use channel_core::persist::{OutboxEntry, OutboxId, Record, SnapshotWrite};
use rusqlite::{Connection, params};

use super::checksum::{Checksum, encode};
use super::index::{Index, Row, Totals};
use super::{generation, read};
use crate::conflict::check;
use crate::error::Cause;
use crate::{Contents, OpenError, ReadError, WriteError};

/// Records that share a transaction, at most: bounds how long the first of them waits.
const GROUP: usize = 4_096;

type Answers = Vec<Result<(), WriteError>>;

enum Job {
    Write(Vec<Record>, Sender<Answers>),
    Load(Sender<Result<Contents, ReadError>>),
    Accept(Sender<Result<(), WriteError>>),
}

/// The callers' end of the thread. Dropping it closes the database.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    path: PathBuf,
}

impl Writer {
    pub(super) fn start(connection: Connection, index: Index, path: &Path) -> Result<Self, OpenError> {
        let (jobs, queue) = channel();
        let desk = Desk { connection, index, path: path.to_owned(), frozen: false };
        let thread = thread::Builder::new().name("channel-store".into()).spawn(move || desk.run(&queue));
        let thread = thread.map_err(|error| OpenError::io(path, error))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), path: path.to_owned() })
    }

    pub(super) fn write(&self, records: Vec<Record>) -> Answers {
        if records.is_empty() {
            return Vec::new();
        }
        let count = records.len();
        self.ask(|answer| Job::Write(records, answer))
            .unwrap_or_else(|| vec![Err(WriteError::Frozen(self.path.clone())); count])
    }

    pub(super) fn load(&self) -> Result<Contents, ReadError> {
        self.ask(Job::Load).unwrap_or_else(|| {
            let gone = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
            Err(ReadError::Failed { path: self.path.clone(), source: Cause::new(gone) })
        })
    }

    pub(super) fn accept(&self) -> Result<(), WriteError> {
        self.ask(Job::Accept).unwrap_or_else(|| Err(WriteError::Frozen(self.path.clone())))
    }

    /// `None` when the thread is gone.
    fn ask<T>(&self, job: impl FnOnce(Sender<T>) -> Job) -> Option<T> {
        let (answer, answers) = channel();
        self.jobs.as_ref()?.send(job(answer)).ok()?;
        answers.recv().ok()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has answered nobody, and its callers know.
            drop(thread.join());
        }
    }
}

/// What the thread owns.
struct Desk {
    connection: Connection,
    index: Index,
    path: PathBuf,
    frozen: bool,
}

impl Desk {
    fn run(mut self, queue: &Receiver<Job>) {
        let mut next = queue.recv().ok();
        while let Some(job) = next.take() {
            match job {
                Job::Write(records, answer) => {
                    let mut group = vec![(records, answer)];
                    let mut count = group[0].0.len();
                    while count < GROUP {
                        match queue.try_recv() {
                            Ok(Job::Write(records, answer)) => {
                                count += records.len();
                                group.push((records, answer));
                            }
                            Ok(other) => {
                                next = Some(other);
                                break;
                            }
                            Err(_) => break,
                        }
                    }
                    self.write(group);
                }
                // A caller that no longer listens needs no answer.
                Job::Load(answer) => drop(answer.send(read::contents(&self.connection, &self.path))),
                Job::Accept(answer) => drop(answer.send(self.accept())),
            }
            next = next.or_else(|| queue.recv().ok());
        }
        self.close();
    }

    fn write(&mut self, group: Vec<(Vec<Record>, Sender<Answers>)>) {
        let mut answers: Vec<Answers> = Vec::with_capacity(group.len());
        let stored = if self.frozen { Ok(()) } else { self.transaction(&group, &mut answers) };
        let refusal = match stored {
            Ok(()) if self.frozen => Some(WriteError::Frozen(self.path.clone())),
            Ok(()) => None,
            Err(error) => Some(self.freeze(Cause::new(error))),
        };
        if let Some(refusal) = refusal {
            answers = group.iter().map(|(records, _)| vec![Err(refusal.clone()); records.len()]).collect();
        }
        for ((_, caller), answers) in group.into_iter().zip(answers) {
            drop(caller.send(answers));
        }
    }

    fn transaction(
        &mut self,
        group: &[(Vec<Record>, Sender<Answers>)],
        answers: &mut Vec<Answers>,
    ) -> Result<(), rusqlite::Error> {
        let transaction = self.connection.unchecked_transaction()?;
        let mut wrote = false;
        for (records, _) in group {
            let mut judged = Answers::with_capacity(records.len());
            for record in records {
                let fits = check(&self.index, record);
                if fits.is_ok() {
                    store(&transaction, &mut self.index, record)?;
                    wrote = true;
                }
                judged.push(fits.map_err(WriteError::from));
            }
            answers.push(judged);
        }
        if wrote {
            self.index.totals.commits += 1;
            update_totals(&transaction, &self.index.totals)?;
        }
        transaction.commit()
    }

    fn accept(&mut self) -> Result<(), WriteError> {
        if self.frozen {
            return Err(WriteError::Frozen(self.path.clone()));
        }
        if self.index.totals.suspect == 0 {
            return Ok(());
        }
        // The file first: if the second step is lost, the store still says that it is suspect.
        let accepted = Totals { suspect: 0, commits: self.index.totals.commits + 1, ..self.index.totals };
        generation::accepted(&self.path, &accepted).map_err(|error| self.freeze(Cause::new(error)))?;
        update_totals(&self.connection, &accepted).map_err(|error| self.freeze(Cause::new(error)))?;
        self.index.totals = accepted;
        Ok(())
    }

    /// After a failed write nothing in memory is known to be on the disk.
    fn freeze(&mut self, source: Cause) -> WriteError {
        self.frozen = true;
        WriteError::Failed { path: self.path.clone(), source }
    }

    /// Closing moves the log into the database. If that fails the next opening reads the log, so nothing is lost.
    fn close(self) {
        let closed = self.connection.close().is_ok();
        if closed && !self.frozen {
            // Without the mark the next opening takes this for a crash, which also agrees.
            drop(generation::leave(&self.path, &self.index.totals));
        }
    }
}

fn store(connection: &Connection, index: &mut Index, record: &Record) -> Result<(), rusqlite::Error> {
    for write in record.snapshots() {
        store_snapshot(connection, index, write)?;
    }
    for entry in record.queued() {
        queue_entry(connection, index, entry)?;
    }
    for id in record.acknowledged() {
        remove_entry(connection, index, id)?;
    }
    if let Some(change) = record.tip() {
        index.totals.tip = Some(change.to);
    }
    Ok(())
}

fn store_snapshot(
    connection: &Connection,
    index: &mut Index,
    write: &SnapshotWrite,
) -> Result<(), rusqlite::Error> {
    let slot = encode(&write.slot);
    let version = write.version.to_u64().cast_signed();
    let old = index.snapshots.get(&write.slot).map(|(row, _)| *row);
    let number = match old {
        Some(row) => row.number,
        None => i64::try_from(index.snapshots.len()).unwrap_or(i64::MAX),
    };
    let checksum = Checksum::snapshot(number, &slot, version, &write.bytes);
    if let Some(old) = old {
        let sql = "UPDATE snapshots SET version = ?2, bytes = ?3, checksum = ?4 WHERE id = ?1";
        let values = params![number, version, write.bytes, checksum.to_bytes()];
        if connection.prepare_cached(sql)?.execute(values)? != 1 {
            return Err(rusqlite::Error::StatementChangedRows(0));
        }
        index.totals.rows.toggle(old.checksum);
    } else {
        let sql = "INSERT INTO snapshots (id, slot, version, bytes, checksum) VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![number, slot, version, write.bytes, checksum.to_bytes()];
        connection.prepare_cached(sql)?.execute(values)?;
    }
    index.totals.rows.toggle(checksum);
    index.snapshots.insert(write.slot.clone(), (Row { number, checksum }, write.version));
    Ok(())
}

fn queue_entry(
    connection: &Connection,
    index: &mut Index,
    entry: &OutboxEntry,
) -> Result<(), rusqlite::Error> {
    let slot = encode(&entry.id.slot);
    let number = index.next_entry;
    let (kind, bytes) = (entry.outgoing.kind(), entry.outgoing.bytes());
    let checksum = Checksum::entry(number, &slot, entry.id.number, kind, bytes);
    let sql = "INSERT INTO outbox (id, slot, number, kind, bytes, checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let values = params![number, slot, entry.id.number, kind, bytes, checksum.to_bytes()];
    connection.prepare_cached(sql)?.execute(values)?;
    index.next_entry += 1;
    index.totals.rows.toggle(checksum);
    index.outbox.insert(entry.id.clone(), Row { number, checksum });
    Ok(())
}

fn remove_entry(connection: &Connection, index: &mut Index, id: &OutboxId) -> Result<(), rusqlite::Error> {
    let Some(row) = index.outbox.remove(id) else { return Ok(()) };
    if connection.prepare_cached("DELETE FROM outbox WHERE id = ?1")?.execute([row.number])? != 1 {
        return Err(rusqlite::Error::StatementChangedRows(0));
    }
    index.totals.rows.toggle(row.checksum);
    Ok(())
}

/// The row of totals of a new store.
pub(super) fn insert_totals(connection: &Connection, totals: &Totals) -> Result<(), rusqlite::Error> {
    let sql = "INSERT INTO totals (id, generation, commits, suspect, rows, tip_height, tip_hash, checksum)
               VALUES (0, ?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    put_totals(connection, sql, totals)
}

/// The row of totals after a change.
pub(super) fn update_totals(connection: &Connection, totals: &Totals) -> Result<(), rusqlite::Error> {
    let sql = "UPDATE totals SET generation = ?1, commits = ?2, suspect = ?3, rows = ?4, tip_height = ?5,
               tip_hash = ?6, checksum = ?7 WHERE id = 0";
    put_totals(connection, sql, totals)
}

fn put_totals(connection: &Connection, sql: &str, totals: &Totals) -> Result<(), rusqlite::Error> {
    let values = params![
        totals.generation,
        totals.commits,
        totals.suspect,
        totals.rows.to_bytes(),
        totals.tip.map(|tip| tip.height),
        totals.tip.map(|tip| *tip.hash.as_byte_array()),
        totals.checksum().to_bytes(),
    ];
    match connection.prepare_cached(sql)?.execute(values)? {
        1 => Ok(()),
        changed => Err(rusqlite::Error::StatementChangedRows(changed)),
    }
}
