//! The gates and generators of the workspace: `cargo xtask ci | test | tidy | layers | vectors`.
#![expect(clippy::print_stdout, reason = "a command-line tool reports on the terminal")]

mod vectors;

fn main() {
    let root = std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut args = std::env::args().skip(1);
    match args.next().as_deref() {
        Some("import") => vectors::import(&root).expect("x"),
        Some("json") => vectors::check(&root, vectors::ReportFormat::Json).expect("x"),
        _ => vectors::check(&root, vectors::ReportFormat::Table).expect("x"),
    }
}
