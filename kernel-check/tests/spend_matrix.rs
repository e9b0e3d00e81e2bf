//! Every case of the spend matrix, judged by Bitcoin Core's kernel.

use bitcoinkernel::{KernelError, ScriptVerifyError};
use channel_testkit::spend_matrix::{Expected, Rule, Verdict, judge, spend_cases};
use kernel_check::judge_script;

#[test]
fn every_case_is_judged_as_expected() {
    let cases = spend_cases();
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| judge(case, judge_script).err().map(|error| format!("{case}: {error:?}")))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn the_matrix_has_cases_of_every_kind() {
    let cases = spend_cases();
    let count = |rule| {
        cases
            .iter()
            .filter(|case| matches!(case.expected, Expected::Refused(flaw) if flaw.rule() == rule))
            .count()
    };
    let accepted = cases.iter().filter(|case| case.expected == Expected::Accepted).count();
    assert!(accepted > 100, "{accepted}");
    assert!(count(Rule::Script) > 3_000 && count(Rule::Chain) > 80);
}

#[test]
fn what_cannot_be_judged_is_not_a_refusal() {
    let mut case = spend_cases().swap_remove(0);
    assert_eq!(judge_script(&case).ok(), Some(Verdict::Accepted));
    case.input_index = 1;
    let missing = judge_script(&case);
    let is_index = matches!(missing, Err(KernelError::ScriptVerify(ScriptVerifyError::TxInputIndex)));
    assert!(is_index, "{missing:?}");
    case.input_index = 0;
    let first = case.spent_outputs[0].clone();
    case.spent_outputs.push(first);
    assert!(judge_script(&case).is_err(), "two outputs for one input");
}
