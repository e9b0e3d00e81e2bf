//! The program `channel`: reads what a Lightning node lists about itself and prints a priced plan. It opens no socket
//! and asks for no key.

mod args;
mod command;
mod command_error;
mod descriptor;
mod example;
mod figure;
mod history;
mod input;
mod output;
mod redaction;
mod render;
mod simulation;
mod text;

use std::process::ExitCode;

fn main() -> ExitCode {
    command::run(std::env::args_os())
}
