//! From files, pipes or the example to one snapshot. Every source is opened once and read once from front to end, so
//! `/dev/fd/63` works.

mod source;

pub(crate) use source::Source;

use std::io::{self, IsTerminal};

use taproot_channels::advisor::import::{ErrorClass, Import, ImportError, Role};
use taproot_channels::advisor::snapshot::{Implementation, Snapshot};

use crate::args::{InputArgs, SourceArg};
use crate::command_error::CommandError;
use crate::example;
use crate::output::Progress;

/// Reads everything the command line names into a snapshot.
pub(crate) fn snapshot(args: &InputArgs, progress: &Progress) -> Result<Snapshot, CommandError> {
    let mut import = Import::new();
    if let Some(from) = args.from {
        import = import.assume(implementation(from));
    }
    if args.example {
        for (name, bytes) in example::documents() {
            import.add(name, &bytes, None).map_err(|error| failure(&error))?;
        }
    } else {
        for source in sources(args)? {
            progress.step(&format!("reading {}", source.name()));
            let bytes = source.read()?;
            import.add(source.name(), &bytes, source.role()).map_err(|error| failure(&error))?;
        }
    }
    import.finish().map_err(|error| failure(&error))
}

/// The sources in the order of the command line; standard input when none is named and something is piped in.
pub(crate) fn sources(args: &InputArgs) -> Result<Vec<Source>, CommandError> {
    let forced = [
        (Role::Forwards, &args.forwards),
        (Role::Fees, &args.fees),
        (Role::Graph, &args.graph),
        (Role::Payments, &args.payments),
        (Role::Funds, &args.funds),
        (Role::Features, &args.features),
    ];
    let mut sources: Vec<Source> = args.files.iter().map(|path| Source::new(path, None)).collect();
    if sources.is_empty() {
        if io::stdin().is_terminal() {
            return Err(CommandError::usage(
                "no FILE was given and nothing is piped in",
                "try `channel plan --example`, or `lncli listchannels | channel plan`",
            ));
        }
        sources.push(Source::stdin());
    }
    for (role, paths) in forced {
        sources.extend(paths.iter().map(|path| Source::new(path, Some(role))));
    }
    if sources.iter().filter(|source| source.is_stdin()).count() > 1 {
        return Err(CommandError::usage(
            "standard input was asked for more than once",
            "give `-` once and the other inputs as files",
        ));
    }
    Ok(sources)
}

const fn implementation(from: SourceArg) -> Implementation {
    match from {
        SourceArg::Lnd => Implementation::Lnd,
        SourceArg::Cln => Implementation::Cln,
        SourceArg::Eclair => Implementation::Eclair,
        SourceArg::Ldk => Implementation::Ldk,
        SourceArg::Table => Implementation::Table,
    }
}

/// An import error as the program shows it; the system's errors keep their own exit codes.
pub(crate) fn failure(error: &ImportError) -> CommandError {
    match error {
        ImportError::Io { document, source } => CommandError::input(document, source),
        error => match error.class() {
            ErrorClass::Io => CommandError::io(error.to_string(), error.hint()),
            ErrorClass::Data => CommandError::data(error.to_string(), error.hint()),
        },
    }
}
