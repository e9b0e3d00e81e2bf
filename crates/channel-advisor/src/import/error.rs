//! Why a document could not be imported: where, which value, and what to do about it.

use std::fmt;
use std::io;

use thiserror::Error;

use super::{DocumentKind, Role};
use crate::snapshot::{ChannelKey, Implementation};

/// Reading or importing documents failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The bytes could not be fetched; the document itself may be fine.
    #[error("{document}: cannot be read: {source}")]
    Io {
        /// The document's name.
        document: Box<str>,
        /// What the system said.
        source: io::Error,
    },
    /// The document as a whole cannot be understood.
    #[error("{document}: {problem}")]
    Document {
        /// The document's name.
        document: Box<str>,
        /// What is wrong with it.
        problem: DocumentProblem,
    },
    /// One value is impossible.
    #[error("{document}: {path}: {problem}{}", shown(found))]
    Value {
        /// The document's name.
        document: Box<str>,
        /// Where the value stands, such as `channels[3].local_balance`.
        path: Box<str>,
        /// The value as it stands there, shortened; empty when it is missing.
        found: Box<str>,
        /// What is wrong with it.
        problem: ValueProblem,
    },
    /// One channel contradicts itself or another one.
    #[error("{document}: {path}: channel {channel}: {problem}")]
    Channel {
        /// The document's name.
        document: Box<str>,
        /// Where the channel stands, such as `channels[3]`.
        path: Box<str>,
        /// The channel.
        channel: ChannelKey,
        /// What is wrong with it.
        problem: ChannelProblem,
    },
    /// The documents do not fit together.
    #[error(transparent)]
    Set(#[from] SetProblem),
}

/// What is wrong with a document as a whole.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DocumentProblem {
    /// Nothing but blanks.
    #[error("the file is empty")]
    Empty,
    /// The first byte that is not blank starts neither a JSON object nor a list.
    #[error("not JSON: the first byte is {}", byte(*first))]
    NotJson {
        /// That byte.
        first: u8,
    },
    /// A byte sequence that is not UTF-8.
    #[error("not UTF-8 text (byte {offset})")]
    NotUtf8 {
        /// Where it starts, counted from 0 after unpacking.
        offset: usize,
    },
    /// The gzip stream is damaged or cut off.
    #[error("the gzip stream is damaged or cut off")]
    Gzip,
    /// More than a listing can have.
    #[error("longer than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes after unpacking.
        limit: u64,
    },
    /// The JSON ends in the middle.
    #[error("the JSON ends too early (line {line}, column {column})")]
    Truncated {
        /// Line, counted from 1.
        line: usize,
        /// Column in bytes, counted from 1.
        column: usize,
    },
    /// The JSON is malformed, nested too deeply, or of another shape than its kind has.
    #[error("{source}")]
    Syntax {
        /// What the parser said, with line and column.
        source: serde_json::Error,
    },
    /// Well-formed JSON, but no listing this version knows.
    #[error("not a listing of LND, Core Lightning, Eclair or LDK, nor a table of channels")]
    Unrecognised,
    /// A flag forced a role that the content does not fit.
    #[error("given as {role}, but it is {found}")]
    WrongRole {
        /// The forced role.
        role: Role,
        /// What the content is.
        found: DocumentKind,
    },
}

/// What is wrong with one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ValueProblem {
    /// Below zero.
    #[error("negative number")]
    Negative,
    /// Not a whole number of its unit.
    #[error("fractional number where a whole one is expected")]
    Fractional,
    /// More than the field can hold.
    #[error("number too large")]
    TooLarge,
    /// No number at all.
    #[error("not a number")]
    NotANumber,
    /// Not there, though nothing can be done without it.
    #[error("missing")]
    Missing,
}

/// What is wrong with one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChannelProblem {
    /// Its id stands in the listing twice.
    #[error("listed twice")]
    Duplicate,
    /// Its balances exceed its capacity.
    #[error(
        "local {local_msat} msat + remote {remote_msat} msat exceed the capacity of {capacity_msat} msat"
    )]
    Overfull {
        /// Our balance as printed, in msat.
        local_msat: u64,
        /// The peer's balance as printed, in msat.
        remote_msat: u64,
        /// The capacity, in msat.
        capacity_msat: u64,
    },
}

/// Why documents do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SetProblem {
    /// Two implementations in one import.
    #[error("{second} comes from {second_is}, but {}", settled(first.as_deref(), *first_is))]
    Mixed {
        /// The document that settled the implementation; `None` when the caller did.
        first: Option<Box<str>>,
        /// Its implementation.
        first_is: Implementation,
        /// The document that differs.
        second: Box<str>,
        /// Its implementation.
        second_is: Implementation,
    },
    /// Two documents of a kind of which one import takes one.
    #[error("{first} and {second} are both {kind}")]
    Twice {
        /// The kind.
        kind: DocumentKind,
        /// The first document.
        first: Box<str>,
        /// The second document.
        second: Box<str>,
    },
    /// No document lists channels.
    #[error("none of the files lists channels")]
    NoChannels {
        /// The implementation of what was given, if anything was.
        implementation: Option<Implementation>,
    },
}

