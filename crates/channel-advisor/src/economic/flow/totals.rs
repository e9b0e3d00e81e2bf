//! Totals a peer (Eclair's `relaystats`) brought down to the peer's channels.

use std::collections::HashMap;

use channel_core::Msat;

use super::tally::Tally;
use crate::snapshot::{Assumption, ForwardHistory, PeerFlow, PeerId, Snapshot};

/// One tally for each channel, and how many forwards the totals count (by those that went out). A peer with several
/// channels has its totals shared by capacity, which is stated as an assumption.
pub(super) fn tallies(
    snapshot: &Snapshot,
    history: &ForwardHistory,
    assumptions: &mut Vec<Assumption>,
) -> (Vec<Tally>, u64) {
    let mut channels_of: HashMap<&PeerId, Vec<usize>> = HashMap::new();
    for (at, channel) in snapshot.channels.iter().enumerate() {
        if let Some(peer) = &channel.peer {
            channels_of.entry(peer).or_default().push(at);
        }
    }
    let mut tallies = vec![Tally::default(); snapshot.channels.len()];
    let (mut events, mut shared) = (0_u64, 0);
    for flow in &history.peers {
        events = events.saturating_add(flow.count_out);
        let Some(members) = channels_of.get(&flow.peer) else { continue };
        let capacities: Vec<u64> =
            members.iter().map(|at| snapshot.channels[*at].capacity.to_msat()).collect();
        for (member, part) in members.iter().zip(parts(flow, &capacities)) {
            add(&mut tallies[*member], &part);
        }
        if members.len() > 1 {
            shared += members.len();
        }
    }
    if shared > 0 {
        assumptions.push(Assumption::about(
            "peer_flow_shared_by_capacity",
            "Forwards are known per peer only; they are shared among the peer's channels by capacity.",
            shared,
        ));
    }
    assumptions.push(Assumption::new(
        "flow_from_peer_totals",
        "Only totals per peer are known: a fee is credited to the channel it left through, the mean stands for the \
         usual forward and the daily drain for its deviation.",
    ));
    (tallies, events)
}

fn add(tally: &mut Tally, part: &PeerFlow) {
    let count = |sum: u32, part: u64| sum.saturating_add(u32::try_from(part).unwrap_or(u32::MAX));
    tally.amount_in = tally.amount_in.saturating_add(part.amount_in);
    tally.amount_out = tally.amount_out.saturating_add(part.amount_out);
    tally.fee_out = tally.fee_out.saturating_add(part.fee_earned);
    tally.count_in = count(tally.count_in, part.count_in);
    tally.count_out = count(tally.count_out, part.count_out);
    let mean = part.amount_out.mul_div_floor(1, part.count_out);
    tally.largest_out = tally.largest_out.max(mean);
}

/// The totals cut by capacity. Every total is cut at the same cumulative shares, so that the parts add up to it.
fn parts(flow: &PeerFlow, capacities: &[u64]) -> Vec<PeerFlow> {
    // In satoshi, held at all bitcoin there is: with them the products below fit into 128 bits.
    let weight = |capacity: &u64| u128::from(capacity.min(&Msat::MAX_MONEY.to_msat()) / 1000);
    let known: u128 = capacities.iter().map(weight).sum();
    let whole = if known == 0 { capacities.len() as u128 } else { known };
    let cut = |total: u64, upto: u128| {
        let exact = u128::from(total).saturating_mul(upto).checked_div(whole).unwrap_or(0);
        u64::try_from(exact).unwrap_or(u64::MAX)
    };
    let mut before = 0_u128;
    let mut parts = Vec::with_capacity(capacities.len());
    for capacity in capacities {
        let after = before + if known == 0 { 1 } else { weight(capacity) };
        let part = |total: u64| cut(total, after) - cut(total, before);
        let mut piece = PeerFlow::empty(flow.peer.clone(), flow.span_s.clone());
        piece.count_in = part(flow.count_in);
        piece.count_out = part(flow.count_out);
        piece.amount_in = Msat::from_msat(part(flow.amount_in.to_msat()));
        piece.amount_out = Msat::from_msat(part(flow.amount_out.to_msat()));
        piece.fee_earned = Msat::from_msat(part(flow.fee_earned.to_msat()));
        parts.push(piece);
        before = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn flow(amount: u64) -> PeerFlow {
        let mut flow = PeerFlow::empty(PeerId::new("02aa"), 0..=86_400);
        flow.amount_out = Msat::from_msat(amount);
        flow.count_out = 10;
        flow
    }

    #[test]
    fn totals_are_shared_by_capacity_and_add_up() {
        let parts = parts(&flow(1_000_001), &[3_000_000, 1_000_000]);
        let out: Vec<_> = parts.iter().map(|part| part.amount_out.to_msat()).collect();
        assert_eq!(out, [750_000, 250_001]);
        assert_eq!(parts.iter().map(|part| part.count_out).collect::<Vec<_>>(), [7, 3]);
    }

    #[test]
    fn channels_of_unknown_capacity_share_evenly() {
        let parts = parts(&flow(9), &[0, 0, 0]);
        assert!(parts.iter().all(|part| part.amount_out == Msat::from_msat(3)));
    }

    proptest! {
        #[test]
        fn parts_add_up(amount: u64, capacities in prop::collection::vec(any::<u64>(), 1..20)) {
            let parts = parts(&flow(amount), &capacities);
            let sum: u128 = parts.iter().map(|part| u128::from(part.amount_out.to_msat())).sum();
            prop_assert_eq!(sum, u128::from(amount));
        }
    }
}
