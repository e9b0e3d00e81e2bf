//! Signing: a co-signed update from spec to two verified commitments, against the raw operations it cannot do without.

mod channel;
mod commitment;
mod floor;
mod hash_chain;
mod parties;
mod penalty;
mod update;

use benches::{print_ratios, wanted};
use criterion::Criterion;

fn main() {
    if !wanted("sign") {
        return;
    }
    let mut criterion = Criterion::default().configure_from_args();
    let mut ratios = Vec::new();
    ratios.extend(commitment::commitment(&mut criterion));
    ratios.extend(update::update(&mut criterion));
    ratios.extend(hash_chain::insert(&mut criterion));
    ratios.extend(penalty::penalty(&mut criterion));
    criterion.final_summary();
    print_ratios(&ratios);
}
