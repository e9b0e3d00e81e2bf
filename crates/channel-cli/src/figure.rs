//! Numbers for people: satoshi in groups of three, shares in percent, spans of time in the unit that fits.

use taproot_channels::core::{FeerateKw, Msat, SignedMsat};

/// Digits in groups of three.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Satoshi with unit; below 10 sat with one decimal: `1,234,567 sat`, `1.4 sat`.
pub(crate) fn sat(amount: Msat) -> String {
    format!("{} sat", sat_digits(amount.to_msat()))
}

/// The same with a sign in front: `+1,234 sat`, `−56 sat`, `0 sat`.
pub(crate) fn signed_sat(amount: SignedMsat) -> String {
    let sign = match amount.to_msat() {
        0 => "",
        1.. => "+",
        _ => "−",
    };
    format!("{sign}{} sat", sat_digits(amount.to_msat().unsigned_abs()))
}

fn sat_digits(msat: u64) -> String {
    let (whole, tenth) = (msat / 1000, msat % 1000 / 100);
    match (whole, tenth) {
        (0, 0) if msat > 0 => format!("0.{msat:03}"),
        (0..10, 1..) => format!("{whole}.{tenth}"),
        _ => grouped(whole),
    }
}

/// A feerate that something must not exceed, rounded down to a tenth of a sat/vB: `30.8 sat/vB`.
pub(crate) fn feerate_at_most(feerate: FeerateKw) -> String {
    let tenths = feerate.to_sat_per_kw() / 25;
    match tenths % 10 {
        0 => format!("{} sat/vB", grouped(u64::from(tenths / 10))),
        tenth => format!("{}.{tenth} sat/vB", grouped(u64::from(tenths / 10))),
    }
}

/// An amount in at most seven characters, unit satoshi: `9,999`, `916 k`, `4.00 M`, `1.25 BTC`.
pub(crate) fn short_sat(amount: Msat) -> String {
    short(amount.to_msat() / 1000)
}

/// The same with a sign.
pub(crate) fn short_signed_sat(amount: SignedMsat) -> String {
    let magnitude = amount.to_msat().unsigned_abs() / 1000;
    match (magnitude, amount.to_msat()) {
        (0, _) => "0".to_owned(),
        (_, 1..) => format!("+{}", short(magnitude)),
        _ => format!("−{}", short(magnitude)),
    }
}

fn short(sat: u64) -> String {
    match sat {
        0..10_000 => grouped(sat),
        10_000..1_000_000 => format!("{} k", sat / 1000),
        1_000_000..100_000_000 => format!("{} M", three_digits(sat, 1_000_000)),
        _ => format!("{} ₿", three_digits(sat, 100_000_000)),
    }
}

/// `number / unit`, cut to three significant digits (whole numbers from 100 up).
fn three_digits(number: u64, unit: u64) -> String {
    let whole = number / unit;
    let hundredths = number % unit * 100 / unit;
    match whole {
        0..10 => format!("{whole}.{hundredths:02}"),
        10..100 => format!("{whole}.{}", hundredths / 10),
        _ => grouped(whole),
    }
}

/// A share in percent: `54 %`, below ten percent with a decimal: `5.4 %`.
pub(crate) fn percent(ppm: u32) -> String {
    match ppm {
        0 => "0 %".to_owned(),
        1..1_000 => "<0.1 %".to_owned(),
        1_000..100_000 => format!("{}.{} %", ppm / 10_000, ppm % 10_000 / 1000),
        _ => format!("{} %", ppm / 10_000),
    }
}

/// A share in whole percent without a space, for narrow columns: `54%`.
pub(crate) fn narrow_percent(ppm: u32) -> String {
    format!("{}%", ppm / 10_000)
}

/// A signed rate a year in percent: `−1.2 % a year`.
pub(crate) fn percent_a_year(ppm: i64) -> String {
    let sign = if ppm < 0 { "−" } else { "" };
    let tenths = ppm.unsigned_abs() / 1000;
    format!("{sign}{}.{} % a year", grouped(tenths / 10), tenths % 10)
}