/// What kind of failure an [`ImportError`] is, for exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The data are at fault.
    Data,
    /// The system is at fault: reading failed.
    Io,
}

/// Where in a document an error stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Location<'e> {
    /// Somewhere, or everywhere.
    Document,
    /// At a line and column, both counted from 1.
    Position {
        /// Line.
        line: usize,
        /// Column, in bytes.
        column: usize,
    },
    /// At a path, such as `channels[3].local_balance`.
    Path(&'e str),
}

impl ImportError {
    /// The name of the document at fault, if a single one is.
    pub fn document(&self) -> Option<&str> {
        match self {
            Self::Io { document, .. }
            | Self::Document { document, .. }
            | Self::Value { document, .. }
            | Self::Channel { document, .. } => Some(document),
            Self::Set(SetProblem::Mixed { second, .. } | SetProblem::Twice { second, .. }) => Some(second),
            Self::Set(SetProblem::NoChannels { .. }) => None,
        }
    }

    /// Where in the document the error stands.
    pub fn location(&self) -> Location<'_> {
        match self {
            Self::Value { path, .. } | Self::Channel { path, .. } => Location::Path(path),
            Self::Document { problem: DocumentProblem::Truncated { line, column }, .. } => {
                Location::Position { line: *line, column: *column }
            }
            Self::Document { problem: DocumentProblem::Syntax { source }, .. } => {
                Location::Position { line: source.line(), column: source.column() }
            }
            Self::Io { .. } | Self::Document { .. } | Self::Set(_) => Location::Document,
        }
    }

    /// Whether the data or the system is at fault.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Io { .. } => ErrorClass::Io,
            Self::Document { .. } | Self::Value { .. } | Self::Channel { .. } | Self::Set(_) => {
                ErrorClass::Data
            }
        }
    }

    /// One sentence on what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Io { .. } => "check that the file can be read, or pipe it in".to_owned(),
            Self::Document { problem, .. } => problem.hint().to_owned(),
            Self::Value { problem, .. } => problem.hint().to_owned(),
            Self::Channel { problem: ChannelProblem::Duplicate, .. } => {
                "give each channel once; a listing is one answer of one command".to_owned()
            }
            Self::Channel { problem: ChannelProblem::Overfull { .. }, .. } => {
                "the balances of a channel cannot exceed its capacity; check the units".to_owned()
            }
            Self::Set(problem) => problem.hint(),
        }
    }
}

impl DocumentProblem {
    fn hint(&self) -> &'static str {
        match self {
            Self::Empty => "the command that made it probably failed; run it again and look at its output",
            Self::NotJson { .. } => "give the JSON that the node's own command prints, plain or as .gz",
            Self::NotUtf8 { .. } => "give the file as the node printed it; JSON is always UTF-8",
            Self::Gzip | Self::Truncated { .. } => "the file is cut off; make it again",
            Self::TooLarge { .. } => "no listing is that long; give the output of the node's own command",
            Self::Syntax { .. } => "give the output of the command unchanged",
            Self::Unrecognised => "give the output of one of the commands that `channel inputs` prints",
            Self::WrongRole { .. } => "leave the flag away: files are recognised by their content",
        }
    }
}

impl ValueProblem {
    fn hint(self) -> &'static str {
        match self {
            Self::Negative => "amounts here are never negative; check how the file was made",
            Self::Fractional => "write amounts as whole numbers of the field's unit",
            Self::TooLarge => "check the unit: satoshi and millisatoshi differ by a factor of 1000",
            Self::NotANumber => "write amounts as numbers, or as strings of digits",
            Self::Missing => "give the output of the command unchanged; this field cannot be guessed",
        }
    }
}

impl SetProblem {
    fn hint(&self) -> String {
        match self {
            Self::Mixed { .. } => "give the files of one node at a time".to_owned(),
            Self::Twice { kind, .. } => format!("give {kind} once"),
            Self::NoChannels { implementation } => {
                let command = match implementation {
                    Some(Implementation::Lnd) => "lncli listchannels",
                    Some(Implementation::Cln) => "lightning-cli listpeerchannels",
                    Some(Implementation::Eclair) => "eclair-cli channels",
                    Some(Implementation::Ldk) => "ldk-server-cli list-channels",
                    Some(Implementation::Table) | None => {
                        "lncli listchannels, lightning-cli listpeerchannels or eclair-cli channels"
                    }
                };
                format!("add the output of {command}")
            }
        }
    }
}

impl fmt::Display for Location<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document => f.write_str("the whole file"),
            Self::Position { line, column } => write!(f, "line {line}, column {column}"),
            Self::Path(path) => f.write_str(path),
        }
    }
}

fn shown(found: &str) -> String {
    if found.is_empty() { String::new() } else { format!(": {found}") }
}

fn settled(first: Option<&str>, implementation: Implementation) -> String {
    match first {
        Some(name) => format!("{name} from {implementation}"),
        None => format!("{implementation} was asked for"),
    }
}

fn byte(first: u8) -> String {
    if first.is_ascii_graphic() { format!("`{}`", char::from(first)) } else { format!("0x{first:02x}") }
}
