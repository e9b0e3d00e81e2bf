//! Ratios of what criterion measured, from the estimates it leaves behind.

use std::path::{Path, PathBuf};

/// Two benches of one run: one and its floor.
#[derive(Debug, Clone)]
pub struct Ratio {
    /// What is compared, for people.
    pub label: String,
    /// Group and function of the bench.
    pub bench: (String, String),
    /// Group and function of its floor.
    pub floor: (String, String),
    /// What the ratio should not exceed, if it has a target.
    pub target: Option<f64>,
}

/// Prints a line for each ratio of which both sides were measured.
#[expect(clippy::print_stdout, reason = "the ratios are what the bench is run for")]
pub fn print_ratios(ratios: &[Ratio]) {
    let folder = criterion_folder();
    println!(
        "{:<52} {:>12} {:>12} {:>7}  target",
        "ratio to the floor of the same run", "us", "floor us", "ratio"
    );
    for ratio in ratios {
        let (Some(time), Some(floor)) = (median(&folder, &ratio.bench), median(&folder, &ratio.floor)) else {
            continue;
        };
        let target = ratio.target.map_or_else(String::new, |target| format!("<= {target:.2}"));
        let (us, floor_us) = (time / 1e3, floor / 1e3);
        println!("{:<52} {us:>12.2} {floor_us:>12.2} {:>7.2}  {target}", ratio.label, time / floor);
    }
}

/// Where criterion keeps its estimates: beside the binaries, or where the environment says.
fn criterion_folder() -> PathBuf {
    if let Some(home) = std::env::var_os("CRITERION_HOME") {
        return PathBuf::from(home);
    }
    let binary = std::env::current_exe().unwrap_or_default();
    let target = binary.ancestors().find(|folder| folder.join("criterion").is_dir());
    target.unwrap_or(Path::new("target")).join("criterion")
}

/// The median time of one iteration, in ns.
fn median(folder: &Path, (group, function): &(String, String)) -> Option<f64> {
    // As criterion makes file names.
    let name = |text: &str| text.replace(['?', '"', '/', '\\', '*', '<', '>', ':', '|', '^'], "_");
    let file = folder.join(name(group)).join(name(function)).join("new/estimates.json");
    let estimates: serde_json::Value = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    estimates["median"]["point_estimate"].as_f64()
}
