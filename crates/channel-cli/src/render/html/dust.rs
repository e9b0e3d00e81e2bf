//! The dust ledger: the fleet's stress curves and one row per channel.

use std::io::{self, Write};

use taproot_channels::advisor::plan::Plan;
use taproot_channels::core::Msat;

use super::super::{view, word};
use super::channels;
use super::chart::{Hue, curve};
use crate::figure;

/// What closing every channel by force would lose and cost, by feerate.
pub(super) fn summary(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let stress = view::fleet_stress(plan);
    if stress.is_empty() {
        return Ok(());
    }
    let lost: Vec<_> = stress.iter().map(|(feerate, lost, _)| (*feerate, *lost)).collect();
    let fees: Vec<_> = stress.iter().map(|(feerate, _, fee)| (*feerate, *fee)).collect();
    writeln!(
        out,
        "<section>\n<h2>Dust under stress</h2>\n<p class=\"lead\">If every channel were closed by force at each feerate: value that would \
         not come back, and chain fees, in sat.</p>\n<div class=\"charts\">\n<div class=\"card chart\"><h3>Value lost</h3>{}</div>\n\
         <div class=\"card chart\"><h3>Chain fees</h3>{}</div>\n</div>\n</section>",
        curve("value lost by feerate", Hue::Lost, &lost),
        curve("chain fees by feerate", Hue::Fees, &fees),
    )
}

/// One row per channel.
pub(super) fn ledger(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<section>\n<h2>Ledger</h2>\n<p class=\"lead\">In sat at {}. Trimmed value goes to fees when a commitment confirms; hidden is \
         trimmed value that LND counts as commitment fee.</p>\n<div class=\"card scroll\"><table>\n<thead><tr><th class=\"l\">channel</th>\
         <th class=\"l\">type</th><th>trimmed, ours</th><th>trimmed, theirs</th><th>hidden</th><th>uneconomic</th><th>exposure</th>\
         <th>close loses</th><th>close costs</th><th>locked, blocks</th><th>advised limit</th></tr></thead>\n<tbody>",
        plan.feerate.feerate_sat_per_kw
    )?;
    for channel in &plan.channels {
        let dust = &channel.dust;
        write!(
            out,
            "<tr{}><td class=\"l name\">{}</td><td class=\"l\">{}</td>",
            channels::row_class(&dust.notes),
            channels::named(channel),
            word::commitment(channel.commitment)
        )?;
        amount(Some(dust.trimmed_local_msat), out)?;
        amount(Some(dust.trimmed_remote_msat), out)?;
        amount(dust.hidden_msat, out)?;
        amount(Some(dust.uneconomic_msat), out)?;
        amount(Some(dust.exposure_msat), out)?;
        amount(Some(dust.force_close.lost_msat), out)?;
        amount(Some(dust.force_close.fee_msat), out)?;
        writeln!(
            out,
            "<td>{}</td><td>{}</td></tr>",
            dust.force_close.locked_blocks.map_or_else(|| "–".to_owned(), |blocks| blocks.to_string()),
            figure::grouped(dust.advised_dust_limit_sat),
        )?;
        channels::remarks(&dust.notes, 11, out)?;
    }
    writeln!(out, "</tbody>\n</table></div>\n</section>")
}

fn amount(amount: Option<Msat>, out: &mut dyn Write) -> io::Result<()> {
    match amount {
        Some(amount) if !amount.is_zero() => {
            write!(out, "<td>{}</td>", figure::sat(amount).trim_end_matches(" sat"))
        }
        Some(_) => write!(out, "<td class=\"zero\">0</td>"),
        None => write!(out, "<td class=\"zero\">–</td>"),
    }
}
