//! The order in which a miner takes transactions, and which of two mempools it likes better.

use std::collections::{BTreeMap, BTreeSet};

use bitcoin::Txid;

use super::Entry;

/// Transactions that a miner takes together: their fee in sat, their size in vB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Chunk {
    fee: u64,
    vbytes: u64,
}

/// One transaction as a miner sees it.
#[derive(Debug, Clone)]
pub(in super::super) struct Piece {
    txid: Txid,
    chunk: Chunk,
    parents: BTreeSet<Txid>,
}

impl Piece {
    pub(in super::super) fn of(entry: &Entry) -> Self {
        let chunk = Chunk { fee: entry.fee.to_sat(), vbytes: entry.vbytes.max(1) };
        Self { txid: entry.txid, chunk, parents: entry.parents.clone() }
    }

    /// The order in which a miner takes them: again and again the transaction with all its ancestors that pays best.
    pub(in super::super) fn mining_order(pieces: Vec<Self>) -> Vec<Txid> {
        linearize(pieces).into_iter().map(|piece| piece.txid).collect()
    }

    /// True when `new` earns a miner at least what `old` does at every size, and more at some.
    pub(super) fn improves(new: Vec<Self>, old: Vec<Self>) -> bool {
        let (new, old) = (diagram(new), diagram(old));
        let sizes: BTreeSet<_> = new.iter().chain(&old).map(|(vbytes, _)| *vbytes).collect();
        let order = |vbytes: &u64| compare_at(*vbytes, &new, &old);
        let orders: Vec<_> = sizes.iter().map(order).collect();
        orders.iter().all(|order| order.is_ge()) && orders.iter().any(|order| order.is_gt())
    }
}

impl Chunk {
    fn join(self, other: Self) -> Self {
        let (fee, vbytes) = (self.fee.saturating_add(other.fee), self.vbytes.saturating_add(other.vbytes));
        Self { fee, vbytes }
    }

    fn pays_more_than(self, other: Self) -> bool {
        u128::from(self.fee) * u128::from(other.vbytes) > u128::from(other.fee) * u128::from(self.vbytes)
    }
}

fn linearize(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut left: BTreeMap<_, _> = pieces.into_iter().map(|piece| (piece.txid, piece)).collect();
    let mut order = Vec::with_capacity(left.len());
    while let Some(best) = best_ancestry(&left) {
        let mut ancestry = best;
        while !ancestry.is_empty() {
            let is_free = |txid: &&Txid| left[*txid].parents.is_disjoint(&ancestry);
            let Some(next) = ancestry.iter().find(is_free).copied() else { return order };
            ancestry.remove(&next);
            order.extend(left.remove(&next));
        }
    }
    order
}

fn best_ancestry(left: &BTreeMap<Txid, Piece>) -> Option<BTreeSet<Txid>> {
    let mut best: Option<(Chunk, BTreeSet<Txid>)> = None;
    for txid in left.keys() {
        let ancestry = ancestry(left, *txid);
        let sum = ancestry.iter().fold(Chunk { fee: 0, vbytes: 0 }, |sum, txid| sum.join(left[txid].chunk));
        if best.as_ref().is_none_or(|(chunk, _)| sum.pays_more_than(*chunk)) {
            best = Some((sum, ancestry));
        }
    }
    best.map(|(_, ancestry)| ancestry)
}

fn ancestry(left: &BTreeMap<Txid, Piece>, of: Txid) -> BTreeSet<Txid> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![of];
    while let Some(txid) = waiting.pop() {
        if let Some(piece) = left.get(&txid).filter(|_| found.insert(txid)) {
            waiting.extend(piece.parents.iter().filter(|parent| left.contains_key(*parent)));
        }
    }
    found
}

/// What a miner has earned, in sat, after each chunk, by size in vB; the best chunk comes first.
fn diagram(pieces: Vec<Piece>) -> Vec<(u64, u64)> {
    let mut chunks: Vec<Chunk> = Vec::new();
    for piece in linearize(pieces) {
        let mut chunk = piece.chunk;
        while let Some(before) = chunks.pop_if(|before| chunk.pays_more_than(*before)) {
            chunk = before.join(chunk);
        }
        chunks.push(chunk);
    }
    let mut points = vec![(0, 0)];
    let mut sum = Chunk { fee: 0, vbytes: 0 };
    for chunk in chunks {
        sum = sum.join(chunk);
        points.push((sum.vbytes, sum.fee));
    }
    points
}

/// Compares what two diagrams have earned at one size.
fn compare_at(vbytes: u64, one: &[(u64, u64)], other: &[(u64, u64)]) -> std::cmp::Ordering {
    let (a, b) = (earned(vbytes, one), earned(vbytes, other));
    (a.0 * b.1).cmp(&(b.0 * a.1))
}

/// What is earned at a size, as a fraction; between two points it grows evenly, after the last it stays.
fn earned(vbytes: u64, points: &[(u64, u64)]) -> (u128, u128) {
    for pair in points.windows(2) {
        let [(start, fee), (end, next)] = [pair[0], pair[1]];
        if vbytes <= end {
            let (width, into) = (u128::from(end - start), u128::from(vbytes - start));
            return (u128::from(fee) * width + u128::from(next - fee) * into, width);
        }
    }
    (points.last().map_or(0, |(_, fee)| u128::from(*fee)), 1)
}

#[cfg(test)]
mod tests {
    use bitcoin::hashes::Hash;

    use super::*;

    fn piece(name: u8, fee: u64, vbytes: u64, parents: &[u8]) -> Piece {
        let txid = |name| Txid::from_byte_array([name; 32]);
        Piece {
            txid: txid(name),
            chunk: Chunk { fee, vbytes },
            parents: parents.iter().copied().map(txid).collect(),
        }
    }

    #[test]
    fn a_child_lifts_its_parent_over_a_better_paying_stranger() {
        let pieces = vec![piece(1, 0, 100, &[]), piece(2, 1000, 100, &[1]), piece(3, 400, 100, &[])];
        let order: Vec<_> =
            Piece::mining_order(pieces).into_iter().map(|txid| txid.to_byte_array()[0]).collect();
        assert_eq!(order, [1, 2, 3]);
    }

    #[test]
    fn a_chunk_joins_what_pays_less_before_it() {
        let pieces = vec![piece(1, 100, 100, &[]), piece(2, 300, 100, &[1])];
        assert_eq!(diagram(pieces), [(0, 0), (200, 400)]);
        let falling = vec![piece(1, 300, 100, &[]), piece(2, 100, 100, &[1])];
        assert_eq!(diagram(falling), [(0, 0), (100, 300), (200, 400)]);
    }

    #[test]
    fn improving_is_better_somewhere_and_worse_nowhere() {
        let old = || vec![piece(1, 200, 100, &[])];
        for (fee, vbytes, improves) in
            [(201, 100, true), (200, 100, false), (300, 200, false), (400, 200, true), (200, 99, true)]
        {
            assert_eq!(Piece::improves(vec![piece(2, fee, vbytes, &[])], old()), improves, "{fee}/{vbytes}");
        }
    }
}
