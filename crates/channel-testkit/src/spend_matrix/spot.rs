//! Where the matrix stands: a format, whose commitment, an output, and the way it is spent.

use std::fmt;

use channel_core::{CommitmentFormat, CsvDelay, Side};
use channel_tx::format::FormatRules;
use channel_tx::weight::{AnchorPath, InputWeight, SpendPath, TYPICAL_DELAY, TYPICAL_EXPIRY};

/// An output of a channel. "Local" is the owner of the commitment, "remote" the other party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Output {
    /// The funding output.
    Funding,
    /// The owner's balance.
    ToLocal,
    /// The other party's balance.
    ToRemote,
    /// The owner's keyed anchor.
    LocalAnchor,
    /// The other party's keyed anchor.
    RemoteAnchor,
    /// The anchor for anyone.
    SharedAnchor,
    /// An HTLC the owner offered.
    OfferedHtlc,
    /// An HTLC the owner accepted.
    AcceptedHtlc,
    /// The output of the owner's HTLC-timeout.
    TimeoutOutput,
    /// The output of the owner's HTLC-success.
    SuccessOutput,
}

/// A way to spend an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Path {
    /// Of the funding output, a balance, an HTLC or a second level.
    Channel(SpendPath),
    /// Of an anchor.
    Anchor(AnchorPath),
}

/// Who else is in the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Arrangement {
    /// One input and its output, or the commitment's outputs.
    Alone,
    /// A wallet coin and its change beside them pay a fee: what the other party's signature on a second level allows.
    FeeAdded,
}

/// One square of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// The format.
    pub format: CommitmentFormat,
    /// Whose commitment it is.
    pub owner: Side,
    /// The output that is spent.
    pub output: Output,
    /// How.
    pub path: Path,
    /// In what company.
    pub arrangement: Arrangement,
}

impl Output {
    /// Every output.
    pub const ALL: [Self; 10] = [
        Self::Funding,
        Self::ToLocal,
        Self::ToRemote,
        Self::LocalAnchor,
        Self::RemoteAnchor,
        Self::SharedAnchor,
        Self::OfferedHtlc,
        Self::AcceptedHtlc,
        Self::TimeoutOutput,
        Self::SuccessOutput,
    ];
}

impl Path {
    /// Every path, each with some delay or expiry.
    pub const ALL: [Self; 15] = [
        Self::Channel(SpendPath::Funding),
        Self::Channel(SpendPath::ToLocalDelayed(TYPICAL_DELAY)),
        Self::Channel(SpendPath::ToLocalRevoked(TYPICAL_DELAY)),
        Self::Channel(SpendPath::ToRemote),
        Self::Channel(SpendPath::HtlcTimeout),
        Self::Channel(SpendPath::HtlcSuccess(TYPICAL_EXPIRY)),
        Self::Channel(SpendPath::ClaimWithPreimage),
        Self::Channel(SpendPath::ClaimAtTimeout(TYPICAL_EXPIRY)),
        Self::Channel(SpendPath::RevokedOffered),
        Self::Channel(SpendPath::RevokedAccepted(TYPICAL_EXPIRY)),
        Self::Channel(SpendPath::SecondLevelDelayed(TYPICAL_DELAY)),
        Self::Channel(SpendPath::SecondLevelRevoked(TYPICAL_DELAY)),
        Self::Anchor(AnchorPath::Keyed),
        Self::Anchor(AnchorPath::AfterSixteenBlocks),
        Self::Anchor(AnchorPath::PayToAnchor),
    ];

    /// The same path with the typical delay and expiry, to compare paths by their kind.
    #[must_use]
    pub const fn kind(self) -> Self {
        Self::ALL[self.index()]
    }

