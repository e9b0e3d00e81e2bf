//! Prices a plan for listings given as files: `cargo run --example plan -- listchannels.json fwdinghistory.json …`.

#![allow(clippy::disallowed_methods, reason = "an example program reads files")]
#![allow(clippy::print_stdout, reason = "an example program prints")]

use std::error::Error;

use channel_advisor::economic::{Options, plan};
use channel_advisor::import::Import;

fn main() -> Result<(), Box<dyn Error>> {
    let mut import = Import::new();
    for path in std::env::args().skip(1) {
        import.add(&path, &std::fs::read(&path)?, None)?;
    }
    let snapshot = import.finish()?;
    let newest = snapshot.forwards.as_ref().and_then(|forwards| forwards.events.last());
    let now = jiff::Timestamp::from_nanosecond(newest.map_or(0, |forward| i128::from(forward.time_ns)))?;
    let mut options = Options::at(now);
    options.feerate = Some("5".parse()?);
    let plan = plan(&snapshot, &options)?;
    println!("{} channels, {} actions worth doing", plan.fleet.channels, plan.fleet.actions_total);
    for action in &plan.actions {
        let net = action.net_msat.map_or_else(|| "?".to_owned(), |net| net.to_sat_floor().to_string());
        println!("{net:>8} sat  {}", action.summary);
        for reason in &action.why {
            println!("              {}", reason.text);
        }
    }
    for channel in plan.channels.iter().filter(|channel| channel.chosen.is_empty()) {
        let reason = channel.no_action.as_ref().map_or("", |reason| &reason.text);
        println!("{:>20}: {reason}", channel.label);
    }
    Ok(())
}
