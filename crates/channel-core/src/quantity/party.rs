//! The two parties of a channel, by role and by point of view.

/// A party by the role it had when the channel was opened. The opener pays commitment fees (BOLT 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Party {
    /// Sent `open_channel`.
    Opener,
    /// Sent `accept_channel`.
    Accepter,
}

impl Party {
    /// The other party.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Opener => Self::Accepter,
            Self::Accepter => Self::Opener,
        }
    }
}

/// A party as one of them sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Side {
    /// Ourselves.
    Local,
    /// The peer.
    Remote,
}

impl Side {
    /// The other side.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Local => Self::Remote,
            Self::Remote => Self::Local,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_is_its_own_inverse() {
        assert_eq!(Party::Opener.other().other(), Party::Opener);
        assert_eq!(Side::Local.other(), Side::Remote);
        assert_eq!(Side::Remote.other().other(), Side::Remote);
    }
}
