//! Who can spend: computed from what each path demands, not from what it looks like.
//!
//! A path is lifted to a policy. For nobody, for each signer alone and for all of them together it is asked which
//! locks open it, with every combination of the locks that occur in it.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::Cell;

use bitcoin::Sequence;
use bitcoin::absolute::LockTime;
use miniscript::descriptor::Descriptor;
use miniscript::policy::semantic::Policy;
use miniscript::policy::{LiftError, Liftable};

use super::lock;
use super::{FundingPath, OpaqueScript, Preimage, Signer, SpendRight};

/// Who has to sign for a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Control {
    /// Nobody can.
    Nobody,
    /// All of these, by their places in the list of signers.
    All(Vec<usize>),
}

/// The signers there are, and which of them each key needs.
#[derive(Debug, Clone, Default)]
pub(super) struct Signers {
    /// The signers.
    pub(super) list: Vec<Signer>,
    /// Each key as written, and who controls it.
    pub(super) keys: Vec<(String, Control)>,
}

impl Signers {
    fn holds(&self, key: &str, set: &[usize]) -> bool {
        self.keys.iter().find(|(text, _)| text == key).is_some_and(|(_, control)| match control {
            Control::Nobody => false,
            Control::All(needed) => needed.iter().all(|signer| set.contains(signer)),
        })
    }

    /// Nobody, each alone, all together.
    fn sets(&self) -> Vec<Vec<usize>> {
        let all: Vec<usize> = (0..self.list.len()).collect();
        let mut sets = Vec::from([Vec::new()]);
        sets.extend(all.iter().map(|signer| Vec::from([*signer])));
        if all.len() > 1 {
            sets.push(all);
        }
        sets
    }
}

/// What the analysis says.
#[derive(Debug, Clone, Default)]
pub(super) struct Rights {
    /// The ways to spend; none of them is contained in another.
    pub(super) ways: Vec<SpendRight>,
    /// The paths that cannot be analysed.
    pub(super) opaque: Vec<(FundingPath, OpaqueScript)>,
    /// The absolute locks that occur.
    pub(super) after: Vec<LockTime>,
    /// The relative locks that occur.
    pub(super) older: Vec<Sequence>,
}

/// The most nodes of a policy that are visited for one path. Three keys and three locks of each kind take some thousands.
const MAX_VISITS: usize = 4_000_000;

/// The ways to spend what `descriptor` locks.
pub(super) fn rights(descriptor: &Descriptor<String>, signers: &Signers) -> Rights {
    let mut found = Rights::default();
    for (path, policy) in paths(descriptor) {
        match policy {
            Ok(policy) => {
                let locks = Locks::of(&policy);
                match path_rights(&path, &policy, &locks, signers) {
                    Some(ways) => found.ways.extend(ways),
                    None => found.opaque.push((path, OpaqueScript::Resources)),
                }
                found.add(&locks);
            }
            Err(reason) => found.opaque.push((path, reason)),
        }
    }
    found
}

impl Rights {
    fn add(&mut self, locks: &Locks) {
        for after in &locks.after {
            if !self.after.contains(after) {
                self.after.push(*after);
            }
        }
        for older in &locks.older {
            if !self.older.contains(older) {
                self.older.push(*older);
            }
        }
    }
}

type PathPolicy = (FundingPath, Result<Policy<String>, OpaqueScript>);

fn paths(descriptor: &Descriptor<String>) -> Vec<PathPolicy> {
    let Descriptor::Tr(tr) = descriptor else {
        return Vec::from([(FundingPath::Script, descriptor.lift().map_err(|error| opaque(&error)))]);
    };
    let key_path = (FundingPath::KeyPath, Ok(Policy::Key(tr.internal_key().clone())));
    let leaves = tr.leaves().enumerate().map(|(index, leaf)| {
        let miniscript = leaf.miniscript().to_string();
        let path = FundingPath::Leaf { index, depth: leaf.depth(), miniscript };
        (path, leaf.miniscript().lift().map_err(|error| opaque(&error)))
    });
    core::iter::once(key_path).chain(leaves).collect()
}

fn opaque(error: &miniscript::Error) -> OpaqueScript {
    match error {
        miniscript::Error::LiftError(LiftError::HeightTimelockCombination) => OpaqueScript::MixedLocks,
        miniscript::Error::LiftError(LiftError::BranchExceedResourceLimits) => OpaqueScript::Resources,
        _ => OpaqueScript::Unknown,
    }
}

