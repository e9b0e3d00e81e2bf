//! Persist before effect: what has to be durable, and the seal on everything that may happen only afterwards.
//!
//! A step of a channel ends in a [`Record`], what to store, and a [`Sealed`] value, what to do: messages, broadcasts,
//! secrets. The seal opens only with the [`Durable`] token of that record, and the token comes from [`commit`] or
//! [`commit_all`] alone, which hand the record to a storage port ([`Persist`]) and believe its answer. When storing fails,
//! nothing opens.
//!
//! ```
//! use channel_core::persist::{Persist, Record, Sealed, Slot, SnapshotVersion, commit};
//! # use channel_core::ChannelId;
//! # struct Port;
//! # impl Persist for Port {
//! #     type Error = core::convert::Infallible;
//! #     fn write(&self, records: Vec<Record>) -> Vec<Result<(), Self::Error>> {
//! #         records.iter().map(|_| Ok(())).collect()
//! #     }
//! # }
//! # let port = Port;
//! let slot = Slot::Channel(ChannelId::from_bytes([1; 32]));
//! let record = Record::build().snapshot(slot, SnapshotVersion::ABSENT, b"state 1".to_vec())?.finish();
//! let sealed = Sealed::new(&record, "revoke_and_ack");
//! let token = commit(&port, record)?;
//! assert_eq!(sealed.open(token)?, "revoke_and_ack");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A seal gives nothing away without its token, and neither can be made up:
//!
//! ```compile_fail,E0616
//! # use channel_core::persist::{Record, Sealed};
//! let sealed = Sealed::new(&Record::build().finish(), "secret");
//! let early = sealed.content; // private
//! ```
//! ```compile_fail,E0451
//! # use channel_core::persist::{Durable, Record};
//! let record = Record::build().finish();
//! let token = Durable { record: record.digest() }; // private field
//! ```
//! ```compile_fail,E0599
//! # use channel_core::persist::Durable;
//! fn twice(token: Durable) -> (Durable, Durable) {
//!     (token.clone(), token) // not `Clone`
//! }
//! ```
//! ```compile_fail,E0382
//! # use channel_core::persist::{Durable, Sealed};
//! fn twice(token: Durable, first: Sealed<u8>, second: Sealed<u8>) {
//!     let _ = first.open(token);
//!     let _ = second.open(token); // used up
//! }
//! ```
//!
//! What the types cannot rule out is a port that answers `Ok` for what it did not store; that is what the conformance
//! suite of the storage crate is for.

mod port;
mod record;
mod seal;

pub use port::{CommitError, Persist, commit, commit_all};
pub use record::{
    Changed, OutboxEntry, OutboxId, Outgoing, Record, RecordBuilder, RecordDigest, RecordError, Slot,
    SlotName, SnapshotVersion, SnapshotWrite, Tip, TipChange,
};
pub use seal::{Durable, Sealed, WrongRecord};
