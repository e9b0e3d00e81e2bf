//! One input: a path or standard input, and the role a flag forced on it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use taproot_channels::advisor::import::{self, Role};

use super::failure;
use crate::command_error::CommandError;

/// How standard input is named in errors.
const STDIN_NAME: &str = "standard input";

/// One input.
#[derive(Debug)]
pub(crate) struct Source {
    path: Option<PathBuf>,
    name: String,
    role: Option<Role>,
}

impl Source {
    /// The file at `path`; `-` is standard input.
    pub(crate) fn new(path: &Path, role: Option<Role>) -> Self {
        if path.as_os_str() == "-" {
            return Self { role, ..Self::stdin() };
        }
        Self { path: Some(path.to_owned()), name: path.display().to_string(), role }
    }

    /// Standard input.
    pub(crate) fn stdin() -> Self {
        Self { path: None, name: STDIN_NAME.to_owned(), role: None }
    }

    /// How it is named in errors.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The role a flag forced on it.
    pub(crate) const fn role(&self) -> Option<Role> {
        self.role
    }

    /// Whether it is standard input.
    pub(crate) const fn is_stdin(&self) -> bool {
        self.path.is_none()
    }

    /// Opens it, reads it to its end, closes it.
    pub(crate) fn read(&self) -> Result<Vec<u8>, CommandError> {
        let document = match &self.path {
            Some(path) => {
                let file = File::open(path).map_err(|error| CommandError::input(&self.name, &error))?;
                import::read_document(&self.name, file)
            }
            None => import::read_document(&self.name, io::stdin().lock()),
        };
        document.map_err(|error| failure(&error))
    }
}
