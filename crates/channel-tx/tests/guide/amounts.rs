//! Where each satoshi of a commitment goes.

use bitcoin::Amount;
use channel_core::commitment::{Anchors, CommitmentOutputs, CommitmentSpec, CommitmentTerms};
use channel_core::dust::TrimLimit;
use channel_core::htlc::Htlc;
use channel_core::{CltvExpiry, CommitmentFormat, FeerateKw, HtlcId, Msat, PaymentHash, PerSide, Side};
use channel_tx::bitcoin;

use crate::page::{FORMATS, Page, assert_rows};

const CAPACITY_MSAT: u64 = 1_000_000_000;
const LIMIT: Amount = Amount::from_sat(354);

#[test]
fn the_example_commitment_has_these_outputs_and_this_fee() {
    let columns = FORMATS.map(column);
    let names = columns[0].each_ref().map(|(name, _)| *name);
    let rows: Vec<_> = (0..names.len())
        .map(|index| (names[index], columns.each_ref().map(|column| decimal(column[index].1))))
        .collect();
    assert_rows("sat", &rows);
    for column in &columns {
        let of = |wanted: &str| column.iter().find(|(name, _)| *name == wanted).unwrap().1;
        let outputs = of("`to_local`") + of("`to_remote`") + of("HTLC") + of("anchors");
        assert_eq!(outputs + of("fee"), CAPACITY_MSAT);
    }
}

/// The P2A of a commitment that leaves this much over, and its fee.
#[test]
fn the_shared_anchor_takes_what_is_left_up_to_240_sat() {
    let drawing = Page::read().drawings().into_iter().find(|text| text.contains("left over")).unwrap();
    let row = |name: &str| -> Vec<u64> {
        let line = drawing.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        line.split_whitespace().filter_map(|word| word.parse().ok()).collect()
    };
    let (left, anchors, fees) = (row("left over"), row("P2A"), row("fee"));
    assert_eq!(left, [0, 100, 240, 300]);
    for format in [CommitmentFormat::TaprootV3, CommitmentFormat::SegwitV3] {
        for (index, left) in left.iter().enumerate() {
            let outputs = outputs(format, 700_000_000, &[(left * 1000, 1)]);
            assert_eq!(outputs.anchors, Anchors::Shared(Amount::from_sat(anchors[index])), "{left}");
            assert_eq!(outputs.fee.total(), Amount::from_sat(fees[index]), "{left}");
        }
    }
}

/// The rows of one format, in msat.
fn column(format: CommitmentFormat) -> [(&'static str, u64); 9] {
    let made = outputs(format, 700_000_400, &[(50_000_000, 1), (299_500, 2)]);
    let [htlc] = made.htlcs.as_slice() else { panic!("one HTLC has an output") };
    let anchors = match made.anchors {
        Anchors::Shared(value) => value,
        Anchors::Keyed { local, remote } => local.unwrap() + remote.unwrap(),
        Anchors::None => Amount::ZERO,
    };
    let (msat, fee) = (|amount: Amount| amount.to_sat() * 1000, &made.fee);
    [
        ("`to_local`", msat(made.to_local.unwrap())),
        ("`to_remote`", msat(made.to_remote.unwrap())),
        ("HTLC", msat(htlc.value)),
        ("anchors", msat(anchors)),
        ("`weight_fee`", msat(fee.weight_fee)),
        ("`trimmed_htlcs`", fee.trimmed_htlcs.to_msat()),
        ("`rounding`", fee.rounding.to_msat()),
        ("`to_shared_anchor`", msat(fee.to_shared_anchor)),
        ("fee", msat(fee.total())),
    ]
}

/// The outputs of the opener's commitment, when it has this balance, these HTLCs are its own, and the rest is the peer's.
fn outputs(format: CommitmentFormat, local_msat: u64, offered: &[(u64, u64)]) -> CommitmentOutputs {
    let limit = TrimLimit::observed(LIMIT);
    let terms = CommitmentTerms {
        format,
        opener: Side::Local,
        capacity: Amount::from_sat(CAPACITY_MSAT / 1000),
        trim: PerSide { local: limit, remote: limit },
    };
    let htlcs = offered.iter().filter(|(msat, _)| *msat > 0).map(|(msat, id)| Htlc {
        id: HtlcId::new(*id),
        offered_by: Side::Local,
        amount: Msat::from_msat(*msat),
        payment_hash: PaymentHash::from_bytes([7; 32]),
        cltv_expiry: CltvExpiry::new(900_000).unwrap(),
    });
    let in_flight: u64 = offered.iter().map(|(msat, _)| msat).sum();
    let balances = PerSide {
        local: Msat::from_msat(local_msat),
        remote: Msat::from_msat(CAPACITY_MSAT - local_msat - in_flight),
    };
    let feerate = FeerateKw::from_sat_per_kw(if format.is_zero_fee() { 0 } else { 2500 });
    let spec = CommitmentSpec::with_htlcs(balances, feerate, htlcs).unwrap();
    CommitmentOutputs::of(&terms, &spec, Side::Local).unwrap()
}

/// Millisatoshi as the guide writes them: satoshi, with one decimal where there is one.
fn decimal(msat: u64) -> String {
    match msat % 1000 {
        0 => grouped(msat / 1000),
        rest => format!("{}.{}", grouped(msat / 1000), rest / 100),
    }
}

/// A number as the guide writes it, in groups of three.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