/// A span in hours, days or years: `3 h`, `12 days`, `2.5 years`.
pub(crate) fn span(hours: u64) -> String {
    match hours {
        0 => "under 1 h".to_owned(),
        1..72 => format!("{hours} h"),
        72..17_520 => format!("{} days", grouped(hours / 24)),
        _ => format!("{}.{} years", grouped(hours / 8760), hours % 8760 * 10 / 8760),
    }
}

/// Parts per million with unit.
pub(crate) fn ppm(ppm: u32) -> String {
    format!("{} ppm", grouped(u64::from(ppm)))
}

/// A share in ppm as a decimal without trailing zeros: `0.65`.
pub(crate) fn decimal(number: u32, unit: u32) -> String {
    let places = unit.ilog10() as usize;
    let fraction = format!("{:0places$}", number % unit);
    match fraction.trim_end_matches('0') {
        "" => (number / unit).to_string(),
        rest => format!("{}.{rest}", number / unit),
    }
}

/// The share of `part` in `whole`, ppm; 0 of nothing.
pub(crate) fn share_ppm(part: Msat, whole: Msat) -> u32 {
    if whole.is_zero() {
        return 0;
    }
    let ppm = u128::from(part.to_msat()) * 1_000_000 / u128::from(whole.to_msat());
    u32::try_from(ppm).unwrap_or(u32::MAX)
}

/// `count` with the noun that fits: `1 channel`, `2 channels`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", grouped(count as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn satoshi_are_grouped_and_keep_small_fractions() {
        let text = |msat| sat(Msat::from_msat(msat));
        assert_eq!(text(1_234_567_000), "1,234,567 sat");
        assert_eq!(text(1_415), "1.4 sat");
        assert_eq!(text(9_999), "9.9 sat");
        assert_eq!(text(99_500), "99 sat");
        assert_eq!(text(1), "0.001 sat");
        assert_eq!(text(5_000), "5 sat");
        assert_eq!(text(0), "0 sat");
        assert_eq!(text(u64::MAX), "18,446,744,073,709,551 sat");
        assert_eq!(signed_sat(SignedMsat::from_msat(-56_000)), "−56 sat");
        assert_eq!(signed_sat(SignedMsat::from_msat(i64::MIN)), "−9,223,372,036,854,775 sat");
        assert_eq!(signed_sat(SignedMsat::ZERO), "0 sat");
    }

    #[test]
    fn feerates_that_bound_are_rounded_down() {
        for (kw, text) in
            [(7701, "30.8 sat/vB"), (25, "0.1 sat/vB"), (1250, "5 sat/vB"), (640_000, "2,560 sat/vB")]
        {
            assert_eq!(feerate_at_most(FeerateKw::from_sat_per_kw(kw)), text);
        }
    }

    #[test]
    fn short_amounts_fit_seven_columns() {
        for (sat, text) in [
            (0, "0"),
            (9_999, "9,999"),
            (10_000, "10 k"),
            (916_544, "916 k"),
            (999_999, "999 k"),
            (4_000_000, "4.00 M"),
            (15_320_670, "15.3 M"),
            (123_456_789, "1.23 ₿"),
            (2_100_000_000_000_000, "21,000,000 ₿"),
        ] {
            assert_eq!(short_sat(Msat::from_sat(sat).unwrap()), text);
        }
        assert_eq!(short_signed_sat(SignedMsat::from_msat(-312_000_000)), "−312 k");
        assert_eq!(short_signed_sat(SignedMsat::from_msat(-999)), "0");
    }

    #[test]
    fn shares_and_spans_change_unit_at_the_stated_edges() {
        assert_eq!([0, 999, 1000, 99_999, 100_000].map(percent), ["0 %", "<0.1 %", "0.1 %", "9.9 %", "10 %"]);
        assert_eq!([0, 71, 72, 17_519].map(span), ["under 1 h", "71 h", "3 days", "729 days"]);
        assert_eq!(span(21_900), "2.5 years");
        assert_eq!(decimal(650_000, 1_000_000), "0.65");
        assert_eq!(decimal(1000, 1000), "1");
        assert_eq!(percent_a_year(-12_345), "−1.2 % a year");
        assert_eq!(share_ppm(Msat::from_msat(1), Msat::ZERO), 0);
        assert_eq!(share_ppm(Msat::MAX, Msat::MAX), 1_000_000);
        assert_eq!([1, 2].map(|n| counted(n, "channel")), ["1 channel", "2 channels"]);
    }
}
