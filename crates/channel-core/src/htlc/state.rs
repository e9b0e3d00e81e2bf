//! The life of an HTLC as a table: twenty states, ten for each offerer, and what each commitment holds in each of them.
//!
//! An update sent by one side enters the other side's commitment with the next `commitment_signed`, and the sender's
//! own commitment only after that one has been revoked for (BOLT 2, "Normal Operation"). An HTLC therefore passes four
//! messages when it is added and four when it is removed. Fee updates pass through the first five states only.

use core::fmt;

use crate::quantity::Side;

/// Where an HTLC stands between being proposed and being forgotten. Names follow the direction of the last message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum HtlcState {
    /// We proposed it; no commitment holds it.
    SentAddHtlc,
    /// We signed it into the peer's commitment.
    SentAddCommit,
    /// The peer revoked its commitment without it.
    RcvdAddRevocation,
    /// The peer signed it into our commitment.
    RcvdAddAckCommit,
    /// We revoked our commitment without it: irrevocably committed, the peer may remove it.
    SentAddAckRevocation,
    /// The peer fulfilled or failed it; both commitments still hold it.
    RcvdRemoveHtlc,
    /// The peer signed our commitment without it.
    RcvdRemoveCommit,
    /// We revoked our commitment with it.
    SentRemoveRevocation,
    /// We signed the peer's commitment without it.
    SentRemoveAckCommit,
    /// The peer revoked its last commitment with it: gone.
    RcvdRemoveAckRevocation,
    /// The peer proposed it; no commitment holds it.
    RcvdAddHtlc,
    /// The peer signed it into our commitment.
    RcvdAddCommit,
    /// We revoked our commitment without it.
    SentAddRevocation,
    /// We signed it into the peer's commitment.
    SentAddAckCommit,
    /// The peer revoked its commitment without it: irrevocably committed, we may remove or forward it.
    RcvdAddAckRevocation,
    /// We fulfilled or failed it; both commitments still hold it.
    SentRemoveHtlc,
    /// We signed the peer's commitment without it.
    SentRemoveCommit,
    /// The peer revoked its commitment with it.
    RcvdRemoveRevocation,
    /// The peer signed our commitment without it.
    RcvdRemoveAckCommit,
    /// We revoked our last commitment with it: gone.
    SentRemoveAckRevocation,
}

/// A message that can move an HTLC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HtlcEvent {
    /// We sent `commitment_signed`.
    SentCommit,
    /// We received `commitment_signed`.
    RcvdCommit,
    /// We sent `revoke_and_ack`.
    SentRevocation,
    /// We received `revoke_and_ack`.
    RcvdRevocation,
    /// We sent `update_fulfill_htlc` or `update_fail_htlc` for this HTLC.
    SentRemove,
    /// We received `update_fulfill_htlc` or `update_fail_htlc` for this HTLC.
    RcvdRemove,
}

/// What one side's commitments have to do with an HTLC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Membership {
    /// No valid commitment of this side holds it, and the next one will not either.
    Absent,
    /// Not held, but the next signature for this side includes it.
    Entering,
    /// Held by the newest commitment.
    Held,
    /// Held by the newest commitment; the next signature for this side leaves it out.
    Leaving,
    /// Left out of the newest commitment, while an older one that holds it has not been revoked yet.
    Superseded,
}

impl Membership {
    /// True when the newest commitment holds the HTLC.
    pub const fn in_newest(self) -> bool {
        matches!(self, Self::Held | Self::Leaving)
    }

    /// True when the next signature for this side will include the HTLC.
    pub const fn in_next(self) -> bool {
        matches!(self, Self::Held | Self::Entering)
    }

    /// True when a commitment that the side could still publish without being punished may hold the HTLC.
    pub const fn is_publishable(self) -> bool {
        !matches!(self, Self::Absent | Self::Entering)
    }
}

/// One line of the table.
struct Row {
    state: HtlcState,
    offered_by: Side,
    local: Membership,
    remote: Membership,
    next: Option<(HtlcEvent, HtlcState)>,
}

const fn row(
    state: HtlcState,
    offered_by: Side,
    local: Membership,
    remote: Membership,
    next: Option<(HtlcEvent, HtlcState)>,
) -> Row {
    Row { state, offered_by, local, remote, next }
}

