//! The two parties of a channel, by role and by point of view.

use core::fmt;

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
    /// Both parties, the opener first.
    pub const ALL: [Self; 2] = [Self::Opener, Self::Accepter];

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
    /// Both sides, ours first.
    pub const ALL: [Self; 2] = [Self::Local, Self::Remote];

    /// The other side.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Local => Self::Remote,
            Self::Remote => Self::Local,
        }
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Opener => "opener",
            Self::Accepter => "accepter",
        })
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Local => "local",
            Self::Remote => "remote",
        })
    }
}

/// One value for each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct PerSide<T> {
    /// Ours.
    pub local: T,
    /// The peer's.
    pub remote: T,
}

impl<T> PerSide<T> {
    /// The value of each side, made by `make`.
    pub fn from_fn(mut make: impl FnMut(Side) -> T) -> Self {
        Self { local: make(Side::Local), remote: make(Side::Remote) }
    }

    /// The value of `side`.
    pub const fn of(&self, side: Side) -> &T {
        match side {
            Side::Local => &self.local,
            Side::Remote => &self.remote,
        }
    }

    /// The same of each side, made by `convert`.
    pub fn map<U>(self, mut convert: impl FnMut(T) -> U) -> PerSide<U> {
        PerSide { local: convert(self.local), remote: convert(self.remote) }
    }

    /// The value of `side`, to be changed.
    pub const fn of_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Local => &mut self.local,
            Side::Remote => &mut self.remote,
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn other_is_its_own_inverse() {
        assert_eq!(Party::Opener.other().other(), Party::Opener);
        assert_eq!(Party::ALL.map(|party| party.to_string()), ["opener", "accepter"]);
        assert_eq!(Side::ALL.map(|side| side.to_string()), ["local", "remote"]);
        assert_eq!(Side::Local.other(), Side::Remote);
        assert_eq!(Side::Remote.other().other(), Side::Remote);
    }

    #[test]
    fn a_value_per_side_is_found_by_its_side() {
        let mut pair = PerSide::from_fn(|side| side == Side::Local);
        assert!(*pair.of(Side::Local) && !*pair.of(Side::Remote));
        *pair.of_mut(Side::Remote) = true;
        assert_eq!(pair.map(u8::from), PerSide { local: 1, remote: 1 });
    }
}
