//! `lightning-cli listfunds` and `feerates`.

use channel_core::{FeerateKw, Msat};
use serde::Deserialize;

use crate::import::ImportError;
use crate::import::draft::Draft;
use crate::import::rows::Source;
use crate::import::scalar::{Row, Scalar};
use crate::snapshot::WalletCoins;

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Output<'a> {
    amount_msat: Scalar<'a>,
    msatoshi: Scalar<'a>,
    value: Scalar<'a>,
    status: Scalar<'a>,
    reserved: Scalar<'a>,
}

/// Reads the coins that are confirmed and not reserved.
pub(in crate::import) fn funds(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let rows = source.rows::<Output<'_>>("outputs")?;
    let (mut sum, mut coins) = (Msat::ZERO, 0_u32);
    for (row, output) in rows.iter() {
        let usable = output.status.text() == Some("confirmed") && output.reserved.flag() != Some(true);
        let amount = match row.msat("amount_msat", output.amount_msat.or(&output.msatoshi))? {
            Some(amount) => Some(amount),
            None => row.sat_as_msat("value", &output.value)?,
        };
        if let (true, Some(amount)) = (usable, amount) {
            sum = sum.saturating_add(amount);
            coins = coins.saturating_add(1);
        }
    }
    draft.wallet = Some(WalletCoins { confirmed: sum.to_sat_floor(), coins: Some(coins) });
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Feerates<'a> {
    perkw: Option<Estimates<'a>>,
    perkb: Option<Estimates<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Estimates<'a> {
    opening: Scalar<'a>,
    estimates: Option<Vec<Estimate<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Estimate<'a> {
    blockcount: Scalar<'a>,
    feerate: Scalar<'a>,
}

/// Reads the feerate of an action of no hurry: the estimate for 12 blocks, which the node itself takes to open
/// channels, else `opening`.
pub(in crate::import) fn feerates(draft: &mut Draft, source: &Source<'_>) -> Result<(), ImportError> {
    let feerates: Feerates<'_> = source.value()?;
    let row = Row::root(source.name);
    let per_kw = match (&feerates.perkw, &feerates.perkb) {
        (Some(estimates), _) => calm(&row, "perkw", estimates)?,
        // Four weight units are a virtual byte.
        (None, Some(estimates)) => calm(&row, "perkb", estimates)?.map(|per_kb| per_kb / 4),
        (None, None) => None,
    };
    draft.feerate = per_kw.map(FeerateKw::from_sat_per_kw);
    Ok(())
}

fn calm(row: &Row<'_>, unit: &str, estimates: &Estimates<'_>) -> Result<Option<u32>, ImportError> {
    for (index, estimate) in estimates.estimates.iter().flatten().enumerate() {
        if estimate.blockcount.unsigned() == Ok(Some(12)) {
            return row.narrow(format_args!("{unit}.estimates[{index}].feerate"), &estimate.feerate);
        }
    }
    row.narrow(format_args!("{unit}.opening"), &estimates.opening)
}
