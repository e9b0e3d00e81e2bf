//! BIP327: sorting and aggregating keys, making and aggregating nonces.

use serde::Deserialize;
use serde_json::{Value, json};

use super::hex::Hex;
use super::{OfficialError, Sources, labelled};

pub(super) const KEY_SORT: &str = "bip-0327/key_sort_vectors.json";
pub(super) const KEY_AGG: &str = "bip-0327/key_agg_vectors.json";
pub(super) const NONCE_GEN: &str = "bip-0327/nonce_gen_vectors.json";
pub(super) const NONCE_AGG: &str = "bip-0327/nonce_agg_vectors.json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeySort {
    pubkeys: Vec<Hex<33>>,
    sorted_pubkeys: Vec<Hex<33>>,
}

pub(super) fn key_sort(sources: &Sources) -> Result<Value, OfficialError> {
    let read: KeySort = sources.json(KEY_SORT)?;
    let case =
        json!({ "label": "six_keys_one_twice", "public_keys": read.pubkeys, "sorted": read.sorted_pubkeys });
    Ok(json!({ "cases": [case] }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyAgg {
    pubkeys: Vec<Hex<33>>,
    tweaks: Vec<Hex<32>>,
    valid_test_cases: Vec<KeyAggValid>,
    error_test_cases: Vec<KeyAggError>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyAggValid {
    key_indices: Vec<usize>,
    expected: Hex<32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyAggError {
    key_indices: Vec<usize>,
    tweak_indices: Vec<usize>,
    is_xonly: Vec<bool>,
    error: Refusal,
    #[serde(rename = "comment")]
    _comment: String,
}

pub(super) fn key_agg(sources: &Sources) -> Result<Value, OfficialError> {
    let read: KeyAgg = sources.json(KEY_AGG)?;
    let pool = Pool(KEY_AGG);
    let labels = ["three_keys", "three_keys_reversed", "one_key_thrice", "two_keys_twice"];
    let mut cases = Vec::new();
    for (label, case) in labelled(KEY_AGG, &labels, &read.valid_test_cases)? {
        cases.push(json!({
            "label": label,
            "public_keys": pool.all(&read.pubkeys, &case.key_indices)?,
            "tweaks": [],
            "aggregate_key": case.expected,
        }));
    }
    let labels =
        ["key_off_curve", "key_above_field", "key_prefix", "tweak_is_order", "tweaked_key_is_infinity"];
    for (label, case) in labelled(KEY_AGG, &labels, &read.error_test_cases)? {
        let tweaks = pool.all(&read.tweaks, &case.tweak_indices)?;
        cases.push(json!({
            "label": label,
            "public_keys": pool.all(&read.pubkeys, &case.key_indices)?,
            "tweaks": pool.tweaks(&tweaks, &case.is_xonly)?,
            "refused": pool.refusal(&case.error)?,
        }));
    }
    Ok(json!({ "cases": cases }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NonceGen {
    test_cases: Vec<NonceGenCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NonceGenCase {
    rand_: Hex<32>,
    sk: Option<Hex<32>>,
    pk: Hex<33>,
    aggpk: Option<Hex<32>>,
    msg: Option<Hex>,
    extra_in: Option<Hex>,
    expected_secnonce: Hex<97>,
    expected_pubnonce: Hex<66>,
}

pub(super) fn nonce_gen(sources: &Sources) -> Result<Value, OfficialError> {
    let read: NonceGen = sources.json(NONCE_GEN)?;
    let labels = ["all_inputs", "message_of_0_bytes", "message_of_38_bytes", "entropy_and_public_key_only"];
    let cases: Vec<Value> = labelled(NONCE_GEN, &labels, &read.test_cases)?
        .map(|(label, case)| {
            json!({
                "label": label,
                "entropy": case.rand_,
                "secret_key": case.sk,
                "public_key": case.pk,
                "aggregate_key": case.aggpk,
                "message": case.msg,
                "extra_input": case.extra_in,
                "secret_nonce": case.expected_secnonce,
                "public_nonce": case.expected_pubnonce,
            })
        })
        .collect();
    Ok(json!({ "cases": cases }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NonceAgg {
    pnonces: Vec<Hex<66>>,
    valid_test_cases: Vec<NonceAggValid>,
    error_test_cases: Vec<NonceAggError>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NonceAggValid {
    pnonce_indices: Vec<usize>,
    expected: Hex<66>,
    #[serde(rename = "comment")]
    _comment: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NonceAggError {
    pnonce_indices: Vec<usize>,
    error: Refusal,
    #[serde(rename = "comment")]
    _comment: String,
}

pub(super) fn nonce_agg(sources: &Sources) -> Result<Value, OfficialError> {
    let read: NonceAgg = sources.json(NONCE_AGG)?;
    let pool = Pool(NONCE_AGG);
    let mut cases = Vec::new();
    for (label, case) in labelled(NONCE_AGG, &["two_nonces", "second_half_infinite"], &read.valid_test_cases)?
    {
        cases.push(json!({
            "label": label,
            "public_nonces": pool.all(&read.pnonces, &case.pnonce_indices)?,
            "aggregate_nonce": case.expected,
        }));
    }
    let labels = ["nonce_prefix", "second_half_off_curve", "second_half_above_field"];
    for (label, case) in labelled(NONCE_AGG, &labels, &read.error_test_cases)? {
        cases.push(json!({
            "label": label,
            "public_nonces": pool.all(&read.pnonces, &case.pnonce_indices)?,
            "refused": pool.refusal(&case.error)?,
        }));
    }
    Ok(json!({ "cases": cases }))
}

/// The sources list figures once and name them by index; our cases hold the figures themselves.
pub(super) struct Pool(pub(super) &'static str);

impl Pool {
    pub(super) fn one<T: Clone>(&self, figures: &[T], index: usize) -> Result<T, OfficialError> {
        figures.get(index).cloned().ok_or_else(|| self.unexpected("an index without a figure"))
    }

    pub(super) fn all<T: Clone>(&self, figures: &[T], indices: &[usize]) -> Result<Vec<T>, OfficialError> {
        indices.iter().map(|&index| self.one(figures, index)).collect()
    }

    /// Tweaks with their kinds, in the order they are applied.
    pub(super) fn tweaks(&self, values: &[Hex<32>], x_only: &[bool]) -> Result<Vec<Value>, OfficialError> {
        if values.len() != x_only.len() {
            return Err(self.unexpected("another number of tweaks than kinds"));
        }
        let kind = |x_only: bool| if x_only { "x_only" } else { "plain" };
        Ok(values
            .iter()
            .zip(x_only)
            .map(|(value, &is)| json!({ "kind": kind(is), "value": value }))
            .collect())
    }

    /// Our label for why a case must be refused, and whose contribution is at fault.
    pub(super) fn refusal(&self, refusal: &Refusal) -> Result<Value, OfficialError> {
        let reason = match (refusal.contrib.as_deref(), refusal.message.as_deref()) {
            (Some("pubkey"), None) => "bad_public_key",
            (Some("pubnonce"), None) => "bad_public_nonce",
            (Some("aggnonce"), None) => "bad_aggregate_nonce",
            (Some("aggothernonce"), None) => "bad_aggregate_of_other_nonces",
            (Some("psig"), None) => "bad_partial_signature",
            (None, Some(text)) if text.contains("infinity") => "key_is_infinity",
            (None, Some(text)) if text.contains("secnonce") => "secret_nonce_out_of_range",
            (None, Some(text)) if text.contains("included") => "signer_not_among_keys",
            (None, Some(text)) if text.contains("less than n") => "tweak_out_of_range",
            _ => return Err(self.unexpected("a refusal of no known kind")),
        };
        Ok(json!({ "reason": reason, "signer": refusal.signer }))
    }

    pub(super) const fn unexpected(&self, what: &'static str) -> OfficialError {
        OfficialError::Unexpected { file: self.0, what }
    }
}

/// How a source says why a case must fail.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refusal {
    #[serde(rename = "type")]
    _kind: String,
    signer: Option<usize>,
    contrib: Option<String>,
    message: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::{Pool, Refusal};

    fn refusal(contrib: Option<&str>, message: Option<&str>) -> Refusal {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Refusal { _kind: String::new(), signer: Some(1), contrib: owned(contrib), message: owned(message) }
    }

    #[test]
    fn refusals_get_our_labels_and_unknown_ones_are_not_guessed() {
        let pool = Pool("file");
        let bad_key = pool.refusal(&refusal(Some("pubkey"), None)).expect("known");
        assert_eq!((&bad_key["reason"], &bad_key["signer"]), (&"bad_public_key".into(), &1.into()));
        let tweak = pool.refusal(&refusal(None, Some("must be less than n"))).expect("known");
        assert_eq!(tweak["reason"], "tweak_out_of_range");
        assert!(pool.refusal(&refusal(Some("weather"), None)).is_err());
        assert!(pool.refusal(&refusal(None, None)).is_err());
    }

    #[test]
    fn a_missing_figure_is_an_error() {
        let pool = Pool("file");
        assert_eq!(pool.all(&['a', 'b'], &[1, 0, 1]).ok(), Some(vec!['b', 'a', 'b']));
        assert!(pool.all(&['a', 'b'], &[2]).is_err());
        assert!(pool.tweaks(&[], &[true]).is_err());
    }
}
