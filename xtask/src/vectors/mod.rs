//! The project's fixtures: made from the folder beside the project where it is there, checked against it, and
//! complete without it.
//!
//! # The official vectors
//!
//! `cargo xtask vectors import` derives `crates/channel-sign/tests/vectors/*.json` and
//! `crates/channel-tx/tests/vectors/*.json` from the specifications' files; `cargo xtask vectors` derives them again
//! and compares bytes. Keys are sorted. Bytes are lower-case hexadecimal, money is an integer in the unit the field's
//! name ends with (`_sat`, `_msat`, `_per_kw`), keys are 33 bytes unless a format only knows the x coordinate (32).
//! Every file has `schema` and `source` (`file`, `origin`); every case has a `label` of ours and holds its figures
//! itself. A case that must fail has `refused` in place of a result.
//!
//! | file | content |
//! |---|---|
//! | `bip327_*` | `cases`. Common fields: `public_keys`, `public_nonces` (66 bytes), `aggregate_nonce`, `secret_key`, `secret_nonce` (97 bytes: two scalars, public key), `message`, `signer` (place in `public_keys`), `tweaks` (`kind` `x_only` or `plain`, `value`; in the order of use), `partial_signature`, `signature`. `refused` is `reason` and `signer` (or null) |
//! | `bip327_key_sort` | `public_keys`, `sorted` |
//! | `bip327_key_agg` | `public_keys`, `tweaks`; `aggregate_key` (x only) |
//! | `bip327_nonce_gen` | `entropy`, `secret_key`, `public_key`, `aggregate_key`, `message`, `extra_input` (null where not given); `secret_nonce`, `public_nonce` |
//! | `bip327_nonce_agg` | `public_nonces`; `aggregate_nonce` |
//! | `bip327_sign_verify` | `operation` `sign`: a `partial_signature` to make or `refused`; `operation` `verify`: `"valid": false` or `refused` |
//! | `bip327_tweak` | signing with tweaks |
//! | `bip327_det_sign` | `entropy` (or null), `aggregate_of_other_nonces`; `public_nonce` and `partial_signature` |
//! | `bip327_sig_agg` | `partial_signatures`; `signature` |
//! | `bip328` | `cases`: `public_keys` in the order of aggregation, `aggregate_key`, `extended_key` |
//! | `bip340` | `cases`: `secret_key`, `auxiliary` (null where nothing is to be signed), `public_key`, `message`, `signature`, `valid` |
//! | `bip341_outputs` | `cases`: `internal_key`, `leaves` from left to right (`depth`, `version`, `script`, `hash`, `control_block`), `merkle_root`, `tweak`, `output_key`, `script_pubkey`, `address` |
//! | `bip341_key_path` | `unsigned_transaction`, `signed_transaction`, `spent_outputs`, `midstates`; `cases`, one for each input signed: `index`, `secret_key`, `internal_key`, `merkle_root`, `sighash_type`, `tweak`, `tweaked_secret_key`, `sighash_preimage`, `sighash`, `witness` |
//! | `shachain` | `generation`: `seed`, `index`, `secret`; `storage`: `inserts` of `index`, `secret`, `accepted` |
//! | `key_derivation` | `basepoint`, `per_commitment`, `derived_key`, `revocation_key`, each with its secret |
//! | `commitments_*` | `format`, `channel`, `cases`: one schema for the four formats, documented in `official/channel.rs` |
//! | `scripts_simple_taproot` | the `channel` of the commitments, `htlc`, `unspendable_key`, `trees`: `leaves` (`name`, `script`, `hash`), `merkle_root`, `internal_key`, `output_key`, `script_pubkey` |
//! | `bip373` | `aggregate_key`, `participants`, `valid` (`role`, `stage`, `psbt`), `invalid` (`refused` with `field` and `part`, `psbt`) |

mod canonical;
mod expected;
mod heuristic_cases;
mod heuristic_rows;
mod official;
mod oracle;
mod random;
mod set_report;
mod test_reports;

use std::path::{Path, PathBuf};

use serde_json::Value;
use thiserror::Error;

use crate::command::CommandError;
use expected::{EXPECTED, ExpectedSet};
pub(crate) use heuristic_rows::HeuristicRowsError;
use official::{FIXTURES, OfficialError, Sources};
use set_report::{FixtureState, SetReport};
use test_reports::TestReportsError;

/// Overrides the folder beside the project.
const SHARED_VARIABLE: &str = "TAPROOT_CHANNELS_SHARED";

/// How the report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReportFormat {
    Table,
    Json,
}

/// Why the fixtures could not be made, or do not hold.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum VectorsError {
    #[error(transparent)]
    HeuristicRows(#[from] HeuristicRowsError),
    #[error(transparent)]
    Official(#[from] OfficialError),
    #[error(transparent)]
    TestReports(#[from] TestReportsError),
    #[error("{sets} set(s) of vectors fall short")]
    FallShort { sets: usize },
    #[error("the tests that compare vectors did not pass")]
    Tests(#[source] CommandError),
}

/// Makes every fixture anew, then checks what was made.
pub(crate) fn import(root: &Path, format: ReportFormat) -> Result<(), VectorsError> {
    let shared = shared_folder(root);
    heuristic_rows::import(root, shared.as_deref())?;
    let sources = Sources::in_folder(shared.as_deref()).ok_or(OfficialError::NoSource)?;
    for fixture in &FIXTURES {
        fixture.import(root, &sources)?;
    }
    check(root, format)
}

/// Compares every fixture with its source, runs the tests that use them, and prints a line for each set.
pub(crate) fn check(root: &Path, format: ReportFormat) -> Result<(), VectorsError> {
    let shared = shared_folder(root);
    let sources = Sources::in_folder(shared.as_deref());
    let mut reports = vec![heuristic_rows::check(root, shared.as_deref())?];
    let tests = test_reports::collect(root)?;
    for expected in &EXPECTED {
        let fixture = fixture_state(expected, root, sources.as_ref())?;
        reports.push(SetReport::of_test(expected, &tests.reports, fixture));
    }
    print(&reports, format);
    match reports.iter().filter(|set| !set.holds()).count() {
        0 => tests.outcome.map_err(VectorsError::Tests),
        sets => Err(VectorsError::FallShort { sets }),
    }
}

fn fixture_state(
    expected: &ExpectedSet,
    root: &Path,
    sources: Option<&Sources>,
) -> Result<FixtureState, OfficialError> {
    let fixture = FIXTURES.iter().find(|fixture| fixture.name == expected.fixture);
    let (Some(fixture), Some(sources)) = (fixture, sources) else { return Ok(FixtureState::NotCompared) };
    Ok(if fixture.agrees(root, sources)? { FixtureState::Same } else { FixtureState::Differs })
}

fn print(reports: &[SetReport], format: ReportFormat) {
    match format {
        ReportFormat::Json => println!("{}", Value::Array(reports.iter().map(|set| set.to_json()).collect())),
        ReportFormat::Table => {
            println!("{}", SetReport::heading());
            for report in reports {
                println!("{}", report.to_line());
            }
        }
    }
}

/// The folder beside the project, if it is there.
fn shared_folder(root: &Path) -> Option<PathBuf> {
    let folder = std::env::var_os(SHARED_VARIABLE).map_or_else(|| root.join("../shared"), PathBuf::from);
    folder.is_dir().then_some(folder)
}
