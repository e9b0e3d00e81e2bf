//! Outputs stand by value, then by script, then by expiry (BOLT 3, "Transaction Output Ordering").

use channel_core::Side;
use channel_tx::commitment::{Commitment, OutputRole};
use proptest::prelude::*;

use crate::channel::{FORMATS, commitment, htlc};

/// Value, script and expiry of each output, in the order of the transaction.
fn keys(commitment: &Commitment) -> Vec<(u64, Vec<u8>, u32)> {
    let outputs = commitment.transaction().output.iter().zip(commitment.outputs());
    outputs
        .map(|(output, placed)| {
            let expiry = match placed.role {
                OutputRole::Htlc(htlc) => htlc.htlc.cltv_expiry.to_height(),
                _ => 0,
            };
            (output.value.to_sat(), output.script_pubkey.to_bytes(), expiry)
        })
        .collect()
}

#[test]
fn equal_scripts_are_told_apart_by_expiry() {
    // The expiry of an offered HTLC is in none of its scripts, so these three outputs look alike.
    for format in FORMATS {
        let htlcs = [502, 500, 501].into_iter().zip(0..).map(|(at, id)| htlc(id, Side::Local, 1000, 9, at));
        let built = commitment(format, Side::Local, htlcs.collect()).unwrap();
        let expiries: Vec<u32> =
            keys(&built).into_iter().map(|(_, _, expiry)| expiry).filter(|expiry| *expiry > 0).collect();
        assert_eq!(expiries, [500, 501, 502], "{format}");
        let locks: Vec<u32> =
            built.htlc_transactions().map(|htlc| htlc.transaction().lock_time.to_consensus_u32()).collect();
        assert_eq!(locks, [500, 501, 502], "{format}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_commitment_is_in_order(
        drawn in proptest::collection::vec((any::<bool>(), 354_u64..1000, 0_u8..3, 1_u32..4), 0..12),
        format in proptest::sample::select(FORMATS.to_vec()),
        owner in proptest::sample::select(Side::ALL.to_vec()),
    ) {
        let htlcs = drawn.iter().zip(0..).map(|((ours, sat, hash, expiry), id)| {
            htlc(id, if *ours { Side::Local } else { Side::Remote }, *sat, *hash, *expiry)
        });
        let built = commitment(format, owner, htlcs.collect()).unwrap();
        prop_assert!(keys(&built).is_sorted());
        prop_assert_eq!(built.htlc_count(), drawn.len());
        // Each HTLC stands where its value does.
        for (output, placed) in built.transaction().output.iter().zip(built.outputs()) {
            if let OutputRole::Htlc(htlc) = placed.role {
                prop_assert_eq!(output.value, htlc.value);
            }
        }
    }
}