/// The rights of one path; nothing when that takes too long to find out.
fn path_rights(
    path: &FundingPath,
    policy: &Policy<String>,
    locks: &Locks,
    signers: &Signers,
) -> Option<Vec<SpendRight>> {
    let visits = Cell::new(0);
    let mut rights: Vec<SpendRight> = Vec::new();
    for set in signers.sets() {
        for preimage in [Preimage::NotNeeded, Preimage::Needed] {
            let grant = |after, older| Grant { signers, set: &set, after, older, preimage, visits: &visits };
            for (after, older) in locks.openings(|after, older| holds(policy, &grant(after, older))) {
                let needed = minimal(policy, &grant(after, older));
                let signers = needed.into_iter().map(|signer| signers.list[signer].clone()).collect();
                let right = SpendRight { signers, path: path.clone(), after, older, preimage };
                if !rights.iter().any(|known| known.covers(&right)) {
                    rights.push(right);
                }
            }
            if visits.get() > MAX_VISITS {
                return None;
            }
        }
    }
    Some(rights)
}

/// What a spender has.
#[derive(Clone, Copy)]
struct Grant<'s> {
    signers: &'s Signers,
    set: &'s [usize],
    after: Option<LockTime>,
    older: Option<Sequence>,
    preimage: Preimage,
    /// Nodes visited so far.
    visits: &'s Cell<usize>,
}

fn holds(policy: &Policy<String>, grant: &Grant<'_>) -> bool {
    grant.visits.set(grant.visits.get() + 1);
    if grant.visits.get() > MAX_VISITS {
        // The answer is thrown away.
        return false;
    }
    match policy {
        Policy::Unsatisfiable => false,
        Policy::Trivial => true,
        Policy::Key(key) => grant.signers.holds(key, grant.set),
        Policy::After(wanted) => {
            let wanted = LockTime::from_consensus(wanted.to_consensus_u32());
            grant.after.is_some_and(|given| lock::is_reached(wanted, given))
        }
        Policy::Older(wanted) => {
            let wanted = Sequence::from_consensus(wanted.to_consensus_u32());
            grant.older.is_some_and(|given| lock::is_open(wanted, given))
        }
        Policy::Sha256(_) | Policy::Hash256(_) | Policy::Ripemd160(_) | Policy::Hash160(_) => {
            grant.preimage == Preimage::Needed
        }
        Policy::Thresh(threshold) => {
            threshold.iter().filter(|part| holds(part, grant)).take(threshold.k()).count() == threshold.k()
        }
    }
}

/// The set of `grant` without whoever is not needed.
fn minimal(policy: &Policy<String>, grant: &Grant<'_>) -> Vec<usize> {
    let mut kept = grant.set.to_vec();
    for signer in grant.set.iter().rev() {
        let without: Vec<usize> = kept.iter().copied().filter(|other| other != signer).collect();
        if holds(policy, &Grant { set: &without, ..*grant }) {
            kept = without;
        }
    }
    kept
}

/// The locks that occur in a policy, lowest first, heights and blocks before times.
struct Locks {
    after: Vec<LockTime>,
    older: Vec<Sequence>,
}

impl Locks {
    fn of(policy: &Policy<String>) -> Self {
        let (mut after, mut older) = (Vec::new(), Vec::new());
        let mut open = Vec::from([policy]);
        while let Some(policy) = open.pop() {
            match policy {
                Policy::After(lock) => after.push(lock.to_consensus_u32()),
                Policy::Older(lock) => older.push(lock.to_consensus_u32()),
                Policy::Thresh(threshold) => open.extend(threshold.iter().map(AsRef::as_ref)),
                _ => {}
            }
        }
        after.sort_unstable();
        after.dedup();
        older.sort_unstable_by_key(|lock| (lock::counts_time(*lock), lock::units(*lock), *lock));
        older.dedup();
        Self {
            after: after.into_iter().map(LockTime::from_consensus).collect(),
            older: older.into_iter().map(Sequence::from_consensus).collect(),
        }
    }

    /// The lowest locks that open, one for each way that needs less of one lock and more of the other.
    fn openings(
        &self,
        opens: impl Fn(Option<LockTime>, Option<Sequence>) -> bool,
    ) -> Vec<(Option<LockTime>, Option<Sequence>)> {
        let mut found = Vec::new();
        for after in core::iter::once(None).chain(self.after.iter().copied().map(Some)) {
            if opens(after, None) {
                found.push((after, None));
                continue;
            }
            let mut units = None;
            for older in &self.older {
                let unit = lock::counts_time(older.to_consensus_u32());
                if units != Some(unit) && opens(after, Some(*older)) {
                    found.push((after, Some(*older)));
                    units = Some(unit);
                }
            }
        }
        found
    }
}
