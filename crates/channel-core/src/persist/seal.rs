//! The seal and the token that opens it.

use core::fmt;

use super::{Record, RecordDigest};

/// Proof that one record is durable. Neither cloneable nor constructible: it comes from [`super::commit`] or
/// [`super::commit_all`] and is used up by [`Sealed::open`].
#[must_use = "the token is what opens the actions of the record"]
#[derive(Debug, PartialEq, Eq)]
pub struct Durable {
    record: RecordDigest,
}

impl Durable {
    pub(super) const fn of(record: RecordDigest) -> Self {
        Self { record }
    }

    /// The record that is durable.
    pub const fn record(&self) -> RecordDigest {
        self.record
    }
}

/// Something that may be seen or done only after its record is durable. `Debug` does not show what is inside.
#[must_use = "what is sealed still has to be done once its record is durable"]
pub struct Sealed<T> {
    record: RecordDigest,
    content: T,
}

impl<T> Sealed<T> {
    /// Seals `content` until `record` is durable.
    pub fn new(record: &Record, content: T) -> Self {
        Self { record: record.digest(), content }
    }

    /// The record that has to be durable first.
    pub const fn record(&self) -> RecordDigest {
        self.record
    }

    /// Opens the seal with the token of its record.
    ///
    /// # Errors
    /// [`WrongRecord`] when the token proves another record; it holds both, and nothing was opened.
    pub fn open(self, token: Durable) -> Result<T, WrongRecord<T>> {
        if token.record == self.record { Ok(self.content) } else { Err(WrongRecord { sealed: self, token }) }
    }
}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed").field("record", &self.record).finish_non_exhaustive()
    }
}

/// A token was held against the seal of another record.
#[derive(Debug, thiserror::Error)]
#[error("sealed until record {} is durable, but the token is for {}", .sealed.record, .token.record)]
pub struct WrongRecord<T> {
    /// Still sealed.
    pub sealed: Sealed<T>,
    /// Still usable for the record it proves.
    pub token: Durable,
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;
    use crate::persist::{OutboxId, Outgoing, Slot};

    fn records() -> [Record; 2] {
        [1, 2].map(|number| {
            let id = OutboxId { slot: Slot::Channel(crate::ChannelId::from_bytes([7; 32])), number };
            Record::build().queue(id, Outgoing::Message(b"same".to_vec())).unwrap().finish()
        })
    }

    #[test]
    fn only_the_records_own_token_opens_it() {
        let [first, second] = records();
        let wrong = Sealed::new(&first, 5).open(Durable::of(second.digest())).unwrap_err();
        assert_eq!(wrong.token.record(), second.digest());
        assert_eq!(wrong.sealed.open(Durable::of(first.digest())).unwrap(), 5);
    }

    #[test]
    fn what_is_sealed_is_not_printed() {
        let [record, other] = records();
        let sealed = Sealed::new(&record, "per-commitment secret");
        assert!(!format!("{sealed:?}").contains("secret"));
        let wrong = sealed.open(Durable::of(other.digest())).unwrap_err();
        assert!(!format!("{wrong:?} {wrong}").contains("secret"));
    }
}
