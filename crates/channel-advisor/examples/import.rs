//! Reads listings given as arguments (or a small embedded one) and prints what was understood:
//! `import listchannels.json fwdinghistory.json graph.json.gz`.

#![allow(clippy::disallowed_methods, reason = "an example program reads files")]
#![expect(clippy::print_stdout, reason = "an example prints what it read")]

use std::error::Error;
use std::fs::File;

use channel_advisor::import::{Import, read_document};
use channel_advisor::snapshot::{ChannelSnapshot, Snapshot};

/// What `lncli listchannels` prints, of an invented node.
const LISTING: &[u8] = include_bytes!("../tests/fixtures/import/lnd-listchannels.json");

fn main() -> Result<(), Box<dyn Error>> {
    let mut import = Import::new();
    let paths: Vec<String> = std::env::args().skip(1).collect();
    for path in &paths {
        let bytes = read_document(path, File::open(path)?)?;
        import.add(path, &bytes, None).inspect_err(|error| println!("hint: {}", error.hint()))?;
    }
    if paths.is_empty() {
        import.add("embedded listing", LISTING, None)?;
    }
    for (name, kind) in import.documents() {
        println!("{name}: {kind}");
    }
    print(&import.finish()?);
    Ok(())
}

fn print(snapshot: &Snapshot) {
    println!("{} node with {} channels", snapshot.implementation, snapshot.channels.len());
    for channel in &snapshot.channels {
        println!("{}", line(channel));
    }
    if let Some(forwards) = &snapshot.forwards {
        println!("{} forwards, totals of {} peers", forwards.events.len(), forwards.peers.len());
    }
    if let Some(payments) = &snapshot.self_payments {
        println!("{} payments to ourselves", payments.len());
    }
    if let Some(graph) = &snapshot.graph {
        println!("a graph of {} nodes and {} directions", graph.node_count(), graph.direction_count());
    }
    for assumption in &snapshot.assumptions {
        let channels = assumption.channels.map_or(String::new(), |n| format!(" ({n} channels)"));
        println!("assumed {}{channels}: {}", assumption.code, assumption.text);
    }
}

fn line(channel: &ChannelSnapshot) -> String {
    let hidden = channel.hidden_dust.map_or("?".to_owned(), |dust| dust.to_sat_floor().to_sat().to_string());
    format!(
        "{:<20} {:>12} of {:>12} sat ours, {} HTLCs, hidden dust {hidden} sat",
        channel.label().chars().take(20).collect::<String>(),
        channel.local.to_sat_floor().to_sat(),
        channel.capacity.to_sat_floor().to_sat(),
        channel.htlcs.as_ref().map_or("?".to_owned(), |htlcs| htlcs.len().to_string()),
    )
}
