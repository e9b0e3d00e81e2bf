//! Importers: documents that a node's own commands print, read into one [`Snapshot`].
//!
//! Each document is recognised by its content; amounts may be numbers or strings; unknown fields are ignored, missing
//! ones become `None` and, where they matter, an [assumption](crate::snapshot::Assumption). What contradicts itself is
//! refused with its place. Nothing here opens a file.
//!
//! ```
//! use channel_advisor::import::{DocumentKind, Import};
//!
//! let listing = br#"{"channels": [{"chan_id": "1", "capacity": "50000", "local_balance": "46530",
//!     "remote_balance": "0", "commit_fee": "3140", "fee_per_kw": "2500", "initiator": true,
//!     "commitment_type": "ANCHORS", "pending_htlcs": []}]}"#;
//! let mut import = Import::new();
//! assert_eq!(import.add("listchannels.json", listing, None)?, DocumentKind::LndListChannels);
//! let snapshot = import.finish()?;
//! // LND prints our balance after commitment fee and anchors; the snapshot holds what we own.
//! assert_eq!(snapshot.channels[0].local.to_msat(), 50_000_000);
//! # Ok::<(), channel_advisor::import::ImportError>(())
//! ```

mod cln;
mod detect;
mod draft;
mod eclair;
mod error;
mod features;
mod finish;
mod kind;
mod ldk;
mod lnd;
mod names;
mod notes;
mod pages;
mod read;
mod rows;
mod scalar;
mod table;

use std::borrow::Cow;

pub use error::{
    ChannelProblem, DocumentProblem, ErrorClass, ImportError, Location, SetProblem, ValueProblem,
};
pub use kind::{DocumentKind, Role};
pub use read::{DOCUMENT_LIMIT, read_document};

use crate::snapshot::{Implementation, Snapshot};
use detect::{Detected, detect};
use draft::Draft;
use rows::{Layout, Source, unreadable};

/// Collects documents, then joins them into a [`Snapshot`]. The order of the documents does not matter.
#[derive(Debug, Default)]
pub struct Import {
    assumed: Option<Implementation>,
    /// The first document that settled the implementation, and which.
    settled: Option<(Box<str>, Implementation)>,
    seen: Vec<(DocumentKind, Box<str>)>,
    draft: Draft,
}

impl Import {
    /// An import without documents.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes documents of this implementation only. Needed where the content does not tell, such as an empty list.
    #[must_use]
    pub fn assume(mut self, implementation: Implementation) -> Self {
        self.assumed = Some(implementation);
        self
    }

    /// Reads one document. `bytes` may be gzip; `name` stands in errors; `role` forces what the document is for. After
    /// an error the import may hold a part of the document and should be dropped.
    ///
    /// # Errors
    /// [`ImportError`] when the document is no listing, has impossible values, contradicts itself, or does not fit the
    /// documents added before.
    pub fn add(&mut self, name: &str, bytes: &[u8], role: Option<Role>) -> Result<DocumentKind, ImportError> {
        let unpacked = read::unpack(name, bytes)?;
        let text = text_of(name, unpacked.as_deref().unwrap_or(bytes))?;
        let (kind, layout) = self.kind_of(name, &text, role)?;
        self.admit(name, kind, role)?;
        self.draft.read(kind, &Source { name, text: &text, layout })?;
        self.seen.push((kind, name.into()));
        Ok(kind)
    }

    /// The documents added so far, with what each was taken for.
    pub fn documents(&self) -> impl Iterator<Item = (&str, DocumentKind)> {
        self.seen.iter().map(|(kind, name)| (name.as_ref(), *kind))
    }

    /// Joins the documents.
    ///
    /// # Errors
    /// [`SetProblem::NoChannels`] when none of them lists channels.
    pub fn finish(self) -> Result<Snapshot, ImportError> {
        if let Some((kind, _)) = self.seen.iter().find(|(kind, _)| kind.lists_channels()) {
            return Ok(self.draft.finish(kind.implementation()));
        }
        let implementation = self.assumed.or(self.settled.map(|(_, implementation)| implementation));
        Err(SetProblem::NoChannels { implementation }.into())
    }