/// The table, in the order of [`HtlcState`]: state, offerer, our commitment, the peer's, the event that leaves it.
#[rustfmt::skip]
const TABLE: [Row; 20] = {
    use HtlcEvent::{RcvdCommit, RcvdRemove, RcvdRevocation, SentCommit, SentRemove, SentRevocation};
    use HtlcState as S;
    use Membership::{Absent, Entering, Held, Leaving, Superseded};
    use Side::{Local, Remote};
    [
        row(S::SentAddHtlc,             Local,  Absent,     Entering,   Some((SentCommit,     S::SentAddCommit))),
        row(S::SentAddCommit,           Local,  Absent,     Held,       Some((RcvdRevocation, S::RcvdAddRevocation))),
        row(S::RcvdAddRevocation,       Local,  Entering,   Held,       Some((RcvdCommit,     S::RcvdAddAckCommit))),
        row(S::RcvdAddAckCommit,        Local,  Held,       Held,       Some((SentRevocation, S::SentAddAckRevocation))),
        row(S::SentAddAckRevocation,    Local,  Held,       Held,       Some((RcvdRemove,     S::RcvdRemoveHtlc))),
        row(S::RcvdRemoveHtlc,          Local,  Leaving,    Held,       Some((RcvdCommit,     S::RcvdRemoveCommit))),
        row(S::RcvdRemoveCommit,        Local,  Superseded, Held,       Some((SentRevocation, S::SentRemoveRevocation))),
        row(S::SentRemoveRevocation,    Local,  Absent,     Leaving,    Some((SentCommit,     S::SentRemoveAckCommit))),
        row(S::SentRemoveAckCommit,     Local,  Absent,     Superseded, Some((RcvdRevocation, S::RcvdRemoveAckRevocation))),
        row(S::RcvdRemoveAckRevocation, Local,  Absent,     Absent,     None),
        row(S::RcvdAddHtlc,             Remote, Entering,   Absent,     Some((RcvdCommit,     S::RcvdAddCommit))),
        row(S::RcvdAddCommit,           Remote, Held,       Absent,     Some((SentRevocation, S::SentAddRevocation))),
        row(S::SentAddRevocation,       Remote, Held,       Entering,   Some((SentCommit,     S::SentAddAckCommit))),
        row(S::SentAddAckCommit,        Remote, Held,       Held,       Some((RcvdRevocation, S::RcvdAddAckRevocation))),
        row(S::RcvdAddAckRevocation,    Remote, Held,       Held,       Some((SentRemove,     S::SentRemoveHtlc))),
        row(S::SentRemoveHtlc,          Remote, Held,       Leaving,    Some((SentCommit,     S::SentRemoveCommit))),
        row(S::SentRemoveCommit,        Remote, Held,       Superseded, Some((RcvdRevocation, S::RcvdRemoveRevocation))),
        row(S::RcvdRemoveRevocation,    Remote, Leaving,    Absent,     Some((RcvdCommit,     S::RcvdRemoveAckCommit))),
        row(S::RcvdRemoveAckCommit,     Remote, Superseded, Absent,     Some((SentRevocation, S::SentRemoveAckRevocation))),
        row(S::SentRemoveAckRevocation, Remote, Absent,     Absent,     None),
    ]
};

impl HtlcState {
    /// Every state, in the order an HTLC of ours and then one of the peer's passes through them.
    pub const ALL: [Self; 20] = {
        let mut all = [Self::SentAddHtlc; 20];
        let mut index = 0;
        while index < all.len() {
            all[index] = TABLE[index].state;
            index += 1;
        }
        all
    };

    /// The first state of an HTLC that `offerer` proposes.
    pub const fn proposed_by(offerer: Side) -> Self {
        match offerer {
            Side::Local => Self::SentAddHtlc,
            Side::Remote => Self::RcvdAddHtlc,
        }
    }

    /// The side that offered an HTLC in this state.
    pub const fn offered_by(self) -> Side {
        self.row().offered_by
    }

    /// What the commitments of `owner` have to do with an HTLC in this state.
    pub const fn membership(self, owner: Side) -> Membership {
        match owner {
            Side::Local => self.row().local,
            Side::Remote => self.row().remote,
        }
    }

    /// The state after `event`, or `None` when the event does not concern an HTLC in this state.
    ///
    /// A commitment or a revocation that does not concern it leaves the HTLC as it is. A removal that does not is an
    /// error of its sender: BOLT 2 allows removing only what is irrevocably committed.
    pub fn after(self, event: HtlcEvent) -> Option<Self> {
        self.row().next.and_then(|(cause, next)| (cause == event).then_some(next))
    }

    /// The event that this state waits for, `None` in the two last states.
    pub fn awaited(self) -> Option<HtlcEvent> {
        self.row().next.map(|(event, _)| event)
    }

    /// True when both sides have signed and revoked for it, so that it may be removed, or forwarded when it is theirs.
    pub const fn is_irrevocable(self) -> bool {
        matches!(self, Self::SentAddAckRevocation | Self::RcvdAddAckRevocation)
    }

    /// True when no commitment that can still be published holds it: it can be forgotten.
    pub const fn is_final(self) -> bool {
        self.row().next.is_none()
    }

