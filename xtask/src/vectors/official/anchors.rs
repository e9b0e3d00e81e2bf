//! BOLT 3 appendix F: commitments with keyed anchors and zero-fee HTLC transactions.
//!
//! The source's HTLC keys come from the payment basepoints, as they did before HTLC basepoints were set apart.

use serde::Deserialize;
use serde_json::{Value, json};

use super::channel::{
    Case, Channel, Commitments, DerivedKeys, Funding, Htlc, HtlcTransaction, Key, PerCommitment, SideKeys,
    funding_outpoint, sorted,
};
use super::hex::Hex;
use super::{OfficialError, Sources, labelled};

pub(super) const CASES: &str = "bolts/bolt3-appendix-F-anchors-a377265.json";
const PARAMETERS: &str = "bolts/bolt3-appendix-F-anchors-params.json";
const LABELS: [&str; 9] = [
    "no_htlcs",
    "no_htlcs_one_anchor",
    "five_htlcs",
    "four_htlcs_at_least_dust",
    "two_htlcs_at_least_dust",
    "one_htlc_at_least_dust",
    "all_htlcs_trimmed",
    "one_main_output",
    "same_amount_and_hash",
];
/// HTLCs of the parameters that a case holds when it holds the common ones.
const COMMON_HTLCS: [u64; 5] = [0, 1, 2, 3, 4];
/// HTLCs of the last case.
const SAME_AMOUNT_HTLCS: [u64; 3] = [1, 5, 6];

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct SourceCase {
    #[serde(rename = "Name")]
    _name: String,
    local_balance: u64,
    remote_balance: u64,
    dust_limit_satoshis: u64,
    fee_per_kw: u64,
    use_test_htlcs: bool,
    htlc_descs: Vec<Resolution>,
    expected_commitment_tx_hex: Hex,
    remote_sig_hex: Hex,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Resolution {
    remote_sig_hex: Hex,
    resolution_tx_hex: Hex,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    #[serde(rename = "source")]
    _source: String,
    opener: String,
    funding_tx_id: Hex<32>,
    funding_output_index: u32,
    funding_amount_satoshi: u64,
    commitment_number: u64,
    local_delay: u16,
    local_funding_pubkey: Hex<33>,
    remote_funding_pubkey: Hex<33>,
    remote_funding_privkey: Hex<32>,
    local_payment_basepoint: Hex<33>,
    remote_payment_basepoint: Hex<33>,
    local_payment_basepoint_secret: Hex<32>,
    remote_revocation_basepoint_secret: Hex<32>,
    local_delayed_payment_basepoint_secret: Hex<32>,
    remote_payment_basepoint_secret: Hex<32>,
    local_per_commitment_secret: Hex<32>,
    local_per_commitment_point: Hex<33>,
    local_delayedpubkey: Hex<33>,
    local_revocation_pubkey: Hex<33>,
    local_htlcpubkey: Hex<33>,
    remote_htlcpubkey: Hex<33>,
    htlcs: Vec<SourceHtlc>,
    #[serde(rename = "htlcs_in_tests")]
    _htlcs_in_tests: String,
    #[serde(rename = "ecdsa")]
    _ecdsa: String,
    local_funding_privkey: Hex<32>,
    local_htlc_privkey: Hex<32>,
    remote_htlc_privkey: Hex<32>,
    local_delayed_privkey: Hex<32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceHtlc {
    id: u64,
    offered_by: String,
    amount_msat: u64,
    expiry: u32,
    payment_preimage: Hex<32>,
}

pub(super) fn derive(sources: &Sources) -> Result<Value, OfficialError> {
    let parameters: Parameters = sources.json(PARAMETERS)?;
    let read: Vec<SourceCase> = sources.json(CASES)?;
    let htlcs = htlcs(&parameters)?;
    let cases = labelled(CASES, &LABELS, &read)?
        .map(|(label, source)| case(label, source, &htlcs))
        .collect::<Result<Vec<Case>, _>>()?;
    let outpoint = funding_outpoint(&cases, CASES)?;
    let channel = channel(parameters)?;
    if outpoint != (channel.funding.txid.clone(), channel.funding.output_index) {
        return Err(OfficialError::Unexpected {
            file: CASES,
            what: "another funding outpoint than the keys' file",
        });
    }
    Ok(json!(Commitments { format: "segwit_anchors", channel, cases }))
}

fn htlcs(parameters: &Parameters) -> Result<Vec<Htlc>, OfficialError> {
    parameters
        .htlcs
        .iter()
        .map(|htlc| {
            let offered_by = match htlc.offered_by.as_str() {
                "local" => "local",
                "remote" => "remote",
                _ => {
                    return Err(OfficialError::Unexpected {
                        file: PARAMETERS,
                        what: "an HTLC of neither side",
                    });
                }
            };
            Ok(Htlc {
                id: htlc.id,
                offered_by,
                amount_msat: htlc.amount_msat,
                cltv_expiry: htlc.expiry,
                payment_hash: None,
                preimage: htlc.payment_preimage.clone(),
            })
        })
        .collect()
}

fn case(label: &'static str, source: &SourceCase, htlcs: &[Htlc]) -> Result<Case, OfficialError> {
    let ids: &[u64] = match (source.use_test_htlcs, label) {
        (true, "same_amount_and_hash") => &SAME_AMOUNT_HTLCS,
        (true, _) => &COMMON_HTLCS,
        (false, _) => &[],
    };
    let held = htlcs.iter().filter(|htlc| ids.contains(&htlc.id)).cloned().collect();
    let htlc_transactions = source
        .htlc_descs
        .iter()
        .map(|one| {
            HtlcTransaction::read(one.resolution_tx_hex.clone(), Some(one.remote_sig_hex.clone()), CASES)
        })
        .collect::<Result<_, _>>()?;
    Ok(Case {
        label,
        dust_limit_sat: source.dust_limit_satoshis,
        feerate_per_kw: source.fee_per_kw,
        to_local_msat: source.local_balance,
        to_remote_msat: source.remote_balance,
        htlcs: sorted(held),
        nonces: None,
        remote_partial_signature: None,
        remote_signature: Some(source.remote_sig_hex.clone()),
        signed_commitment: source.expected_commitment_tx_hex.clone(),
        htlc_transactions,
    })
}

fn channel(parameters: Parameters) -> Result<Channel, OfficialError> {
    if parameters.opener != "local" {
        return Err(OfficialError::Unexpected { file: PARAMETERS, what: "a channel the remote side opened" });
    }
    Ok(Channel {
        funding: Funding {
            txid: parameters.funding_tx_id,
            output_index: parameters.funding_output_index,
            value_sat: parameters.funding_amount_satoshi,
            transaction: None,
        },
        commitment_number: parameters.commitment_number,
        to_self_delay: parameters.local_delay,
        opener: "local",
        local: SideKeys {
            funding: Key::both(parameters.local_funding_privkey, parameters.local_funding_pubkey),
            payment_basepoint: Key::both(
                parameters.local_payment_basepoint_secret,
                parameters.local_payment_basepoint,
            ),
            delayed_basepoint: Key::secret(parameters.local_delayed_payment_basepoint_secret),
            ..SideKeys::default()
        },
        remote: SideKeys {
            funding: Key::both(parameters.remote_funding_privkey, parameters.remote_funding_pubkey),
            payment_basepoint: Key::both(
                parameters.remote_payment_basepoint_secret,
                parameters.remote_payment_basepoint,
            ),
            revocation_basepoint: Key::secret(parameters.remote_revocation_basepoint_secret),
            ..SideKeys::default()
        },
        per_commitment: PerCommitment {
            secret: Some(parameters.local_per_commitment_secret),
            point: parameters.local_per_commitment_point,
        },
        derived: DerivedKeys {
            local_delayed: Key::both(parameters.local_delayed_privkey, parameters.local_delayedpubkey),
            revocation: Key::public(parameters.local_revocation_pubkey),
            local_htlc: Key::both(parameters.local_htlc_privkey, parameters.local_htlcpubkey),
            remote_htlc: Key::both(parameters.remote_htlc_privkey, parameters.remote_htlcpubkey),
            remote_payment: Key::default(),
        },
    })
}
