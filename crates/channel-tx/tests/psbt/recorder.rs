//! Tells `cargo xtask vectors` how many official vectors were compared.

use std::path::PathBuf;

use serde_json::json;

/// Writes down that `passed` of the `cases` of a set passed, where the environment names a folder for it. No second
/// library reads these fields, so there is no oracle to count.
pub(crate) fn record(set: &str, cases: usize, passed: usize) {
    let Some(folder) = std::env::var_os("TAPROOT_CHANNELS_VECTOR_REPORT") else { return };
    let report = json!({ "set": set, "cases": cases, "product": passed, "oracle": null });
    std::fs::write(PathBuf::from(folder).join(format!("{set}.json")), report.to_string()).unwrap();
}