    /// The outputs that are spent this way. A new path does not compile until it is placed here.
    pub const fn outputs(self) -> &'static [Output] {
        match self {
            Self::Channel(SpendPath::Funding) => &[Output::Funding],
            Self::Channel(SpendPath::ToLocalDelayed(_) | SpendPath::ToLocalRevoked(_)) => &[Output::ToLocal],
            Self::Channel(SpendPath::ToRemote) => &[Output::ToRemote],
            Self::Channel(
                SpendPath::HtlcTimeout | SpendPath::ClaimWithPreimage | SpendPath::RevokedOffered,
            ) => &[Output::OfferedHtlc],
            Self::Channel(
                SpendPath::HtlcSuccess(_) | SpendPath::ClaimAtTimeout(_) | SpendPath::RevokedAccepted(_),
            ) => &[Output::AcceptedHtlc],
            Self::Channel(SpendPath::SecondLevelDelayed(_) | SpendPath::SecondLevelRevoked(_)) => {
                &[Output::TimeoutOutput, Output::SuccessOutput]
            }
            Self::Anchor(AnchorPath::Keyed | AnchorPath::AfterSixteenBlocks) => {
                &[Output::LocalAnchor, Output::RemoteAnchor]
            }
            Self::Anchor(AnchorPath::PayToAnchor) => &[Output::SharedAnchor],
        }
    }

    /// The weight the product predicts, `None` where the format has no such output.
    pub const fn input(self, format: CommitmentFormat) -> Option<InputWeight> {
        match self {
            Self::Channel(path) => Some(path.input(format)),
            Self::Anchor(path) => path.input(format),
        }
    }

    /// True for the two paths that take a signature of each party on a transaction that was agreed in advance.
    pub const fn is_second_level(self) -> bool {
        matches!(self, Self::Channel(SpendPath::HtlcTimeout | SpendPath::HtlcSuccess(_)))
    }

    const fn index(self) -> usize {
        match self {
            Self::Channel(SpendPath::Funding) => 0,
            Self::Channel(SpendPath::ToLocalDelayed(_)) => 1,
            Self::Channel(SpendPath::ToLocalRevoked(_)) => 2,
            Self::Channel(SpendPath::ToRemote) => 3,
            Self::Channel(SpendPath::HtlcTimeout) => 4,
            Self::Channel(SpendPath::HtlcSuccess(_)) => 5,
            Self::Channel(SpendPath::ClaimWithPreimage) => 6,
            Self::Channel(SpendPath::ClaimAtTimeout(_)) => 7,
            Self::Channel(SpendPath::RevokedOffered) => 8,
            Self::Channel(SpendPath::RevokedAccepted(_)) => 9,
            Self::Channel(SpendPath::SecondLevelDelayed(_)) => 10,
            Self::Channel(SpendPath::SecondLevelRevoked(_)) => 11,
            Self::Anchor(AnchorPath::Keyed) => 12,
            Self::Anchor(AnchorPath::AfterSixteenBlocks) => 13,
            Self::Anchor(AnchorPath::PayToAnchor) => 14,
        }
    }
}

impl Spot {
    /// Every square there has to be: every path of every output of every format that is built, on the commitments of
    /// both sides. Paths stand by their kind, with the typical delay and expiry.
    pub fn all() -> Vec<Self> {
        let mut spots = Vec::new();
        for format in CommitmentFormat::ALL.into_iter().filter(|format| FormatRules::of(*format).is_ok()) {
            for (owner, path) in Side::ALL.into_iter().flat_map(|owner| Path::ALL.map(|path| (owner, path))) {
                if path.input(format).is_none() {
                    continue;
                }
                for output in path.outputs() {
                    let spot = |arrangement| Self { format, owner, output: *output, path, arrangement };
                    spots.push(spot(Arrangement::Alone));
                    if path.is_second_level() {
                        spots.push(spot(Arrangement::FeeAdded));
                    }
                }
            }
        }
        spots
    }

    /// The same square, with its path by its kind.
    #[must_use]
    pub const fn kind(self) -> Self {
        Self { path: self.path.kind(), ..self }
    }

    /// The relative lock the spender has to claim, in blocks: the owner's delay, sixteen blocks for a stranger's hand
    /// on an anchor, and one block where a format keeps unconfirmed outputs from being spent (BOLT 3 with anchors,
    /// simple taproot channels).
    pub const fn relative_lock(self, owner_delay: CsvDelay) -> Option<u16> {
        match self.path {
            Path::Channel(SpendPath::ToLocalDelayed(_) | SpendPath::SecondLevelDelayed(_)) => {
                Some(owner_delay.to_blocks())
            }
            Path::Anchor(AnchorPath::AfterSixteenBlocks) => Some(16),
            Path::Channel(
                SpendPath::ToRemote
                | SpendPath::HtlcTimeout
                | SpendPath::HtlcSuccess(_)
                | SpendPath::ClaimWithPreimage
                | SpendPath::ClaimAtTimeout(_),
            ) if self.format.has_keyed_anchors() => Some(1),
            _ => None,
        }
    }

    /// True where the transaction has to wait for the HTLC's expiry.
    pub const fn waits_for_expiry(self) -> bool {
        matches!(self.path, Path::Channel(SpendPath::HtlcTimeout | SpendPath::ClaimAtTimeout(_)))
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { format, owner, output, path, arrangement } = self;
        match path {
            Path::Channel(path) => write!(out, "{format}, {owner} commitment, {output:?} by {path:?}")?,
            Path::Anchor(path) => write!(out, "{format}, {owner} commitment, {output:?} by {path:?}")?,
        }
        match arrangement {
            Arrangement::Alone => Ok(()),
            Arrangement::FeeAdded => out.write_str(", fee added"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stand_at_their_index() {
        for (index, path) in Path::ALL.into_iter().enumerate() {
            assert_eq!(path.index(), index);
            assert_eq!(path.kind(), path);
        }
    }

    #[test]
    fn every_output_is_spent_somehow() {
        for output in Output::ALL {
            assert!(Path::ALL.iter().any(|path| path.outputs().contains(&output)), "{output:?}");
        }
    }
}
