//! BIP327: signing sessions, tweaked ones, deterministic ones, and completed signatures.

use serde::Deserialize;
use serde_json::{Value, json};

use super::bip327::{Pool, Refusal};
use super::hex::Hex;
use super::{OfficialError, Sources, labelled};

pub(super) const SIGN_VERIFY: &str = "bip-0327/sign_verify_vectors.json";
pub(super) const TWEAK: &str = "bip-0327/tweak_vectors.json";
pub(super) const DET_SIGN: &str = "bip-0327/det_sign_vectors.json";
pub(super) const SIG_AGG: &str = "bip-0327/sig_agg_vectors.json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignVerify {
    sk: Hex<32>,
    pubkeys: Vec<Hex<33>>,
    secnonces: Vec<Hex<97>>,
    pnonces: Vec<Hex<66>>,
    aggnonces: Vec<Hex<66>>,
    msgs: Vec<Hex>,
    valid_test_cases: Vec<SignValid>,
    sign_error_test_cases: Vec<SignError>,
    verify_fail_test_cases: Vec<VerifyCase>,
    verify_error_test_cases: Vec<VerifyCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignValid {
    key_indices: Vec<usize>,
    nonce_indices: Vec<usize>,
    aggnonce_index: usize,
    msg_index: usize,
    signer_index: usize,
    expected: Hex<32>,
    #[serde(rename = "comment")]
    _comment: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignError {
    key_indices: Vec<usize>,
    aggnonce_index: usize,
    msg_index: usize,
    secnonce_index: usize,
    signer_index: Option<usize>,
    error: Refusal,
    #[serde(rename = "comment")]
    _comment: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VerifyCase {
    sig: Hex<32>,
    key_indices: Vec<usize>,
    nonce_indices: Vec<usize>,
    msg_index: usize,
    signer_index: usize,
    error: Option<Refusal>,
    #[serde(rename = "comment")]
    _comment: String,
}

/// Signing cases first, then verifying ones: one with `"valid": false` is to be answered no, one with `refused` is
/// no question that can be asked.
pub(super) fn sign_verify(sources: &Sources) -> Result<Value, OfficialError> {
    let read: SignVerify = sources.json(SIGN_VERIFY)?;
    let mut cases = signed_cases(&read)?;
    cases.extend(refused_cases(&read)?);
    let labels = ["negated_signature", "another_signer", "signature_is_order"];
    for (label, case) in labelled(SIGN_VERIFY, &labels, &read.verify_fail_test_cases)? {
        let mut verified = verify_case(&read, label, case)?;
        verified["valid"] = json!(false);
        cases.push(verified);
    }
    for (label, case) in labelled(SIGN_VERIFY, &["bad_nonce", "bad_key"], &read.verify_error_test_cases)? {
        let pool = Pool(SIGN_VERIFY);
        let mut verified = verify_case(&read, label, case)?;
        let error = case.error.as_ref().ok_or_else(|| pool.unexpected("a refusal without a reason"))?;
        verified["refused"] = pool.refusal(error)?;
        cases.push(verified);
    }
    Ok(json!({ "cases": cases }))
}

fn signed_cases(read: &SignVerify) -> Result<Vec<Value>, OfficialError> {
    let labels = [
        "first_of_three",
        "second_of_three",
        "third_of_three",
        "aggregate_nonce_infinite",
        "message_of_0_bytes",
        "message_of_38_bytes",
    ];
    let pool = Pool(SIGN_VERIFY);
    labelled(SIGN_VERIFY, &labels, &read.valid_test_cases)?
        .map(|(label, case)| {
            Ok(json!({
                "label": label,
                "operation": "sign",
                "secret_key": read.sk,
                "secret_nonce": pool.one(&read.secnonces, 0)?,
                "public_keys": pool.all(&read.pubkeys, &case.key_indices)?,
                "public_nonces": pool.all(&read.pnonces, &case.nonce_indices)?,
                "aggregate_nonce": pool.one(&read.aggnonces, case.aggnonce_index)?,
                "message": pool.one(&read.msgs, case.msg_index)?,
                "signer": case.signer_index,
                "partial_signature": case.expected,
            }))
        })
        .collect()
}

fn refused_cases(read: &SignVerify) -> Result<Vec<Value>, OfficialError> {
    let labels = [
        "signer_missing",
        "key_off_curve",
        "aggregate_nonce_prefix",
        "aggregate_nonce_off_curve",
        "aggregate_nonce_above_field",
        "secret_nonce_used_up",
    ];
    let pool = Pool(SIGN_VERIFY);
    labelled(SIGN_VERIFY, &labels, &read.sign_error_test_cases)?
        .map(|(label, case)| {
            Ok(json!({
                "label": label,
                "operation": "sign",
                "secret_key": read.sk,
                "secret_nonce": pool.one(&read.secnonces, case.secnonce_index)?,
                "public_keys": pool.all(&read.pubkeys, &case.key_indices)?,
                "aggregate_nonce": pool.one(&read.aggnonces, case.aggnonce_index)?,
                "message": pool.one(&read.msgs, case.msg_index)?,
                "signer": case.signer_index,
                "refused": pool.refusal(&case.error)?,
            }))
        })
        .collect()
}

fn verify_case(read: &SignVerify, label: &str, case: &VerifyCase) -> Result<Value, OfficialError> {
    let pool = Pool(SIGN_VERIFY);
    Ok(json!({
        "label": label,
        "operation": "verify",
        "public_keys": pool.all(&read.pubkeys, &case.key_indices)?,
        "public_nonces": pool.all(&read.pnonces, &case.nonce_indices)?,
        "message": pool.one(&read.msgs, case.msg_index)?,
        "signer": case.signer_index,
        "partial_signature": case.sig,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tweak {
    sk: Hex<32>,
    pubkeys: Vec<Hex<33>>,
    secnonce: Hex<97>,
    pnonces: Vec<Hex<66>>,
    aggnonce: Hex<66>,
    tweaks: Vec<Hex<32>>,
    msg: Hex<32>,
    valid_test_cases: Vec<TweakCase>,
    error_test_cases: Vec<TweakCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TweakCase {
    key_indices: Vec<usize>,
    nonce_indices: Vec<usize>,
    tweak_indices: Vec<usize>,
    is_xonly: Vec<bool>,
    signer_index: usize,
    expected: Option<Hex<32>>,
    error: Option<Refusal>,
    #[serde(rename = "comment")]
    _comment: String,
}

pub(super) fn tweak(sources: &Sources) -> Result<Value, OfficialError> {
    let read: Tweak = sources.json(TWEAK)?;
    let pool = Pool(TWEAK);
    let labels = ["x_only", "plain", "plain_x", "plain_plain_x_x", "x_plain_x_plain"];
    let valid = labelled(TWEAK, &labels, &read.valid_test_cases)?;
    let refused = labelled(TWEAK, &["tweak_is_order"], &read.error_test_cases)?;
    let mut cases = Vec::new();
    for (label, case) in valid.chain(refused) {
        let tweaks = pool.all(&read.tweaks, &case.tweak_indices)?;
        let common = json!({
            "label": label,
            "secret_key": read.sk,
            "secret_nonce": read.secnonce,
            "public_keys": pool.all(&read.pubkeys, &case.key_indices)?,
            "public_nonces": pool.all(&read.pnonces, &case.nonce_indices)?,
            "aggregate_nonce": read.aggnonce,
            "tweaks": pool.tweaks(&tweaks, &case.is_xonly)?,
            "message": read.msg,
            "signer": case.signer_index,
        });
        cases.push(with_outcome(
            &pool,
            common,
            "partial_signature",
            case.expected.as_ref(),
            case.error.as_ref(),
        )?);
    }
    Ok(json!({ "cases": cases }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DetSign {
    sk: Hex<32>,
    pubkeys: Vec<Hex<33>>,
    msgs: Vec<Hex>,
    valid_test_cases: Vec<DetSignCase>,
    error_test_cases: Vec<DetSignCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DetSignCase {
    rand: Option<Hex<32>>,
    aggothernonce: Hex<66>,
    key_indices: Vec<usize>,
    tweaks: Vec<Hex<32>>,
    is_xonly: Vec<bool>,
    msg_index: usize,
    signer_index: usize,
    expected: Option<(Hex<66>, Hex<32>)>,
    error: Option<Refusal>,
    #[serde(rename = "comment")]
    _comment: Option<String>,
}

pub(super) fn det_sign(sources: &Sources) -> Result<Value, OfficialError> {
    let read: DetSign = sources.json(DET_SIGN)?;
    let pool = Pool(DET_SIGN);
    let valid_labels = ["with_entropy", "without_entropy", "message_of_38_bytes", "tweaked"];
    let refused_labels =
        ["key_off_curve", "signer_missing", "other_nonces_prefix", "other_nonces_infinite", "tweak_is_order"];
    let valid = labelled(DET_SIGN, &valid_labels, &read.valid_test_cases)?;
    let refused = labelled(DET_SIGN, &refused_labels, &read.error_test_cases)?;
    let mut cases = Vec::new();
    for (label, case) in valid.chain(refused) {
        let common = json!({
            "label": label,
            "secret_key": read.sk,
            "entropy": case.rand,
            "aggregate_of_other_nonces": case.aggothernonce,
            "public_keys": pool.all(&read.pubkeys, &case.key_indices)?,
            "tweaks": pool.tweaks(&case.tweaks, &case.is_xonly)?,
            "message": pool.one(&read.msgs, case.msg_index)?,
            "signer": case.signer_index,
        });
        let partial = case.expected.as_ref().map(|(_, partial)| partial);
        let mut made = with_outcome(&pool, common, "partial_signature", partial, case.error.as_ref())?;
        if let Some((nonce, _)) = &case.expected {
            made["public_nonce"] = json!(nonce);
        }
        cases.push(made);
    }
    Ok(json!({ "cases": cases }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SigAgg {
    pubkeys: Vec<Hex<33>>,
    pnonces: Vec<Hex<66>>,
    tweaks: Vec<Hex<32>>,
    psigs: Vec<Hex<32>>,
    msg: Hex<32>,
    valid_test_cases: Vec<SigAggCase>,
    error_test_cases: Vec<SigAggCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SigAggCase {
    aggnonce: Hex<66>,
    nonce_indices: Vec<usize>,
    key_indices: Vec<usize>,
    tweak_indices: Vec<usize>,
    is_xonly: Vec<bool>,
    psig_indices: Vec<usize>,
    expected: Option<Hex<64>>,
    error: Option<Refusal>,
    #[serde(rename = "comment")]
    _comment: Option<String>,
}

pub(super) fn sig_agg(sources: &Sources) -> Result<Value, OfficialError> {
    let read: SigAgg = sources.json(SIG_AGG)?;
    let pool = Pool(SIG_AGG);
    let labels = ["untweaked", "untweaked_other_keys", "plain_tweak", "x_plain_x"];
    let valid = labelled(SIG_AGG, &labels, &read.valid_test_cases)?;
    let refused = labelled(SIG_AGG, &["partial_signature_is_order"], &read.error_test_cases)?;
    let mut cases = Vec::new();
    for (label, case) in valid.chain(refused) {
        let tweaks = pool.all(&read.tweaks, &case.tweak_indices)?;
        let common = json!({
            "label": label,
            "public_keys": pool.all(&read.pubkeys, &case.key_indices)?,
            "public_nonces": pool.all(&read.pnonces, &case.nonce_indices)?,
            "aggregate_nonce": case.aggnonce,
            "tweaks": pool.tweaks(&tweaks, &case.is_xonly)?,
            "partial_signatures": pool.all(&read.psigs, &case.psig_indices)?,
            "message": read.msg,
        });
        cases.push(with_outcome(&pool, common, "signature", case.expected.as_ref(), case.error.as_ref())?);
    }
    Ok(json!({ "cases": cases }))
}

/// `case` with either its result, under `name`, or the reason of its refusal.
fn with_outcome<const N: usize>(
    pool: &Pool,
    mut case: Value,
    name: &str,
    expected: Option<&Hex<N>>,
    error: Option<&Refusal>,
) -> Result<Value, OfficialError> {
    match (expected, error) {
        (Some(expected), None) => case[name] = json!(expected),
        (None, Some(error)) => case["refused"] = pool.refusal(error)?,
        _ => return Err(pool.unexpected("neither a result nor a refusal")),
    }
    Ok(case)
}
