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

    /// The value of `side`, to be changed.
    pub const fn of_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Local => &mut self.local,
            Side::Remote => &mut self.remote,
        }
    }
}

/// One value for each party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct PerParty<T> {
    /// The opener's.
    pub opener: T,
    /// The accepter's.
    pub accepter: T,
}

impl<T> PerParty<T> {
    /// The value of each party, made by `make`.
    pub fn from_fn(mut make: impl FnMut(Party) -> T) -> Self {
        Self { opener: make(Party::Opener), accepter: make(Party::Accepter) }
    }

    /// The value of `party`.
    pub const fn of(&self, party: Party) -> &T {
        match party {
            Party::Opener => &self.opener,
            Party::Accepter => &self.accepter,
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

    #[test]
    fn a_value_per_side_is_found_by_its_side() {
        let mut pair = PerSide::from_fn(|side| side == Side::Local);
        assert!(*pair.of(Side::Local) && !*pair.of(Side::Remote));
        *pair.of_mut(Side::Remote) = true;
        assert_eq!(pair, PerSide { local: true, remote: true });
        assert_eq!(*PerParty::from_fn(|party| party).of(Party::Accepter), Party::Accepter);
    }
}
