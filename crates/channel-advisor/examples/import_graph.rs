//! How fast a graph is imported, beside the JSON parser alone on the same bytes: `import_graph FILE [RUNS]`.
#![expect(clippy::print_stdout, reason = "an example prints what it measured")]

use std::error::Error;
use std::fs::File;
use std::time::{Duration, Instant};

use channel_advisor::import::{Import, Role, read_document};
use channel_advisor::snapshot::Snapshot;
use serde::de::IgnoredAny;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let Some(path) = arguments.next() else {
        println!("usage: import_graph FILE [RUNS]");
        return Ok(());
    };
    let runs: u32 = arguments.next().map_or(Ok(5), |runs| runs.parse())?;
    let bytes = read_document(&path, File::open(&path)?)?;
    // A graph alone lists no channels of ours; a listing with one invented channel completes the import.
    let listing =
        br#"{"channels": [{"chan_id": "1", "capacity": "1", "local_balance": "1", "remote_balance": "0"}]}"#;
    let parse = best(runs, || serde_json::from_slice::<IgnoredAny>(&bytes).map(|_| ()))?;
    let mut read: Option<Snapshot> = None;
    let add = best(runs, || Import::new().add(&path, &bytes, Some(Role::Graph)).map(|_| ()))?;
    let all = best(runs, || {
        let mut import = Import::new();
        import.add("listing", listing, None)?;
        import.add(&path, &bytes, Some(Role::Graph))?;
        read = Some(import.finish()?);
        Ok::<(), Box<dyn Error>>(())
    })?;
    if let Some(graph) = read.and_then(|snapshot| snapshot.graph) {
        println!(
            "{} nodes, {} directions, {} bytes",
            graph.node_count(),
            graph.direction_count(),
            bytes.len()
        );
    }
    println!("JSON parser alone     {parse:?}");
    println!("documents read        {add:?}   {:.2}x", add.as_secs_f64() / parse.as_secs_f64());
    println!("graph ready           {all:?}   {:.2}x", all.as_secs_f64() / parse.as_secs_f64());
    Ok(())
}

/// The shortest of several runs.
fn best<E>(runs: u32, mut run: impl FnMut() -> Result<(), E>) -> Result<Duration, E> {
    let mut shortest = Duration::MAX;
    for _ in 0..runs.max(1) {
        let start = Instant::now();
        run()?;
        shortest = shortest.min(start.elapsed());
    }
    Ok(shortest)
}