    const fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }
}

impl fmt::Display for HtlcState {
    /// In capitals with underscores, as Core Lightning prints these states.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SentAddHtlc => "SENT_ADD_HTLC",
            Self::SentAddCommit => "SENT_ADD_COMMIT",
            Self::RcvdAddRevocation => "RCVD_ADD_REVOCATION",
            Self::RcvdAddAckCommit => "RCVD_ADD_ACK_COMMIT",
            Self::SentAddAckRevocation => "SENT_ADD_ACK_REVOCATION",
            Self::RcvdRemoveHtlc => "RCVD_REMOVE_HTLC",
            Self::RcvdRemoveCommit => "RCVD_REMOVE_COMMIT",
            Self::SentRemoveRevocation => "SENT_REMOVE_REVOCATION",
            Self::SentRemoveAckCommit => "SENT_REMOVE_ACK_COMMIT",
            Self::RcvdRemoveAckRevocation => "RCVD_REMOVE_ACK_REVOCATION",
            Self::RcvdAddHtlc => "RCVD_ADD_HTLC",
            Self::RcvdAddCommit => "RCVD_ADD_COMMIT",
            Self::SentAddRevocation => "SENT_ADD_REVOCATION",
            Self::SentAddAckCommit => "SENT_ADD_ACK_COMMIT",
            Self::RcvdAddAckRevocation => "RCVD_ADD_ACK_REVOCATION",
            Self::SentRemoveHtlc => "SENT_REMOVE_HTLC",
            Self::SentRemoveCommit => "SENT_REMOVE_COMMIT",
            Self::RcvdRemoveRevocation => "RCVD_REMOVE_REVOCATION",
            Self::RcvdRemoveAckCommit => "RCVD_REMOVE_ACK_COMMIT",
            Self::SentRemoveAckRevocation => "SENT_REMOVE_ACK_REVOCATION",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: [HtlcEvent; 6] = [
        HtlcEvent::SentCommit,
        HtlcEvent::RcvdCommit,
        HtlcEvent::SentRevocation,
        HtlcEvent::RcvdRevocation,
        HtlcEvent::SentRemove,
        HtlcEvent::RcvdRemove,
    ];

    fn mirrored(event: HtlcEvent) -> HtlcEvent {
        match event {
            HtlcEvent::SentCommit => HtlcEvent::RcvdCommit,
            HtlcEvent::RcvdCommit => HtlcEvent::SentCommit,
            HtlcEvent::SentRevocation => HtlcEvent::RcvdRevocation,
            HtlcEvent::RcvdRevocation => HtlcEvent::SentRevocation,
            HtlcEvent::SentRemove => HtlcEvent::RcvdRemove,
            HtlcEvent::RcvdRemove => HtlcEvent::SentRemove,
        }
    }

    /// One side's commitments and one HTLC, by the rules of BOLT 2 and without the table.
    #[derive(Default, Clone, Copy)]
    struct Commitments {
        /// The newest commitment holds it.
        newest: bool,
        /// The one before, while it is not revoked.
        unrevoked: Option<bool>,
        /// The HTLC (or its removal) may be signed into the next commitment of this side.
        add_visible: bool,
        removal_visible: bool,
    }

    impl Commitments {
        fn next(self) -> bool {
            self.add_visible && !self.removal_visible
        }

        fn sign(&mut self) {
            self.unrevoked = Some(self.newest);
            self.newest = self.next();
        }

        fn membership(self) -> Membership {
            match (self.newest, self.next()) {
                (true, true) => Membership::Held,
                (true, false) => Membership::Leaving,
                (false, true) => Membership::Entering,
                (false, false) if self.unrevoked == Some(true) => Membership::Superseded,
                (false, false) => Membership::Absent,
            }
        }
    }

    /// The model: an update by `x` is visible to the other side's commitment at once, and to `x`'s own after the other
    /// side has revoked for a commitment that contains it.
    struct Model {
        local: Commitments,
        remote: Commitments,
        offerer: Side,
    }

    impl Model {
        fn of(&mut self, side: Side) -> &mut Commitments {
            match side {
                Side::Local => &mut self.local,
                Side::Remote => &mut self.remote,
            }
        }

        fn legal(&mut self, event: HtlcEvent) -> bool {
            match event {
                HtlcEvent::SentCommit => self.remote.unrevoked.is_none(),
                HtlcEvent::RcvdCommit => self.local.unrevoked.is_none(),
                HtlcEvent::SentRevocation => self.local.unrevoked.is_some(),
                HtlcEvent::RcvdRevocation => self.remote.unrevoked.is_some(),
                HtlcEvent::SentRemove => self.offerer == Side::Remote && self.removable(),
                HtlcEvent::RcvdRemove => self.offerer == Side::Local && self.removable(),
            }
        }

