//! The node, its peers and its coins.

use std::fmt;
use std::sync::Arc;

use bitcoin::Amount;
use schemars::JsonSchema;
use serde::Serialize;

use super::Knowledge;

/// The software a channel listing came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Implementation {
    /// `lncli` or LND's REST interface.
    Lnd,
    /// `lightning-cli` of Core Lightning.
    Cln,
    /// `eclair-cli`.
    Eclair,
    /// LDK's channel details as JSON, or ldk-server's.
    Ldk,
    /// The plain table: an object of channel id to fields, as the heuristic profile reads it.
    #[default]
    Table,
}

impl Implementation {
    /// Whether this implementation can splice (feature 62/63). LND cannot; Core Lightning, Eclair and LDK can.
    pub const fn splices(self) -> Knowledge {
        match self {
            Self::Lnd => Knowledge::No,
            Self::Cln | Self::Eclair | Self::Ldk => Knowledge::Yes,
            Self::Table => Knowledge::Unknown,
        }
    }
}

impl fmt::Display for Implementation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lnd => "LND",
            Self::Cln => "Core Lightning",
            Self::Eclair => "Eclair",
            Self::Ldk => "LDK",
            Self::Table => "table",
        })
    }
}

/// A node's public key as a listing prints it: lower-case hex, normally of 33 bytes. Listings shortened by hand keep
/// their text, so that two of them still compare. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct PeerId(Arc<str>);

impl PeerId {
    /// The id with this text, lower-cased.
    pub fn new(text: &str) -> Self {
        Self(text.to_ascii_lowercase().into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The 33 bytes, or `None` when the text is not the hex of 33 bytes.
    pub fn to_bytes(&self) -> Option<[u8; 33]> {
        let digits = self.0.as_bytes();
        if digits.len() != 66 {
            return None;
        }
        let nibble = |c: u8| char::from(c).to_digit(16).and_then(|d| u8::try_from(d).ok());
        let mut bytes = [0; 33];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Some(bytes)
    }
}

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The node the listing is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NodeInfo {
    /// Its public key.
    pub id: Option<PeerId>,
    /// Its alias.
    pub alias: Option<String>,
    /// The height of its best block.
    pub block_height: Option<u32>,
    /// Whether its own software announces splicing. An announced feature wins over [`Implementation::splices`].
    pub splices: Knowledge,
}

/// What is known of a peer beside its channels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeerInfo {
    /// Its alias.
    pub alias: Option<String>,
    /// Whether it announces splicing (feature 62 or 63).
    pub splices: Knowledge,
}

/// The confirmed coins of the node's own wallet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WalletCoins {
    /// Their sum.
    pub confirmed: Amount,
    /// How many there are, when the listing tells.
    pub coins: Option<u32>,
}

impl WalletCoins {
    /// Coins of this sum, their number unknown.
    pub const fn of(confirmed: Amount) -> Self {
        Self { confirmed, coins: None }
    }
}
