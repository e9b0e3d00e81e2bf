//! The storage port as the state machines see it, and the only two functions that hand out tokens.

use alloc::vec;
use alloc::vec::Vec;

use super::{Durable, Record};

/// A place that makes records durable. Blocking; called from several threads.
pub trait Persist {
    /// Why a record was not stored.
    type Error;

    /// Stores each record completely or not at all, and returns one answer for each, in order.
    ///
    /// `Ok` means that the record outlives a power cut. The records are independent of each other: that one is refused
    /// does not touch the next. They are passed together so that one sync can serve them all.
    fn write(&self, records: Vec<Record>) -> Vec<Result<(), Self::Error>>;
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommitError<E> {
    /// The port says why it did not store the record.
    #[error("the record was not stored")]
    Refused(#[source] E),
    /// The port returned fewer answers than it was given records. This is a defect of the port; the record counts as lost.
    #[error("the storage port gave no answer for the record")]
    Unanswered,
}

/// Stores one record and returns its token.
///
/// # Errors
/// [`CommitError`]: nothing that the record seals may happen.
pub fn commit<P: Persist + ?Sized>(port: &P, record: Record) -> Result<Durable, CommitError<P::Error>> {
    let digest = record.digest();
    match port.write(vec![record]).pop() {
        Some(Ok(())) => Ok(Durable::of(digest)),
        Some(Err(error)) => Err(CommitError::Refused(error)),
        None => Err(CommitError::Unanswered),
    }
}

/// Stores independent records with, if the port can, a single sync. One answer for each record, in order.
pub fn commit_all<P: Persist + ?Sized>(
    port: &P,
    records: Vec<Record>,
) -> Vec<Result<Durable, CommitError<P::Error>>> {
    let digests: Vec<_> = records.iter().map(Record::digest).collect();
    let mut answers = port.write(records).into_iter();
    digests
        .into_iter()
        .map(|digest| match answers.next() {
            Some(Ok(())) => Ok(Durable::of(digest)),
            Some(Err(error)) => Err(CommitError::Refused(error)),
            None => Err(CommitError::Unanswered),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Sealed, Slot, SnapshotVersion};
    use super::*;
    use crate::ChannelId;

    /// Answers with the first `answers` of: stored, refused, stored.
    struct Scripted {
        answers: usize,
    }

    impl Persist for Scripted {
        type Error = &'static str;

        fn write(&self, _records: Vec<Record>) -> Vec<Result<(), Self::Error>> {
            [Ok(()), Err("disk full"), Ok(())].into_iter().take(self.answers).collect()
        }
    }

    fn record(tag: u8) -> Record {
        let slot = Slot::Channel(ChannelId::from_bytes([tag; 32]));
        Record::build().snapshot(slot, SnapshotVersion::ABSENT, vec![tag]).unwrap().finish()
    }

    #[test]
    fn each_answer_belongs_to_its_record() {
        let records = vec![record(1), record(2), record(3)];
        let seals: Vec<_> = records.iter().map(|record| Sealed::new(record, ())).collect();
        let answers = commit_all(&Scripted { answers: 3 }, records);
        let opened: Vec<bool> = seals
            .into_iter()
            .zip(answers)
            .map(|(seal, answer)| answer.is_ok_and(|token| seal.open(token).is_ok()))
            .collect();
        assert_eq!(opened, [true, false, true]);
    }

    #[test]
    fn a_missing_answer_is_not_a_yes() {
        let answers = commit_all(&Scripted { answers: 1 }, vec![record(1), record(2)]);
        assert!(answers[0].is_ok());
        assert_eq!(answers[1].as_ref().unwrap_err(), &CommitError::Unanswered);
        assert_eq!(commit(&Scripted { answers: 0 }, record(1)).unwrap_err(), CommitError::Unanswered);
    }
}
