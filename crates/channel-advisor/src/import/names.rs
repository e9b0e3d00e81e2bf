//! Channel names of a listing, each kept once however many rows repeat it.

use std::collections::HashMap;

use super::scalar::Scalar;
use crate::snapshot::ChannelKey;

/// The names met so far.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<Box<str>, ChannelKey>);

impl Names {
    /// The name in that field, if there is one.
    pub(super) fn key(&mut self, value: &Scalar<'_>) -> Option<ChannelKey> {
        let name = value.id()?;
        if let Some(key) = self.0.get(name.as_ref()) {
            return Some(key.clone());
        }
        let key = ChannelKey::new(&name);
        self.0.insert(name.into(), key.clone());
        Some(key)
    }
}