    fn kind_of(
        &self,
        name: &str,
        text: &str,
        role: Option<Role>,
    ) -> Result<(DocumentKind, Layout), ImportError> {
        let problem = |problem| ImportError::Document { document: name.into(), problem };
        match detect(text).map_err(|source| unreadable(name, source))? {
            Detected::Kind(kind, layout) => match role {
                Some(role) if !role.takes(kind) => {
                    Err(problem(DocumentProblem::WrongRole { role, found: kind }))
                }
                _ => Ok((kind, layout)),
            },
            Detected::EmptyList(layout) => {
                let known = self.assumed.or(self.settled.as_ref().map(|(_, implementation)| *implementation));
                let implementation = match (known, layout) {
                    (Some(known), _) => known,
                    // What `lncli listchannels` prints on a node without channels; nothing hangs on it.
                    (None, Layout::Wrapped) => Implementation::Lnd,
                    (None, _) => return Err(problem(DocumentProblem::Unrecognised)),
                };
                let kind = role.unwrap_or(Role::Channels).kind_of(implementation);
                kind.map(|kind| (kind, layout)).ok_or_else(|| problem(DocumentProblem::Unrecognised))
            }
            Detected::Unknown if self.assumed == Some(Implementation::Table) => {
                Ok((DocumentKind::Table, Layout::Keyed))
            }
            Detected::Unknown => Err(problem(DocumentProblem::Unrecognised)),
        }
    }

    /// Checks that the document fits those before.
    fn admit(&mut self, name: &str, kind: DocumentKind, role: Option<Role>) -> Result<(), ImportError> {
        let same = |seen: DocumentKind| {
            seen == kind
                || (kind.lists_channels() && seen.lists_channels())
                || (kind.is_graph() && seen.is_graph())
        };
        let implementation = kind.implementation();
        let (first, expected) = match (&self.settled, self.assumed) {
            (_, Some(assumed)) => (None, assumed),
            (Some((first, settled)), None) => (Some(first.clone()), *settled),
            (None, None) => (None, implementation),
        };
        // A graph is public: whoever exported it, it is the same graph.
        let foreign_graph = role == Some(Role::Graph);
        if expected != implementation && !foreign_graph {
            return Err(SetProblem::Mixed {
                first,
                first_is: expected,
                second: name.into(),
                second_is: implementation,
            }
            .into());
        }
        if let Some((_, first)) = self.seen.iter().find(|(seen, _)| same(*seen))
            && !kind.pages()
        {
            return Err(SetProblem::Twice { kind, first: first.clone(), second: name.into() }.into());
        }
        if self.settled.is_none() && !foreign_graph {
            self.settled = Some((name.into(), implementation));
        }
        Ok(())
    }
}

/// The document's text: UTF-8 without byte order mark, comment lines blanked out where it starts with one.
fn text_of<'b>(name: &str, bytes: &'b [u8]) -> Result<Cow<'b, str>, ImportError> {
    let problem = |problem| ImportError::Document { document: name.into(), problem };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let Some(first) = bytes.iter().copied().find(|byte| !byte.is_ascii_whitespace()) else {
        return Err(problem(DocumentProblem::Empty));
    };
    read::check_first(first).map_err(problem)?;
    let text = std::str::from_utf8(bytes)
        .map_err(|error| problem(DocumentProblem::NotUtf8 { offset: error.valid_up_to() }))?;
    if first != b'#' {
        return Ok(Cow::Borrowed(text));
    }
    let blank = |line: &str| {
        let comment = line.trim_start().starts_with('#');
        if comment { line.replace(|c| c != '\n', " ") } else { line.to_owned() }
    };
    let text: String = text.split_inclusive('\n').map(blank).collect();
    if text.trim().is_empty() { Err(problem(DocumentProblem::Empty)) } else { Ok(Cow::Owned(text)) }
}
