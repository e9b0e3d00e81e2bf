//! How fast a graph is imported, beside the JSON parser on the same bytes: `import_graph FILE [RUNS]`.
//!
//! Three yardsticks: the parser skipping everything, the parser reading the fields a graph needs into borrowed
//! strings (the least a reader can do with it), and the parser building a tree of values.

#![allow(clippy::disallowed_methods, reason = "an example program reads files")]
#![expect(clippy::print_stdout, reason = "an example prints what it measured")]

use std::borrow::Cow;
use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::time::{Duration, Instant};

use channel_advisor::import::{Import, Role, read_document};
use channel_advisor::snapshot::Snapshot;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

#[derive(Deserialize)]
struct Strings<'a> {
    #[serde(borrow)]
    nodes: Vec<Node<'a>>,
    #[serde(borrow)]
    edges: Vec<Edge<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only the reading is measured")]
struct Node<'a> {
    pub_key: &'a str,
    #[serde(borrow)]
    alias: Cow<'a, str>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only the reading is measured")]
struct Edge<'a> {
    channel_id: &'a str,
    node1_pub: &'a str,
    node2_pub: &'a str,
    capacity: &'a str,
    #[serde(borrow)]
    node1_policy: Option<Policy<'a>>,
    #[serde(borrow)]
    node2_policy: Option<Policy<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only the reading is measured")]
struct Policy<'a> {
    min_htlc: &'a str,
    fee_base_msat: &'a str,
    fee_rate_milli_msat: &'a str,
    disabled: bool,
    max_htlc_msat: &'a str,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let Some(path) = arguments.next() else {
        println!("usage: import_graph FILE [RUNS]");
        return Ok(());
    };
    let runs: u32 = arguments.next().map_or(Ok(5), |runs| runs.parse())?;
    let bytes = read_document(&path, File::open(&path)?)?;
    let snapshot = import(&path, &bytes)?;
    if let Some(graph) = &snapshot.graph {
        println!(
            "{} nodes, {} directions, {} bytes",
            graph.node_count(),
            graph.direction_count(),
            bytes.len()
        );
    }
    let imported = best(runs, || import(&path, &bytes).map(black_box))?;
    let skipped = best(runs, || serde_json::from_slice::<IgnoredAny>(&bytes).map(black_box))?;
    let strings = best(runs, || {
        serde_json::from_slice::<Strings<'_>>(&bytes)
            .map(|read| black_box(read.nodes.len() + read.edges.len()))
    })?;
    let tree = best(1, || serde_json::from_slice::<Value>(&bytes).map(black_box))?;
    for (what, time) in [
        ("imported, graph ready", imported),
        ("parser, skipping all", skipped),
        ("parser, borrowed fields", strings),
        ("parser, tree of values", tree),
    ] {
        let ratio = imported.as_secs_f64() / time.as_secs_f64();
        println!("{what:<24} {:>7.1} ms   import / this = {ratio:.2}", time.as_secs_f64() * 1e3);
    }
    Ok(())
}

/// A graph alone lists no channels of ours; a listing of one invented channel completes the import.
fn import(path: &str, bytes: &[u8]) -> Result<Snapshot, Box<dyn Error>> {
    let listing = br#"[{"chan_id": "1", "capacity": "1", "local_balance": "1", "remote_balance": "0"}]"#;
    let mut import = Import::new();
    import.add("listing", listing, None)?;
    import.add(path, bytes, Some(Role::Graph))?;
    Ok(import.finish()?)
}

/// The shortest of several runs.
fn best<T, E>(runs: u32, mut run: impl FnMut() -> Result<T, E>) -> Result<Duration, E> {
    let mut shortest = Duration::MAX;
    for _ in 0..runs.max(1) {
        let start = Instant::now();
        drop(run()?);
        shortest = shortest.min(start.elapsed());
    }
    Ok(shortest)
}
