//! Each side may have `max_accepted_htlcs` outputs offered to it, and not one more.

use channel_core::Side;
use channel_tx::commitment::BuildError;
use channel_tx::weight::nominal;

use crate::channel::{FORMATS, commitment, htlc};

#[test]
fn each_direction_has_its_own_limit() {
    for format in FORMATS {
        let max = u64::from(format.max_accepted_htlcs());
        for owner in Side::ALL {
            let offers = |count: u64, by| (0..count).map(move |id| htlc(id, by, 1000, 1, 500));
            let full = offers(max, Side::Local).chain(offers(max, Side::Remote)).collect();
            let full = commitment(format, owner, full).unwrap();
            assert_eq!(full.htlc_count() as u64, 2 * max, "{format}");
            for by in Side::ALL {
                let other = offers(max, by.other());
                let refused = commitment(format, owner, offers(max + 1, by).chain(other).collect());
                let BuildError::TooManyHtlcs { owner: refused_owner, offered_by, htlcs, max: limit, .. } =
                    refused.unwrap_err()
                else {
                    panic!("{format} refuses for another reason")
                };
                assert_eq!((refused_owner, offered_by), (owner, by));
                assert_eq!((htlcs as u64, u64::from(limit)), (max + 1, max));
            }
        }
    }
}

#[test]
fn a_full_zero_fee_commitment_still_relays() {
    for format in FORMATS.into_iter().filter(|format| format.is_zero_fee()) {
        let max = format.max_accepted_htlcs();
        assert!(nominal::commitment(format, 2 * max).to_vbytes_ceil() <= 10_000, "{format}");
    }
}

#[test]
fn trimmed_htlcs_do_not_count() {
    for format in FORMATS {
        let max = u64::from(format.max_accepted_htlcs());
        let kept = (0..max).map(|id| htlc(id, Side::Local, 354, 1, 500));
        let trimmed = (max..max + 5).map(|id| htlc(id, Side::Local, 353, 1, 500));
        let built = commitment(format, Side::Local, kept.chain(trimmed).collect()).unwrap();
        assert_eq!(built.htlc_count() as u64, max, "{format}");
    }
}
