//! Runs other programs: cargo above all, with their output left to the terminal.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Output};

use thiserror::Error;

/// Why a program did not do its part.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum CommandError {
    #[error("cannot start `{shown}`")]
    Start {
        shown: String,
        #[source]
        source: io::Error,
    },
    #[error("`{shown}` ended with {status}")]
    Failed { shown: String, status: ExitStatus },
}

/// The cargo that started us, so that the toolchain is the same.
pub(crate) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
}

/// The compiler that cargo uses.
pub(crate) fn rustc() -> Command {
    Command::new(env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc")))
}

/// Runs to the end; a status other than success is an error.
pub(crate) fn run(command: &mut Command) -> Result<(), CommandError> {
    let status = command.status().map_err(|source| CommandError::Start { shown: shown(command), source })?;
    require_success(command, status)
}

/// Runs to the end and keeps the output; a status other than success is an error.
pub(crate) fn read(command: &mut Command) -> Result<String, CommandError> {
    let output = capture(command)?;
    require_success(command, output.status)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs to the end and keeps output and status, whatever they are.
pub(crate) fn capture(command: &mut Command) -> Result<Output, CommandError> {
    command.output().map_err(|source| CommandError::Start { shown: shown(command), source })
}

/// An error unless `status` is success.
pub(crate) fn require_success(command: &Command, status: ExitStatus) -> Result<(), CommandError> {
    if status.success() { Ok(()) } else { Err(CommandError::Failed { shown: shown(command), status }) }
}

/// The folder cargo builds into, where gates keep what they make.
pub(crate) fn target_folder(root: &std::path::Path) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder))
}

/// The command as one would type it: the program's own name, then its arguments.
pub(crate) fn shown(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(name).chain(arguments).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{CommandError, cargo, read, run, shown};
    use std::process::Command;

    #[test]
    fn a_command_is_shown_without_its_folder() {
        let mut command = Command::new("/usr/bin/tool");
        command.args(["check", "-p", "x"]);
        assert_eq!(shown(&command), "tool check -p x");
    }

    #[test]
    fn a_failing_command_and_a_missing_program_are_told_apart() {
        let failed =
            run(cargo().args(["--frozen", "no-such-subcommand"]).stderr(std::process::Stdio::null()));
        assert!(matches!(failed, Err(CommandError::Failed { .. })), "{failed:?}");
        let missing = run(&mut Command::new("/no/such/program"));
        assert!(matches!(missing, Err(CommandError::Start { .. })), "{missing:?}");
    }

    #[test]
    fn output_is_read() {
        let version = read(cargo().arg("--version"));
        assert!(version.is_ok_and(|text| text.starts_with("cargo ")));
    }
}
