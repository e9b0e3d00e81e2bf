//! The program as its users meet it: run as a process, judged by what it prints and how it exits.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod bad_input;
mod delivery;
mod descriptor;
mod example;
mod heuristic;
mod history;
mod program;
mod redaction;
mod samples;
mod schema;
mod small_commands;
