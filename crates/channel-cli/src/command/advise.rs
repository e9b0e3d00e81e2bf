//! `plan`, `health` and `dust`: read, compute, write.

use jiff::Timestamp;
use taproot_channels::advisor::economic::{self, Options};
use taproot_channels::advisor::plan::{Plan, Warning};
use taproot_channels::advisor::snapshot::Snapshot;
use taproot_channels::core::dust::DustProfile;
use taproot_channels::core::{FeerateKw, Msat};

use super::Outcome;
use crate::args::{AdviseArgs, DustProfileArg, Profile, SettingArgs};
use crate::command_error::CommandError;
use crate::history::History;
use crate::output::{Progress, Terminal};
use crate::redaction::Redaction;
use crate::render::{self, Subject};
use crate::{example, input, output};

/// Runs one of the three commands.
pub(super) fn run(subject: Subject, args: &AdviseArgs) -> Result<Outcome, CommandError> {
    let redacted = args.output.redact;
    advise(subject, args).map_err(|error| if redacted { without_names(error, args) } else { error })
}

fn advise(subject: Subject, args: &AdviseArgs) -> Result<Outcome, CommandError> {
    let now = now(args)?;
    let history = args.settings.history.as_deref().map(History::read).transpose()?;
    let progress = Progress::start("reading");
    let mut snapshot = input::snapshot(&args.input, &progress)?;
    let redaction = args.output.redact.then(|| Redaction::of(&mut snapshot));
    progress.step("planning");
    if args.settings.profile == Profile::Heuristic {
        // No figure of this profile depends on an id.
        if let Some(redaction) = &redaction {
            redaction.rename_channels(&mut snapshot);
        }
        drop(progress);
        return super::heuristic::run(subject, args, &snapshot, now);
    }
    let options = options(args, now, history.as_ref());
    let mut plan = economic_plan(&snapshot, &options)?;
    if args.input.example {
        plan.warnings.insert(0, example_notice(args));
    }
    // The history keeps the real ids, or it could not be matched with the next listing.
    if let (Subject::Plan, Some(history)) = (subject, &history) {
        history.add(&plan, now)?;
    }
    if let Some(redaction) = &redaction {
        redaction.apply(&mut plan);
    }
    drop(progress);
    write(&plan, subject, args)?;
    let advised = subject == Subject::Plan && plan.fleet.actions_total > 0;
    Ok(if advised && args.output.exit_code { Outcome::ActionAdvised } else { Outcome::Done })
}

fn write(plan: &Plan, subject: Subject, args: &AdviseArgs) -> Result<(), CommandError> {
    let path = args.output.out.as_deref();
    let terminal = match path {
        Some(_) => Terminal::of_file(args.output.color),
        None => Terminal::of_stdout(args.output.color),
    };
    output::deliver(path, |out| render::render(plan, subject, args.output.format(), terminal, out))
}

fn economic_plan(snapshot: &Snapshot, options: &Options) -> Result<Plan, CommandError> {
    economic::plan(snapshot, options).map_err(|error| {
        CommandError::usage(
            error.to_string(),
            "`channel plan --help` tells the range and the default of every setting",
        )
    })
}

/// The time of the plan: as given, else the example's own, else the clock in whole seconds.
fn now(args: &AdviseArgs) -> Result<Timestamp, CommandError> {
    match args.settings.now {
        Some(now) => Ok(now),
        None if args.input.example => example::NOW.parse().map_err(|error| {
            CommandError::data(format!("the example's date: {error}"), "this is a defect; please report it")
        }),
        None => Ok(Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default()),
    }
}

fn options(args: &AdviseArgs, now: Timestamp, history: Option<&History>) -> Options {
    let settings = &args.settings;
    let mut options = Options::at(now);
    options.feerate = match settings.feerate {
        None if args.input.example => example::FEERATE.parse::<FeerateKw>().ok(),
        given => given,
    };
    options.window_days = settings.window;
    options.budget = settings.budget;
    options.wallet = settings.wallet.map(Msat::to_sat_floor);
    options.dust_profile = match settings.dust_profile {
        DustProfileArg::Minimal => DustProfile::Minimal,
        DustProfileArg::Standard => DustProfile::Standard,
        DustProfileArg::Conservative => DustProfile::Conservative,
    };
    options.history = history.map(|history| history.before(now));
    override_defaults(&mut options, settings);
    options
}

/// Puts what was given on the command line in the place of the stated defaults.
fn override_defaults(options: &mut Options, settings: &SettingArgs) {
    fn put<T: Copy>(place: &mut T, given: Option<T>) {
        if let Some(given) = given {
            *place = given;
        }
    }
    put(&mut options.horizon_days, settings.horizon);
    put(&mut options.profit_split_ppm, settings.profit_split);
    put(&mut options.econ_ratio_ppm, settings.econ_ratio);
    put(&mut options.shrinkage_volume, settings.shrinkage);
    put(&mut options.margin_z_milli, settings.margin_z);
    put(&mut options.rate_cap_ppm, settings.rate_cap);
    put(&mut options.failure_cost, settings.failure_cost);
    put(&mut options.other_yield_ppm_per_year, settings.other_yield);
    put(&mut options.assumed_route_ppm, settings.route_price);
    put(&mut options.assumed_success_ppm, settings.route_success);
    put(&mut options.route_risk_ppm, settings.route_risk);
    put(&mut options.max_hops, settings.max_hops);
    put(&mut options.max_fee_step_ppm, settings.max_fee_step);
    put(&mut options.cooldown_days, settings.cooldown);
    put(&mut options.max_actions, settings.max_actions);
}

/// Says in every form of output that the fleet is invented.
fn example_notice(args: &AdviseArgs) -> Warning {
    let own_date = if args.settings.now.is_none() {
        format!("its own date (--now {})", example::NOW)
    } else {
        "the given date".to_owned()
    };
    let own_feerate = if args.settings.feerate.is_none() {
        format!("its own feerate (--feerate {})", example::FEERATE)
    } else {
        "the given feerate".to_owned()
    };
    Warning::new(
        "example_fleet",
        format!("This is the built-in example: invented peers and payments, {own_date} and {own_feerate}."),
        Some("channel inputs lnd".to_owned()),
    )
}

/// The same error with file names and ids replaced.
fn without_names(error: CommandError, args: &AdviseArgs) -> CommandError {
    let names: Vec<String> = input::sources(&args.input)
        .map(|sources| sources.iter().map(|source| source.name().to_owned()).collect())
        .unwrap_or_default();
    let redaction = Redaction::default();
    error.map_text(|text| {
        let mut text = text.to_owned();
        for (index, name) in names.iter().enumerate().filter(|(_, name)| *name != "standard input") {
            text = text.replace(name.as_str(), &crate::redaction::file_token(index));
        }
        for path in [&args.output.out, &args.settings.history].into_iter().flatten() {
            text = text.replace(&path.display().to_string(), crate::redaction::OUTPUT_TOKEN);
        }
        redaction.text(&text)
    })
}