        fn removable(&self) -> bool {
            let settled = |c: Commitments| c.newest && !c.removal_visible && c.unrevoked != Some(false);
            settled(self.local) && settled(self.remote)
        }

        fn apply(&mut self, event: HtlcEvent) {
            let offerer = self.offerer;
            match event {
                HtlcEvent::SentCommit => self.remote.sign(),
                HtlcEvent::RcvdCommit => self.local.sign(),
                HtlcEvent::SentRevocation => self.revoke(Side::Local),
                HtlcEvent::RcvdRevocation => self.revoke(Side::Remote),
                HtlcEvent::SentRemove | HtlcEvent::RcvdRemove => self.of(offerer).removal_visible = true,
            }
        }

        fn revoke(&mut self, side: Side) {
            let offerer = self.offerer;
            let own = self.of(side);
            own.unrevoked = None;
            let (holds, removed) = (own.newest, own.removal_visible && !own.newest);
            if side != offerer && holds {
                self.of(offerer).add_visible = true;
            }
            if side == offerer && removed {
                self.of(side.other()).removal_visible = true;
            }
        }
    }

    /// Walks every legal sequence of messages up to `depth` and compares the table with the model at every step.
    fn walk(model: &mut Model, state: HtlcState, depth: usize, seen: &mut [bool; 20]) {
        seen[state as usize] = true;
        for owner in Side::ALL {
            assert_eq!(state.membership(owner), model.of(owner).membership(), "{state} on {owner:?}");
        }
        if depth == 0 {
            return;
        }
        for event in EVENTS {
            if !model.legal(event) {
                let removes = matches!(event, HtlcEvent::SentRemove | HtlcEvent::RcvdRemove);
                assert!(!removes || state.after(event).is_none(), "{state} must refuse {event:?}");
                continue;
            }
            let mut next = Model { local: model.local, remote: model.remote, offerer: model.offerer };
            next.apply(event);
            walk(&mut next, state.after(event).unwrap_or(state), depth - 1, seen);
        }
    }

    #[test]
    fn the_table_agrees_with_the_rules_on_every_sequence_of_messages() {
        let mut seen = [false; 20];
        for offerer in Side::ALL {
            let mut model = Model { local: Commitments::default(), remote: Commitments::default(), offerer };
            model.of(offerer.other()).add_visible = true;
            walk(&mut model, HtlcState::proposed_by(offerer), 13, &mut seen);
        }
        assert_eq!(seen, [true; 20], "every state is reached");
    }

    #[test]
    fn each_row_stands_at_its_own_place() {
        for (index, state) in HtlcState::ALL.into_iter().enumerate() {
            assert_eq!(state as usize, index);
            assert_eq!(state.row().state, state);
        }
    }

    #[test]
    fn the_two_halves_are_mirror_images() {
        for (ours, theirs) in HtlcState::ALL[..10].iter().zip(&HtlcState::ALL[10..]) {
            assert_eq!(ours.offered_by(), theirs.offered_by().other());
            for side in Side::ALL {
                assert_eq!(ours.membership(side), theirs.membership(side.other()), "{ours} / {theirs}");
            }
            assert_eq!(ours.awaited(), theirs.awaited().map(mirrored));
        }
    }

    #[test]
    fn every_pair_of_state_and_event_has_one_answer() {
        for state in HtlcState::ALL {
            let answers: usize = EVENTS.iter().filter(|event| state.after(**event).is_some()).count();
            assert_eq!(answers, usize::from(!state.is_final()), "{state}");
        }
    }

    #[test]
    fn ten_states_lead_from_proposal_to_the_end() {
        for offerer in Side::ALL {
            let (mut state, mut steps, mut irrevocable) = (HtlcState::proposed_by(offerer), 0, 0);
            while let Some(event) = state.awaited() {
                assert_eq!(state.offered_by(), offerer);
                state = state.after(event).unwrap();
                steps += 1;
                irrevocable += usize::from(state.is_irrevocable());
            }
            assert_eq!((steps, irrevocable, state.is_final()), (9, 1, true));
        }
    }

    #[test]
    fn membership_tells_newest_next_and_publishable_apart() {
        use Membership::{Absent, Entering, Held, Leaving, Superseded};
        let facts = |m: Membership| (m.in_newest(), m.in_next(), m.is_publishable());
        assert_eq!(facts(Absent), (false, false, false));
        assert_eq!(facts(Entering), (false, true, false));
        assert_eq!(facts(Held), (true, true, true));
        assert_eq!(facts(Leaving), (true, false, true));
        assert_eq!(facts(Superseded), (false, false, true));
    }
}
