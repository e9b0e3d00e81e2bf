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
//! | `bip341` | `outputs`: `internal_key`, `leaves` from left to right (`depth`, `version`, `script`, `hash`, `control_block`), `merkle_root`, `tweak`, `output_key`, `script_pubkey`, `address`; `key_path`: `unsigned_transaction`, `signed_transaction`, `spent_outputs`, `midstates`, `inputs` (`index`, `secret_key`, `internal_key`, `merkle_root`, `sighash_type`, `tweak`, `tweaked_secret_key`, `sighash_preimage`, `sighash`, `witness`) |
//! | `shachain` | `generation`: `seed`, `index`, `secret`; `storage`: `inserts` of `index`, `secret`, `accepted` |
//! | `key_derivation` | `basepoint`, `per_commitment`, `derived_key`, `revocation_key`, each with its secret |
//! | `commitments_*` | `format`, `channel`, `cases`: one schema for the four formats, documented in `official/channel.rs` |
//! | `scripts_simple_taproot` | the `channel` of the commitments, `htlc`, `unspendable_key`, `trees`: `leaves` (`name`, `script`, `hash`), `merkle_root`, `internal_key`, `output_key`, `script_pubkey` |
//! | `bip373` | `aggregate_key`, `participants`, `valid` (`role`, `stage`, `psbt`), `invalid` (`refused` with `field` and `part`, `psbt`) |

mod canonical;
mod heuristic_cases;
mod heuristic_rows;
mod official;
mod oracle;
mod random;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use thiserror::Error;

pub(crate) use heuristic_rows::HeuristicRowsError;
use official::{FIXTURES, OfficialError, Sources};

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
    #[error("{sets} set(s) of vectors fall short")]
    FallShort { sets: usize },
}

/// What was found out about one set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Checked {
    /// The number of cases that agree with the source.
    Against(usize),
    /// The source is not there; `intact` says whether the part we can derive ourselves still holds.
    Offline { intact: bool },
}

/// One set of vectors and how it fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SetReport {
    set: &'static str,
    cases: usize,
    checked: Checked,
}

impl SetReport {
    const fn holds(&self) -> bool {
        match self.checked {
            Checked::Against(passed) => passed == self.cases,
            Checked::Offline { intact } => intact,
        }
    }

    /// `passed` is null where the source to compare with is not there, and 0 where the set is damaged.
    fn to_json(self) -> Value {
        let passed = match self.checked {
            Checked::Against(passed) => json!(passed),
            Checked::Offline { intact: true } => Value::Null,
            Checked::Offline { intact: false } => json!(0),
        };
        json!({ "set": self.set, "cases": self.cases, "passed": passed })
    }

    fn to_line(self) -> String {
        let passed = match self.checked {
            Checked::Against(passed) => passed.to_string(),
            Checked::Offline { intact: true } => "not checked (no ../shared or no python3)".to_owned(),
            Checked::Offline { intact: false } => "0 (inputs are not those the seed draws)".to_owned(),
        };
        format!("{:<20} {:>6}  {passed}", self.set, self.cases)
    }
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

/// Checks every fixture and prints a line for each.
pub(crate) fn check(root: &Path, format: ReportFormat) -> Result<(), VectorsError> {
    let reports = [heuristic_rows::check(root, shared_folder(root).as_deref())?];
    match format {
        ReportFormat::Json => println!("{}", Value::Array(reports.iter().map(|set| set.to_json()).collect())),
        ReportFormat::Table => {
            println!("{:<20} {:>6}  passed", "set", "cases");
            for report in &reports {
                println!("{}", report.to_line());
            }
        }
    }
    let short = reports.iter().filter(|set| !set.holds()).count();
    if short == 0 { Ok(()) } else { Err(VectorsError::FallShort { sets: short }) }
}

/// The folder beside the project, if it is there.
fn shared_folder(root: &Path) -> Option<PathBuf> {
    let folder = std::env::var_os(SHARED_VARIABLE).map_or_else(|| root.join("../shared"), PathBuf::from);
    folder.is_dir().then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::{Checked, SetReport};
    use serde_json::json;

    const fn report(checked: Checked) -> SetReport {
        SetReport { set: "rows", cases: 3, checked }
    }

    #[test]
    fn a_set_holds_only_when_every_case_passed() {
        assert!(report(Checked::Against(3)).holds());
        assert!(!report(Checked::Against(2)).holds());
        assert!(report(Checked::Offline { intact: true }).holds());
        assert!(!report(Checked::Offline { intact: false }).holds());
    }

    #[test]
    fn json_never_claims_a_pass_that_was_not_checked() {
        assert_eq!(report(Checked::Against(2)).to_json(), json!({ "set": "rows", "cases": 3, "passed": 2 }));
        let offline = report(Checked::Offline { intact: true }).to_json();
        assert_eq!(offline, json!({ "set": "rows", "cases": 3, "passed": null }));
        assert_eq!(report(Checked::Offline { intact: false }).to_json()["passed"], 0);
    }
}
