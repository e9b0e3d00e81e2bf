//! The two zero-fee formats: their sources have one form, and the taproot one adds nonces.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::channel::{
    Case, Channel, Commitments, DerivedKeys, Funding, Htlc, HtlcTransaction, Key, NoncePair, Nonces,
    PerCommitment, SideKeys, funding_outpoint, sorted,
};
use super::hex::Hex;
use super::{OfficialError, Sources, labelled};

pub(super) const TAPROOT: &str = "bolts/bolt3-taproot-zero-fee-commitments-test.json";
pub(super) const SEGWIT: &str = "bolts/bolt3-zero-fee-commitments-test-b982ae7.json";
const LABELS: [&str; 11] = [
    "no_htlcs",
    "small_trimmed_output",
    "large_trimmed_output",
    "six_htlcs_at_dust_limit",
    "fractions_of_a_satoshi",
    "dust_htlcs_within_anchor",
    "only_dust_htlcs",
    "fractions_below_one_satoshi",
    "fractions_of_one_satoshi",
    "fractions_above_one_satoshi",
    "dust_htlcs_beyond_anchor",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    local_funding_priv: Hex<32>,
    remote_funding_priv: Hex<32>,
    funding_txid: Hex<32>,
    funding_index: u32,
    funding_amount_satoshis: u64,
    commitment_number: u64,
    to_self_delay: u16,
    local_payment_basepoint_secret: Hex<32>,
    local_delayed_payment_basepoint_secret: Hex<32>,
    local_htlc_basepoint_secret: Hex<32>,
    per_commitment_point: Hex<33>,
    remote_payment_basepoint_secret: Hex<32>,
    remote_htlc_basepoint_secret: Hex<32>,
    revocation_basepoint: Hex<33>,
    payment_hash_to_preimage: BTreeMap<Hex<32>, Hex<32>>,
    tests: Vec<SourceCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceCase {
    #[serde(rename = "name")]
    _name: String,
    dust_limit_satoshis: u64,
    to_local_msat: u64,
    to_remote_msat: u64,
    #[serde(default)]
    incoming_htlcs: Vec<SourceHtlc>,
    #[serde(default)]
    outgoing_htlcs: Vec<SourceHtlc>,
    local_secret_nonce: Option<Hex<97>>,
    local_public_nonce: Option<Hex<66>>,
    remote_secret_nonce: Option<Hex<97>>,
    remote_public_nonce: Option<Hex<66>>,
    signed_commit_tx: Hex,
    #[serde(default)]
    signed_htlc_success_txs: Vec<Hex>,
    #[serde(default)]
    signed_htlc_timeout_txs: Vec<Hex>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceHtlc {
    id: u64,
    amount_msat: u64,
    payment_hash: Hex<32>,
    cltv_expiry: u32,
}

pub(super) fn taproot(sources: &Sources) -> Result<Value, OfficialError> {
    derive(sources, TAPROOT, "taproot_v3")
}

pub(super) fn segwit(sources: &Sources) -> Result<Value, OfficialError> {
    derive(sources, SEGWIT, "segwit_v3")
}

fn derive(sources: &Sources, file: &'static str, format: &'static str) -> Result<Value, OfficialError> {
    let read: Source = sources.json(file)?;
    let cases = labelled(file, &LABELS, &read.tests)?
        .map(|(label, source)| case(label, source, &read.payment_hash_to_preimage, file))
        .collect::<Result<Vec<Case>, _>>()?;
    if funding_outpoint(&cases, file)? != (read.funding_txid.clone(), read.funding_index) {
        return Err(OfficialError::Unexpected { file, what: "a commitment of another funding" });
    }
    Ok(json!(Commitments { format, channel: channel(read), cases }))
}

fn case(
    label: &'static str,
    source: &SourceCase,
    preimages: &BTreeMap<Hex<32>, Hex<32>>,
    file: &'static str,
) -> Result<Case, OfficialError> {
    let incoming = source.incoming_htlcs.iter().map(|htlc| ("remote", htlc));
    let outgoing = source.outgoing_htlcs.iter().map(|htlc| ("local", htlc));
    let htlcs = incoming
        .chain(outgoing)
        .map(|(offered_by, htlc)| with_preimage(offered_by, htlc, preimages, file))
        .collect::<Result<Vec<Htlc>, _>>()?;
    Ok(Case {
        label,
        dust_limit_sat: source.dust_limit_satoshis,
        feerate_per_kw: 0,
        to_local_msat: source.to_local_msat,
        to_remote_msat: source.to_remote_msat,
        htlcs: sorted(htlcs),
        nonces: nonces(source),
        remote_partial_signature: None,
        remote_signature: None,
        signed_commitment: source.signed_commit_tx.clone(),
        htlc_transactions: htlc_transactions(source, file)?,
    })
}

fn with_preimage(
    offered_by: &'static str,
    htlc: &SourceHtlc,
    preimages: &BTreeMap<Hex<32>, Hex<32>>,
    file: &'static str,
) -> Result<Htlc, OfficialError> {
    let preimage = preimages
        .get(&htlc.payment_hash)
        .ok_or(OfficialError::Unexpected { file, what: "a payment hash without its preimage" })?;
    Ok(Htlc {
        id: htlc.id,
        offered_by,
        amount_msat: htlc.amount_msat,
        cltv_expiry: htlc.cltv_expiry,
        payment_hash: Some(htlc.payment_hash.clone()),
        preimage: preimage.clone(),
    })
}

/// The source lists successes and timeouts apart; each must be of the kind its list says.
fn htlc_transactions(source: &SourceCase, file: &'static str) -> Result<Vec<HtlcTransaction>, OfficialError> {
    let successes = source.signed_htlc_success_txs.iter().map(|signed| ("success", signed));
    let timeouts = source.signed_htlc_timeout_txs.iter().map(|signed| ("timeout", signed));
    let mut made = Vec::new();
    for (resolution, signed) in successes.chain(timeouts) {
        let transaction = HtlcTransaction::read(signed.clone(), None, file)?;
        if transaction.resolution != resolution {
            return Err(OfficialError::Unexpected { file, what: "an HTLC transaction in the wrong list" });
        }
        made.push(transaction);
    }
    made.sort_by_key(|transaction| transaction.output_index);
    Ok(made)
}

fn nonces(source: &SourceCase) -> Option<Nonces> {
    let pair = |secret: &Option<Hex<97>>, public: &Option<Hex<66>>| {
        Some(NoncePair { secret: secret.clone()?, public: public.clone()? })
    };
    Some(Nonces {
        local: pair(&source.local_secret_nonce, &source.local_public_nonce)?,
        remote: pair(&source.remote_secret_nonce, &source.remote_public_nonce)?,
    })
}

fn channel(read: Source) -> Channel {
    Channel {
        funding: Funding {
            txid: read.funding_txid,
            output_index: read.funding_index,
            value_sat: read.funding_amount_satoshis,
            transaction: None,
        },
        commitment_number: read.commitment_number,
        to_self_delay: read.to_self_delay,
        opener: "local",
        local: SideKeys {
            funding: Key::secret(read.local_funding_priv),
            payment_basepoint: Key::secret(read.local_payment_basepoint_secret),
            delayed_basepoint: Key::secret(read.local_delayed_payment_basepoint_secret),
            htlc_basepoint: Key::secret(read.local_htlc_basepoint_secret),
            revocation_basepoint: Key::default(),
        },
        remote: SideKeys {
            funding: Key::secret(read.remote_funding_priv),
            payment_basepoint: Key::secret(read.remote_payment_basepoint_secret),
            delayed_basepoint: Key::default(),
            htlc_basepoint: Key::secret(read.remote_htlc_basepoint_secret),
            revocation_basepoint: Key::public(read.revocation_basepoint),
        },
        per_commitment: PerCommitment { secret: None, point: read.per_commitment_point },
        derived: DerivedKeys::default(),
    }
}
