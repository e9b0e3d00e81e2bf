//! Simple taproot channels: eleven script trees, and commitments with their HTLC transactions.

use serde::Deserialize;
use serde_json::{Value, json};

use super::channel::{
    Case, Channel, Commitments, DerivedKeys, Funding, Htlc, HtlcTransaction, Key, NoncePair, Nonces,
    PerCommitment, SideKeys, funding_outpoint, sorted,
};
use super::hex::Hex;
use super::{OfficialError, Sources, labelled};

pub(super) const FILE: &str = "bolts/bolt-simple-taproot-13b2110.json";
const LABELS: [&str; 3] = ["no_htlcs", "five_htlcs", "two_htlcs_at_least_dust"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    params: Parameters,
    scripts: Scripts,
    transactions: Vec<SourceCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    #[serde(rename = "seed")]
    _seed: Hex<32>,
    funding_amount_satoshis: u64,
    dust_limit_satoshis: u64,
    csv_delay: u16,
    commit_height: u64,
    nums_point: Hex<33>,
    keys: Keys,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    local_funding_privkey: Hex<32>,
    local_funding_pubkey: Hex<33>,
    remote_funding_privkey: Hex<32>,
    remote_funding_pubkey: Hex<33>,
    local_payment_basepoint_secret: Hex<32>,
    local_payment_basepoint: Hex<33>,
    remote_payment_basepoint_secret: Hex<32>,
    remote_payment_basepoint: Hex<33>,
    local_delayed_payment_basepoint_secret: Hex<32>,
    local_delayed_payment_basepoint: Hex<33>,
    remote_revocation_basepoint_secret: Hex<32>,
    remote_revocation_basepoint: Hex<33>,
    local_htlc_basepoint_secret: Hex<32>,
    local_htlc_basepoint: Hex<33>,
    remote_htlc_basepoint_secret: Hex<32>,
    remote_htlc_basepoint: Hex<33>,
    local_per_commit_secret: Hex<32>,
    local_per_commit_point: Hex<33>,
    derived_local_delayed_pubkey: Hex<33>,
    derived_revocation_pubkey: Hex<33>,
    derived_local_htlc_pubkey: Hex<33>,
    derived_remote_htlc_pubkey: Hex<33>,
    derived_remote_payment_pubkey: Hex<33>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scripts {
    funding: FundingScript,
    to_local: Tree,
    to_remote: Tree,
    local_anchor: Tree,
    remote_anchor: Tree,
    offered_htlc_local_commit: Tree,
    offered_htlc_remote_commit: Tree,
    accepted_htlc_local_commit: Tree,
    accepted_htlc_remote_commit: Tree,
    second_level_htlc_success: Tree,
    second_level_htlc_timeout: Tree,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FundingScript {
    funding_tx_hex: Hex,
    combined_key: Hex<32>,
    pkscript: Hex<34>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tree {
    scripts: Leaves<Hex>,
    leaf_hashes: Leaves<Hex<32>>,
    tapscript_root: Hex<32>,
    internal_key: Hex<33>,
    output_key: Hex<33>,
    pkscript: Hex<34>,
}

/// A figure for each leaf of a tree; a tree has one or two of these leaves.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Leaves<T> {
    revocation: Option<T>,
    settle: Option<T>,
    sweep: Option<T>,
    success: Option<T>,
    timeout: Option<T>,
}

impl<T> Leaves<T> {
    /// The leaves that are there, by our names: `success` is a delay on the second level.
    fn named(&self, success: &'static str) -> Vec<(&'static str, &T)> {
        let all = [
            ("anyone", &self.sweep),
            ("delay", &self.settle),
            ("revocation", &self.revocation),
            (success, &self.success),
            ("timeout", &self.timeout),
        ];
        all.into_iter().filter_map(|(name, leaf)| Some((name, leaf.as_ref()?))).collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceCase {
    #[serde(rename = "name")]
    _name: String,
    local_balance_msat: u64,
    remote_balance_msat: u64,
    fee_per_kw: u64,
    dust_limit_satoshis: Option<u64>,
    htlcs: Option<Vec<SourceHtlc>>,
    local_sec_nonce: Hex<97>,
    remote_sec_nonce: Hex<97>,
    local_nonce: Hex<66>,
    remote_nonce: Hex<66>,
    remote_partial_sig: Hex<32>,
    expected_commitment_tx_hex: Hex,
    htlc_descs: Option<Vec<Resolution>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceHtlc {
    incoming: bool,
    amount_msat: u64,
    expiry: u32,
    preimage: Hex<32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resolution {
    /// A whole signature, whatever its name in the source says.
    remote_partial_sig_hex: Hex<64>,
    resolution_tx_hex: Hex,
}

pub(super) fn commitments(sources: &Sources) -> Result<Value, OfficialError> {
    let read: Source = sources.json(FILE)?;
    let cases = cases(&read)?;
    let channel = channel(&read, &cases)?;
    Ok(json!(Commitments { format: "taproot_v2", channel, cases }))
}

/// The trees, with the channel they belong to and the HTLC that the HTLC scripts are of: the first of the set.
pub(super) fn scripts(sources: &Sources) -> Result<Value, OfficialError> {
    let read: Source = sources.json(FILE)?;
    let cases = cases(&read)?;
    let htlc = read
        .transactions
        .iter()
        .find_map(|case| case.htlcs.as_ref()?.first())
        .ok_or(OfficialError::Unexpected { file: FILE, what: "no HTLC" })?;
    Ok(json!({
        "format": "taproot_v2",
        "channel": channel(&read, &cases)?,
        "htlc": { "preimage": htlc.preimage, "cltv_expiry": htlc.expiry },
        "unspendable_key": read.params.nums_point,
        "trees": trees(&read.scripts),
    }))
}

fn trees(scripts: &Scripts) -> Vec<Value> {
    let mut trees = vec![json!({
        "label": "funding",
        "leaves": [],
        "output_key": scripts.funding.combined_key,
        "script_pubkey": scripts.funding.pkscript,
    })];
    let rest = [
        ("to_local", "success", &scripts.to_local),
        ("to_remote", "success", &scripts.to_remote),
        ("local_anchor", "success", &scripts.local_anchor),
        ("remote_anchor", "success", &scripts.remote_anchor),
        ("offered_htlc_on_local_commitment", "success", &scripts.offered_htlc_local_commit),
        ("offered_htlc_on_remote_commitment", "success", &scripts.offered_htlc_remote_commit),
        ("accepted_htlc_on_local_commitment", "success", &scripts.accepted_htlc_local_commit),
        ("accepted_htlc_on_remote_commitment", "success", &scripts.accepted_htlc_remote_commit),
        ("second_level_success", "delay", &scripts.second_level_htlc_success),
        ("second_level_timeout", "delay", &scripts.second_level_htlc_timeout),
    ];
    trees.extend(rest.into_iter().map(|(label, success, tree)| {
        let hashes = tree.leaf_hashes.named(success);
        let leaves: Vec<Value> = tree
            .scripts
            .named(success)
            .into_iter()
            .zip(hashes)
            .map(|((name, script), (_, hash))| json!({ "name": name, "script": script, "hash": hash }))
            .collect();
        json!({
            "label": label,
            "leaves": leaves,
            "merkle_root": tree.tapscript_root,
            "internal_key": tree.internal_key,
            "output_key": tree.output_key,
            "script_pubkey": tree.pkscript,
        })
    }));
    trees
}

fn cases(read: &Source) -> Result<Vec<Case>, OfficialError> {
    labelled(FILE, &LABELS, &read.transactions)?
        .map(|(label, source)| case(label, source, read.params.dust_limit_satoshis))
        .collect()
}

fn case(label: &'static str, source: &SourceCase, dust_limit: u64) -> Result<Case, OfficialError> {
    let htlcs = source.htlcs.iter().flatten().zip(0..).map(|(htlc, id)| Htlc {
        id,
        offered_by: if htlc.incoming { "remote" } else { "local" },
        amount_msat: htlc.amount_msat,
        cltv_expiry: htlc.expiry,
        payment_hash: None,
        preimage: htlc.preimage.clone(),
    });
    let htlc_transactions = source
        .htlc_descs
        .iter()
        .flatten()
        .map(|one| {
            let signature = Hex::of_bytes(&one.remote_partial_sig_hex.bytes());
            HtlcTransaction::read(one.resolution_tx_hex.clone(), Some(signature), FILE)
        })
        .collect::<Result<_, _>>()?;
    Ok(Case {
        label,
        dust_limit_sat: source.dust_limit_satoshis.unwrap_or(dust_limit),
        feerate_per_kw: source.fee_per_kw,
        to_local_msat: source.local_balance_msat,
        to_remote_msat: source.remote_balance_msat,
        htlcs: sorted(htlcs.collect()),
        nonces: Some(Nonces {
            local: NoncePair { secret: source.local_sec_nonce.clone(), public: source.local_nonce.clone() },
            remote: NoncePair {
                secret: source.remote_sec_nonce.clone(),
                public: source.remote_nonce.clone(),
            },
        }),
        remote_partial_signature: Some(source.remote_partial_sig.clone()),
        remote_signature: None,
        signed_commitment: source.expected_commitment_tx_hex.clone(),
        htlc_transactions,
    })
}

fn channel(read: &Source, cases: &[Case]) -> Result<Channel, OfficialError> {
    let (txid, output_index) = funding_outpoint(cases, FILE)?;
    let keys = &read.params.keys;
    let pair = |secret: &Hex<32>, public: &Hex<33>| Key::both(secret.clone(), public.clone());
    Ok(Channel {
        funding: Funding {
            txid,
            output_index,
            value_sat: read.params.funding_amount_satoshis,
            transaction: Some(read.scripts.funding.funding_tx_hex.clone()),
        },
        commitment_number: read.params.commit_height,
        to_self_delay: read.params.csv_delay,
        opener: "local",
        local: SideKeys {
            funding: pair(&keys.local_funding_privkey, &keys.local_funding_pubkey),
            payment_basepoint: pair(&keys.local_payment_basepoint_secret, &keys.local_payment_basepoint),
            delayed_basepoint: pair(
                &keys.local_delayed_payment_basepoint_secret,
                &keys.local_delayed_payment_basepoint,
            ),
            htlc_basepoint: pair(&keys.local_htlc_basepoint_secret, &keys.local_htlc_basepoint),
            revocation_basepoint: Key::default(),
        },
        remote: SideKeys {
            funding: pair(&keys.remote_funding_privkey, &keys.remote_funding_pubkey),
            payment_basepoint: pair(&keys.remote_payment_basepoint_secret, &keys.remote_payment_basepoint),
            delayed_basepoint: Key::default(),
            htlc_basepoint: pair(&keys.remote_htlc_basepoint_secret, &keys.remote_htlc_basepoint),
            revocation_basepoint: pair(
                &keys.remote_revocation_basepoint_secret,
                &keys.remote_revocation_basepoint,
            ),
        },
        per_commitment: PerCommitment {
            secret: Some(keys.local_per_commit_secret.clone()),
            point: keys.local_per_commit_point.clone(),
        },
        derived: DerivedKeys {
            local_delayed: Key::public(keys.derived_local_delayed_pubkey.clone()),
            revocation: Key::public(keys.derived_revocation_pubkey.clone()),
            local_htlc: Key::public(keys.derived_local_htlc_pubkey.clone()),
            remote_htlc: Key::public(keys.derived_remote_htlc_pubkey.clone()),
            remote_payment: Key::public(keys.derived_remote_payment_pubkey.clone()),
        },
    })
}
